import datetime as dt
from pathlib import Path

import icalendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpserver.base.calendar import span
from hpserver.base.model import Meeting, Room
from hpserver.base.planning import Planning
from hpserver.base.timetable import items
from hpserver.errors import ImportRefusedError
from hpserver.imports.ics import read_ics
from hpserver.imports.result import Imported, to_planning

Instants = list[tuple[dt.datetime, dt.datetime, tuple[str, ...]]]


def instants_of(planning: Planning) -> Instants:
    """Return start, end and rooms (without spaces) of every meeting of a planning."""
    found = []
    for key in planning.rows("activity"):
        activities = {key: planning.activity(key)}
        for week in range(planning.grid.weeks):
            meetings = {key * 64 + number: row for number, row in planning.meetings_of(key).items()}
            for item in items([key], activities, meetings, {}, week):
                start, end = span(planning.grid, week, item.place, item.duration)
                found.append((start.astimezone(dt.UTC), end.astimezone(dt.UTC), rooms_of(planning, item.rooms)))
    return sorted(found)


def rooms_of(planning: Planning, keys: tuple[int, ...]) -> tuple[str, ...]:
    """Return the names of rooms, without spaces, in order."""
    rows = [planning.get("room", key) for key in keys]
    return tuple(sorted(row.name.replace(" ", "") for row in rows if isinstance(row, Room)))


def instants_in(data: bytes) -> Instants:
    """Return the same from a file, read without any of the code under test."""
    found = []
    for event in icalendar.Calendar.from_ical(data).walk("VEVENT"):
        start, end = event.decoded("DTSTART"), event.decoded("DTEND")
        if isinstance(start, dt.datetime) and isinstance(end, dt.datetime):
            rooms = str(event.get("LOCATION", "")).replace(" ", "").split(",")
            found.append((start, end, tuple(sorted(filter(None, rooms)))))
    return sorted(found)


def meetings_in(planning: Planning) -> int:
    """Return how many meetings there are: the weeks of every activity."""
    return sum(planning.activity(key).weeks.bit_count() for key in planning.rows("activity"))


def calendar(*events: str, head: str = "PRODID:HYPERPLANNING") -> bytes:
    """Return a calendar of these events."""
    body = "".join(f"BEGIN:VEVENT\n{event}\nEND:VEVENT\n" for event in events)
    return f"BEGIN:VCALENDAR\n{head}\n{body}END:VCALENDAR\n".encode()


def course(day: str, *, hour: str = "08", key: int = 1, room: str = "B1", more: str = "", minutes: int = 90) -> str:
    """Return a meeting of a course of HYPERPLANNING."""
    text = f"Matière : Algèbre\\nSalle : {room}\\n{more}"
    return f"UID:Cours-{key}-1-x\nDTSTART:{day}T{hour}0000\nDURATION:PT{minutes}M\nDESCRIPTION:{text}"


@pytest.mark.slow
def test_no_meeting_of_a_hyperplanning_feed_is_lost(shared_data: Path) -> None:
    """What was imported is what the file says: every start, end and room, across both changes of clocks."""
    for path in sorted((shared_data / "hyperplanning").glob("*.ics")):
        data = path.read_bytes()
        imported = read_ics(data)
        planning = to_planning(imported)
        planning.validate()
        assert imported.report.source == "hyperplanning"
        assert instants_of(planning) == instants_in(data)
        assert meetings_in(planning) == imported.report.counts["sessions"]


@pytest.mark.slow
def test_the_figures_of_the_promotion_of_2024(shared_data: Path) -> None:
    """363 events of 245 courses; the rooms and people whose names lost a space are not counted twice."""
    imported = read_ics((shared_data / "hyperplanning" / "hp2024-promotion-M1.ics").read_bytes())
    expected = {"events": 363, "sessions": 363, "subject": 20, "instructor": 37, "room": 20, "cohort": 10, "group": 27}
    assert expected.items() <= imported.report.counts.items()
    assert (imported.grid.first_monday, imported.grid.weeks) == (dt.date(2023, 8, 21), 46)
    assert imported.report.noted() == {"group without its cohort": 27}


@pytest.mark.slow
def test_no_meeting_of_an_ade_feed_is_lost(shared_data: Path) -> None:
    """The calendars of ADE Campus come in too, with whom they name."""
    data = (shared_data / "ics" / "ade-nancy-2019.ics").read_bytes()
    imported = read_ics(data)
    planning = to_planning(imported)
    assert instants_of(planning) == instants_in(data)
    assert imported.report.counts["sessions"] == 190
    assert imported.report.counts["instructor"] == 81


@pytest.mark.slow
def test_the_whole_corpus_is_read_or_refused_with_a_line(shared_data: Path) -> None:
    """Conformance and fuzz files neither crash nor hang the import."""
    files = [path for path in sorted((shared_data / "ical-corpus").rglob("*")) if path.is_file()]
    assert len(files) > 200
    refused: list[bool] = []
    for path in files:
        try:
            imported = read_ics(path.read_bytes())
        except ImportRefusedError as error:
            refused.append("line" in error.details)
        else:
            planning = to_planning(imported)
            planning.validate()
            assert meetings_in(planning) == imported.report.counts["sessions"]
    assert all(refused)


def test_a_course_is_one_activity_with_its_weeks() -> None:
    """Meetings of one key are one activity, whatever differs from week to week."""
    imported = read_ics(
        calendar(
            course("20230904"),
            course("20230911"),
            course("20230919", hour="10"),
            course("20230925", room="B2"),
            course("20231002", more="Enseignant : PETIT\\n"),
        )
    )
    planning = to_planning(imported)
    assert planning.counts()["activity"] == 1
    assert planning.activity(1).weeks == 0b11111
    assert planning.meetings_of(1) == {
        2: Meeting(place=imported.grid.place_of(1, 600)),
        3: Meeting(rooms=(2,)),
        4: Meeting(instructors=(1,)),
    }


def test_another_duration_is_another_activity() -> None:
    """A meeting cannot last longer than its activity: a second one says so."""
    planning = to_planning(read_ics(calendar(course("20230904"), course("20230911", minutes=120))))
    assert [planning.activity(key).duration for key in planning.rows("activity")] == [3, 4]
    assert meetings_in(planning) == 2


def test_two_meetings_in_one_week_are_two_activities() -> None:
    """A week holds one meeting of an activity: none is lost."""
    planning = to_planning(read_ics(calendar(course("20230904"), course("20230905"), course("20230911"))))
    assert sorted(planning.activity(key).weeks for key in planning.rows("activity")) == [0b01, 0b11]


def test_a_cancelled_meeting_stays_as_cancelled() -> None:
    """Students must see that a meeting does not take place; nobody is taken then."""
    planning = to_planning(read_ics(calendar(course("20230904"), course("20230911") + "\nSTATUS:CANCELLED")))
    assert planning.meetings_of(1) == {1: Meeting(cancelled=True)}


def test_holidays_are_noted_and_make_no_meeting() -> None:
    """All-day events stand in the report with their line."""
    imported = read_ics(calendar("DTSTART;VALUE=DATE:20231101\nSUMMARY:Toussaint", course("20230904")))
    (note,) = imported.report.notes
    assert (note.line, note.what, note.detail) == (3, "all-day event", "2023-11-01 Toussaint")


def test_the_same_meeting_in_two_feeds_is_one() -> None:
    """Feeds of two resources put together name a meeting twice."""
    imported = read_ics(calendar(course("20230904"), course("20230904")))
    assert meetings_in(to_planning(imported)) == 1
    assert imported.report.noted() == {"same meeting twice": 1}


def test_hours_are_shown_in_the_time_zone_of_the_calendar() -> None:
    """A course at nine in Montréal is not shown at three in the afternoon."""
    event = "DTSTART;TZID=America/Toronto:20230904T090000\nDURATION:PT1H\nSUMMARY:x"
    imported = read_ics(calendar(event, head="PRODID:x"))
    assert imported.grid.timezone == "America/Toronto"
    assert to_planning(imported).activity(1).place == imported.grid.place_of(0, 540)
    named = read_ics(calendar(event, head="X-WR-TIMEZONE:Europe/London"))
    assert to_planning(named).activity(1).place == named.grid.place_of(0, 14 * 60)


def test_a_calendar_without_hours_is_refused() -> None:
    """There is nothing to make a timetable of."""
    with pytest.raises(ImportRefusedError):
        read_ics(calendar("DTSTART;VALUE=DATE:20231101"))


def test_a_calendar_of_empty_weeks_is_an_empty_base() -> None:
    """A feed asked for in August announces its weeks and has no event yet."""
    imported = read_ics(calendar(head="X-CALSTART:20230821T000000Z\nX-CALEND:20240707T000000Z"))
    assert (imported.grid.weeks, imported.changes) == (46, ())


@pytest.mark.slow
def test_t_a_feed_cut_anywhere_is_refused_whole(shared_data: Path) -> None:
    """Half a download never becomes half a timetable."""
    data = (shared_data / "hyperplanning" / "hp2024-promotion-M1.ics").read_bytes().rstrip()
    for end in range(1, len(data) - 1, 9_973):
        with pytest.raises(ImportRefusedError):
            read_ics(data[:end])


@pytest.mark.slow
@pytest.mark.parametrize(
    "line", [";A=B" * 15_000 + ":x", ":" + "\\" * 60_000, ';X="' + '""' * 30_000, ":" + "," * 60_000]
)
def test_t_a_line_made_to_be_slow_is_read_in_bounded_time(line: str) -> None:
    """The longest lines accepted do not make a pattern search for ever."""
    names = ("SUMMARY", "DESCRIPTION", "LOCATION", "UID", "EXDATE", "RRULE")
    read_ics(calendar(course("20230904"), *(f"{course('20230911', key=2)}\n{name}{line}" for name in names)))


_TEXTS = st.text(st.sampled_from('AB :,;\\<>-\n"é=T0123456789'), max_size=30)
_DAYS = st.dates(dt.date(1969, 1, 1), dt.date(2201, 1, 1)).map(lambda day: f"{day:%Y%m%d}")
_NAMES = st.sampled_from(["UID", "SUMMARY", "DESCRIPTION", "LOCATION", "RRULE", "EXDATE", "STATUS", "RECURRENCE-ID"])


@given(st.lists(st.tuples(_DAYS, st.integers(0, 23), st.integers(-9, 3_000), _NAMES, _TEXTS), max_size=6))
def test_any_small_calendar_is_read_whole_or_refused(drawn: list[tuple[str, int, int, str, str]]) -> None:
    """Every event is a meeting or has a note, and what comes out is a base that holds together."""
    events = [
        f"DTSTART:{day}T{hour:02}0000\nDURATION:PT{minutes}M\n{name}:{text}" for day, hour, minutes, name, text in drawn
    ]
    try:
        imported: Imported = read_ics(calendar(*events))
    except ImportRefusedError:
        return
    planning = to_planning(imported)
    planning.validate()
    assert meetings_in(planning) == imported.report.counts["sessions"]
    noted = {note.line for note in imported.report.notes}
    assert imported.report.counts["sessions"] + len(noted) >= len(events)
