"""How long a password is good: what the school wishes, and passwords that were given to be changed. Knows no clock.

Instants are Unix seconds: these are dates for people. Nothing that keeps a guesser out hangs on them.
"""

from dataclasses import dataclass
from typing import Final, Literal

DAY: Final = 86_400.0

ONE_TIME_SECONDS: Final = 7 * DAY
"""Life of a password that somebody else has chosen (ASVS 6.4.1)."""

ONE_TIME_USE_SECONDS: Final = 600.0
"""Life of such a password from the moment it was first right: time to choose one's own, also after a broken line."""

MIN_DAYS: Final = 1
MAX_DAYS: Final = 3650
"""Days after which a school may want another password."""

Renewal = Literal["none", "notify", "force"]
"""What becomes of an old password: nothing, its user is told at each sign-in, or it must be changed to come in."""

Age = Literal["good", "old", "change", "over"]
"""Of a right password: it lets in; it does and its user is told; it must be changed first; it lets nobody in."""


@dataclass(frozen=True, slots=True)
class Written:
    """What is kept of a password beside its hash. `one_time_until` is 0 for one that its user has chosen."""

    set_at: float
    must_change: bool = False
    one_time_until: float = 0.0


def age(written: Written, now: float, renewal: Renewal = "none", days: int = MAX_DAYS) -> Age:
    """Say what a right password is worth now."""
    if written.one_time_until and now >= written.one_time_until:
        return "over"
    if written.must_change or written.one_time_until:
        return "change"
    if renewal == "none" or now - written.set_at < days * DAY:
        return "good"
    return "change" if renewal == "force" else "old"


def used(written: Written, now: float) -> float:
    """Return until when a one-time password is good, now that it was right: it never becomes longer."""
    return min(written.one_time_until, now + ONE_TIME_USE_SECONDS)
