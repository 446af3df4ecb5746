from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpserver.errors import ImportRefusedError
from hpserver.imports import itc2019_xml
from hpserver.imports.itc2019_xml import Element, read
from tests.itc2019 import problem

DTD = '<!DOCTYPE problem PUBLIC "-//ITC 2019//DTD Problem Format/EN" "http://www.itc2019.org/competition-format.dtd">'


def names(data: bytes) -> list[str]:
    """Return the elements of a file."""
    found: list[str] = []
    read(data, "problem", lambda _, element: found.append(element.name))
    return found


def test_elements_come_in_order_with_their_place() -> None:
    """What an importer reads, and where it stands."""
    found: list[tuple[tuple[str, ...], Element]] = []
    text = f"<?xml version='1.0'?>{DTD}\n<problem>\n <room id='1'/>\n</problem>"
    read(text.encode(), "problem", lambda around, element: found.append((around, element)))
    assert found[1] == (("problem",), Element("room", {"id": "1"}, 3, 2))


def test_t_a_document_type_is_left_unread_and_entities_are_refused() -> None:
    """The competition's files name a DTD: nothing is fetched, nothing grows."""
    assert names(f"{DTD}<problem/>".encode()) == ["problem"]
    for text in (
        f"{DTD}<problem>&x;</problem>",
        '<!DOCTYPE problem [<!ENTITY a "b">]><problem/>',
        '<!DOCTYPE problem SYSTEM "file:///etc/passwd" [<!ENTITY % a SYSTEM "x">]><problem/>',
    ):
        with pytest.raises(ImportRefusedError):
            names(text.encode())


def test_t_depth_and_size_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file made to fill the memory is refused on the way."""
    with pytest.raises(ImportRefusedError, match="deep"):
        names(b"<problem>" + b"<a>" * 20)
    monkeypatch.setattr(itc2019_xml, "MAX_BYTES", 10)
    with pytest.raises(ImportRefusedError):
        names(b"<problem><a/></problem>")


@pytest.mark.parametrize("data", [b"", b"<solution/>", b"<problem>", b"\xff\xfe\x00", b"problem"])
def test_what_is_no_problem_is_refused(data: bytes) -> None:
    """With the line and column of what is wrong."""
    with pytest.raises(ImportRefusedError) as caught:
        names(data)
    assert "line" in caught.value.details


@pytest.mark.parametrize(
    ("name", "value"),
    [("id", "a b"), ("id", "a/b"), ("n", "-1"), ("n", "9"), ("n", "x"), ("bits", "00"), ("bits", "012"), ("t", "1")],
)
def test_attributes_out_of_range_are_refused_where_they_are(name: str, value: str) -> None:
    """An id, a number, a set or a truth, and nothing else."""
    element = Element("a", {"id": "1", "n": "1", "bits": "010", "t": "true"} | {name: value}, 3, 7)
    with pytest.raises(ImportRefusedError, match="line 3, column 7"):
        (element.id(), element.number("n", 0, 8), element.bits("bits", 3), element.truth("t", default=True))


def test_attributes_are_read_as_what_they_are() -> None:
    """Bit 0 is the first day."""
    element = Element("a", {"bits": "110"}, 1, 1)
    assert (element.bits("bits", 3), element.number("n", default=4), element.truth("t", default=False)) == (3, 4, False)
    with pytest.raises(ImportRefusedError, match="missing"):
        element.id()


@given(st.integers(0, 4000), st.binary(max_size=12), st.integers(0, 30))
def test_t_a_damaged_file_is_refused_or_read(start: int, junk: bytes, cut: int) -> None:
    """Nothing but the documented error comes out of any bytes."""
    data = problem().encode()
    with suppress(ImportRefusedError):
        names(data[:start] + junk + data[start + cut :])
