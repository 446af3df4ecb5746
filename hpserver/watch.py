"""The watch of a controller: how many wrong guesses a device and an address may make, whatever the account.

It compares nothing, and knows no account. A device that a user has registered answers for itself alone: whoever guesses
at the same address does not keep it waiting.
"""

import math
from collections.abc import Callable
from typing import Any, Final, Protocol

import structlog

from hpserver.errors import BadCodeError, BadCredentialsError, BadPinError, EnrolmentRefusedError, LockedError
from hpserver.net.gate import Gate
from hpserver.routing import stimuli as st

SPRAYED_LOGINS: Final = 10
"""Logins failed on from one device or address, not all forgiven yet: more than the people at one machine."""

MAX_REMEMBERED: Final = 4096
"""Devices and addresses whose logins are remembered at a time."""

REFUSED_GUESSES: Final = {
    kind.code for kind in (BadCredentialsError, BadPinError, BadCodeError, LockedError, EnrolmentRefusedError)
}
"""Codes of the errors that answer somebody's guess."""

log = structlog.get_logger()


class Answering(Protocol):
    """The desk, which spends, compares and looks up."""

    async def answer(self, effect: Any) -> st.Stimulus:
        """Return the fact that was asked for. Raises HPError."""

    async def is_registered(self, thumbprint: bytes) -> bool:
        """Whether some user has registered the device with that certificate."""


class Watch:
    """Counts in the books of the gate, under names of its own. `clock` gives monotonic seconds."""

    def __init__(self, gate: Gate, desk: Answering, clock: Callable[[], float]) -> None:
        self._gate, self._desk, self._clock = gate, desk, clock
        self._logins: dict[str, set[str]] = {}
        self._alarmed: set[str] = set()

    async def answer(self, effect: Any, thumbprint: bytes, source: str) -> st.Stimulus:
        """Have the desk answer somebody's guess, unless too many were wrong from there, and count a wrong one.

        Raises LockedError with the seconds to wait, when nothing was spent and nothing compared, and as the desk.
        """
        await self._refuse_too_many(thumbprint, source)
        try:
            stimulus = await self._desk.answer(effect)
        except (BadCredentialsError, BadPinError, LockedError):
            self._count(thumbprint, source, effect)
            raise
        if not _is_right(stimulus):
            self._count(thumbprint, source, effect)
        return stimulus

    async def _refuse_too_many(self, thumbprint: bytes, source: str) -> None:
        now, device = self._clock(), _of_device(thumbprint)
        wait, name = self._gate.rate_wait(device, now), device
        if not wait:
            name = _of_source(source)
            wait = self._gate.rate_wait(name, now)
            if not wait or await self._desk.is_registered(thumbprint):
                return
        self._alarm("rate", name, thumbprint, source)
        raise LockedError("Too many failures from here.", seconds=math.ceil(wait))

    def _count(self, thumbprint: bytes, source: str, effect: Any) -> None:
        names = [_of_device(thumbprint)] + [_of_source(source)] * (not self._gate.is_spared(source))
        for name in names:
            tried = self._remember(name, getattr(effect, "login", ""))
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


def _is_right(stimulus: st.Stimulus) -> bool:
    match stimulus:
        case st.PasswordChecked():
            return stimulus.facts.enabled and stimulus.facts.password_right
        case st.PinChecked() | st.CodeChecked() | st.PasswordProved():
            return stimulus.right
    return True
