"""ITC-2019 problems and solutions from XML. Knows no base."""

import re
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import msgspec

from hpserver.base.grid import DAYS_IN_WEEK, MAX_STEPS_PER_DAY
from hpserver.base.weeks import MAX_WEEKS
from hpserver.costs.itc2019_problem import (
    DISTRIBUTIONS,
    Config,
    Course,
    Distribution,
    Placed,
    Problem,
    Room,
    Section,
    Solution,
    Subpart,
    Time,
    Weights,
)
from hpserver.imports.itc2019_xml import MAX_NUMBER, Element, read

_TYPE = re.compile(r"([A-Za-z]{1,32})(?:\(([0-9]{1,6})(?:,([0-9]{1,6}))?\))?")


def parse_problem(data: bytes) -> Problem:
    """Read a problem, gzipped or not. Raises ImportRefusedError, with line and column."""
    builder = _Problem()
    read(data, "problem", builder.start)
    return builder.finish()


def parse_solution(data: bytes, problem: Problem) -> Solution:
    """Read a solution of a problem. Raises ImportRefusedError, also when it is one of another problem."""
    builder = _Solution(problem)
    read(data, "solution", builder.start)
    return builder.finish()


class _Problem:
    """Collects elements into mutable lists; `finish` makes the values."""

    def __init__(self) -> None:
        self._head: dict[str, Any] = {}
        self._weights = Weights()
        self._rooms: dict[str, tuple[int, dict[str, int], list[Time]]] = {}
        self._courses: dict[str, dict[str, dict[str, list[str]]]] = {}
        self._sections: dict[str, dict[str, Any]] = {}
        self._distributions: list[tuple[dict[str, Any], list[str]]] = []
        self._students: dict[str, list[str]] = {}
        self._ids: dict[str, set[str]] = {"config": set(), "subpart": set()}
        self._later: list[tuple[Element, str]] = []
        self._last = Element("problem", {}, 1, 1)

    def start(self, around: tuple[str, ...], element: Element) -> None:
        self._last = element
        path = "/".join((*around[1:], element.name))
        if path not in self._HANDLERS:
            element.refuse("such an element has no place here")
        handler = self._HANDLERS[path]
        if handler is not None:
            handler(self, element)

    def finish(self) -> Problem:
        for element, attribute in self._later:
            element.known(attribute, self._rooms if attribute == "room" else self._sections, attribute)
        return Problem(
            **self._head,
            weights=self._weights,
            rooms={key: Room(key, size, travel, tuple(never)) for key, (size, travel, never) in self._rooms.items()},
            courses=tuple(Course(key, tuple(_configs(configs))) for key, configs in self._courses.items()),
            sections={
                key: Section(**{**fields, "times": tuple(fields["times"])}) for key, fields in self._sections.items()
            },
            distributions=tuple(
                Distribution(**fields, sections=tuple(dict.fromkeys(names))) for fields, names in self._distributions
            ),
            students={key: tuple(dict.fromkeys(wanted)) for key, wanted in self._students.items()},
        )

    def _on_problem(self, element: Element) -> None:
        self._head = {
            "name": element.attributes.get("name", "")[:200],
            "weeks": element.number("nrWeeks", 1, MAX_WEEKS),
            "days": element.number("nrDays", 1, DAYS_IN_WEEK),
            "slots": element.number("slotsPerDay", 1, MAX_STEPS_PER_DAY),
        }

    def _on_optimization(self, element: Element) -> None:
        names = ("time", "room", "distribution", "student")
        self._weights = Weights(*(element.number(name, default=0) for name in names))

    def _on_room(self, element: Element) -> None:
        key = _new(element, self._rooms)
        self._rooms[key] = element.number("capacity"), {}, []

    def _on_travel(self, element: Element) -> None:
        _, travel, _ = _latest(self._rooms)
        self._later.append((element, "room"))
        travel[element.id("room")] = element.number("value")

    def _on_unavailable(self, element: Element) -> None:
        longest = self._head["slots"] - element.number("start", 0, self._head["slots"] - 1)
        time = self._time(element, MAX_NUMBER)  # a room may be closed past the end of the day
        _latest(self._rooms)[2].append(msgspec.structs.replace(time, length=min(time.length, longest)))

    def _on_course(self, element: Element) -> None:
        self._courses[_new(element, self._courses)] = {}

    def _on_config(self, element: Element) -> None:
        _latest(self._courses)[_new(element, self._ids["config"])] = {}

    def _on_subpart(self, element: Element) -> None:
        _latest(_latest(self._courses))[_new(element, self._ids["subpart"])] = []

    def _on_class(self, element: Element) -> None:
        key = _new(element, self._sections)
        _latest(_latest(_latest(self._courses))).append(key)
        parent = element.attributes.get("parent")
        if parent is not None:
            self._later.append((element, "parent"))
        self._sections[key] = {
            "id": key,
            "limit": element.number("limit") if "limit" in element.attributes else None,
            "parent": parent,
            "needs_room": element.truth("room", default=True),
            "rooms": {},
            "times": [],
        }

    def _on_class_room(self, element: Element) -> None:
        room = element.known("id", self._rooms, "room")
        _latest(self._sections)["rooms"][room] = element.number("penalty", default=0)

    def _on_time(self, element: Element) -> None:
        _latest(self._sections)["times"].append(self._time(element))

    def _on_distribution(self, element: Element) -> None:
        match = _TYPE.fullmatch(element.text("type"))
        if match is None or match[1] not in DISTRIBUTIONS:
            element.refuse("such a type of constraint does not exist")
        parameters = tuple(int(value) for value in match.groups()[1:] if value is not None)
        if len(parameters) != DISTRIBUTIONS[match[1]]:
            element.refuse(f"{match[1]} has {DISTRIBUTIONS[match[1]]} numbers")
        required = element.truth("required", default=False)
        penalty = 0 if required else element.number("penalty")
        fields = {"type": match[1], "required": required, "penalty": penalty, "parameters": parameters}
        self._distributions.append((fields, []))

    def _on_distribution_class(self, element: Element) -> None:
        self._distributions[-1][1].append(element.known("id", self._sections, "class"))

    def _on_student(self, element: Element) -> None:
        self._students[_new(element, self._students)] = []

    def _on_student_course(self, element: Element) -> None:
        _latest(self._students).append(element.known("id", self._courses, "course"))

    def _time(self, element: Element, longest: int = 0) -> Time:
        slots = self._head["slots"]
        start = element.number("start", 0, slots - 1)
        return Time(
            days=element.bits("days", self._head["days"]),
            start=start,
            length=element.number("length", 1, longest or slots - start),
            weeks=element.bits("weeks", self._head["weeks"]),
            penalty=element.number("penalty", default=0),
        )

    _HANDLERS: ClassVar[dict[str, Callable[["_Problem", Element], None] | None]] = {
        "problem": _on_problem,
        "optimization": _on_optimization,
        **dict.fromkeys(("rooms", "courses", "distributions", "students"), None),
        "rooms/room": _on_room,
        "rooms/room/travel": _on_travel,
        "rooms/room/unavailable": _on_unavailable,
        "courses/course": _on_course,
        "courses/course/config": _on_config,
        "courses/course/config/subpart": _on_subpart,
        "courses/course/config/subpart/class": _on_class,
        "courses/course/config/subpart/class/room": _on_class_room,
        "courses/course/config/subpart/class/time": _on_time,
        "distributions/distribution": _on_distribution,
        "distributions/distribution/class": _on_distribution_class,
        "students/student": _on_student,
        "students/student/course": _on_student_course,
    }


class _Solution:
    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        self._placed: dict[str, tuple[Placed, list[str]]] = {}

    def start(self, around: tuple[str, ...], element: Element) -> None:
        if not around and element.attributes.get("name", self._problem.name) != self._problem.name:
            element.refuse("this is the solution of another problem")
        elif around == ("solution",) and element.name == "class":
            self._class(element)
        elif around == ("solution", "class") and element.name == "student":
            students = _latest(self._placed)[1]
            student = element.known("id", self._problem.students, "student")
            if student in students:
                element.refuse(f"the student {student} is there twice")
            students.append(student)

    def finish(self) -> Solution:
        return Solution(
            {
                key: Placed(placed.days, placed.start, placed.weeks, placed.room, tuple(students))
                for key, (placed, students) in self._placed.items()
            }
        )

    def _class(self, element: Element) -> None:
        key = element.known("id", self._problem.sections, "class")
        if key in self._placed:
            element.refuse(f"the class {key} is there twice")
        if "days" not in element.attributes:  # the competition takes solutions in which a class has no time yet
            element.refuse("a class of a solution has its days")
        placed = Placed(
            days=element.bits("days", self._problem.days),
            start=element.number("start", 0, self._problem.slots - 1),
            weeks=element.bits("weeks", self._problem.weeks),
            room=element.known("room", self._problem.rooms, "room") if "room" in element.attributes else None,
        )
        self._placed[key] = placed, []


def _configs(configs: dict[str, dict[str, list[str]]]) -> Iterator[Config]:
    for key, subparts in configs.items():
        yield Config(key, tuple(Subpart(name, tuple(sections)) for name, sections in subparts.items()))


def _new(element: Element, ids: Any) -> str:
    key = element.id()
    if key in ids:
        element.refuse(f"id={key} twice")
    if isinstance(ids, set):
        ids.add(key)
    return key


def _latest(made: dict[str, Any]) -> Any:
    """Return what was made last: elements come in order, those inside after the one around."""
    return made[next(reversed(made))]
