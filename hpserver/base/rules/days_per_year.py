"""No more than so many days of presence in the year."""

from collections.abc import Iterator

from hpserver.base.model import Constraint
from hpserver.base.references import Ident
from hpserver.base.rules import lines
from hpserver.base.rules.api import Breach, Candidate, Sentences, setting
from hpserver.base.rules.days import ALL, ONE, any_of, mask_of
from hpserver.base.rules.days_per_week import DaysPerWeek
from hpserver.base.rules.index import Index
from hpserver.base.rules.measured import number_parameter, weeks_of

DAYS_IN_YEAR = 62 * 7
"""Days of the longest grid."""


class DaysPerYear(DaysPerWeek):
    """The days with anything, all weeks together. A start is bad when the whole activity there is too much."""

    name = "days_per_year"
    fr = "Maximum de jours de présence par an"
    en = "Days of presence in the year"
    about = (
        "Nobody named comes on more than `limit` days in all, in the weeks of the constraint. Soft: the weight for "
        "each day beyond."
    )
    parameters = (number_parameter(150, DAYS_IN_YEAR),)
    sentences = Sentences(
        fr=("{kind} {who} : {amount} jours de présence dans l'année au lieu de {limit} au plus",
            "{kind} {who} : plus de {limit} jours de présence dans l'année"),
        en=("{kind} {who}: {amount} days of presence in the year instead of {limit} at most",
            "{kind} {who}: more than {limit} days of presence in the year"),
    )  # fmt: skip

    def starts(self, index: Index, constraint: Constraint, line: Ident, candidate: Candidate) -> int:
        """Return the starts on days and in weeks that would be new, where they are too many with the others."""
        present = any_of(lines.busy(index, line, candidate.key)) & weeks_of(constraint) * ONE
        weeks = lines.weeks_in(index, line, candidate) & weeks_of(constraint)
        left = setting(self, constraint, "limit") - present.bit_count()
        bad = 0
        for day, fresh in lines.each_day(weeks * ONE & ~present):
            if fresh.bit_count() > left:
                bad |= lines.on_day(day, fresh)
        return mask_of([bad & ALL] * index.grid.steps_per_day, index.grid.steps_per_day)

    def told_of(self, index: Index, key: int, constraint: Constraint, line: Ident) -> Iterator[Breach]:
        """Yield one breach when there are too many days."""
        present = any_of(lines.busy(index, line)) & weeks_of(constraint) * ONE
        count, limit = present.bit_count(), setting(self, constraint, "limit")
        if count > limit:
            weeks = 0
            for _, some in lines.each_day(present):
                weeks |= some
            about = (self.name, key, constraint.hard, constraint.weight * (count - limit), *line)
            yield Breach(*about, lines.those_in(index, line, present), weeks, None, count, limit)


RULE = DaysPerYear()
