"""From a base to the files that Untis imports (GPU001.TXT to GPU010.TXT). Writes no file."""

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any, TypeVar, cast

from hpserver.base.grid import DAYS_IN_WEEK
from hpserver.base.model import (
    Activity,
    Cohort,
    CombinedGroup,
    Group,
    Instructor,
    Membership,
    Room,
    Row,
    Student,
    Subject,
)
from hpserver.base.planning import Planning
from hpserver.base.weeks import each_week
from hpserver.imports.result import Exported
from hpserver.imports.untis import CLASSES, LESSONS, ROOMS, STUDENTS, SUBJECTS, TEACHERS, TIMETABLE, name
from hpserver.imports.untis_dif import written
from hpserver.imports.untis_lessons import LIST

_WRITTEN = {"subject", "instructor", "cohort", "room", "student", "membership", "activity", "combined_group", "group"}
_NUMBER = re.compile(r"([0-9]{1,7})/[0-9]+")
_RowT = TypeVar("_RowT", bound=Row)


def write_untis(planning: Planning, *, separator: str = ",", encoding: str = "utf-8") -> Exported:
    """Return the files by name; a step of the grid is a period. What they do not say is counted.

    The activities whose codes are `<number>/<part>` are one lesson; any other is a lesson of its own. Characters
    that the encoding lacks become question marks.
    """
    export = _Export(planning)
    tables = {number: list(rows) for number, rows in export.tables()}
    files = {name(key): written(rows, separator).encode(encoding, "replace") for key, rows in sorted(tables.items())}
    return Exported(files, export.left_out())


class _Export:
    def __init__(self, planning: Planning) -> None:
        self._planning = planning
        self._left: Counter[str] = Counter()
        self._short = {kind: self._shorts(kind) for kind in ("subject", "instructor", "cohort", "room")}
        self._steps = planning.grid.steps_per_day

    def tables(self) -> Iterator[tuple[int, Iterator[list[Any]]]]:
        yield SUBJECTS, self._masters("subject", lambda row: cast(Subject, row).long_name)
        yield TEACHERS, self._teachers()
        yield CLASSES, self._masters("cohort", lambda row: cast(Cohort, row).name)
        yield ROOMS, self._rooms()
        yield STUDENTS, self._students()
        lessons = self._lessons()
        yield LESSONS, (row for number, rows in lessons for row in self._asked(number, rows))
        yield TIMETABLE, (row for number, rows in lessons for one in rows for row in self._placed(number, one))

    def left_out(self) -> dict[str, int]:
        """Return what the files do not say: call it last."""
        counts = {kind: count for kind, count in self._planning.counts().items() if count and kind not in _WRITTEN}
        return counts | {what: count for what, count in self._left.items() if count}

    def _rows(self, kind: str, _of: type[_RowT]) -> Mapping[int, _RowT]:
        return cast(Mapping[int, _RowT], dict(sorted(self._planning.rows(kind).items())))

    def _shorts(self, kind: str) -> dict[int, str]:
        """Return short names, told apart by their key when two would be the same."""
        found: dict[str, int] = {}
        for key, row in self._rows(kind, Cohort).items():
            short = " ".join((row.code or row.name).replace(LIST, "-").split())
            found[short if short not in found else f"{short}#{key}"] = key
        return {key: short for short, key in found.items()}

    def _masters(self, kind: str, long: Any) -> Iterator[list[Any]]:
        for key, row in self._rows(kind, Row).items():
            yield [self._short[kind][key], _other(long(row), self._short[kind][key]), None, None]

    def _teachers(self) -> Iterator[list[Any]]:
        for key, row in self._rows("instructor", Instructor).items():
            short = self._short["instructor"][key]
            yield [short, _other(row.name, short), *[None] * 26, row.first_name, *[None] * 3, row.email]

    def _rooms(self) -> Iterator[list[Any]]:
        for key, row in self._rows("room", Room).items():
            short = self._short["room"][key]
            yield [short, _other(row.name, short), *[None] * 5, row.capacity or None]

    def _students(self) -> Iterator[list[Any]]:
        classes: dict[int, str] = {}
        for row in self._rows("membership", Membership).values():
            if row.cohort is None or row.student in classes:
                self._left["membership"] += 1
            else:
                classes[row.student] = self._short["cohort"][row.cohort]
        for key, student in self._rows("student", Student).items():
            born = student.born_on.replace("-", "")
            some = [student.code or str(key), student.name, *[None] * 5, student.first_name, None]
            yield [*some, classes.get(key), None, None, int(born) if born else None, student.email]

    # --- lessons --------------------------------------------------------------------------------------------

    def _lessons(self) -> list[tuple[int, list[Activity]]]:
        found: dict[int, list[Activity]] = {}
        others = []
        for row in self._rows("activity", Activity).values():
            match = _NUMBER.fullmatch(row.code)
            if match is None:
                others.append(row)
            else:
                found.setdefault(int(match[1]), []).append(row)
        following = max(found, default=0) + 1
        found |= {following + index: [row] for index, row in enumerate(others)}
        return sorted(found.items())

    def _asked(self, number: int, rows: list[Activity]) -> Iterator[list[Any]]:
        blocks = {(row.code, row.place): row.duration for row in rows if row.weeks}
        weekly = sum(blocks.values()) if rows[0].code else rows[0].duration
        seen: set[tuple[Any, ...]] = set()
        for row in rows:
            self._left["weeks with a gap"] += _has_gap(row.weeks)
            first, last = self._dates(row.weeks)
            for class_, teacher in product(self._classes(row), self._names("instructor", row.instructors)):
                rooms = LIST.join(self._short["room"][key] for key in row.rooms)
                who = class_, teacher, self._subject(row), rooms
                if who not in seen:
                    seen.add(who)
                    head = [number, weekly, None, None, *who, None, row.students or None]
                    yield [*head, *[None] * 4, first, last, *[None] * 4, row.memo or None]

    def _placed(self, number: int, row: Activity) -> Iterator[list[Any]]:
        if row.place is None:
            return
        day, step = divmod(row.place, self._steps)
        who = product(self._classes(row), self._names("instructor", row.instructors), self._names("room", row.rooms))
        for (class_, teacher, room), more in product(list(who), range(row.duration)):
            yield [number, class_, teacher, self._subject(row), room, day + 1, step + 1 + more, None]

    def _subject(self, row: Activity) -> str | None:
        return None if row.subject is None else self._short["subject"][row.subject]

    def _names(self, kind: str, keys: tuple[int, ...]) -> list[str | None]:
        return [self._short[kind][key] for key in keys] or [None]

    def _classes(self, row: Activity) -> list[str | None]:
        cohorts, groups = list(row.cohorts), list(row.groups)
        for key in row.combined:
            combined = cast(CombinedGroup, self._planning.get("combined_group", key))
            cohorts += combined.cohorts
            groups += combined.groups
        cohorts += [cast(Group, self._planning.get("group", key)).cohort for key in groups]
        return [self._short["cohort"][key] for key in dict.fromkeys(cohorts)] or [None]

    def _dates(self, weeks: int) -> tuple[int | None, int | None]:
        """Return the first and last day of some weeks as Untis writes them, nothing for the whole year."""
        if weeks in {0, self._planning.grid.all_weeks}:
            return None, None
        numbers = list(each_week(weeks))
        monday = self._planning.grid.first_monday
        first = monday + dt.timedelta(days=DAYS_IN_WEEK * numbers[0])
        last = monday + dt.timedelta(days=DAYS_IN_WEEK * numbers[-1] + DAYS_IN_WEEK - 1)
        return int(f"{first:%Y%m%d}"), int(f"{last:%Y%m%d}")


def _other(long: str, short: str) -> str | None:
    return None if long == short else long


def _has_gap(weeks: int) -> bool:
    return bool(weeks) and weeks // (weeks & -weeks) & (weeks // (weeks & -weeks) + 1) != 0
