"""Courses that have some time in common."""

from hpserver.base.rules.api import Sentences
from hpserver.base.rules.index import Index
from hpserver.base.rules.wholes import BetweenWholes, Whole


class Overlapping(BetweenWholes):
    """Courses that have some time in common."""

    name = "overlapping"
    fr = "Au même moment"
    en = "At one time"
    about = (
        "Two of the activities or series have some time in common, on some day of some week. "
        "Soft: the weight for each pair."
    )
    sentences = Sentences(
        fr=("{first} et {second} n'ont aucun moment en commun",
            "jamais avec {other}, semaines {weeks}"),
        en=("{first} and {second} have no time in common",
            "never with {other}, weeks {weeks}"),
    )  # fmt: skip

    def agrees(self, _index: Index, first: Whole, second: Whole, _values: tuple[int, ...]) -> bool:
        """Say whether two wholes keep the rule."""
        return any(one.meets(other) and one.gap(other) < 0 for one in first.parts for other in second.parts)


RULE = Overlapping()
