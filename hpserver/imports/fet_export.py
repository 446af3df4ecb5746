"""A base as a FET file: who, what, where it is placed, and the constraints that mean the same there. Reads only.

FET knows one week and no names of weeks: a base of several weeks gives the week in which most is taught.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final, TypeVar, cast
from xml.sax.saxutils import escape

from hpserver.base.model import (
    Activity,
    Availability,
    Cohort,
    Constraint,
    Group,
    Instructor,
    Room,
    RoomPool,
    Row,
)
from hpserver.base.planning import Planning
from hpserver.base.wording import DAYS, hour
from hpserver.imports.draft import one_line
from hpserver.imports.fet_rules import BETWEEN, LIMITS
from hpserver.imports.result import Exported

FILE: Final = "base.fet"
VERSION: Final = "6.8.5"
"""Of the format: that of the FET of Debian 12 and its examples."""

_WRITTEN: Final = {"subject", "instructor", "cohort", "group", "room", "site", "activity", "instructional_type",
                   "availability", "constraint", "room_pool", "combined_group"}  # fmt: skip
_WHO: Final = {
    "instructors": ("Teacher", "Teacher_Name", "instructor"),
    "cohorts": ("StudentsSet", "Students", "cohort"),
    "groups": ("StudentsSet", "Students", "group"),
}
_LIMIT_OF: Final = {limit.rule: name.removeprefix("ConstraintTeacher") for name, limit in LIMITS.items()
                    if name.startswith("ConstraintTeacher") and not name.startswith("ConstraintTeachers")}  # fmt: skip
_BETWEEN_OF: Final = {(between.rule, between.parameters): name for name, between in BETWEEN.items()}
_RowT = TypeVar("_RowT", bound=Row)


def write_fet(planning: Planning, name: str) -> Exported:
    """Return the file, and how much of the base it does not say, by what it is.

    A FET hour is a time step of the grid. Activities keep their key as number.
    """
    export = _Export(planning)
    text = "\n".join(
        ['<?xml version="1.0" encoding="UTF-8"?>', f'<fet version="{VERSION}">', *export.parts(name), "</fet>"]
    )
    return Exported({FILE: (text + "\n").encode()}, export.left_out())


class _Export:
    def __init__(self, planning: Planning) -> None:
        self._planning, self._grid = planning, planning.grid
        self._left: Counter[str] = Counter()
        self._common: set[int] = set()
        kinds = ("subject", "instructor", "room", "instructional_type", "site")
        self._names = {kind: self._unique(kind) for kind in kinds} | self._sets()
        self._week = self._fullest()
        self._activities = {
            key: row for key, row in self._rows("activity", Activity).items() if row.weeks >> self._week & 1
        }
        self._days = [day for day in range(7) if self._grid.works_on(day)]

    def parts(self, name: str) -> Iterator[str]:
        yield _tag("Institution_Name", name)
        yield "<Mode>Official</Mode>"
        yield f"<Comments>{escape(f'{self._week + 1}')}</Comments>"
        yield from self._listed(
            "Days_List", "Number_of_Days", [f"<Day><Name>{DAYS['fr'][day]}</Name></Day>" for day in self._days]
        )
        hours = [f"<Hour><Name>{self._hour(step)}</Name></Hour>" for step in range(self._grid.steps_per_day)]
        yield from self._listed("Hours_List", "Number_of_Hours", hours)
        for kind, listed, element in (
            ("subject", "Subjects_List", "Subject"), ("instructional_type", "Activity_Tags_List", "Activity_Tag"),
            ("instructor", "Teachers_List", "Teacher"),
        ):  # fmt: skip
            yield f"<{listed}>"
            more = "<Target_Number_of_Hours>0</Target_Number_of_Hours><Qualified_Subjects></Qualified_Subjects>"
            for text in self._names[kind].values():
                inner = _tag("Name", text) + (more if kind == "instructor" else "")
                yield f"<{element}>{inner}<Comments></Comments></{element}>"
            yield f"</{listed}>"
        yield from self._students()
        yield "<Activities_List>"
        for key, row in self._activities.items():
            yield "".join(self._activity(key, row))
        yield "</Activities_List>"
        yield from self._places()
        times = [*self._fixed_times(), *self._breaks(), *self._unavailable(), *self._constraints()]
        yield from ("<Time_Constraints_List>", _basic("Time"), *times, "</Time_Constraints_List>")
        yield from (
            "<Space_Constraints_List>",
            _basic("Space"),
            *self._fixed_rooms(),
            *self._one_room(),
            "</Space_Constraints_List>",
        )

    def left_out(self) -> dict[str, int]:
        """Return what the file does not say: call it last."""
        counts = {kind: count for kind, count in self._planning.counts().items() if count and kind not in _WRITTEN}
        others = len(self._rows("activity", Activity)) - len(self._activities)
        if others:
            counts["activity of other weeks"] = others
        return counts | {what: count for what, count in self._left.items() if count}

    # --- names ----------------------------------------------------------------------------------------------

    def _rows(self, kind: str, _of: type[_RowT]) -> Mapping[int, _RowT]:
        return cast(Mapping[int, _RowT], dict(sorted(self._planning.rows(kind).items())))

    def _unique(self, kind: str) -> dict[int, str]:
        found: dict[str, int] = {}
        for key, row in self._rows(kind, Row).items():
            text = one_line(f"{row.first_name} {row.name}" if isinstance(row, Instructor) else getattr(row, "name", ""))
            found[text if text not in found else f"{text} #{key}"] = key
        return {key: text for text, key in found.items()}

    def _sets(self) -> dict[str, dict[int, str]]:
        """Return names of cohorts and groups, which FET keeps in one place."""
        taken: set[str] = set()
        found: dict[str, dict[int, str]] = {"cohort": {}, "group": {}}
        for kind in ("cohort", "group"):
            for key, row in self._rows(kind, Row).items():
                text = one_line(getattr(row, "name", ""))
                if text in taken and isinstance(row, Group):
                    text = f"{found['cohort'][row.cohort]} {text}"
                found[kind][key] = text if text not in taken else f"{text} #{key}"
                taken.add(found[kind][key])
        return found

    def _fullest(self) -> int:
        count = [0] * self._grid.weeks
        for row in self._rows("activity", Activity).values():
            for week in range(self._grid.weeks):
                count[week] += row.weeks >> week & 1
        return count.index(max(count))

    def _hour(self, step: int) -> str:
        return hour(self._grid.minutes_of(step))

    def _at(self, place: int) -> tuple[str, str]:
        day, step = self._grid.day_and_step(place)
        return DAYS["fr"][day], self._hour(step)

    # --- lists ----------------------------------------------------------------------------------------------

    @staticmethod
    def _listed(listed: str, number: str, lines: list[str]) -> Iterator[str]:
        yield from (f"<{listed}>", f"<{number}>{len(lines)}</{number}>", *lines, f"</{listed}>")

    def _students(self) -> Iterator[str]:
        """Yield years and groups; two groups that may share students have a subgroup in common."""
        groups: dict[int, list[int]] = {}
        for key, row in self._rows("group", Group).items():
            groups.setdefault(row.cohort, []).append(key)
        yield "<Students_List>"
        for key, cohort in self._rows("cohort", Cohort).items():
            own, names = groups.get(key, []), self._names["group"]
            shared = self._shared(own)
            yield f"<Year>{_tag('Name', self._names['cohort'][key])}{_tag('Number_of_Students', cohort.size)}"
            for group in own:
                size = cast(Group, self._planning.get("group", group)).size
                inside = "".join(
                    f"<Subgroup>{_tag('Name', name)}<Number_of_Students>0</Number_of_Students></Subgroup>"
                    for pair, name in shared.items()
                    if group in pair
                )
                head = _tag("Name", names[group]) + _tag("Number_of_Students", size)
                yield f"<Group>{head}{inside}</Group>"
            yield "</Year>"
        yield "</Students_List>"

    def _shared(self, groups: list[int]) -> dict[tuple[int, int], str]:
        students = self._planning.students
        rivals = {group: set(students.rivals(("group", group))) for group in groups}
        names = self._names["group"]
        return {
            (one, other): f"{names[one]} + {names[other]}"
            for at, one in enumerate(groups)
            for other in groups[at + 1 :]
            if ("group", other) in rivals[one]
        }

    def _activity(self, key: int, row: Activity) -> Iterator[str]:
        full = self._planning.attended(key)
        yield "<Activity>"
        yield from (_tag("Teacher", self._names["instructor"][one]) for one in row.instructors)
        yield _tag("Subject", "" if row.subject is None else self._names["subject"][row.subject])
        if row.instructional_type is not None:
            yield _tag("Activity_Tag", self._names["instructional_type"][row.instructional_type])
        yield from (_tag("Students", self._names["cohort"][one]) for one in full.cohorts)
        yield from (_tag("Students", self._names["group"][one]) for one in full.groups)
        numbers = {"Duration": row.duration, "Total_Duration": row.duration, "Id": key, "Activity_Group_Id": 0}
        yield from (_tag(name, number) for name, number in numbers.items())
        if row.students:
            yield _tag("Number_of_Students", row.students)
        yield f"<Active>true</Active>{_tag('Comments', row.memo)}</Activity>"

    def _places(self) -> Iterator[str]:
        yield "<Buildings_List>"
        yield from (
            f"<Building>{_tag('Name', name)}<Comments></Comments></Building>" for name in self._names["site"].values()
        )
        yield "</Buildings_List>"
        yield "<Rooms_List>"
        for key, room in self._rows("room", Room).items():
            building = "" if room.site is None else self._names["site"][room.site]
            capacity = room.capacity or 30_000  # FET's own word for any number
            head = _tag("Name", self._names["room"][key]) + _tag("Building", building) + _tag("Capacity", capacity)
            yield f"<Room>{head}<Virtual>false</Virtual><Comments></Comments></Room>"
        yield "</Rooms_List>"

    # --- constraints ----------------------------------------------------------------------------------------

    def _fixed_times(self) -> Iterator[str]:
        for key, row in self._activities.items():
            if row.place is not None:
                day, when = self._at(row.place)
                yield _constraint(
                    "ActivityPreferredStartingTime", 100, Activity_Id=key, Preferred_Day=day, Preferred_Hour=when,
                    Permanently_Locked="true" if row.locked else "false",
                )  # fmt: skip

    def _fixed_rooms(self) -> Iterator[str]:
        for key, row in self._activities.items():
            names = [self._names["room"][room] for room in row.rooms]
            if len(names) == 1:
                yield _constraint(
                    "ActivityPreferredRoom", 100, Activity_Id=key, Room=names[0], Permanently_Locked="true"
                )
            elif names:
                self._left["activity with several rooms"] += 1
            elif row.pool is not None:
                pool = cast(RoomPool, self._planning.get("room_pool", row.pool))
                rooms = "".join(_tag("Preferred_Room", self._names["room"][room]) for room in pool.rooms)
                inner = f"{_tag('Activity_Id', key)}{_tag('Number_of_Preferred_Rooms', len(pool.rooms))}{rooms}"
                yield _constraint("ActivityPreferredRooms", 100, inner)

    def _breaks(self) -> Iterator[str]:
        """Yield the times at which no subject at all is available: nobody teaches then."""
        places = {key: set[int]() for key in self._names["subject"]}
        for row in self._rows("availability", Availability).values():
            if row.subject is not None and row.level == "impossible" and row.weeks >> self._week & 1:
                places[row.subject].update(range(row.place, row.place + row.steps))
        self._common = set.intersection(*places.values()) if places else set()
        each = [self._at(place) for place in sorted(self._common) if place // self._grid.steps_per_day in self._days]
        if each:
            slots = "".join(f"<Break_Time><Day>{day}</Day><Hour>{when}</Hour></Break_Time>" for day, when in each)
            yield _constraint("BreakTimes", 100, _tag("Number_of_Break_Times", len(each)) + slots)

    def _is_break(self, row: Availability) -> bool:
        places = range(row.place, row.place + row.steps)
        return row.subject is not None and row.level == "impossible" and self._common.issuperset(places)

    def _one_room(self) -> Iterator[str]:
        for row in self._rows("constraint", Constraint).values():
            if row.rule == "room_stability" and self._activities.keys() >= set(row.activities):
                ids = "".join(_tag("Activity_Id", key) for key in row.activities)
                inner = _tag("Number_of_Activities", len(row.activities)) + ids
                weight = 100 if row.hard else min(row.weight, 99)
                more = _tag("Max_Number_of_Different_Rooms", 1)
                yield _constraint("ActivitiesOccupyMaxDifferentRooms", weight, inner + more)

    def _unavailable(self) -> Iterator[str]:
        times: dict[tuple[str, str, str], list[int]] = {}
        for row in self._rows("availability", Availability).values():
            if self._is_break(row):
                continue
            owners = [(name, getattr(row, name)) for name in ("instructor", "cohort", "group", "room")]
            owner = next((one for one in owners if one[1] is not None), None)
            day = row.place // self._grid.steps_per_day
            if row.level != "impossible" or owner is None or not row.weeks >> self._week & 1 or day not in self._days:
                self._left["availability"] += 1
                continue
            named = self._names[owner[0]][owner[1]]
            form = {"instructor": ("Teacher", "Teacher"), "room": ("Room", "Room")}.get(
                owner[0], ("StudentsSet", "Students")
            )
            times.setdefault((*form, named), []).extend(range(row.place, row.place + row.steps))
        for (who, element, named), places in times.items():
            each = [self._at(place) for place in sorted(set(places))]
            slots = "".join(
                f"<Not_Available_Time><Day>{day}</Day><Hour>{when}</Hour></Not_Available_Time>" for day, when in each
            )
            inner = f"{_tag(element, named)}{_tag('Number_of_Not_Available_Times', len(each))}{slots}"
            yield _constraint(f"{who}NotAvailableTimes", 100, inner)

    def _constraints(self) -> Iterator[str]:
        for row in self._rows("constraint", Constraint).values():
            weight = 100 if row.hard else min(row.weight, 99)
            lines = [] if row.weeks is not None else [*self._limits(row, weight), *self._between(row, weight)]
            one_room = row.rule == "room_stability" and self._activities.keys() >= set(row.activities)
            self._left[f"constraint {row.rule}"] += not lines and not one_room
            yield from lines

    def _limits(self, row: Constraint, weight: int) -> Iterator[str]:
        suffix = _LIMIT_OF.get(row.rule)
        if suffix is None:
            return
        limit = LIMITS[f"ConstraintTeacher{suffix}"]
        value = dict(row.parameters).get(limit.parameter)
        if value is None or (limit.hours and value % self._grid.step_minutes):
            return
        number = value // self._grid.step_minutes if limit.hours else value
        for field, (who, element, kind) in _WHO.items():
            if limit.rule == "site_changes":
                element = {"Teacher_Name": "Teacher"}.get(element, element)  # noqa: PLW2901 - FET's own exception
            for key in getattr(row, field):
                more = "<Allow_Empty_Days>true</Allow_Empty_Days>" if row.rule == "daily_minimum" else ""
                inner = f"{_tag(element, self._names[kind][key])}{_tag(limit.element, number)}{more}"
                yield _constraint(f"{who}{suffix}", weight, inner)

    def _between(self, row: Constraint, weight: int) -> Iterator[str]:
        known = [key for key in row.activities if key in self._activities]
        plain = row.parameters if row.rule == "consecutive" and dict(row.parameters).get("either") else ()
        name = _BETWEEN_OF.get((row.rule, plain))
        if name is None or len(known) < max(2, len(row.activities)) or row.subjects or row.cohorts or row.groups:
            return
        between = BETWEEN[name]
        if len(between.elements) > 1:
            if len(known) == len(between.elements):
                pair = "".join(map(_tag, between.elements, known))
                yield _constraint(name.removeprefix("Constraint"), weight, pair)
            return
        inner = _tag("Number_of_Activities", len(known)) + "".join(_tag("Activity_Id", key) for key in known)
        if between.number[0]:
            days = dict(row.parameters).get(between.number[0], 1)
            inner = f"<Consecutive_If_Same_Day>false</Consecutive_If_Same_Day>{inner}{_tag(between.number[1], days)}"
        yield _constraint(name.removeprefix("Constraint"), weight, inner)


def _basic(where: str) -> str:
    return _constraint(f"BasicCompulsory{where}", 100)


def _constraint(name: str, weight: int, inner: str = "", **values: Any) -> str:
    said = "".join(_tag(element, value) for element, value in values.items())
    ends = "<Active>true</Active><Comments></Comments>"
    return f"<Constraint{name}><Weight_Percentage>{weight}</Weight_Percentage>{inner}{said}{ends}</Constraint{name}>"


def _tag(name: str, value: object) -> str:
    return f"<{name}>{escape(str(value))}</{name}>"
