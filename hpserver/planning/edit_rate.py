"""How fast a base is edited. Knows revisions and instants."""

from collections import deque
from typing import Final

MINUTE: Final = 60.0

LOOK_SECONDS: Final = 1.0
"""Looks that are kept are so far apart: sixty of them, however often it is looked."""


class EditRate:
    """The edits of the last minute."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, int]] = deque()

    def look(self, now: float, revision: int) -> int:
        """Return how many revisions there were in the last minute, or since the first look. `now` in seconds."""
        if not self._seen or now - self._seen[-1][0] >= LOOK_SECONDS:
            self._seen.append((now, revision))
        while len(self._seen) > 1 and self._seen[1][0] <= now - MINUTE:
            self._seen.popleft()
        return revision - self._seen[0][1]
