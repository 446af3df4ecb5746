"""No more than so many minutes in a week."""

from hpserver.base.rules.api import Sentences
from hpserver.base.rules.daily_maximum import DailyMaximum
from hpserver.base.rules.measured import minutes_parameter


class WeeklyMaximum(DailyMaximum):
    """The time taken in a week, by the step."""

    name = "weekly_maximum"
    fr = "Maximum horaire par semaine"
    en = "Weekly maximum"
    about = "Nobody named has more than `minutes` in a week. Soft: the weight for each time step beyond."
    scope = "week"
    parameters = (minutes_parameter(18 * 60),)
    sentences = Sentences(
        fr=("{kind} {who} : {amount} dans la semaine au lieu de {limit} au plus, semaines {weeks}",
               "{kind} {who} : plus de {minutes} dans la semaine, semaines {weeks}"),
        en=("{kind} {who}: {amount} in the week instead of {limit} at most, weeks {weeks}",
               "{kind} {who}: more than {minutes} in the week, weeks {weeks}"),
    )  # fmt: skip


RULE = WeeklyMaximum()
