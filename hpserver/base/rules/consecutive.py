"""Activities of which one follows the other without a pause."""

from hpserver.base.grid import Grid
from hpserver.base.rules.api import Parameter, Sentences
from hpserver.base.rules.pairs import Paired, Span


class Consecutive(Paired):
    """Activities of which one follows the other without a pause."""

    name = "consecutive"
    fr = "Cours consécutifs"
    en = "One right after the other"
    about = (
        "In every week that they share, the second begins on the same day when the first ends; with `either` at 1, in "
        "any order. Soft: the weight for each pair and week."
    )
    parameters = (Parameter("either", "Ordre indifférent", "In any order", 0, 0, 1, "truth"),)
    sentences = Sentences(
        fr=("{second} ne suit pas {first}, semaines {weeks}",
               "ni juste avant ni juste après {other}, semaines {weeks}"),
        en=("{second} does not follow {first}, weeks {weeks}",
               "neither right before nor right after {other}, weeks {weeks}"),
    )  # fmt: skip

    def agrees(self, _grid: Grid, first: Span, second: Span, values: tuple[int, ...]) -> bool:
        """Say whether two positions in one week satisfy the rule."""
        if first.day != second.day:
            return False
        return first.end == second.start or bool(values[0] and second.end == first.start)

    def is_ordered(self, values: tuple[int, ...]) -> bool:
        """Say whether the second must follow the first."""
        return not values[0]


RULE = Consecutive()
