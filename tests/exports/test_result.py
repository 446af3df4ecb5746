"""What crosses the pipe: a base or a refusal, and nothing else is believed."""

import msgspec
import pytest

from hpserver.base.snapshot import encode_snapshot
from hpserver.errors import CorruptBaseError, ImportRefusedError
from hpserver.exports.result import Opened, Refused, Rows, decode, encode, of_document, of_error, of_table
from hpserver.exports.writing import lines
from hpserver.imports.result import Report
from hpserver.imports.table import Table, TableRow
from tests.exports.documents import a_history, reread


def test_a_document_crosses_whole() -> None:
    """The base, its beginning and its history are the same on the other side."""
    content = a_history()
    found = decode(encode(of_document(reread(b"".join(lines(content)))), ("seccomp",))).result
    assert isinstance(found, Opened)
    assert content.origin is not None
    assert encode_snapshot(found.planning()) == encode_snapshot(content.planning)
    assert found.origin == encode_snapshot(content.origin)
    assert [(one.revision, one.body) for one in found.revisions] == [
        (one.revision, bytes(one.body)) for one in content.revisions
    ]
    assert (found.base, found.revision, found.epoch) == ("Année", 4, 3)
    assert found.report.counts["activity"] == 20


def test_a_refusal_is_raised_on_the_other_side() -> None:
    """The error keeps its class, its words and its line."""
    result = decode(encode(of_error(ImportRefusedError("no good", line=3, column=4)))).result
    assert isinstance(result, Refused)
    error = result.error()
    assert (type(error), error.text, error.details) == (ImportRefusedError, "no good", {"line": 3, "column": 4})


def test_a_table_crosses_as_it_is() -> None:
    """Every cell, every line number."""
    table = Table("csv", (TableRow(1, ("Nom", "Prénom")), TableRow(7, ("", "Zoë"))))
    result = decode(encode(of_table(table))).result
    assert isinstance(result, Rows)
    assert result.table() == table


@pytest.mark.parametrize(
    "row", [TableRow(0, ()), TableRow(1, ("x",) * 257), TableRow(1, ("x" * 4001,))], ids=["line", "columns", "cell"]
)
def test_s05_a_table_beyond_the_bounds_of_one_is_not_believed(row: TableRow) -> None:
    """The bounds hold on this side too, whatever the reader was made to say."""
    with pytest.raises(msgspec.ValidationError):
        decode(encode(of_table(Table("csv", (row,)))))


@pytest.mark.parametrize("raw", [b"", b"\xc1", b"\x93\x01\x02\x03", msgspec.msgpack.encode([["Opened"]])])
def test_s05_other_bytes_are_not_believed(raw: bytes) -> None:
    """A reader that was taken over says nothing we trust."""
    with pytest.raises(msgspec.MsgspecError):
        decode(raw)


def test_s05_a_base_is_checked_again() -> None:
    """What a reader calls a base is held against every rule once more."""
    with pytest.raises(CorruptBaseError):
        Opened(b"no base", Report("hpx", "", {})).planning()
