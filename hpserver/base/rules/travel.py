"""Time to go from one site to another between two activities: holds without any constraint."""

from collections.abc import Collection, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

import msgspec

from hpserver.base.grid import Grid
from hpserver.base.model import Constraint
from hpserver.base.occupancy import LANE, Segment
from hpserver.base.references import Ident
from hpserver.base.rules.api import Barrier, Breach, Candidate, Parameter, Sentences, Unit
from hpserver.base.rules.index import Index
from hpserver.base.rules.pairs import Span

if TYPE_CHECKING:
    from hpserver.base.planning import Planning  # the aggregate imports the index beside this module

PEOPLE = frozenset({"instructor", "cohort", "group"})
"""Who goes from one site to another."""
KNOWN_PATTERNS = 16_384
"""Patterns kept: place and length of the other, length, two travel times."""


class _Leg(msgspec.Struct, frozen=True, order=True):
    """Too short a way between two meetings, in the order of the day."""

    earlier: int
    later: int
    place: int
    gap: int
    needed: int
    weeks: int
    who: Ident


class Travel:
    """Whoever is in two sites on one day has the time to go; two activities at once are a clash, not told here."""

    name = "travel"
    fr = "Temps de trajet entre sites"
    en = "Travel between sites"
    about = (
        "Between two activities of a person, or of students, in rooms of different sites, there are at least the "
        "minutes of the travel time from one to the other; where only the way back is known, it counts for both."
    )
    parameters: tuple[Parameter, ...] = ()
    applies_to: tuple[str, ...] = ()
    built_in = True
    counts = False
    unit: Unit = "minutes"
    sentences = Sentences(
        fr=("{kind} {who} : {amount} pour aller de {first} à {second} au lieu de {limit} le {day}, semaines {weeks}",
            "{kind} {who} : pas le temps du trajet depuis ou vers {other}, semaines {weeks}"),
        en=("{kind} {who}: {amount} to go from {first} to {second} instead of {limit} on {day}, weeks {weeks}",
            "{kind} {who}: no time to travel from or to {other}, weeks {weeks}"),
    )  # fmt: skip

    def breaches(self, planning: "Planning", key: int, constraint: Constraint) -> Iterator[Breach]:
        """Yield every way that is too short."""
        yield from self.near(planning, key, constraint, planning.rows("activity"))

    def near(
        self, planning: "Planning", _key: int, _constraint: Constraint, activities: Collection[int]
    ) -> Iterator[Breach]:
        """Yield those from or to these activities, each once."""
        index = planning.index
        if not index.table("travel_time"):
            return
        told: dict[tuple[int, int, int, int, int], tuple[int, Ident]] = {}
        for activity in activities:
            for leg in _legs(index, activity):
                way = (leg.earlier, leg.later, leg.place, leg.gap, leg.needed)
                weeks, who = told.get(way, (0, leg.who))
                told[way] = weeks | leg.weeks, who
        step = index.grid.step_minutes
        for (earlier, later, place, gap, needed), (weeks, who) in told.items():
            yield Breach(self.name, 0, True, 0, *who, (earlier, later), weeks, place, gap * step, needed)

    def barriers(
        self, planning: "Planning", _key: int, _constraint: Constraint, candidate: Candidate
    ) -> Iterator[Barrier]:
        """Yield one barrier per other activity from or to which there would be no time to go."""
        index = planning.index
        if not index.table("travel_time"):
            return
        sites = index.sites(candidate.needs)
        found: dict[int, tuple[Ident, int]] = {}
        for ident, own_weeks in candidate.needs.items() if sites else ():
            for rival in index.students.rivals(ident) if ident[0] in PEOPLE else ():
                for other, segments in index.occupancy.holders(rival).items():
                    if other != candidate.key:
                        starts = _against(index, sites, other, segments, candidate.duration)
                        starts &= candidate.starts & index.everywhere * own_weeks
                        if starts:
                            who, known = found.get(other, (ident, 0))
                            found[other] = who, known | starts
        for other, (who, starts) in found.items():
            yield Barrier(self.name, 0, True, 0, *who, other, starts)


def _against(index: Index, sites: dict[int, int], other: int, segments: tuple[Segment, ...], duration: int) -> int:
    starts = 0
    for there, weeks_there in index.sites_of(other).items():
        for here, weeks_here in sites.items():
            way = index.travel(here, there), index.travel(there, here)
            weeks = weeks_here & weeks_there
            for place, steps, known in segments if here != there and any(way) else ():
                if known & weeks:
                    starts |= _pattern(index.grid, (place, steps), duration, way) * (known & weeks)
    return starts


def _legs(index: Index, activity: int) -> Iterator[_Leg]:
    """Yield the ways from or to an activity that are too short."""
    sites = index.sites_of(activity)
    for ident, own in index.occupancy.footprint(activity).items() if sites else ():
        for rival in index.students.rivals(ident) if ident[0] in PEOPLE else ():
            for other, segments in index.occupancy.holders(rival).items():
                if other != activity and _meet(index.grid, own, segments):
                    yield from _legs_between(index, ident, (activity, own, sites), (other, segments))


def _meet(grid: Grid, own: tuple[Segment, ...], segments: tuple[Segment, ...]) -> bool:
    """Say whether any two blocks are on one day: most are not."""
    days = {place // grid.steps_per_day for place, _, _ in own}
    return any(place // grid.steps_per_day in days for place, _, _ in segments)


def _legs_between(
    index: Index,
    who: Ident,
    this: tuple[int, tuple[Segment, ...], dict[int, int]],
    that: tuple[int, tuple[Segment, ...]],
) -> Iterator[_Leg]:
    activity, own, sites = this
    other, segments = that
    grid = index.grid
    for there, weeks_there in index.sites_of(other).items():
        for here, weeks_here in sites.items():
            for one in own if here != there else ():
                for two in segments:
                    weeks = one[2] & two[2] & weeks_here & weeks_there
                    first, second = Span(grid, *one[:2]), Span(grid, *two[:2])
                    if not weeks or first.day != second.day:
                        continue
                    if first.is_before(second):
                        leg = (activity, other, one[0], second.start - first.end, index.travel(here, there))
                    elif second.is_before(first):
                        leg = (other, activity, two[0], first.start - second.end, index.travel(there, here))
                    else:
                        continue
                    if leg[3] * grid.step_minutes < leg[4]:
                        yield _Leg(*leg, weeks, who)


@lru_cache(maxsize=KNOWN_PATTERNS)
def _pattern(grid: Grid, there: tuple[int, int], duration: int, way: tuple[int, int]) -> int:
    """Return a 1 in the lane of every start too close before or after something at `there`, on its day."""
    other, mask = Span(grid, *there), 0
    for step in range(grid.steps_per_day - duration + 1):
        place = other.day * grid.steps_per_day + step
        here = Span(grid, place, duration)
        too_early = here.is_before(other) and (other.start - here.end) * grid.step_minutes < way[0]
        too_late = other.is_before(here) and (here.start - other.end) * grid.step_minutes < way[1]
        if too_early or too_late:
            mask |= 1 << place * LANE
    return mask


RULE = Travel()
