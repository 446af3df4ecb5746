"""A base as a problem of ITC-2019 and the solution that it holds now. Reads a base, knows no file.

A series is a class, a subject a course; a cohort with the code of a subject has the students who ask for it. What a
problem cannot say of the base is counted, by what it is.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Final, TypeVar, cast

import msgspec

from hpserver.base.grid import MAX_DAY_MINUTES, Grid
from hpserver.base.model import (
    Activity,
    Availability,
    Cohort,
    Constraint,
    Criterion,
    Membership,
    PossibleRoom,
    PossibleTime,
    Room,
    Row,
    Series,
    Student,
)
from hpserver.base.planning import Planning
from hpserver.costs import itc2019_problem as itc
from hpserver.costs.itc2019_problem import Placed, Problem, Solution, Time
from hpserver.costs.itc2019_types import type_of

MAX_ID: Final = 48
"""Characters of an id of the format."""

_ID: Final = re.compile(rf"[^\s/\x00-\x1f\x7f]{{1,{MAX_ID}}}")
_HELD: Final = frozenset(
    {"subject", "cohort", "student", "membership", "room", "site", "travel_time", "series", "activity", "criterion",
     "possible_time", "possible_room", "combined_group", "availability", "constraint", "room_pool"}
)  # fmt: skip
"""Kinds of which a problem or its solution says something; what it does not is counted row by row."""
_RowT = TypeVar("_RowT", bound=Row)


class Held(msgspec.Struct, frozen=True):
    """What a base holds as a problem: `left` counts what it does not say."""

    problem: Problem
    solution: Solution
    left: dict[str, int]


def held(planning: Planning, name: str = "") -> Held:
    """Return the problem that a base is, and its solution: where its classes are and who is in them."""
    return _Reader(planning).read(name)


class _Reader:
    def __init__(self, planning: Planning) -> None:
        self._planning, self._grid = planning, planning.grid
        self._left: Counter[str] = Counter()
        self._rooms = ids_of(self._rows("room", Room))
        self._series = ids_of(self._rows("series", Series))
        self._students = ids_of(self._rows("student", Student))
        self._courses = ids_of(self._rows("subject", Row))
        self._slots = slots_of(self._grid)

    def read(self, name: str) -> Held:
        sections = self._sections()
        problem = Problem(
            name, self._grid.weeks, self._grid.days.bit_length(), self._slots.count, self._weights(), self._all_rooms(),
            tuple(self._configured()), sections, tuple(self._distributions()), self._wanted(),
        )  # fmt: skip
        solution = Solution(dict(self._placed(sections)))
        for kind, count in self._planning.counts().items():
            self._left[kind] += count if kind not in _HELD else 0
        return Held(problem, solution, {what: count for what, count in self._left.items() if count})

    def _rows(self, kind: str, _of: type[_RowT]) -> dict[int, _RowT]:
        return cast("dict[int, _RowT]", dict(sorted(self._planning.rows(kind).items())))

    def _weights(self) -> itc.Weights:
        return itc.Weights(**{row.part: row.weight for row in self._rows("criterion", Criterion).values()})

    # --- rooms ----------------------------------------------------------------------------------------------

    def _all_rooms(self) -> dict[str, itc.Room]:
        closed = self._closed()
        return {
            self._rooms[key]: itc.Room(
                self._rooms[key], row.capacity, dict(self._travel(row)), tuple(closed.get(key, ()))
            )
            for key, row in self._rows("room", Room).items()
        }

    def _travel(self, row: Room) -> Iterator[tuple[str, int]]:
        """Yield the slots it takes to go to each room of another site: a way back that takes none is said too."""
        index = self._planning.index
        if row.site is None or not index.table("travel_time"):
            return
        for other, room in self._rows("room", Room).items():
            if room.site is not None and room.site != row.site:
                there, back = index.travel(row.site, room.site), index.travel(room.site, row.site)
                if there or back:
                    yield self._rooms[other], -(-there // self._grid.step_minutes)

    def _closed(self) -> dict[int, list[Time]]:
        found: dict[int, list[Time]] = {}
        for row in self._rows("availability", Availability).values():
            if row.room is None or row.level != "impossible":
                self._left["availability"] += 1
            else:
                day, start = self._slots.at(row.place)
                found.setdefault(row.room, []).append(Time(1 << day, start, row.steps, row.weeks))
        return found

    # --- courses and classes --------------------------------------------------------------------------------

    def _configured(self) -> Iterator[itc.Course]:
        """Yield the courses with their configurations, subparts and classes, each where its first class is."""
        made: dict[int, dict[str, dict[str, list[str]]]] = {key: {} for key in self._courses}
        for key, row in self._rows("series", Series).items():
            if row.subject is None:
                self._left["series without a subject"] += 1
                continue
            configuration = made[row.subject].setdefault(row.configuration, {})
            configuration.setdefault(row.subpart, []).append(self._series[key])
        configs, subparts = _Once(), _Once()
        for key, some in made.items():
            yield itc.Course(
                self._courses[key],
                tuple(
                    itc.Config(
                        configs.of(name),
                        tuple(itc.Subpart(subparts.of(part), tuple(classes)) for part, classes in parts.items()),
                    )
                    for name, parts in some.items()
                ),
            )

    def _sections(self) -> dict[str, itc.Section]:
        times: dict[int, list[Time]] = {}
        for time in self._rows("possible_time", PossibleTime).values():
            if time.series is None:
                self._left["possible time of one activity"] += 1
            else:
                day, start = self._slots.at(time.place)
                weeks = time.weeks or self._grid.all_weeks
                times.setdefault(time.series, []).append(
                    Time(time.days | 1 << day, start, time.steps, weeks, time.penalty)
                )
        rooms: dict[int, dict[str, int]] = {}
        for room in self._rows("possible_room", PossibleRoom).values():
            if room.series is None:
                self._left["possible room of one activity"] += 1
            else:
                rooms.setdefault(room.series, {})[self._rooms[room.room]] = room.penalty
        return {
            self._series[key]: itc.Section(
                self._series[key], row.limit, None if row.parent is None else self._series[row.parent], row.needs_room,
                rooms.get(key, {}), tuple(times.get(key, ())),
            )
            for key, row in self._rows("series", Series).items()
            if row.subject is not None
        }  # fmt: skip

    def _distributions(self) -> Iterator[itc.Distribution]:
        for row in self._rows("constraint", Constraint).values():
            found = type_of(row, self._grid.step_minutes)
            if found is None:
                self._left[f"constraint {row.rule}"] += 1
            else:
                names = tuple(self._series[key] for key in row.series)
                yield itc.Distribution(found[0], names, row.hard, 0 if row.hard else row.weight, found[1])

    # --- students -------------------------------------------------------------------------------------------

    def _wanted(self) -> dict[str, tuple[str, ...]]:
        """Return the courses that students ask for: those with the codes of their cohorts."""
        known = {course: course for course in self._courses.values()}
        cohorts = {key: known.get(row.code) for key, row in self._rows("cohort", Cohort).items()}
        self._left["cohort that is no course"] += sum(course is None for course in cohorts.values())
        found: dict[str, list[str]] = {name: [] for name in self._students.values()}
        for row in self._rows("membership", Membership).values():
            course = None if row.cohort is None else cohorts[row.cohort]
            if course is not None:
                found[self._students[row.student]].append(course)
            self._left["membership"] += row.combined is None and course is None
        return {name: tuple(dict.fromkeys(courses)) for name, courses in found.items()}

    # --- the solution ---------------------------------------------------------------------------------------

    def _placed(self, sections: Mapping[str, itc.Section]) -> Iterator[tuple[str, Placed]]:
        parts: dict[int, list[Activity]] = {}
        for row in self._rows("activity", Activity).values():
            if row.series is None:
                self._left["activity of no series"] += 1
            else:
                parts.setdefault(row.series, []).append(row)
        attending: dict[int, list[str]] = {}
        for one in self._rows("membership", Membership).values():
            if one.combined is not None:
                attending.setdefault(one.combined, []).append(self._students[one.student])
        for key, series in self._rows("series", Series).items():
            name, rows = self._series[key], parts.get(key, [])
            if name in sections and rows and all(row.place is not None for row in rows):
                students = () if series.combined is None else tuple(attending.get(series.combined, ()))
                yield name, self._one(rows, sections[name], students)

    def _one(self, rows: list[Activity], section: itc.Section, students: tuple[str, ...]) -> Placed:
        """Return a class from its activities, one per day."""
        days, hours, rooms = 0, set[tuple[int, int, int]](), set[tuple[int, ...]]()
        for row in rows:
            day, start = self._slots.at(cast(int, row.place))
            days |= 1 << day
            hours.add((start, row.weeks, row.duration))
            rooms.add(row.rooms)
        start, weeks, length = min(hours)
        room = min(rooms)
        same = {time.length for time in section.times if time.when() == (days, start, weeks)}
        scattered = len(hours) > 1 or len(rooms) > 1 or len(room) > 1 or days.bit_count() != len(rows)
        scattered |= bool(same) and length not in same
        return Placed(days, start, weeks, self._rooms[room[0]] if room else None, students, scattered)


class Slots(msgspec.Struct, frozen=True):
    """The slots of a day: how many, and where those of a grid begin among them."""

    grid: Grid
    count: int
    first: int

    def at(self, place: int) -> tuple[int, int]:
        """Return the day and the slot of a place."""
        day, step = self.grid.day_and_step(place)
        return day, step + self.first


def slots_of(grid: Grid) -> Slots:
    """Return the slots of a grid: its steps from midnight, those before its day begins with them."""
    if not grid.day_start:
        return Slots(grid, grid.steps_per_day, 0)
    first = grid.day_start // grid.step_minutes
    return Slots(grid, max(MAX_DAY_MINUTES // grid.step_minutes, first + grid.steps_per_day), first)


def ids_of(rows: Mapping[int, Row]) -> dict[int, str]:
    """Return an id of the format for each row, by key: its code or its name, or what is left of them and its key."""
    once = _Once()
    return {key: once.of(getattr(row, "code", "") or getattr(row, "name", ""), key) for key, row in rows.items()}


class _Once:
    """Gives ids, no two the same."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def of(self, text: str, key: int = 0) -> str:
        """Return an id for a text: the text itself when it is one and free."""
        found = text if _ID.fullmatch(text) else re.sub(r"[\s/\x00-\x1f\x7f]+", "-", text)[:MAX_ID].strip("-")
        number = key or len(self._taken) + 1
        while not found or found in self._taken:
            found = f"{found[: MAX_ID - 20]}-{number}" if found else f"{number}"
            number += 1
        self._taken.add(found)
        return found
