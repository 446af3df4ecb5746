"""The bases of an account: made, loaded into stopped plannings, taken out of them. Knows nothing of what is in them."""

import asyncio
import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from hpserver.administration.case import Case, Office
from hpserver.administration.paging import page
from hpserver.base.grid import Grid
from hpserver.base.planning import Planning as Base
from hpserver.directory import names
from hpserver.errors import InvalidGridError, NotAllowedError, NotFoundError
from hpserver.hosting import backups
from hpserver.hosting.base_files import backup_folder
from hpserver.hosting.bases import bases_in
from hpserver.hosting.branches import branches_of
from hpserver.hosting.holding import beginning, had
from hpserver.hosting.staging import Staging
from hpserver.identity.actor import Actor
from hpserver.protocol.catalogue import administration as w


async def list_bases(office: Office, _: Actor, wish: w.ListBases) -> w.Bases:
    """List the bases by name."""
    accounts, account = office.accounts, office.account
    folder = accounts.paths.bases / account.number
    loaded = {one.base: one.name for one in await accounts.plannings(account) if one.base}
    forked = {name: origin.base for name, origin in branches_of(folder).items()}
    rows = [
        w.BaseRow(
            name,
            loaded.get(name, ""),
            forked.get(name, ""),
            _size(path),
            saved_at(path),
            *_backed_up(backup_folder(accounts, account, name)),
        )
        for name in bases_in(folder)
        if name > wish.after and (path := accounts.base_path(account, name)).exists()
    ]
    return w.Bases(*page(rows, wish.limit))


async def create_base(office: Office, actor: Actor, wish: w.CreateBase) -> w.Done:
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
    async with office.works.told("bases.create", actor, planning=wish.planning, base=wish.base):
        await office.accounts.create_base(office.account, planning, wish.base, Base(grid))
    return w.Done()


async def load_base(office: Office, actor: Actor, wish: w.LoadBase) -> w.Done:
    """Load it; it is not put in service. A base administrator loads what they had, made or sent, and nothing else."""
    if not await loadable(office, actor, [names.base(wish.base)]):
        raise NotAllowedError(
            "This base was last in a planning that you do not administer: a superadministrator loads it.",
            base=wish.base,
        )
    planning = await office.accounts.planning(office.account, wish.planning)
    async with office.works.told("bases.load", actor, planning=wish.planning, base=wish.base):
        await office.accounts.load_base(office.account, planning, wish.base)
    return w.Done()


async def unload_base(office: Office, _: Actor, wish: w.UnloadBase) -> w.Done:
    """Take it out; it stays in the account."""
    planning = await office.accounts.planning(office.account, wish.planning)
    await office.accounts.unload_base(office.account, planning)
    return w.Done()


async def upload_base(office: Office, actor: Actor, wish: w.UploadBase) -> w.Begun:
    """Begin to take it in: room for it was found, its bytes follow on the way that the task names."""
    planning = await office.accounts.planning(office.account, wish.planning)
    task = await office.transfers.receive(actor, planning.name, wish.base, wish.bytes)
    return w.Begun(task.key)


async def export_base(office: Office, actor: Actor, wish: w.ExportBase) -> w.Begun:
    """Begin to copy it; a base administrator has what is loaded in the planning, and no other base of the account."""
    planning = await office.accounts.planning(office.account, wish.planning)
    base = wish.base or planning.base
    if base != planning.base and not actor.may_all:
        raise NotAllowedError("Only the base that is loaded in the planning is yours to take.", status=actor.status)
    if not base:
        raise NotFoundError(f"there is no base in {planning.name}: load one first", planning=planning.name)
    task = await office.transfers.copy(actor, planning.name, office.accounts.existing_base(office.account, base))
    return w.Begun(task.key)


async def loadable(office: Office, actor: Actor, wanted: Sequence[str]) -> list[str]:
    """Return those of the bases that an actor may load into what they administer.

    Of a base administrator those whose last planning is theirs, a branch being as what it comes from, and of those that
    no planning had what they sent.
    """
    if actor.may_all:
        return list(wanted)
    accounts, number = office.accounts, office.account.number
    folder, known = accounts.paths.bases / number, await accounts.plannings(office.account)
    theirs = {one.key for one in known if await office.administers(actor, one.name)}
    branches, staging = branches_of(folder), Staging(accounts.paths.uploads / number, folder, 0)
    found = []
    for base in wanted:
        names_of_it = dict.fromkeys((base, beginning(branches, base)))
        having = next(filter(None, ({one.key for one in known if name in had(one)} for name in names_of_it)), None)
        if having is None:
            may = actor.user != 0 and await asyncio.to_thread(staging.brought, base) == actor.user
        else:
            may = having <= theirs
        if may:
            found.append(base)
    return found


def _backed_up(folder: Path) -> tuple[int, int, str]:
    """Return when the last backup was taken and verified, and why there is no newer one."""
    newest, failure = backups.maybe_newest(folder), backups.maybe_failure(folder)
    failed = failure.error if failure else ""
    if newest is None:
        return 0, 0, failed
    verified = dt.datetime.fromisoformat(newest.record.verified_at) if newest.record else None
    return _ms(newest.at), _ms(verified) if verified else 0, failed


def _ms(moment: dt.datetime) -> int:
    return int(moment.timestamp() * 1000)


def saved_at(path: Path) -> int:
    """Say when a base was written last: every acknowledged edit is in its write-ahead log before it is answered."""
    files = (path, path.with_name(path.name + "-wal"))
    return max((int(file.stat().st_mtime * 1000) for file in files if file.exists()), default=0)


def _size(path: Path) -> int:
    return path.stat().st_size


def _day(text: str, field: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise InvalidGridError(f"{text} is no day: write it as 2026-08-31", field=field) from error


CASES: Final[dict[type[w.Wish], Case]] = {
    w.ListBases: Case(list_bases, "base_admin", live=False),
    w.CreateBase: Case(create_base, "base_admin", event="base.created", live=False),
    w.LoadBase: Case(load_base, "base_admin", event="base.loaded", live=False),
    w.UnloadBase: Case(unload_base, "base_admin", event="base.unloaded", live=False),
    w.UploadBase: Case(upload_base, "base_admin", event="base.uploaded", live=False),
    w.ExportBase: Case(export_base, "base_admin", event="base.exported", sensitive=True, live=False),
}
