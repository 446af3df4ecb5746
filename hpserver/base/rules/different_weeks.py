"""Courses that have no week in common."""

from collections.abc import Hashable

from hpserver.base.rules.api import Sentences
from hpserver.base.rules.index import Index
from hpserver.base.rules.wholes import BetweenWholes, Whole


class DifferentWeeks(BetweenWholes):
    """Courses that have no week in common."""

    name = "different_weeks"
    fr = "Semaines différentes"
    en = "Different weeks"
    about = "No week is common to two of the activities or series. Soft: the weight for each pair."
    sentences = Sentences(
        fr=("{first} et {second} ont des semaines en commun",
            "une semaine de {other}, semaines {weeks}"),
        en=("{first} and {second} have weeks in common",
            "in a week of {other}, weeks {weeks}"),
    )  # fmt: skip

    def view(self, whole: Whole) -> Hashable:
        """Return its weeks."""
        return whole.weeks()

    def agrees(self, _index: Index, first: Whole, second: Whole, _values: tuple[int, ...]) -> bool:
        """Say whether two wholes keep the rule."""
        return not first.weeks() & second.weeks()


RULE = DifferentWeeks()
