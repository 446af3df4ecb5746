"""The accepting of wishes without an engine: what a program does that has the base for itself."""

import msgspec
import pytest

from hpserver.base.changes import encode_changes, update
from hpserver.errors import NotAllowedError, OperationReusedError
from hpserver.identity.tickets import Admission
from hpserver.planning.accepting import Accepting, digest_of
from hpserver.planning.history import History
from hpserver.planning.session import Session
from hpserver.protocol import messages as m
from tests.desk import a_session
from tests.schools import a_school


def wisher(profile: str = "Modification") -> Session:
    """Somebody who wishes."""
    admission = Admission(b"", b"t" * 32, "", 1, "ada", "Ada", "", 1, 0.0, profile)
    return a_session(7, admission, "ada/1")


def wish(memo: str, operation: bytes = b"o" * 16, *, dry_run: bool = False) -> m.Transact:
    """A wish about the first activity."""
    changes = msgspec.Raw(encode_changes([update("activity", 1, memo=memo)]))
    return m.Transact(1, 0, operation, 0, changes, force=True, dry_run=dry_run)


def test_an_accepted_wish_waits_for_the_disk_and_can_be_taken_back() -> None:
    """What is in memory alone is known to be, and in which order."""
    accepting = Accepting(a_school(12), History(0, 1), 3)
    answer = accepting.transact(wisher(), wish("x"), 0, 5)
    assert isinstance(answer, m.Committed)
    assert (answer.epoch, answer.revision, accepting.last_entry_ms) == (3, 1, 5)
    assert [draft.revision for draft in accepting.waiting] == [1]
    accepting.planning.revert(accepting.undurable.pop())
    assert accepting.planning.activity(1).memo == ""


def test_a_refused_or_tried_wish_leaves_nothing() -> None:
    """Neither in the base, nor in the history, nor on its way to the disk."""
    accepting = Accepting(a_school(12), History(0, 1), 3)
    assert isinstance(accepting.transact(wisher(), wish("x", dry_run=True), 0, 5), m.Weighed)
    with pytest.raises(NotAllowedError):
        accepting.transact(wisher("Consultation"), wish("x"), 0, 5)
    assert accepting.planning.activity(1).memo == ""
    assert not accepting.waiting
    assert accepting.history.head == 0


def test_an_operation_id_stands_for_one_wish_of_one_kind() -> None:
    """An undo never answers for an edit that bears its id, nor the other way round."""
    accepting = Accepting(a_school(12), History(0, 1), 3)
    accepting.transact(wisher(), wish("x"), 0, 5)
    with pytest.raises(OperationReusedError):
        accepting.maybe_done(wisher(), m.Undo(2, 0, b"o" * 16))
    kinds = (m.Undo(2, 0, b"", 1), m.Redo(2, 0, b"", 1), m.RestoreObject(2, 0, b"", "room", 1, 1, 1), wish("x"))
    assert len({digest_of(one) for one in kinds}) == len(kinds)
