"""A transaction as JSON and back."""

import json

import msgspec
import pytest

from hpserver.base.changes import create, decode_changes, update
from hpserver.errors import CorruptBaseError
from hpserver.planning.history import Done
from hpserver.planning.journal import read_body, write_body
from tests.schools import a_school

DONE = Done("ada", "ada/00ff", 3, 7, {-1: 3}, merged=True, wish=bytes(range(32)))


def a_body() -> bytes:
    """The JSON of a transaction that created a room and changed an activity."""
    planning = a_school(30)
    applied = planning.apply([create("room", -1, name="C3 «été»"), update("activity", 1, memo="x", rooms=(-1,))])
    return write_body(applied, session=5, why="pourquoi", done=msgspec.structs.replace(DONE, keys=applied.keys))


def read(body: bytes) -> object:
    """Read a row as the base that is opened does."""
    return read_body(body, epoch=3, revision=7, operation=b"o" * 16, user="ada", at_ms=99)


def test_what_is_written_is_read_back() -> None:
    """A restart knows author, reason, keys, wish and facts, and a replica can replay the changes."""
    transaction, done, changes = read_body(a_body(), epoch=3, revision=7, operation=b"o" * 16, user="ada", at_ms=99)

    assert done == msgspec.structs.replace(DONE, keys=done.keys)
    (key,) = done.keys.values()
    assert (transaction.session, transaction.why, transaction.user, transaction.at_ms) == (5, "pourquoi", "ada", 99)
    assert (transaction.revision, transaction.operation) == (7, b"o" * 16)
    assert decode_changes(bytes(transaction.changes)) == changes
    replica = a_school(30)
    replica.replay(changes)
    assert replica.activity(1).rooms == (key,)


def test_the_json_is_readable() -> None:
    """An operator reads with plain SQL what was before and after."""
    (created, updated) = json.loads(a_body())["changes"]
    assert (created["do"], created["before"], created["after"]["name"]) == ("create", None, "C3 «été»")
    assert (updated["do"], updated["before"]["memo"], updated["after"]["memo"]) == ("update", "", "x")


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        (b"{", b""),
        (b'"wish":"00', b'"wish":"zz'),
        (b'"keys":{"-1"', b'"keys":{"x"'),
        (b'"do":"create"', b'"do":"creep"'),
        (b'"kind":"room"', b'"kind":"roam"'),
        (b'"session":5', b'"session":"5"'),
    ],
)
def test_what_is_no_transaction_is_a_corrupt_base(was: bytes, becomes: bytes) -> None:
    """One error for whoever opens a base, whatever is wrong with the row."""
    body = a_body()
    assert was in body
    with pytest.raises(CorruptBaseError):
        read(body.replace(was, becomes, 1))
