"""Activities that start at the same hour of the same day."""

from hpserver.base.grid import Grid
from hpserver.base.rules.api import Sentences
from hpserver.base.rules.pairs import Paired, Span


class SameStart(Paired):
    """Activities that start at the same hour of the same day."""

    name = "same_start"
    fr = "Même heure de début"
    en = "Same start"
    about = "In every week that they share, the activities start at the same place. Soft: the weight per pair and week."
    sentences = Sentences(
        fr=("{first} et {second} ne commencent pas à la même heure, semaines {weeks}",
               "pas à la même heure que {other}, semaines {weeks}"),
        en=("{first} and {second} do not start together, weeks {weeks}",
               "not together with {other}, weeks {weeks}"),
    )  # fmt: skip

    def agrees(self, _grid: Grid, first: Span, second: Span, _values: tuple[int, ...]) -> bool:
        """Say whether two positions in one week satisfy the rule."""
        return (first.day, first.start) == (second.day, second.start)


RULE = SameStart()
