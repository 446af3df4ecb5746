"""The watch of a controller, and of a console: how many wrong guesses a device and an address may make.

It compares nothing, and knows no account: it counts whatever the login. A device that a user has registered answers for
itself alone: whoever guesses at the same address does not keep it waiting.
"""

import math
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

import structlog

from hpserver.errors import BadCodeError, BadCredentialsError, BadPinError, EnrolmentRefusedError, LockedError
from hpserver.net.gate import Gate

T = TypeVar("T")

SPRAYED_LOGINS: Final = 10
"""Logins failed on from one device or address, not all forgiven yet: more than the people at one machine."""

MAX_REMEMBERED: Final = 4096
"""Devices and addresses whose logins are remembered at a time."""

REFUSED_GUESSES: Final = {
    kind.code for kind in (BadCredentialsError, BadPinError, BadCodeError, LockedError, EnrolmentRefusedError)
}
"""Codes of the errors that answer somebody's guess."""

log = structlog.get_logger()


class Watch:
    """Counts in the books of the gate, under names of its own.

    `is_registered` says whether some user has registered the device with a certificate of that thumbprint. `clock`
    gives monotonic seconds.
    """

    def __init__(
        self, gate: Gate, is_registered: Callable[[bytes], Awaitable[bool]], clock: Callable[[], float]
    ) -> None:
        self._gate, self._is_registered, self._clock = gate, is_registered, clock
        self._logins: dict[str, set[str]] = {}
        self._alarmed: set[str] = set()

    async def guess(
        self,
        compare: Callable[[], Awaitable[T]],
        is_right: Callable[[T], bool],
        login: str,
        thumbprint: bytes,
        source: str,
    ) -> T:
        """Have somebody's guess compared, unless too many were wrong from there, and count a wrong one.

        `login` is the one that is guessed for, "" when it is nobody's. Raises LockedError with the seconds to wait,
        when nothing was spent and nothing compared, and as `compare`.
        """
        await self._refuse_too_many(thumbprint, source)
        try:
            found = await compare()
        except (BadCredentialsError, BadPinError, LockedError):
            self._count(thumbprint, source, login)
            raise
        if not is_right(found):
            self._count(thumbprint, source, login)
        return found

    async def _refuse_too_many(self, thumbprint: bytes, source: str) -> None:
        now, device = self._clock(), _of_device(thumbprint)
        wait, name = self._gate.rate_wait(device, now), device
        if not wait:
            name = _of_source(source)
            wait = self._gate.rate_wait(name, now)
            if not wait or await self._is_registered(thumbprint):
                return
        self._alarm("rate", name, thumbprint, source)
        raise LockedError("Too many failures from here.", seconds=math.ceil(wait))

    def _count(self, thumbprint: bytes, source: str, login: str) -> None:
        names = [_of_device(thumbprint)] + [_of_source(source)] * (not self._gate.is_spared(source))
        for name in names:
            tried = self._remember(name, login)
            self._gate.penalize(name, 0.0, self._clock())
            if tried >= SPRAYED_LOGINS:
                self._alarm("spraying", name, thumbprint, source)

    def _remember(self, name: str, login: str) -> int:
        """Return on how many logins somebody failed since all was forgiven; it is not counted past the alarm."""
        if not self._gate.faults_left(name, self._clock()):
            self._forget(name)
        if name not in self._logins and len(self._logins) >= MAX_REMEMBERED:
            self._forget(next(iter(self._logins)))
        known = self._logins.setdefault(name, set())
        if login and len(known) < SPRAYED_LOGINS:
            known.add(login)
        return len(known)

    def _forget(self, name: str) -> None:
        self._logins.pop(name, None)
        self._alarmed.discard(name)

    def _alarm(self, cause: str, name: str, thumbprint: bytes, source: str) -> None:
        """Tell it once of each, until all is forgiven."""
        if name not in self._alarmed:
            self._alarmed.add(name)
            logins = len(self._logins.get(name, ()))
            log.warning("login.alarm", cause=cause, certificate=thumbprint.hex(), source=source, logins=logins)


def _of_device(thumbprint: bytes) -> str:
    return f"guesses of {thumbprint.hex()}"


def _of_source(source: str) -> str:
    return f"guesses from {source}"
