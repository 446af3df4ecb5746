"""After which errors a client connects again, and when. Pure: time and chance come in."""

from typing import Final

from hpserver.errors import (
    BusyError,
    ConnectionLostError,
    DeadlineExceededError,
    FencedError,
    GoingAwayError,
    HPError,
    LockedError,
    OutcomeUnknownError,
    PlanningNotInServiceError,
    ResyncNeededError,
    TicketRefusedError,
    TooSlowError,
)

FIRST_SECONDS: Final = 0.5
"""Seconds at most before the first new attempt: a planning server is back half a second after a crash."""

MOST_SECONDS: Final = 60.0
"""Seconds at most before any new attempt; what a server asks for comes on top."""

MOST_ANNOUNCED: Final = 900.0
"""Seconds that a server may ask for: the longest lock of a login. Beyond, it is taken for a mistake."""

COMES_BACK: Final = (
    BusyError,
    ConnectionLostError,
    DeadlineExceededError,
    FencedError,
    GoingAwayError,
    LockedError,
    OutcomeUnknownError,
    PlanningNotInServiceError,
    ResyncNeededError,
    TicketRefusedError,
    TooSlowError,
)
"""After these, connecting again may work without a person; after anything else it would not."""


def comes_back(error: HPError) -> bool:
    """Whether to connect again. A login that only an administrator can unlock is not waited for."""
    return isinstance(error, COMES_BACK) and not (isinstance(error, LockedError) and not announced(error))


def announced(error: HPError) -> float:
    """Return the seconds that the server asked to wait, 0 when it asked for nothing."""
    seconds = error.details.get("seconds", 0)
    return min(MOST_ANNOUNCED, max(0.0, float(seconds))) if isinstance(seconds, int) else 0.0


def pause(attempt: int, draw: float, asked: float = 0.0) -> float:
    """Return the seconds to wait before attempt `attempt` (0 is the first), for a `draw` in [0, 1).

    Full jitter: uniform between nothing and a ceiling that doubles from half a second to a minute, so that the clients
    of a server that restarts come back spread out; and never before what the server `asked` for.
    """
    return asked + draw * min(MOST_SECONDS, FIRST_SECONDS * 2.0 ** min(attempt, 16))
