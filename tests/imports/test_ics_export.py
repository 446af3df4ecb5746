import datetime as dt
from typing import Any

import icalendar
import pytest

from hpserver.base.calendar import span
from hpserver.base.changes import create, update
from hpserver.base.model import Activity, meeting_key
from hpserver.base.planning import Planning
from hpserver.base.weeks import each_week
from hpserver.errors import InvalidChangeError, UnknownObjectError
from hpserver.imports.ics import read_ics
from hpserver.imports.ics_export import write_ics
from hpserver.imports.result import to_planning
from tests.schools import a_school

NOW = dt.datetime(2025, 9, 1, 8, tzinfo=dt.UTC)


def written(planning: Planning, kind: str, key: int, holidays: dict[dt.date, str] | None = None) -> bytes:
    """Return a calendar."""
    return write_ics(planning, kind, key, domain="ecole.example", now=NOW, holidays=holidays)


def events(data: bytes) -> list[Any]:
    """Return the events, read by the library."""
    return list(icalendar.Calendar.from_ical(data).walk("VEVENT"))


def meetings(planning: Planning, *, by_code: bool, among: set[str]) -> set[tuple[str, dt.datetime, dt.datetime, bool]]:
    """Return every placed meeting: its activity, start, end, and whether it is cancelled."""
    found = set()
    for key, row in planning.rows("activity").items():
        assert isinstance(row, Activity)
        name = row.code if by_code else str(key)
        for week in each_week(row.weeks) if name in among else ():
            meeting = planning.maybe_meeting(key, week)
            place = row.place if meeting is None or meeting.place is None else meeting.place
            if place is not None:
                cancelled = meeting is not None and meeting.cancelled
                found.add((name, *span(planning.grid, week, place, row.duration), cancelled))
    return found


@pytest.mark.parametrize(("kind", "key"), [("instructor", 1), ("cohort", 1), ("group", 2), ("room", 1)])
def test_our_importer_finds_the_same_meetings(kind: str, key: int) -> None:
    """Every meeting of the year with its hours, cancelled ones too, across both changes of clocks."""
    planning = a_school(20)
    found = to_planning(read_ics(written(planning, kind, key)))
    items = [item for week in range(planning.grid.weeks) for item in planning.timetable(kind, key, week)]
    among = {str(item.activity) for item in items}
    assert len(items) == len(events(written(planning, kind, key)))
    assert meetings(found, by_code=True, among=among) == meetings(planning, by_code=False, among=among)


def test_a_student_has_a_calendar() -> None:
    """That of what the student belongs to."""
    planning = a_school(20)
    planning.apply([create("student", 1, name="A"), create("membership", 1, student=1, group=1)])
    weeks = range(planning.grid.weeks)
    wanted = {f"Cours-{item.activity}-{week + 1}@ecole.example" for week in weeks
              for item in planning.timetable("student", 1, week)}  # fmt: skip
    assert {str(one["UID"]) for one in events(written(planning, "student", 1))} == wanted != set()


def test_a_meeting_has_one_uid_wherever_and_whenever_it_is_exported() -> None:
    """Readers of two calendars see it once; a move keeps it."""
    planning = a_school(30)
    row = planning.activity(1)
    week = next(each_week(row.weeks))
    uid = f"Cours-1-{week + 1}@ecole.example"
    for kind, key in (("instructor", row.instructors[0]), ("room", row.rooms[0])):
        assert uid in {str(one["UID"]) for one in events(written(planning, kind, key))}
    assert row.place is not None
    planning.apply([update("activity", 1, place=row.place ^ 1 if row.duration == 2 else 0)])
    assert uid in {str(one["UID"]) for one in events(written(planning, "room", row.rooms[0]))}


def test_what_changed_has_a_higher_sequence_and_what_is_cancelled_says_so() -> None:
    """RFC 5545: readers take the event with the highest sequence."""
    planning = a_school(30)
    row = planning.activity(1)
    week = next(each_week(row.weeks))
    if planning.maybe_meeting(1, week) is None:
        planning.apply([create("meeting", meeting_key(1, week), cancelled=True)])
    data = write_ics(
        planning, "room", row.rooms[0], domain="x", now=NOW, sequence=lambda activity, _: 2**40 if activity == 1 else 7
    )
    found = {str(one["UID"]): one for one in events(data)}
    one = found[f"Cours-1-{week + 1}@x"]
    assert (one["STATUS"], one["SEQUENCE"]) == ("CANCELLED", 2**31 - 1)
    assert {event["SEQUENCE"] for uid, event in found.items() if not uid.startswith("Cours-1-")} <= {7}


def test_the_calendar_keeps_to_the_standard() -> None:
    """A zone for every hour, no METHOD without an organizer, lines of at most 75 bytes."""
    data = written(a_school(30), "room", 1, {dt.date(2025, 11, 11): "Armistice"})
    calendar = icalendar.Calendar.from_ical(data)
    assert "METHOD" not in calendar
    assert len(calendar.walk("VTIMEZONE")) == 1
    assert all(len(line) <= 75 for line in data.split(b"\r\n"))
    for event in events(data):
        if str(event["UID"]).startswith("Cours"):
            assert event["DTSTART"].params["TZID"] == "Europe/Paris"
        assert event["DTSTAMP"].dt == NOW


def test_a_holiday_is_a_whole_day() -> None:
    """It takes nobody's time."""
    data = written(a_school(30), "room", 1, {dt.date(2025, 11, 11): "Armistice"})
    (day,) = (event for event in events(data) if event["SUMMARY"] == "Armistice")
    assert (day["DTSTART"].dt, day["DTEND"].dt) == (dt.date(2025, 11, 11), dt.date(2025, 11, 12))
    assert day["TRANSP"] == "TRANSPARENT"


def test_what_has_no_timetable_has_no_calendar() -> None:
    """A kind without one, an object that is not there."""
    with pytest.raises(InvalidChangeError):
        written(a_school(5), "site", 1)
    with pytest.raises(UnknownObjectError):
        written(a_school(5), "room", 99)
