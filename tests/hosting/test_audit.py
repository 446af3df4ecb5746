"""The audit log of an account, on a loop."""

import asyncio

from hpserver.hosting.accounts import Accounts
from hpserver.hosting.audit import Audit


async def test_what_is_told_at_once_is_kept_in_one_order(accounts: Accounts) -> None:
    """Two events of one moment have two numbers."""
    audit = Audit(accounts.paths, accounts.keyring, (await accounts.account()).number)
    await asyncio.gather(*(audit.tell("user.disabled", "ada", {"login": f"u{number}"}) for number in range(5)))
    assert [one.number for one in await audit.read()] == [1, 2, 3, 4, 5]
    assert [one.number for one in await audit.latest(2)] == [4, 5]
    assert (await audit.verify()).entries == 5
    assert await audit.prune(2**53) == 4
