from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpserver.errors import ImportRefusedError
from hpserver.imports import ics_lines
from hpserver.imports.ics_lines import split, value_of

CALENDAR = (
    b"BEGIN:VCALENDAR\r\nX-WR-CALNAME;LANGUAGE=fr:L1\r\nBEGIN:VEVENT\r\nUID:1\r\nSUMMARY:Alg\r\n \xc3\xa8bre\r\n"
    b"BEGIN:VALARM\r\nSUMMARY:no\r\nEND:VALARM\r\nEND:VEVENT\r\nBEGIN:VTODO\r\nEND:VTODO\r\nEND:VCALENDAR\r\n"
)


def test_an_event_is_cut_out_unfolded_with_its_line() -> None:
    """A note on an event says where to look; what an alarm holds is not the event's."""
    calendar = split(CALENDAR)
    (event,) = calendar.events
    assert event.line == 3
    assert event.properties == (("UID", "UID:1"), ("SUMMARY", "SUMMARY:Algèbre"))
    assert calendar.others == ((11, "VTODO"),)
    assert value_of(calendar.properties["X-WR-CALNAME"]) == "L1"


@pytest.mark.parametrize("end", [b"\n", b"\r", b"\r\n"])
def test_any_end_of_line_is_one(end: bytes) -> None:
    """Files pass through machines that change ends of lines."""
    assert split(CALENDAR.replace(b"\r\n", end)) == split(CALENDAR)


def test_a_colon_between_quotes_does_not_end_the_parameters() -> None:
    """A time zone or an address in quotes may hold colons."""
    assert value_of('X;TZID="a:b":c:d') == "c:d"
    assert value_of("no colon") == ""


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_other_encodings_are_read(encoding: str) -> None:
    """Old programs write what their system writes."""
    (event,) = split(CALENDAR.decode().replace("\r\n ", "").encode(encoding)).events
    assert event.properties[1] == ("SUMMARY", "SUMMARY:Algèbre")


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (b"", 1),
        (b"PK\x03\x04", 1),
        (b"BEGIN:VEVENT\nEND:VEVENT\n", 1),
        (b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nEND:VCALENDAR\n", 3),
        (b"BEGIN:VCALENDAR\nEND:VCALENDAR\nmore\n", 3),
        (b"BEGIN:VCALENDAR\nX:\0\nEND:VCALENDAR\n", 2),
        (b"BEGIN:VCALENDAR\n" + b"BEGIN:A\n" * 20, 9),
    ],
)
def test_what_is_no_calendar_is_refused_with_its_line(data: bytes, line: int) -> None:
    """Whoever imports learns where the file goes wrong."""
    with pytest.raises(ImportRefusedError) as caught:
        split(data)
    assert caught.value.details["line"] == line


def test_a_file_cut_anywhere_is_refused() -> None:
    """Half a download never becomes half a timetable."""
    for end in range(len(CALENDAR.rstrip()) - 1):
        with pytest.raises(ImportRefusedError):
            split(CALENDAR[:end])


def test_t_limits_on_bytes_events_properties_and_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hostile file costs bounded time and memory."""
    event = b"BEGIN:VEVENT\nUID:" + b"x" * 50 + b"\nEND:VEVENT\n"
    todo = b"BEGIN:VTODO\nEND:VTODO\n"
    monkeypatch.setattr(ics_lines, "MAX_EVENTS", 3)
    monkeypatch.setattr(ics_lines, "MAX_PROPERTIES", 5)
    monkeypatch.setattr(ics_lines, "MAX_LINE", 40)
    monkeypatch.setattr(ics_lines, "MAX_LINES", 20)
    monkeypatch.setattr(ics_lines, "MAX_BYTES", 1_000)
    for body in (event * 4, todo * 4, b"BEGIN:VEVENT\n" + b"UID:\n" * 6, b"x" * 1_000, b"\n" * 20):
        with pytest.raises(ImportRefusedError):
            split(b"BEGIN:VCALENDAR\n" + body + b"END:VCALENDAR\n")
    calendar = split(b"BEGIN:VCALENDAR\n" + event * 3 + b"END:VCALENDAR\n")
    assert calendar.too_long == ((3, "UID"), (6, "UID"), (9, "UID"))


@given(st.binary(max_size=200) | st.lists(st.sampled_from(CALENDAR.splitlines(keepends=True))).map(b"".join))
def test_any_bytes_are_a_calendar_or_refused(data: bytes) -> None:
    """Nothing else than ImportRefusedError comes out."""
    with suppress(ImportRefusedError):
        split(data)
