"""Tried through the commands too: tests/cli/base/test_removal, tests/cli/house/test_removal."""

import datetime as dt
from pathlib import Path

import pytest

from hpserver.base.planning import Planning
from hpserver.errors import BusyError, NotFoundError
from hpserver.hosting import turns
from hpserver.hosting.accounts import Accounts
from hpserver.hosting.base_files import back_up, backup_folder
from hpserver.hosting.removal import delete_account, forget_all_old, rename_base, trash_of
from hpserver.hosting.turns import turn_of
from hpserver.protocol.catalogue import administration as w
from hpserver.reaching import carry_out
from tests.schools import a_grid


@pytest.mark.slow
async def test_the_backups_of_a_base_follow_its_name(accounts: Accounts) -> None:
    """Who looks for them looks under the name of today."""
    opened = await accounts.open_account("École", "ecole.example")
    account, planning = opened.account, opened.plannings[0]
    await accounts.create_base(account, planning, "Base", Planning(a_grid()))
    await accounts.wish_planning(account, planning, "down")
    await back_up(accounts, account, "Base")
    taken = sorted(path.name for path in backup_folder(accounts, account, "Base").iterdir())
    assert await rename_base(accounts, account, "Base", "Other") == "Other"
    assert sorted(path.name for path in backup_folder(accounts, account, "Other").iterdir()) == taken
    assert not backup_folder(accounts, account, "Base").exists()


@pytest.mark.slow
async def test_what_an_account_that_is_gone_has_in_the_trash_goes_in_time(accounts: Accounts, tmp_path: Path) -> None:
    """After the 30 days of any other deleted base, though nobody can put it back; its keys go at once."""
    opened = await accounts.open_account("École", "ecole.example")
    account, planning = opened.account, opened.plannings[0]
    await accounts.create_base(account, planning, "Base", Planning(a_grid()))
    await accounts.wish_planning(account, planning, "down")
    await accounts.wish_controller(account, "down")
    now = dt.datetime.now(dt.UTC)
    await delete_account(accounts, account, tmp_path / "out", now)
    with pytest.raises(NotFoundError):
        accounts.keyring.issuer(account.number)
    folder = trash_of(accounts.paths, account)
    await forget_all_old(accounts, now + dt.timedelta(days=29))
    assert list(folder.rglob("Base.hpbase"))
    await forget_all_old(accounts, now + dt.timedelta(days=31))
    assert not list(folder.rglob("*.hpbase"))


@pytest.mark.slow
async def test_nothing_is_deleted_while_somebody_changes_the_account(
    accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    """An administrator who gives a profile in a planning does not find it gone half-way."""
    monkeypatch.setattr(turns, "TURN_SECONDS", 2 * turns.LOOK_SECONDS)
    opened = await accounts.open_account("École", "ecole.example")
    async with turn_of(accounts.paths, opened.account.number).taken():
        with pytest.raises(BusyError):
            await carry_out(accounts, opened.account, w.RemovePlanning("planning01"))
    left = await carry_out(accounts, opened.account, w.RemovePlanning("planning01"))
    assert isinstance(left, w.Hosting)
    assert [one.name for one in left.plannings] == ["planning02"]
