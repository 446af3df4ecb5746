"""Activities that have no time in common, whoever takes part."""

from hpserver.base.grid import Grid
from hpserver.base.rules.api import Sentences
from hpserver.base.rules.pairs import Paired, Span


class NotOverlapping(Paired):
    """Activities that have no time in common, whoever takes part."""

    name = "not_overlapping"
    fr = "Pas en même temps"
    en = "Not at the same time"
    about = (
        "The activities are never at the same time, even if they have nobody and no room in common. Soft: the weight "
        "for each pair and week."
    )
    sentences = Sentences(
        fr=("{first} et {second} sont en même temps, semaines {weeks}",
               "en même temps que {other}, semaines {weeks}"),
        en=("{first} and {second} are at the same time, weeks {weeks}",
               "at the same time as {other}, weeks {weeks}"),
    )  # fmt: skip

    def agrees(self, _grid: Grid, first: Span, second: Span, _values: tuple[int, ...]) -> bool:
        """Say whether two positions in one week satisfy the rule."""
        return first.is_apart(second)


RULE = NotOverlapping()
