"""Constraints of a base as those of FET that mean the same. Reads a base, writes elements."""

from collections.abc import Iterator, Mapping
from typing import Final, cast

from hpserver.base.model import Constraint
from hpserver.base.planning import Planning
from hpserver.imports.fet_export_names import Names
from hpserver.imports.fet_export_xml import constraint, tag, tags
from hpserver.imports.fet_rules import BETWEEN, LIMITS

SURE: Final = "100"
"""The weight of what holds always."""
_NEARLY: Final = "99.99"
"""The weight of the strongest wish."""
_MOST: Final = 100
_IN_SPACE: Final = ("room_stability", "site_changes")
"""Rules that FET lists with those of space."""

_WHO: Final = {
    "instructors": ("Teacher", "Teacher_Name", "instructor"),
    "cohorts": ("StudentsSet", "Students", "cohort"),
    "groups": ("StudentsSet", "Students", "group"),
}
_LIMIT_OF: Final = {limit.rule: name.removeprefix("ConstraintTeacher") for name, limit in LIMITS.items()
                    if name.startswith("ConstraintTeacher") and not name.startswith("ConstraintTeachers")}  # fmt: skip
_BETWEEN_OF: Final = {(between.rule, between.parameters): name for name, between in BETWEEN.items()}


class Rules:
    """Writes constraints; `numbers` are those of the activities of the file, by key."""

    def __init__(self, planning: Planning, names: Names, numbers: Mapping[int, int]) -> None:
        self._planning, self._names, self._numbers = planning, names, numbers
        self.time: list[str] = []
        self.space: list[str] = []

    def take(self, *, cyclic: bool) -> dict[str, int]:
        """Write what FET has a word for; return how many it has none for, by rule. In a cycle it counts otherwise."""
        left: dict[str, int] = {}
        for row in cast(Mapping[int, Constraint], dict(sorted(self._planning.rows("constraint").items()))).values():
            lines = [] if row.weeks is not None else [*self._one_room(row)]
            if not cyclic and row.weeks is None:
                lines += [*self._limits(row), *self._between(row)]
            if not lines:
                left[f"constraint {row.rule}"] = left.get(f"constraint {row.rule}", 0) + 1
            (self.space if row.rule in _IN_SPACE else self.time).extend(lines)
        return left

    def _one_room(self, row: Constraint) -> Iterator[str]:
        if row.rule == "room_stability" and self._numbers.keys() >= set(row.activities):
            ids = tags("Activity_Id", (self._numbers[key] for key in row.activities))
            inner = tag("Number_of_Activities", len(row.activities)) + ids + tag("Max_Number_of_Different_Rooms", 1)
            yield constraint("ActivitiesOccupyMaxDifferentRooms", _weight(row), inner, row.memo)

    def _limits(self, row: Constraint) -> Iterator[str]:
        suffix = _LIMIT_OF.get(row.rule)
        if suffix is None:
            return
        limit, grid = LIMITS[f"ConstraintTeacher{suffix}"], self._planning.grid
        value = dict(row.parameters).get(limit.parameter)
        if value is None or (limit.hours and value % grid.step_minutes):
            return
        said = tag(limit.element, value // grid.step_minutes if limit.hours else value)
        if row.rule == "daily_minimum":
            said += tag("Allow_Empty_Days", "true")
        for who, named in self._whom(row):
            yield constraint(f"{who}{suffix}", _weight(row), named + said, row.memo)

    def _whom(self, row: Constraint) -> Iterator[tuple[str, str]]:
        """Yield whom a limit is for, and the element that names them: everybody, or one after the other."""
        for everybody, field in (("Teachers", "instructors"), ("Students", "cohorts")):
            all_keys = self._names.of(field[:-1]).keys()
            if len(all_keys) > 1 and set(getattr(row, field)) == all_keys:
                yield everybody, ""
            else:
                yield from self._each(row, field)
        yield from self._each(row, "groups")

    def _each(self, row: Constraint, field: str) -> Iterator[tuple[str, str]]:
        who, element, kind = _WHO[field]
        if row.rule == "site_changes":
            element = {"Teacher_Name": "Teacher"}.get(element, element)
        yield from ((who, tag(element, self._names.of(kind)[key])) for key in getattr(row, field))

    def _between(self, row: Constraint) -> Iterator[str]:
        known = [self._numbers[key] for key in row.activities if key in self._numbers]
        plain = row.parameters if row.rule == "consecutive" and dict(row.parameters).get("either") else ()
        name = _BETWEEN_OF.get((row.rule, plain))
        if name is None or len(known) < max(2, len(row.activities)) or row.subjects or row.cohorts or row.groups:
            return
        between, word = BETWEEN[name], name.removeprefix("Constraint")
        if len(between.elements) > 1:
            if len(known) == len(between.elements):
                yield constraint(word, _weight(row), "".join(map(tag, between.elements, known)), row.memo)
            return
        inner = tag("Number_of_Activities", len(known)) + tags("Activity_Id", known)
        if between.number[0]:
            days = dict(row.parameters).get(between.number[0], 1)
            inner = f"<Consecutive_If_Same_Day>false</Consecutive_If_Same_Day>{inner}{tag(between.number[1], days)}"
        yield constraint(word, _weight(row), inner, row.memo)


def _weight(row: Constraint) -> str:
    if row.hard:
        return SURE
    return str(row.weight) if row.weight < _MOST else _NEARLY
