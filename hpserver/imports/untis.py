"""From the files that Untis exports (GPU001.TXT to GPU010.TXT) to a base. Reads bytes only."""

import datetime as dt
import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

from hpserver.base.grid import DAYS_IN_WEEK, MAX_DAY_MINUTES, Grid
from hpserver.base.model import MAX_CODE, MAX_NAME, MAX_PEOPLE
from hpserver.imports.draft import Draft, one_line
from hpserver.imports.fet_grid import DAY_START, HOUR_MINUTES, USUAL_DAYS, WEEKS
from hpserver.imports.result import Imported
from hpserver.imports.school import first_monday_of_september
from hpserver.imports.untis_dif import Record, known_files, records
from hpserver.imports.untis_lessons import Block, Lesson, Strand, lessons, strands, whole

TIMETABLE, LESSONS, CLASSES, TEACHERS, ROOMS, SUBJECTS, STUDENTS = 1, 2, 3, 4, 5, 6, 10
"""Numbers of the files that are read."""
READ: dict[int, frozenset[int]] = {
    TIMETABLE: frozenset(range(7)),
    LESSONS: frozenset({0, 1, 4, 5, 6, 7, 9, 14, 15, 20}),
    CLASSES: frozenset({0, 1}),
    TEACHERS: frozenset({0, 1, 28, 32}),
    ROOMS: frozenset({0, 1, 7}),
    SUBJECTS: frozenset({0, 1}),
    STUDENTS: frozenset({0, 1, 7, 9, 12, 13}),
}
"""Columns (from 0) that the base has a place for; what the others hold is counted."""
USUAL_PERIODS = 10
"""Periods of a day when nothing is placed yet."""

_DATE = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")


def read_untis(files: Mapping[str, bytes], year: int) -> Imported:
    """Read the files of a folder, by name, for the school year that starts in September of `year`.

    A lesson is an activity per block of periods, with the code `<number>/<block>`; when a class is taught in several
    strands at once, each has a group of it. Other files of the folder are counted. Raises ImportRefusedError.
    """
    return _Reader(known_files(files), year).read()


class _Reader:
    def __init__(self, files: Mapping[int, bytes], year: int) -> None:
        self._draft = Draft("untis")
        self._files = {number: records(name(number), files[number]) for number in READ if number in files}
        for number in files.keys() - READ.keys():
            self._draft.note(0, "file not imported", name(number))
        self._keys: dict[str, dict[str, int]] = {kind: {} for kind in ("cohort", "instructor", "room", "subject")}
        self._grid, self._first = _grid(self._of(TIMETABLE), year)

    def read(self) -> Imported:
        for record in self._of(SUBJECTS):
            self._master("subject", SUBJECTS, record, long_name=_name(record.at(1)))
        for record in self._of(TEACHERS):
            people = {"first_name": _name(record.at(28)), "email": _name(record.at(32))}
            self._master("instructor", TEACHERS, record, name=_name(record.at(1)) or _name(record.at(0)), **people)
        for record in self._of(CLASSES):
            self._master("cohort", CLASSES, record, name=_name(record.at(1)) or _name(record.at(0)))
        for record in self._of(ROOMS):
            called = _name(record.at(1)) or _name(record.at(0))
            self._master("room", ROOMS, record, name=called, capacity=min(whole(record, 7), MAX_PEOPLE))
        for record in self._of(STUDENTS):
            self._student(record)
        asked = self._files.get(LESSONS)
        for _, lesson in sorted(lessons(asked, self._of(TIMETABLE)).items()):
            self._lesson(lesson)
        self._unread()
        return self._draft.finish(self._grid)

    def _of(self, number: int) -> list[Record]:
        return self._files.get(number, [])

    # --- who and what ---------------------------------------------------------------------------------------

    def _master(self, kind: str, number: int, record: Record, **fields: Any) -> None:
        short = record.at(0)
        if not short or short in self._keys[kind]:
            self._draft.note(record.line, f"{name(number)}: no short name, or the same twice", short)
            return
        code = one_line(short)[:MAX_CODE]
        self._keys[kind][short] = self._draft.row(kind, **{"name": _name(short) or "?", "code": code} | fields)

    def _key(self, kind: str, short: str, line: int) -> int | None:
        if not short:
            return None
        if short not in self._keys[kind]:
            self._draft.note(line, f"{kind} of no master file", short)
            code = one_line(short)[:MAX_CODE]
            self._keys[kind][short] = self._draft.row(kind, name=_name(short) or "?", code=code)
        return self._keys[kind][short]

    def _student(self, record: Record) -> None:
        match = _DATE.fullmatch(record.at(12))
        called = _name(record.at(1)) or _name(record.at(0)) or "?"
        key = self._draft.row(
            "student",
            name=called,
            first_name=_name(record.at(7)),
            code=one_line(record.at(0))[:MAX_CODE],
            email=_name(record.at(13)),
            born_on="" if match is None else "-".join(match.groups()),
        )
        cohort = self._key("cohort", record.at(9), record.line)
        if cohort is not None:
            self._draft.row("membership", student=key, cohort=cohort)

    # --- lessons --------------------------------------------------------------------------------------------

    def _lesson(self, lesson: Lesson) -> None:
        weeks = self._weeks(lesson)
        surplus = lesson.surplus()
        if surplus:
            self._draft.note(lesson.line, "periods beyond those of the lesson", f"{lesson.number}: {surplus}")
        for number, block in enumerate(lesson.blocks(), 1):
            side_by_side = strands(block.lines)
            classes = Counter(class_ for strand in side_by_side for class_ in strand.classes)
            split = {class_ for class_, count in classes.items() if count > 1}
            for strand in side_by_side:
                self._activity(lesson, block, strand, split, code=f"{lesson.number}/{number}", weeks=weeks)

    def _activity(self, lesson: Lesson, block: Block, strand: Strand, split: set[str], **fields: Any) -> None:
        line = lesson.line
        place = None
        if block.day is not None:
            place = block.day * self._grid.steps_per_day + block.period - self._first
        groups = [self._group(lesson, strand, class_) for class_ in strand.classes if class_ in split]
        self._draft.activity(
            line,
            subject=self._key("subject", strand.subject, line),
            duration=block.length,
            place=place,
            instructors=self._all("instructor", strand.teachers, line),
            cohorts=self._all("cohort", tuple(class_ for class_ in strand.classes if class_ not in split), line),
            groups=tuple(groups),
            rooms=self._all("room", strand.rooms, line),
            memo=lesson.text,
            students=min(lesson.students, MAX_PEOPLE),
            **fields,
        )

    def _group(self, lesson: Lesson, strand: Strand, class_: str) -> int:
        cohort = self._key("cohort", class_, lesson.line)
        called = " ".join(filter(None, (class_, str(lesson.number), strand.subject, *strand.teachers)))
        return self._draft.named("group", called, lesson.line, cohort=cohort, partition=str(lesson.number))

    def _all(self, kind: str, shorts: tuple[str, ...], line: int) -> tuple[int, ...]:
        keys = (self._key(kind, short, line) for short in shorts)
        return tuple(key for key in keys if key is not None)

    def _weeks(self, lesson: Lesson) -> int:
        """Return the weeks of a lesson: all, or those between its dates."""
        first, last = self._week_of(lesson.first, lesson, 0), self._week_of(lesson.last, lesson, self._grid.weeks - 1)
        return sum(1 << week for week in range(max(first, 0), min(last, self._grid.weeks - 1) + 1))

    def _week_of(self, text: str, lesson: Lesson, default: int) -> int:
        if text in {"", "0"}:
            return default
        match = _DATE.fullmatch(text)
        try:
            day = dt.date(*map(int, match.groups())) if match is not None else None
        except ValueError:
            day = None
        if day is None:
            self._draft.note(lesson.line, "date that is none", text)
            return default
        return (day - self._grid.first_monday).days // DAYS_IN_WEEK

    def _unread(self) -> None:
        """Count what stands in columns that the base has no place for."""
        for number, found in self._files.items():
            columns: Counter[int] = Counter()
            for record in found:
                columns.update(
                    column
                    for column, value in enumerate(record.fields)
                    if column not in READ[number] and value.strip("0 ")
                )
            for column, count in sorted(columns.items()):
                self._draft.left(f"values in {name(number)}, column {column + 1}", count)


def name(number: int) -> str:
    """Return the name of a file by its number."""
    return f"GPU{number:03}.TXT"


def _name(text: str) -> str:
    return one_line(text)[:MAX_NAME]


def _grid(placed: list[Record], year: int) -> tuple[Grid, int]:
    """Return the grid that holds a timetable, and the number of its first period: 1, or 0 when there is such."""
    periods = [whole(record, 6) for record in placed if whole(record, 6) <= MAX_DAY_MINUTES]
    days = [whole(record, 5) for record in placed if whole(record, 5) <= DAYS_IN_WEEK]
    first = min([1, *periods])
    steps = max(periods, default=USUAL_PERIODS) - first + 1 if periods else USUAL_PERIODS
    steps = min(steps, 100)
    minutes = min(HOUR_MINUTES, MAX_DAY_MINUTES // steps)
    working = (1 << max([USUAL_DAYS, *days])) - 1
    return Grid(first_monday_of_september(year), WEEKS, working, steps, minutes, 1, DAY_START), first
