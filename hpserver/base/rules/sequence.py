"""Activities or subjects that come in an order, within each week or over the year."""

from collections.abc import Iterator

from hpserver.base.grid import Grid
from hpserver.base.model import Constraint
from hpserver.base.occupancy import LANE
from hpserver.base.rules.api import Candidate, Parameter, Sentences
from hpserver.base.rules.compared import LOWEST, Family, Found, Ladder, Moment, number_of
from hpserver.base.rules.index import Index
from hpserver.base.rules.measured import weeks_of
from hpserver.base.rules.pairs import Paired, Span

End = tuple[int, int, int, int]
"""A place, its day, the first step after what is there, its weeks."""


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

    def is_ordered(self, _values: tuple[int, ...]) -> bool:
        """Say that it matters which is named first."""
        return True

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

    def disagreements(self, index: Index, constraint: Constraint, family: Family) -> Iterator[Found]:
        """See `Paired`; over the year, those are looked at of which the first ends after the second begins."""
        if self.values(constraint)[0]:
            return _over_the_year(index, family, weeks_of(constraint))
        return super().disagreements(index, constraint, family)

    def between(self, index: Index, constraint: Constraint, first: int, second: int) -> Iterator[Found]:
        """Yield, over the year, the meetings of the first that are not before every one of the second."""
        if self.values(constraint)[0]:
            return _late(first, _ends(index, first, weeks_of(constraint)), second, _earliest(index, second))
        return super().between(index, constraint, first, second)


def _over_the_year(index: Index, family: Family, within: int) -> Iterator[Found]:
    begins = {activity: _earliest(index, activity) for _, activity in family.second}
    ladder = Ladder(family.second, {activity: number_of(index.grid, when) for activity, when in begins.items()})
    for rank, first in family.first:
        ends = _ends(index, first, within)
        latest = max(
            (number_of(index.grid, (weeks.bit_length() - 1, day, end)) for _, day, end, weeks in ends), default=LOWEST
        )
        for second in ladder.below(latest, rank):
            yield from _late(first, ends, second, begins[second])


def _earliest(index: Index, activity: int) -> Moment:
    """Return when the first meeting of an activity begins; after everything when it has none."""
    begins = ((_first(weeks), *index.grid.day_and_step(place)) for place, _, weeks in index.positions(activity))
    return min(begins, default=(LANE, 0, 0))


def _ends(index: Index, activity: int, within: int) -> list[End]:
    """Return when an activity is over in some weeks."""
    found = []
    for place, steps, weeks in index.positions(activity):
        if weeks & within:
            day, start = index.grid.day_and_step(place)
            found.append((place, day, start + steps, weeks & within))
    return found


def _late(first: int, ends: list[End], second: int, before: Moment) -> Iterator[Found]:
    """Yield where the first of two activities is not over at a moment, and in which weeks."""
    week, *then = before
    for place, day, end, weeks in ends:
        late = weeks & -1 << (week if [day, end] > then else week + 1)
        if late:
            yield first, second, late, place


def _first(weeks: int) -> int:
    return (weeks & -weeks).bit_length() - 1


RULE = Sequence()
