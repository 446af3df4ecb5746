"""How a base's past is kept: which rows stay plain, which snapshots stay. Pure; moments are UTC milliseconds."""

from collections.abc import Iterable
from typing import Final

DAY_MS: Final = 86_400_000

PLAIN_DAYS: Final = 30
"""Rows younger than this stay readable with plain SQL: what people look up is of these weeks."""

PLAIN_ROWS: Final = 4_000
"""The newest rows stay plain whatever their age: twice what a start remembers."""

NEWEST_SNAPSHOTS: Final = 2
"""The newest snapshot, and the one before it."""

DAILY_DAYS: Final = 7
"""For a week back, the last snapshot of each day stays."""

WEEKLY_DAYS: Final = 56
"""For eight weeks back, the last one of each week; before that the last one of each month."""

MONTH_DAYS: Final = 28
"""Four weeks: a month of a timetable."""

Snapshot = tuple[int, int]
"""Revision of a snapshot, and when its transaction was accepted."""


def kept_snapshots(snapshots: Iterable[Snapshot], now_ms: int) -> set[int]:
    """The revisions of the snapshots to keep: the first of the base, the newest, and ever fewer of older times."""
    newest_first = sorted(snapshots, reverse=True)
    kept = {revision for revision, _ in newest_first if revision == 0}
    kept |= {revision for revision, _ in newest_first[:NEWEST_SNAPSHOTS]}
    periods = set[tuple[int, int]]()
    for revision, at in newest_first:
        period = _period(at, now_ms)
        if period not in periods:
            periods.add(period)
            kept.add(revision)
    return kept


def packable(head: int, old: int) -> int:
    """The last revision that may be packed: `old` is the last one older than `PLAIN_DAYS`."""
    return max(0, min(old, head - PLAIN_ROWS))


def _period(at: int, now_ms: int) -> tuple[int, int]:
    age = now_ms - at
    days = 1 if age < DAILY_DAYS * DAY_MS else 7 if age < WEEKLY_DAYS * DAY_MS else MONTH_DAYS
    return days, at // (days * DAY_MS)
