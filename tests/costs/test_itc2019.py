from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpserver.base.changes import update
from hpserver.base.model import Activity
from hpserver.costs.itc2019 import cost, solution_of
from hpserver.imports.fet_xml import unpacked
from hpserver.imports.itc2019 import read_itc2019
from hpserver.imports.itc2019_text import parse_problem, parse_solution
from hpserver.imports.result import to_planning
from tests.itc2019 import naive, problem, solution


@given(st.integers(0, 10**9), st.integers(0, 10**9))
def test_every_part_counts_as_the_specification_does(seed: int, chance: int) -> None:
    """All nineteen constraints, times, rooms and students, whatever the solution."""
    text = problem(seed)
    solved = solution(text, chance)
    stated = parse_problem(text.encode())
    assert cost(stated, parse_solution(solved.encode(), stated)).counts() == naive(text, solved)


@given(st.integers(0, 10**9), st.integers(0, 10**9))
def test_a_solution_in_a_base_costs_what_it_costs_in_its_file(seed: int, chance: int) -> None:
    """Classes, rooms and students come through the base and out again."""
    text = problem(seed)
    stated = parse_problem(text.encode())
    solved = solution(text, chance, lawful=True)
    planning = to_planning(read_itc2019(text.encode(), 2026, solved.encode()))
    found = cost(stated, solution_of(planning, stated))
    assert found.counts() == naive(text, solved)
    counts = found.counts()
    soft = 2 * counts["time"] + 3 * counts["room"] + 5 * counts["distribution"] + 7 * counts["student"]
    assert found.total == soft


def test_a_class_torn_apart_has_no_time_of_the_problem() -> None:
    """Who moves one day of a class alone sees it as a breach."""
    text = problem(2)
    stated = parse_problem(text.encode())
    planning = to_planning(read_itc2019(text.encode(), 2026, solution(text, 1, lawful=True).encode()))
    rows = {key: row for key, row in planning.rows("activity").items() if isinstance(row, Activity)}
    second = next(key for key, row in rows.items() if row.code.endswith("/2"))
    place = rows[second].place
    assert place is not None
    planning.apply([update("activity", second, place=place // 24 * 24 + (place + 1) % 19)])
    moved = solution_of(planning, stated)
    assert moved.placed[rows[second].code[0]].scattered
    assert cost(stated, moved).counts()["time_domain"] == 1
    planning.apply([update("activity", second, place=None)])
    assert cost(stated, solution_of(planning, stated)).counts()["unplaced"] == 1


@pytest.mark.slow
@pytest.mark.parametrize("name", ["lums-sum17", "wbg-fal10"])
def test_solutions_of_real_problems_cost_what_the_specification_says(name: str, shared_data: Path) -> None:
    """Two universities, solutions drawn by chance: index and long way agree."""
    data = (shared_data / "itc2019" / f"{name}.xml.gz").read_bytes()
    text = unpacked(data).decode("utf-8-sig")
    stated = parse_problem(data)
    for seed in range(2):
        solved = solution(text, seed, lawful=bool(seed))
        found = cost(stated, parse_solution(solved.encode(), stated))
        assert found.counts() == naive(text, solved)
    planning = to_planning(read_itc2019(data, 2026, solved.encode()))
    assert cost(stated, solution_of(planning, stated)) == found
