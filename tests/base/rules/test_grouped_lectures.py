from hypothesis import given
from hypothesis import strategies as st

from hpserver.base import rules
from hpserver.base.changes import update
from hpserver.base.occupancy import LANE
from hpserver.base.rules.grouped_lectures import RULE
from hpserver.costs.ud import cost
from hpserver.imports.itc2007 import read_itc2007
from hpserver.imports.result import to_planning
from tests.udine import ECTT, solution


@given(st.integers(0, 10**9))
def test_breaches_are_those_that_the_formulation_counts(seed: int) -> None:
    """The rule of a base and the cost of UD4 say the same."""
    planning = to_planning(read_itc2007(ECTT.encode(), 2026, solution(ECTT, seed).encode()))
    found = [one for one in rules.breaches(planning) if one.rule == RULE.name]
    assert sum(one.weeks.bit_count() for one in found) == cost(planning, "ud4").counts()["double_lectures"]


def test_a_day_already_taken_speaks_against_all_but_its_neighbours() -> None:
    """Right before or after is welcome, elsewhere on that day is not; another day is as good as ever."""
    planning = to_planning(read_itc2007(ECTT.encode(), 2026, b"Algebra rB 0 1\nLogic rB 0 0\n"))
    (found,) = [one for one in rules.barriers(planning, 2) if one.rule == RULE.name]
    assert [place for place in range(28) if found.starts >> place * LANE & 1] == [1, 3]
    planning.apply([update("activity", 2, place=3)])
    assert [one.activities for one in rules.judge(planning, [2]) if one.rule == RULE.name] == [(2,)]
    planning.apply([update("activity", 2, place=2, rooms=[2])])
    assert not [one for one in rules.judge(planning, [1, 2]) if one.rule == RULE.name]
