import pytest

from hpserver.base.changes import create, inverse, update
from hpserver.base.grid import Grid
from hpserver.base.model import Meeting, Room, meeting_key
from hpserver.base.planning import Planning
from hpserver.base.registry import KINDS
from hpserver.errors import CorruptBaseError, InvalidChangeError, UnknownObjectError
from tests.histories import GRID, founding
from tests.schools import a_grid, a_school


def founded() -> Planning:
    """Return a planning with a few of everything."""
    planning = Planning(GRID)
    planning.apply(founding())
    return planning


def test_rows_are_found_by_kind_and_key() -> None:
    """And what is not there is told in the words of the house."""
    planning = founded()
    assert planning.get("room", 1) == Room("n")
    assert planning.maybe_get("room", 9) is None
    assert planning.rows("room") == {1: Room("n"), 2: Room("n")}
    assert planning.maybe_meeting(1, 1) == Meeting(cancelled=True)
    assert planning.maybe_meeting(1, 0) is None
    assert list(planning.meetings_of(3)) == [0, 1]
    for kind, error in (("room", UnknownObjectError), ("wall", InvalidChangeError)):
        with pytest.raises(error):
            planning.get(kind, 9)


def test_counts_are_those_of_the_console() -> None:
    """The pane of a planning in service shows how much its base holds."""
    expected = {"subject": 2, "instructor": 2, "cohort": 2, "group": 3, "room": 2, "activity": 3, "meeting": 4}
    expected |= {"combined_group": 2, "student": 2, "membership": 3, "availability": 1, "comment": 2, "series": 1}
    expected["possible_time"] = 1
    counts = founded().counts()
    assert {kind: count for kind, count in counts.items() if count} == expected
    assert list(counts) == list(KINDS)


def test_an_empty_transaction_is_true() -> None:
    """It changes nothing and brings nothing about."""
    planning = founded()
    applied = planning.apply([])
    assert applied.changes == ()
    assert planning.new_clashes(applied) == ()
    assert inverse(applied) == ()
    planning.revert(applied)


def test_plannings_are_compared_by_their_rows() -> None:
    """Two replicas are equal when they hold the same, whatever way they took."""
    planning, other = founded(), founded()
    assert planning == other
    other.apply([update("room", 1, name="other")])
    assert planning != other
    assert planning != Planning(a_grid())
    assert planning != "planning"


def test_rows_that_do_not_fit_together_are_not_loaded() -> None:
    """A base that breaks a rule is not served."""
    rows = {"meeting": {meeting_key(1, 0): Meeting()}}
    with pytest.raises(CorruptBaseError):
        Planning.load(GRID, rows, {})


def test_a_row_that_was_read_stays_as_it_was() -> None:
    """A reader in the middle of a transaction holds the past, never a half-made change."""
    planning = founded()
    row = planning.activity(1)
    planning.apply([update("activity", 1, memo="new")])
    assert (row.memo, planning.activity(1).memo) == ("", "new")


@pytest.mark.parametrize("grid", [a_grid(), a_grid(1), Grid(a_grid().first_monday, 62, 127, 17, 60, 4)])
def test_a_whole_school_is_sound(grid: Grid) -> None:
    """Real sizes, one week or sixty-two, days past midnight."""
    planning = a_school(12, seed=3, grid=grid)
    planning.validate()
    assert planning == a_school(12, seed=3, grid=grid)


def test_unknown_references_of_other_kinds_do_not_count() -> None:
    """Keys are per kind: room 3 and group 3 are two things."""
    planning = founded()
    with pytest.raises(UnknownObjectError):
        planning.apply([create("activity", -1, rooms=[3])])
    assert planning.apply([create("activity", -1, groups=[3])]).keys == {-1: 4}
