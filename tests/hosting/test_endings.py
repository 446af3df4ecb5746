"""What is about to end, told once."""

import time

from hpserver.config import Mail
from hpserver.directory.model import Account, Device, Registration, User
from hpserver.hosting.accounts import Accounts
from hpserver.hosting.endings import SOON_SECONDS, tell_endings
from hpserver.hosting.notices import Notices
from hpserver.identity.ageing import DAY
from hpserver.mail.outbox import Outbox

RELAY = Mail(host="relay.example", sender="hp@ecole.example", language="en")


async def test_people_are_told_once_of_a_device_and_a_password_that_end_soon(accounts: Accounts) -> None:
    """Before it is so nothing is said; a restart repeats nothing; who has no address hears nothing."""
    directory, number, now = accounts.directory, (await accounts.account()).number, time.time()
    await directory.change(Account, number, renewal="force", renewal_days=90)
    since = now - 80 * DAY
    zoe = await directory.add(
        User(account=number, login="zoe", email="zoe@ecole.example", password_hash="x", password_set_at=since)
    )
    bob = await directory.add(User(account=number, login="bob", password_hash="x", password_set_at=since))
    ends = now + SOON_SECONDS + DAY
    device = await directory.add(Device(account=number, name="My PC", thumbprint=b"t", serial="1", expires=ends))
    for user in (zoe, bob):
        await directory.add(Registration(device=device.key, user=user.key, name="PC", at=now))
    outbox = Outbox(accounts.paths.outbox / number)

    async def kinds(at: float) -> list[str]:
        notices = Notices(directory, accounts.paths, RELAY, await accounts.account())
        await tell_endings(directory, number, notices, at)
        waiting = outbox.waiting()
        for one in waiting:
            outbox.remove(one)
        assert all("this was not you" not in one.letter.text for one in waiting)
        return [one.letter.kind for one in waiting]

    assert await kinds(now) == ["password.ending"]
    assert await kinds(now) == []
    assert await kinds(now + 2 * DAY) == ["device.ending"]
    assert await kinds(now + 2 * DAY) == []
    outbox.forget_told(now + DAY)
    assert await kinds(now + 2 * DAY) == ["device.ending", "password.ending"]
    await directory.change(Device, device.key, revoked_at=now)
    await directory.change(Account, number, renewal="none")
    outbox.forget_told(now + DAY)
    assert await kinds(now + 2 * DAY) == []
