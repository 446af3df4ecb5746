"""A file onto a base that is there: found again, completed, never doubled, never deleted."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpserver.base.changes import create
from hpserver.base.edits.diff import differences
from hpserver.base.model import meeting_key
from hpserver.base.planning import Planning
from hpserver.errors import ImportRefusedError
from hpserver.imports.onto import onto
from hpserver.imports.pending import resolved
from tests.base.edits.test_diff import copy
from tests.schools import a_grid, a_school


def brought(imported: Planning, base: Planning) -> int:
    """Bring a file onto a base; how many changes that took."""
    changes = onto(imported, base)
    base.apply(resolved(changes, base.next_keys))
    base.validate()
    return len(changes)


def a_file() -> Planning:
    """Return what a file held."""
    file = Planning(a_grid(10))
    file.apply([
        create("subject", 1, name="Algèbre"), create("room", 1, name="a1", capacity=30), create("cohort", 1, name="L1"),
        create("group", 1, cohort=1, name="TD1"), create("group", 2, cohort=1, name="TD2", apart=[1]),
        create("activity", 1, subject=1, code="X1", duration=2, weeks=7, place=3, rooms=[1], groups=[2]),
        create("meeting", meeting_key(1, 1), cancelled=True),
        create("availability", 1, level="impossible", room=1, place=0, weeks=3),
    ])  # fmt: skip
    return file


def test_what_is_there_is_found_and_completed() -> None:
    """By name, whatever the capitals; what the file does not say stays."""
    base = Planning(a_grid(10))
    base.apply([
        create("room", 7, name="A1", code="keep"), create("cohort", 3, name="L1", size=90),
        create("activity", 5, code="X1", duration=2, weeks=7, place=9, memo="keep"),
    ])  # fmt: skip
    brought(a_file(), base)
    room = base.get("room", 7)
    assert (room.capacity, room.code, room.name) == (30, "keep", "A1")  # type: ignore[attr-defined] # a room
    row = base.activity(5)
    assert (row.place, row.memo, row.rooms) == (3, "keep", (7,))
    assert base.counts()["activity"] == 1
    assert base.maybe_meeting(5, 1) is not None
    assert base.counts()["cohort"] == 1


def test_the_same_file_again_changes_nothing() -> None:
    """People press the button twice."""
    base = Planning(a_grid(10))
    assert brought(a_file(), base) == 8
    assert brought(a_file(), base) == 0


def test_hours_and_dates_of_another_grid_stay_what_they_are() -> None:
    """Or the file is refused, saying what to do."""
    base = Planning(msgspec.structs.replace(a_grid(20), division=4))
    brought(a_file(), base)
    assert (base.activity(1).place, base.activity(1).duration) == (6, 4)
    with pytest.raises(ImportRefusedError, match="regrid"):
        onto(a_file(), Planning(a_grid(2)))


@given(st.integers(0, 10**6))
def test_any_base_comes_onto_an_empty_one_as_it_is(seed: int) -> None:
    """And a second time changes nothing, whatever it holds."""
    school = a_school(12, seed)
    base = Planning(school.grid)
    brought(school, base)
    assert base.counts() == school.counts()
    again = copy(base)
    brought(school, again)
    assert list(differences(base, again)) == []
