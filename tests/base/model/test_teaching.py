import pytest

from hpserver.base.changes import encode_fields
from hpserver.base.model import Activity, Availability, Constraint, Meeting
from hpserver.base.registry import KINDS
from hpserver.errors import InvalidChangeError


def test_an_activity_is_complete_without_anything() -> None:
    """A course that nobody placed, nobody teaches and nobody follows is a beginning, not an error."""
    row = Activity()
    assert (row.place, row.weeks, row.forced, row.pool, row.combined) == (None, 0, 0, None, ())


def test_a_meeting_without_difference_is_the_default() -> None:
    """What equals the default has no row."""
    assert Meeting() == Meeting(cancelled=False, place=None, instructors=None, rooms=None, memo="", locked=False)


@pytest.mark.parametrize("fields", [{"level": "never"}, {"place": -1}, {"steps": 0}, {"weeks": 2**62}])
def test_an_availability_out_of_bounds_is_refused(fields: dict[str, object]) -> None:
    """A wish is one of three levels, somewhere in a week."""
    with pytest.raises(InvalidChangeError):
        KINDS["availability"].decode(encode_fields(dict(fields)))


def test_an_availability_goes_with_whom_it_is_about() -> None:
    """The wishes of an instructor who left are in nobody's way."""
    assert Availability.part_of == Availability.one_of


def test_a_constraint_without_weeks_holds_all_year() -> None:
    """No weeks is not the empty set."""
    assert Constraint("gaps").weeks is None
    assert Constraint("gaps").hard
