from typing import Any

import msgspec
import pytest

from hpserver.base.changes import create, delete
from hpserver.base.planning import Planning
from hpserver.base.snapshot import OLDEST, VERSION, decode_snapshot, encode_snapshot
from hpserver.errors import CorruptBaseError, StoreVersionError
from tests.histories import GRID, founding
from tests.schools import a_school


def opened() -> list[Any]:
    """Return a snapshot as plain values: magic, version, grid, tables, next keys."""
    planning = Planning(GRID)
    planning.apply(founding())
    values: list[Any] = msgspec.msgpack.decode(encode_snapshot(planning))
    return values


def test_a_school_survives_the_journey() -> None:
    """Rows, indexes, next keys: nothing is lost and nothing is added."""
    school = a_school(60)
    loaded = decode_snapshot(encode_snapshot(school))
    assert loaded == school
    assert loaded.derived() == school.derived()
    assert loaded.next_keys == school.next_keys


def test_a_column_of_a_newer_program_takes_its_default() -> None:
    """A snapshot from before a field existed is read."""
    values = opened()
    del values[3]["activity"][1]["memo"]
    assert decode_snapshot(msgspec.msgpack.encode(values)).activity(1).memo == ""


@pytest.mark.parametrize("version", [OLDEST - 1, VERSION + 1])
def test_a_snapshot_of_another_version_is_told_from_a_damaged_one(version: int) -> None:
    """The cure is another program, not another backup."""
    values = opened()
    values[1] = version
    with pytest.raises(StoreVersionError) as refusal:
        decode_snapshot(msgspec.msgpack.encode(values))
    assert refusal.value.details["version"] == version


def test_a_kind_without_rows_takes_no_bytes() -> None:
    """Dozens of kinds cost a small school nothing; a key once given is remembered all the same."""
    planning = Planning(GRID)
    empty = encode_snapshot(planning)
    assert len(empty) < 200
    assert decode_snapshot(empty) == planning
    planning.apply([create("room", 7, name="A"), delete("room", 7)])
    values = msgspec.msgpack.decode(encode_snapshot(planning))
    assert (values[3], values[4]) == ({}, {"room": 8})
    assert decode_snapshot(encode_snapshot(planning)).next_keys == planning.next_keys


def test_kinds_are_read_in_whatever_order_they_are_written() -> None:
    """What is referred to is there when it is checked, and what a combined group takes is taken."""
    values = opened()
    values[3] = dict(reversed(values[3].items()))
    loaded = decode_snapshot(msgspec.msgpack.encode(values))
    loaded.validate()
    assert loaded == decode_snapshot(msgspec.msgpack.encode(opened()))


def test_a_text_of_a_pattern_is_refused_wherever_it_is() -> None:
    """Each different text of a column is looked at, also one between many that are right."""
    planning = Planning(GRID)
    planning.apply([create("student", key, name="A", born_on="2001-02-03") for key in range(1, 9)])
    assert decode_snapshot(encode_snapshot(planning)) == planning
    for wrong in ("2001-2-3", "hier", 7, None):
        values: list[Any] = msgspec.msgpack.decode(encode_snapshot(planning))
        values[3]["student"][1]["born_on"][4] = wrong
        with pytest.raises(CorruptBaseError):
            decode_snapshot(msgspec.msgpack.encode(values))


def set_at(values: list[Any], path: tuple[Any, ...], value: object) -> None:
    """Set one value inside."""
    inner: Any = values
    for step in path[:-1]:
        inner = inner[step]
    if value is None:
        del inner[path[-1]]
    else:
        inner[path[-1]] = value


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ((0,), "hp-other"),
        ((1,), 0),
        ((2, "weeks"), 63),
        ((2, "timezone"), "Nowhere"),
        ((3, "room", 0), [1]),
        ((3, "room", 0), [1, 1]),
        ((3, "room", 0), [0, 1]),
        ((3, "room", 1, "name"), None),
        ((3, "room", 1, "name"), ["A", ""]),
        ((3, "room", 1, "floor"), [1, 2]),
        ((3, "wall"), [[], {}]),
        ((3, "activity", 1, "rooms"), [[1], [2], [3]]),
        ((3, "activity", 1, "rooms"), [[1], [2], [-1]]),
        ((3, "activity", 1, "place"), [0, 1, 12]),
        ((3, "subject"), None),
        ((4, "room"), -1),
    ],
)
def test_a_damaged_snapshot_is_not_served(path: tuple[Any, ...], value: object) -> None:
    """Each rule of the format and of the rows is checked on the way in."""
    values = opened()
    if path == (3, "subject"):
        values[3]["activity"][1]["subject"] = [1, None, None]
    set_at(values, path, value)
    with pytest.raises(CorruptBaseError):
        decode_snapshot(msgspec.msgpack.encode(values))


@pytest.mark.parametrize("raw", [b"", b"\xc0", b"\x95", b"\x91" * 10_000], ids=lambda raw: raw[:4].hex())
def test_other_bytes_are_not_a_snapshot(raw: bytes) -> None:
    """Whatever they are, the one error says so."""
    with pytest.raises(CorruptBaseError):
        decode_snapshot(raw)
