"""Curriculum-based timetabling problems (ITC-2007 track 3) as text: .ctt, .ectt and .sol. Knows no base."""

import re
from collections.abc import Iterator
from typing import NoReturn

import msgspec

from hpserver.errors import ImportRefusedError

MAX_BYTES = 4 * 1024 * 1024
"""Size of a file: the largest instance published (Erlangen) has 300 kB."""
MAX_TOKEN = 48
"""Characters of a name: `<course>/<lecture>` stays a code."""
MAX_LECTURES = 1_000
"""Lectures of one course in a week: more than a week has periods."""
MAX_ACTIVITIES = 100_000
"""Lectures in all: the largest instance published has 3 691."""
MAX_STUDENTS = 1_000_000
MAX_DAYS = 7
MAX_PERIODS = 288

_TOKEN = re.compile(r"[^\s\x00-\x1f\x7f\ufeff]+")
_NUMBER = re.compile(r"[0-9]{1,9}")
_SPACE = re.compile(r"[ \t]*")

_HEADER = ("Courses", "Rooms", "Days", "Periods_per_day", "Curricula", "Constraints")
_EXTENDED = (
    *("Courses", "Rooms", "Days", "Periods_per_day", "Curricula"),
    *("Min_Max_Daily_Lectures", "UnavailabilityConstraints", "RoomConstraints"),
)


class Token(msgspec.Struct, frozen=True):
    """A word of the file and where it stands, from 1."""

    text: str
    line: int
    column: int

    def refuse(self, why: str) -> NoReturn:
        """Raise ImportRefusedError at this word."""
        refuse(self.line, self.column, f"{self.text[:MAX_TOKEN]!r}: {why}")

    def number(self, low: int, high: int) -> int:
        """Return the word as a whole number. Raises ImportRefusedError."""
        if not _NUMBER.fullmatch(self.text) or not low <= int(self.text) <= high:
            self.refuse(f"a whole number from {low} to {high} is expected here")
        return int(self.text)

    def name(self) -> str:
        """Return the word as a name. Raises ImportRefusedError when it is too long."""
        if len(self.text) > MAX_TOKEN:
            self.refuse(f"a name of at most {MAX_TOKEN} characters is expected here")
        return self.text


class Course(msgspec.Struct, frozen=True):
    """A course; `double` (only in .ectt) asks that its lectures of one day be grouped."""

    name: str
    teacher: str
    lectures: int
    min_days: int
    students: int
    double: bool = False


class Room(msgspec.Struct, frozen=True):
    """A room; `building` is empty in a .ctt."""

    name: str
    capacity: int
    building: str = ""


class Instance(msgspec.Struct, frozen=True):
    """A problem as its file states it; `unavailable` are course, day, period; `unsuitable` are course, room."""

    name: str
    days: int
    periods: int
    extended: bool
    courses: tuple[Course, ...]
    rooms: tuple[Room, ...]
    curricula: tuple[tuple[str, tuple[str, ...]], ...]
    unavailable: tuple[tuple[str, int, int], ...]
    unsuitable: tuple[tuple[str, str], ...] = ()
    min_daily: int = 0
    max_daily: int = 0


class Assignment(msgspec.Struct, frozen=True):
    """A line of a solution."""

    course: str
    room: str
    day: int
    period: int
    line: int


def parse(data: bytes) -> Instance:
    """Read a .ctt or a .ectt. Raises ImportRefusedError, with line and column."""
    return _Parser(_lines(data)).parse()


def parse_solution(data: bytes, instance: Instance) -> tuple[Assignment, ...]:
    """Read a .sol of an instance: `course room day period`, one lecture a line. Raises ImportRefusedError.

    A line that names something the instance does not have, or one lecture too many of a course, is refused: a
    solution of another problem would give a cost that means nothing.
    """
    lectures = {course.name: course.lectures for course in instance.courses}
    rooms = {room.name for room in instance.rooms}
    found: list[Assignment] = []
    for line in _lines(data):
        course, room, day, period = _exactly(line, 4)
        _known(course, lectures, "course")
        _known(room, rooms, "room")
        lectures[course.text] -= 1
        if lectures[course.text] < 0:
            course.refuse("more lines than the course has lectures")
        found.append(
            Assignment(
                *(course.text, room.text),
                *(day.number(0, instance.days - 1), period.number(0, instance.periods - 1), course.line),
            )
        )
    return tuple(found)


def refuse(line: int, column: int, why: str) -> NoReturn:
    """Raise ImportRefusedError at a line and column, from 1."""
    raise ImportRefusedError(f"line {line}, column {column}: {why}", line=line, column=column)


def _lines(data: bytes) -> list[list[Token]]:
    """Return the words of every line that has some."""
    if len(data) > MAX_BYTES:
        raise ImportRefusedError(f"{len(data)} bytes, at most {MAX_BYTES}", limit=MAX_BYTES)
    found = []
    for number, raw in enumerate(data.removeprefix(b"\xef\xbb\xbf").split(b"\n"), 1):
        try:
            text = raw.rstrip(b"\r").decode()
        except UnicodeDecodeError as error:
            refuse(number, error.start + 1, "not readable as text (UTF-8)")
        tokens = list(_tokens(number, text))
        if tokens:
            found.append(tokens)
    return found


def _tokens(number: int, text: str) -> Iterator[Token]:
    start = 0
    while start < len(text):
        space = _SPACE.match(text, start)
        start = start if space is None else space.end()
        word = _TOKEN.match(text, start)
        if word is not None:
            yield Token(word[0], number, start + 1)
            start = word.end()
        elif start < len(text):
            refuse(number, start + 1, f"{text[start]!r} has no place in such a file")


def _exactly(line: list[Token], count: int) -> list[Token]:
    if len(line) < count:
        line[-1].refuse(f"{count} words are expected on this line")
    if len(line) > count:
        line[count].refuse(f"only {count} words are expected on this line")
    return line


def _known(token: Token, names: "set[str] | dict[str, int] | dict[str, None]", what: str) -> str:
    if token.text not in names:
        token.refuse(f"no such {what}")
    return token.text


class _Parser:
    def __init__(self, lines: list[list[Token]]) -> None:
        self._lines = lines
        self._next = 0
        self._counts: dict[str, int] = {}

    def parse(self) -> Instance:
        name = self._name()
        self._header()
        counts = self._counts
        self._courses: dict[str, None] = {}
        self._rooms: dict[str, None] = {}
        courses = tuple(self._course(line) for line in self._section("COURSES:", counts["Courses"]))
        if sum(course.lectures for course in courses) > MAX_ACTIVITIES:
            raise ImportRefusedError(f"more than {MAX_ACTIVITIES} lectures", limit=MAX_ACTIVITIES)
        rooms = tuple(self._room(line) for line in self._section("ROOMS:", counts["Rooms"]))
        curricula = tuple(self._curricula(self._section("CURRICULA:", counts["Curricula"])))
        unavailable = self._section("UNAVAILABILITY_CONSTRAINTS:", counts["Unavailable"])
        periods = tuple(self._unavailable(line) for line in unavailable)
        unsuitable: tuple[tuple[str, str], ...] = ()
        if self._extended:
            listed = self._section("ROOM_CONSTRAINTS:", counts["RoomConstraints"])
            unsuitable = tuple(self._unsuitable(line) for line in listed)
        self._word("END.")
        if self._next < len(self._lines):
            self._lines[self._next][0].refuse("nothing is expected after END.")
        return Instance(
            name=name,
            days=counts["Days"],
            periods=counts["Periods_per_day"],
            extended=self._extended,
            courses=courses,
            rooms=rooms,
            curricula=curricula,
            unavailable=periods,
            unsuitable=unsuitable,
            min_daily=counts.get("Min_daily", 0),
            max_daily=counts.get("Max_daily", 0),
        )

    def _line(self, expected: str) -> list[Token]:
        if self._next == len(self._lines):
            last = self._lines[-1][-1] if self._lines else Token("", 1, 1)
            refuse(last.line, last.column + len(last.text), f"the file ends where {expected} is expected")
        self._next += 1
        return self._lines[self._next - 1]

    def _word(self, word: str) -> None:
        line = self._line(word)
        if [token.text for token in line] != [word]:
            line[0].refuse(f"{word} is expected here")

    def _name(self) -> str:
        line = self._line("Name:")
        if line[0].text != "Name:":
            line[0].refuse("Name: is expected here: this is no timetabling problem")
        return " ".join(token.text for token in line[1:])[:200]

    def _header(self) -> None:
        self._extended = False
        for name in _HEADER[:-1]:
            self._count(self._line(f"{name}:"), name)
        line = self._line("Constraints:")
        if line[0].text == "Constraints:":
            self._count(line, "Constraints")
            self._counts["Unavailable"] = self._counts["Constraints"]
            return
        self._extended = True
        if line[0].text != "Min_Max_Daily_Lectures:":
            line[0].refuse("Constraints: or Min_Max_Daily_Lectures: is expected here")
        _, low, high = _exactly(line, 3)
        self._counts["Min_daily"] = low.number(0, MAX_PERIODS)
        self._counts["Max_daily"] = high.number(self._counts["Min_daily"], MAX_PERIODS)
        for name in _EXTENDED[-2:]:
            self._count(self._line(f"{name}:"), name)
        self._counts["Unavailable"] = self._counts["UnavailabilityConstraints"]

    def _count(self, line: list[Token], name: str) -> None:
        if line[0].text != f"{name}:":
            line[0].refuse(f"{name}: is expected here")
        _, value = _exactly(line, 2)
        high = {"Days": MAX_DAYS, "Periods_per_day": MAX_PERIODS}.get(name, MAX_ACTIVITIES)
        self._counts[name] = value.number(1 if name in {"Days", "Periods_per_day"} else 0, high)

    def _section(self, title: str, count: int) -> list[list[Token]]:
        self._word(title)
        return [self._line(f"a line of {title}") for _ in range(count)]

    def _course(self, line: list[Token]) -> Course:
        name, teacher, lectures, days, students, *double = _exactly(line, 6 if self._extended else 5)
        _new(name, self._courses)
        return Course(
            *(name.name(), teacher.name(), lectures.number(0, MAX_LECTURES), days.number(0, MAX_DAYS)),
            *(students.number(0, MAX_STUDENTS), bool(double and double[0].number(0, 1))),
        )

    def _room(self, line: list[Token]) -> Room:
        name, capacity, *building = _exactly(line, 3 if self._extended else 2)
        _new(name, self._rooms)
        return Room(name.name(), capacity.number(0, MAX_STUDENTS), building[0].name() if building else "")

    def _curricula(self, lines: list[list[Token]]) -> Iterator[tuple[str, tuple[str, ...]]]:
        names: dict[str, None] = {}
        for line in lines:
            if len(line) < 2:  # noqa: PLR2004 - a name and how many courses
                line[-1].refuse("a curriculum is a name, how many courses, and the courses")
            _new(line[0], names)
            count = line[1].number(0, MAX_ACTIVITIES)
            members: dict[str, None] = {}
            for token in _exactly(line, count + 2)[2:]:
                _known(token, self._courses, "course")
                _new(token, members)
            yield line[0].name(), tuple(members)

    def _unavailable(self, line: list[Token]) -> tuple[str, int, int]:
        course, day, period = _exactly(line, 3)
        _known(course, self._courses, "course")
        return course.text, day.number(0, self._counts["Days"] - 1), period.number(0, self._periods - 1)

    @property
    def _periods(self) -> int:
        return self._counts["Periods_per_day"]

    def _unsuitable(self, line: list[Token]) -> tuple[str, str]:
        course, room = _exactly(line, 2)
        return _known(course, self._courses, "course"), _known(room, self._rooms, "room")


def _new(token: Token, names: dict[str, None]) -> None:
    if token.text in names:
        token.refuse("the same name twice")
    names[token.name()] = None
