"""No more than so many minutes in a row."""

from hpserver.base.model import Constraint
from hpserver.base.rules import measures
from hpserver.base.rules.api import Sentences, setting
from hpserver.base.rules.days import Columns, Count
from hpserver.base.rules.index import Index
from hpserver.base.rules.measured import Bounded, minutes_parameter, steps_at_most


class HoursInARow(Bounded):
    """Steps taken one after the other without a free one. What is told is the limit and all that runs beyond it."""

    name = "hours_in_a_row"
    fr = "Maximum d'heures d'affilée"
    en = "Hours in a row"
    about = "Nobody named has more than `minutes` without a free time step. Soft: the weight for each step beyond."
    parameters = (minutes_parameter(4 * 60),)
    sentences = Sentences(
        fr=("{kind} {who} : {amount} d'affilée le {day} au lieu de {limit} au plus, semaines {weeks}",
               "{kind} {who} : plus de {minutes} d'affilée, semaines {weeks}"),
        en=("{kind} {who}: {amount} in a row on {day} instead of {limit} at most, weeks {weeks}",
               "{kind} {who}: more than {minutes} in a row, weeks {weeks}"),
    )  # fmt: skip

    def limit(self, _index: Index, _constraint: Constraint) -> int:
        """Return 0: what is counted runs beyond the limit already."""
        return 0

    def told(self, index: Index, constraint: Constraint, value: int) -> tuple[int, int]:
        """Tell the whole run."""
        allowed = self._allowed(index, constraint)
        return (allowed + value) * index.grid.step_minutes, allowed * index.grid.step_minutes

    def count(self, index: Index, constraint: Constraint, busy: Columns) -> Count:
        """Count the steps beyond."""
        return measures.overrun(busy, self._allowed(index, constraint))

    def bad(self, index: Index, constraint: Constraint, busy: Columns, duration: int) -> list[int]:
        """Return where the run that a block is in becomes too long."""
        return measures.overruns_with_block(busy, duration, self._allowed(index, constraint))

    def _allowed(self, index: Index, constraint: Constraint) -> int:
        return steps_at_most(index, setting(self, constraint, "minutes"))


RULE = HoursInARow()
