"""One week of a base as the formulations of curriculum-based timetabling see it. Counts nothing."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import TypeAlias, cast

import msgspec

from hpserver.base.model import Activity, Availability, CombinedGroup, Constraint, CurriculumItem, Group, Room
from hpserver.base.occupancy import place_of
from hpserver.base.planning import Planning
from hpserver.base.weeks import each_week

DAYS_RULE = "working_days"
LEAST_RULE, MOST_RULE = "daily_minimum", "daily_maximum"
DOUBLE_RULE = "grouped_lectures"
SUITABLE_RULE = "unsuitable_rooms"
"""Rules whose rows state what the formulations ask."""

Course: TypeAlias = tuple[str, int]
"""A subject by its key; an activity of no subject is a course of its own."""
Who: TypeAlias = tuple[str, int]
"""A teacher or a curriculum, by its key."""

_NO_LIMIT = 10**9
"""More lectures than a day has."""


class Lecture(msgspec.Struct, frozen=True):
    """A lecture of a course; one of several steps is several periods of the same lecture."""

    course: Course
    periods: range
    people: frozenset[Who]
    rooms: tuple[int, ...]
    students: int


class Taught(msgspec.Struct):
    """The lectures of a course in a week."""

    key: Course
    by_period: dict[int, list[Lecture]] = {}
    rooms: set[int] = set()

    def periods(self) -> Iterator[int]:
        """Yield the period of each of its lectures, as often as it has lectures in it."""
        for period, lectures in self.by_period.items():
            yield from [period] * len(lectures)


class Timetable:
    """A week: lectures by course, period, room and curriculum; what is asked of them."""

    def __init__(self, asked: "_Asked", week: int) -> None:
        self._asked = asked
        self.periods = asked.planning.grid.steps_per_day
        self.unplaced = 0
        self.lectures: list[Lecture] = []
        self.courses: dict[Course, Taught] = {}
        self.by_period: dict[int, list[Lecture]] = {}
        self.by_room: dict[tuple[int, int], list[Lecture]] = {}
        self.curricula: dict[Who, Counter[int]] = {}
        self.unavailable = asked.unavailable(week)
        self.min_days = asked.min_days
        self.daily = asked.daily
        self.grouped = asked.grouped
        self.unsuitable = asked.unsuitable

    def add(self, lecture: Lecture) -> None:
        """Take a lecture in."""
        self.lectures.append(lecture)
        taught = self.courses.setdefault(lecture.course, Taught(lecture.course))
        taught.rooms.update(lecture.rooms)
        for period in lecture.periods:
            taught.by_period.setdefault(period, []).append(lecture)
            self.by_period.setdefault(period, []).append(lecture)
            for room in lecture.rooms:
                self.by_room.setdefault((room, period), []).append(lecture)
            for who in lecture.people:
                if who[0] != "instructor":
                    self.curricula.setdefault(who, Counter())[period] += 1

    def course_without_period(self, course: Course) -> None:
        """Take note of a lecture that has no period."""
        self.unplaced += 1
        self.courses.setdefault(course, Taught(course))

    def follows(self, period: int, taken: Mapping[int, int]) -> bool:
        """Say whether the period before one, on the same day, is taken."""
        return period % self.periods > 0 and period - 1 in taken

    def precedes(self, period: int, taken: Mapping[int, int]) -> bool:
        """Say whether the period after one, on the same day, is taken."""
        return (period + 1) % self.periods > 0 and period + 1 in taken

    def per_day(self, curriculum: Mapping[int, int]) -> list[int]:
        """Return the lectures of each day that has some."""
        days: Counter[int] = Counter()
        for period, count in curriculum.items():
            days[period // self.periods] += count
        return list(days.values())

    def capacity(self, lecture: Lecture) -> int:
        """Return the seats of the rooms of a lecture."""
        return sum(self._asked.rooms[room].capacity for room in lecture.rooms)

    def sites(self, curriculum: Who, period: int) -> list[int | None]:
        """Return the building of each lecture of a curriculum in a period that is in a room."""
        lectures = (one for one in self.by_period.get(period, []) if curriculum in one.people and one.rooms)
        return [self._asked.rooms[one.rooms[0]].site for one in lectures]


def timetables(planning: Planning) -> list[Timetable]:
    """Return the weeks of a base that have lectures."""
    asked = _Asked(planning)
    weeks: dict[int, Timetable] = {}
    for key, activity in _activities(planning):
        meetings = planning.meetings_of(key)
        for number in each_week(activity.weeks):
            meeting = meetings.get(number)
            if meeting is not None and meeting.cancelled:
                continue
            if number not in weeks:
                weeks[number] = Timetable(asked, number)
            course = asked.course(key, activity)
            place = activity.place if meeting is None else place_of(activity, meeting)
            if place is None:
                weeks[number].course_without_period(course)
                continue
            rooms = activity.rooms if meeting is None or meeting.rooms is None else meeting.rooms
            teachers = activity.instructors if meeting is None or meeting.instructors is None else meeting.instructors
            people = asked.curricula(activity) | {("instructor", teacher) for teacher in teachers}
            periods = range(place, place + activity.duration)
            weeks[number].add(Lecture(course, periods, people, rooms, planning.index.headcount(key)))
    return [weeks[number] for number in sorted(weeks)]


def _activities(planning: Planning) -> list[tuple[int, Activity]]:
    return sorted(cast(Mapping[int, Activity], planning.rows("activity")).items())


class _Asked:
    """What a base asks of its lectures, the same in every week but availability."""

    def __init__(self, planning: Planning) -> None:
        self.planning = planning
        self.rooms = cast(Mapping[int, Room], planning.rows("room"))
        self._followed: dict[int, set[Who]] = {}
        for item in cast(Mapping[int, CurriculumItem], planning.rows("curriculum_item")).values():
            self._followed.setdefault(item.subject, set()).add(("curriculum", item.curriculum))
        self._by_curricula = bool(planning.rows("curriculum"))
        self.min_days: dict[Course, int] = {}
        self.daily = (0, _NO_LIMIT)
        self._minutes = planning.grid.step_minutes
        self.grouped: set[Course] = set()
        self.unsuitable: set[tuple[Course, int]] = set()
        for row in cast(Mapping[int, Constraint], planning.rows("constraint")).values():
            self._read(row)

    def course(self, key: int, activity: Activity) -> Course:
        return ("activity", key) if activity.subject is None else ("subject", activity.subject)

    def curricula(self, activity: Activity) -> frozenset[Who]:
        if self._by_curricula:
            return frozenset(self._followed.get(activity.subject or 0, ()))
        return frozenset(("cohort", key) for key in self._cohorts(activity))

    def unavailable(self, week: int) -> set[tuple[Course, int]]:
        """Return when courses cannot be taught, be it for themselves or for who teaches them."""
        found: set[tuple[Course, int]] = set()
        for row in cast(Mapping[int, Availability], self.planning.rows("availability")).values():
            if row.level == "impossible" and row.weeks >> week & 1:
                for course in self._about(row):
                    found.update((course, period) for period in range(row.place, row.place + row.steps))
        return found

    def _about(self, row: Availability) -> set[Course]:
        if row.subject is not None:
            return {("subject", row.subject)}
        if row.instructor is None:
            return set()
        return {self.course(key, one) for key, one in _activities(self.planning) if row.instructor in one.instructors}

    def _cohorts(self, activity: Activity) -> Iterator[int]:
        groups, cohorts = list(activity.groups), list(activity.cohorts)
        for key in activity.combined:
            row = cast(CombinedGroup, self.planning.get("combined_group", key))
            groups += row.groups
            cohorts += row.cohorts
        yield from cohorts
        yield from (cast(Group, self.planning.get("group", key)).cohort for key in groups)

    def _read(self, row: Constraint) -> None:
        parameters = dict(row.parameters)
        subjects: list[Course] = [("subject", key) for key in row.subjects]
        low, high = self.daily
        if row.rule == DAYS_RULE:
            activities = ((key, cast(Activity, self.planning.get("activity", key))) for key in row.activities)
            courses = dict.fromkeys(self.course(key, one) for key, one in activities)
            self.min_days.update(dict.fromkeys(courses, parameters.get("limit", 0)))
        elif row.rule == LEAST_RULE:
            self.daily = -(-parameters.get("minutes", 0) // self._minutes), high
        elif row.rule == MOST_RULE:
            self.daily = low, parameters.get("minutes", _NO_LIMIT) // self._minutes
        elif row.rule == DOUBLE_RULE:
            self.grouped.update(subjects)
        elif row.rule == SUITABLE_RULE:
            self.unsuitable.update((subject, room) for subject in subjects for room in row.rooms)
