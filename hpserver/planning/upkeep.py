"""When a base in service is packed: once a day, while nobody edits, part by part. Knows revisions, no clock.

Moments are monotonic seconds. A new day begins with each server: what the former one packed is not there any more.
"""

from typing import Final

QUIET_SECONDS: Final = 5.0
"""Without an edit for so long: who edits does so every few seconds, and a part takes some milliseconds at most."""

EVERY_SECONDS: Final = 86_400.0
"""Rows grow old by the day (`hpserver/store/policy.py`): to look more often would find nothing."""


class Upkeep:
    """The days of one base in service: `may_work`, `began`, the part, `ended`; again until a part finds nothing."""

    def __init__(self) -> None:
        self.rows = 0
        """Rows packed by the parts of this day so far."""
        self._head = -1
        self._changed_at = self._not_before = float("-inf")
        self._working = False

    def may_work(self, head: int, durable: int, now: float) -> bool:
        """Tell whether a part may be packed now: no edit is on its way to the disk or was made of late."""
        if head != self._head:
            self._head, self._changed_at = head, now
        is_quiet = head == durable and now - self._changed_at >= QUIET_SECONDS
        return is_quiet and not self._working and now >= self._not_before

    def began(self) -> None:
        """Know that a part is being packed."""
        self._working = True

    def ended(self, rows: int, now: float) -> int:
        """Know that a part had so many rows: when none, the day is done, and its rows are returned."""
        self._working = False
        self.rows += rows
        if rows:
            return 0
        done, self.rows = self.rows, 0
        self._not_before = now + EVERY_SECONDS
        return done
