"""Which services vouch for people, and how many are asked at once."""

import asyncio
from collections.abc import Mapping

import pytest
from msgspec.structs import replace

from hpserver.directory.model import IdentityProvider
from hpserver.errors import BusyError, NotAllowedError
from hpserver.hosting.accounts import Accounts
from hpserver.hosting.delegation import DELEGATES, MAX_ASKED, Delegation


class Slow:
    """A service that answers when it is let."""

    go = asyncio.Event()
    asked = 0

    def __init__(self, provider: IdentityProvider) -> None:
        self.name = provider.name

    def leave(self, back: str) -> str:
        """See `Delegate`."""
        return f"https://{self.name}/?{back}"

    async def identify(self, answered: Mapping[str, str], back: str) -> str:
        """See `Delegate`."""
        Slow.asked += 1
        await Slow.go.wait()
        return answered["ticket"] + back


async def made(accounts: Accounts, **more: object) -> tuple[Delegation, IdentityProvider]:
    """The delegation of the account, with one active service."""
    account = await accounts.account()
    one = IdentityProvider(account=account.number, name="cas", address="https://cas.example", active=True)
    provider = await accounts.directory.add(replace(one, **more))
    delegation = Delegation(accounts.directory, account.number)
    await delegation.refresh()
    return delegation, provider


async def test_the_active_ones_are_known_once_refreshed(accounts: Accounts) -> None:
    """No other is one to be sent to."""
    delegation, provider = await made(accounts)
    assert delegation.provider(provider.key) == provider
    assert delegation.provider(provider.key + 1) is None
    assert delegation.leave(provider, "https://here/").startswith(
        "https://cas.example/login?service=https%3A%2F%2Fhere"
    )
    await accounts.directory.change(IdentityProvider, provider.key, address="https://other.example")
    await delegation.refresh()
    (changed,) = delegation.active
    assert delegation.leave(changed, "x").startswith("https://other.example/login?")
    await accounts.directory.change(IdentityProvider, provider.key, active=False)
    await delegation.refresh()
    assert delegation.active == ()


@pytest.mark.parametrize("local", ["always", "superadmins"])
async def test_passwords_of_ours_are_for_whom_it_says(accounts: Accounts, local: str) -> None:
    """Superadministrators always: somebody must repair a service that is gone."""
    delegation, _ = await made(accounts, local=local)
    delegation.refuse_password("superadmin")
    for status in ("base_admin", "user"):
        if local == "always":
            delegation.refuse_password(status)
        else:
            with pytest.raises(NotAllowedError, match="sign in with cas"):
                delegation.refuse_password(status)


async def test_p04_a_slow_service_holds_so_many_and_the_next_is_told_when_to_come_back(
    accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who floods it with tickets opens no more connections."""
    monkeypatch.setitem(DELEGATES, "cas", Slow)
    Slow.go, Slow.asked = asyncio.Event(), 0
    delegation, provider = await made(accounts)
    async with asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(delegation.identify(provider, {"ticket": str(number)}, "!"))
            for number in range(MAX_ASKED)
        ]
        while Slow.asked < MAX_ASKED:  # noqa: ASYNC110 - each pass lets the tasks go on
            await asyncio.sleep(0)
        with pytest.raises(BusyError):
            await delegation.identify(provider, {"ticket": "more"}, "!")
        Slow.go.set()
    assert [task.result() for task in tasks] == [f"{number}!" for number in range(MAX_ASKED)]
    assert await delegation.identify(provider, {"ticket": "later"}, "!") == "later!"
