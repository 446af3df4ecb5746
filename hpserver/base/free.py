"""Where an activity could be: the places free for all it takes, week by week. Changes nothing."""

from collections.abc import Mapping, Sequence
from functools import lru_cache

from hpserver.base.grid import DAYS_IN_WEEK, Grid
from hpserver.base.model import Activity, Meeting
from hpserver.base.occupancy import LANE, LANE_MASK, Occupancy, free_blocks, lanes, resources_of, weeks_by_place
from hpserver.base.references import Ident
from hpserver.base.students import Students

KNOWN_STARTS = 256
"""Pairs of grid and duration whose starts are kept: a server has one grid and few durations."""


def needs(activity: Activity, meetings: Mapping[int, Meeting], rooms: Sequence[int] | None) -> dict[Ident | None, int]:
    """Return the weeks in which an activity takes each resource, and under None those in which it takes place."""
    regular = activity.weeks & ~sum(1 << week for week in meetings)
    found: dict[Ident | None, int] = {}
    for meeting, weeks in [(None, regular), *((meeting, 1 << week) for week, meeting in meetings.items())]:
        if not weeks or (meeting is not None and meeting.cancelled):
            continue
        taken = resources_of(activity, meeting)
        if rooms is not None:
            taken = [*(resource for resource in taken if resource[0] != "room"), *(("room", room) for room in rooms)]
        for resource in (None, *taken):
            found[resource] = found.get(resource, 0) | weeks
    return found


def places(
    grid: Grid,
    occupancy: Occupancy,
    students: Students,
    activity: int,
    duration: int,
    needed: Mapping[Ident | None, int],
) -> dict[int, int]:
    """Return the weeks in which `duration` steps are free for all that is `needed`, by place; none is left out."""
    everywhere = lanes(occupancy.places)
    taken = 0
    for resource, weeks in needed.items():
        if resource is not None:
            for rival in students.rivals(resource):
                taken |= occupancy.taken(rival, activity) & everywhere * weeks
    within = starts(grid, duration) & everywhere * needed.get(None, 0)
    return weeks_by_place(free_blocks(taken, duration, within), occupancy.places)


@lru_cache(maxsize=KNOWN_STARTS)
def starts(grid: Grid, duration: int) -> int:
    """Return the mask of the places, in every week, from which so many steps lie within one working day."""
    mask = 0
    for day in range(DAYS_IN_WEEK):
        if grid.works_on(day):
            room = max(0, grid.steps_per_day - duration + 1)
            mask |= lanes(room) * LANE_MASK << day * grid.steps_per_day * LANE
    return mask
