"""Constraints of FET as availabilities, constraints and pools of rooms of a base, where they mean the same."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from hpserver.base.model import MAX_MANY, MAX_NAME
from hpserver.base.rules import RULES
from hpserver.imports.draft import Draft, one_line
from hpserver.imports.fet_grid import Days
from hpserver.imports.fet_rules import BETWEEN, BREAKS, FOR_ALL, LIMITS, ROOMS, UNAVAILABLE, Between, Limit
from hpserver.imports.fet_students import Students
from hpserver.imports.fet_xml import Node

CERTAIN = 100.0
"""Weight of a constraint that holds always; a wish has less, down to 0."""
MAX_ROWS = 50_000
"""Rows made of the constraints of one file: those of the examples published with FET make at most 3 935."""


class Made(msgspec.Struct, frozen=True):
    """What a file lists, by name, and its activities by number; `subjects` of the breaks too."""

    days: Days
    students: Students
    cohorts: Sequence[int]
    partitioned: bool
    instructors: Mapping[str, int]
    rooms: Mapping[str, int]
    subjects: Mapping[str, int]
    activities: Mapping[str, int]


class Constraints:
    """Takes constraints into a draft, one after the other; those about time that nobody has come first."""

    def __init__(self, draft: Draft, made: Made) -> None:
        self._draft, self._made = draft, made
        self._holes: set[tuple[str, int]] = set()
        self._rows = 0

    def take(self, nodes: Sequence[Node]) -> Counter[str]:
        """Take those that mean the same here; return how many of each name were not taken."""
        left: Counter[str] = Counter()
        # Whether a gap is one depends on when people are not free at all.
        first = [node for node in nodes if node.name in UNAVAILABLE or node.name == BREAKS]
        for node in (*first, *(node for node in nodes if node not in first)):
            if node.value("Active") == "false" or not self._is_taken(node):
                left[node.name] += 1
        return left

    def _is_taken(self, node: Node) -> bool:
        if self._rows >= MAX_ROWS:
            return False
        if node.name in UNAVAILABLE:
            return certain(node) and self._unavailable(node, *UNAVAILABLE[node.name])
        if node.name == BREAKS:
            return certain(node) and self._breaks(node)
        if node.name in LIMITS:
            return self._limit(node, LIMITS[node.name])
        if node.name in BETWEEN:
            return self._between(node, BETWEEN[node.name])
        return node.name == "ConstraintActivitiesOccupyMaxDifferentRooms" and self._one_room(node)

    # --- times ----------------------------------------------------------------------------------------------

    def _unavailable(self, node: Node, who: str, element: str) -> bool:
        named = node.exact(element)
        owners: list[tuple[str, int]] = []
        if who == "students":
            keys = self._made.students.keys_of(named)
            if keys is not None:
                owners = [*(("cohort", key) for key in keys.cohorts), *(("group", key) for key in keys.groups)]
        else:
            key = (self._made.instructors if who == "instructor" else self._made.rooms).get(named)
            owners = [] if key is None else [(who, key)]
        return self._times(node, "Not_Available_Time", owners)

    def _breaks(self, node: Node) -> bool:
        """Nothing is taught then: every activity has a subject, so no subject is available."""
        return self._times(node, "Break_Time", [("subject", key) for key in self._made.subjects.values()])

    def _times(self, node: Node, element: str, owners: list[tuple[str, int]]) -> bool:
        blocks = self._blocks(node, element)
        if blocks is None or not owners or self._rows + len(blocks) * len(owners) > MAX_ROWS:
            return False
        memo = node.value("Comments")[:200]
        for kind, key in owners:
            for place, steps, weeks in blocks:
                times = {"place": place, "steps": steps, "weeks": weeks, "memo": memo}
                self._draft.row("availability", level="impossible", **{kind: key}, **times)
            if self._has_hole(blocks):
                self._holes.add((kind, key))
        self._rows += len(blocks) * len(owners)
        return True

    def _blocks(self, node: Node, element: str) -> list[tuple[int, int, int]] | None:
        """Return place, steps and weeks of times, those in a row as one; None when one is not in the grid."""
        steps_per_day = self._made.days.grid.steps_per_day
        found: set[tuple[int, int]] = set()
        for time in node.all(element):
            try:
                place, week = self._made.days.slot(time.exact("Day"), time.exact("Hour"))
            except KeyError:
                self._draft.note(time.line, "day or hour unknown", f"{time.value('Day')} {time.value('Hour')}")
                return None
            found.add((week, place))
        blocks: list[tuple[int, int, int]] = []
        for week, place in sorted(found):
            weeks = self._made.days.weeks(week)
            if blocks and blocks[-1][2] == weeks and sum(blocks[-1][:2]) == place and place % steps_per_day:
                blocks[-1] = (blocks[-1][0], blocks[-1][1] + 1, weeks)
            else:
                blocks.append((place, 1, weeks))
        return blocks

    def _has_hole(self, blocks: Iterable[tuple[int, int, int]]) -> bool:
        """Say whether there is free time both before and after a block, on its day."""
        per_day = self._made.days.grid.steps_per_day
        return any(place % per_day and (place + steps) % per_day for place, steps, _ in blocks)

    # --- limits ---------------------------------------------------------------------------------------------

    def _limit(self, node: Node, limit: Limit) -> bool:
        days, text = self._made.days, node.value(limit.element)
        # In a cycle of weeks FET's week is the whole cycle, and its days may be halves of ours.
        if not text.isdecimal() or len(text) > 4 or days.cycle > 1 or days.parts > 1:  # noqa: PLR2004 - no huge int
            return False
        owners = self._owners(node)
        if not owners or not self._is_same(node, limit, owners):
            return False
        value = int(text) * (days.grid.step_minutes if limit.hours else 1)
        named: dict[str, list[int]] = {}
        for kind, key in owners:
            named.setdefault(f"{kind}s", []).append(key)
        rows = [named] if FOR_ALL.match(node.name) else [{f"{kind}s": [key]} for kind, key in owners]
        return all(self._constraint(node, limit.rule, row, ((limit.parameter, value),)) for row in rows)

    def _owners(self, node: Node) -> list[tuple[str, int]]:
        if node.name.startswith("ConstraintTeachers"):
            return [("instructor", key) for key in self._made.instructors.values()]
        if node.name.startswith("ConstraintTeacher"):
            key = self._made.instructors.get(node.exact("Teacher_Name") or node.exact("Teacher"))
            return [] if key is None else [("instructor", key)]
        if FOR_ALL.match(node.name):
            return [("cohort", key) for key in self._made.cohorts]
        keys = self._made.students.keys_of(node.exact("Students"))
        if keys is None:
            return []
        return [*(("cohort", key) for key in keys.cohorts), *(("group", key) for key in keys.groups)]

    def _is_same(self, node: Node, limit: Limit, owners: list[tuple[str, int]]) -> bool:
        """Say whether what is counted here is what FET counts."""
        students = owners[0][0] != "instructor"
        if limit.care and students and self._made.partitioned:
            return False  # students of two groups at once: neither line says all they do
        if limit.care == "least":
            return node.value("Allow_Empty_Days") != "false"
        if limit.care == "gaps":
            kinds = {"cohort", "group", "subject"} if students else {"subject"}
            return not any(kind in kinds for kind, _ in self._holes) and self._holes.isdisjoint(owners)
        return True

    # --- between activities ---------------------------------------------------------------------------------

    def _between(self, node: Node, between: Between) -> bool:
        names = [name for element in between.elements for name in node.values(element)]
        keys = [self._made.activities[name] for name in names if name in self._made.activities]
        if len(keys) < max(2, len(names)) or len(set(keys)) < len(keys) or self._made.days.cycle > 1:
            return False
        if self._made.days.parts > 1 and between.rule in {"days_between", "same_day"}:
            return False
        parameter, element = between.number
        parameters = between.parameters
        if parameter:
            text = node.value(element)
            if not text.isdecimal() or len(text) > 4 or not int(text):  # noqa: PLR2004 - no huge int
                return False
            parameters = ((parameter, int(text)),)
        if node.value("Consecutive_If_Same_Day") == "true" and not certain(node):
            self._draft.counts["wishes without their 'consecutive if same day'"] = 1 + self._draft.counts.get(
                "wishes without their 'consecutive if same day'", 0
            )
        return self._constraint(node, between.rule, {"activities": keys}, parameters)

    def _one_room(self, node: Node) -> bool:
        keys = [self._made.activities[name] for name in node.values("Activity_Id") if name in self._made.activities]
        if node.value("Max_Number_of_Different_Rooms") != "1" or len(keys) != len(node.values("Activity_Id")):
            return False
        return self._constraint(node, "room_stability", {"activities": keys}, ())

    def _constraint(
        self, node: Node, rule: str, named: Mapping[str, list[int]], parameters: tuple[tuple[str, int], ...]
    ) -> bool:
        bounds = {one.name: one for one in RULES[rule].parameters}
        weight = weight_of(node)
        within = all(bounds[name].least <= value <= bounds[name].most for name, value in parameters)
        # A limit for everybody may be cut in parts, what is between activities may not.
        if weight <= 0 or not within or ("activities" in named and len(named["activities"]) > MAX_MANY):
            return False
        fields = {
            "rule": rule, "hard": certain(node), "weight": 1 if certain(node) else max(1, round(weight)),
            "parameters": parameters, "memo": node.value("Comments")[:200],
        }  # fmt: skip
        for field, keys in named.items():
            for part in range(0, len(keys), MAX_MANY):
                self._draft.row("constraint", **{field: tuple(keys[part : part + MAX_MANY])}, **fields)
                self._rows += 1
        return True


class Pools:
    """Rooms of which any will do, per activity, from what a file says of activities, subjects and tags."""

    def __init__(self, draft: Draft, rooms: Mapping[str, int]) -> None:
        self._draft, self._rooms = draft, rooms
        self._wanted: list[tuple[tuple[tuple[str, str], ...], tuple[int, ...]]] = []
        self._made: dict[tuple[int, ...], int] = {}

    def is_taken(self, node: Node) -> bool:
        """Remember a constraint about rooms that holds always; say whether it was one."""
        elements = ROOMS.get(node.name)
        if elements is None or not certain(node) or node.value("Active") == "false":
            return False
        names = node.values("Preferred_Room") + node.values("Room")
        rooms = tuple(dict.fromkeys(self._rooms[name] for name in names if name in self._rooms))
        if not rooms or len(rooms) > MAX_MANY:
            return False
        self._wanted.append((tuple((element, node.exact(element)) for element in elements), rooms))
        return True

    def maybe_pool(self, node: Node) -> int | None:
        """Return the pool of an activity: the rooms that all constraints on it agree on, None without any."""
        said = {("Activity_Id", node.exact("Id")), ("Subject", node.exact("Subject"))}
        said |= {("Activity_Tag", tag) for tag in node.values("Activity_Tag")}
        common: tuple[int, ...] | None = None
        for asked, rooms in self._wanted:
            if said.issuperset(asked):
                common = rooms if common is None else tuple(room for room in common if room in rooms)
        if common is None:
            return None
        if not common:
            self._draft.note(node.line, "no room suits all that is said of this activity", node.value("Id"))
            return None
        if common not in self._made:
            names = {key: one_line(name) for name, key in self._rooms.items()}
            name = ", ".join(names[room] for room in common)[:MAX_NAME] or "?"
            self._made[common] = self._draft.row("room_pool", name=name, rooms=common)
        return self._made[common]


def certain(node: Node) -> bool:
    """Say whether a constraint holds always."""
    return weight_of(node) >= CERTAIN


def weight_of(node: Node) -> float:
    """Return the weight of a constraint, 0 for what is no number."""
    try:
        weight = float(node.value("Weight_Percentage") or CERTAIN)
    except ValueError:
        return 0.0
    return weight if 0 <= weight <= CERTAIN else 0.0
