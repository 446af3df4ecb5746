"""What an account has is renamed and deleted: bases, plannings, the account itself. Knows no screen.

Nothing goes that somebody uses or needs, and every deed is in the audit log of the account before it is done.
"""

import asyncio
import datetime as dt
import shutil
from collections.abc import Awaitable, Callable
from functools import wraps
from pathlib import Path
from typing import Any, Concatenate, Final, ParamSpec, TypeAlias, TypeVar

import msgspec

from hpserver.config import Paths
from hpserver.directory import names
from hpserver.directory.model import Account, Assignment, Device, Entity, OwnProfile, Planning, Template, User
from hpserver.errors import (
    AlreadyExistsError,
    BaseInUseError,
    ConfigurationError,
    StillReferencedError,
    StoreError,
)
from hpserver.exports.format import SUFFIX as DOCUMENT_SUFFIX
from hpserver.hosting import holding, trash
from hpserver.hosting.accounts import Accounts
from hpserver.hosting.audit import About, Audit
from hpserver.hosting.base_files import all_backups, backup_folder
from hpserver.hosting.bases import bases_in, forget_leftovers
from hpserver.hosting.branches import branches_of
from hpserver.hosting.domains import refuse_taken
from hpserver.hosting.editing import edit_offline
from hpserver.hosting.exporting import export, write_whole
from hpserver.hosting.keyring import planning_name
from hpserver.hosting.turns import turn_file, turn_of
from hpserver.identity.actor import OPERATOR

SECRET: Final = ("_hash",)
"""How the names of fields end that no export of an account has."""

BEGUN_KEPT: Final = dt.timedelta(days=1)
"""What was begun and not finished is looked after for so long: nothing takes longer, as with uploads."""

P = ParamSpec("P")
R = TypeVar("R")
Deed: TypeAlias = Callable[Concatenate[Accounts, Account, P], Awaitable[R]]


def _in_turn(deed: Deed[P, R]) -> Deed[P, R]:
    """Let nobody else change the account meanwhile: who is let in, and what is loaded where, is looked at first."""

    @wraps(deed)
    async def alone(accounts: Accounts, account: Account, /, *args: P.args, **kwargs: P.kwargs) -> R:
        async with turn_of(accounts.paths, account.number).taken():
            return await deed(accounts, account, *args, **kwargs)

    return alone


def trash_of(paths: Paths, account: Account) -> Path:
    """Return the folder with the deleted bases of an account."""
    return paths.trash / account.number


# --- bases --------------------------------------------------------------------------------------------------------


@_in_turn
async def delete_base(accounts: Accounts, account: Account, name: str, now: dt.datetime) -> trash.Deleted:
    """Move a base to the trash, and take it out of the stopped planning that has it.

    Raises NotFoundError, BaseInUseError while it is in service, StillReferencedError while it has branches.
    """
    path = await _free_base(accounts, account, name)
    await _tell(accounts, account, "base.deleted", {"base": path.stem})
    await _unload(accounts, account, path.stem, "")
    return await trash.throw(path, trash_of(accounts.paths, account), now)


@_in_turn
async def put_base_back(accounts: Accounts, account: Account, name: str, new_name: str = "") -> str:
    """Take a deleted base out of the trash; its name now. Raises as `trash.put_back`."""
    bases, folder = accounts.paths.bases / account.number, trash_of(accounts.paths, account)
    trash.check_put_back(folder, bases, names.base(name), new_name)
    await _tell(accounts, account, "base.put_back", {"base": name, "as": new_name or name})
    return await trash.put_back(folder, bases, names.base(name), new_name)


async def forget_all_old(accounts: Accounts, now: dt.datetime) -> None:
    """Remove for good what was deleted too long ago, of every account, of those that are gone too."""
    found = {account.number: account for account in await accounts.accounts()}
    for number in found:
        forget_leftovers(accounts.paths.bases / number, (now - BEGUN_KEPT).timestamp())
    for folder in sorted(accounts.paths.trash.iterdir()) if accounts.paths.trash.is_dir() else ():
        for one in trash.forget_old(folder, now):
            if folder.name in found:
                await _tell(accounts, found[folder.name], "base.forgotten", {"base": one.base})


@_in_turn
async def rename_base(accounts: Accounts, account: Account, name: str, new_name: str) -> str:
    """Give a base another name; its backups and the stopped planning that has it follow. Its new name.

    Raises as `delete_base`, AlreadyExistsError, InvalidNameError; StillReferencedError for a branch, which the history
    of its base names.
    """
    path, new = await _free_base(accounts, account, name), names.base(new_name)
    if path.stem in branches_of(path.parent):
        raise StillReferencedError(f"{path.stem} is a branch: its base knows it by its name")
    target = accounts.base_path(account, new)
    if target.exists():
        raise AlreadyExistsError(f"there is a base {new!r} already", base=new)
    await _tell(accounts, account, "base.renamed", {"base": path.stem, "as": new})
    await trash.move(path, target)
    await _unload(accounts, account, path.stem, new)
    before, after = backup_folder(accounts, account, path.stem), backup_folder(accounts, account, new)
    if before.exists() and not after.exists():
        before.rename(after)
    return new


# --- plannings ----------------------------------------------------------------------------------------------------


async def delete_planning(accounts: Accounts, account: Account, name: str) -> Planning:
    """Remove a stopped planning, with its profiles and who has them; its base stays in the account. Within a turn.

    Raises NotFoundError, BaseInUseError while it is in service.
    """
    planning = await _stopped_planning(accounts, account, name)
    await accounts.directory.remove(Planning, planning.key)
    return planning


async def rename_planning(
    accounts: Accounts, account: Account, name: str, new_name: str = "", publication_name: str = ""
) -> Planning:
    """Give a stopped planning another name, another publication name, or both. Within a turn.

    Raises NotFoundError, BaseInUseError while it is in service, AlreadyExistsError, InvalidNameError.
    """
    planning = await _stopped_planning(accounts, account, name)
    wished = {
        "name": names.new_planning(new_name) if new_name else planning.name,
        "publication_name": names.title(publication_name or planning.publication_name),
    }
    if any(one.name == wished["name"] and one.key != planning.key for one in await accounts.plannings(account)):
        raise AlreadyExistsError(f"there is a planning {wished['name']!r} already", planning=wished["name"])
    if wished["name"] != planning.name:
        wanted = planning_name(wished["name"], account.zone)
        await refuse_taken(accounts.directory, wanted, account.number, planning.key)
    renamed = await accounts.directory.change(Planning, planning.key, **wished)
    await accounts.issuing.certify_servers(account.number)
    return renamed


async def planning_profiles(accounts: Accounts, planning: Planning) -> int:
    """Count the profiles given in a planning: they go with it."""
    return len(await accounts.directory.list(Assignment, planning=planning.key))


# --- accounts -----------------------------------------------------------------------------------------------------


@_in_turn
async def delete_account(
    accounts: Accounts, account: Account, folder: Path, now: dt.datetime, *, erase: bool = False
) -> list[Path]:
    """Export a stopped account into a new folder, then remove it with its keys; its bases go to the trash.

    What `kept_of` names stays, or nothing at all with `erase`. Returns what was written. Raises as `_export`.
    """
    written = await _export(accounts, account, folder)
    about: About = {"account": account.number, "folder": str(folder), "erased": erase}
    await _tell(accounts, account, "account.deleted", about)
    await accounts.directory.remove(Account, account.number)
    await asyncio.to_thread(accounts.keyring.forget_account, account.number)
    bases = accounts.paths.bases / account.number
    for offset, name in enumerate([] if erase else bases_in(bases)):
        at = now + dt.timedelta(microseconds=offset)
        await trash.throw(accounts.base_path(account, name), trash_of(accounts.paths, account), at)
    gone = [
        bases,
        accounts.paths.uploads / account.number,
        accounts.paths.tasks / account.number,
        accounts.paths.outbox / account.number,
    ]
    if erase:
        gone += [*kept_of(accounts, account).values(), *accounts.paths.audit.glob(f"{account.number}.*")]
    for path in (*gone, turn_file(accounts.paths, account.number)):
        await asyncio.to_thread(_erase, path)
    return written


def kept_of(accounts: Accounts, account: Account) -> dict[str, Path]:
    """Return where there is what stays of an account that is deleted."""
    places = {
        "trash": trash_of(accounts.paths, account),
        "backups": all_backups(accounts) / account.number,
        "audit": accounts.paths.audit / f"{account.number}.log",
    }
    logs = sorted(accounts.paths.logs.glob(f"{account.number}*.log*"))
    places |= {f"log {path.name}": path for path in logs}
    return {what: path for what, path in places.items() if path.exists()}


# --- within -------------------------------------------------------------------------------------------------------


async def _export(accounts: Accounts, account: Account, folder: Path) -> list[Path]:
    """Write every base of a stopped account, what the directory knows of it but secrets, and its audit log.

    Raises BaseInUseError while something of it is in service, ConfigurationError for a folder that holds something.
    """
    await _refuse_running(accounts, account)
    _make_empty(folder)
    await _tell(accounts, account, "account.exported", {"folder": str(folder)})
    written = []
    for name in bases_in(accounts.paths.bases / account.number):
        written.append(folder / f"{name}{DOCUMENT_SUFFIX}")
        await export(accounts.existing_base(account, name), written[-1])
    entities = await _entities(accounts, account)
    written.append(folder / "account.json")
    write_whole(written[-1], [msgspec.json.format(msgspec.json.encode(entities)), b"\n"])
    written.append(folder / "audit.log")
    write_whole(written[-1], [(accounts.paths.audit / f"{account.number}.log").read_bytes()])
    return written


async def _free_base(accounts: Accounts, account: Account, name: str) -> Path:
    path = await accounts.stopped_base(account, name)
    forked = ", ".join(branches_of(path.parent, path.stem))
    if forked:
        raise StillReferencedError(f"{path.stem} has branches: {forked}; take them over or drop them first")
    await edit_offline(path, ())
    return path


async def _stopped_planning(accounts: Accounts, account: Account, name: str) -> Planning:
    planning = await accounts.planning(account, name)
    if planning.desired != "down":
        raise BaseInUseError(f"{planning.name} is in service", planning=planning.name)
    if planning.base and accounts.base_path(account, planning.base).exists():
        await edit_offline(accounts.base_path(account, planning.base), ())
    return planning


async def _unload(accounts: Accounts, account: Account, base: str, now: str) -> None:
    await holding.follow(accounts.directory, await accounts.plannings(account), base, now)


async def _refuse_running(accounts: Accounts, account: Account) -> None:
    if (await accounts.account(account.number)).desired != "down":
        raise BaseInUseError(f"the controller of {account.domain} is in service: `hp controller stop` first")
    for planning in await accounts.plannings(account):
        await _stopped_planning(accounts, account, planning.name)


def _erase(path: Path) -> None:
    """Remove a file or a folder, if it is there. Raises StoreError: some of it is there still."""
    if path.is_file():
        path.unlink(missing_ok=True)
    shutil.rmtree(path, ignore_errors=True)
    if path.exists():
        raise StoreError(f"{path} cannot be removed: remove it", path=str(path))


def _make_empty(folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise ConfigurationError(f"{folder} holds something already: name a new folder", path=str(folder))


async def _entities(accounts: Accounts, account: Account) -> dict[str, Any]:
    directory, number = accounts.directory, account.number
    plannings = await directory.list(Planning, account=number)
    of_account: list[Entity] = [
        *plannings, *await directory.list(User, account=number), *await directory.list(Device, account=number),
        *await directory.list(Template, account=number),
    ]  # fmt: skip
    for planning in plannings:
        of_account += await directory.list(Assignment, planning=planning.key)
        of_account += await directory.list(OwnProfile, planning=planning.key)
    found: dict[str, Any] = {"account": _told(account)}
    for one in of_account:
        found.setdefault(type(one).__name__, []).append(_told(one))
    return found


def _told(entity: Entity) -> dict[str, Any]:
    told: dict[str, Any] = msgspec.to_builtins(entity)
    return {name: value for name, value in told.items() if not name.endswith(SECRET)}


async def _tell(accounts: Accounts, account: Account, event: str, about: About) -> None:
    await Audit(accounts.paths, accounts.keyring, account.number).tell(event, OPERATOR.login, about)
