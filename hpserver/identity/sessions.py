"""How long sessions last and how many a user has: who is here, since when, and who has to go. It knows no clock."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from hpserver.errors import SessionEndedError

MOST_HOURS: Final = 12
"""Life of a session whatever it does (NIST SP 800-63B, AAL2; ASVS 7.3.2). A school may wish less, never more."""

IDLE_MINUTES: Final = 60
"""Life of a session in which nobody does anything (ASVS 7.3.1; NIST SP 800-63B rev. 4, AAL2: at most an hour)."""

MOST_SESSIONS: Final = 5
"""Sessions of one user at the controller, and in each planning (ASVS 7.1.2): the oldest goes when another comes."""

FOREVER: Final = float("inf")


@dataclass(frozen=True, slots=True)
class SessionLimits:
    """What a school wishes: hours in all, minutes without a request of a person, sessions at once; 0 for no limit.

    `most_seconds` and `most_idle_seconds` are what the operator allows at most.
    """

    hours: int = MOST_HOURS
    idle_minutes: int = IDLE_MINUTES
    sessions: int = MOST_SESSIONS
    most_seconds: float = MOST_HOURS * 3600.0
    most_idle_seconds: float = FOREVER

    @property
    def seconds(self) -> float:
        """Life of a session."""
        return min((self.hours or MOST_HOURS) * 3600.0, self.most_seconds)

    @property
    def idle_seconds(self) -> float:
        """Life of a session in which nobody does anything."""
        return min(self.idle_minutes * 60.0 or FOREVER, self.most_idle_seconds)


@dataclass(slots=True)
class Attendant:
    """One session of a user. Moments are monotonic seconds: it came, a person last did something, it ends."""

    number: int
    user: int
    login: str
    profile: str
    since: float
    active: float
    ends: float


class Attendance:
    """The sessions of one process, for those who ask and for their limits."""

    def __init__(self) -> None:
        self.limits = SessionLimits()
        self._here: dict[int, Attendant] = {}

    def came(self, one: Attendant) -> list[int]:
        """Know of one more; the sessions of the same user that are too many now, oldest first."""
        self._here[one.number], user = one, one.user
        theirs = [number for number, other in self._here.items() if other.user == user]
        return theirs[: -self.limits.sessions] if self.limits.sessions else []

    def did(self, number: int, now: float) -> None:
        """Know that a person did something in a session."""
        one = self._here.get(number)
        if one is not None:
            one.active = now

    def left(self, number: int) -> None:
        """Know that a session is gone; nothing happens when it never was."""
        self._here.pop(number, None)

    def get(self, number: int) -> Attendant | None:
        """Return a session that is here."""
        return self._here.get(number)

    def all(self) -> list[Attendant]:
        """Return who is here, in the order they came."""
        return list(self._here.values())

    def over(self, now: float) -> Iterator[Attendant]:
        """Return the sessions that have lasted their time."""
        return (one for one in self.all() if now >= one.ends)

    def idle(self, now: float) -> Iterator[Attendant]:
        """Return the sessions in which nobody has done anything for too long, and that are not over."""
        last = now - self.limits.idle_seconds
        return (one for one in self.all() if now < one.ends and one.active <= last)


def lasted() -> SessionEndedError:
    """Tell who was here for as long as anybody may be."""
    return SessionEndedError("The session has lasted its time.", cause="time")


def was_idle() -> SessionEndedError:
    """Tell who has done nothing for too long."""
    return SessionEndedError("Nothing was done in this session for too long.", cause="idle")


def replaced(most: int) -> SessionEndedError:
    """Tell who has too many sessions, in the oldest one."""
    return SessionEndedError(f"This user has more than {most} sessions: the oldest one was closed.", cause="replaced")


def sent_away() -> SessionEndedError:
    """Tell whose session was closed by its user elsewhere, or by an administrator."""
    return SessionEndedError("This session was closed, by you elsewhere or by an administrator.", cause="closed")
