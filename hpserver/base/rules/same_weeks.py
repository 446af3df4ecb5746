"""Courses in the same weeks."""

from collections.abc import Hashable

from hpserver.base.rules.api import Sentences
from hpserver.base.rules.index import Index
from hpserver.base.rules.wholes import BetweenWholes, Whole


class SameWeeks(BetweenWholes):
    """Courses in the same weeks."""

    name = "same_weeks"
    fr = "Mêmes semaines"
    en = "Same weeks"
    about = (
        "Of two activities or series, the weeks of one are among those of the other. Soft: the weight for each pair."
    )
    sentences = Sentences(
        fr=("{first} et {second} ne sont pas les mêmes semaines",
            "pas les semaines de {other}, semaines {weeks}"),
        en=("{first} and {second} are not in the same weeks",
            "not in the weeks of {other}, weeks {weeks}"),
    )  # fmt: skip

    def view(self, whole: Whole) -> Hashable:
        """Return its weeks."""
        return whole.weeks()

    def agrees(self, _index: Index, first: Whole, second: Whole, _values: tuple[int, ...]) -> bool:
        """Say whether two wholes keep the rule."""
        return first.weeks() | second.weeks() in {first.weeks(), second.weeks()}


RULE = SameWeeks()
