"""Courses that have no day of the week in common."""

from collections.abc import Hashable

from hpserver.base.rules.api import Sentences
from hpserver.base.rules.index import Index
from hpserver.base.rules.wholes import BetweenWholes, Whole


class DifferentWeekdays(BetweenWholes):
    """Courses that have no day of the week in common."""

    name = "different_weekdays"
    fr = "Jours de la semaine différents"
    en = "Different weekdays"
    about = (
        "No day of the week is common to two of the activities or series, even if they are in different weeks. "
        "Soft: the weight for each pair."
    )
    sentences = Sentences(
        fr=("{first} et {second} ont un jour en commun",
            "un jour de {other}, semaines {weeks}"),
        en=("{first} and {second} have a day in common",
            "on a day of {other}, weeks {weeks}"),
    )  # fmt: skip

    def view(self, whole: Whole) -> Hashable:
        """Return its days."""
        return whole.days()

    def agrees(self, _index: Index, first: Whole, second: Whole, _values: tuple[int, ...]) -> bool:
        """Say whether two wholes keep the rule."""
        return not first.days() & second.days()


RULE = DifferentWeekdays()
