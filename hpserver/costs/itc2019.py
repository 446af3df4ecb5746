"""The cost of a timetable as ITC-2019 counts it: times, rooms, constraints, students. Knows no file and no base."""

from collections import Counter
from collections.abc import Iterator
from itertools import combinations

from hpserver.costs.figures import Cost, Item
from hpserver.costs.itc2019_problem import Config, Course, Problem, Solution, Time
from hpserver.costs.itc2019_rules import BY_WEEK, PAIRS, At, broken_pairs, excess

HARD = ("unplaced", "time_domain", "room_domain", "room_taken", "room_closed", "required", "enrolment")
"""What must not happen."""


def cost(problem: Problem, solution: Solution) -> Cost:
    """Return what a solution costs, part by part.

    The `count` of a soft part is its penalty before the weight of the part. What must not happen is counted: classes
    nowhere, a time or a room that a class may not have, a room that is taken or closed, required constraints by the
    pair (or by what is too much), students without a class they need, in one they do not, or one too many.
    """
    return _Counter(problem, solution).cost()


class _Counter:
    def __init__(self, problem: Problem, solution: Solution) -> None:
        self._problem = problem
        self._solution = solution
        self._at: dict[str, At] = {}
        self._time = self._room = 0
        self._hard: Counter[str] = Counter()

    def cost(self) -> Cost:
        for section in self._problem.sections:
            self._place(section)
        self._rooms()
        soft = self._distributions()
        conflicts = self._students()
        weights = self._problem.weights
        hard = tuple(Item(name, self._hard[name], hard=True) for name in HARD)
        soft_items = (
            Item("time", self._time, weights.time),
            Item("room", self._room, weights.room),
            Item("distribution", soft, weights.distribution),
            Item("student", conflicts, weights.student),
        )
        return Cost("itc2019", hard + soft_items)

    def _place(self, name: str) -> None:
        section, placed = self._problem.sections[name], self._solution.placed.get(name)
        if placed is None:
            self._hard["unplaced"] += 1
            return
        times = {time.when(): time for time in section.times}
        time = None if placed.scattered else times.get((placed.days, placed.start, placed.weeks))
        if time is None:
            self._hard["time_domain"] += 1
            length = section.times[0].length if section.times else 0
            time = Time(placed.days, placed.start, length, placed.weeks)
        self._time += time.penalty
        if section.needs_room and placed.room in section.rooms:
            self._room += section.rooms[placed.room]
        else:
            self._hard["room_domain"] += section.needs_room or placed.room is not None
        self._at[name] = At(time, placed.room)

    def _rooms(self) -> None:
        users: dict[str, list[Time]] = {}
        for at in self._at.values():
            if at.room is not None:
                users.setdefault(at.room, []).append(at.time)
        for room, times in users.items():
            closed = self._problem.rooms[room].unavailable
            self._hard["room_closed"] += sum(any(time.overlaps(never) for never in closed) for time in times)
            self._hard["room_taken"] += sum(one.overlaps(other) for one, other in combinations(times, 2))

    def _distributions(self) -> int:
        found = 0
        for one in self._problem.distributions:
            classes = [self._at[name] for name in one.sections if name in self._at]
            count = (broken_pairs if one.type in PAIRS else excess)(self._problem, one.type, classes, one.parameters)
            if one.required:
                self._hard["required"] += count
            else:
                found += one.penalty * count // (self._problem.weeks if one.type in BY_WEEK else 1)
        return found

    def _students(self) -> int:
        taken: dict[str, list[str]] = {name: [] for name in self._problem.students}
        for name, placed in self._solution.placed.items():
            limit = self._problem.sections[name].limit
            if limit is not None:
                self._hard["enrolment"] += max(0, len(placed.students) - limit)
            for student in placed.students:
                taken.setdefault(student, []).append(name)
        courses = {course.id: course for course in self._problem.courses}
        for student, wanted in self._problem.students.items():
            self._hard["enrolment"] += self._missing([courses[name] for name in wanted], set(taken[student]))
        kept = PAIRS["SameAttendees"]
        return sum(
            not kept(self._problem, self._at[one], self._at[other], ())
            for names in taken.values()
            for one, other in combinations([name for name in names if name in self._at], 2)
        )

    def _missing(self, courses: list[Course], taken: set[str]) -> int:
        """Return how many classes a student lacks or has too many, and how many without the one they go with."""
        found, asked = 0, set[str]()
        for course in courses:
            if course.configs:
                wrong, best = min((self._wrong(config, taken), index) for index, config in enumerate(course.configs))
                asked.update(_names(course.configs[best]))
                found += wrong
        return found + len(taken - asked)

    def _wrong(self, config: Config, taken: set[str]) -> int:
        found = 0
        for subpart in config.subparts:
            mine = [name for name in subpart.sections if name in taken]
            parents = [self._problem.sections[name].parent for name in mine]
            found += abs(len(mine) - 1) + sum(parent is not None and parent not in taken for parent in parents)
        return found


def _names(config: Config) -> Iterator[str]:
    for subpart in config.subparts:
        yield from subpart.sections
