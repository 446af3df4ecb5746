"""Documents read: what was written comes back; what is damaged is refused where it is wrong; nothing is dropped."""

import gzip
import json
from collections.abc import Callable
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hpserver.base.planning import Planning
from hpserver.base.snapshot import encode_snapshot
from hpserver.errors import ImportRefusedError
from hpserver.exports import reading
from hpserver.exports.format import MAX_NESTING
from hpserver.exports.packing import unpack
from hpserver.exports.reading import read, split
from hpserver.exports.writing import lines
from tests.exports.documents import a_history, bases, reread, written
from tests.schools import a_school

Edit = Callable[[list[dict[str, Any]]], object]
HISTORY = b"".join(lines(a_history()))
SCHOOL = written(a_school(12))


def edited(edit: Edit, raw: bytes = SCHOOL) -> bytes:
    """Change lines as another program could, with the right counts and hashes at the end."""
    values = [json.loads(line) for line in raw.splitlines()]
    edit(values)
    *others, trailer = values
    texts = [json.dumps(value, ensure_ascii=False).encode() + b"\n" for value in others]
    objects = [text for text, value in zip(texts, others, strict=True) if value.get("line") == "object"]
    trailer["content"] = sha256(b"".join(objects)).hexdigest()
    trailer["sha256"] = sha256(b"".join(texts)).hexdigest()
    trailer["objects"] = len(objects)
    return b"".join(texts) + json.dumps(trailer).encode() + b"\n"


def refused(raw: bytes) -> ImportRefusedError:
    """Return why a document is not read."""
    with pytest.raises(ImportRefusedError) as caught:
        reread(raw)
    assert caught.value.details["line"]
    assert caught.value.details["column"]
    return caught.value


@given(bases())
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_base_survives_the_journey(planning: Planning) -> None:
    """Export, import, export again: the same bytes, the same snapshot."""
    raw = written(planning)
    found = reread(raw)
    assert encode_snapshot(found.planning) == encode_snapshot(planning)
    assert written(found.planning) == raw
    assert not found.notes


def test_a_history_survives_the_journey() -> None:
    """The beginning, every transaction and the present are read as they were written."""
    content = a_history()
    found = reread(HISTORY)
    assert found.origin is not None
    assert content.origin is not None
    assert encode_snapshot(found.origin) == encode_snapshot(content.origin)
    assert found.revisions == content.revisions
    assert encode_snapshot(found.planning) == encode_snapshot(content.planning)
    assert (found.header.revision, found.header.epoch) == (4, 3)


@given(st.binary(max_size=2), st.integers(0, len(HISTORY) - 1), st.integers(0, 40))
@settings(max_examples=300, deadline=None)
def test_s05_a_mutated_document_is_refused_with_its_place(put: bytes, at: int, cut: int) -> None:
    """Whatever bytes are changed, lost or added: the same base, or one documented error with line and column."""
    raw = HISTORY[:at] + put + HISTORY[at + cut :]
    if raw.replace(b" ", b"") != HISTORY.replace(b" ", b""):  # a space in the trailer changes nothing
        refused(raw)


@given(st.integers(0, len(HISTORY) - 1))
@settings(max_examples=100, deadline=None)
def test_s05_a_document_that_was_cut_is_refused(end: int) -> None:
    """A download that stopped is never taken for a smaller base."""
    refused(HISTORY[:end])


@pytest.mark.parametrize(
    ("edit", "line", "says"),
    [
        (lambda values: values[3]["fields"].update(name=7), 4, "name: it needs a text, and has a whole number"),
        (lambda values: values[3].pop("fields"), 4, "fields"),
        (lambda values: values[3].update(key=0), 4, "key 0"),
        (lambda values: values.insert(3, values[2]), 4, "twice"),
        (lambda values: values.insert(3, values[0]), 4, "second header"),
        (lambda values: values.insert(3, {"nothing": 1}), 4, "does not say"),
        (lambda values: values[0].update(version=2), 1, "reads up to 1"),
        (lambda values: values[0].update(format="zip"), 1, "no document of a base"),
        (lambda values: values[0]["grid"].update(weeks=99), 1, "the grid"),
        (lambda values: values[0]["next_keys"].update(room=-5), 1, "next key"),
        (lambda values: values[0]["counts"].update(room=5), None, "header counts"),
        (lambda values: values[-2]["fields"].update(cohorts=[999]), None, "999"),
        (
            lambda values: values.insert(-1, {**values[3], "line": "origin"}),
            None,
            "header has none",
        ),
    ],
)
def test_what_is_wrong_is_told_with_its_line(edit: Edit, line: int | None, says: str) -> None:
    """Who wrote the document finds the mistake without searching."""
    error = refused(edited(edit))
    assert says in error.text
    assert line in {None, error.details["line"]}
    assert error.text.startswith(f"line {error.details['line']}, column ")


def test_the_column_is_that_of_what_is_wrong() -> None:
    """A line may be long: the name of the field, or the byte, is pointed at."""
    raw = edited(lambda values: values[3]["fields"].update(name=7))
    error = refused(raw)
    text = raw.splitlines()[3]
    assert text[int(error.details["column"]) - 1 :].startswith(b'"name"')
    broken = SCHOOL.splitlines(keepends=True)
    broken[5] = broken[5].replace(b":", b";", 1)
    assert refused(b"".join(broken)).details == {"line": 6, "column": broken[5].index(b";") + 1}


@pytest.mark.parametrize(
    "edit",
    [
        lambda values: values[1].update(revision=2),
        lambda values: values[1].update(epoch=9),
        lambda values: values[1].update(operation="x"),
        lambda values: values[1].update(at=-1),
        lambda values: values.pop(2),
    ],
)
def test_a_history_has_no_gap_and_does_not_go_back(edit: Edit) -> None:
    """A history that could not have been is not taken over."""

    def change(values: list[dict[str, Any]]) -> None:
        told = [value for value in values if value["line"] == "revision"]
        kept = [value for value in values if value["line"] != "revision"]
        edit(told_ := [kept[0], *told])
        values[:] = [*kept[:-1], *told_[1:], kept[-1]]

    refused(edited(change, HISTORY))


def test_what_a_later_program_added_is_noted_never_dropped_in_silence() -> None:
    """A newer document can be opened, and the person is told what is missing."""

    def newer(values: list[dict[str, Any]]) -> None:
        values[0]["mood"] = "fine"
        values[2]["fields"]["scent"] = 1
        values[3]["weight"] = 2
        values.insert(4, {"line": "object", "kind": "ghost", "key": 1, "fields": {}})
        values.insert(5, {"line": "song", "verse": 1})
        values[0]["counts"]["ghost"] = 1
        values[0]["next_keys"]["ghost"] = 2

    found = reread(edited(newer))
    told = {(note.line, note.what, note.detail) for note in found.notes}
    kind = json.loads(SCHOOL.splitlines()[2])["kind"]
    assert told == {
        (1, "unknown field", "mood"),
        (3, "unknown field", f"{kind}.scent"),
        (4, "unknown field", "weight"),
        (5, "unknown kind", "ghost"),
        (6, "unknown line", "song"),
    }
    assert encode_snapshot(found.planning) == encode_snapshot(a_school(12))


def test_notes_are_counted_when_they_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """A document of another world fills no memory with remarks."""
    monkeypatch.setattr(reading, "MAX_NOTES", 2)
    found = reread(edited(lambda values: values.__setitem__(slice(1, 1), [{"line": "song"}] * 5)))
    assert (len(found.notes), found.unlisted) == (2, {"unknown line": 3})


def test_a_field_that_is_not_there_takes_its_default() -> None:
    """A document of an earlier program, or a short one written by hand, is read."""
    found = reread(edited(lambda values: values[1]["fields"].pop("address", None)))
    assert encode_snapshot(found.planning) == encode_snapshot(a_school(12))


def test_s05_nesting_is_refused_before_it_is_followed() -> None:
    """A hundred thousand brackets are one sentence, not the end of the process."""
    for opening in (b"[", b'{"a":'):
        assert "nested" in refused(opening * 100_000 + b"\n").text
    deep = "[" * (MAX_NESTING + 1)
    assert not reread(edited(lambda values: values[1]["fields"].update(name=deep))).notes  # brackets in a text


def test_s05_a_line_without_end_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bomb of one line costs the limit of a line."""
    monkeypatch.setattr(reading, "MAX_LINE", 1000)
    pulled = []

    def pieces() -> Any:
        for _ in range(100):
            pulled.append(1)
            yield bytes(200)

    with pytest.raises(ImportRefusedError, match="more than 1000 bytes"):
        read(pieces())
    assert len(pulled) <= 7
    assert refused(b" " * 1500 + b"\n").details["line"] == 1


def test_s05_too_many_objects_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is read stays within what a machine can hold."""
    monkeypatch.setattr(reading, "MAX_OBJECTS", 5)
    assert "more than 5 objects" in refused(SCHOOL).text


def test_lines_are_the_same_whatever_the_pieces() -> None:
    """Where a network or a packing cuts has no meaning."""
    raw = b"a\nbb\n\nccc"
    for size in range(1, len(raw) + 1):
        pieces = [raw[start : start + size] for start in range(0, len(raw), size)]
        assert list(split(pieces)) == [b"a\n", b"bb\n", b"\n", b"ccc"]


def test_damage_of_the_packing_is_told_with_a_line_too(tmp_path: Any) -> None:
    """A bad block of a compressed file is placed after the last line that came out of it."""
    packed = gzip.compress(SCHOOL)
    path = tmp_path / "a.hpx"
    path.write_bytes(packed[: len(packed) // 2])
    with path.open("rb") as file, pytest.raises(ImportRefusedError, match="gzip") as caught:
        read(unpack(file))
    assert int(caught.value.details["line"]) >= 1
