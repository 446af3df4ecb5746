"""Subjects that the same students do not have in the same half day, on the same day, or on days in a row."""

from hpserver.base.grid import Grid
from hpserver.base.rules.api import Parameter, Sentences
from hpserver.base.rules.half_days import NOON, noon_step
from hpserver.base.rules.pairs import Paired, Span


class SubjectsApart(Paired):
    """Subjects that the same students do not have in the same half day, on the same day, or on days in a row."""

    name = "subjects_apart"
    fr = "Incompatibilité de matières"
    en = "Incompatible subjects"
    about = (
        "Students never have two of the subjects closer than `within`: 0 the same half day, 1 the same day, 2 days in "
        "a row as well. Soft: the weight for each pair of activities and week."
    )
    parameters = (Parameter("within", "Écart", "Within", 1, 0, 2), NOON)
    sentences = Sentences(
        fr=("{first} et {second} sont trop proches, semaines {weeks}",
               "trop proche de {other}, semaines {weeks}"),
        en=("{first} and {second} are too close, weeks {weeks}",
               "too close to {other}, weeks {weeks}"),
    )  # fmt: skip

    def agrees(self, grid: Grid, first: Span, second: Span, values: tuple[int, ...]) -> bool:
        """Say whether two positions in one week satisfy the rule."""
        within, noon = values
        distance = abs(first.day - second.day)
        if within or distance:
            return distance >= within
        middle = noon_step(grid, noon)
        return first.halves(middle).isdisjoint(second.halves(middle))

    def marks(self, grid: Grid, values: tuple[int, ...]) -> tuple[int, ...]:
        """Return where the afternoon begins."""
        return (noon_step(grid, values[1]),)


RULE = SubjectsApart()
