"""The timetable of somebody, a group or a room as an iCalendar file: one event per meeting. Reads a planning only.

An event has the same UID in every calendar and every export: who subscribes to several sees each meeting once.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final
from zoneinfo import ZoneInfo

import icalendar

from hpserver import __version__
from hpserver.base.calendar import span
from hpserver.base.explain import name_of, title_of
from hpserver.base.model import Activity, Meeting
from hpserver.base.planning import TIMETABLES, Planning
from hpserver.base.timetable import Item
from hpserver.errors import InvalidChangeError

MAX_SEQUENCE: Final = 2**31 - 1
"""RFC 5545, 3.3.8: an INTEGER."""
PRODUCT: Final = f"-//hpserver//hpserver {__version__}//FR"


def write_ics(
    planning: Planning,
    kind: str,
    key: int,
    *,
    domain: str,
    now: dt.datetime,
    sequence: Callable[[int, int], int] = lambda _activity, _week: 0,
    holidays: Mapping[dt.date, str] | None = None,
) -> bytes:
    """Return the whole year of a resource of TIMETABLES as a calendar.

    `domain` ends the UIDs, `now` is the moment of the export, with a time zone. `sequence` says, for an activity and
    a week (index), a number that grows when the meeting changes: the revision of its last change. A cancelled meeting
    stays in it, as such. `holidays` become events of a whole day. Raises InvalidChangeError, UnknownObjectError.
    """
    if kind not in TIMETABLES:
        raise InvalidChangeError(f"a {kind[:32]} has no timetable: one of {', '.join(TIMETABLES)}", kind=kind[:32])
    calendar = icalendar.Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", name_of(planning.get(kind, key)) or f"{kind} {key}")
    calendar.add("x-wr-timezone", planning.grid.timezone)
    events = _Events(planning, domain, now.astimezone(dt.UTC), sequence)
    for week in range(planning.grid.weeks):
        for item in planning.timetable(kind, key, week):
            calendar.add_component(events.meeting(item, week))
    for day, name in sorted((holidays or {}).items()):
        calendar.add_component(events.holiday(day, name))
    if calendar.walk("VEVENT"):
        calendar.add_missing_timezones(planning.grid.first_monday, planning.grid.last_sunday + dt.timedelta(days=1))
    return bytes(calendar.to_ical())


class _Events:
    def __init__(self, planning: Planning, domain: str, now: dt.datetime, sequence: Callable[[int, int], int]) -> None:
        self._planning, self._domain, self._now, self._sequence = planning, domain, now, sequence
        self._zone = ZoneInfo(planning.grid.timezone)

    def meeting(self, item: Item, week: int) -> icalendar.Event:
        row = self._planning.activity(item.activity)
        start, end = span(self._planning.grid, week, item.place, item.duration)
        event = icalendar.Event()
        event.add("uid", f"Cours-{item.activity}-{week + 1}@{self._domain}")
        event.add("dtstamp", self._now)
        event.add("sequence", min(self._sequence(item.activity, week), MAX_SEQUENCE))
        event.add("dtstart", start.astimezone(self._zone))
        event.add("dtend", end.astimezone(self._zone))
        event.add("summary", title_of(self._planning, item.activity) or f"Cours {item.activity}")
        rooms = ", ".join(self._names("room", item.rooms))
        if rooms:
            event.add("location", rooms)
        event.add("description", "\n".join(self._said(item, row, week)))
        event.add("status", "CANCELLED" if item.cancelled else "CONFIRMED")
        return event

    def holiday(self, day: dt.date, name: str) -> icalendar.Event:
        event = icalendar.Event()
        event.add("uid", f"Ferie-{day:%Y%m%d}@{self._domain}")
        event.add("dtstamp", self._now)
        event.add("dtstart", day)
        event.add("dtend", day + dt.timedelta(days=1))
        event.add("summary", name)
        event.add("transp", "TRANSPARENT")
        return event

    def _said(self, item: Item, row: Activity, week: int) -> Iterator[str]:
        """Yield the lines that HYPERPLANNING writes and that readers of its calendars look for."""
        lines: list[tuple[str, list[str]]] = [
            ("Matière", self._names("subject", () if item.subject is None else (item.subject,))),
            ("Enseignants", self._names("instructor", item.instructors)),
            ("Promotions", self._names("cohort", row.cohorts)),
            ("TD", [self._group(key) for key in row.groups]),
            ("Regroupements", self._names("combined_group", row.combined)),
            ("Salles", self._names("room", item.rooms)),
        ]
        if row.instructional_type is not None:
            lines.append(("Type", self._names("instructional_type", (row.instructional_type,))))
        yield from (f"{label} : {', '.join(names)}" for label, names in lines if names)
        meeting: Meeting | None = self._planning.maybe_meeting(item.activity, week)
        for memo in (row.memo, "" if meeting is None else meeting.memo):
            if memo:
                yield f"Mémo : {memo}"

    def _names(self, kind: str, keys: tuple[int, ...]) -> list[str]:
        return [name_of(self._planning.get(kind, key)) for key in keys]

    def _group(self, key: int) -> str:
        group: Any = self._planning.get("group", key)
        return f"<{name_of(self._planning.get('cohort', group.cohort))}> {group.name}"
