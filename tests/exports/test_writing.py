"""What a document says of a base: everything, once, in an order that never varies."""

import json
from hashlib import sha256

from hpserver.base.model import values_of
from hpserver.exports.writing import lines, revision_line
from tests.exports.documents import a_history, written
from tests.schools import a_school


def test_a_document_is_a_header_its_objects_and_a_trailer() -> None:
    """A reader of another language finds every field by its name, and can check what it read."""
    planning = a_school(40)
    raw = written(planning)
    header, *objects, trailer = [json.loads(line) for line in raw.splitlines()]

    assert (header["format"], header["version"], header["base"]) == ("hp-export", 1, "Année")
    assert (header["revision"], header["epoch"], header["created_at"]) == (3, 2, "2026-11-22T19:27:09Z")
    assert header["grid"]["first_monday"] == "2025-09-01"
    assert sum(header["counts"].values()) == len(objects) == trailer["objects"]
    found = {(one["kind"], one["key"]): one["fields"] for one in objects}
    expected = {
        (kind, key): json.loads(json.dumps(values_of(row)))
        for kind in planning.counts()
        for key, row in planning.rows(kind).items()
    }
    assert found == expected
    before = raw[: raw.rindex(b"\n", 0, -1) + 1]
    assert trailer["sha256"] == sha256(before).hexdigest()
    assert trailer["content"] == sha256(before[before.index(b"\n") + 1 :]).hexdigest()


def test_the_content_hash_tells_only_what_is_in_the_base() -> None:
    """Two backups of an unchanged base can be told to be the same."""
    one, two = written(a_school(20)), written(a_school(20), revision=9, epoch=7)
    assert one != two
    assert json.loads(one.splitlines()[-1])["content"] == json.loads(two.splitlines()[-1])["content"]


def test_a_history_follows_what_it_begins_with() -> None:
    """The base as it was first and every transaction since are there, after the base as it is."""
    content = a_history()
    sorts = [json.loads(line)["line"] for line in lines(content)]
    assert sorts == sorted(sorts, key=["header", "object", "origin", "revision", "trailer"].index)
    assert sorts.count("revision") == 4
    assert sorts.count("origin") == sorts.count("object") - 2


def test_a_transaction_stays_on_one_line() -> None:
    """The JSON of a journal row may have line feeds between its values; a document has lines."""
    told = revision_line(1, 1, bytes(16), 0, "ada", 1, b'{"a":\r\n1}')
    assert bytes(told.body) == b'{"a":  1}'
