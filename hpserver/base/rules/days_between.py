"""Activities with so many days from one to the other: 1 is just another day."""

from hpserver.base.grid import Grid
from hpserver.base.rules.api import Parameter, Sentences
from hpserver.base.rules.pairs import Paired, Span


class DaysBetween(Paired):
    """Activities with so many days from one to the other: 1 is just another day."""

    name = "days_between"
    fr = "Nombre de jours entre deux cours"
    en = "Days between"
    about = (
        "In every week that they share, the activities are at least `days` days from each other; 1 means on different "
        "days. Soft: the weight for each pair and week."
    )
    parameters = (Parameter("days", "Jours", "Days", 1, 1, 6),)
    sentences = Sentences(
        fr=("{first} et {second} sont à moins de {days} jour(s) l'un de l'autre, semaines {weeks}",
               "à moins de {days} jour(s) de {other}, semaines {weeks}"),
        en=("{first} and {second} are less than {days} day(s) from each other, weeks {weeks}",
               "less than {days} day(s) from {other}, weeks {weeks}"),
    )  # fmt: skip

    def agrees(self, _grid: Grid, first: Span, second: Span, values: tuple[int, ...]) -> bool:
        """Say whether two positions in one week satisfy the rule."""
        return abs(first.day - second.day) >= values[0]


RULE = DaysBetween()
