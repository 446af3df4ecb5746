from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpserver.base.changes import create
from hpserver.base.model import Activity
from hpserver.base.planning import Planning
from hpserver.costs.ud import FORMULATIONS, cost
from hpserver.costs.ud_timetable import timetables
from hpserver.imports.itc2007 import read_itc2007
from hpserver.imports.result import to_planning
from tests.udine import ECTT, mutated, naive, plain, solution

PUBLISHED = {"comp01": 5, "comp02": 24, "comp03": 64, "comp04": 35, "comp06": 27, "comp07": 6}
"""Cost UD2 of the reference solutions, as they were published."""


def solved(text: str, rows: str) -> Planning:
    """Return a problem and a solution as a base."""
    return to_planning(read_itc2007(text.encode(), 2026, rows.encode()))


def counts(planning: Planning) -> dict[str, int]:
    """Return the breaches of every rule that a formulation has."""
    return {name: count for each in FORMULATIONS for name, count in cost(planning, each).counts().items()}


@given(st.integers(0, 10**9), st.booleans())
def test_every_rule_counts_as_the_specification_does(seed: int, extended: bool) -> None:
    """Whatever the timetable, index and long way agree, rule by rule."""
    text = ECTT if extended else plain(ECTT)
    rows = solution(text, seed)
    assert counts(solved(text, rows)) == naive(text, rows)


def test_weights_are_those_of_the_table() -> None:
    """A cost is the sum of its rules, each by its weight."""
    rows = solution(ECTT, 7)
    found, planning = naive(ECTT, rows), solved(ECTT, rows)
    expected = found["room_capacity"] + 5 * found["minimum_working_days"]
    expected += 2 * found["isolated_lectures"] + found["room_stability"]
    assert cost(planning).total == expected
    assert cost(planning, "ud4").hard - cost(planning).hard == found["room_suitability"]
    with pytest.raises(KeyError):
        cost(planning, "ud9")


def test_a_base_without_curricula_is_counted_by_cohorts() -> None:
    """A base made here has a cost too: a cohort is a curriculum, the weeks add up, a cancelled one costs nothing."""
    rows = solution(ECTT, 3)
    one = solved(ECTT, rows)
    two = Planning(one.grid)
    for kind in ("site", "subject", "instructor", "cohort", "room", "activity", "availability", "constraint"):
        for key, row in one.rows(kind).items():
            two.replay([create(kind, key, **{name: getattr(row, name) for name in row.__struct_fields__})])
    assert counts(two) == counts(one)
    placed = next(
        key for key, row in two.rows("activity").items() if isinstance(row, Activity) and row.place is not None
    )
    before = len([row for row in rows.splitlines() if row])
    two.apply([create("meeting", placed * 64, cancelled=True)])
    assert sum(len(week.lectures) for week in timetables(two)) == before - 1


def test_an_empty_base_costs_nothing() -> None:
    """No lecture, no breach."""
    empty = Planning(solved(ECTT, "").grid)
    assert (cost(empty).total, cost(empty).hard) == (0, 0)


@pytest.mark.slow
@pytest.mark.parametrize("name", PUBLISHED)
def test_reference_solutions_have_their_published_cost(name: str, shared_data: Path) -> None:
    """Six real universities: nothing broken, and the figure that others found."""
    rows = (shared_data / "cbctt" / f"{name}-UD2.sol").read_text()
    for kind in ("ctt", "ectt"):
        found = cost(solved((shared_data / "cbctt" / f"{name}.{kind}").read_text(), rows))
        assert (found.hard, found.total) == (0, PUBLISHED[name])


@pytest.mark.slow
@pytest.mark.parametrize("name", PUBLISHED)
def test_disturbed_solutions_cost_what_the_specification_says(name: str, shared_data: Path) -> None:
    """Real problems with lectures moved by chance: index and long way still agree."""
    text = (shared_data / "cbctt" / f"{name}.ectt").read_text()
    rows = (shared_data / "cbctt" / f"{name}-UD2.sol").read_text()
    for seed in range(3):
        disturbed = mutated(text, rows, seed)
        assert counts(solved(text, disturbed)) == naive(text, disturbed)
