"""Courses that together are not too long on any day."""

from collections.abc import Sequence

from hpserver.base.rules.api import Parameter, Sentences
from hpserver.base.rules.gathered import Gathered, Hours
from hpserver.base.rules.wholes import MOST_MINUTES


class DayLoad(Gathered):
    """Courses that together are not too long on any day."""

    name = "day_load"
    fr = "Charge d'une journée"
    en = "Load of a day"
    about = (
        "The activities or series together last at most so many minutes on each day. Soft: the weight for each minute "
        "too many and week."
    )
    parameters = (Parameter("minutes", "Minutes par jour", "Minutes a day", 360, 0, MOST_MINUTES, "minutes"),)
    limit = "minutes"
    unit = "minutes"
    sentences = Sentences(
        fr=("{activities} : {amount} au lieu de {limit} le {day}, semaines {weeks}",
            "plus de {minutes} dans la journée, semaines {weeks}"),
        en=("{activities}: {amount} instead of {limit} on {day}, weeks {weeks}",
            "more than {minutes} in the day, weeks {weeks}"),
    )  # fmt: skip

    def amount(self, day: Sequence[Hours], step_minutes: int, _values: dict[str, int]) -> int:
        """Return how long all last, in minutes."""
        return sum(end - start for start, end in day) * step_minutes


RULE = DayLoad()
