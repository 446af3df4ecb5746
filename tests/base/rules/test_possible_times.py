from functools import partial

from hypothesis import given
from hypothesis import strategies as st

from hpserver.base.changes import Change, create, update
from hpserver.base.planning import Planning
from hpserver.base.rules import RULES, Breach, barriers, judge
from hpserver.base.rules.possible_times import RULE
from tests.rules import EXAMPLES, WEEKS, a_base, activities, naive_starts, places, starts_of, told


def possible(key: int, place: int, penalty: int = 0, **fields: object) -> Change:
    """Return a possible time of one step."""
    return create("possible_time", key, place=place, penalty=penalty, **fields)


def weigh(planning: Planning, *, hard: bool) -> int:
    """Return what the breaches of the rule cost that are hard, or that are not."""
    return sum(one.cost for one in told(planning, RULE.name) if one.hard == hard)


def test_an_activity_is_at_one_of_its_times() -> None:
    """At no other, and what it has costs its penalty for each week."""
    planning = a_base(
        create("activity", 1, weeks=3, place=0), possible(1, 0, 4, activity=1), possible(2, 9, activity=1)
    )
    (breach,) = told(planning, RULE.name)
    assert (breach.hard, breach.cost, breach.activities, breach.weeks) == (False, 8, (1,), 3)
    planning.apply([update("activity", 1, place=1)])
    (breach,) = told(planning, RULE.name)
    assert (breach.hard, breach.kind, breach.key) == (True, "activity", 1)
    planning.apply([update("activity", 1, place=9)])
    assert told(planning, RULE.name) == []
    planning.apply([update("activity", 1, duration=2)])
    assert [one.hard for one in told(planning, RULE.name)] == [True]


def test_a_series_is_at_one_time_as_a_whole() -> None:
    """Monday and Tuesday at one hour, or Tuesday and Wednesday at another: not half of one and half of the other."""
    planning = a_base(
        *(create("activity", key, weeks=3, series=1) for key in (1, 2)),
        possible(1, 2, days=0b011, series=1), possible(2, 8 + 4, 3, days=0b110, series=1, weeks=3),
        possible(3, 5, series=1),
    )  # fmt: skip

    def found(*where: int) -> list[Breach]:
        planning.apply([update("activity", key, place=place) for key, place in enumerate(where, 1)])
        return told(planning, RULE.name)

    assert found(2, 10) == found(10, 2) == []
    assert [(one.hard, one.cost, one.activities) for one in found(20, 12)] == [(False, 6, (1, 2))]
    for where in ((2, 12), (2, 2), (2, 3), (5, 13)):
        assert [one.hard for one in found(*where)] == [True], where
    planning.apply([update("activity", 1, place=2), update("activity", 2, place=None)])
    assert starts_of(barriers(planning, 2), RULE.name) == {
        (place, week) for place in range(56) for week in (0, 1) if place != 10 and place // 8 in {0, 1, 2, 4}
    }


@EXAMPLES
@given(
    activities(), st.lists(st.tuples(places(1), st.integers(0, 3), st.integers(0, 127), st.integers(0, 2)), max_size=6)
)
def test_a_start_is_bad_just_where_it_would_be_at_no_time_or_cost_more(
    some: list[Change], times: list[tuple[int, int, int, int]]
) -> None:
    """Of activities and of series, week by week."""
    rows = [
        possible(key, place, penalty, days=days & 0b10111, **({"series": owner} if owner else {"activity": 1}))
        for key, (place, penalty, days, owner) in enumerate(times, 1)
    ]
    planning = a_base(*some, *rows)
    mine = [one for one in barriers(planning, 1) if one.rule == RULE.name]
    for hard in (True, False):
        bad = starts_of([one for one in mine if one.hard == hard], RULE.name)
        naive = naive_starts(planning, 1, partial(weigh, hard=hard))
        assert bad == naive, hard
    found = [one for one in told(planning, RULE.name) if 1 in one.activities]
    assert [one for one in judge(planning, [1]) if one.rule == RULE.name] == found
    assert RULES[RULE.name] is RULE
    assert WEEKS == 7
