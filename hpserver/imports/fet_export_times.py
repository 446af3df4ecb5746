"""When people and rooms are not there, as FET says it. Reads a base, writes elements."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, TypeAlias, cast

import msgspec

from hpserver.base.grid import DAYS_IN_WEEK, Grid
from hpserver.base.model import Availability
from hpserver.base.planning import Planning
from hpserver.base.wording import DAYS, hour
from hpserver.imports.fet_export_names import Names
from hpserver.imports.fet_export_rules import SURE
from hpserver.imports.fet_export_weeks import Weeks
from hpserver.imports.fet_export_xml import constraint, tag

_OWNERS: Final = {"instructor": ("Teacher", "Teacher"), "room": ("Room", "Room"),
                  "cohort": ("StudentsSet", "Students"), "group": ("StudentsSet", "Students")}  # fmt: skip


class Slots:
    """Days and hours of a file by their names."""

    def __init__(self, grid: Grid, weeks: Weeks) -> None:
        self._grid, self.weeks = grid, weeks
        self._days = [day for day in range(DAYS_IN_WEEK) if grid.works_on(day)]

    def days(self) -> list[str]:
        """Return the names of the days of the file."""
        return [self._day(week, day) for week in range(self.weeks.cycle) for day in self._days]

    def hours(self) -> list[str]:
        """Return the names of the hours: when each begins."""
        return [self._hour(step) for step in range(self._grid.steps_per_day)]

    def at(self, week: int, place: int) -> tuple[str, str]:
        """Return the day and the hour of a place in a week of the file."""
        day, step = self._grid.day_and_step(place)
        return self._day(week, day), self._hour(step)

    def holds(self, place: int) -> bool:
        """Say whether a place is on a day of the file."""
        return place // self._grid.steps_per_day in self._days

    def comes_after(self, block: "Block", last: "Block") -> bool:
        """Say whether times come after others, and not right after them on their day: they would be read as one."""
        if block.week != last.week:
            return block.week > last.week
        return block.place > last.end or (block.place == last.end and block.place % self._grid.steps_per_day == 0)

    def _day(self, week: int, day: int) -> str:
        return DAYS["fr"][day] if self.weeks.cycle == 1 else f"{DAYS['fr'][day]} {week + 1}"

    def _hour(self, step: int) -> str:
        return hour(self._grid.minutes_of(step))


class Block(msgspec.Struct, frozen=True):
    """Times in a row in one week of the file."""

    week: int
    place: int
    end: int

    def slots(self) -> Iterator[tuple[int, int]]:
        """Yield the weeks and places."""
        return ((self.week, place) for place in range(self.place, self.end))


class Times:
    """Writes when nobody is taught, and when somebody or something is not there."""

    def __init__(self, planning: Planning, names: Names, slots: Slots) -> None:
        self._names, self._slots = names, slots
        self._rows = cast(Mapping[int, Availability], dict(sorted(planning.rows("availability").items())))
        self._breaks = self._common()
        self._run: list[Block] = []
        self._about: _About | None = None
        self.time: list[str] = []
        self.space: list[str] = []

    def take(self) -> int:
        """Write them; return how many availabilities FET has no word for."""
        left, written = 0, False
        for row in self._rows.values():
            owner, blocks = _owner(row), self._blocks(row)
            if owner[0] == "subject" and blocks and self._breaks.issuperset(_slots(blocks)):
                self._end()
                if not written:
                    self._write_breaks(row.memo)
                written = True
            elif owner[0] in _OWNERS and blocks:
                for block in blocks:
                    self._add((*owner, row.memo), block)
            else:
                left += 1
        self._end()
        return left

    def _blocks(self, row: Availability) -> list[Block]:
        """Return what the file says of a row, nothing when it cannot say all of it."""
        weeks = self._slots.weeks
        if row.level != "impossible" or not self._slots.holds(row.place) or not weeks.says(row.weeks):
            return []
        return [Block(week, row.place, row.place + row.steps) for week in weeks.within(row.weeks)]

    def _common(self) -> set[tuple[int, int]]:
        """Return the times at which no subject at all is available: nobody teaches then."""
        times = {key: set[tuple[int, int]]() for key in self._names.of("subject")}
        for row in self._rows.values():
            if row.subject is not None:
                times[row.subject].update(_slots(self._blocks(row)))
        return set.intersection(*times.values()) if times else set()

    def _write_breaks(self, memo: str) -> None:
        inner = self._named_slots("Break_Time", sorted(self._breaks))
        self.time.append(constraint("BreakTimes", SURE, inner, memo))

    def _add(self, about: "_About", block: Block) -> None:
        """Take times into the constraint that is being written, or begin another one: times go on, with a gap."""
        last = self._run[-1] if self._run else None
        if last is not None and (about != self._about or not self._slots.comes_after(block, last)):
            self._end()
        self._about = about
        self._run.append(block)

    def _end(self) -> None:
        if self._about is not None:
            kind, key, memo = self._about
            who, element = _OWNERS[kind]
            inner = tag(element, self._names.of(kind)[key]) + self._named_slots("Not_Available_Time", _slots(self._run))
            where = self.space if kind == "room" else self.time
            where.append(constraint(f"{who}NotAvailableTimes", SURE, inner, memo))
        self._run, self._about = [], None

    def _named_slots(self, element: str, slots: Iterable[tuple[int, int]]) -> str:
        each = [self._slots.at(week, place) for week, place in slots]
        times = "".join(f"<{element}>{tag('Day', day)}{tag('Hour', when)}</{element}>" for day, when in each)
        return tag(f"Number_of_{element}s", len(each)) + times


_About: TypeAlias = tuple[str, int, str]
"""Whose times: kind and key, and the memo."""


def _slots(blocks: Iterable[Block]) -> Iterator[tuple[int, int]]:
    return (slot for block in blocks for slot in block.slots())


def _owner(row: Availability) -> tuple[str, int]:
    return next((kind, getattr(row, kind)) for kind in row.one_of if getattr(row, kind) is not None)
