"""What is about to end, and whom it concerns: certificates of devices, passwords. It writes no letter itself."""

from typing import Final, Protocol

from hpserver.directory.api import Directory
from hpserver.directory.model import Account, Device, Registration, User
from hpserver.identity.ageing import DAY

ENDINGS: Final = frozenset({"device.ending", "password.ending"})
"""Nobody did these: they happen."""

SOON_SECONDS: Final = 14 * DAY
"""So long before: a fortnight of holidays."""

ENDINGS_SECONDS: Final = 3600.0
"""Between two looks."""

TOLD_SECONDS: Final = 400 * DAY
"""How long it is known that somebody was told: far longer than what it was about lasts from then on."""


class Telling(Protocol):
    """Who writes the letters, once about each thing."""

    async def tell_ending(self, event: str, user: User, until: float, name: str = "", key: int = 0) -> None:
        """Keep a letter about what ends `until`, unless one was kept. Raises nothing."""


async def tell_endings(directory: Directory, number: str, telling: Telling, now: float) -> None:
    """Tell everybody concerned what ends soon. A device in use renews its certificate long before."""
    people = {one.key: one for one in await directory.list(User, account=number)}
    for device in await directory.list(Device, account=number):
        if device.revoked_at or not now < device.expires <= now + SOON_SECONDS:
            continue
        trusting = {one.user for one in await directory.list(Registration, device=device.key)} | {device.user}
        for user in sorted(trusting & people.keys()):
            await telling.tell_ending("device.ending", people[user], device.expires, device.name, device.key)
    account = await directory.get(Account, number)
    if account.renewal == "none":
        return
    for person in people.values():
        until = person.password_set_at + account.renewal_days * DAY
        if person.password_hash and not person.one_time_until and now < until <= now + SOON_SECONDS:
            await telling.tell_ending("password.ending", person, until)
