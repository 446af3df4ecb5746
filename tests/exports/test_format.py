"""The limits of a document, and that every line says which it is."""

from hpserver.exports import format as f
from hpserver.protocol.limits import MAX_TRANSFER


def test_a_document_that_can_be_written_can_be_transferred() -> None:
    """A file that the server opens is a file that a client can bring."""
    assert f.MAX_FILE == MAX_TRANSFER
    assert f.MAX_LINE < f.MAX_CONTENT


def test_every_line_says_which_it_is() -> None:
    """A reader in another language decides by one word."""
    lines = (f.Header, f.Object, f.Origin, f.Revision, f.Trailer)
    tags = [line.__struct_config__.tag for line in lines]
    assert tags == ["header", "object", "origin", "revision", "trailer"]
    assert {line.__struct_config__.tag_field for line in lines} == {"line"}
