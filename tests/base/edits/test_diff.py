"""What differs between two states, told field by field."""

from hpserver.base.changes import create, delete, update
from hpserver.base.edits.diff import FieldDifference, differences
from hpserver.base.planning import Planning
from hpserver.base.snapshot import decode_snapshot, encode_snapshot
from tests.schools import a_grid, a_school


def copy(planning: Planning) -> Planning:
    """Return another planning with the same rows."""
    return decode_snapshot(encode_snapshot(planning))


def test_a_copy_differs_in_nothing() -> None:
    """Nobody reads through differences that are none."""
    school = a_school(40)
    assert list(differences(school, copy(school))) == []


def test_every_way_to_differ_is_told() -> None:
    """Created, changed and deleted objects, with the fields that say something."""
    before = Planning(a_grid())
    before.apply([create("room", 1, name="A1"), create("room", 2, name="A2", capacity=20)])
    after = copy(before)
    after.apply([create("room", 3, name="B", capacity=9), update("room", 1, capacity=30), delete("room", 2)])
    changed, deleted, created = differences(before, after)
    assert (changed.ident, changed.how) == (("room", 1), "changed")
    assert changed.fields == (FieldDifference("capacity", 0, 30),)
    assert (deleted.how, deleted.fields[0]) == ("deleted", FieldDifference("name", "A2", None))
    assert (created.how, created.fields) == (
        "created", (FieldDifference("name", None, "B"), FieldDifference("capacity", 0, 9))
    )  # fmt: skip
