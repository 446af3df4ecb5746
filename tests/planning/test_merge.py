"""What merges and what is a conflict, on a real base and a real history, without an engine."""

from collections.abc import Sequence
from typing import Any

import msgspec
import pytest

from hpserver.base.changes import Change, create, decode_changes, delete, encode_changes, update
from hpserver.base.model import meeting_key
from hpserver.errors import InvalidChangeError
from hpserver.planning import merge
from hpserver.planning.history import Done, History
from hpserver.planning.merge import BORN, WHOLE, Others, fields_of, touched_fields
from hpserver.protocol.messages import FieldConflict, Transaction
from tests.schools import a_school

MEETING = meeting_key(1, 2)


class Desk:
    """A base whose every change is remembered under its author."""

    def __init__(self) -> None:
        self.planning = a_school(30)
        self.planning.apply([update("activity", 1, weeks=0b1111), update("activity", 2, weeks=0b1111)])
        self.history = History(0, 1)

    def done(self, author: str, *changes: Change) -> None:
        """Make changes true whatever others did."""
        applied = self.planning.apply(changes)
        revision = self.history.head + 1
        raw = msgspec.Raw(encode_changes(applied.changes))
        row = Transaction(revision, b"%016d" % revision, 1, author, 0, "", raw)
        done = Done(author, author, 1, revision, {}, merged=False, wish=b"")
        self.history.add(1, row, done, touched_fields(applied))

    def weigh(self, author: str, *changes: Change, seen: int = 0) -> merge.Weighed:
        """What is said to a wish."""
        return Others(self.history, author, seen).weigh(changes, self.planning)

    def conflicts(self, author: str, *changes: Change, seen: int = 0) -> list[tuple[Any, ...]]:
        """The conflicts alone: field, values, revision and user."""
        return [told(conflict) for conflict in self.weigh(author, *changes, seen=seen)[1]]


def told(conflict: FieldConflict) -> tuple[Any, ...]:
    """A conflict in plain values."""
    yours, theirs = msgspec.msgpack.decode(conflict.yours), msgspec.msgpack.decode(conflict.theirs)
    return conflict.field, yours, theirs, conflict.revision, conflict.user


@pytest.fixture
def desk() -> Desk:
    """A desk over a small school, at revision 0."""
    return Desk()


# --- fields -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        (update("activity", 1, memo="x", rooms=(2,)), [WHOLE, "memo", "rooms"]),
        (create("meeting", MEETING, cancelled=True), [WHOLE, BORN]),
        (delete("activity", 1), [WHOLE]),
    ],
)
def test_a_restart_knows_the_same_fields(desk: Desk, change: Change, fields: Sequence[str]) -> None:
    """Facts read back from the journal touch what the applied transaction touched."""
    applied = desk.planning.apply([change])
    now = sorted(touched_fields(applied))
    assert [field for kind, key, field in now if (kind, key) == (change.kind, change.key)] == fields
    assert sorted(fields_of(decode_changes(encode_changes(applied.changes)))) == now


# --- updates ----------------------------------------------------------------------------------------------------


def test_nothing_since_merges_nothing(desk: Desk) -> None:
    """A wish of who has seen everything is taken as it is."""
    wish = update("activity", 1, memo="y")
    desk.done("bob", update("activity", 1, memo="x"))

    assert desk.weigh("ada", wish, seen=1) == ((wish,), (), False)


def test_other_fields_merge_the_same_field_does_not(desk: Desk) -> None:
    """A conflict names the field, both values, and who wrote it in which revision."""
    desk.done("bob", update("activity", 1, memo="x"))

    assert desk.weigh("ada", update("activity", 1, rooms=(2,)))[1:] == ((), True)
    assert desk.conflicts("ada", update("activity", 1, memo="y", rooms=(2,))) == [("memo", "y", "x", 1, "bob")]


def test_the_same_value_is_no_conflict(desk: Desk) -> None:
    """Two people who write the same thing agree."""
    desk.done("bob", update("activity", 1, memo="x"))

    assert desk.conflicts("ada", update("activity", 1, memo="x")) == []


def test_nobody_conflicts_with_oneself(desk: Desk) -> None:
    """A replica that sends edits faster than it hears of them is not held up."""
    desk.done("ada", update("activity", 1, memo="x"))

    assert desk.weigh("ada", update("activity", 1, memo="y"))[1:] == ((), False)


def test_an_edit_of_ones_own_hides_no_edit_of_another(desk: Desk) -> None:
    """After a merge, what the other wrote is still not overwritten without a word."""
    desk.done("bob", update("activity", 1, memo="x"))
    desk.done("ada", update("activity", 1, rooms=(2,)))

    assert desk.conflicts("ada", update("activity", 1, memo="y")) == [("memo", "y", "x", 1, "bob")]


# --- objects that come and go -----------------------------------------------------------------------------------


def test_an_object_that_another_deleted_cannot_be_updated(desk: Desk) -> None:
    """The conflict has what was wished, and nothing on the other side."""
    desk.done("bob", delete("activity", 1))

    assert desk.conflicts("ada", update("activity", 1, memo="y")) == [("", {"memo": "y"}, None, 1, "bob")]
    assert desk.conflicts("ada", delete("activity", 1)) == [("", None, None, 1, "bob")]


@pytest.mark.parametrize("own_edit", [False, True])
def test_an_object_that_another_edited_is_not_deleted(desk: Desk, own_edit: bool) -> None:
    """Nobody's edit goes with an object unseen, not even behind an edit of one's own."""
    desk.done("bob", update("activity", 1, memo="x"))
    if own_edit:
        desk.done("ada", update("activity", 1, rooms=(2,)))

    ((field, yours, theirs, revision, user),) = desk.conflicts("ada", delete("activity", 1))

    assert (field, yours, revision, user) == ("", None, 1, "bob")
    assert "x" in theirs
    assert desk.conflicts("ada", delete("activity", 1), seen=1) == []


def test_two_exceptions_of_one_week_are_one(desk: Desk) -> None:
    """The second creation becomes an update; what the first did not say is free."""
    desk.done("bob", create("meeting", MEETING, place=4))

    kept, conflicts, merged = desk.weigh("ada", create("meeting", MEETING, rooms=(2,)))

    assert (kept, conflicts, merged) == ((update("meeting", MEETING, rooms=(2,)),), (), True)
    assert desk.conflicts("ada", create("meeting", MEETING, place=5)) == [("place", 5, 4, 1, "bob")]


def test_an_exception_made_again_is_not_overwritten(desk: Desk) -> None:
    """A field written by a creation counts as written, for who only knows what was there before."""
    desk.done("bob", create("meeting", MEETING, place=4))
    desk.done("bob", delete("meeting", MEETING))
    desk.done("bob", create("meeting", MEETING, place=5))

    assert desk.conflicts("ada", update("meeting", MEETING, place=6), seen=1) == [("place", 6, 5, 3, "bob")]
    assert desk.conflicts("ada", update("meeting", MEETING, rooms=(1,)), seen=1) == []


def test_an_exception_that_another_deleted_may_be_made_again(desk: Desk) -> None:
    """There is nothing left to conflict with."""
    desk.done("bob", create("meeting", MEETING, place=4))
    desk.done("bob", delete("meeting", MEETING))
    wish = create("meeting", MEETING, place=5)

    assert desk.weigh("ada", wish) == ((wish,), (), True)


def test_two_objects_with_one_given_key_are_not_one(desk: Desk) -> None:
    """Only the key of an exception says what it is: any other creation is refused by the base, not merged."""
    key = max(desk.planning.rows("room")) + 1
    desk.done("bob", create("room", key, name="of Bob"))

    kept, conflicts, _ = desk.weigh("ada", create("room", key, name="of Ada"))

    assert conflicts == ()
    with pytest.raises(InvalidChangeError):
        desk.planning.apply(kept)


# --- exceptions that go with their activity ---------------------------------------------------------------------


@pytest.mark.parametrize("wish", [delete("activity", 1), update("activity", 1, weeks=0b1011)])
def test_an_exception_of_another_does_not_go_with_its_activity_or_week(desk: Desk, wish: Change) -> None:
    """Who has not seen the exception is told of it before it is lost."""
    desk.done("bob", create("meeting", MEETING, place=4))
    applied = desk.planning.apply([wish])

    (conflict,) = Others(desk.history, "ada", 0).swept(applied, 1)

    assert (conflict.kind, conflict.key, conflict.field, conflict.user) == ("meeting", MEETING, WHOLE, "bob")
    assert 4 in msgspec.msgpack.decode(conflict.theirs)
    assert Others(desk.history, "ada", 1).swept(applied, 1) == ()
    assert Others(desk.history, "bob", 0).swept(applied, 1) == ()


def test_what_another_added_to_an_object_does_not_go_with_it_unseen(desk: Desk) -> None:
    """Who deletes a student is told of the grade that somebody has just given, however deep it hangs."""
    desk.done("ada", create("student", 1, name="Ada"), create("gradebook", 1, name="Maths"))
    desk.done("ada", create("assessment", 1, gradebook=1, name="Exam"))
    desk.done("bob", create("grade", 1, assessment=1, student=1, points=1200))

    for gone in (delete("student", 1), delete("gradebook", 1)):
        applied = desk.planning.apply([gone])
        (conflict,) = Others(desk.history, "ada", 2).swept(applied, 1)
        assert (conflict.kind, conflict.key, conflict.user) == ("grade", 1, "bob")
        assert Others(desk.history, "ada", 3).swept(applied, 1) == ()
        desk.planning.revert(applied)


def test_conflicts_fit_a_frame(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Thousands of conflicts would end the session of who gets them: the first ones are enough to see."""
    wishes = [update("activity", key, memo="y" * 40) for key in range(1, 31)]
    desk.done("bob", *(update("activity", key, memo="x" * 40) for key in range(1, 31)))
    assert len(desk.conflicts("ada", *wishes)) == 30
    monkeypatch.setattr(merge, "MAX_CONFLICT_BYTES", 1000)

    assert 1 < len(desk.conflicts("ada", *wishes)) < 11

    monkeypatch.setattr(merge, "MAX_CONFLICT_BYTES", 1)
    assert len(desk.conflicts("ada", *wishes)) == 1
