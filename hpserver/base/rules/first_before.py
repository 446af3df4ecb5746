"""Courses whose first meetings come in an order."""

from hpserver.base.rules.api import Sentences
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


def _first(whole: Whole, *, end: bool) -> tuple[int, int, int]:
    """Return the week, the day and the step at which the first meeting begins, or is over."""
    return min((_lowest(part.weeks), part.day, part.end if end else part.start) for part in whole.parts)


def _lowest(weeks: int) -> int:
    return (weeks & -weeks).bit_length()


RULE = FirstBefore()
