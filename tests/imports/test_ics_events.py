from zoneinfo import ZoneInfo

import pytest

from hpserver.errors import ImportRefusedError
from hpserver.imports import ics_events
from hpserver.imports.draft import Draft
from hpserver.imports.ics_events import Event, EventReader
from hpserver.imports.ics_lines import split


def read(*events: str) -> tuple[list[Event], list[str]]:
    """Return the events of a calendar and what is noted about it."""
    body = "".join(f"BEGIN:VEVENT\n{event}\nEND:VEVENT\n" for event in events)
    draft = Draft("ics")
    found = EventReader(draft, ZoneInfo("Europe/Paris")).read(split(f"BEGIN:VCALENDAR\n{body}END:VCALENDAR\n".encode()))
    return found, [note.what for note in draft._notes]


@pytest.mark.parametrize(
    "hours",
    [
        "DTSTART:20231002T060000Z\nDTEND:20231002T073000Z",
        "DTSTART:20231002T080000\nDTEND:20231002T093000",
        "DTSTART;TZID=Europe/London:20231002T070000\nDURATION:PT1H30M",
        "DTSTART;TZID=Nowhere:20231002T080000\nDURATION:PT1H30M",
    ],
)
def test_hours_become_those_on_the_wall(hours: str) -> None:
    """Eight o'clock in Paris is eight o'clock, however the file writes it."""
    (event,), notes = read(hours)
    assert (event.start.isoformat(), event.minutes, notes) == ("2023-10-02T08:00:00", 90, [])


def test_a_change_of_clocks_moves_no_hour_on_the_wall() -> None:
    """06Z before the October change and 07Z after it are both 08:00."""
    events, _ = read(*(f"DTSTART:2023{day}00Z\nDURATION:PT1H" for day in ("1023T0600", "1030T0700")))
    assert {event.start.hour for event in events} == {8}


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("DTSTART;VALUE=DATE:20231101", "all-day event"),
        ("SUMMARY:x", "event without a start"),
        ("DTSTART:20231002T080000", "event without an end"),
        ("DTSTART:20231002T080000\nDTEND;VALUE=DATE:20231002", "event that ends on a date without an hour"),
        ("DTSTART:20231002T080000\nDTEND:20231002T070000", "event that does not last from a minute to a day"),
        ("DTSTART:20231002T080000\nDURATION:P9W", "event that does not last from a minute to a day"),
        ("DTSTART:00010101T000000Z\nDURATION:PT1H", "event in an impossible year"),
        ("DTSTART:99991231T233000Z\nDTEND:99991231T235959Z", "event not readable"),
        ("DTSTART:20231002T250000\nDURATION:PT1H", "property not readable"),
        ("DTSTART:15000101T080000\nDURATION:PT1H", "event in an impossible year"),
        ("RECURRENCE-ID:x\nDTSTART:20231002T080000\nDURATION:PT1H", "event not readable"),
    ],
)
def test_what_is_no_meeting_is_noted(text: str, what: str) -> None:
    """Nothing disappears without a word."""
    events, notes = read(text)
    assert events == []
    assert notes[0] == what


def test_odd_minutes_are_rounded_outwards_with_a_note() -> None:
    """A grid has steps of five minutes at the finest."""
    (event,), notes = read("DTSTART:20231002T080200\nDTEND:20231002T085930")
    assert (event.start.minute, event.minutes) == (0, 60)
    assert notes == ["hours rounded to 5 minutes"]


def test_a_repetition_is_written_out_without_the_dates_left_out_or_moved() -> None:
    """A weekly course of any calendar becomes its meetings."""
    start = "UID:1\nDTSTART:20230904T080000\nDURATION:PT1H\n"
    rule = "RRULE:FREQ=WEEKLY;UNTIL=20231002T060000Z\nEXDATE:20230911T080000"
    moved = "UID:1\nRECURRENCE-ID:20230918T080000\nDTSTART:20230919T100000\nDURATION:PT1H"
    events, notes = read(start + rule, moved)
    days = [f"{event.start:%m-%d %H}" for event in events]
    assert days == ["09-04 08", "09-25 08", "10-02 08", "09-19 10"]
    assert notes == []


def test_a_rule_not_understood_keeps_the_first_date() -> None:
    """One meeting and a note, rather than wrong ones."""
    events, notes = read("DTSTART:20230904T080000\nDURATION:PT1H\nRRULE:FREQ=MONTHLY\nRDATE:20240101T080000")
    assert len(events) == 1
    assert notes == ["further dates not read", "repetition not understood, the first date is kept"]


def test_t_repetitions_that_multiply_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A small file cannot become a huge timetable."""
    monkeypatch.setattr(ics_events, "MAX_OCCASIONS", 1_000)
    with pytest.raises(ImportRefusedError):
        read(*["DTSTART:20230904T080000\nDURATION:PT1H\nRRULE:FREQ=DAILY"] * 3)
