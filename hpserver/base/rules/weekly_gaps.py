"""No more than so many minutes of gaps in a week."""

from hpserver.base.rules.api import Sentences
from hpserver.base.rules.daily_gaps import DailyGaps
from hpserver.base.rules.measured import minutes_parameter


class WeeklyGaps(DailyGaps):
    """The free steps between the first and the last taken in each day of a week."""

    name = "weekly_gaps"
    fr = "Maximum de trous par semaine"
    en = "Gaps in a week"
    about = "Nobody named waits more than `minutes` between two activities, over a week. Soft: the weight per step."
    scope = "week"
    parameters = (minutes_parameter(3 * 60),)
    sentences = Sentences(
        fr=("{kind} {who} : {amount} de trous dans la semaine au lieu de {limit} au plus, semaines {weeks}",
               "{kind} {who} : plus de {minutes} de trous dans la semaine, semaines {weeks}"),
        en=("{kind} {who}: {amount} of gaps in the week instead of {limit} at most, weeks {weeks}",
               "{kind} {who}: more than {minutes} of gaps in the week, weeks {weeks}"),
    )  # fmt: skip


RULE = WeeklyGaps()
