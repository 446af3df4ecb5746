import datetime as dt
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpserver.base.changes import create, update
from hpserver.base.grid import Grid
from hpserver.base.model import Activity
from hpserver.base.planning import Planning
from hpserver.costs.itc2019 import cost
from hpserver.costs.itc2019_base import held, ids_of, slots_of
from hpserver.costs.itc2019_problem import Problem
from hpserver.imports.fet_xml import unpacked
from hpserver.imports.itc2019 import read_itc2019
from hpserver.imports.itc2019_text import parse_problem
from hpserver.imports.result import to_planning
from tests.itc2019 import naive, problem, solution
from tests.schools import a_school


def costed(planning: Planning) -> dict[str, int]:
    """Return the parts of what the base costs, from the base alone."""
    found = held(planning)
    return cost(found.problem, found.solution).counts()


def assert_same(one: Problem, other: Problem) -> None:
    """Compare two problems but for the order in which students ask for courses, and how travel times are told."""
    parts = ("weeks", "days", "slots", "weights", "courses", "sections", "distributions")
    assert [getattr(one, name) for name in parts] == [getattr(other, name) for name in parts]
    assert {key: set(some) for key, some in one.students.items()} == {
        k: set(some) for k, some in other.students.items()
    }
    assert [room.capacity for room in one.rooms.values()] == [room.capacity for room in other.rooms.values()]
    assert [one.travel(a, b) for a in one.rooms for b in one.rooms] == [
        other.travel(a, b) for a in other.rooms for b in other.rooms
    ]


@given(st.integers(0, 10**9))
def test_a_problem_is_held_whole(seed: int) -> None:
    """Rooms, courses, choices and their penalties, the nineteen constraints, students: nothing is left out."""
    text = problem(seed)
    imported = read_itc2019(text.encode(), 2026)
    assert imported.report.noted() == {}
    found = held(to_planning(imported))
    assert_same(found.problem, parse_problem(text.encode()))
    assert found.left == {}


@given(st.integers(0, 10**9), st.integers(0, 10**9))
def test_a_base_costs_what_its_files_cost(seed: int, chance: int) -> None:
    """Without the file of the problem, part by part as the specification says."""
    text = problem(seed)
    solved = solution(text, chance, lawful=True)
    assert costed(to_planning(read_itc2019(text.encode(), 2026, solved.encode()))) == naive(text, solved)


def test_a_class_torn_apart_has_no_time_of_the_problem() -> None:
    """Who moves one day of a class alone, or makes it longer, sees it as a breach."""
    text = problem(2)
    planning = to_planning(read_itc2019(text.encode(), 2026, solution(text, 1, lawful=True).encode()))
    rows = {key: row for key, row in planning.rows("activity").items() if isinstance(row, Activity)}
    second = next(key for key, row in rows.items() if row.code.endswith("/2"))
    section, place = rows[second].code[0], rows[second].place
    assert place is not None
    planning.apply([update("activity", second, place=place // 24 * 24 + (place + 1) % 19)])
    assert held(planning).solution.placed[section].scattered
    assert costed(planning)["time_domain"] == 1
    planning.apply([update("activity", second, place=None)])
    assert costed(planning)["unplaced"] == 1
    planning.apply([update("activity", second, place=place)])
    longer = [key for key, row in rows.items() if row.code.startswith(f"{section}/")]
    planning.apply([update("activity", key, duration=1) for key in longer])
    assert costed(planning)["time_domain"] == 1


def test_what_a_problem_cannot_say_is_counted() -> None:
    """Any base has a problem: its series, rooms and students; the rest is named."""
    planning = a_school(20)
    planning.apply(
        [
            create("series", 1, name="à part"),
            create("series", 2, name="S", subject=1),
            create("possible_time", 1, place=0, activity=1),
            create("possible_room", 1, room=1, activity=1),
            create("constraint", 90, rule="same_start", activities=[1, 2]),
            create("availability", 90, level="wanted", place=0, weeks=1, instructor=1),
        ]
    )
    left = held(planning).left
    assert left["activity of no series"] == 20
    expected = {"series without a subject", "possible time of one activity", "possible room of one activity"}
    assert {*expected, "constraint same_start", "availability", "instructor", "cohort that is no course"} <= left.keys()
    assert list(held(planning).problem.sections) == ["S"]


def test_ids_are_those_of_codes_and_names() -> None:
    """What the format has no id for gets one; no two are the same."""
    planning = a_school(5)
    planning.apply([create("room", 90, name="A 1/2"), create("room", 91, name="A 1/2"), create("room", 92, name="/")])
    ids = ids_of({key: planning.get("room", key) for key in (90, 91, 92)})
    assert ids == {90: "A-1-2", 91: "A-1-2-91", 92: "92"}


def test_slots_begin_at_midnight() -> None:
    """A grid whose day begins later has its hours where they are."""
    grid = Grid(dt.date(2025, 9, 1), 2, 0b11111, 10, 60, 2, 8 * 60)
    assert (slots_of(grid).count, slots_of(grid).at(grid.steps_per_day + 1)) == (48, (1, 17))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["lums-sum17", "wbg-fal10"])
def test_real_problems_are_held_whole_and_cost_the_same(name: str, shared_data: Path) -> None:
    """Two universities, solutions drawn by chance: the base alone and the long way agree."""
    data = (shared_data / "itc2019" / f"{name}.xml.gz").read_bytes()
    text = unpacked(data).decode("utf-8-sig")
    for seed in range(2):
        solved = solution(text, seed, lawful=True)
        planning = to_planning(read_itc2019(data, 2026, solved.encode()))
        assert costed(planning) == naive(text, solved)
        assert_same(held(planning).problem, parse_problem(data))
        assert held(planning).left == {}
