"""The controller, the plannings and the bases of an account: what should be in service, and under which names."""

import asyncio
import datetime as dt
from typing import Any, Final
from zoneinfo import ZoneInfo

from hpserver.administration.case import Case, Office
from hpserver.base.grid import Grid
from hpserver.base.planning import Planning as Base
from hpserver.directory import names
from hpserver.directory.model import Account, Observed, Planning, controller_subject, planning_subject
from hpserver.errors import AlreadyExistsError, InvalidGridError, InvalidNameError
from hpserver.hosting import removal
from hpserver.hosting.bases import bases_in
from hpserver.hosting.keyring import console_name, enrol_name, planning_name
from hpserver.identity.actor import Actor
from hpserver.protocol.catalogue import administration as w

FORGET_SECONDS: Final = 5.0
"""How long the agent may take to forget a failure before it is tried again: it looks every second."""

LOOK_SECONDS: Final = 0.05


async def get_hosting(office: Office, _: Actor, __: w.GetHosting) -> w.Hosting:
    """Tell what is hosted."""
    return await _hosting(office)


async def start_controller(office: Office, _: Actor, __: w.StartController) -> w.Done:
    """Wish the controller in service."""
    await _forget_failure(office, controller_subject(office.account.number))
    await office.accounts.wish_controller(office.account, "up")
    return w.Done()


async def stop_controller(office: Office, _: Actor, __: w.StopController) -> w.Done:
    """Wish the controller stopped."""
    await office.accounts.wish_controller(office.account, "down")
    return w.Done()


async def add_planning(office: Office, _: Actor, wish: w.AddPlanning) -> w.Hosting:
    """Add it, with a port and a name in the servers' certificate."""
    await office.accounts.add_planning(office.account, wish.planning, wish.publication_name or wish.planning)
    return await _hosting(office)


async def rename_planning(office: Office, _: Actor, wish: w.RenamePlanning) -> w.Hosting:
    """Give it another technical name."""
    await removal.rename_planning(office.accounts, office.account, wish.planning, wish.name)
    return await _hosting(office)


async def remove_planning(office: Office, _: Actor, wish: w.RemovePlanning) -> w.Hosting:
    """Remove it; its base stays in the account."""
    await removal.delete_planning(office.accounts, office.account, wish.planning)
    return await _hosting(office)


async def set_planning(office: Office, _: Actor, wish: w.SetPlanning) -> w.Hosting:
    """Change what is said. A domain is answered for at once: the servers' certificate has it before this returns."""
    planning = await office.accounts.planning(office.account, wish.planning)
    fields: dict[str, Any] = {}
    if wish.timezone is not None and wish.timezone != planning.timezone:
        fields["timezone"] = _zone(wish.timezone)
    if wish.domain is not None:
        fields["domain"] = await _domain(office, planning, wish.domain)
    if fields:
        await office.accounts.directory.change(Planning, planning.key, **fields)
    if "domain" in fields:
        await office.accounts.issuing.certify_servers(office.account.number)
    return await _hosting(office)


async def set_publication(office: Office, _: Actor, wish: w.SetPublication) -> w.Hosting:
    """Give it another name for people."""
    planning = await office.accounts.planning(office.account, wish.planning)
    title = names.title(wish.publication_name)
    await office.accounts.directory.change(Planning, planning.key, publication_name=title)
    return await _hosting(office)


async def start_planning(office: Office, _: Actor, wish: w.StartPlanning) -> w.Done:
    """Wish it in service."""
    planning = await office.accounts.planning(office.account, wish.planning)
    await _forget_failure(office, planning_subject(planning.key))
    await office.accounts.wish_planning(office.account, planning, "up")
    return w.Done()


async def stop_planning(office: Office, _: Actor, wish: w.StopPlanning) -> w.Done:
    """Wish it stopped."""
    planning = await office.accounts.planning(office.account, wish.planning)
    await office.accounts.wish_planning(office.account, planning, "down")
    return w.Done()


async def create_base(office: Office, _: Actor, wish: w.CreateBase) -> w.Done:
    """Create it as its grid says, in the time zone of the planning, and put it in service."""
    planning = await office.accounts.planning(office.account, wish.planning)
    first, last = _day(wish.first_monday, "first_monday"), _day(wish.last_sunday, "last_sunday")
    grid = Grid.between(
        first,
        last,
        days=wish.days,
        sequences=wish.sequences,
        sequence_minutes=wish.sequence_minutes,
        division=wish.division,
        day_start=wish.day_start,
        timezone=wish.timezone or planning.timezone,
    )
    await office.accounts.create_base(office.account, planning, wish.base, Base(grid))
    return w.Done()


async def load_base(office: Office, _: Actor, wish: w.LoadBase) -> w.Done:
    """Load it; it is not put in service."""
    planning = await office.accounts.planning(office.account, wish.planning)
    await office.accounts.load_base(office.account, planning, wish.base)
    return w.Done()


async def _hosting(office: Office) -> w.Hosting:
    accounts, directory = office.accounts, office.accounts.directory
    account = await directory.get(Account, office.account.number)
    observed = await directory.observed()
    at = observed.get(controller_subject(account.number))
    rows = [
        _row(office, account, one, observed.get(planning_subject(one.key))) for one in await accounts.plannings(account)
    ]
    return w.Hosting(
        account.number, account.name, account.domain, account.port, account.desired,
        at.state if at else "stopped", at.reason if at else "",
        tuple(sorted(rows, key=lambda row: row.name)), tuple(bases_in(accounts.paths.bases / account.number)),
    )  # fmt: skip


def _row(office: Office, account: Account, one: Planning, at: Observed | None) -> w.PlanningRow:
    domain = one.domain or planning_name(one.name, account.domain)
    return w.PlanningRow(
        one.key, one.name, one.publication_name, domain, one.port, one.timezone, one.base, one.desired,
        at.state if at else "stopped", at.reason if at else "", dict(at.counters) if at else {},
        _saved_at(office, account, one.base),
    )  # fmt: skip


def _saved_at(office: Office, account: Account, base: str) -> int:
    """Say when a base was written last: every acknowledged edit is in its write-ahead log before it is answered."""
    if not base:
        return 0
    path = office.accounts.base_path(account, base)
    files = (path, path.with_name(path.name + "-wal"))
    return max((int(file.stat().st_mtime * 1000) for file in files if file.exists()), default=0)


async def _forget_failure(office: Office, subject: str) -> None:
    """Have the agent forget that a process failed: what is not wished is not held against anybody."""
    directory = office.accounts.directory
    until = asyncio.get_running_loop().time() + FORGET_SECONDS
    while (found := (await directory.observed()).get(subject)) and found.state == "failed":
        await directory.set_desired(subject, "down")
        if asyncio.get_running_loop().time() > until:
            return  # no agent runs: the next one holds nothing against anybody
        await asyncio.sleep(LOOK_SECONDS)


async def _domain(office: Office, planning: Planning, typed: str) -> str:
    """Return the domain a planning is to have, "" for its own name. Raises InvalidNameError, AlreadyExistsError."""
    account = office.account
    if not typed.strip():
        return ""
    domain = names.domain(typed)
    if domain == planning_name(planning.name, account.domain):
        return ""
    if not domain.endswith(f".{account.domain}"):
        raise InvalidNameError(f"{domain} is not below {account.domain}: its certificate would not hold", domain=domain)
    if domain in {console_name(account.domain), enrol_name(account.domain)}:
        raise InvalidNameError(f"{domain} is a name of the server itself: choose another one", domain=domain)
    for other in await office.accounts.plannings(account):
        taken = {other.domain, planning_name(other.name, account.domain)}
        if other.key != planning.key and domain in taken:
            raise AlreadyExistsError(f"{domain} is the domain of {other.name}: choose another one", domain=domain)
    return domain


def _zone(typed: str) -> str:
    try:
        return ZoneInfo(typed).key
    except (ValueError, OSError, KeyError) as error:  # ZoneInfoNotFoundError is a KeyError
        raise InvalidNameError(f"{typed!r} is no time zone: choose one as Europe/Paris", zone=typed) from error


def _day(text: str, field: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise InvalidGridError(f"{text} is no day: write it as 2026-08-31", field=field) from error


CASES: Final[dict[type[w.Wish], Case]] = {
    w.GetHosting: Case(get_hosting, "base_admin"),
    w.StartController: Case(start_controller, event="controller.started"),
    w.StopController: Case(stop_controller, event="controller.stopped", sensitive=True),
    w.AddPlanning: Case(add_planning, "manager", event="planning.added"),
    w.RenamePlanning: Case(rename_planning, "manager", event="planning.renamed"),
    w.RemovePlanning: Case(remove_planning, "manager", event="planning.deleted", sensitive=True),
    w.SetPlanning: Case(set_planning, "manager", event="planning.set"),
    w.SetPublication: Case(set_publication, "base_admin", event="planning.published_as"),
    w.StartPlanning: Case(start_planning, "base_admin", event="planning.started"),
    w.StopPlanning: Case(stop_planning, "base_admin", event="planning.stopped"),
    w.CreateBase: Case(create_base, "base_admin", event="base.created"),
    w.LoadBase: Case(load_base, "base_admin", event="base.loaded"),
}
