"""At least so many free minutes in a row between two hours of the day."""

from hpserver.base.model import Constraint
from hpserver.base.rules import measures
from hpserver.base.rules.api import Sentences, setting
from hpserver.base.rules.days import ALL, Columns, Count
from hpserver.base.rules.index import Index
from hpserver.base.rules.measured import Measured, clock_parameter, minutes_parameter, steps_at_least


class LunchBreak(Measured):
    """A day without a long enough break counts 1. What lies outside the hours of the grid is free."""

    name = "lunch_break"
    fr = "Pause déjeuner"
    en = "Lunch break"
    about = (
        "Everybody named has at least `minutes` free in a row between the hours `from` and `to`, every day. "
        "Soft: the weight for each day without."
    )
    parameters = (
        minutes_parameter(60),
        clock_parameter("from", "À partir de", "From", 11 * 60 + 30),
        clock_parameter("to", "Jusqu'à", "To", 14 * 60),
    )
    sentences = Sentences(
        fr=("{kind} {who} : pas {minutes} de pause entre {from} et {to} le {day}, semaines {weeks}",
               "{kind} {who} : plus {minutes} de pause entre {from} et {to}, semaines {weeks}"),
        en=("{kind} {who}: no break of {minutes} between {from} and {to} on {day}, weeks {weeks}",
               "{kind} {who}: no break of {minutes} left between {from} and {to}, weeks {weeks}"),
    )  # fmt: skip

    def limit(self, _index: Index, _constraint: Constraint) -> int:
        """Return 0: each day without a break is one too many."""
        return 0

    def told(self, _index: Index, constraint: Constraint, _value: int) -> tuple[int, int]:
        """Tell how long the break is to be, and that there is none."""
        return 0, setting(self, constraint, "minutes")

    def count(self, index: Index, constraint: Constraint, busy: Columns) -> Count:
        """Count 1 without a break."""
        before, after, window = self._window(index, constraint)
        wide = [*[0] * before, *busy, *[0] * after]
        return (ALL & ~measures.breaks_left(wide, *window),)

    def with_block(self, index: Index, constraint: Constraint, busy: Columns, duration: int) -> list[Count]:
        """Count it with a block."""
        before, after, window = self._window(index, constraint)
        wide = [*[0] * before, *busy, *[0] * after]
        left = measures.breaks_with_block(wide, duration, *window)
        return [(ALL & ~breaks,) for breaks in left[before : before + len(busy) - duration + 1]]

    def _window(self, index: Index, constraint: Constraint) -> tuple[int, int, tuple[int, int, int]]:
        """Return the free steps to put before and after the day, and the window: first, last, length."""
        grid = index.grid
        length = steps_at_least(index, setting(self, constraint, "minutes"))
        first = steps_at_least(index, setting(self, constraint, "from") - grid.day_start)
        last = max(first, (setting(self, constraint, "to") - grid.day_start) // grid.step_minutes)
        before, after = max(0, -first), max(0, last - grid.steps_per_day)
        return before, after, (first + before, last + before, length)


RULE = LunchBreak()
