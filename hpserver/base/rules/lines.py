"""Whose days are counted: an instructor, a room, the students of a group. Finds the lines of a constraint.

The students of a group do what the group and its whole cohort do: that is its line. A cohort stands for the lines of
its groups, or for its own when it has none.
"""

from collections.abc import Collection, Iterator

from hpserver.base.grid import DAYS_IN_WEEK
from hpserver.base.model import Constraint
from hpserver.base.occupancy import LANE, LANE_MASK
from hpserver.base.references import Ident
from hpserver.base.rules.api import Candidate
from hpserver.base.rules.days import Columns
from hpserver.base.rules.index import Index

PEOPLE = ("instructors", "cohorts", "groups")
"""The lists of a constraint that name people."""
STUDENTS = ("cohorts", "groups")
"""Those that name students."""
ALONE = (("instructors", "instructor"), ("rooms", "room"))
"""Those whose objects are a line each."""


def lines_of(index: Index, constraint: Constraint) -> list[Ident]:
    """Return the lines that a constraint names, each once, in order."""
    found: dict[Ident, None] = {}
    for field, kind in ALONE:
        found.update(dict.fromkeys((kind, key) for key in getattr(constraint, field)))
    for cohort in constraint.cohorts:
        found.update(dict.fromkeys(cohort_lines(index, cohort)))
    found.update(dict.fromkeys(("group", key) for key in constraint.groups))
    return sorted(found)


def cohort_lines(index: Index, cohort: int) -> list[Ident]:
    """Return the lines of the students of a cohort."""
    return [("group", group) for group in index.students.groups_of(cohort)] or [("cohort", cohort)]


def lines_with(index: Index, constraint: Constraint, takers: Collection[Ident]) -> list[Ident]:
    """Return the lines that a constraint names and in which anything that takes `takers` is, in order."""
    found: dict[Ident, None] = {}
    for kind, key in takers:
        if kind == "cohort":
            of_cohort = cohort_lines(index, key)
            named = key in constraint.cohorts
            found.update(dict.fromkeys(line for line in of_cohort if named or _names(constraint, line)))
        elif kind == "group":
            if key in constraint.groups or index.cohort_of(key) in constraint.cohorts:
                found["group", key] = None
        elif key in (constraint.instructors if kind == "instructor" else constraint.rooms):
            found[kind, key] = None
    return sorted(found)


def lines_near(index: Index, constraint: Constraint, activities: Collection[int]) -> list[Ident]:
    """Return the lines that a constraint names and in which any of the activities are, in order."""
    found: dict[Ident, None] = {}
    for activity in activities:
        found.update(dict.fromkeys(lines_with(index, constraint, index.takes(activity))))
    return sorted(found)


def members(index: Index, line: Ident) -> tuple[Ident, ...]:
    """Return the resources whose activities are in a line."""
    return (line, ("cohort", index.cohort_of(line[1]))) if line[0] == "group" else (line,)


def busy(index: Index, line: Ident, without: int = 0) -> Columns:
    """Return the columns of what a line does, one activity left aside."""
    mask = 0
    for member in members(index, line):
        mask |= index.occupancy.taken(member, without)
    return index.cut(line, mask)


def weeks_in(index: Index, line: Ident, candidate: Candidate) -> int:
    """Return the weeks in which a candidate is in a line."""
    weeks = 0
    for member in members(index, line):
        weeks |= candidate.needs.get(member, 0)
    return weeks


def holders(index: Index, line: Ident) -> Iterator[tuple[int, tuple[tuple[int, int, int], ...]]]:
    """Yield the activities of a line with their blocks; one may come twice."""
    for member in members(index, line):
        yield from index.occupancy.holders(member).items()


def those_in(index: Index, line: Ident, days: int) -> tuple[int, ...]:
    """Return the activities of a line that are anywhere in some days and weeks (seven lanes)."""
    steps = index.grid.steps_per_day
    found = set()
    for activity, segments in holders(index, line):
        for place, _, weeks in segments:
            if days >> place // steps * LANE & weeks:
                found.add(activity)
                break
    return tuple(sorted(found))


def each_day(days: int) -> Iterator[tuple[int, int]]:
    """Yield the days of seven lanes that have any week, with their weeks."""
    for day in range(DAYS_IN_WEEK):
        weeks = days >> day * LANE & LANE_MASK
        if weeks:
            yield day, weeks


def weeks_on(day: int, days: int) -> int:
    """Return the weeks of one day of seven lanes."""
    return days >> day * LANE & LANE_MASK


def on_day(day: int, weeks: int) -> int:
    """Return seven lanes with some weeks of one day."""
    return weeks << day * LANE


def _names(constraint: Constraint, line: Ident) -> bool:
    return line[0] == "group" and line[1] in constraint.groups
