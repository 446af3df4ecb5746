"""No more than so many minutes in a day."""

from hpserver.base.model import Constraint
from hpserver.base.rules import measures
from hpserver.base.rules.api import Sentences, setting
from hpserver.base.rules.days import Columns, Count
from hpserver.base.rules.index import Index
from hpserver.base.rules.measured import Measured, minutes_parameter, steps_at_most


class DailyMaximum(Measured):
    """The time taken in a day, by the step."""

    name = "daily_maximum"
    fr = "Maximum horaire par jour"
    en = "Daily maximum"
    about = "Nobody named has more than `minutes` in a day. Soft: the weight for each time step beyond."
    parameters = (minutes_parameter(6 * 60),)
    sentences = Sentences(
        fr=("{kind} {who} : {amount} le {day} au lieu de {limit} au plus, semaines {weeks}",
               "{kind} {who} : plus de {minutes} dans la journée, semaines {weeks}"),
        en=("{kind} {who}: {amount} on {day} instead of {limit} at most, weeks {weeks}",
               "{kind} {who}: more than {minutes} in the day, weeks {weeks}"),
    )  # fmt: skip

    def limit(self, index: Index, constraint: Constraint) -> int:
        """Return the whole steps allowed."""
        return steps_at_most(index, setting(self, constraint, "minutes"))

    def count(self, _index: Index, _constraint: Constraint, busy: Columns) -> Count:
        """Count the steps taken."""
        return measures.load(busy)

    def with_block(self, _index: Index, _constraint: Constraint, busy: Columns, duration: int) -> list[Count]:
        """Count them with a block."""
        return measures.load_with_block(busy, duration)


RULE = DailyMaximum()
