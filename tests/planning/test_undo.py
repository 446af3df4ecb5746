"""Taking back and doing again: whose, in which order, and what others wrote since."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpserver.base.changes import create, delete, update
from hpserver.base.model import meeting_key
from hpserver.errors import NothingToUndoError
from hpserver.planning.history import Written
from hpserver.planning.undo import Step, standing, to_redo, to_undo
from hpserver.protocol import messages as m
from tests.desk import Desk
from tests.schools import a_school


@pytest.fixture
def desk() -> Desk:
    """A desk on a small school, whose first activities take place in the first four weeks."""
    school = a_school(12)
    school.apply([update("activity", key, weeks=15) for key in (1, 2)])
    return Desk(school)


class Person:
    """Somebody at a desk, who says what is to be done and hears what became of it."""

    def __init__(self, desk: Desk, login: str, *, profile: str = "Modification") -> None:
        self.desk, self.session = desk, desk.follow(login, profile=profile)
        self.requests = 10

    def edit(self, *changes: object, force: bool = True, operation: bytes = b"") -> m.Message:
        """Do it, and see that it is on the disk."""
        self.requests += 1
        return self.say(self.desk.transact(self.requests, *changes, force=force, operation=operation))  # type: ignore[arg-type]  # changes of the base

    def undo(self, revision: int = 0, *, force: bool = False, operation: bytes = b"") -> m.Message:
        """Take back."""
        return self.say(m.Undo(self._id(), 0, operation or self._operation(), revision, force))

    def redo(self, revision: int = 0, *, force: bool = False) -> m.Message:
        """Do again."""
        return self.say(m.Redo(self._id(), 0, self._operation(), revision, force))

    def restore(self, kind: str, key: int, revision: int, *, seen: int | None = None) -> m.Message:
        """Put an object back."""
        known = self.desk.engine.durable if seen is None else seen
        wish = m.RestoreObject(self._id(), 0, self._operation(), kind, key, revision, known, force=True)
        return self.say(wish)

    def say(self, request: m.Request) -> m.Message:
        """Say it and hear the answer."""
        self.desk.heard(self.session)
        self.desk.tell(self.session, request)
        self.desk.sync()
        (answer,) = [one for one in self.desk.heard(self.session) if isinstance(one, m.Answer)]
        return answer

    def memo(self, key: int = 1) -> str:
        """What stands in the memo of an activity."""
        return self.desk.engine.planning.activity(key).memo

    def _id(self) -> int:
        self.requests += 1
        return self.requests

    def _operation(self) -> bytes:
        return f"{self.session}-{self.requests}".encode().ljust(16, b".")


def test_a_person_takes_back_edits_one_after_the_other_and_does_them_again(desk: Desk) -> None:
    """The last edit first, down to none; then again in their order, up to all."""
    ada = Person(desk, "ada")
    before = msgspec.json.encode(list(desk.engine.planning.rows("activity").items()))
    for text in "abc":
        ada.edit(update("activity", 1, memo=text))
    seen = [ada.memo()]
    for _ in range(3):
        assert isinstance(ada.undo(), m.Committed)
        seen.append(ada.memo())
    assert seen == ["c", "b", "a", ""]
    assert msgspec.json.encode(list(desk.engine.planning.rows("activity").items())) == before
    assert _code(ada.undo()) == NothingToUndoError.code
    for text in "abc":
        assert isinstance(ada.redo(), m.Committed)
        assert ada.memo() == text
    assert _code(ada.redo()) == NothingToUndoError.code
    assert isinstance(ada.undo(), m.Committed)
    assert ada.memo() == "b"


def test_what_another_session_of_the_same_person_did_is_taken_back_too(desk: Desk) -> None:
    """Undo belongs to the person: another device and a later session take back the same edits."""
    at_home, at_school = Person(desk, "ada"), Person(desk, "ada")
    at_home.edit(update("activity", 1, memo="home"))
    assert isinstance(at_school.undo(), m.Committed)
    assert at_home.memo() == ""
    assert isinstance(at_home.redo(), m.Committed)
    assert at_home.memo() == "home"


def test_a_new_edit_ends_what_there_is_to_do_again(desk: Desk) -> None:
    """As everywhere: after a new edit, Redo has nothing to do; the edits of others end nothing."""
    ada, bob = Person(desk, "ada"), Person(desk, "bob")
    ada.edit(update("activity", 1, memo="a"))
    ada.undo()
    bob.edit(update("activity", 2, memo="bob"))
    assert isinstance(ada.redo(), m.Committed)
    ada.undo()
    ada.edit(update("activity", 3, memo="x"))
    assert _code(ada.redo()) == NothingToUndoError.code


def test_what_others_wrote_since_is_a_conflict_and_stays(desk: Desk) -> None:
    """Nothing of others is overwritten: the person learns of what stands, and whose it is; `force` does it."""
    ada, bob = Person(desk, "ada"), Person(desk, "bob")
    ada.edit(update("activity", 1, memo="ada", place=3))
    bob.edit(update("activity", 1, memo="bob"))
    answer = ada.undo()
    assert isinstance(answer, m.Conflicted)
    (conflict,) = answer.conflicts
    assert (conflict.kind, conflict.key, conflict.field, conflict.user) == ("activity", 1, "memo", "bob")
    assert msgspec.msgpack.decode(conflict.theirs) == "bob"
    assert (ada.memo(), desk.engine.planning.activity(1).place) == ("bob", 3)
    assert isinstance(ada.undo(force=True), m.Committed)
    assert ada.memo() == ""


def test_what_others_took_back_themselves_is_no_conflict(desk: Desk) -> None:
    """An edit of another that is gone stands in nobody's way."""
    ada, bob = Person(desk, "ada"), Person(desk, "bob")
    ada.edit(update("activity", 1, memo="ada"))
    bob.edit(update("activity", 1, memo="bob"))
    assert isinstance(bob.undo(), m.Committed)
    assert isinstance(ada.undo(), m.Committed)
    assert ada.memo() == ""


def test_what_lies_under_the_edit_of_another_is_not_overwritten_by_a_second_undo(desk: Desk) -> None:
    """Ada writes, Bob writes over it, Ada over that: her second Undo would overwrite Bob's."""
    ada, bob = Person(desk, "ada"), Person(desk, "bob")
    ada.edit(update("activity", 1, memo="1"))
    bob.edit(update("activity", 1, memo="2"))
    ada.edit(update("activity", 1, memo="3"))
    assert isinstance(ada.undo(), m.Committed)
    assert ada.memo() == "2"
    assert isinstance(ada.undo(), m.Conflicted)
    assert ada.memo() == "2"


def test_a_creation_is_taken_back_with_its_parts_unless_others_made_them(desk: Desk) -> None:
    """What goes with an object is looked at too: an exception that Bob made is not swept away."""
    ada, bob = Person(desk, "ada"), Person(desk, "bob")
    made = ada.edit(create("activity", -1, weeks=15))
    assert isinstance(made, m.Committed)
    key = made.keys[-1]
    bob.edit(create("meeting", meeting_key(key, 2), cancelled=True))
    answer = ada.undo()
    assert isinstance(answer, m.Conflicted)
    assert {(one.kind, one.user) for one in answer.conflicts} >= {("meeting", "bob")}
    bob.undo()
    assert isinstance(ada.undo(), m.Committed)
    assert desk.engine.planning.maybe_get("activity", key) is None
    assert isinstance(ada.redo(), m.Committed)
    assert desk.engine.planning.maybe_get("activity", key) is not None


def test_a_deletion_is_taken_back_with_what_went_with_it(desk: Desk) -> None:
    """The object and its exceptions come back under their keys."""
    ada = Person(desk, "ada")
    ada.edit(create("meeting", meeting_key(1, 2), cancelled=True))
    before = desk.engine.planning.activity(1)
    ada.edit(delete("activity", 1))
    assert isinstance(ada.undo(), m.Committed)
    assert desk.engine.planning.activity(1) == before
    assert desk.engine.planning.maybe_meeting(1, 2) is not None
    desk.engine.planning.validate()


def test_a_named_transaction_is_taken_back_once_by_anybody_who_edits(desk: Desk) -> None:
    """A revision can be named, also of somebody else; it is done once, and can be done again."""
    ada, bob, eve = Person(desk, "ada"), Person(desk, "bob"), Person(desk, "eve", profile="Consultation")
    done = ada.edit(update("activity", 1, memo="ada"))
    assert isinstance(done, m.Committed)
    ada.edit(update("activity", 2, memo="later"))
    assert isinstance(eve.undo(done.revision), m.Failed)
    assert isinstance(bob.undo(done.revision), m.Committed)
    assert ada.memo() == ""
    assert _code(ada.undo(done.revision)) == NothingToUndoError.code
    assert isinstance(bob.redo(), m.Committed)
    assert ada.memo() == "ada"
    assert isinstance(ada.undo(done.revision), m.Committed), "what was done again is meant"
    assert ada.memo() == ""
    assert isinstance(ada.undo(99), m.Failed)
    assert isinstance(ada.redo(done.revision), m.Failed), "it took nothing back"


def test_an_undo_sent_again_is_done_once(desk: Desk) -> None:
    """A lost answer never takes back twice, even when the server has forgotten the operation."""
    ada = Person(desk, "ada")
    ada.edit(update("activity", 1, memo="a"))
    ada.edit(update("activity", 1, memo="b"))
    operation = b"u" * 16
    first = ada.undo(operation=operation)
    again = ada.undo(operation=operation)
    desk.engine.history.done.clear()
    forgotten = ada.undo(operation=operation)
    assert isinstance(first, m.Committed)
    assert isinstance(again, m.Committed)
    assert isinstance(forgotten, m.Committed)
    assert first.revision == again.revision == forgotten.revision
    assert ada.memo() == "a"


def test_two_undos_at_once_take_back_two_edits(desk: Desk) -> None:
    """The second is not asked of a journal that does not know of the first."""
    ada = Person(desk, "ada")
    ada.edit(update("activity", 1, memo="a"))
    ada.edit(update("activity", 1, memo="b"))
    for number in (1, 2):
        desk.tell(ada.session, m.Undo(90 + number, 0, bytes([number]) * 16))
    desk.sync()
    answers = [one for one in desk.heard(ada.session) if isinstance(one, m.Answer)]
    assert [type(one) for one in answers] == [m.Committed, m.Committed]
    assert ada.memo() == ""


def test_an_undo_that_would_clash_is_told_so(desk: Desk) -> None:
    """The place that is given back may have been taken: it is the same rule as for any edit."""
    ada, bob = Person(desk, "ada"), Person(desk, "bob")
    planning = desk.engine.planning
    row = planning.activity(1)
    ada.edit(update("activity", 1, place=None))
    bob.edit(update("activity", 2, place=row.place, instructors=row.instructors, duration=row.duration))
    assert row.place is not None
    assert row.instructors
    assert isinstance(ada.undo(), m.Clashed)
    assert isinstance(ada.undo(force=True), m.Committed)


def test_an_object_is_put_back_as_it_was(desk: Desk) -> None:
    """At a revision, whatever happened since; what went with a deleted object comes back too."""
    ada, bob = Person(desk, "ada"), Person(desk, "bob")
    ada.edit(update("activity", 1, memo="first"))
    ada.edit(create("meeting", meeting_key(1, 2), cancelled=True))
    bob.edit(update("activity", 1, memo="second", place=4))
    ada.edit(delete("activity", 1))
    assert isinstance(bob.restore("activity", 1, 1), m.Committed)
    assert bob.memo() == "first"
    assert desk.engine.planning.maybe_meeting(1, 2) is not None
    assert _code(bob.restore("activity", 1, 1)) == NothingToUndoError.code
    assert isinstance(bob.restore("activity", 1, 3), m.Committed)
    assert bob.memo() == "second"
    ada.edit(update("activity", 1, memo="third"))
    seen_before = bob.restore("activity", 1, 1, seen=desk.engine.durable - 1)
    assert isinstance(seen_before, m.Conflicted), "Bob had not seen what he would overwrite"
    desk.engine.planning.validate()


def test_the_journal_says_what_took_what_back(desk: Desk) -> None:
    """With plain SQL one sees which row took which back."""
    ada = Person(desk, "ada")
    ada.edit(update("activity", 1, memo="a"))
    ada.undo()
    ada.redo()
    links = [msgspec.json.decode(one.body) for one in desk.disk]
    assert [(one.get("undoes"), one.get("redoes")) for one in links] == [(None, None), (1, None), (None, 2)]
    assert all(len(one["device"]) == 16 for one in links)


HISTORIES = st.lists(st.sampled_from(["edit", "edit", "undo", "undo", "redo"]), max_size=30)


@given(HISTORIES)
def test_the_lines_are_those_of_two_stacks(history: list[str]) -> None:
    """What may be taken back and done again, read from the journal, is what two stacks would say."""
    steps: list[Step] = []
    done: list[int] = []
    undone: list[int] = []
    for revision, what in enumerate(history, start=1):
        if what == "edit":
            steps.insert(0, Step(revision))
            done.append(revision)
            undone.clear()
        elif what == "undo" and done:
            steps.insert(0, Step(revision, undoes=done.pop()))
            undone.append(revision)
        elif what == "redo" and undone:
            steps.insert(0, Step(revision, redoes=undone.pop()))
            done.append(revision)
        else:
            steps.insert(0, Step(revision))  # any other edit
            done.append(revision)
            undone.clear()
        assert list(to_undo(steps)) == done[::-1]
        assert list(to_redo(steps)) == undone[::-1]


def test_what_stands_for_a_transaction_is_its_last_redo() -> None:
    """Taken back, done again, taken back."""
    later: list[Written] = []
    assert standing(1, later) == 1
    for revision, expected in ((2, None), (3, 3), (4, None), (5, 5)):
        later.insert(0, Written(revision, "ada", revision - 1, ()))
        assert standing(1, later) == expected


def _code(message: m.Message) -> int:
    assert isinstance(message, m.Failed), message
    return message.code
