"""From a base to the files of a curriculum-based problem: .ctt or .ectt, and .sol. Writes no file."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import NoReturn, TypeVar, cast

from hpserver.base.model import (
    Activity,
    Availability,
    CombinedGroup,
    Constraint,
    Curriculum,
    CurriculumItem,
    Instructor,
    Room,
    Row,
    Site,
    Subject,
)
from hpserver.base.planning import Planning
from hpserver.costs.ud_timetable import DAYS_RULE, DOUBLE_RULE, LEAST_RULE, MOST_RULE, SUITABLE_RULE
from hpserver.errors import ExportRefusedError
from hpserver.imports import itc2007_text as text
from hpserver.imports.result import Exported

_SPACE = re.compile(r"\s+")
_WRITTEN = {
    *("subject", "instructor", "cohort", "room", "site", "curriculum", "curriculum_item", "activity"),
    *("availability", "constraint", "combined_group"),
}
_RowT = TypeVar("_RowT", bound=Row)


def write_itc2007(planning: Planning, name: str, *, extended: bool = False) -> Exported:
    """Return `<name>.ctt` (or `.ectt`) and `<name>.sol`, which `read_itc2007` reads back as the same base.

    What the format has no way to say is counted. Raises ExportRefusedError on what it would say wrongly: several
    weeks, lectures of more than a period, of no subject, of several instructors or placed without a room.
    """
    export = _Export(planning)
    instance = export.instance(name, extended=extended)
    file = f"{name}.{'ectt' if extended else 'ctt'}"
    files = {file: written(instance), f"{name}.sol": export.solution()}
    return Exported(files, export.left_out())


def written(instance: text.Instance) -> bytes:
    """Return an instance as the bytes of its file."""
    return ("\n".join(_lines(instance)) + "\n").encode()


def _lines(instance: text.Instance) -> Iterator[str]:
    extended = instance.extended
    yield f"Name: {instance.name}"
    yield f"Courses: {len(instance.courses)}"
    yield f"Rooms: {len(instance.rooms)}"
    yield f"Days: {instance.days}"
    yield f"Periods_per_day: {instance.periods}"
    yield f"Curricula: {len(instance.curricula)}"
    if extended:
        yield f"Min_Max_Daily_Lectures: {instance.min_daily} {instance.max_daily}"
        yield f"UnavailabilityConstraints: {len(instance.unavailable)}"
        yield f"RoomConstraints: {len(instance.unsuitable)}"
    else:
        yield f"Constraints: {len(instance.unavailable)}"
    yield from ("", "COURSES:")
    for one in instance.courses:
        line = f"{one.name} {one.teacher} {one.lectures} {one.min_days} {one.students}"
        yield f"{line} {int(one.double)}" if extended else line
    yield from ("", "ROOMS:")
    for room in instance.rooms:
        yield f"{room.name} {room.capacity} {room.building}" if extended else f"{room.name} {room.capacity}"
    yield from ("", "CURRICULA:")
    for name, members in instance.curricula:
        yield " ".join([name, str(len(members)), *members])
    yield from ("", "UNAVAILABILITY_CONSTRAINTS:")
    for course, day, period in instance.unavailable:
        yield f"{course} {day} {period}"
    if extended:
        yield from ("", "ROOM_CONSTRAINTS:")
        for course, name in instance.unsuitable:
            yield f"{course} {name}"
    yield from ("", "END.")


class _Export:
    def __init__(self, planning: Planning) -> None:
        grid = planning.grid
        days = grid.days.bit_length()
        if grid.weeks != 1 or grid.days != (1 << days) - 1:
            raise ExportRefusedError("such a problem is one week of days in a row from Monday", kind="base", key=0)
        self._planning = planning
        self._days, self._periods = days, grid.steps_per_day
        self._left: Counter[str] = Counter()
        self._lectures: dict[int, list[Activity]] = {}
        for key, row in self._rows("activity", Activity).items():
            self._lectures.setdefault(_subject_of(key, row), []).append(row)
        subjects = self._rows("subject", Subject)
        self._subjects = _names("subject", {key: row for key, row in subjects.items() if key in self._lectures})
        self._rooms = _names("room", self._rows("room", Room))
        self._constraints = list(self._rows("constraint", Constraint).values())

    def instance(self, name: str, *, extended: bool) -> text.Instance:
        low, high = (self._daily(rule, default) for rule, default in ((LEAST_RULE, 0), (MOST_RULE, self._periods)))
        return text.Instance(
            name=" ".join(name.split()),
            days=self._days,
            periods=self._periods,
            extended=extended,
            courses=tuple(self._courses()),
            rooms=tuple(self._listed_rooms()),
            curricula=tuple(self._curricula()),
            unavailable=tuple(self._unavailable()),
            unsuitable=tuple(self._unsuitable()) if extended else (),
            min_daily=low if extended else 0,
            max_daily=high if extended else 0,
        )

    def solution(self) -> bytes:
        return "".join(self._assignments()).encode()

    def left_out(self) -> dict[str, int]:
        """Return what the files do not say, by kind: call it last."""
        counts = {kind: count for kind, count in self._planning.counts().items() if count and kind not in _WRITTEN}
        return counts | {what: count for what, count in self._left.items() if count}

    def _courses(self) -> Iterator[text.Course]:
        teachers = _names("instructor", self._rows("instructor", Instructor))
        days = dict(self._minimum_days())
        double = {key for row in self._constraints if row.rule == DOUBLE_RULE for key in row.subjects}
        for key, name in self._subjects.items():
            lectures = self._lectures[key]
            people = {row.instructors for row in lectures}
            if len(people) > 1 or len(lectures[0].instructors) != 1:
                _refuse("subject", key, "its lectures have no instructor, several, or not the same one")
            students = max(row.students for row in lectures)
            teacher = teachers[lectures[0].instructors[0]]
            yield text.Course(name, teacher, len(lectures), days.get(key, 0), students, key in double)

    def _daily(self, rule: str, default: int) -> int:
        """Return the periods of a limit on the day: the format has one for all."""
        minutes = [dict(row.parameters).get("minutes") for row in self._constraints if row.rule == rule]
        return next((found // self._planning.grid.step_minutes for found in minutes if found is not None), default)

    def _minimum_days(self) -> Iterator[tuple[int, int]]:
        for row in self._constraints:
            if row.rule == DAYS_RULE:
                subjects = {self._planning.activity(key).subject for key in row.activities}
                yield from ((key, dict(row.parameters).get("limit", 0)) for key in subjects if key is not None)
            elif row.rule not in {LEAST_RULE, MOST_RULE, DOUBLE_RULE, SUITABLE_RULE}:
                self._left[f"constraint {row.rule}"] += 1

    def _listed_rooms(self) -> Iterator[text.Room]:
        sites = _names("site", self._rows("site", Site))
        for key, row in self._rows("room", Room).items():
            yield text.Room(self._rooms[key], row.capacity, "0" if row.site is None else sites[row.site])

    def _curricula(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Yield curricula and their courses: those of the base, or else its cohorts and what they attend."""
        curricula = self._rows("curriculum", Curriculum)
        members: dict[int, dict[int, None]] = {key: {} for key in curricula}
        if curricula:
            for item in self._rows("curriculum_item", CurriculumItem).values():
                members[item.curriculum][item.subject] = None
            names = _names("curriculum", curricula)
        else:
            names = _names("cohort", self._planning.rows("cohort"))
            members = {key: {} for key in names}
            for subject, lectures in self._lectures.items():
                for row in lectures:
                    members_of = (*row.cohorts, *self._combined(row))
                    for cohort in members_of:
                        members[cohort][subject] = None
        for key, name in names.items():
            yield name, tuple(self._subjects[subject] for subject in members[key] if subject in self._subjects)

    def _combined(self, row: Activity) -> Iterator[int]:
        for key in row.combined:
            yield from cast(CombinedGroup, self._planning.get("combined_group", key)).cohorts

    def _unavailable(self) -> Iterator[tuple[str, int, int]]:
        for row in self._rows("availability", Availability).values():
            if row.level != "impossible" or row.subject not in self._subjects or not row.weeks & 1:
                self._left["availability"] += 1
                continue
            for place in range(row.place, row.place + row.steps):
                day, period = divmod(place, self._periods)
                if day < self._days:
                    yield self._subjects[row.subject], day, period

    def _unsuitable(self) -> Iterator[tuple[str, str]]:
        for row in self._constraints:
            if row.rule == SUITABLE_RULE:
                for subject in row.subjects:
                    yield from ((self._subjects[subject], self._rooms[room]) for room in row.rooms)

    def _assignments(self) -> Iterator[str]:
        for subject, name in self._subjects.items():
            for row in self._lectures[subject]:
                if row.place is None:
                    continue
                if len(row.rooms) != 1:
                    _refuse("subject", subject, "a lecture is placed in no room or in several")
                day, period = divmod(row.place, self._periods)
                yield f"{name} {self._rooms[row.rooms[0]]} {day} {period}\n"

    def _rows(self, kind: str, _of: type[_RowT]) -> dict[int, _RowT]:
        return cast(dict[int, _RowT], dict(sorted(self._planning.rows(kind).items())))


def _subject_of(key: int, row: Activity) -> int:
    if row.subject is None or row.duration != 1 or row.weeks != 1:
        _refuse("activity", key, "a lecture is of a subject, one period long, in the one week")
    return row.subject


def _names(kind: str, rows: Mapping[int, Row]) -> dict[int, str]:
    """Return names as the format writes them, spaces made underscores."""
    found: dict[str, int] = {}
    for key, row in rows.items():
        name = _SPACE.sub("_", cast(Subject, row).name.strip())
        if name in found or not 0 < len(name) <= text.MAX_TOKEN:
            _refuse(kind, key, f"{name[:64]!r} is no name here, or the name of two")
        found[name] = key
    return {key: name for name, key in found.items()}


def _refuse(kind: str, key: int, why: str) -> NoReturn:
    raise ExportRefusedError(f"{kind} {key}: {why}", kind=kind, key=key)
