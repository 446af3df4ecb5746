"""Lessons of Untis: what GPU002 asks for and where GPU001 puts it, as blocks of periods. Knows no base."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from hpserver.errors import ImportRefusedError
from hpserver.imports.untis_dif import Record

MAX_PERIODS = 99
"""Number of a period in a day; real grids stay under 20."""
MAX_LESSON = 10_000_000
"""Number of a lesson."""
MAX_WEEKLY = 100
"""Periods of a lesson in a week."""
LIST = "~"
"""Between several rooms in one field."""

_WHOLE = re.compile(r"[0-9]{1,8}")
_DECIMAL = re.compile(r"([0-9]{1,4})(?:[.,]([0-9]{1,6}))?")


class Line(msgspec.Struct, frozen=True, order=True):
    """One line of a lesson: one class, one teacher, one subject, rooms; any may be missing."""

    class_: str
    teacher: str
    subject: str
    rooms: tuple[str, ...]


class Block(msgspec.Struct, frozen=True):
    """Periods in a row of a lesson; `day` (0 = Monday) is None when they are still to be placed."""

    day: int | None
    period: int
    length: int
    lines: tuple[Line, ...]


class Strand(msgspec.Struct, frozen=True):
    """What is taught together within a block: lines of one subject that share a teacher or a room."""

    subject: str
    classes: tuple[str, ...]
    teachers: tuple[str, ...]
    rooms: tuple[str, ...]


class Lesson(msgspec.Struct):
    """A lesson by its number; `weekly` periods, lines of GPU002, dates it is limited to, placed periods of GPU001."""

    number: int
    line: int
    weekly: int = 0
    lines: list[Line] = []
    first: str = ""
    last: str = ""
    text: str = ""
    students: int = 0
    placed: dict[int, dict[int, list[Line]]] = {}

    def blocks(self) -> Iterator[Block]:
        """Yield the blocks that are placed, then one per period that is not."""
        count = 0
        for day, periods in sorted(self.placed.items()):
            for block in _joined(day, periods):
                count += block.length
                yield block
        for _ in range(self.weekly - count):
            yield Block(None, 0, 1, tuple(dict.fromkeys(self.lines)))

    def surplus(self) -> int:
        """Return how many periods are placed beyond those the lesson has."""
        return max(0, sum(map(len, self.placed.values())) - self.weekly)


def lessons(asked: Iterable[Record] | None, placed: Iterable[Record]) -> dict[int, Lesson]:
    """Return the lessons of GPU002 (None: there is no such file) and GPU001. Raises ImportRefusedError."""
    found: dict[int, Lesson] = {}
    for record in asked or ():
        lesson = _lesson(found, "GPU002", record)
        lesson.weekly = max(lesson.weekly, weekly(record))
        lesson.lines.append(_line(record, 4))
        lesson.first, lesson.last = record.at(14), record.at(15)
        lesson.text = lesson.text or record.at(20)
        lesson.students = max(lesson.students, whole(record, 9))
    for record in placed:
        lesson = _lesson(found, "GPU001", record)
        day, period = _within("GPU001", record, 5, 1, 7), _within("GPU001", record, 6, 0, MAX_PERIODS)
        lines = lesson.placed.setdefault(day - 1, {}).setdefault(period, [])
        lines.append(_line(record, 1))
    if asked is None:
        for lesson in found.values():
            lesson.weekly = sum(map(len, lesson.placed.values()))
    return found


def strands(lines: Iterable[Line]) -> list[Strand]:
    """Return what is taught side by side: lines that share a teacher or a room, and the subject, are one."""
    groups: list[list[Line]] = []
    for line in lines:
        joined = [group for group in groups if any(_together(line, other) for other in group)]
        merged = [*(other for group in joined for other in group), line]
        groups = [group for group in groups if group not in joined] + [merged]
    return [_strand(group) for group in groups]


def whole(record: Record, column: int) -> int:
    """Return a field as a whole number, 0 when it is none."""
    text = record.at(column)
    return int(text) if _WHOLE.fullmatch(text) else 0


def weekly(record: Record) -> int:
    """Return the periods a week of a record of GPU002; half a period is one. Raises ImportRefusedError."""
    text = record.at(1)
    match = _DECIMAL.fullmatch(text)
    if text and match is None:
        raise _refused("GPU002", record, 1, "is no number of periods")
    count = 0 if match is None else int(match[1]) + bool(int(match[2] or 0))
    if count > MAX_WEEKLY:
        raise _refused("GPU002", record, 1, f"is more than {MAX_WEEKLY} periods a week")
    return count


def _lesson(found: dict[int, Lesson], name: str, record: Record) -> Lesson:
    number = _within(name, record, 0, 0, MAX_LESSON)
    if number not in found:
        found[number] = Lesson(number, record.line)
    return found[number]


def _line(record: Record, column: int) -> Line:
    class_, teacher, subject, rooms = (record.at(column + more) for more in range(4))
    return Line(class_, teacher, subject, tuple(dict.fromkeys(room for room in rooms.split(LIST) if room)))


def _within(name: str, record: Record, column: int, low: int, high: int) -> int:
    text = record.at(column)
    if not _WHOLE.fullmatch(text) or not low <= int(text) <= high:
        raise _refused(name, record, column, f"is no whole number from {low} to {high}")
    return int(text)


def _refused(name: str, record: Record, column: int, why: str) -> ImportRefusedError:
    text = f"{name}, line {record.line}, field {column + 1}: {record.at(column)[:64]!r} {why}"
    details: dict[str, Any] = {"line": record.line, "column": column + 1}
    return ImportRefusedError(text, **details)


def _joined(day: int, periods: dict[int, list[Line]]) -> Iterator[Block]:
    """Yield the blocks of a day: periods in a row with the same lines."""
    start, length, lines = -1, 0, ()  # type: tuple[int, int, tuple[Line, ...]]
    for period, found in sorted(periods.items()):
        same = tuple(sorted(set(found)))
        if length and period == start + length and same == lines:
            length += 1
            continue
        if length:
            yield Block(day, start, length, lines)
        start, length, lines = period, 1, same
    if length:
        yield Block(day, start, length, lines)


def _together(one: Line, other: Line) -> bool:
    if one.subject != other.subject:
        return False
    bare = not (one.teacher or one.rooms or other.teacher or other.rooms)
    shared = one.teacher == other.teacher != "" or not set(one.rooms).isdisjoint(other.rooms)
    return bare or shared


def _strand(lines: list[Line]) -> Strand:
    return Strand(
        lines[0].subject,
        tuple(dict.fromkeys(line.class_ for line in lines if line.class_)),
        tuple(dict.fromkeys(line.teacher for line in lines if line.teacher)),
        tuple(dict.fromkeys(room for line in lines for room in line.rooms)),
    )
