"""Activities that are on the same day."""

from hpserver.base.grid import Grid
from hpserver.base.rules.api import Sentences
from hpserver.base.rules.pairs import Paired, Span


class SameDay(Paired):
    """Activities that are on the same day."""

    name = "same_day"
    fr = "Même jour"
    en = "Same day"
    about = (
        "In every week that they share, the activities are on the same day. Soft: the weight for each pair and week."
    )
    sentences = Sentences(
        fr=("{first} et {second} ne sont pas le même jour, semaines {weeks}",
               "pas le même jour que {other}, semaines {weeks}"),
        en=("{first} and {second} are not on the same day, weeks {weeks}",
               "not on the same day as {other}, weeks {weeks}"),
    )  # fmt: skip

    def agrees(self, _grid: Grid, first: Span, second: Span, _values: tuple[int, ...]) -> bool:
        """Say whether two positions in one week satisfy the rule."""
        return first.day == second.day


RULE = SameDay()
