"""Who is in one process: told to those who ask, and ended when it is time. Knows no planning and no directory."""

from collections.abc import Callable, Mapping
from typing import Final

from hpserver.administration.paging import page
from hpserver.errors import CertificateRefusedError, TooSlowError
from hpserver.identity.sessions import FOREVER, Attendance, Attendant, SessionLimits, lasted, replaced, was_idle
from hpserver.net.dialogue import Dialogue
from hpserver.protocol import messages as m
from hpserver.protocol.internal import Inside, InsideNow
from hpserver.protocol.limits import LOGIN_SECONDS

BY_ITSELF: Final = frozenset[type[m.Message]]({m.Ping, m.Pong, m.Cancel, m.Hello, m.Enter, m.FetchSnapshot, m.Follow})
"""What a program says with nobody before it: to be there, to come back, to follow. All else a person has asked for."""

ASK_AGAIN_SECONDS: Final = 5.0
"""Between two looks at who does nothing here and may be at work elsewhere."""


class Attending:
    """The sessions of a place: "" is the controller, otherwise it is a planning."""

    def __init__(self, place: str, dialogues: Mapping[int, Dialogue]) -> None:
        self._place, self._dialogues = place, dialogues
        self._attendance = Attendance()
        self._connected_at: dict[int, float] = {}

    @property
    def limits(self) -> SessionLimits:
        """What the school wishes."""
        return self._attendance.limits

    @limits.setter
    def limits(self, limits: SessionLimits) -> None:
        self._attendance.limits = limits

    def connected(self, number: int, now: float) -> None:
        """Know of somebody who is not in yet."""
        self._connected_at[number] = now

    def came(self, number: int, who: tuple[int, str, str], now: float, ends: float = FOREVER) -> None:
        """Know of a session of (user, login, profile), and end the oldest of the user's that are too many now."""
        self._connected_at.pop(number, None)
        for old in self._attendance.came(Attendant(number, *who, now, now, ends)):
            self._dialogues[old].fail(replaced(self.limits.sessions))

    def heard(self, number: int, kind: type[m.Message], now: float) -> None:
        """Know what was said: a person is there, unless programs say it by themselves."""
        if kind not in BY_ITSELF:
            self._attendance.did(number, now)

    def is_at_work(self, number: int, now: float) -> None:
        """Know that somebody is there, though nothing was said here."""
        self._attendance.did(number, now)

    def end_untrusted(self, identify: Callable[[bytes], object]) -> None:
        """End the sessions, and the conversations of who is not in yet, whose certificate is good no longer."""
        for dialogue in list(self._dialogues.values()):
            try:
                identify(dialogue.arrival.peer_der)
            except CertificateRefusedError as error:
                dialogue.fail(error)

    def left(self, number: int) -> None:
        """Know that a session is gone."""
        self._connected_at.pop(number, None)
        self._attendance.left(number)

    def holds(self, number: int, user: int) -> bool:
        """Return whether that session is here, and is that user's."""
        one = self._attendance.get(number)
        return one is not None and one.user == user and not self._dialogues[number].is_over

    def page(self, request: int, after: int, now: float, at_ms: int) -> InsideNow:
        """Answer `GetSessions`: as many as fit a packet."""
        return InsideNow(request, *page(self.rows(now, at_ms, after)))

    def look(self, now: float) -> list[int]:
        """End whose time is over: to come in, to be answered, to say something, to be here. Answers as the next one."""
        for number, dialogue in list(self._dialogues.items()):
            if number not in self._connected_at:
                dialogue.expire(now)
                dialogue.look_at_silence()
            elif now - self._connected_at[number] > LOGIN_SECONDS:
                dialogue.fail(TooSlowError(f"No ticket was spent within {LOGIN_SECONDS:.0f} seconds."))
        return self.end_those_over(now)

    def end_those_over(self, now: float) -> list[int]:
        """End the sessions that have lasted their time; those where nobody does anything, to be looked at."""
        for one in list(self._attendance.over(now)):
            self._dialogues[one.number].fail(lasted())
        return [one.number for one in self._attendance.idle(now)]

    def end_idle(self, number: int, now: float, *, is_display: bool = False) -> None:
        """End a session where nobody does anything, unless it only shows what is there, as a display on a wall does."""
        if is_display:
            self.is_at_work(number, now)
            return
        dialogue = self._dialogues.get(number)
        if dialogue is not None:
            dialogue.fail(was_idle())

    def look_later(self, number: int, now: float) -> None:
        """Look again in a moment at a session where nobody does anything."""
        self._attendance.did(number, now - self.limits.idle_seconds + ASK_AGAIN_SECONDS)

    def rows(self, now: float, at_ms: int, after: int = 0) -> list[Inside]:
        """Return who is here, those after a number, in order; `at_ms` is what the clock on the wall says now.

        Whoever was told to go is here no more, however long the link takes to close.
        """
        return [
            Inside(
                self._place, one.number, one.user, one.login, self._dialogues[one.number].thumbprint,
                self._dialogues[one.number].arrival.source, at_ms - int((now - one.since) * 1000),
                at_ms - int((now - one.active) * 1000), one.profile,
            )
            for one in sorted(self._attendance.all(), key=lambda one: one.number)
            if one.number > after and not self._dialogues[one.number].is_over
        ]  # fmt: skip
