"""No more than so many days of presence in a week."""

from hpserver.base.grid import DAYS_IN_WEEK
from hpserver.base.model import Constraint
from hpserver.base.rules import measures
from hpserver.base.rules.api import Sentences, Unit, setting
from hpserver.base.rules.days import Columns, Count
from hpserver.base.rules.index import Index
from hpserver.base.rules.measured import Measured, number_parameter


class DaysPerWeek(Measured):
    """The days with anything in a week."""

    name = "days_per_week"
    fr = "Maximum de jours de présence par semaine"
    en = "Days of presence in a week"
    about = "Nobody named comes on more than `limit` days of a week. Soft: the weight for each day beyond."
    unit: Unit = "count"
    scope = "week"
    parameters = (number_parameter(4, DAYS_IN_WEEK),)
    sentences = Sentences(
        fr=("{kind} {who} : {amount} jours de présence au lieu de {limit} au plus, semaines {weeks}",
               "{kind} {who} : plus de {limit} jours de présence, semaines {weeks}"),
        en=("{kind} {who}: {amount} days of presence instead of {limit} at most, weeks {weeks}",
               "{kind} {who}: more than {limit} days of presence, weeks {weeks}"),
    )  # fmt: skip

    def limit(self, _index: Index, constraint: Constraint) -> int:
        """Return the days allowed."""
        return setting(self, constraint, "limit")

    def count(self, _index: Index, _constraint: Constraint, busy: Columns) -> Count:
        """Count each day with anything."""
        return measures.presence(busy)

    def with_block(self, _index: Index, _constraint: Constraint, busy: Columns, duration: int) -> list[Count]:
        """Count it with a block."""
        return measures.presence_with_block(busy, duration)


RULE = DaysPerWeek()
