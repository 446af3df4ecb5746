"""The cost of a timetable by the formulations UD1 to UD5 of curriculum-based timetabling. Knows no file.

UD2 is that of ITC-2007 track 3. Weights: Bonutti, De Cesco, Di Gaspero, Schaerf, "Benchmarking curriculum-based course
timetabling", 2012, table 1.
"""

from collections.abc import Callable
from itertools import pairwise

from hpserver.base.planning import Planning
from hpserver.costs.figures import Cost, Item
from hpserver.costs.ud_timetable import Lecture, Timetable, timetables

HARD = None
"""Weight of what must not happen."""

FORMULATIONS: dict[str, dict[str, int | None]] = {
    "ud1": {"room_capacity": 1, "minimum_working_days": 5, "isolated_lectures": 1},
    "ud2": {"room_capacity": 1, "minimum_working_days": 5, "isolated_lectures": 2, "room_stability": 1},
    "ud3": {"room_capacity": 1, "windows": 4, "student_min_max_load": 2, "room_suitability": 3},
    "ud4": {
        "room_capacity": 1,
        "minimum_working_days": 1,
        "windows": 1,
        "student_min_max_load": 1,
        "room_suitability": HARD,
        "double_lectures": 1,
    },
    "ud5": {
        "room_capacity": 1,
        "minimum_working_days": 5,
        "isolated_lectures": 1,
        "windows": 2,
        "student_min_max_load": 2,
        "travel_distance": 2,
    },
}
"""Formulation -> what it counts beside the four rules that all have, and what each breach costs."""


def cost(planning: Planning, formulation: str = "ud2") -> Cost:
    """Return the cost of a base by a formulation; that of several weeks is the sum of theirs.

    A curriculum is one of the base, or a cohort when the base has none. Raises KeyError on another formulation.
    """
    weights = FORMULATIONS[formulation]
    weeks = timetables(planning)
    items = [Item(name, sum(map(count, weeks)), hard=True) for name, count in _ALWAYS.items()]
    for name, weight in weights.items():
        items.append(Item(name, sum(map(_SOFT[name], weeks)), weight or 0, hard=weight is HARD))
    return Cost(formulation, tuple(items))


# --- what must not happen -----------------------------------------------------------------------------------


def _lectures(week: Timetable) -> int:
    """Lectures that have no period, and those of a course in a period where it has one already."""
    return week.unplaced + sum(
        len(lectures) - 1 for course in week.courses.values() for lectures in course.by_period.values()
    )


def _conflicts(week: Timetable) -> int:
    """Pairs of lectures of different courses in a period, with a curriculum or a teacher in common."""
    return sum(_pairs(lectures) for lectures in week.by_period.values())


def _pairs(lectures: list[Lecture]) -> int:
    found = 0
    for index, one in enumerate(lectures):
        found += sum(
            one.course != other.course and not one.people.isdisjoint(other.people) for other in lectures[:index]
        )
    return found


def _room_occupation(week: Timetable) -> int:
    """Lectures in a room and a period where another is already."""
    return sum(max(0, len(lectures) - 1) for lectures in week.by_room.values())


def _availability(week: Timetable) -> int:
    """Lectures in a period where their course cannot be taught."""
    return sum(
        (course.key, period) in week.unavailable for course in week.courses.values() for period in course.periods()
    )


# --- what costs ---------------------------------------------------------------------------------------------


def _room_capacity(week: Timetable) -> int:
    """Students without a seat, lecture by lecture."""
    return sum(max(0, one.students - week.capacity(one)) for one in week.lectures if one.rooms)


def _minimum_working_days(week: Timetable) -> int:
    """Days that a course is short of."""
    return sum(
        max(0, days - len({period // week.periods for period in week.courses[course].by_period}))
        for course, days in week.min_days.items()
        if course in week.courses
    )


def _isolated_lectures(week: Timetable) -> int:
    """Lectures of a curriculum with none of it just before or after them on the day."""
    return sum(
        count
        for curriculum in week.curricula.values()
        for period, count in curriculum.items()
        if not (week.follows(period, curriculum) or week.precedes(period, curriculum))
    )


def _room_stability(week: Timetable) -> int:
    """Rooms of a course beyond its first."""
    return sum(max(0, len(course.rooms) - 1) for course in week.courses.values())


def _windows(week: Timetable) -> int:
    """Free periods between two lectures of a curriculum on a day."""
    found = 0
    for curriculum in week.curricula.values():
        for before, after in pairwise(sorted(curriculum)):
            if before // week.periods == after // week.periods:
                found += after - before - 1
    return found


def _student_min_max_load(week: Timetable) -> int:
    """Lectures of a curriculum missing or too many on the days it has some."""
    low, high = week.daily
    return sum(
        max(0, low - count, count - high)
        for curriculum in week.curricula.values()
        for count in week.per_day(curriculum)
    )


def _travel_distance(week: Timetable) -> int:
    """Times a curriculum changes building from one period to the next."""
    found = 0
    for curriculum, counts in week.curricula.items():
        for period in counts:
            if week.precedes(period, counts):
                here, there = week.sites(curriculum, period), week.sites(curriculum, period + 1)
                found += sum(one != other for one in here for other in there)
    return found


def _room_suitability(week: Timetable) -> int:
    """Lectures in a room that does not suit their course."""
    return sum((one.course, room) in week.unsuitable for one in week.lectures for room in one.rooms)


def _double_lectures(week: Timetable) -> int:
    """Lectures, of a course whose lectures of a day are to be grouped, next to none of them in the same room."""
    return sum(_alone(week, course.by_period) for key, course in week.courses.items() if key in week.grouped)


def _alone(week: Timetable, by_period: dict[int, list[Lecture]]) -> int:
    days: dict[int, list[tuple[int, Lecture]]] = {}
    for period, lectures in by_period.items():
        days.setdefault(period // week.periods, []).extend((period, one) for one in lectures)
    return sum(
        not any(abs(period - other) == 1 and one.rooms == two.rooms for other, two in day)
        for day in days.values()
        if len(day) > 1
        for period, one in day
    )


_ALWAYS: dict[str, Callable[[Timetable], int]] = {
    "lectures": _lectures,
    "conflicts": _conflicts,
    "room_occupation": _room_occupation,
    "availability": _availability,
}

_SOFT: dict[str, Callable[[Timetable], int]] = {
    "room_capacity": _room_capacity,
    "minimum_working_days": _minimum_working_days,
    "isolated_lectures": _isolated_lectures,
    "room_stability": _room_stability,
    "windows": _windows,
    "student_min_max_load": _student_min_max_load,
    "travel_distance": _travel_distance,
    "room_suitability": _room_suitability,
    "double_lectures": _double_lectures,
}
