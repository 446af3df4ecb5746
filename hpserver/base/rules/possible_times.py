"""Times that an activity or a series may have: where there are any, it has one of them, and what that one costs."""

from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING, TypeAlias

from hpserver.base.grid import Grid
from hpserver.base.model import Constraint, PossibleTime
from hpserver.base.occupancy import LANE
from hpserver.base.references import Ident
from hpserver.base.rules.api import Barrier, Breach, Candidate, Parameter, Sentences, Unit
from hpserver.base.rules.index import Index
from hpserver.base.rules.wholes import activities_of
from hpserver.base.weeks import each_week

if TYPE_CHECKING:
    from hpserver.base.planning import Planning  # the aggregate imports the index beside this module

_Together: TypeAlias = tuple[int, tuple[int, ...]]
"""Weeks that are alike, and the places at which activities are in them."""


class PossibleTimes:
    """What has possible times is at one of them, all of it at the same one."""

    name = "possible_time"
    fr = "Horaires possibles"
    en = "Possible times"
    about = (
        "An activity, or all activities of a series, are at one of its possible times, when it has any that are for as "
        "many days; a time with a penalty costs it."
    )
    parameters: tuple[Parameter, ...] = ()
    applies_to: tuple[str, ...] = ()
    built_in = True
    counts = False
    unit: Unit = "count"
    sentences = Sentences(
        fr=("{activities} : horaire à éviter ou impossible, semaines {weeks}",
            "horaire à éviter ou impossible, semaines {weeks}"),
        en=("{activities}: a time to avoid, or not possible, weeks {weeks}",
            "a time to avoid, or not possible, weeks {weeks}"),
    )  # fmt: skip

    def breaches(self, planning: "Planning", _key: int, _constraint: Constraint) -> Iterator[Breach]:
        """Yield every breach of the base: one for the weeks that are alike."""
        index = planning.index
        owners = (_owner(row) for row in index.table("possible_time").values())
        for ident in dict.fromkeys(owners):
            yield from self._breaches(index, ident)

    def near(
        self, planning: "Planning", _key: int, _constraint: Constraint, activities: Collection[int]
    ) -> Iterator[Breach]:
        """Yield those of these activities and of their series."""
        index = planning.index
        wholes = (ident for one in activities for ident in _idents(index, one)) if index.table("possible_time") else ()
        for ident in dict.fromkeys(wholes):
            yield from self._breaches(index, ident)

    def barriers(
        self, planning: "Planning", _key: int, _constraint: Constraint, candidate: Candidate
    ) -> Iterator[Barrier]:
        """Yield a barrier on the starts that are at no possible time, and one for each cost of those that are."""
        index = planning.index
        for ident in _idents(index, candidate.key) if index.table("possible_time") else ():
            times = _usable(index, ident)
            allowed: dict[int, int] = {}
            told = 0
            for weeks, places in _alike(index, ident, candidate.weeks, candidate.key):
                fitting = [time for time in times if _fits(index.grid, time, places)]
                if places and not fitting:
                    continue  # wherever it is, the others are at no possible time
                told |= candidate.starts & index.everywhere * weeks
                now = min((time.penalty for time in fitting), default=0) if places else 0
                for start, penalty in _starts(index.grid, fitting, places).items():
                    bits = weeks << start * LANE & candidate.starts
                    told &= ~bits
                    if penalty > now:
                        allowed[penalty] = allowed.get(penalty, 0) | bits
            if told:
                yield Barrier(self.name, 0, True, 1, *ident, 0, told)
            for penalty, starts in allowed.items():
                if starts:
                    yield Barrier(self.name, 0, False, penalty, *ident, 0, starts)

    def _breaches(self, index: Index, ident: Ident) -> Iterator[Breach]:
        times, activities = _usable(index, ident), activities_of(index, ident)
        for weeks, places in _alike(index, ident, index.grid.all_weeks, 0):
            if not places:
                continue
            found = min((time.penalty for time in times if _fits(index.grid, time, places)), default=None)
            if found != 0:
                cost = (1 if found is None else found) * weeks.bit_count()
                about = (self.name, 0, found is None, cost, *ident, tuple(activities), weeks, min(places))
                yield Breach(*about, 1 if found is None else found, 0)


def _owner(row: PossibleTime) -> Ident:
    return next((kind, getattr(row, kind)) for kind in row.one_of if getattr(row, kind) is not None)


def _idents(index: Index, activity: int) -> list[Ident]:
    """Return the wholes with possible times that an activity is, or is of."""
    series = index.series_of(activity)
    wholes: list[Ident] = [("activity", activity), *([] if series is None else [("series", series)])]
    return [ident for ident in wholes if index.has_possible("possible_time", ident)]


def _usable(index: Index, ident: Ident) -> list[PossibleTime]:
    """Return the possible times that are as long as the activities of a whole, in their weeks, on as many days."""
    rows = [index.table("activity")[key] for key in activities_of(index, ident)]
    times = index.possible_of("possible_time", ident).values()
    return [
        time
        for time in times
        if _days(index.grid, time).bit_count() == len(rows)
        and all(row.duration == time.steps and time.weeks in {0, row.weeks} for row in rows)
    ]


def _days(grid: Grid, time: PossibleTime) -> int:
    return time.days | 1 << time.place // grid.steps_per_day


def _fits(grid: Grid, time: PossibleTime, places: Sequence[int]) -> bool:
    """Say whether places are those of a possible time, each on a day of its own."""
    days, start = _days(grid, time), time.place % grid.steps_per_day
    for place in places:
        day, step = grid.day_and_step(place)
        if step != start or not days >> day & 1:
            return False
        days &= ~(1 << day)
    return True


def _starts(grid: Grid, times: Sequence[PossibleTime], places: Sequence[int]) -> dict[int, int]:
    """Return where one more activity may be beside some places, with the least penalty."""
    found: dict[int, int] = {}
    for time in times:
        for day in each_week(_days(grid, time)):
            start = day * grid.steps_per_day + time.place % grid.steps_per_day
            if start not in places:
                found[start] = min(time.penalty, found.get(start, time.penalty))
    return found


def _alike(index: Index, ident: Ident, within: int, without: int) -> list[_Together]:
    """Return weeks in which the activities of a whole, all but one, are at the same places."""
    groups: dict[int, tuple[int, ...]] = {within: ()} if within else {}
    for activity in activities_of(index, ident):
        for place, _, weeks in index.positions(activity) if activity != without else ():
            split: dict[int, tuple[int, ...]] = {}
            for known, places in groups.items():
                if known & weeks:
                    split[known & weeks] = (*places, place)
                if known & ~weeks:
                    split[known & ~weeks] = places
            groups = split
    return list(groups.items())


RULE = PossibleTimes()
