"""Breaches and barriers in French and English. The sentences are those of each rule; here are names and numbers.

A template may have: kind, who (whom or what it is about), activities, first, second (those that take part), other
(the other activity of a barrier), weeks, day, amount, limit, and each parameter of the rule by its name.
"""

from hpserver.base.agreement import fill
from hpserver.base.explain import label_of, name_of, titled
from hpserver.base.model import Constraint
from hpserver.base.occupancy import LANE_MASK
from hpserver.base.planning import Planning
from hpserver.base.rules import RULES
from hpserver.base.rules.api import ALWAYS, Barrier, Breach, Rule, Unit, setting
from hpserver.base.weeks import format_weeks
from hpserver.base.wording import DAYS, SENTENCES, hour, kind_word

MINUTES_IN_HOUR = 60
MOST_NAMED = 3
"""Activities named in one sentence; of more, their number is told."""


def say(planning: Planning, what: Breach | Barrier, language: str) -> str:
    """Return one sentence, in French for `fr`, else in English. What is gone since is called by its key."""
    rule = RULES[what.rule]
    language = language if language in DAYS else "en"
    sentences = rule.sentences.fr if language == "fr" else rule.sentences.en
    constraint = _constraint(planning, what)
    fields = {
        "kind": kind_word(what.kind, language),
        "who": _name(planning, what.kind, what.key, language),
        **_settings(rule, constraint, language),
    }
    if isinstance(what, Breach):
        return fill(sentences[0], language, **fields | _of_breach(planning, rule, what, language))
    other = _name(planning, "activity", what.other, language)
    return fill(sentences[1], language, **fields, other=other, weeks=format_weeks(_weeks_of(what.starts)))


def quantity(value: int, unit: Unit, language: str) -> str:
    """Return a number as its unit is written: `1 h 30`, `14:00`, `oui`, `12`."""
    if unit == "minutes":
        hours, rest = divmod(value, MINUTES_IN_HOUR)
        return (f"{hours} h {rest:02d}" if rest else f"{hours} h") if hours else f"{rest} min"
    if unit == "clock":
        return hour(value)
    if unit == "truth":
        return {"fr": ("non", "oui")}.get(language, ("no", "yes"))[bool(value)]
    return str(value)


def _of_breach(planning: Planning, rule: Rule, breach: Breach, language: str) -> dict[str, str]:
    names = [_name(planning, "activity", one, language) for one in breach.activities[:MOST_NAMED]]
    count = len(breach.activities)
    if count > MOST_NAMED:
        listed = f"{count} cours" if language == "fr" else f"{count} activities"
    else:
        listed = ", ".join(names)
    day = "" if breach.place is None else DAYS[language][planning.grid.day_and_step(breach.place)[0]]
    return {
        "activities": listed,
        "first": names[0] if names else "",
        "second": names[1] if len(names) > 1 else "",
        "weeks": format_weeks(breach.weeks),
        "day": day,
        "amount": quantity(breach.amount, rule.unit, language),
        "limit": quantity(breach.limit, rule.unit, language),
    }


def _settings(rule: Rule, constraint: Constraint, language: str) -> dict[str, str]:
    return {
        parameter.name: quantity(setting(rule, constraint, parameter.name), parameter.unit, language)
        for parameter in rule.parameters
    }


def _constraint(planning: Planning, what: Breach | Barrier) -> Constraint:
    row = None if RULES[what.rule].built_in else planning.maybe_get("constraint", what.constraint)
    return row if isinstance(row, Constraint) else ALWAYS


def _name(planning: Planning, kind: str, key: int, language: str) -> str:
    row = planning.maybe_get(kind, key)
    if row is None:
        return str(key) if key else SENTENCES[language]["unseen"]
    if kind != "activity":
        return name_of(row) or str(key)
    return titled(label_of(planning, key), SENTENCES[language]["untitled"])


def _weeks_of(starts: int) -> int:
    """Return the weeks in which a mask has any start."""
    weeks = 0
    while starts:
        weeks |= starts & LANE_MASK
        starts >>= LANE_MASK.bit_length()
    return weeks
