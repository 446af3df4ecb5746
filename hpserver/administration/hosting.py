"""The controller and the plannings of an account: what should be in service, and under which names."""

import asyncio
from collections.abc import Mapping
from typing import Any, Final
from zoneinfo import ZoneInfo

from hpserver.administration.bases import loadable
from hpserver.administration.case import Case, Office
from hpserver.directory import names
from hpserver.directory.model import Account, Observed, Planning, controller_subject, planning_subject
from hpserver.errors import HPError, InvalidNameError
from hpserver.hosting import dns, domains, removal
from hpserver.hosting.bases import bases_in
from hpserver.hosting.keyring import planning_name
from hpserver.identity.actor import Actor
from hpserver.protocol.catalogue import administration as w

FORGET_SECONDS: Final = 5.0
"""How long the agent may take to forget a failure before it is tried again: it looks every second."""

LOOK_SECONDS: Final = 0.05

TOLD_BASES: Final = 300
"""Names of bases in one overview, of 240 bytes at most: it fits a packet between our processes. `ListBases` has all."""


async def get_hosting(office: Office, actor: Actor, _: w.GetHosting) -> w.Hosting:
    """Tell what is hosted, and the bases that who asks may load."""
    return await _hosting(office, actor)


async def get_dns(office: Office, _: Actor, wish: w.GetDns) -> w.Dns:
    """Tell what is to be written in the school's zone, or in hosts files."""
    accounts, account = office.accounts, await _account(office)
    every = domains.every_name(account, await accounts.plannings(account))
    addresses = dns.addresses_of(wish.addresses, accounts.settings.listen.host)
    zone = dns.zone_lines(account.domain, account.zone, every, addresses)
    return w.Dns(tuple(every), tuple(addresses), tuple(zone), tuple(dns.hosts_lines(every, addresses)))


async def name_controller(office: Office, actor: Actor, wish: w.NameController) -> w.Hosting:
    """Give the controller another domain; the servers' certificate has it before this returns."""
    account = await _account(office)
    domain = await domains.name_of_controller(office.accounts.directory, account, wish.domain)
    if domain != account.domain:
        await _rename(office, Account, account.number, {"domain": domain}, {"domain": account.domain})
    return await _hosting(office, actor)


async def start_controller(office: Office, actor: Actor, _: w.StartController) -> w.Done:
    """Wish the controller in service."""
    await office.works.settle()  # what was wished before is over, if it is so
    subject = controller_subject(office.account.number)
    await _forget_failure(office, subject)
    await office.accounts.wish_controller(office.account, "up")
    office.works.wished("controller.start", actor, subject)
    return w.Done()


async def stop_controller(office: Office, actor: Actor, _: w.StopController) -> w.Done:
    """Wish the controller stopped."""
    await office.works.settle()  # what was wished before is over, if it is so
    await office.accounts.wish_controller(office.account, "down")
    office.works.wished("controller.stop", actor, controller_subject(office.account.number))
    return w.Done()


async def add_planning(office: Office, actor: Actor, wish: w.AddPlanning) -> w.Hosting:
    """Add it, with a port and a name in the servers' certificate."""
    await office.accounts.add_planning(office.account, wish.planning, wish.publication_name or wish.planning)
    return await _hosting(office, actor)


async def rename_planning(office: Office, actor: Actor, wish: w.RenamePlanning) -> w.Hosting:
    """Give it another technical name."""
    name = names.new_planning(wish.name)
    await removal.rename_planning(office.accounts, await _account(office), wish.planning, name)
    return await _hosting(office, actor)


async def remove_planning(office: Office, actor: Actor, wish: w.RemovePlanning) -> w.Hosting:
    """Remove it; its base stays in the account."""
    await removal.delete_planning(office.accounts, office.account, wish.planning)
    return await _hosting(office, actor)


async def set_planning(office: Office, actor: Actor, wish: w.SetPlanning) -> w.Hosting:
    """Change what is said; the servers' certificate has a new domain before this returns."""
    planning, directory = await office.accounts.planning(office.account, wish.planning), office.accounts.directory
    fields: dict[str, Any] = {}
    if wish.timezone is not None:
        fields["timezone"] = _zone(wish.timezone)
    if wish.net is not None:
        fields["net"] = wish.net
    if wish.domain is not None:
        fields["domain"] = await domains.name_of_planning(directory, await _account(office), planning, wish.domain)
    before = {name: getattr(planning, name) for name in fields}
    if fields.get("domain", planning.domain) != planning.domain:
        await _rename(office, Planning, planning.key, fields, before)
    elif fields != before:
        await directory.change(Planning, planning.key, **fields)
    return await _hosting(office, actor)


async def set_publication(office: Office, actor: Actor, wish: w.SetPublication) -> w.Hosting:
    """Give it another name for people."""
    planning = await office.accounts.planning(office.account, wish.planning)
    title = names.title(wish.publication_name)
    await office.accounts.directory.change(Planning, planning.key, publication_name=title)
    return await _hosting(office, actor)


async def start_planning(office: Office, actor: Actor, wish: w.StartPlanning) -> w.Done:
    """Wish it in service."""
    await office.works.settle()  # what was wished before is over, if it is so
    planning = await office.accounts.planning(office.account, wish.planning)
    await _forget_failure(office, planning_subject(planning.key))
    await office.accounts.wish_planning(office.account, planning, "up")
    office.works.wished("plannings.start", actor, planning_subject(planning.key), planning=planning.name)
    return w.Done()


async def stop_planning(office: Office, actor: Actor, wish: w.StopPlanning) -> w.Done:
    """Wish it stopped, and say how many are inside."""
    await office.works.settle()  # what was wished before is over, if it is so
    planning = await office.accounts.planning(office.account, wish.planning)
    observed = (await office.accounts.directory.observed()).get(planning_subject(planning.key))
    await office.accounts.wish_planning(office.account, planning, "down")
    office.works.wished("plannings.stop", actor, planning_subject(planning.key), planning=planning.name)
    inside = observed is not None and observed.state in {"live", "draining"}
    return w.Done(observed.counters.get("sessions", 0) if observed is not None and inside else 0)


async def _hosting(office: Office, actor: Actor) -> w.Hosting:
    accounts, directory, account = office.accounts, office.accounts.directory, await _account(office)
    observed = await directory.observed()
    at = observed.get(controller_subject(account.number))
    rows = [
        await _row(office, account, one, observed.get(planning_subject(one.key)))
        for one in await accounts.plannings(account)
    ]
    bases = await loadable(office, actor, bases_in(accounts.paths.bases / account.number)[:TOLD_BASES])
    return w.Hosting(
        account.number, account.name, account.domain, account.port, account.desired,
        at.state if at else "stopped", at.reason if at else "",
        tuple(sorted(rows, key=lambda row: row.name)),
        tuple(bases), account.zone, account.licence,
    )  # fmt: skip


async def _row(office: Office, account: Account, one: Planning, at: Observed | None) -> w.PlanningRow:
    edited = at.counters.get("last_entry_ms", 0) if at and at.state == "live" else 0
    if one.base and not edited:
        edited = await office.accounts.last_edits.at_ms(office.accounts.base_path(account, one.base))
    domain = one.domain or planning_name(one.name, account.zone)
    return w.PlanningRow(
        one.key, one.name, one.publication_name, domain, one.port, one.timezone, one.base, one.desired,
        at.state if at else "stopped", at.reason if at else "", dict(at.counters) if at else {},
        edited, one.net,
    )  # fmt: skip


async def _forget_failure(office: Office, subject: str) -> None:
    """Have the agent forget that a process failed: what is not wished is not held against anybody."""
    directory = office.accounts.directory
    until = asyncio.get_running_loop().time() + FORGET_SECONDS
    while (found := (await directory.observed()).get(subject)) and found.state == "failed":
        await directory.set_desired(subject, "down")
        if asyncio.get_running_loop().time() > until:
            return  # no agent runs: the next one holds nothing against anybody
        await asyncio.sleep(LOOK_SECONDS)


async def _account(office: Office) -> Account:
    """Return the account as it is now: the office may have been opened before it had another domain."""
    return await office.accounts.directory.get(Account, office.account.number)


async def _rename(
    office: Office,
    kind: type[Account] | type[Planning],
    key: str | int,
    fields: Mapping[str, Any],
    before: Mapping[str, Any],
) -> None:
    """Change names, and have them certified; what nobody would answer for is taken back."""
    directory = office.accounts.directory
    await directory.change(kind, key, **fields)
    try:
        await office.accounts.issuing.certify_servers(office.account.number)
    except HPError:
        await directory.change(kind, key, **before)
        raise


def _zone(typed: str) -> str:
    try:
        return ZoneInfo(typed).key
    except (ValueError, OSError, KeyError) as error:  # ZoneInfoNotFoundError is a KeyError
        raise InvalidNameError(f"{typed!r} is no time zone: choose one as Europe/Paris", zone=typed) from error


CASES: Final[dict[type[w.Wish], Case]] = {
    w.GetHosting: Case(get_hosting, "base_admin", live=False),
    w.GetDns: Case(get_dns, "manager", live=False),
    w.NameController: Case(name_controller, "manager", event="controller.named", sensitive=True, live=False),
    w.StartController: Case(start_controller, event="controller.started", live=False),
    w.StopController: Case(stop_controller, event="controller.stopped", sensitive=True, live=False),
    w.AddPlanning: Case(add_planning, "manager", event="planning.added", live=False),
    w.RenamePlanning: Case(rename_planning, "manager", event="planning.renamed", live=False),
    w.RemovePlanning: Case(remove_planning, "manager", event="planning.deleted", sensitive=True, live=False),
    w.SetPlanning: Case(set_planning, "manager", event="planning.set", live=False),
    w.SetPublication: Case(set_publication, "base_admin", event="planning.published_as", live=False),
    w.StartPlanning: Case(start_planning, "base_admin", event="planning.started", live=False),
    w.StopPlanning: Case(stop_planning, "base_admin", event="planning.stopped", live=False),
}
