"""Which weeks of a base a FET file holds: all of them when they repeat, else one. Reads a base, writes nothing."""

from collections.abc import Mapping
from typing import Final, cast

import msgspec

from hpserver.base.grid import Grid
from hpserver.base.model import Activity, Meeting, meeting_key
from hpserver.base.planning import Planning
from hpserver.errors import ExportRefusedError

MAX_DAYS: Final = 35
"""Days of a file: the bound of FET itself (`MAX_DAYS_PER_WEEK` in its sources)."""


class Weeks(msgspec.Struct, frozen=True):
    """The weeks of a file: the masks of those of the base that each of them stands for."""

    patterns: tuple[int, ...]
    chosen: int | None = None
    """The index of the week of the base that is written, when the others are like none of the file."""

    @property
    def cycle(self) -> int:
        """How many weeks the file has."""
        return len(self.patterns)

    def within(self, weeks: int) -> list[int]:
        """Return the weeks of the file that are wholly among some weeks of the base."""
        return [number for number, pattern in enumerate(self.patterns) if weeks & pattern == pattern]

    def says(self, weeks: int) -> bool:
        """Say whether the file has these weeks of the base: when it is one of several, that one; else all of them."""
        if self.chosen is not None:
            return bool(self.within(weeks))
        found = 0
        for number in self.within(weeks):
            found |= self.patterns[number]
        return found == weeks


def weeks_of(planning: Planning, week: int | None) -> Weeks:
    """Return the weeks to write: `week` (index from 0), else the cycle in which all repeats, else the fullest one.

    A cycle is written when each activity is in one of its weeks, as when it was read from a file. Raises
    ExportRefusedError when there is no such week.
    """
    grid = planning.grid
    if week is not None and not 0 <= week < grid.weeks:
        raise ExportRefusedError(f"week {week + 1}: the base has weeks 1 to {grid.weeks}")
    taken = {row.weeks for row in _activities(planning).values() if row.weeks}
    days = grid.days.bit_count()
    cycles = (
        range(1, max(1, min(grid.weeks, MAX_DAYS // days)) + 1) if week is None and not planning.rows("meeting") else ()
    )
    for cycle in cycles:
        patterns = patterns_of(grid, cycle)
        if taken <= set(patterns):
            return Weeks(patterns)
    chosen = _fullest(planning) if week is None else week
    return Weeks((1 << chosen,), chosen)


def patterns_of(grid: Grid, cycle: int) -> tuple[int, ...]:
    """Return the weeks of the grid in which each week of a cycle comes."""
    return tuple(sum(1 << week for week in range(first, grid.weeks, cycle)) for first in range(cycle))


def held(planning: Planning, weeks: Weeks) -> tuple[dict[int, Activity], int]:
    """Return the activities of a file as they are in its weeks, and how many meetings differ elsewhere.

    Those that are in no week at all are kept: FET calls them inactive.
    """
    found: dict[int, Activity] = {}
    meetings = cast(Mapping[int, Meeting], planning.rows("meeting"))
    said = 0
    for key, row in sorted(_activities(planning).items()):
        if row.weeks and not weeks.within(row.weeks):
            continue
        meeting = None if weeks.chosen is None else meetings.get(meeting_key(key, weeks.chosen))
        said += meeting is not None
        if meeting is None or not meeting.cancelled:
            found[key] = row if meeting is None else _as_in(row, meeting)
    return found, len(meetings) - said


def _as_in(row: Activity, meeting: Meeting) -> Activity:
    changed = {name: getattr(meeting, name) for name in ("place", "instructors", "rooms")}
    return msgspec.structs.replace(row, **{name: value for name, value in changed.items() if value is not None})


def _fullest(planning: Planning) -> int:
    count = [0] * planning.grid.weeks
    for row in _activities(planning).values():
        for week in range(planning.grid.weeks):
            count[week] += row.weeks >> week & 1
    return count.index(max(count))


def _activities(planning: Planning) -> Mapping[int, Activity]:
    return cast(Mapping[int, Activity], planning.rows("activity"))
