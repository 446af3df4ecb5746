"""The one way XML of strangers is read: what comes out, what is refused, where."""

import gzip
from collections.abc import Iterator
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpserver.errors import ImportRefusedError
from hpserver.imports import safe_xml
from hpserver.imports.safe_xml import Limits, Shell, is_gzip, pieces, unpacked

LAUGHS = b'<!DOCTYPE a [<!ENTITY b "haha"><!ENTITY c "&b;&b;&b;&b;">]>\n<a>&c;</a>'


class _Told(Shell):
    """Writes down what it is told."""

    def __init__(self, *, outside: bool = False) -> None:
        super().__init__(Limits(depth=3, elements=10), outside=outside)
        self.seen: list[str] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.seen.append(f"<{name}{attributes or ''} {self.depth} {self.place()}")

    def end(self, name: str) -> None:
        self.seen.append(f">{name}")

    def data(self, text: str) -> None:
        self.seen.append(text)


def read(data: bytes, *, outside: bool = False) -> list[str]:
    """Return what a file says."""
    shell = _Told(outside=outside)
    shell.read(pieces(data))
    return shell.seen


def test_elements_are_told_with_their_place() -> None:
    """In order, with depth, line and column."""
    assert read(b"<a>\n <b c='1'/>x</a>") == ["<a 1 (1, 1)", "\n ", "<b{'c': '1'} 2 (2, 2)", ">b", "x", ">a"]


@pytest.mark.parametrize(
    ("data", "why", "line"),
    [
        (LAUGHS, "document type", 1),
        (b"\n<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>", "document type", 2),
        (b"<a><b><c>\n<d/></c></b></a>", "3 elements deep", 2),
        (b"<a>" + b"<b/>" * 10, "10 in all", 1),
        (b"<a>\n</b>", "not XML: a tag is closed here", 2),
        (b"<a>\n&", "not XML: the file ends within a tag", 2),
        (b"<a>\n& </a>", "not XML: a sign that cannot", 2),
        (b"<a/>\n<b/>", "not XML: something follows", 2),
        (b"", "not XML: the file ends too early", 1),
        (b"<a>\n\xff</a>", "not XML", 2),
        (b"<?xml version='1.0' encoding='klingon'?><a/>", "not", 1),
        (b"\n<a b='" + b"x" * 70_000 + b"'/>", "in the attributes of an element", 2),
        (b"<a>\n<b c='" + b"x" * 1_200_000 + b"'/></a>", "a tag of more than", 2),
        (b"<a>\n<!--" + b"x" * 1_200_000 + b"--></a>", "a tag of more than", 2),
        (b"<a>" + b"x" * 1_200_000 + b"</a>", "of text in a row", 1),
    ],
)
def test_s05_a_bomb_is_refused_at_its_line(data: bytes, why: str, line: int) -> None:
    """Entities, depth, number, attributes, tags, texts: none grows beyond what a format needs."""
    with pytest.raises(ImportRefusedError, match=why) as caught:
        read(data)
    assert caught.value.details["line"] == line
    assert int(caught.value.details["column"]) >= 1


def test_s05_a_document_type_outside_is_passed_over_and_not_fetched() -> None:
    """The files of ITC-2019 name one; what it would declare stays unknown."""
    seen = read(b"<!DOCTYPE a SYSTEM 'http://localhost/a.dtd'><a/>", outside=True)
    assert seen[-1] == ">a"
    for data in (LAUGHS, b"<!DOCTYPE a SYSTEM 'http://localhost/a.dtd'><a>&b;</a>"):
        with pytest.raises(ImportRefusedError):
            read(data, outside=True)


def test_a_long_file_of_short_tags_is_no_bomb() -> None:
    """Only what is not read yet counts."""

    class Quiet(Shell):
        pass

    shell = Quiet(Limits(2, 1_000_000))
    shell.read(pieces(b"<a>" + b"<b/>  " * 300_000 + b"</a>"))


def test_s05_what_is_packed_stops_at_the_limit() -> None:
    """A few kilobytes never become megabytes; damaged, cut and followed by more are refused."""
    packed = gzip.compress(bytes(2_000_000))
    assert is_gzip(packed)
    assert len(unpacked(packed, 2_000_000)) == 2_000_000
    for data in (packed, bytes(2_000_000)):
        with pytest.raises(ImportRefusedError):
            unpacked(data, 1_000_000)
    for data in (packed[:-1], packed + b"x", packed[:12] + b"xx" + packed[14:]):
        with pytest.raises(ImportRefusedError):
            unpacked(data, 2_000_000)


@given(st.lists(st.sampled_from([b"<a>", b"</a>", b"<b c='d'/>", b"x", b"&amp;", b"&x;", b"<!--", b"\xff"])))
def test_s05_any_pieces_are_read_or_refused(parts: list[bytes]) -> None:
    """Nothing else than ImportRefusedError comes out, wherever the pieces end."""

    def cut() -> Iterator[bytes]:
        yield from parts

    with suppress(ImportRefusedError):
        _Told().read(cut())


def test_the_limits_leave_room_for_what_there_is() -> None:
    """A cell of a workbook has up to 32 767 characters."""
    assert safe_xml.MAX_TEXT > 32_767 < safe_xml.MAX_ATTRIBUTES
