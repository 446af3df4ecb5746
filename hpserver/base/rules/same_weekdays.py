"""Courses on the same days of the week."""

from collections.abc import Hashable

from hpserver.base.rules.api import Sentences
from hpserver.base.rules.index import Index
from hpserver.base.rules.wholes import BetweenWholes, Whole


class SameWeekdays(BetweenWholes):
    """Courses on the same days of the week."""

    name = "same_weekdays"
    fr = "Mêmes jours de la semaine"
    en = "Same weekdays"
    about = (
        "Of two activities or series, the days of the week of one are among those of the other. "
        "Soft: the weight for each pair."
    )
    sentences = Sentences(
        fr=("{first} et {second} ne sont pas les mêmes jours",
            "pas les jours de {other}, semaines {weeks}"),
        en=("{first} and {second} are not on the same days",
            "not on the days of {other}, weeks {weeks}"),
    )  # fmt: skip

    def view(self, whole: Whole) -> Hashable:
        """Return its days."""
        return whole.days()

    def agrees(self, _index: Index, first: Whole, second: Whole, _values: tuple[int, ...]) -> bool:
        """Say whether two wholes keep the rule."""
        return first.days() | second.days() in {first.days(), second.days()}


RULE = SameWeekdays()
