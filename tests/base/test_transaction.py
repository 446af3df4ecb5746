import msgspec
import pytest

from hpserver.base import transaction
from hpserver.base.changes import Change, Create, create, decode_changes, delete, encode_changes, inverse, update
from hpserver.base.model import MAX_GROUPS, meeting_key
from hpserver.base.planning import Planning
from hpserver.base.snapshot import encode_snapshot
from hpserver.base.transaction import MAX_KEY_GAP, net
from hpserver.errors import InvalidChangeError, StillReferencedError, UnknownObjectError
from tests.histories import GRID, founding


def founded() -> Planning:
    """Return a planning with a few of everything."""
    planning = Planning(GRID)
    planning.apply(founding())
    return planning


def test_placeholders_become_keys_wherever_they_are_named() -> None:
    """A client builds a whole tree in one transaction, in any order, before any key is known."""
    planning = founded()
    applied = planning.apply(
        [
            create("meeting", meeting_key(-5, 1), rooms=[-4]),
            create("activity", -5, subject=-1, rooms=[1, -4], weeks=0b11),
            create("subject", -1, name="Chimie"),
            create("room", -4, name="Labo"),
            update("room", -4, capacity=12),
        ]
    )
    assert applied.keys == {-5: 4, -1: 3, -4: 3}
    assert planning.activity(4).rooms == (1, 3)
    assert [change.key for change in applied.changes] == [meeting_key(4, 1), 4, 3, 3, 3]
    named = applied.changes[1]
    assert isinstance(named, Create)
    assert msgspec.msgpack.decode(named.fields) == {"subject": 3, "rooms": [1, 3], "weeks": 3}
    planning.validate()


def test_bytes_without_placeholders_are_kept() -> None:
    """What a client sent is what everyone receives: one encoding, three uses."""
    change = update("room", 1, capacity=30)
    (fact,) = founded().apply([change]).changes
    assert fact is change


@pytest.mark.parametrize(
    "changes",
    [
        [create("room", -1, name="A"), create("subject", -1, name="B")],
        [update("room", -1, name="A")],
        [update("activity", 1, rooms=[-1])],
        [create("meeting", meeting_key(-1, 0))],
        [create("room", 0, name="A")],
        [create("room", 1, name="A")],
        [create("room", MAX_KEY_GAP + 10, name="A")],
        [create("room", -1)],
        [create("professor", -1, name="A")],
        [create("room", -2, name="A", floor=2)],
    ],
)
def test_a_creation_that_cannot_be_is_refused(changes: list[Change]) -> None:
    """Nothing stays of it, and no key is used up."""
    planning = founded()
    before = dict(planning.next_keys)
    with pytest.raises(InvalidChangeError):
        planning.apply(changes)
    assert planning.next_keys == before
    planning.validate()


@pytest.mark.parametrize("change", [update("room", 9, name="A"), delete("room", 9), delete("meeting", 0)])
def test_what_does_not_exist_cannot_change(change: Change) -> None:
    """Somebody else may have deleted it: the client is told which."""
    with pytest.raises(UnknownObjectError) as refusal:
        founded().apply([change])
    assert refusal.value.details == {"kind": change.kind, "key": change.key}


def test_meetings_go_with_their_activity() -> None:
    """They are facts of the transaction, so that every replica and the journal see them go."""
    planning = founded()
    applied = planning.apply([delete("activity", 3)])
    assert applied.changes == (
        delete("activity", 3),
        delete("meeting", meeting_key(3, 0)),
        delete("meeting", meeting_key(3, 1)),
    )
    assert planning.counts()["meeting"] == 2


def test_meetings_go_with_their_week() -> None:
    """A week taken from an activity takes what was special in it."""
    planning = founded()
    applied = planning.apply([update("activity", 3, weeks=0b1101)])
    assert applied.changes[1:] == (delete("meeting", meeting_key(3, 1)),)
    planning.revert(applied)
    assert planning.counts()["meeting"] == 4
    planning.validate()


def test_a_meeting_put_by_the_same_transaction_is_not_lost_silently() -> None:
    """Who writes about a meeting that the transaction removes made a mistake, and is told."""
    with pytest.raises(InvalidChangeError):
        founded().apply([update("meeting", meeting_key(3, 1), memo="bring coats"), update("activity", 3, weeks=1)])


def test_keys_are_never_given_twice() -> None:
    """The history of a deleted object stays its own."""
    planning = founded()
    first = planning.apply([create("room", -1, name="A")]).keys[-1]
    planning.apply([delete("room", first)])
    assert planning.apply([create("room", -1, name="B")]).keys[-1] == first + 1


def test_facts_have_no_placeholder() -> None:
    """A replica invents no key."""
    with pytest.raises(InvalidChangeError):
        founded().replay([create("room", -1, name="A")])
    assert founded().replay([create("room", 5_000_000, name="A")]).keys == {}


def test_several_changes_of_one_object_are_one_in_all() -> None:
    """What was before the first and after the last, whatever was in between."""
    applied = founded().apply([update("room", 1, name="A"), update("room", 1, capacity=3), update("room", 1, name="B")])
    (change,) = net(applied).values()
    assert (change.before, change.after) == (applied.before[0], applied.after[2])
    assert change.names == {"name", "capacity"}


def test_a_cohort_has_a_largest_number_of_groups() -> None:
    """Each is compared with all the others; groups that leave make room in the same transaction."""
    planning = founded()
    planning.apply([create("group", -key, cohort=2, name="g") for key in range(1, MAX_GROUPS + 1)])
    with pytest.raises(InvalidChangeError):
        planning.apply([update("group", 1, cohort=2)])
    planning.apply([update("group", 1, cohort=2), update("group", 4, cohort=1)])
    planning.validate()


def with_a_student() -> Planning:
    """Return a planning with a student who has a grade, memberships and a comment, and one who has a guardian."""
    planning = founded()
    planning.apply(
        [
            create("guardian", 1, name="Byron", students=[2]),
            create("membership", 4, student=1, group=1),
            create("membership", 5, student=2, group=3),
            create("gradebook", 1, name="Maths"),
            create("assessment", 1, gradebook=1, name="Exam"),
            create("grade", 1, assessment=1, student=1, points=1500),
            create("grade", 2, assessment=1, student=2),
        ]
    )
    return planning


def test_parts_go_with_their_whole() -> None:
    """Nobody has to clear away a student's memberships, grades and comments; others' stay."""
    planning = with_a_student()
    before = encode_snapshot(planning)
    applied = planning.apply([delete("student", 1)])
    gone = {(change.kind, change.key) for change in applied.changes}
    assert gone == {("student", 1), ("membership", 1), ("membership", 4), ("grade", 1), ("comment", 2)}
    assert planning.rows("membership").keys() == {2, 3, 5}
    planning.validate()
    planning.apply(inverse(applied))
    assert encode_snapshot(planning) == before


def test_parts_of_parts_go_too() -> None:
    """A gradebook takes its assessments, and these take their grades, as facts that a replica can repeat."""
    planning, replica = with_a_student(), with_a_student()
    applied = planning.apply([delete("gradebook", 1)])
    assert [change.kind for change in applied.changes] == ["gradebook", "assessment", "grade", "grade"]
    replica.replay(decode_changes(encode_changes(applied.changes)))
    assert encode_snapshot(replica) == encode_snapshot(planning)
    planning.revert(applied)
    assert planning == with_a_student()
    planning.validate()


def test_what_is_no_part_keeps_an_object_from_going() -> None:
    """A guardian is not part of a child: the reference is told, and nothing is gone."""
    planning = with_a_student()
    with pytest.raises(StillReferencedError):
        planning.apply([delete("student", 2)])
    assert planning == with_a_student()
    planning.apply([update("guardian", 1, students=[]), delete("student", 2)])
    planning.validate()


def test_a_part_that_found_another_whole_stays() -> None:
    """Who moves a membership and deletes the group loses nobody."""
    planning = with_a_student()
    free = [update("activity", 3, groups=[2]), update("combined_group", 2, groups=[])]
    planning.apply([update("membership", 5, group=1), delete("group", 3), *free])
    assert planning.rows("membership").keys() == {1, 2, 3, 4, 5}
    planning.validate()


@pytest.mark.parametrize("about", [{}, {"cohort": 1, "group": 1}])
def test_a_row_is_about_exactly_one_object(about: dict[str, int]) -> None:
    """A membership of nothing, or of two things at once, is refused; also when an update would make it."""
    planning = with_a_student()
    with pytest.raises(InvalidChangeError):
        planning.apply([create("membership", -1, student=1, **about)])
    with pytest.raises(InvalidChangeError):
        planning.apply([update("membership", 1, group=1)])
    planning.apply([update("membership", 1, cohort=None, group=2)])
    planning.validate()


def test_what_goes_in_one_transaction_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    """One deletion does not make facts that no journal entry and no replica could hold; nothing of it stays."""
    planning = with_a_student()
    monkeypatch.setattr(transaction, "MAX_FACTS", 3)
    with pytest.raises(InvalidChangeError):
        planning.apply([delete("student", 1)])
    assert planning == with_a_student()
    planning.validate()
