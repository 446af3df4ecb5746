"""Courses that do not follow each other for too long."""

from collections.abc import Sequence

from hpserver.base.rules.api import Parameter, Sentences
from hpserver.base.rules.gathered import Gathered, Hours, blocks
from hpserver.base.rules.wholes import MOST_MINUTES


class LongBlocks(Gathered):
    """Courses that do not follow each other for too long."""

    name = "long_blocks"
    fr = "Cours enchaînés"
    en = "Courses in a row"
    about = (
        "Two or more of the activities or series in a row last at most so many minutes from the first to the last; a "
        "gap of at most `gap` minutes does not part them. Soft: the weight for each row too long and week."
    )
    parameters = (
        Parameter("minutes", "Durée maximale", "Longest row", 240, 0, MOST_MINUTES, "minutes"),
        Parameter("gap", "Plus long écart", "Longest gap", 0, 0, MOST_MINUTES, "minutes"),
    )
    sentences = Sentences(
        fr=("{activities} : enchaînés plus de {minutes} le {day}, semaines {weeks}",
            "enchaîné plus de {minutes} avec les autres cours, semaines {weeks}"),
        en=("{activities}: in a row for more than {minutes} on {day}, weeks {weeks}",
            "in a row with the others for more than {minutes}, weeks {weeks}"),
    )  # fmt: skip

    def amount(self, day: Sequence[Hours], step_minutes: int, values: dict[str, int]) -> int:
        """Return how many rows are too long."""
        most, gap = values["minutes"], values["gap"] // step_minutes
        return sum(count > 1 and (end - start) * step_minutes > most for start, end, count in blocks(day, gap))

    def marks(self, hours: Hours, step_minutes: int, values: dict[str, int]) -> tuple[int, ...]:
        """Return the steps at which rows join, or become too long."""
        most, gap = values["minutes"] // step_minutes, values["gap"] // step_minutes
        return hours[0] - gap, hours[1] + gap, hours[0] + most, hours[1] - most


RULE = LongBlocks()
