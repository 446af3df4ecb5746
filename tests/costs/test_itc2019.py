from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpserver.costs.itc2019 import cost
from hpserver.imports.fet_xml import unpacked
from hpserver.imports.itc2019_text import parse_problem, parse_solution
from tests.itc2019 import naive, problem, solution


@given(st.integers(0, 10**9), st.integers(0, 10**9))
def test_every_part_counts_as_the_specification_does(seed: int, chance: int) -> None:
    """All nineteen constraints, times, rooms and students, whatever the solution."""
    text = problem(seed)
    solved = solution(text, chance)
    stated = parse_problem(text.encode())
    assert cost(stated, parse_solution(solved.encode(), stated)).counts() == naive(text, solved)


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
