"""Courses whose first meetings come in an order."""

from collections.abc import Hashable, Iterator, Sequence

from hpserver.base.rules.api import Sentences
from hpserver.base.rules.compared import Ladder, Moment, number_of
from hpserver.base.rules.index import Index
from hpserver.base.rules.wholes import BetweenWholes, Whole


class FirstBefore(BetweenWholes):
    """Courses whose first meetings come in an order."""

    name = "first_before"
    fr = "Première séance avant"
    en = "First meeting before"
    about = (
        "The first meeting of what is named first is over before the first meeting of what is named after it begins. "
        "Soft: the weight for each pair."
    )
    sentences = Sentences(
        fr=("{first} ne commence pas avant {second}",
            "du mauvais côté du début de {other}, semaines {weeks}"),
        en=("{first} does not begin before {second}",
            "on the wrong side of the beginning of {other}, weeks {weeks}"),
    )  # fmt: skip

    def agrees(self, _index: Index, first: Whole, second: Whole, _values: tuple[int, ...]) -> bool:
        """Say whether two wholes keep the rule."""
        return _first(first, end=True) <= _first(second, end=False)

    def view(self, whole: Whole) -> Hashable:
        """Return when its first meeting begins, and is over."""
        return _first(whole, end=False), _first(whole, end=True)

    def disagreements(
        self, index: Index, wholes: Sequence[Whole], _values: tuple[int, ...]
    ) -> Iterator[tuple[int, int]]:  # fmt: skip
        """See `BetweenWholes`; those are looked at that begin before the first meeting of one is over."""
        begins = {at: number_of(index.grid, _first(whole, end=False)) for at, whole in enumerate(wholes)}
        ladder = Ladder([(at, at) for at in begins], begins)
        for at, whole in enumerate(wholes):
            for there in ladder.below(number_of(index.grid, _first(whole, end=True)), at):
                yield at, there


def _first(whole: Whole, *, end: bool) -> Moment:
    """Return the week, the day and the step at which the first meeting begins, or is over."""
    return min((_lowest(part.weeks), part.day, part.end if end else part.start) for part in whole.parts)


def _lowest(weeks: int) -> int:
    return (weeks & -weeks).bit_length()


RULE = FirstBefore()
