"""No more than so many minutes of gaps in a day."""

from hpserver.base.model import Constraint
from hpserver.base.rules import measures
from hpserver.base.rules.api import Sentences, setting
from hpserver.base.rules.days import Columns, Count
from hpserver.base.rules.index import Index
from hpserver.base.rules.measured import Measured, minutes_parameter, steps_at_most


class DailyGaps(Measured):
    """The free steps between the first and the last taken in a day."""

    name = "daily_gaps"
    fr = "Maximum de trous par jour"
    en = "Gaps in a day"
    about = "Nobody named waits more than `minutes` between two activities, over a day. Soft: the weight for each step."
    parameters = (minutes_parameter(60),)
    sentences = Sentences(
        fr=("{kind} {who} : {amount} de trous le {day} au lieu de {limit} au plus, semaines {weeks}",
               "{kind} {who} : plus de {minutes} de trous dans la journée, semaines {weeks}"),
        en=("{kind} {who}: {amount} of gaps on {day} instead of {limit} at most, weeks {weeks}",
               "{kind} {who}: more than {minutes} of gaps in the day, weeks {weeks}"),
    )  # fmt: skip

    def limit(self, index: Index, constraint: Constraint) -> int:
        """Return the whole steps allowed."""
        return steps_at_most(index, setting(self, constraint, "minutes"))

    def count(self, _index: Index, _constraint: Constraint, busy: Columns) -> Count:
        """Count the gaps."""
        return measures.gaps(busy)

    def with_block(self, _index: Index, _constraint: Constraint, busy: Columns, duration: int) -> list[Count]:
        """Count them with a block."""
        return measures.gaps_with_block(busy, duration)


RULE = DailyGaps()
