"""What is told of one edit, against what two looks at the whole base say."""

from random import Random

import pytest

from hpserver.base.changes import Change, create, update
from hpserver.base.model import meeting_key
from hpserver.base.planning import Planning
from hpserver.base.rules import RULES, Breach, breaches
from hpserver.base.weeks import each_week
from hpserver.errors import InvalidChangeError
from hpserver.planning.judging import newer, touched_activities, verdict
from tests.schools import a_school

EDITS = 12
PLACES = 118
RULED = ("instructors", "cohorts", "groups", "activities", "subjects", "rooms")


def ruled(random: Random) -> Planning:
    """Return a school with every rule that can be asked for, hard or soft, on as many as can be named."""
    planning = a_school(60, random.randrange(1000))
    for number, rule in enumerate((rule for rule in RULES.values() if not rule.built_in), 1):
        named = {field: list(planning.rows(field[:-1])) for field in RULED[:3] if field in rule.applies_to}
        for field, kind in (("activities", "activity"), ("subjects", "subject"), ("rooms", "room")):
            if field in rule.applies_to:
                named[field] = random.sample(list(planning.rows(kind)), 4 if kind == "activity" else 2)
        hard = random.random() < 0.4
        planning.apply([create("constraint", number, rule=rule.name, hard=hard, weight=2, **named)])
    return planning


def an_edit(planning: Planning, random: Random) -> list[Change]:
    """Move an activity, exchange two, give one to others, make an exception of a week."""
    key, other = random.sample(list(planning.rows("activity")), 2)
    row, place = planning.activity(key), random.randrange(PLACES)
    teacher = random.choice(list(planning.rows("instructor")))
    week = random.choice(list(each_week(row.weeks)))
    return random.choice(
        [
            [update("activity", key, place=place)],
            [update("activity", key, instructors=[teacher])],
            [update("activity", key, place=planning.activity(other).place), update("activity", other, place=row.place)],
            [create("meeting", meeting_key(key, week), place=place, instructors=[teacher])],
        ]
    )


def subject(breach: Breach) -> tuple[object, ...]:
    """Return what a breach is about."""
    who = () if RULES[breach.rule].counts else breach.activities
    return breach.rule, breach.constraint, breach.kind, breach.key, breach.place, who


@pytest.mark.slow  # half a second for each seed
@pytest.mark.parametrize("seed", range(6))
def test_an_edit_is_judged_as_by_looking_at_the_whole_base(seed: int) -> None:
    """A planner is told all that an edit newly breaks and what it costs, though little of the base is looked at."""
    random = Random(seed)
    planning = ruled(random)
    for _ in range(EDITS):
        try:
            applied = planning.apply(an_edit(planning, random))
        except InvalidChangeError:  # it does not fit its day, or the week has an exception already
            continue
        touched = touched_activities(planning, applied)
        after = list(breaches(planning))
        planning.revert(applied)
        before = list(breaches(planning))
        planning.replay(applied.changes)
        fresh = set(newer(before, (one for one in after if not touched.isdisjoint(one.activities))))
        about = {subject(one) for one in (*before, *after) if not touched.isdisjoint(one.activities)}
        costs = [sum(one.cost for one in some if not one.hard and subject(one) in about) for some in (before, after)]
        told = verdict(planning, applied, soft=True)
        assert (set(told.breaches), told.cost) == (fresh, costs[1] - costs[0])
        kept_from = verdict(planning, applied, soft=False)
        assert set(kept_from.breaches) == {one for one in fresh if one.hard}
