"""What is kept of users who came in, and for how long."""

from hpserver.directory.model import Address, Device, Registration, User
from hpserver.hosting.accounts import Accounts
from hpserver.hosting.retention import UNUSED_SECONDS, forget_unused


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
