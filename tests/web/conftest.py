"""A site, and who is in it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from hpserver.hosting.accounts import Accounts
from tests.hosting.conftest import CHEAP, accounts, prepared
from tests.web.site import Browser, Site, a_site

__all__ = ["accounts", "prepared"]


@pytest_asyncio.fixture
async def site(accounts: Accounts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Site]:
    """The console of one account, with cheap hashes."""
    monkeypatch.setattr("hpserver.hosting.console_door.SUPERADMINS", CHEAP)
    monkeypatch.setattr("hpserver.web.served.SUPERADMINS", CHEAP)
    monkeypatch.setattr("hpserver.web.served.read_cost", lambda _: CHEAP)
    async with a_site(accounts, tmp_path) as made:
        yield made


@pytest_asyncio.fixture
async def manager(site: Site) -> Browser:
    """The hosting manager, signed in, with the licence accepted."""
    return await site.manager()
