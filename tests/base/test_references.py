from hpserver.base.model import Activity, Group, Meeting
from hpserver.base.references import References, keys_in, targets_of
from hpserver.base.registry import KINDS


def test_targets_are_every_object_that_a_row_names() -> None:
    """Single references, lists of them, and lists that are not given."""
    row = Activity(subject=4, rooms=(1, 2))
    assert targets_of(KINDS["activity"], row) == {
        ("subject", 4),
        ("room", 1),
        ("room", 2),
    }
    assert targets_of(KINDS["group"], Group(3, "TD", apart=(8,))) == {("cohort", 3), ("group", 8)}
    assert targets_of(KINDS["meeting"], Meeting()) == set()
    assert targets_of(KINDS["room"], None) == set()
    assert keys_in(None) == ()


def test_an_object_knows_who_names_it() -> None:
    """Until the last row that names it changes or goes."""
    references, kind = References(), KINDS["activity"]
    first, second = Activity(rooms=(1, 2)), Activity(rooms=(2,))
    references.change(kind, 7, None, first)
    references.change(kind, 8, None, second)
    references.change(KINDS["meeting"], 65, None, Meeting(rooms=(2,)))
    assert set(references.users("activity", "room", 2)) == {7, 8}
    assert list(references.referrers("room", 2)) == [("activity", 7), ("activity", 8), ("meeting", 65)]
    references.change(kind, 7, first, second)
    assert not references.users("activity", "room", 1)
    references.change(kind, 7, second, None)
    references.change(kind, 8, second, None)
    references.change(KINDS["meeting"], 65, Meeting(rooms=(2,)), None)
    assert references.as_dict() == References().as_dict()


def test_all_rows_at_once_are_noted_as_one_by_one() -> None:
    """Reading a base leaves the same index as making it."""
    rows = {7: Activity(subject=4, rooms=(1, 2)), 8: Activity(rooms=(2,)), 9: Activity()}
    kind, one_by_one, at_once = KINDS["activity"], References(), References()
    for key, row in rows.items():
        one_by_one.change(kind, key, None, row)
    at_once.add(kind, rows)
    assert at_once.as_dict() == one_by_one.as_dict()
