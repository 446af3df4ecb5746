"""Courses of one day within so many minutes of each other."""

from hpserver.base.rules.api import Parameter, Sentences
from hpserver.base.rules.index import Index
from hpserver.base.rules.wholes import MOST_MINUTES, BetweenWholes, Part, Whole


class DaySpan(BetweenWholes):
    """Courses of one day within so many minutes of each other."""

    name = "day_span"
    fr = "Amplitude de la journée"
    en = "Span of the day"
    about = (
        "Whenever two of the activities or series are on one day, from the beginning of the first to the end of the "
        "last there are at most so many minutes. "
        "Soft: the weight for each pair."
    )
    parameters = (Parameter("minutes", "Amplitude maximale", "Longest span", 480, 0, MOST_MINUTES, "minutes"),)
    sentences = Sentences(
        fr=("{first} et {second} s'étendent sur plus de {minutes}",
            "à plus de {minutes} de {other}, semaines {weeks}"),
        en=("{first} and {second} span more than {minutes}",
            "more than {minutes} from {other}, weeks {weeks}"),
    )  # fmt: skip

    def agrees(self, index: Index, first: Whole, second: Whole, values: tuple[int, ...]) -> bool:
        """Say whether two wholes keep the rule."""
        most = values[0] // index.grid.step_minutes
        return all(
            max(one.end, other.end) - min(one.start, other.start) <= most
            for one in first.parts
            for other in second.parts
            if one.meets(other)
        )

    def marks(self, index: Index, part: Part, values: tuple[int, ...]) -> tuple[int, ...]:
        """Return the steps at which the answer may turn."""
        most = values[0] // index.grid.step_minutes
        return part.start, part.end, part.start + most, part.end - most


RULE = DaySpan()
