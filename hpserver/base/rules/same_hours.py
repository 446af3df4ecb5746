"""Courses at the same hour of the day, on whatever days."""

from collections.abc import Hashable

from hpserver.base.rules.api import Parameter, Sentences
from hpserver.base.rules.index import Index
from hpserver.base.rules.wholes import BetweenWholes, Part, Whole


class SameHours(BetweenWholes):
    """Courses at the same hour of the day, on whatever days."""

    name = "same_hours"
    fr = "Mêmes heures"
    en = "Same hours"
    about = (
        "The activities or series begin at the same hour on whatever days; with `within` at 1, the shorter lies within "
        "the hours of the longer. "
        "Soft: the weight for each pair."
    )
    parameters = (Parameter("within", "L'une dans l'autre", "One within the other", 0, 0, 1, "truth"),)
    sentences = Sentences(
        fr=("{first} et {second} ne sont pas aux mêmes heures",
            "pas aux heures de {other}, semaines {weeks}"),
        en=("{first} and {second} are not at the same hours",
            "not at the hours of {other}, weeks {weeks}"),
    )  # fmt: skip

    def view(self, whole: Whole) -> Hashable:
        """Return its hours."""
        return whole.hours()

    def agrees(self, _index: Index, first: Whole, second: Whole, values: tuple[int, ...]) -> bool:
        """Say whether two wholes keep the rule."""
        (within,) = values
        return all(_is_same(one, other, within=bool(within)) for one in first.parts for other in second.parts)


def _is_same(one: Part, other: Part, *, within: bool) -> bool:
    if not within:
        return one.start == other.start
    return (one.start <= other.start and other.end <= one.end) or (other.start <= one.start and one.end <= other.end)


RULE = SameHours()
