"""When to begin a commit: whoever writes alone at once, a crowd together. Knows sessions and moments, no clock.

In a crowd, everybody writes again as soon as the last commit is told. The first to do so would go alone, and all others
would wait for the disk behind one transaction: half of the commits would carry next to nothing (measured).
"""

from typing import Final

CROWD: Final = 4
"""Writers from which a commit waits for the others: a few people never wait for each other."""

MAX_PATIENCE: Final = 0.005
"""Seconds a commit waits at most, and never longer than the last one took."""

MEMORY: Final = 10
"""Commits' time after which who wrote last no longer counts: people stop."""


class Pace:
    """The rhythm of the writers of one planning. Moments are monotonic seconds."""

    def __init__(self) -> None:
        self._writing: set[int] = set()
        self._last: set[int] = set()
        self._crowd: set[int] = set()
        self._started_at = self._ended_at = float("-inf")
        self._took = 0.0

    def wrote(self, session: int) -> None:
        """Know that a session has a transaction in the next commit."""
        self._writing.add(session)

    def started(self, now: float) -> None:
        """Know that the commit of all who wrote begins."""
        self._crowd = self._last | self._writing
        self._last, self._writing = self._writing, set()
        self._started_at = now

    def ended(self, now: float) -> None:
        """Know that it is on disk."""
        self._took = now - self._started_at
        self._ended_at = now

    def patience(self, now: float) -> float:
        """Seconds to wait for those who wrote with the last two commits; 0 when nobody, or not a crowd, is missing."""
        forgotten = now - self._ended_at > MEMORY * self._took
        if len(self._crowd) < CROWD or forgotten or self._writing >= self._crowd:
            return 0.0
        return min(self._took, MAX_PATIENCE)
