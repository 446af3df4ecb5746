"""What is kept of users who came in is forgotten after a time. It knows no session."""

from typing import Final

from hpserver.directory.api import Directory
from hpserver.directory.model import Address, Device, Registration, User
from hpserver.errors import NotFoundError
from hpserver.identity import ladder

UNUSED_DAYS: Final = 180
"""A registration that nobody uses, and an address nobody comes from, are forgotten after this (ASVS 6.5.2)."""

UNUSED_SECONDS: Final = UNUSED_DAYS * 86_400.0

MAX_STRAYS: Final = 20_000
"""Counters of logins that nobody has, 4 MB of the directory: one device is let make up 28,800 in a day."""


async def forget_unused(directory: Directory, account: str, now: float) -> int:
    """Forget the registrations and addresses of an account that are too old; how many."""
    last = now - UNUSED_SECONDS
    users = {one.key for one in await directory.list(User, account=account)}
    seen = {one.key: one.last_seen for one in await directory.list(Device, account=account)}
    gone = 0
    for one in await directory.list(Registration):
        if one.user in users and max(one.at, seen.get(one.device, 0.0)) < last:
            gone += await _remove(directory, Registration, one.device, one.user)
    for address in await directory.list(Address):
        if address.user in users and address.at < last:
            gone += await _remove(directory, Address, address.user, address.source)
    return gone


async def forget_strays(directory: Directory, account: str, now: float) -> int:
    """Forget attempts at logins that nobody has: those of long ago, and all but the newest `MAX_STRAYS`; how many.

    `now` is by the clock of ladders. What that clock says will be was before the machine started again.
    """
    users = {one.login for one in await directory.list(User, account=account)}
    strays = sorted(
        (now - at if at <= now else UNUSED_SECONDS, key)
        for key, at in await directory.tried()
        if (login := ladder.login_of(account, key)) is not None and login not in users
    )
    gone = [key for place, (age, key) in enumerate(strays) if place >= MAX_STRAYS or age > UNUSED_SECONDS]
    await directory.reset_attempts(*gone)
    return len(gone)


async def _remove(directory: Directory, kind: type[Registration | Address], *identity: int | str) -> int:
    try:
        await directory.remove(kind, *identity)
    except NotFoundError:  # its user took it away meanwhile
        return 0
    return 1
