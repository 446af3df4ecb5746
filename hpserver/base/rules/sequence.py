"""Activities or subjects that come in an order, within each week or over the year."""

from collections.abc import Iterator
from itertools import combinations

from hpserver.base.grid import Grid
from hpserver.base.model import Constraint
from hpserver.base.occupancy import LANE
from hpserver.base.rules.api import Breach, Parameter, Sentences
from hpserver.base.rules.index import Index
from hpserver.base.rules.measured import weeks_of
from hpserver.base.rules.pairs import Paired, Span


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

    def against(self, index: Index, constraint: Constraint, other: int, duration: int, *, earlier: bool) -> int:
        """Return the starts that are not after all of an earlier activity, or not before all of a later one."""
        mask = super().against(index, constraint, other, duration, earlier=earlier)
        if not self.values(constraint)[0]:
            return mask
        for _, _, weeks in index.positions(other):
            if earlier:  # no week before the last one of the other
                wrong = (1 << weeks.bit_length() - 1) - 1
            else:  # no week after the first one of the other
                first = (weeks & -weeks).bit_length()
                wrong = index.grid.all_weeks >> first << first
            mask |= index.everywhere * wrong
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
        duration = index.duration_of(first)
        starts = self.against(index, constraint, second, duration, earlier=False)
        for place, _, weeks in index.positions(first):
            late = starts >> place * LANE & weeks & weeks_of(constraint)
            if late:
                cost = constraint.weight * late.bit_count()
                about = (self.name, key, constraint.hard, cost, "activity", first)
                yield Breach(*about, (first, second), late, place, 1, 0)


RULE = Sequence()
