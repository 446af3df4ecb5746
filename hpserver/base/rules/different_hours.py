"""Courses that have no hour of the day in common, on whatever days."""

from hpserver.base.rules.api import Sentences
from hpserver.base.rules.index import Index
from hpserver.base.rules.wholes import BetweenWholes, Whole


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

    def agrees(self, _index: Index, first: Whole, second: Whole, _values: tuple[int, ...]) -> bool:
        """Say whether two wholes keep the rule."""
        return all(one.gap(other) >= 0 for one in first.parts for other in second.parts)


RULE = DifferentHours()
