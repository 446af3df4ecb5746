from hpserver.base.changes import create
from hpserver.base.rules import RULES, barriers, breaches, judge
from hpserver.base.rules.measured import steps_at_least, steps_at_most, weeks_of
from tests.rules import a_base, a_constraint

PLANNING = a_base(
    create("activity", 1, groups=[1], duration=3, weeks=7, place=0),
    create("activity", 2, groups=[2], duration=3, weeks=7, place=0),
    create("activity", 3, cohorts=[1], duration=2, weeks=7, place=3),
    create("constraint", 1, rule="daily_maximum", cohorts=[1], parameters=[("minutes", 120)], weeks=3, hard=False),
)


def test_each_line_is_told_by_itself_in_the_weeks_of_the_constraint() -> None:
    """Two groups have too much; the third, with the lecture alone, has not."""
    assert [(one.key, one.weeks, one.cost) for one in breaches(PLANNING)] == [(1, 3, 2), (2, 3, 2)]


def test_near_an_activity_are_the_breaches_of_its_lines() -> None:
    """And it takes part in those that name it."""
    constraint = PLANNING.get("constraint", 1)
    near = RULES["daily_maximum"].near(PLANNING, 1, constraint, [1])  # type: ignore[arg-type] # a constraint
    assert [one.key for one in near] == [1]
    assert [one.key for one in judge(PLANNING, [3])] == [1, 2]
    assert judge(PLANNING, [99]) == ()


def test_a_barrier_is_told_line_by_line() -> None:
    """The lecture is bad for two groups, in two weeks, wherever it makes the day too long."""
    assert {(one.kind, one.key) for one in barriers(PLANNING, 3)} == {("group", 1), ("group", 2)}
    assert [one.key for one in barriers(PLANNING, 1)] == [1]


def test_minutes_become_steps() -> None:
    """A maximum rounds down, a minimum up; a constraint without weeks holds in all."""
    assert (steps_at_most(PLANNING.index, 59), steps_at_least(PLANNING.index, 59)) == (1, 2)
    assert weeks_of(a_constraint("daily_gaps", weeks=5)) == 5
    assert weeks_of(a_constraint("daily_gaps")) == (1 << 64) - 1
