"""At least so many minutes on a day with anything."""

from hpserver.base.model import Constraint
from hpserver.base.rules import measures
from hpserver.base.rules.api import Sentences, setting
from hpserver.base.rules.days import ALL, Columns, Count, any_of, minus, more
from hpserver.base.rules.index import Index
from hpserver.base.rules.measured import Measured, minutes_parameter, steps_at_least


class DailyMinimum(Measured):
    """What lacks on a day with something, but not enough."""

    name = "daily_minimum"
    fr = "Minimum horaire par jour de présence"
    en = "Daily minimum"
    about = "Nobody named comes for less than `minutes` in a day. Soft: the weight for each time step that lacks."
    parameters = (minutes_parameter(2 * 60),)
    sentences = Sentences(
        fr=("{kind} {who} : {amount} seulement le {day} au lieu de {limit} au moins, semaines {weeks}",
               "{kind} {who} : moins de {minutes} dans la journée, semaines {weeks}"),
        en=("{kind} {who}: only {amount} on {day} instead of {limit} at least, weeks {weeks}",
               "{kind} {who}: less than {minutes} in the day, weeks {weeks}"),
    )  # fmt: skip

    def limit(self, _index: Index, _constraint: Constraint) -> int:
        """Return 0: whatever lacks is too much."""
        return 0

    def told(self, index: Index, constraint: Constraint, value: int) -> tuple[int, int]:
        """Tell what there is and what there should be."""
        least = self._least(index, constraint)
        return (least - value) * index.grid.step_minutes, least * index.grid.step_minutes

    def count(self, index: Index, constraint: Constraint, busy: Columns) -> Count:
        """Count the steps that lack."""
        return self._lack(index, constraint, measures.load(busy), any_of(busy))

    def with_block(self, index: Index, constraint: Constraint, busy: Columns, duration: int) -> list[Count]:
        """Count them with a block."""
        return [self._lack(index, constraint, count, ALL) for count in measures.load_with_block(busy, duration)]

    def _lack(self, index: Index, constraint: Constraint, count: Count, days: int) -> Count:
        least = self._least(index, constraint)
        wanted = tuple(ALL if least >> place & 1 else 0 for place in range(max(least.bit_length(), len(count))))
        lacking = more(wanted, count) & days
        return tuple(digit & lacking for digit in minus(wanted, count))

    def _least(self, index: Index, constraint: Constraint) -> int:
        return steps_at_least(index, setting(self, constraint, "minutes"))


RULE = DailyMinimum()
