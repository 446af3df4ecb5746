"""The diagnosis as it is told, cell by cell, and a small school to ask about."""

from typing import cast

from hpserver.base.changes import Change, create
from hpserver.base.integrity import are_rivals, naive_cells
from hpserver.base.model import Availability, Meeting
from hpserver.base.planning import Planning
from hpserver.base.references import Ident
from tests.histories import GRID

WEEKS = 0b1111


def a_planning(*changes: Change) -> Planning:
    """Return two of everything, groups of two partitions, and these changes."""
    planning = Planning(GRID)
    named = [create(kind, key, name=f"{kind} {key}") for kind in ("room", "instructor", "subject") for key in (1, 2)]
    groups = [create("group", key, cohort=1, name="g", partition="aab"[key - 1], size=10) for key in (1, 2, 3)]
    planning.apply([*named, create("cohort", 1, name="L1", size=25), *groups, *changes])
    return planning


def needed(planning: Planning, activity: int) -> dict[int, set[Ident]]:
    """Return whom and what an activity takes, by week in which it takes place."""
    row, found = planning.attended(activity), {}
    for week in range(planning.grid.weeks):
        meeting = planning.maybe_meeting(activity, week) or Meeting()
        if not row.weeks >> week & 1 or meeting.cancelled:
            continue
        instructors = row.instructors if meeting.instructors is None else meeting.instructors
        rooms = row.rooms if meeting.rooms is None else meeting.rooms
        taken = {"instructor": instructors, "cohort": row.cohorts, "group": row.groups, "room": rooms}
        found[week] = {(kind, key) for kind, keys in taken.items() for key in keys}
    return found


def clashes_at(planning: Planning, activity: int, place: int) -> set[tuple[Ident, Ident, int, int]]:
    """Return who would be in two places if an activity were at a place: resource, other's, other activity, week."""
    found, steps = set(), range(place, place + planning.activity(activity).duration)
    cells = naive_cells(planning)
    for week, resources in needed(planning, activity).items():
        for other, taken in cells.items():
            for theirs, where, when in taken:
                if other != activity and when == week and where in steps:
                    found |= {(mine, theirs, other, week) for mine in resources if are_rivals(planning, mine, theirs)}
    return found


def barred(planning: Planning, resource: Ident) -> set[tuple[int, int]]:
    """Return the places and weeks at which a resource is impossible."""
    found = set()
    for row in planning.rows("availability").values():
        one = cast(Availability, row)
        if one.level == "impossible" and getattr(one, resource[0], None) == resource[1]:
            found |= {(place, week) for place in range(one.place, one.place + one.steps) for week in range(62)
                      if one.weeks >> week & 1}  # fmt: skip
    return found


def places_for(planning: Planning, duration: int) -> list[int]:
    """Return the places from which so many steps lie within a working day."""
    return [place for place in range(planning.grid.places) if planning.grid.fits(place, duration)]
