from hpserver.base.model import Activity, Group, Meeting, Membership, Row
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
    rows: dict[int, Row] = {7: Activity(subject=4, rooms=(1, 2)), 8: Activity(rooms=(2,)), 9: Activity()}
    members = {1: Membership(student=1, group=4), 2: Membership(student=2, group=4), 3: Membership(student=3, group=5)}
    one_by_one, at_once = References(), References()
    for name, some in (("activity", rows), ("membership", members)):
        for key, row in some.items():
            one_by_one.change(KINDS[name], key, None, row)
        at_once.add(KINDS[name], some)
    assert at_once.as_dict() == one_by_one.as_dict()


def test_who_is_named_by_one_row_is_named_by_more_and_by_one_again() -> None:
    """One row is kept as its key alone, several as a set: nobody who asks sees which."""
    references, kind = References(), KINDS["membership"]
    rows = {key: Membership(student=1, group=key) for key in (7, 8)}
    for key in (7, 7, 8):
        references.change(kind, key, None, rows[key])
    assert set(references.users("membership", "student", 1)) == {7, 8}
    references.change(kind, 7, rows[7], None)
    assert list(references.users("membership", "student", 1)) == [8]
    references.change(kind, 8, rows[8], None)
    assert references.as_dict() == References().as_dict()
