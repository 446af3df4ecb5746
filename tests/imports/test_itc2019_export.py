from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpserver.base.changes import update
from hpserver.base.planning import Planning
from hpserver.base.registry import KINDS
from hpserver.imports.fet_xml import unpacked
from hpserver.imports.itc2019 import read_itc2019
from hpserver.imports.itc2019_export import write_itc2019
from hpserver.imports.result import to_planning
from tests.itc2019 import problem, solution


def again(planning: Planning) -> Planning:
    """Return what the importer makes of an exported base; nothing of it is left out."""
    exported = write_itc2019(planning, "x")
    assert not {what for what in exported.left_out if what != "class without a place"}
    return to_planning(read_itc2019(exported.files["problem-x.xml"], 2026, exported.files.get("solution-x.xml")))


def differing(found: Planning, expected: Planning) -> list[str]:
    """Return the kinds of which not all objects are the same under the same keys."""
    assert found.grid == expected.grid
    return [kind for kind in KINDS if dict(found.rows(kind)) != dict(expected.rows(kind))]


@given(st.integers(0, 10**9), st.integers(0, 10**9))
def test_a_problem_comes_back(seed: int, chance: int) -> None:
    """With a solution and without, object by object."""
    text = problem(seed)
    planning = to_planning(read_itc2019(text.encode(), 2026))
    assert differing(again(planning), planning) == []
    solved = to_planning(read_itc2019(text.encode(), 2026, solution(text, chance, lawful=True).encode()))
    assert differing(again(solved), solved) == []


def test_classes_that_are_no_class_now_are_counted() -> None:
    """Without a place, or on days that were moved apart, they have no place in a solution."""
    text = problem(2)
    planning = to_planning(read_itc2019(text.encode(), 2026, solution(text, 1, lawful=True).encode()))
    rows = {planning.activity(key).code: key for key in planning.rows("activity")}
    torn = next(code for code in rows if code.endswith("/2"))
    place = planning.activity(rows[torn]).place
    assert place is not None
    planning.apply([update("activity", rows[torn], place=place // 24 * 24 + (place + 1) % 19)])
    assert write_itc2019(planning, "x").left_out == {"class at several times or in several rooms": 1}
    planning.apply([update("activity", rows[torn], place=None)])
    assert write_itc2019(planning, "x").left_out == {"class without a place": 1}
    empty = write_itc2019(to_planning(read_itc2019(text.encode(), 2026)), "x")
    assert (list(empty.files), empty.left_out) == (["problem-x.xml"], {})


@pytest.mark.slow
@pytest.mark.parametrize("name", ["lums-sum17", "wbg-fal10"])
def test_the_problems_of_the_shared_data_come_back(name: str, shared_data: Path) -> None:
    """Two real universities, with a solution and without, object by object."""
    data = (shared_data / "itc2019" / f"{name}.xml.gz").read_bytes()
    planning = to_planning(read_itc2019(data, 2026))
    assert differing(again(planning), planning) == []
    text = unpacked(data).decode("utf-8-sig")
    solved = to_planning(read_itc2019(data, 2026, solution(text, 1, lawful=True).encode()))
    assert differing(again(solved), solved) == []
