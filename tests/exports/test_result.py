"""What crosses the pipe: a base or a refusal, and nothing else is believed."""

import msgspec
import pytest

from hpserver.base.snapshot import encode_snapshot
from hpserver.errors import CorruptBaseError, ImportRefusedError
from hpserver.exports.result import Opened, decode, encode, of_document, of_error
from hpserver.exports.writing import lines
from hpserver.imports.result import Report
from tests.exports.documents import a_history, reread


def test_a_document_crosses_whole() -> None:
    """The base, its beginning and its history are the same on the other side."""
    content = a_history()
    found = decode(encode(of_document(reread(b"".join(lines(content))))))
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
    with pytest.raises(ImportRefusedError, match="no good") as caught:
        decode(encode(of_error(ImportRefusedError("no good", line=3, column=4))))
    assert caught.value.details == {"line": 3, "column": 4}


@pytest.mark.parametrize("raw", [b"", b"\xc1", b"\x93\x01\x02\x03", msgspec.msgpack.encode([["Opened"]])])
def test_s05_other_bytes_are_not_believed(raw: bytes) -> None:
    """A reader that was taken over says nothing we trust."""
    with pytest.raises(msgspec.MsgspecError):
        decode(raw)


def test_s05_a_base_is_checked_again() -> None:
    """What a reader calls a base is held against every rule once more."""
    with pytest.raises(CorruptBaseError):
        decode(encode(Opened(b"no base", Report("hpx", "", {})))).planning()
