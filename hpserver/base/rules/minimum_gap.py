"""Courses of one day with enough time between them."""

from collections.abc import Hashable, Iterable

from hpserver.base.rules.api import Parameter, Sentences
from hpserver.base.rules.index import Index
from hpserver.base.rules.wholes import MOST_MINUTES, BetweenWholes, Part, Whole, hours_of


class MinimumGap(BetweenWholes):
    """Courses of one day with enough time between them."""

    name = "minimum_gap"
    fr = "Écart minimal"
    en = "Minimum gap"
    about = (
        "Between two of the activities or series there are at least so many minutes whenever they are on one day. "
        "Soft: the weight for each pair."
    )
    parameters = (Parameter("minutes", "Minutes entre les cours", "Minutes between", 60, 0, MOST_MINUTES, "minutes"),)
    sentences = Sentences(
        fr=("{first} et {second} ont moins de {minutes} entre eux",
            "à moins de {minutes} de {other}, semaines {weeks}"),
        en=("{first} and {second} have less than {minutes} between them",
            "less than {minutes} from {other}, weeks {weeks}"),
    )  # fmt: skip

    def keys(self, index: Index, whole: Whole, values: tuple[int, ...]) -> Iterable[Hashable]:
        """Return the hours of each day that are too near after it, its own among them."""
        least = -(-values[0] // index.grid.step_minutes)
        return {(part.day, hour) for part in whole.parts for hour in hours_of(index, part, least)}

    def agrees(self, index: Index, first: Whole, second: Whole, values: tuple[int, ...]) -> bool:
        """Say whether two wholes keep the rule."""
        least = -(-values[0] // index.grid.step_minutes)
        return all(one.gap(other) >= least for one in first.parts for other in second.parts if one.meets(other))

    def marks(self, index: Index, part: Part, values: tuple[int, ...]) -> tuple[int, ...]:
        """Return the steps at which the answer may turn."""
        least = -(-values[0] // index.grid.step_minutes)
        return part.start, part.end, part.start - least, part.end + least


RULE = MinimumGap()
