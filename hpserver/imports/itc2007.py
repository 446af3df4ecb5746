"""From a curriculum-based problem (ITC-2007 track 3) to a base: one activity per lecture. Reads bytes only."""

from collections.abc import Iterator, Sequence
from typing import Any

from hpserver.base.grid import MAX_DAY_MINUTES, Grid
from hpserver.base.model import MAX_MANY, MAX_REFS
from hpserver.costs.ud_timetable import DAYS_RULE, DOUBLE_RULE, LEAST_RULE, MOST_RULE, SUITABLE_RULE
from hpserver.imports.draft import Draft
from hpserver.imports.itc2007_text import Assignment, Course, Instance, parse, parse_solution
from hpserver.imports.result import Imported
from hpserver.imports.school import first_monday_of_september

PERIOD_MINUTES = 60
"""The format has no hours: a period is taken as one, shorter when a day has more than 24."""
DAY_START = 8 * 60

MIN_DAYS_WEIGHT = 5
"""Cost of a missing working day in the specification of the competition."""
ASKED_WEIGHT = 1
"""Cost of each breach of what the extended format asks, as in UD4, the formulation that has the most of it."""


def read_itc2007(data: bytes, year: int, solution: bytes | None = None) -> Imported:
    """Read a `.ctt` or `.ectt`, placed as a `.sol` says if one is given, for the first week of September of `year`.

    A course is a subject and one activity per lecture (code `<course>/<number>`); a curriculum is a cohort and a
    curriculum; the students of a course are what its activities expect. Raises ImportRefusedError, line and column.
    """
    instance = parse(data)
    placed = parse_solution(solution, instance) if solution is not None else ()
    return _Writer(instance, placed).write(year)


class _Writer:
    def __init__(self, instance: Instance, placed: Sequence[Assignment]) -> None:
        self._instance = instance
        self._draft = Draft("itc2007")
        self._draft.title = instance.name
        self._placed: dict[str, list[Assignment]] = {}
        for one in placed:
            self._placed.setdefault(one.course, []).append(one)
        self._solved = bool(placed)
        self._activities: dict[str, tuple[int, ...]] = {}

    def write(self, year: int) -> Imported:
        instance, draft = self._instance, self._draft
        sites = {room.building: draft.maybe_named("site", room.building) for room in instance.rooms}
        self._subjects = {course.name: draft.named("subject", course.name) for course in instance.courses}
        self._teachers = {course.teacher: draft.named("instructor", course.teacher) for course in instance.courses}
        self._cohorts = {name: draft.named("cohort", name) for name, _ in instance.curricula}
        self._rooms = {
            room.name: draft.named("room", room.name, capacity=room.capacity, site=sites[room.building])
            for room in instance.rooms
        }
        self._minutes = minutes = min(PERIOD_MINUTES, MAX_DAY_MINUTES // instance.periods)
        self._curricula(minutes)
        self._courses()
        self._availabilities()
        self._constraints()
        days = (1 << instance.days) - 1
        return draft.finish(Grid(first_monday_of_september(year), 1, days, instance.periods, minutes, 1, DAY_START))

    def _curricula(self, minutes: int) -> None:
        lectures = {course.name: course.lectures for course in self._instance.courses}
        for name, members in self._instance.curricula:
            key = self._draft.row("curriculum", name=name, cohort=self._cohorts[name])
            for member in members:
                taught = minutes * lectures[member]
                self._draft.row("curriculum_item", curriculum=key, subject=self._subjects[member], minutes=taught)

    def _courses(self) -> None:
        followed: dict[str, list[int]] = {}
        for name, members in self._instance.curricula:
            for member in members:
                followed.setdefault(member, []).append(self._cohorts[name])
        for course in self._instance.courses:
            fields = self._who(course.name, followed.get(course.name, []))
            self._activities[course.name] = self._lectures(course, fields)

    def _who(self, course: str, cohorts: list[int]) -> dict[str, Any]:
        """Return the cohorts of a course: named one by one, or in combined groups when they are too many."""
        if len(cohorts) <= MAX_REFS:
            return {"cohorts": tuple(cohorts)}
        parts = [tuple(cohorts[start : start + MAX_REFS]) for start in range(0, len(cohorts), MAX_REFS)]
        names = [f"{course} ({number})" for number in range(1, len(parts) + 1)]
        rows = zip(names, parts, strict=True)
        combined = [self._draft.row("combined_group", name=name, cohorts=part) for name, part in rows]
        return {"combined": self._draft.references("combined", tuple(combined))}

    def _lectures(self, course: Course, fields: dict[str, Any]) -> tuple[int, ...]:
        placed = self._placed.get(course.name, [])
        if not course.lectures:
            self._draft.note(0, "course without lectures, kept as a subject", course.name)
        if self._solved and len(placed) < course.lectures:
            self._draft.note(0, "lectures that the solution does not place", course.name)
        return tuple(
            self._draft.activity(
                subject=self._subjects[course.name],
                weeks=1,
                instructors=(self._teachers[course.teacher],),
                code=f"{course.name}/{number + 1}",
                students=course.students,
                **fields,
                **self._where(placed[number] if number < len(placed) else None),
            )
            for number in range(course.lectures)
        )

    def _where(self, one: Assignment | None) -> dict[str, Any]:
        return {} if one is None else {"place": self._place(one.day, one.period), "rooms": (self._rooms[one.room],)}

    def _availabilities(self) -> None:
        for course, day, period in dict.fromkeys(self._instance.unavailable):
            place = self._place(day, period)
            self._draft.row("availability", level="impossible", place=place, weeks=1, subject=self._subjects[course])

    def _constraints(self) -> None:
        instance = self._instance
        for course in instance.courses:
            lectures = self._activities[course.name]
            if course.min_days and lectures:
                self._ask(DAYS_RULE, MIN_DAYS_WEIGHT, parameters=(("limit", course.min_days),), activities=lectures)
        if not instance.extended:
            return
        daily = ((LEAST_RULE, instance.min_daily), (MOST_RULE, instance.max_daily))
        for rule, periods in daily:
            for cohorts in _pieces(list(self._cohorts.values())):
                self._ask(rule, parameters=(("minutes", periods * self._minutes),), cohorts=cohorts)
        for subjects in _pieces([self._subjects[course.name] for course in instance.courses if course.double]):
            self._ask(DOUBLE_RULE, subjects=subjects)
        unsuitable: dict[str, list[int]] = {}
        for name, room in dict.fromkeys(instance.unsuitable):
            unsuitable.setdefault(name, []).append(self._rooms[room])
        for name, rooms in unsuitable.items():
            for some in _pieces(rooms):
                self._ask(SUITABLE_RULE, subjects=(self._subjects[name],), rooms=some)

    def _ask(self, rule: str, weight: int = ASKED_WEIGHT, **fields: Any) -> None:
        self._draft.row("constraint", rule=rule, hard=False, weight=weight, **fields)

    def _place(self, day: int, period: int) -> int:
        return day * self._instance.periods + period


def _pieces(keys: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """Yield keys, as many at a time as a list of a constraint holds; one empty piece when there are none."""
    for start in range(0, len(keys), MAX_MANY):
        yield tuple(keys[start : start + MAX_MANY])
