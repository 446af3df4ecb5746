import msgspec
import pytest

from hpserver.base.model import ROWS, Activity, Meeting, Room, Row, activity_and_week, meeting_key, values_of


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.__name__)
def test_rows_travel_as_arrays_and_never_change(row: type[Row]) -> None:
    """A row that somebody holds stays as it was, and costs the collector nothing."""
    config = row.__struct_config__
    assert config.frozen
    assert config.array_like
    assert not config.gc


def test_a_row_of_an_older_program_is_read() -> None:
    """Fields are appended with defaults: what lacks the last ones is complete."""
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(["Amphi"]), type=Room) == Room("Amphi")


def test_a_row_of_a_newer_program_is_read() -> None:
    """Fields that this program does not know are left aside."""
    newer = msgspec.msgpack.encode([*msgspec.structs.astuple(Room("Amphi", 300, 1)), "more"])
    assert msgspec.msgpack.decode(newer, type=Room) == Room("Amphi", 300, 1)


def test_a_meeting_key_says_its_activity_and_week() -> None:
    """Also for the placeholder of an activity of the same transaction."""
    for activity in (1, 7, 2**46, -1, -9):
        for week in (0, 1, 61):
            assert activity_and_week(meeting_key(activity, week)) == (activity, week)


def test_a_meeting_says_nothing_by_default() -> None:
    """A meeting is only what differs."""
    assert not any(values_of(Meeting()).values())
    assert Activity().place is None
