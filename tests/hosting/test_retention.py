"""What is kept of users who came in, and for how long."""

import pytest

from hpserver.directory.model import Address, Device, Registration, User
from hpserver.hosting import retention
from hpserver.hosting.accounts import Accounts
from hpserver.hosting.retention import UNUSED_SECONDS, forget_strays, forget_unused
from hpserver.identity import ladder


async def test_what_nobody_used_for_half_a_year_is_forgotten(accounts: Accounts) -> None:
    """A device that is used stays registered, however old the registration."""
    account, directory, now = await accounts.account(), accounts.directory, 2 * UNUSED_SECONDS
    user = await directory.add(User(account=account.number, login="zoe"))
    for name, seen in (("used", now), ("unused", 0.0)):
        made = Device(account=account.number, name=name, thumbprint=name.encode(), serial=name, last_seen=seen)
        key = (await directory.add(made)).key
        await directory.add(Registration(device=key, user=user.key, name=name, at=5.0))
    for source, at in (("192.0.2.7", 5.0), ("192.0.2.8", now)):
        await directory.add(Address(user=user.key, source=source, at=at))
    assert await forget_unused(directory, account.number, now) == 2
    assert [one.name for one in await directory.list(Registration)] == ["used"]
    assert [one.source for one in await directory.list(Address)] == ["192.0.2.8"]
    assert await forget_unused(directory, account.number, now) == 0


async def test_made_up_logins_are_forgotten_by_age_and_by_number(
    accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who has a login keeps every count, whatever it is; the newest of the others are kept, as if somebody had them."""
    account, directory, now = await accounts.account(), accounts.directory, 2 * UNUSED_SECONDS
    user = await directory.add(User(account=account.number, login="zoe"))

    async def tried(login: str, at: float) -> None:
        lane = ladder.lane(0, registered=False)
        keys = (ladder.password_in_all_key(account.number, login), ladder.password_key(account.number, login, lane))
        await directory.spend_attempt(dict.fromkeys(keys, ladder.PASSWORD), at)

    for login, at in (("zoe", 1.0), ("long ago", 2.0), ("x:others", now - 3), ("y", now - 2), ("z", now + 1)):
        await tried(login, at)
    await directory.spend_attempt({ladder.pin_key(account.number, user.key): ladder.PIN}, 1.0)
    assert await forget_strays(directory, account.number, now) == 2
    monkeypatch.setattr(retention, "MAX_STRAYS", 2)
    assert await forget_strays(directory, account.number, now) == 4
    left = sorted(key.removeprefix(f"password:{account.number}:") for key, _ in await directory.tried())
    assert left == [
        f"passwords:{account.number}:y",
        f"passwords:{account.number}:zoe",
        f"pin:{account.number}:{user.key}",
        "y:others",
        "zoe:others",
    ]
