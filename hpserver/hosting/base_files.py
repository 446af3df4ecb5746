"""Files and the bases of an account: brought in, restored, copied to another planning, backed up. Knows no screen."""

import datetime as dt
import tempfile
from pathlib import Path

from hpserver.directory import names
from hpserver.directory.model import Account, Planning
from hpserver.errors import AlreadyExistsError, BaseInUseError, ConfigurationError
from hpserver.exports.format import SUFFIX
from hpserver.exports.result import Opened
from hpserver.hosting import backups
from hpserver.hosting.accounts import Accounts
from hpserver.hosting.exporting import export, is_same_history, put_back
from hpserver.hosting.sandbox import open_untrusted


async def bring_in(
    accounts: Accounts, account: Account, planning: Planning, name: str, opened: Opened, *, replace: bool = False
) -> Planning:
    """Make a base of an opened file, load it into a stopped planning and wish it in service.

    No client goes on in it from what it saw of another base. With `replace`, the base of that name is backed up, then
    goes. Raises InvalidNameError, AlreadyExistsError, ConfigurationError when the planning is in service,
    BaseInUseError.
    """
    name = names.base(name)
    await _refuse_what_cannot_be(accounts, account, planning, name, replace=replace)
    path = accounts.base_path(account, name)
    if replace and path.exists():
        await back_up(accounts, account, name)
    same = replace and path.exists() and is_same_history(path, opened)
    put_back(path, name, opened, replace=replace, same=same)
    await accounts.load_base(account, planning, name)
    return await accounts.wish_planning(account, planning, "up")


async def transfer(accounts: Accounts, account: Account, name: str, planning: Planning, new_name: str) -> Planning:
    """Copy a base, in service or not, with its history, into another planning that is stopped. Raises as `bring_in`."""
    source = accounts.existing_base(account, name)
    with tempfile.TemporaryDirectory(prefix="hp-transfer-") as folder:
        document = Path(folder) / f"base{SUFFIX}"
        await export(source, document)
        opened = await open_untrusted("document", document)
    return await bring_in(accounts, account, planning, new_name, opened)


async def back_up(accounts: Accounts, account: Account, name: str) -> backups.Record | None:
    """Back a base up now; None when nothing changed since the last backup. Raises as `backups.take`."""
    path = accounts.existing_base(account, name)
    folder = backup_folder(accounts, account, name)
    return await backups.take(path, folder, accounts.settings.backups, dt.datetime.now(dt.UTC))


def backup_folder(accounts: Accounts, account: Account, name: str) -> Path:
    """Return where the backups of a base lie, of one that is gone too."""
    return all_backups(accounts) / account.number / names.base(name)


def all_backups(accounts: Accounts) -> Path:
    """Return where the backups of all accounts lie."""
    chosen = accounts.settings.backups.folder
    return Path(chosen) if chosen else accounts.paths.backups


async def _refuse_what_cannot_be(
    accounts: Accounts, account: Account, planning: Planning, name: str, *, replace: bool
) -> None:  # fmt: skip
    """Find out before anything is written."""
    for one in await accounts.plannings(account):
        if one.key == planning.key and one.desired != "down":
            raise BaseInUseError(f"{planning.name} is in service", planning=planning.name)
        if one.base == name and one.key != planning.key:
            raise ConfigurationError(f"the base {name!r} is loaded in {one.name}", planning=one.name)
    if not replace and accounts.base_path(account, name).exists():
        raise AlreadyExistsError(f"there is a base {name!r} already: choose another name, or --replace", base=name)
