"""From a calendar file to a base: one meeting per event, one activity per course. HYPERPLANNING, ADE and others."""

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import msgspec

from hpserver.base.grid import DAYS_IN_WEEK, Grid
from hpserver.base.weeks import each_week
from hpserver.errors import ImportRefusedError
from hpserver.imports.draft import Draft, one_line
from hpserver.imports.ics_courses import NO_COHORT, Course, course_of, source_of
from hpserver.imports.ics_events import Event, EventReader
from hpserver.imports.ics_grid import grid_for, minutes_of, monday_of
from hpserver.imports.ics_lines import RawCalendar, split, value_of
from hpserver.imports.result import Imported

DEFAULT_TIMEZONE = "Europe/Paris"
"""Where floating hours are meant, unless the calendar says: the feeds known are French."""

_DATE = re.compile(r"(\d{4})(\d{2})(\d{2})(?:T.*)?")
_TZID = re.compile(r"DTSTART[^:]*;TZID=\"?([^\":;]+)", re.IGNORECASE)
_Value = TypeVar("_Value")


class _Meeting(msgspec.Struct, frozen=True):
    """One event in the grid, its names replaced by keys."""

    line: int
    week: int
    place: int
    instructors: tuple[int, ...]
    rooms: tuple[int, ...]
    memo: str
    cancelled: bool


class _Shape(msgspec.Struct, frozen=True):
    """What all the meetings of an activity have in common."""

    key: str
    subject: int
    kind: str
    duration: int
    cohorts: tuple[int, ...]
    groups: tuple[int, ...]


def read_ics(data: bytes) -> Imported:
    """Read a calendar; hours of other time zones become those of the calendar's own.

    The sum of the weeks of the activities is the number of events that are meetings, `sessions` in the report's
    counts; every other event has a note. Raises ImportRefusedError with the line when known.
    """
    calendar = split(data)
    draft = Draft("ics")
    timezone = _timezone(calendar, draft)
    events = EventReader(draft, ZoneInfo(timezone)).read(calendar)
    draft.source = source_of(calendar.properties.get("PRODID", ""), events)
    draft.loose = draft.source == "hyperplanning"
    draft.title = one_line(value_of(calendar.properties.get("X-WR-CALNAME", "")).replace("\\,", ","))
    draft.counts["events"] = len(calendar.events)
    bounds = _bounds(calendar)
    if not events and bounds is None:
        raise ImportRefusedError("line 1, column 1: the calendar has no event with hours", line=1, column=1)
    grid = grid_for(events, bounds, timezone)
    _Courses(draft, grid).add(events)
    return draft.finish(grid)


def _timezone(calendar: RawCalendar, draft: Draft) -> str:
    """Return the calendar's own time zone, else that of most of its events, else the default one."""
    name = value_of(calendar.properties.get("X-WR-TIMEZONE", "")).strip()
    if name and _is_timezone(name):
        return name
    if name:
        draft.note(0, "time zone unknown", name)
    lines = (line for event in calendar.events for prop, line in event.properties if prop == "DTSTART")
    zones = Counter(match[1] for match in map(_TZID.match, lines) if match is not None)
    return next((zone for zone, _ in zones.most_common() if _is_timezone(zone)), DEFAULT_TIMEZONE)


def _is_timezone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True


def _bounds(calendar: RawCalendar) -> tuple[dt.date, dt.date] | None:
    days = []
    for name in ("X-CALSTART", "X-CALEND"):
        match = _DATE.fullmatch(value_of(calendar.properties.get(name, "")).strip())
        try:
            days.append(dt.date(int(match[1]), int(match[2]), int(match[3])) if match else None)
        except ValueError:
            days.append(None)
    first, last = days
    if first is None or last is None or not 1970 < first.year < 2200:  # noqa: PLR2004 - the years of a grid
        return None
    return (first, last) if first <= last else None


class _Courses:
    """Puts events into the grid and into activities."""

    def __init__(self, draft: Draft, grid: Grid) -> None:
        self._draft = draft
        self._grid = grid
        self._meetings: dict[_Shape, list[_Meeting]] = {}
        self._seen: set[tuple[_Shape, int, int, tuple[int, ...]]] = set()
        self._homeless: set[str] = set()

    def add(self, events: Iterable[Event]) -> None:
        for event in events:
            self._add(event)
        sessions = 0
        for shape, meetings in self._meetings.items():
            for layer in _layers(meetings, keep_place=not shape.key):
                self._activity(shape, layer)
                sessions += len(layer)
        self._draft.counts["sessions"] = sessions

    def _add(self, event: Event) -> None:
        week = (monday_of(event.start.date()) - self._grid.first_monday).days // DAYS_IN_WEEK
        steps = event.minutes // self._grid.step_minutes
        first, rest = divmod(minutes_of(event.start) - self._grid.day_start, self._grid.step_minutes)
        if not 0 <= week < self._grid.weeks or rest or not 0 <= first <= self._grid.steps_per_day - steps:
            self._draft.note(event.line, "event outside the timetable", f"{event.start} {event.summary}")
            return
        course = course_of(self._draft.source, event)
        shape = self._shape(course, steps, event.line)
        place = event.start.weekday() * self._grid.steps_per_day + first
        rooms = self._named("room", course.rooms, event.line)
        if (shape, week, place, rooms) in self._seen and course.key:
            self._draft.note(event.line, "same meeting twice", f"{event.start} {event.summary}")
            return
        self._seen.add((shape, week, place, rooms))
        instructors = self._named("instructor", course.instructors, event.line)
        meeting = _Meeting(event.line, week, place, instructors, rooms, course.memo, course.cancelled)
        self._meetings.setdefault(shape, []).append(meeting)

    def _shape(self, course: Course, steps: int, line: int) -> _Shape:
        return _Shape(
            course.key,
            self._draft.named("subject", course.subject, line),
            course.kind,
            steps,
            self._named("cohort", course.cohorts, line),
            tuple(self._group(line, *group) for group in course.groups),
        )

    def _named(self, kind: str, names: Sequence[str], line: int) -> tuple[int, ...]:
        keys = tuple(self._draft.named(kind, name, line) for name in names)
        return self._draft.references(f"{kind}s", keys, line)

    def _group(self, line: int, cohort: str, partition: str, name: str) -> int:
        if not cohort and name not in self._homeless:
            self._homeless.add(name)
            self._draft.note(line, "group without its cohort", name)
        home = self._draft.named("cohort", cohort or NO_COHORT, line)
        return self._draft.named("group", name, line, cohort=home, partition=partition)

    def _activity(self, shape: _Shape, layer: dict[int, _Meeting]) -> None:
        meetings = layer.values()
        usual: dict[str, Any] = {
            "place": _most_common(meeting.place for meeting in meetings),
            "instructors": _most_common(meeting.instructors for meeting in meetings),
            "rooms": _most_common(meeting.rooms for meeting in meetings),
        }
        memos = {meeting.memo for meeting in meetings}
        usual["memo"] = next(iter(memos)) if len(memos) == 1 else ""
        line = next(iter(meetings)).line
        key = self._draft.activity(
            line,
            subject=shape.subject,
            instructional_type=self._draft.maybe_named("instructional_type", shape.kind, line),
            duration=shape.duration,
            weeks=sum(1 << week for week in layer),
            cohorts=shape.cohorts,
            groups=shape.groups,
            code=shape.key,
            **usual,
        )
        for week in each_week(sum(1 << week for week in layer)):
            self._meeting(key, week, layer[week], usual)

    def _meeting(self, activity: int, week: int, meeting: _Meeting, usual: dict[str, Any]) -> None:
        differs = {name: getattr(meeting, name) for name in usual if getattr(meeting, name) != usual[name]}
        if meeting.cancelled:
            differs["cancelled"] = True
        if differs:
            self._draft.meeting(activity, week, meeting.line, **differs)


def _layers(meetings: Sequence[_Meeting], *, keep_place: bool) -> list[dict[int, _Meeting]]:
    """Cut meetings into sets with at most one a week; if `keep_place`, with one place a set."""
    layers: dict[tuple[int, int], dict[int, _Meeting]] = {}
    count: Counter[tuple[int, int]] = Counter()
    for meeting in sorted(meetings, key=lambda meeting: (meeting.week, meeting.place)):
        place = meeting.place if keep_place else -1
        layers.setdefault((place, count[place, meeting.week]), {})[meeting.week] = meeting
        count[place, meeting.week] += 1
    return list(layers.values())


def _most_common(values: Iterable[_Value]) -> _Value:
    ((value, _),) = Counter(values).most_common(1)
    return value
