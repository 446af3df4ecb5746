"""Activities or subjects that come in an order, within each week or over the year."""

from collections.abc import Iterator
from itertools import combinations

from hpserver.base.grid import Grid
from hpserver.base.model import Constraint
from hpserver.base.occupancy import LANE
from hpserver.base.rules.api import Breach, Candidate, Parameter, Sentences
from hpserver.base.rules.index import Index
from hpserver.base.rules.measured import weeks_of
from hpserver.base.rules.pairs import Paired, Span

Moment = tuple[int, int, int]
"""A week, a day and a step."""


class Sequence(Paired):
    """What is named first is over before what is named after it begins."""

    name = "sequence"
    fr = "Précédence"
    en = "Sequence"
    about = (
        "Whatever is named first comes before what is named after it: within every week that they share, or, with "
        "`across` at 1, all its meetings before any of the other. Soft: the weight for each pair and week."
    )
    parameters = (Parameter("across", "Sur l'année", "Over the year", 0, 0, 1, "truth"),)
    sentences = Sentences(
        fr=("{first} n'est pas avant {second}, semaines {weeks}",
               "du mauvais côté de {other}, semaines {weeks}"),
        en=("{first} is not before {second}, weeks {weeks}",
               "on the wrong side of {other}, weeks {weeks}"),
    )  # fmt: skip

    def agrees(self, _grid: Grid, first: Span, second: Span, _values: tuple[int, ...]) -> bool:
        """Say whether the first is over when the second begins."""
        return first.is_before(second)

    def against(
        self, index: Index, values: tuple[int, ...], other: int, candidate: Candidate, *, earlier: bool
    ) -> int:  # fmt: skip
        """Return the starts that are not after all of an earlier activity, or not before all of a later one."""
        mask = super().against(index, values, other, candidate, earlier=earlier)
        if not values[0]:
            return mask
        places = index.everywhere if candidate.only is None else 1 << candidate.only * LANE
        for _, _, weeks in index.positions(other):
            if earlier:  # no week before the last one of the other
                wrong = (1 << weeks.bit_length() - 1) - 1
            else:  # no week after the first one of the other
                first = (weeks & -weeks).bit_length()
                wrong = index.grid.all_weeks >> first << first
            mask |= places * wrong
        return mask

    def listed(self, index: Index, key: int, constraint: Constraint) -> Iterator[Breach]:
        """See `Paired`; over the year, two are compared by all their meetings."""
        if not self.values(constraint)[0]:
            yield from super().listed(index, key, constraint)
            return
        for first, second in combinations(constraint.activities, 2):
            yield from self.between(index, key, constraint, first, second)

    def between(self, index: Index, key: int, constraint: Constraint, first: int, second: int) -> Iterator[Breach]:
        """Yield, over the year, the meetings of the first that are not before every one of the second."""
        if not self.values(constraint)[0]:
            yield from super().between(index, key, constraint, first, second)
            return
        for place, late in _late(index, first, _earliest(index, second), weeks_of(constraint)):
            cost = constraint.weight * late.bit_count()
            about = (self.name, key, constraint.hard, cost, "activity", first)
            yield Breach(*about, (first, second), late, place, 1, 0)


def _earliest(index: Index, activity: int) -> Moment:
    """Return when the first meeting of an activity begins; after everything when it has none."""
    begins = ((_first(weeks), *index.grid.day_and_step(place)) for place, _, weeks in index.positions(activity))
    return min(begins, default=(LANE, 0, 0))


def _late(index: Index, activity: int, before: Moment, within: int) -> Iterator[tuple[int, int]]:
    """Yield where an activity is not over at a moment, and in which weeks."""
    for place, steps, weeks in index.positions(activity):
        day, start = index.grid.day_and_step(place)
        first = before[0] if (before[0], day, start + steps) > before else before[0] + 1
        late = weeks & within & -1 << first
        if late:
            yield place, late


def _first(weeks: int) -> int:
    return (weeks & -weeks).bit_length() - 1


RULE = Sequence()
