import msgspec
import pytest

from hpserver.base.changes import (
    MAX_FACTS,
    Applied,
    Create,
    Delete,
    create,
    decode_changes,
    delete,
    encode_changes,
    from_json,
    inverse,
    to_json,
    update,
)
from hpserver.base.model import Room, values_of
from hpserver.errors import InvalidChangeError

WISHES = (create("room", -1, name="A1"), update("room", 3, capacity=30), delete("room", 4))
BYTES = bytes.fromhex("939401a4726f6f6dff81a46e616d65a241319402a4726f6f6d0381a863617061636974791e9303a4726f6f6d04")
FACTS = Applied(
    (create("room", 1, name="A1"), update("room", 3, capacity=30), delete("room", 4)),
    (None, Room("B"), Room("C", 9)),
    (Room("A1"), Room("B", 30), None),
    {-1: 1},
    (("name", "capacity", "site"), ("capacity",), ("name", "capacity", "site")),
)


def test_the_bytes_of_a_transaction_are_for_ever() -> None:
    """Clients of every version write and read these."""
    assert encode_changes(WISHES) == BYTES
    assert decode_changes(BYTES) == WISHES


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\xc0",
        b"\x91\x92\x03\xa1a",
        b"\x91\x93\x04\xa1a\x01",
        BYTES[:-1],
        BYTES + b"\x00",
        msgspec.msgpack.encode([[3, "room", 2**53]]),
        msgspec.msgpack.encode([[3, "r" * 33, 1]]),
        msgspec.msgpack.encode([[3, "room", 1.5]]),
        b"\x91" * 100_000,
        b"\x91\x94\x01\xa4room\x01" + b"\x91" * 100_000,
    ],
    ids=lambda raw: raw[:8].hex(),
)
def test_other_bytes_are_refused(raw: bytes) -> None:
    """Whatever a stranger sends, however deep, raises the one error that the caller expects."""
    with pytest.raises(InvalidChangeError):
        decode_changes(raw)


def test_a_transaction_has_a_largest_size() -> None:
    """One client cannot hold everyone up; facts may be more, for what went with deleted activities."""
    raw = encode_changes([delete("room", 1)] * 10_001)
    with pytest.raises(InvalidChangeError):
        decode_changes(raw)
    assert len(decode_changes(raw, limit=MAX_FACTS)) == 10_001


def test_the_inverse_goes_backwards() -> None:
    """What was made last is taken back first; only touched fields are named."""
    restored = create("room", 4, **values_of(Room("C", 9)))
    assert inverse(FACTS) == (restored, update("room", 3, capacity=0), delete("room", 1))


def test_the_journal_is_readable() -> None:
    """Whoever opens the journal sees what was there before and after, field by field."""
    assert msgspec.json.decode(to_json(FACTS)) == [
        {
            "do": "create",
            "kind": "room",
            "key": 1,
            "before": None,
            "after": {"name": "A1", "capacity": 0, "site": None},
        },
        {"do": "update", "kind": "room", "key": 3, "before": {"capacity": 0}, "after": {"capacity": 30}},
        {"do": "delete", "kind": "room", "key": 4, "before": {"name": "C", "capacity": 9, "site": None}, "after": None},
    ]


def test_the_journal_is_read_back_as_changes() -> None:
    """Replay takes what was true after."""
    first, second, third = from_json(to_json(FACTS))
    assert isinstance(first, Create)
    assert second == update("room", 3, capacity=30)
    assert third == Delete("room", 4)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{}",
        b'[{"do":"drop","kind":"room","key":1,"before":null,"after":{}}]',
        b'[{"do":"update","kind":"room","key":1,"before":{},"after":null}]',
        b'[{"do":"delete","kind":"rooms","key":1,"before":{},"after":null}]',
        b"[" * 100_000,
    ],
    ids=lambda raw: raw[:40].decode(),
)
def test_what_is_no_journal_entry_is_refused(raw: bytes) -> None:
    """A damaged journal is told, never guessed at."""
    with pytest.raises(InvalidChangeError):
        from_json(raw)
