"""From a FET file to a base: one activity per activity, placed where its constraints fix it. Reads bytes only."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import msgspec

from hpserver.base.model import MAX_PEOPLE
from hpserver.imports.draft import Draft
from hpserver.imports.fet_constraints import Constraints, Made, Pools, certain
from hpserver.imports.fet_export_names import AND
from hpserver.imports.fet_grid import Days, days_of
from hpserver.imports.fet_students import Students
from hpserver.imports.fet_xml import Node, parse, unpacked
from hpserver.imports.result import Imported

_START = "ConstraintActivityPreferredStartingTime"
_ROOM = "ConstraintActivityPreferredRoom"
_BASIC = {"ConstraintBasicCompulsoryTime", "ConstraintBasicCompulsorySpace"}


class _Fixed(msgspec.Struct):
    """Where constraints put an activity."""

    slot: tuple[int, int] | None = None
    locked: bool = False
    rooms: tuple[int, ...] = ()


def read_fet(data: bytes, year: int) -> Imported:
    """Read a `.fet` file, gzipped or not, for the school year that starts in September of `year`.

    Activities keep their FET number as code (`group/number` for the parts of a split one). The constraints that
    mean the same as rules of the base become availabilities, constraints and pools of rooms; the others are counted in
    the report as `constraint <name>`.
    Raises ImportRefusedError, with line and column when known, on anything that is not a FET file.
    """
    root = parse(unpacked(data))
    if root.name != "fet":
        raise root.refused(f"{root.name[:32]!r} is not a FET file")
    return _Reader(root, year).read()


class _Reader:
    def __init__(self, root: Node, year: int) -> None:
        self._root = root
        self._draft = Draft("fet")
        self._draft.title = root.value("Institution_Name")[:200]
        self._days: Days = days_of(root, self._draft, year)
        self._fixed: dict[str, _Fixed] = {}

    def read(self) -> Imported:
        activities = [node for node in self._root.within("Activities_List") if node.name == "Activity"]
        self._subjects = self._listed("subject", "Subjects_List", "Subject")
        self._teachers = self._listed("instructor", "Teachers_List", "Teacher")
        self._rooms = self._listed("room", "Rooms_List", "Room")
        used = {name for node in activities for name in node.values("Students")}
        used |= {name for node in self._listed_constraints() for name in node.values("Students")}
        self._students = Students(self._draft, self._root.within("Students_List"), frozenset(used))
        self._pools = Pools(self._draft, self._rooms)
        others = self._fixing_constraints()
        keys = {node.exact("Id"): self._activity(index, node) for index, node in enumerate(activities)}
        self._count_left_out(Constraints(self._draft, self._made(keys)).take(others))
        return self._draft.finish(self._days.grid)

    def _listed(self, kind: str, listed: str, name: str) -> dict[str, int]:
        found: dict[str, int] = {}
        for node in self._root.within(listed):
            if node.name == name and not _is_together(node):
                fields = self._room_fields(node) if kind == "room" else {}
                own = node.exact("Name")
                found[own] = self._draft.named(kind, own, node.line, exact=True, **fields)
        return found

    def _room_fields(self, node: Node) -> dict[str, Any]:
        if node.value("Virtual") == "true":
            self._draft.note(node.line, "virtual room, taken as a room", node.value("Name"))
        return {
            "capacity": min(_number(node.value("Capacity")), MAX_PEOPLE),
            "site": self._draft.maybe_named("site", node.value("Building"), node.line),
        }

    # --- constraints ----------------------------------------------------------------------------------------

    def _fixing_constraints(self) -> list[Node]:
        """Take what says where activities are; return the other constraints."""
        asked = [node for node in self._listed_constraints() if node.name not in _BASIC]
        return [node for node in asked if not self._maybe_fix(node) and not self._pools.is_taken(node)]

    def _listed_constraints(self) -> list[Node]:
        return [*self._root.within("Time_Constraints_List"), *self._root.within("Space_Constraints_List")]

    def _made(self, activities: dict[str, int]) -> Made:
        cohorts, partitioned = self._students.cohorts, self._students.partitioned
        lists = self._teachers, self._rooms, self._subjects
        return Made(self._days, self._students, cohorts, partitioned, *lists, activities)

    def _count_left_out(self, left_out: Counter[str]) -> None:
        for name, count in sorted((name[:64], count) for name, count in left_out.items()):
            self._draft.counts[f"constraint {name}"] = count
            self._draft.note(0, "constraints not imported", f"{count} {name}")

    def _maybe_fix(self, node: Node) -> bool:
        """Take a constraint into account; say whether it was."""
        if node.name not in {_START, _ROOM} or node.value("Active") == "false" or not certain(node):
            return False
        fixed = self._fixed.setdefault(node.value("Activity_Id"), _Fixed())
        return self._fix_start(fixed, node) if node.name == _START else self._fix_room(fixed, node)

    def _fix_start(self, fixed: _Fixed, node: Node) -> bool:
        day = node.exact("Preferred_Day") or node.exact("Day")
        hour = node.exact("Preferred_Hour") or node.exact("Hour")
        try:
            slot = self._days.slot(day, hour)
        except KeyError:
            self._draft.note(node.line, "day or hour unknown", f"{day} {hour}")
            return False
        if fixed.slot not in {None, slot}:
            self._draft.note(node.line, "a second starting time, the first is kept", node.value("Activity_Id"))
            return False
        fixed.slot = slot
        fixed.locked |= node.value("Permanently_Locked") == "true"
        return True

    def _fix_room(self, fixed: _Fixed, node: Node) -> bool:
        names = node.values("Real_Room") or node.values("Room")
        rooms = tuple(self._rooms[name] for name in names if name in self._rooms)
        if len(rooms) < max(1, len(names)):
            self._draft.note(node.line, "room unknown", ", ".join(names))
            return False
        if fixed.rooms not in {(), rooms}:
            self._draft.note(node.line, "other rooms, the first are kept", ", ".join(names))
            return False
        fixed.rooms = rooms
        return True

    # --- activities -----------------------------------------------------------------------------------------

    def _activity(self, index: int, node: Node) -> int:
        fixed = self._fixed.get(node.value("Id"), _Fixed())
        duration = self._duration(node)
        place, weeks = self._where(index, node, fixed, duration)
        people = [keys for name in node.values("Students") if (keys := self._students_of(node, name)) is not None]
        number, group = node.value("Id"), node.value("Activity_Group_Id")
        return self._draft.activity(
            node.line,
            subject=self._key(self._subjects, node, node.exact("Subject")),
            instructional_type=self._draft.maybe_named("instructional_type", ", ".join(node.values("Activity_Tag"))),
            duration=duration,
            weeks=weeks,
            place=place,
            instructors=tuple(self._keys(self._teachers, node, node.values("Teacher"))),
            cohorts=tuple(key for keys in people for key in keys.cohorts),
            groups=tuple(key for keys in people for key in keys.groups),
            rooms=fixed.rooms,
            pool=None if fixed.rooms else self._pools.maybe_pool(node),
            locked=fixed.locked and place is not None,
            memo=node.value("Comments"),
            students=min(_number(node.value("Number_of_Students")), MAX_PEOPLE),
            code=number if group in {"", "0"} else f"{group}/{number}",
        )

    def _duration(self, node: Node) -> int:
        text = node.value("Duration")
        duration = _number(text)
        most = len(self._days.hours)
        if not 1 <= duration <= most:
            self._draft.note(node.line, "duration out of range", text)
        return min(max(duration, 1), most)

    def _where(self, index: int, node: Node, fixed: _Fixed, duration: int) -> tuple[int | None, int]:
        """Return the place of an activity, if it has one, and its weeks; those of a cycle are shared out evenly."""
        if node.value("Active") == "false":
            self._draft.note(node.line, "inactive activity, kept without weeks", node.value("Id"))
            return None, 0
        if fixed.slot is None:
            return None, self._days.weeks(index)
        place, week = fixed.slot
        if not self._days.grid.fits(place, duration):
            self._draft.note(node.line, "starting time too late for the duration, left unplaced", node.value("Id"))
            return None, self._days.weeks(week)
        return place, self._days.weeks(week)

    def _students_of(self, node: Node, name: str) -> Any:
        keys = self._students.keys_of(name)
        if keys is None:
            self._draft.note(node.line, "students unknown", name)
        return keys

    def _keys(self, known: dict[str, int], node: Node, names: list[str]) -> Iterator[int]:
        for name in names:
            key = self._key(known, node, name)
            if key is not None:
                yield key

    def _key(self, known: dict[str, int], node: Node, name: str) -> int | None:
        key = known.get(name)
        if key is None and name:
            self._draft.note(node.line, f"{node.name} names something unknown", name)
        return key


def _number(text: str) -> int:
    """Return a number, 0 for what is none."""
    return int(text) if text.isdecimal() and len(text) < 12 else 0  # noqa: PLR2004 - no huge int


def _is_together(node: Node) -> bool:
    """Say whether a virtual room only stands for the rooms that its name says, all of them."""
    sets = [one.values("Real_Room") for one in node.all("Set_of_Real_Rooms")]
    name = AND.join(names[0] for names in sets if len(names) == 1)
    return node.value("Virtual") == "true" and node.exact("Name") == name
