"""Activities spread over at least so many days of each week: the minimum working days of ITC-2007."""

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from hpserver.base.model import Constraint
from hpserver.base.occupancy import LANE_MASK
from hpserver.base.rules.api import Barrier, Breach, Candidate, Sentences, Unit, setting
from hpserver.base.rules.days import ALL, ONE, Count, above, any_of, levels, mask_of, minus, more, tally, week_total
from hpserver.base.rules.index import Index
from hpserver.base.rules.measured import number_parameter, weeks_of

if TYPE_CHECKING:
    from hpserver.base.planning import Planning  # the aggregate imports the index beside this module

MOST_DAYS = 7


class WorkingDays:
    """Counts the days that the activities of a list take in a week; no more are asked for than there are activities."""

    name = "working_days"
    fr = "Nombre minimum de jours"
    en = "Minimum working days"
    about = (
        "In each week, the activities named are on at least `limit` different days, or each on its own when they are "
        "fewer (minimum working days of ITC-2007). Soft: the weight for each day that lacks."
    )
    parameters = (number_parameter(2, MOST_DAYS),)
    applies_to = ("activities",)
    built_in = False
    counts = True
    unit: Unit = "count"
    sentences = Sentences(
        fr=("{activities} : sur {amount} jour(s) au lieu de {limit} au moins, semaines {weeks}",
            "un jour déjà pris par les autres cours, semaines {weeks}"),
        en=("{activities}: on {amount} day(s) instead of {limit} at least, weeks {weeks}",
            "a day that the other activities take already, weeks {weeks}"),
    )  # fmt: skip

    def breaches(self, planning: "Planning", key: int, constraint: Constraint) -> Iterator[Breach]:
        """Yield the weeks with too few days, by how many there are."""
        index, those = planning.index, constraint.activities
        days, wanted = self._days_and_wanted(index, constraint, 0)
        lacking = more(wanted, days) & weeks_of(constraint)
        for lack, weeks in levels(minus(wanted, days), lacking):
            for amount, some in levels(days, weeks):
                cost = constraint.weight * lack * some.bit_count()
                about = (self.name, key, constraint.hard, cost, "activity", min(those))
                who = tuple(one for one in those if any(part & some for _, _, part in index.positions(one)))
                yield Breach(*about, who, some, None, amount, amount + lack)

    def near(
        self, planning: "Planning", key: int, constraint: Constraint, activities: Collection[int]
    ) -> Iterator[Breach]:
        """Yield them when any of the activities is in the list."""
        if not set(activities).isdisjoint(constraint.activities):
            yield from self.breaches(planning, key, constraint)

    def barriers(
        self, planning: "Planning", key: int, constraint: Constraint, candidate: Candidate
    ) -> Iterator[Barrier]:
        """Yield a barrier on the days already taken, in the weeks in which another one would do good."""
        if candidate.key not in constraint.activities:
            return
        index, limit = planning.index, setting(self, constraint, "limit")
        others = [index.days_of(one) for one in constraint.activities if one != candidate.key]
        enough = above(week_total(tally(others)), limit - 1) & LANE_MASK
        steps = index.grid.steps_per_day
        taken = any_of(others) & (LANE_MASK & ~enough & weeks_of(constraint)) * ONE
        starts = mask_of([taken] * steps, steps) & candidate.starts
        if starts:
            yield Barrier(self.name, key, constraint.hard, constraint.weight, "activity", candidate.key, 0, starts)

    def _days_and_wanted(self, index: Index, constraint: Constraint, without: int) -> tuple[Count, Count]:
        """Return, per week, the days taken, and the days there should be."""
        limit = setting(self, constraint, "limit")
        taken = [index.days_of(one) for one in constraint.activities if one != without]
        placed = week_total(tally(taken))
        enough = above(placed, limit) & LANE_MASK
        wanted = tuple(
            digit & ~enough | (enough if limit >> place & 1 else 0)
            for place, digit in enumerate((*placed, *[0] * max(0, limit.bit_length() - len(placed))))
        )
        return week_total((any_of(taken) & ALL,)), wanted


RULE = WorkingDays()
