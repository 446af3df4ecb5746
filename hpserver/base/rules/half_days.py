"""No more than so many half days of presence in a week."""

from hpserver.base.grid import DAYS_IN_WEEK, Grid
from hpserver.base.model import Constraint
from hpserver.base.rules import measures
from hpserver.base.rules.api import Sentences, Unit, setting
from hpserver.base.rules.days import Columns, Count
from hpserver.base.rules.index import Index
from hpserver.base.rules.measured import Measured, clock_parameter, number_parameter

NOON = clock_parameter("noon", "Début de l'après-midi", "Where the afternoon begins", 13 * 60)
"""The usual middle of a French teaching day."""


class HalfDays(Measured):
    """The halves of days with anything in a week."""

    name = "half_days"
    fr = "Maximum de demi-journées par semaine"
    en = "Half days of presence in a week"
    about = "Nobody named comes on more than `limit` half days of a week. Soft: the weight for each one beyond."
    unit: Unit = "count"
    scope = "week"
    parameters = (number_parameter(8, 2 * DAYS_IN_WEEK), NOON)
    sentences = Sentences(
        fr=("{kind} {who} : {amount} demi-journées de présence au lieu de {limit} au plus, semaines {weeks}",
               "{kind} {who} : plus de {limit} demi-journées de présence, semaines {weeks}"),
        en=("{kind} {who}: {amount} half days of presence instead of {limit} at most, weeks {weeks}",
               "{kind} {who}: more than {limit} half days of presence, weeks {weeks}"),
    )  # fmt: skip

    def limit(self, _index: Index, constraint: Constraint) -> int:
        """Return the half days allowed."""
        return setting(self, constraint, "limit")

    def count(self, index: Index, constraint: Constraint, busy: Columns) -> Count:
        """Count each half with anything."""
        return measures.half_days(busy, noon_step(index.grid, setting(self, constraint, "noon")))

    def with_block(self, index: Index, constraint: Constraint, busy: Columns, duration: int) -> list[Count]:
        """Count them with a block."""
        return measures.half_days_with_block(busy, duration, noon_step(index.grid, setting(self, constraint, "noon")))


def noon_step(grid: Grid, noon: int) -> int:
    """Return the step of the day at which the afternoon begins: the first that starts at `noon` or later."""
    step = -((grid.day_start - noon) // grid.step_minutes)
    return min(max(step, 0), grid.steps_per_day)


RULE = HalfDays()
