import gzip
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpserver.errors import ImportRefusedError
from hpserver.imports import fet_xml
from hpserver.imports.fet_xml import parse, unpacked
from hpserver.imports.safe_xml import is_gzip

XML = "<fet>\n <Day>\n  <Name> Lundi </Name>\n </Day>\n <Day><Name>é</Name><Name/></Day>\n</fet>".encode()

LAUGHS = b"""<?xml version="1.0"?>
<!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;&lol;&lol;"><!ENTITY lol3 "&lol2;&lol2;&lol2;&lol2;">]>
<fet>&lol3;</fet>"""


def test_elements_have_their_text_and_their_line() -> None:
    """What an importer reads, and where it stands."""
    root = parse(XML)
    first, second = root.all("Day")
    assert (first.line, first.value("Name"), first.exact("Name"), first.value("None")) == (2, "Lundi", " Lundi ", "")
    assert second.values("Name") == ["é"]
    assert [node.name for node in root.within("Day")] == ["Name"]


def test_t_a_billion_laughs_are_refused() -> None:
    """A document type, and with it every entity, is refused before it is read."""
    with pytest.raises(ImportRefusedError, match="document type") as caught:
        parse(LAUGHS)
    assert caught.value.details["line"] == 2


@pytest.mark.parametrize("data", [b'<!DOCTYPE fet SYSTEM "file:///etc/passwd"><fet/>', b"<!DOCTYPE fet><fet>&x;</fet>"])
def test_t_nothing_outside_the_file_is_read(data: bytes) -> None:
    """No external entity opens another file."""
    with pytest.raises(ImportRefusedError):
        parse(data)


@pytest.mark.slow
def test_t_a_gzip_bomb_is_refused() -> None:
    """A few kilobytes never become gigabytes: unpacking stops at the limit."""
    with pytest.raises(ImportRefusedError, match="once unpacked"):
        unpacked(gzip.compress(bytes(fet_xml.MAX_BYTES * 4)))


def test_t_limits_on_depth_and_on_elements(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tree cannot outgrow the memory."""
    with pytest.raises(ImportRefusedError):
        parse(b"<a>" * 100 + b"</a>" * 100)
    monkeypatch.setattr(fet_xml, "MAX_NODES", 10)
    with pytest.raises(ImportRefusedError):
        parse(b"<a>" + b"<b/>" * 10 + b"</a>")


def test_a_gzip_file_cut_damaged_or_followed_by_more_is_refused() -> None:
    """What arrives damaged is not half read."""
    packed = gzip.compress(XML * 20)
    assert unpacked(packed) == XML * 20
    assert unpacked(XML) == XML
    for data in (*(packed[:end] for end in range(2, len(packed))), packed + b"x", packed[:20] + b"xx" + packed[22:]):
        assert is_gzip(data)
        with pytest.raises(ImportRefusedError):
            unpacked(data)


def test_xml_cut_anywhere_is_refused_with_line_and_column() -> None:
    """Whoever imports learns where the file stops."""
    for end in range(len(XML)):
        with pytest.raises(ImportRefusedError) as caught:
            parse(XML[:end])
        assert {"line", "column"} <= caught.value.details.keys()


@pytest.mark.parametrize(
    "data", [b"<a>\0</a>", b"<a>\xff</a>", b"<?xml version='1.0' encoding='klingon'?><a/>", b"\0" * 99]
)
def test_what_is_no_text_is_refused(data: bytes) -> None:
    """NULs, wrong bytes and unknown encodings have a clear end."""
    with pytest.raises(ImportRefusedError):
        parse(data)


@given(
    st.binary(max_size=100)
    | st.lists(st.sampled_from([b"<a>", b"</a>", b"<b/>", b"x", b"&amp;", b"&x;"])).map(b"".join)
)
def test_any_bytes_are_a_tree_or_refused(data: bytes) -> None:
    """Nothing else than ImportRefusedError comes out."""
    with suppress(ImportRefusedError):
        parse(unpacked(data))
