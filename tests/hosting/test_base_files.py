"""Bases of an account and files: brought in as another base, replaced after a backup, copied."""

from pathlib import Path

import pytest

from hpserver.base.epochs import line_of
from hpserver.base.grid import Grid
from hpserver.base.planning import Planning
from hpserver.errors import AlreadyExistsError, BaseInUseError, ConfigurationError, NotFoundError
from hpserver.exports.result import Opened
from hpserver.hosting import base_files
from hpserver.hosting.accounts import Accounts
from hpserver.hosting.backups import listed, open_file
from hpserver.hosting.bases import create_base
from hpserver.hosting.exporting import epoch_of, export, read_moment
from hpserver.store.sqlite import SqliteStore
from tests.schools import a_grid, a_school

pytestmark = pytest.mark.slow


async def a_document(folder: Path, grid: Grid | None = None) -> Opened:
    """Return an opened document of a school of 30 courses."""
    await create_base(folder / "x.hpbase", "Année", a_school(30, grid=grid))
    await export(folder / "x.hpbase", folder / "x.hpx")
    return await open_file(folder / "x.hpx")


async def test_a_base_is_brought_in_as_another_than_clients_saw(accounts: Accounts, tmp_path: Path) -> None:
    """No client takes what it saw of another base for a beginning of this one."""
    account = await accounts.account()
    one, two = await accounts.plannings(account)
    await accounts.create_base(account, one, "Base", Planning(a_grid()))
    opened = await a_document(tmp_path)
    chosen = await base_files.bring_in(accounts, account, two, "Neuve", opened)
    assert (chosen.base, chosen.desired) == ("Neuve", "up")
    path = accounts.base_path(account, "Neuve")
    assert (
        len({line_of(epoch_of(file)) for file in (path, accounts.base_path(account, "Base"), tmp_path / "x.hpbase")})
        == 3
    )
    assert (await read_moment(path))[0] == a_school(30)


async def test_what_cannot_be_is_refused_before_anything_is_written(accounts: Accounts, tmp_path: Path) -> None:
    """A planning in service, a base that is loaded elsewhere, a name that is taken: nothing is touched."""
    account = await accounts.account()
    one, two = await accounts.plannings(account)
    await accounts.create_base(account, one, "Base", Planning(a_grid()))
    opened = await a_document(tmp_path)
    with pytest.raises(BaseInUseError, match="in service"):
        await base_files.bring_in(accounts, account, one, "Neuve", opened)
    with pytest.raises(ConfigurationError, match="loaded in"):
        await base_files.bring_in(accounts, account, two, "Base", opened, replace=True)
    await accounts.wish_planning(account, one, "down")
    with pytest.raises(AlreadyExistsError, match="--replace"):
        await base_files.bring_in(accounts, account, one, "Base", opened)
    store = SqliteStore(accounts.base_path(account, "Base"))
    await store.open()
    with pytest.raises(BaseInUseError):
        await base_files.bring_in(accounts, account, one, "Base", opened, replace=True)
    await store.close()
    assert (await read_moment(accounts.base_path(account, "Base")))[0] == Planning(a_grid())
    with pytest.raises(NotFoundError):
        accounts.existing_base(account, "Nulle")


async def test_a_base_that_is_replaced_is_backed_up_first(accounts: Accounts, tmp_path: Path) -> None:
    """A restore of the wrong file is taken back by another restore."""
    account = await accounts.account()
    one, _ = await accounts.plannings(account)
    await accounts.create_base(account, one, "Base", Planning(a_grid()))
    await accounts.wish_planning(account, one, "down")
    await base_files.bring_in(accounts, account, one, "Base", await a_document(tmp_path), replace=True)
    assert (await read_moment(accounts.base_path(account, "Base")))[0] == a_school(30)
    [backup] = listed(base_files.backup_folder(accounts, account, "Base"))
    assert (await open_file(backup.path)).planning() == Planning(a_grid())


async def test_a_base_is_copied_to_the_other_planning_while_it_is_served(accounts: Accounts) -> None:
    """Next year is prepared from this year's base, which goes on."""
    account = await accounts.account()
    one, two = await accounts.plannings(account)
    await accounts.create_base(account, one, "Base", a_school(30))
    store = SqliteStore(accounts.base_path(account, "Base"))
    await store.open()
    chosen = await base_files.transfer(accounts, account, "Base", two, "Suivante")
    await store.close()
    assert (chosen.name, chosen.base) == (two.name, "Suivante")
    assert (await read_moment(accounts.base_path(account, "Suivante")))[0] == a_school(30)
