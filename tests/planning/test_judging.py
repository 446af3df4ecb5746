from hpserver.base.changes import Change, create, update
from hpserver.base.model import meeting_key
from hpserver.base.planning import Planning
from hpserver.planning.judging import NOTHING, verdict
from tests.rules import a_base


def a_day(*, hard: bool = True) -> Planning:
    """Return an instructor with two hours a day at most, who has two, and an activity without place."""
    return a_base(
        create("activity", 1, instructors=[1], duration=2, weeks=3, place=0),
        create("activity", 2, instructors=[1], duration=2, weeks=3, place=2),
        create("activity", 3, instructors=[1], weeks=6),
        create("constraint", 1, rule="daily_maximum", instructors=[1], parameters=[("minutes", 120)], hard=hard),
    )


def judged(planning: Planning, *changes: Change, soft: bool = False) -> list[tuple[str, int, int]]:
    """Return rule, weeks and amount of what a transaction newly breaks."""
    before = planning.apply(changes)
    found = verdict(planning, before, soft=soft)
    planning.validate()
    return [(breach.rule, breach.weeks, breach.amount) for breach in found.breaches]


def test_what_newly_breaks_a_hard_rule_is_told() -> None:
    """In the weeks in which it does."""
    assert judged(a_day(), update("activity", 3, place=4)) == [("daily_maximum", 2, 150)]


def test_a_good_place_is_not_judged() -> None:
    """Another day has room enough."""
    assert judged(a_day(), update("activity", 3, place=8)) == []


def test_what_was_broken_before_is_no_obstacle() -> None:
    """Within the same day it becomes no worse; in one week more it does."""
    planning = a_day()
    planning.apply([update("activity", 3, place=4)])
    assert judged(planning, update("activity", 3, place=5)) == []
    assert judged(planning, update("activity", 3, weeks=7)) == [("daily_maximum", 1, 150)]


def test_what_becomes_worse_is_told() -> None:
    """Half an hour more on a day that was too long."""
    planning = a_day()
    planning.apply([update("activity", 3, place=4)])
    assert judged(planning, update("activity", 3, duration=2)) == [("daily_maximum", 2, 180)]


def test_a_meeting_is_judged_too() -> None:
    """One week alone is enough."""
    planning = a_day()
    planning.apply([update("activity", 3, place=8)])
    assert judged(planning, create("meeting", meeting_key(3, 1), place=5)) == [("daily_maximum", 2, 150)]


def gathered() -> Planning:
    """Return a lecture of a combined group without anybody, at an hour at which the first group cannot come."""
    return a_base(
        create("combined_group", 1, name="CM"),
        create("activity", 1, combined=[1], weeks=3, place=0),
        create("availability", 1, level="impossible", group=1, place=0, weeks=2),
    )


def test_who_joins_a_combined_group_is_judged_where_it_meets() -> None:
    """Bringing a group to a lecture is as good as bringing the lecture to the group."""
    assert judged(gathered(), update("combined_group", 1, groups=[1])) == [("availability", 2, 1)]
    assert judged(gathered(), update("combined_group", 1, groups=[2])) == []
    assert judged(gathered(), update("combined_group", 1, name="Amphi")) == []


def test_what_a_combined_group_broke_before_is_no_obstacle() -> None:
    """Others join, and it becomes no worse; who leaves breaks nothing."""
    planning = gathered()
    planning.apply([update("combined_group", 1, groups=[1])])
    assert judged(planning, update("combined_group", 1, groups=[1, 2])) == []
    assert judged(planning, update("combined_group", 1, groups=[])) == []


def test_the_cost_of_a_combined_group_is_told() -> None:
    """A dry run says what it weighs that a group joins at an hour it does not like."""
    planning = gathered()
    planning.apply([update("availability", 1, level="unwanted")])
    joined = planning.apply([update("combined_group", 1, groups=[1])])
    assert verdict(planning, joined, soft=True).cost == 2
    left = planning.apply([update("combined_group", 1, groups=[])])
    assert verdict(planning, left, soft=True).cost == -2


def test_a_new_wish_is_not_judged() -> None:
    """Whoever asks for something is not refused because it is not so yet."""
    planning = a_day()
    wish = create("availability", 1, instructor=1, level="impossible", place=0, weeks=1)
    assert judged(planning, wish, update("activity", 3, memo="x")) == []


def test_a_soft_rule_refuses_nothing_and_tells_its_cost() -> None:
    """A dry run says by how much the cost grows; taking it away again, by how much it shrinks."""
    planning = a_day(hard=False)
    assert judged(planning, update("activity", 3, place=4)) == []
    away = planning.apply([update("activity", 3, place=None)])
    assert verdict(planning, away, soft=True).cost == -1
    back = planning.apply([update("activity", 3, place=4)])
    found = verdict(planning, back, soft=True)
    assert (found.cost, [breach.hard for breach in found.breaches]) == (1, [False])


def test_a_base_that_asks_for_nothing_is_not_looked_at() -> None:
    """No constraint, no verdict."""
    planning = a_day()
    planning = Planning(planning.grid)
    assert verdict(planning, planning.apply([create("activity", 1, weeks=1, place=0)]), soft=False) is NOTHING
