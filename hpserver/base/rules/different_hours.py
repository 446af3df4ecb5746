"""Courses that have no hour of the day in common, on whatever days."""

from collections.abc import Hashable, Iterable

from hpserver.base.rules.api import Sentences
from hpserver.base.rules.index import Index
from hpserver.base.rules.wholes import BetweenWholes, Whole, hours_of


class DifferentHours(BetweenWholes):
    """Courses that have no hour of the day in common, on whatever days."""

    name = "different_hours"
    fr = "Heures différentes"
    en = "Different hours"
    about = (
        "No hour of the day is common to two of the activities or series, even if they are on different days. "
        "Soft: the weight for each pair."
    )
    sentences = Sentences(
        fr=("{first} et {second} ont des heures en commun",
            "aux heures de {other}, semaines {weeks}"),
        en=("{first} and {second} have hours in common",
            "at the hours of {other}, weeks {weeks}"),
    )  # fmt: skip

    def view(self, whole: Whole) -> Hashable:
        """Return its hours."""
        return whole.hours()

    def keys(self, index: Index, whole: Whole, _values: tuple[int, ...]) -> Iterable[Hashable]:
        """Return the hours it is in."""
        return {hour for part in whole.parts for hour in hours_of(index, part)}

    def agrees(self, _index: Index, first: Whole, second: Whole, _values: tuple[int, ...]) -> bool:
        """Say whether two wholes keep the rule."""
        return all(one.gap(other) >= 0 for one in first.parts for other in second.parts)


RULE = DifferentHours()
