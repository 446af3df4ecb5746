"""What is remembered of the last transactions, and what is forgotten."""

import msgspec
import pytest

from hpserver.planning import history as history_module
from hpserver.planning.history import Done, Field, History, Touch
from hpserver.protocol.messages import Transaction

MEMO: Field = ("activity", 1, "memo")
PLACE: Field = ("activity", 1, "place")


def operation(revision: int) -> bytes:
    """The id of the transaction that made a revision."""
    return b"%016d" % revision


def add(history: History, author: str, *fields: Field, epoch: int = 2) -> None:
    """Remember one more transaction, which touched these fields."""
    revision = history.head + 1
    row = Transaction(revision, operation(revision), 1, author, 0, "", msgspec.Raw(b"\x90"))
    history.add(epoch, row, Done(author, author, epoch, revision, {}, merged=False, wish=b""), fields)


def test_the_head_counts_from_the_floor() -> None:
    """A base whose older transactions are not in memory has the same revisions."""
    history = History(40, 1)
    assert history.head == 40
    add(history, "ada", MEMO)
    assert history.head == 41
    assert [row.revision for row in history.since(40, 41)] == [41]
    assert list(history.since(41, 41)) == []


def test_since_and_until_cut_exactly() -> None:
    """A follower is told neither too much nor too little."""
    history = History(10, 1)
    for _ in range(6):
        add(history, "ada", MEMO)
    assert [row.revision for row in history.since(12, 15)] == [13, 14, 15]


def test_the_last_touch_of_a_field_counts() -> None:
    """Merges ask who wrote a field last."""
    history = History(0, 1)
    add(history, "ada", MEMO, PLACE)
    add(history, "bob", MEMO)
    assert history.touches == {MEMO: Touch(2, "bob", "bob"), PLACE: Touch(1, "ada", "ada")}


def test_what_is_dropped_leaves_no_trace() -> None:
    """After a refused batch, touches and operations are those of before it, a field touched twice included."""
    history = History(0, 1)
    add(history, "ada", MEMO, PLACE)
    touches, done = dict(history.touches), dict(history.done)
    add(history, "bob", MEMO, MEMO, ("room", 1, ""))
    add(history, "eve", MEMO, PLACE)

    history.drop_after(1)

    assert (history.head, history.touches, history.done) == (1, touches, done)
    history.drop_after(1)
    assert history.head == 1


def test_the_oldest_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory is bounded: operation, transaction and touches go together, but not a younger touch of the same field."""
    monkeypatch.setattr(history_module, "KEPT_TRANSACTIONS", 2)
    history = History(0, 1)
    add(history, "ada", MEMO, PLACE, epoch=5)
    add(history, "bob", MEMO, epoch=6)
    add(history, "eve", epoch=7)

    assert (history.floor, history.floor_epoch, history.head) == (1, 5, 3)
    assert history.touches == {MEMO: Touch(2, "bob", "bob")}
    assert list(history.done) == [operation(2), operation(3)]


@pytest.mark.parametrize(
    ("epoch", "revision", "answer"),
    [
        (2, 0, False),  # before what is known
        (2, 1, True),
        (1, 1, True),
        (2, 2, True),
        (2, 3, False),  # the owner of epoch 2 saw another revision 3, which was lost
        (3, 3, True),
        (3, 4, False),  # after what is known
        (9, 3, True),
        (0, 1, False),  # no replica at all
    ],
)
def test_a_replica_resumes_where_it_is_a_beginning_of_ours(epoch: int, revision: int, answer: bool) -> None:
    """Nobody goes on from a future that was lost, or from before what is known."""
    history = History(1, 1)
    add(history, "ada", MEMO, epoch=2)
    add(history, "ada", MEMO, epoch=3)
    assert history.may_resume(epoch, revision) == answer


def test_whoever_has_nothing_does_not_resume_a_new_base() -> None:
    """Revision 0 is a base full of objects, not an empty one."""
    assert not History(0, 0).may_resume(0, 0)
