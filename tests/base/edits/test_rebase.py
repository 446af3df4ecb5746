"""The work of a branch on a base that went on: nothing is lost, nothing is overwritten."""

from random import Random
from typing import cast

from hypothesis import given
from hypothesis import strategies as st

from hpserver.base.changes import Change, create, delete, encode_changes, in_transactions, update
from hpserver.base.edits.diff import differences
from hpserver.base.edits.rebase import WHOLE, Conflict, Rebased, rebase
from hpserver.base.model import Activity, Room, activity_and_week, meeting_key
from hpserver.base.planning import Planning
from tests.base.edits.test_diff import copy
from tests.schools import a_grid, a_place, a_school


def founded() -> Planning:
    """Return a base with two rooms, an instructor and an activity."""
    planning = Planning(a_grid(10))
    planning.apply([
        create("room", 1, name="A1"), create("room", 2, name="A2"), create("instructor", 1, name="Durand"),
        create("activity", 1, duration=2, weeks=0b1111, place=0, rooms=[1], instructors=[1]),
        create("meeting", meeting_key(1, 3), cancelled=True),
    ])  # fmt: skip
    return planning


def rebased(branch: list[Change], meanwhile: list[Change], **how: object) -> tuple[Rebased, Planning]:
    """Return what a branch brings to a base that changed meanwhile, and the base once it is done."""
    origin = founded()
    fork, current = copy(origin), copy(origin)
    fork.apply(branch)
    current.apply(meanwhile)
    found = rebase(origin, fork, current, **how)  # type: ignore[arg-type] # keyword arguments of one call
    current.apply(found.changes)
    current.validate()
    return found, current


def test_different_fields_both_stand() -> None:
    """The room of the branch and the teacher's place of the others."""
    found, base = rebased([update("activity", 1, rooms=[2])], [update("activity", 1, place=4)])
    assert found.conflicts == ()
    row = base.activity(1)
    assert (row.rooms, row.place) == ((2,), 4)


def test_the_same_field_is_a_conflict_unless_one_insists() -> None:
    """Both values are told; nothing is overwritten by surprise."""
    found, base = rebased([update("room", 1, name="B")], [update("room", 1, name="C")])
    assert found.conflicts == (Conflict("room", 1, "name", "A1", "B", "C"),)
    assert cast(Room, base.get("room", 1)).name == "C"
    _, base = rebased([update("room", 1, name="B")], [update("room", 1, name="C")], insist=[("room", 1)])
    assert cast(Room, base.get("room", 1)).name == "B"


def test_new_objects_get_new_keys_and_are_found_by_who_names_them() -> None:
    """Two people who each create object 3 create two objects."""
    branch: list[Change] = [
        create("room", 3, name="Neuve"),
        create("activity", 2, duration=1, weeks=1, rooms=[3]),
        create("meeting", meeting_key(2, 0), rooms=[3]),
        update("activity", 1, rooms=[3]),
    ]
    found, base = rebased(branch, [create("room", 3, name="Autre"), create("activity", 2, duration=1, weeks=1)])
    assert found.conflicts == ()
    assert [cast(Room, row).name for row in base.rows("room").values()] == ["A1", "A2", "Autre", "Neuve"]
    assert cast(Activity, base.get("activity", 3)).rooms == base.activity(1).rooms == (4,)
    assert base.maybe_meeting(3, 0) is not None


def test_what_goes_on_one_side_and_changes_on_the_other_is_a_conflict() -> None:
    """Whichever side deleted it."""
    found, base = rebased([delete("activity", 1)], [update("activity", 1, place=4)])
    assert [(one.kind, one.field) for one in found.conflicts] == [("activity", WHOLE)]
    assert base.activity(1).place == 4
    found, base = rebased([update("room", 2, capacity=4)], [delete("room", 2)])
    assert [(one.kind, one.field, one.current) for one in found.conflicts] == [("room", WHOLE, None)]


def test_what_both_did_is_done() -> None:
    """The same deletion, the same value: nothing to say."""
    both: list[Change] = [delete("room", 2), update("room", 1, capacity=7)]
    found, _ = rebased(both, both)
    assert found == Rebased((), (), found.chosen, {})


def test_weeks_that_go_take_their_exceptions() -> None:
    """As in any edit."""
    found, base = rebased([update("activity", 1, weeks=0b11)], [])
    assert found.conflicts == ()
    assert base.rows("meeting") == {}


def test_a_part_of_the_work_brings_what_it_needs() -> None:
    """An activity without the room it is in would be refused."""
    branch: list[Change] = [
        create("room", 3, name="Neuve"), create("room", 4, name="Inutile"),
        create("activity", 2, duration=1, weeks=1, rooms=[3]), update("room", 1, capacity=5),
    ]  # fmt: skip
    found, base = rebased(branch, [], only=[("activity", 2)])
    assert set(found.chosen) == {("room", 3), ("activity", 2)}
    assert cast(Room, base.get("room", 1)).capacity == 0
    assert len(base.rows("room")) == 3


def some_work(planning: Planning, seed: int) -> None:
    """Change a base here and there."""
    random = Random(seed)
    for _ in range(8):
        key = random.choice(list(planning.rows("activity")))
        row = planning.activity(key)
        what = random.randrange(5)
        if what == 0:
            planning.apply([update("activity", key, place=a_place(random, planning.grid, row.duration))])
        elif what == 1:
            planning.apply([delete("activity", key)])
        elif what == 2:
            planning.apply([update("activity", key, weeks=row.weeks & random.getrandbits(44), memo=str(seed))])
        elif what == 3:
            planning.apply([
                create("instructor", -1, name=f"N{seed}"),
                create("activity", -2, duration=2, weeks=7, instructors=[-1]),
                create("meeting", meeting_key(-2, 1), memo="?"),
            ])  # fmt: skip
        else:
            planning.apply([update("room", random.choice(list(planning.rows("room"))), capacity=random.randrange(99))])


def test_a_great_work_is_cut_where_it_may_be() -> None:
    """Every transaction fits what a server takes, and each is possible after those before."""
    base = Planning(a_grid(10))
    branch = copy(base)
    branch.apply([create("room", key, name=f"Salle {key}") for key in range(1, 60)])
    branch.apply([create("activity", key, duration=1, weeks=1, rooms=[key], memo="x" * 40) for key in range(1, 60)])
    cut = list(in_transactions(rebase(base, branch, base).changes, 1000))
    assert len(cut) > 5
    for transaction in cut:
        assert len(encode_changes(transaction)) <= 1000
        base.apply(transaction)
    assert base == branch


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_any_work_can_be_brought_back(seed: int, other: int) -> None:
    """The result is valid; without others' work it is the branch; what is not a conflict was done."""
    origin = a_school(15, seed % 7)
    branch, current = copy(origin), copy(origin)
    some_work(branch, seed)
    given_out = dict(origin.next_keys)
    origin.apply((alone := rebase(origin, branch, origin)).changes)
    assert alone.conflicts == ()
    assert origin.counts() == branch.counts()
    for one in differences(origin, branch):  # what was created bears other keys
        kind, key = ("activity", activity_and_week(one.key)[0]) if one.kind == "meeting" else one.ident
        assert key >= given_out[kind]
    origin = a_school(15, seed % 7)
    some_work(current, other)
    found = rebase(origin, branch, current)
    current.apply(found.changes)
    current.validate()
    again = {(one.kind, one.key, one.field) for one in rebase(origin, branch, current).conflicts}
    assert {(one.kind, one.key, one.field) for one in found.conflicts} <= again
