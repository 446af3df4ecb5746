import msgspec
import pytest

from hpserver.base.registry import KINDS
from hpserver.exports.faults import OTHERWISE, in_words
from hpserver.exports.reading import _ROWS


@pytest.mark.parametrize(
    ("kind", "raw", "told"),
    [
        ("room", '{"name":7}', "name: it needs a text, and has a whole number"),
        ("room", '{"name":null}', "name: it needs a text, and has nothing"),
        ("room", '{"name":""}', "name: a text is needed, and it is empty"),
        ("room", f'{{"name":"{"x" * 201}"}}', "name: a text has at most 200 characters here"),
        ("room", '{"name":"x","site":"y"}', "site: it needs a whole number or nothing, and has a text"),
        ("room", '{"name":"x","capacity":-1}', "capacity: 0 is the least that may be here"),
        ("room", '{"name":"x","capacity":9000000}', "capacity: 1000000 is the most that may be here"),
        ("room", '{"name":"x","capacity":1.5}', "capacity: it needs a whole number, and has a number"),
        ("room", "[]", "it needs names with values, and has a list"),
        ("room", "{}", "name is missing"),
        ("availability", '{"level":"rather","place":1}', "level: 'rather' is none of the words for this"),
        ("activity", f'{{"rooms":{[*range(65)]}}}', "rooms: a list has at most 64 items here"),
        ("activity", '{"rooms":3}', "rooms: it needs a list, and has a whole number"),
        ("activity", '{"locked":3}', "locked: it needs true or false, and has a whole number"),
        ("instructor", '{"name":"x","color":"red"}', "this text is not written as it must be here"),
        ("activity", '{"rooms":', "this is no JSON: the line ends too early"),
        ("activity", '{"rooms";1}', "this is no JSON: a sign is wrong or missing here"),
    ],
)
def test_a_fault_is_told_by_what_is_needed(kind: str, raw: str, told: str) -> None:
    """Nobody who corrects a file reads the types of a programming language."""
    if kind == "instructor" and "color" not in KINDS["instructor"].by_name:
        kind = next(one.name for one in KINDS.values() if {"name", "color"} <= one.by_name.keys())
    with pytest.raises(msgspec.MsgspecError) as caught:
        _ROWS[kind].decode(raw)
    assert in_words(str(caught.value)).removeprefix("color: ") == told


def test_what_has_no_words_says_so() -> None:
    """Never the words of a library."""
    assert in_words("Something else - at `$.fields.name`") == f"name: {OTHERWISE}"
