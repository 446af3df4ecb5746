"""Courses whose days have few breaks."""

from collections.abc import Sequence

from hpserver.base.rules.api import Parameter, Sentences
from hpserver.base.rules.gathered import Gathered, Hours, blocks
from hpserver.base.rules.wholes import MOST_MINUTES


class DayBreaks(Gathered):
    """Courses whose days have few breaks."""

    name = "day_breaks"
    fr = "Pauses d'une journée"
    en = "Breaks of a day"
    about = (
        "On each day there are at most so many breaks between the activities or series; what is not longer than "
        "`minutes` is no break. Soft: the weight for each break too many and week."
    )
    parameters = (
        Parameter("limit", "Pauses au plus", "Breaks at most", 1, 0, MOST_MINUTES),
        Parameter(
            "minutes", "Plus long écart sans pause", "Longest gap that is no break", 30, 0, MOST_MINUTES, "minutes"
        ),
    )
    limit = "limit"
    sentences = Sentences(
        fr=("{activities} : {amount} pauses au lieu de {limit} le {day}, semaines {weeks}",
            "une pause de trop dans la journée, semaines {weeks}"),
        en=("{activities}: {amount} breaks instead of {limit} on {day}, weeks {weeks}",
            "a break too many in the day, weeks {weeks}"),
    )  # fmt: skip

    def amount(self, day: Sequence[Hours], step_minutes: int, values: dict[str, int]) -> int:
        """Return how many breaks there are."""
        return sum(1 for _ in blocks(day, values["minutes"] // step_minutes)) - 1

    def marks(self, hours: Hours, step_minutes: int, values: dict[str, int]) -> tuple[int, ...]:
        """Return the steps at which a gap becomes a break."""
        gap = values["minutes"] // step_minutes
        return hours[0] - gap, hours[1] + gap


RULE = DayBreaks()
