"""A base as a FET file: who, what, where it is placed, and the constraints that mean the same there. Reads only."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, TypeVar, cast

from hpserver.base.model import Activity, Cohort, Group, Room, RoomPool, Row
from hpserver.base.planning import Planning
from hpserver.imports.fet_export_names import Names
from hpserver.imports.fet_export_rules import SURE, Rules
from hpserver.imports.fet_export_times import Slots, Times
from hpserver.imports.fet_export_weeks import held, weeks_of
from hpserver.imports.fet_export_xml import constraint, listed, tag, tags
from hpserver.imports.result import Exported

FILE: Final = "base.fet"
VERSION: Final = "6.8.5"
"""Of the format: that of the FET of Debian 12 and its examples."""

_WRITTEN: Final = {"subject", "instructor", "cohort", "group", "room", "site", "activity", "instructional_type",
                   "availability", "constraint", "room_pool", "combined_group", "meeting"}  # fmt: skip
_CODE: Final = re.compile("(?:([1-9][0-9]{0,8})/)?([1-9][0-9]{0,8})")
"""Of an activity of FET: its number, before it that of what it is a part of."""
_RowT = TypeVar("_RowT", bound=Row)


def write_fet(planning: Planning, name: str, week: int | None = None) -> Exported:
    """Return the file, and how much of the base it does not say, by what it is.

    A FET hour is a time step of the grid. What repeats in a cycle of weeks is written as the weeks of that cycle;
    else a file has one week: `week` (index from 0), or the one in which most is taught. Activities keep the number in
    their code, else they have their key. Raises ExportRefusedError when there is no such week.
    """
    export = _Export(planning, week)
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f'<fet version="{VERSION}">', *export.parts(name), "</fet>", ""]
    return Exported({FILE: "\n".join(lines).encode()}, export.left_out())


class _Export:
    def __init__(self, planning: Planning, week: int | None) -> None:
        self._planning, self._grid = planning, planning.grid
        self._left: Counter[str] = Counter()
        self._names = Names(planning)
        self._weeks = weeks_of(planning, week)
        self._activities, self._left["meeting"] = held(planning, self._weeks)
        self._slots = Slots(planning.grid, self._weeks)
        self._numbers = _numbers(self._activities)
        self._together: dict[str, tuple[int, ...]] = {}

    def parts(self, name: str) -> Iterator[str]:
        weeks, days = self._weeks, self._slots.days()
        yield tag("Institution_Name", name)
        yield tag("Mode", "Official" if weeks.cycle == 1 else "Terms")
        yield tag("Comments", "" if weeks.chosen is None else weeks.chosen + 1)
        if weeks.cycle > 1:
            yield tag("Number_of_Terms", weeks.cycle) + tag("Number_of_Days_Per_Term", len(days) // weeks.cycle)
        yield from listed("Days_List", "Number_of_Days", [f"<Day>{tag('Name', day)}</Day>" for day in days])
        hours = [f"<Hour>{tag('Name', one)}</Hour>" for one in self._slots.hours()]
        yield from listed("Hours_List", "Number_of_Hours", hours)
        yield from self._lists()
        yield from self._students()
        rooms, times, rules = self._fixed_rooms(), Times(self._planning, self._names, self._slots), self._rules()
        self._left["availability"] += times.take()
        yield from ("<Activities_List>", *self._listed_activities(), "</Activities_List>")
        yield from self._places()
        here = [*self._fixed_times(), *times.time, *rules.time]
        yield from ("<Time_Constraints_List>", _basic("Time"), *here, "</Time_Constraints_List>")
        here = [*rooms, *times.space, *rules.space]
        yield from ("<Space_Constraints_List>", _basic("Space"), *here, "</Space_Constraints_List>")

    def left_out(self) -> dict[str, int]:
        """Return what the file does not say: call it last."""
        counts = {kind: count for kind, count in self._planning.counts().items() if count and kind not in _WRITTEN}
        self._left["activity of other weeks"] = len(self._planning.rows("activity")) - len(self._activities)
        return counts | {what: count for what, count in self._left.items() if count}

    def _rules(self) -> Rules:
        rules = Rules(self._planning, self._names, self._numbers)
        self._left.update(rules.take(cyclic=self._weeks.cycle > 1))
        return rules

    def _rows(self, kind: str, _of: type[_RowT]) -> Mapping[int, _RowT]:
        return cast(Mapping[int, _RowT], dict(sorted(self._planning.rows(kind).items())))

    # --- lists ----------------------------------------------------------------------------------------------

    def _lists(self) -> Iterator[str]:
        more = "<Target_Number_of_Hours>0</Target_Number_of_Hours><Qualified_Subjects></Qualified_Subjects>"
        for kind, element, extra in (
            ("subject", "Subject", ""), ("instructional_type", "Activity_Tag", ""), ("instructor", "Teacher", more),
        ):  # fmt: skip
            each = [
                f"<{element}>{tag('Name', name)}{extra}<Comments></Comments></{element}>"
                for name in self._names.of(kind).values()
            ]
            yield from (f"<{element}s_List>", *each, f"</{element}s_List>")

    def _students(self) -> Iterator[str]:
        """Yield years and groups; two groups that may share students have a subgroup in common."""
        groups: dict[int, list[tuple[int, Group]]] = {}
        for key, row in self._rows("group", Group).items():
            groups.setdefault(row.cohort, []).append((key, row))
        yield "<Students_List>"
        for cohort, year in self._rows("cohort", Cohort).items():
            yield f"<Year>{_set(self._names.of('cohort')[cohort], year.size)}"
            for key, row in groups.get(cohort, []):
                inside = "".join(f"<Subgroup>{_set(name, 0)}</Subgroup>" for name in self._names.shared.get(key, ()))
                yield f"<Group>{_set(self._names.of('group')[key], row.size)}{inside}</Group>"
            yield "</Year>"
        yield "</Students_List>"

    def _listed_activities(self) -> Iterator[str]:
        totals: Counter[int] = Counter()
        parts = {key: _group(row) for key, row in self._activities.items()}
        for key, row in self._activities.items():
            totals[parts[key]] += row.duration
        for index, (key, row) in enumerate(self._activities.items()):
            total = totals[parts[key]] if parts[key] else row.duration
            yield "".join(self._activity(key, row, parts[key], total))
            self._check_weeks(index, row)

    def _activity(self, key: int, row: Activity, group: int, total: int) -> Iterator[str]:
        full = self._planning.attended(key)
        yield "<Activity>" + tags("Teacher", (self._names.of("instructor")[one] for one in row.instructors))
        yield tag("Subject", "" if row.subject is None else self._names.of("subject")[row.subject])
        if row.instructional_type is not None:
            yield tag("Activity_Tag", self._names.of("instructional_type")[row.instructional_type])
        yield tags("Students", self._names.people(full.cohorts, full.groups))
        numbers = {"Duration": row.duration, "Total_Duration": total, "Id": self._numbers[key]}
        yield from (tag(name, number) for name, number in (numbers | {"Activity_Group_Id": group}).items())
        if row.students:
            yield tag("Number_of_Students", row.students)
        yield tag("Active", "true" if row.weeks else "false") + tag("Comments", row.memo) + "</Activity>"

    def _check_weeks(self, index: int, row: Activity) -> None:
        """Count what has no place to say its week of the cycle: read again, it gets one by its turn."""
        weeks = self._weeks.within(row.weeks)
        if row.place is None and weeks and weeks[0] != index % self._weeks.cycle:
            self._left["week of an activity without a place"] += 1

    def _places(self) -> Iterator[str]:
        each = (
            f"<Building>{tag('Name', name)}<Comments></Comments></Building>" for name in self._names.of("site").values()
        )
        yield from ("<Buildings_List>", *each, "</Buildings_List>", "<Rooms_List>")
        for key, room in self._rows("room", Room).items():
            building = "" if room.site is None else self._names.of("site")[room.site]
            capacity = tag("Capacity", room.capacity) if room.capacity else ""
            head = tag("Name", self._names.of("room")[key]) + tag("Building", building) + capacity
            yield f"<Room>{head}<Virtual>false</Virtual><Comments></Comments></Room>"
        yield from (self._virtual(name, rooms) for name, rooms in self._together.items())
        yield "</Rooms_List>"

    def _virtual(self, name: str, rooms: Sequence[int]) -> str:
        """Return what FET has for rooms that are taken together."""
        one = "<Set_of_Real_Rooms><Number_of_Real_Rooms>1</Number_of_Real_Rooms>{}</Set_of_Real_Rooms>"
        sets = "".join(one.format(tag("Real_Room", self._names.of("room")[room])) for room in rooms)
        head = tag("Name", name) + "<Building></Building><Virtual>true</Virtual>"
        return f"<Room>{head}{tag('Number_of_Sets_of_Real_Rooms', len(rooms))}{sets}<Comments></Comments></Room>"

    # --- where activities are -------------------------------------------------------------------------------

    def _fixed_times(self) -> Iterator[str]:
        for key, row in self._activities.items():
            weeks = self._weeks.within(row.weeks)
            if row.place is not None and weeks and self._slots.holds(row.place):
                day, when = self._slots.at(weeks[0], row.place)
                yield constraint(
                    "ActivityPreferredStartingTime", SURE, Activity_Id=self._numbers[key], Preferred_Day=day,
                    Preferred_Hour=when, Permanently_Locked="true" if row.locked else "false",
                )  # fmt: skip
            elif row.place is not None:
                self._left["place on a day without lessons"] += 1

    def _fixed_rooms(self) -> list[str]:
        return [line for key, row in self._activities.items() for line in self._rooms_of(self._numbers[key], row)]

    def _rooms_of(self, number: int, row: Activity) -> Iterator[str]:
        names = [self._names.of("room")[room] for room in row.rooms]
        if len(names) == 1:
            inner = tag("Activity_Id", number) + tag("Room", names[0])
            yield constraint("ActivityPreferredRoom", SURE, inner, Permanently_Locked="true")
        elif names:
            name = self._names.rooms(row.rooms)
            self._together[name] = row.rooms
            inner = tag("Activity_Id", number) + tag("Room", name)
            inner += tag("Number_of_Real_Rooms", len(names)) + tags("Real_Room", names)
            yield constraint("ActivityPreferredRoom", SURE, inner, Permanently_Locked="true")
        elif row.pool is not None:
            pool = cast(RoomPool, self._planning.get("room_pool", row.pool))
            rooms = tags("Preferred_Room", (self._names.of("room")[room] for room in pool.rooms))
            inner = tag("Activity_Id", number) + tag("Number_of_Preferred_Rooms", len(pool.rooms)) + rooms
            yield constraint("ActivityPreferredRooms", SURE, inner)


def _numbers(activities: Mapping[int, Activity]) -> dict[int, int]:
    """Return the numbers of activities: those their codes say when each says another, else their keys."""
    said = {key: int(found[2]) for key, row in activities.items() if (found := _CODE.fullmatch(row.code))}
    return said if len(set(said.values())) == len(activities) else {key: key for key in activities}


def _group(row: Activity) -> int:
    """Return the number of what an activity is a part of, 0 for nothing."""
    found = _CODE.fullmatch(row.code)
    return int(found[1] or 0) if found else 0


def _set(name: str, size: int) -> str:
    return tag("Name", name) + tag("Number_of_Students", size)


def _basic(where: str) -> str:
    return constraint(f"BasicCompulsory{where}", SURE)
