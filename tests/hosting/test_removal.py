"""Tried through the commands too: tests/cli/base/test_removal, tests/cli/house/test_removal."""

import pytest

from hpserver.base.planning import Planning
from hpserver.hosting.accounts import Accounts
from hpserver.hosting.base_files import back_up, backup_folder
from hpserver.hosting.removal import rename_base
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
