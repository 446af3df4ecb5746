from hypothesis import given
from hypothesis import strategies as st

from hpserver.imports.itc2019_text import parse_problem, parse_solution
from hpserver.imports.itc2019_write import write_problem, write_solution
from tests.itc2019 import problem, solution


@given(st.integers(0, 10**9), st.integers(0, 10**9))
def test_a_solution_written_reads_back(seed: int, chance: int) -> None:
    """Classes, rooms and students, in order."""
    text = problem(seed)
    stated = parse_problem(text.encode())
    found = parse_solution(solution(text, chance).encode(), stated)
    assert parse_solution(write_solution(stated, found), stated) == found


@given(st.integers(0, 10**9))
def test_a_problem_written_reads_back(seed: int) -> None:
    """Every element and every number of it."""
    stated = parse_problem(problem(seed).encode())
    assert parse_problem(write_problem(stated)) == stated


def test_names_are_escaped() -> None:
    """Whatever a base is called."""
    stated = parse_problem(problem().replace('name="little"', 'name="A &amp; &lt;B&gt; &quot;C&quot;"').encode())
    assert stated.name == 'A & <B> "C"'
    assert parse_problem(write_problem(stated)).name == stated.name
