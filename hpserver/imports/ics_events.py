"""Events of a calendar as hours on the wall, repetitions written out. Knows no course and no room."""

import datetime as dt
from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import msgspec

from hpserver.base.grid import MAX_DAY_MINUTES, MAX_YEAR, MIN_YEAR
from hpserver.errors import ImportRefusedError
from hpserver.imports.draft import Draft
from hpserver.imports.ics_lines import RawCalendar, RawEvent
from hpserver.imports.ics_repeat import maybe_occurrences

MAX_OCCASIONS = 100_000
"""Meetings of a file once repetitions are written out: five times MAX_EVENTS."""

FINEST_MINUTES = 5
"""The finest time step of a grid: hours in between are rounded, outwards."""


class Event(msgspec.Struct, frozen=True):
    """One event on one date. `start` is the hour on the wall, without time zone; `minutes` how long it lasts."""

    line: int
    uid: str
    start: dt.datetime
    minutes: int
    summary: str
    location: str
    description: str
    cancelled: bool


class _Unusable(Exception):  # noqa: N818 - not an error: why an event becomes a note
    pass


class EventReader:
    """Reads raw events one by one; what cannot become an event is noted in the draft."""

    def __init__(self, draft: Draft, zone: ZoneInfo) -> None:
        self._draft = draft
        self._zone = zone
        self._moved: set[tuple[str, dt.datetime]] = set()

    def read(self, calendar: RawCalendar) -> list[Event]:
        """Return every event. Raises ImportRefusedError when repetitions make them too many."""
        for line, what in calendar.others:
            self._draft.note(line, "not an event", what)
        for line, name in calendar.too_long:
            self._draft.note(line, "property too long, left out", name)
        parsed = [(raw, self._maybe_parse(raw)) for raw in calendar.events]
        found: list[Event] = []
        for raw, component in parsed:
            if component is not None:
                found += self._maybe_read(raw, component)
                if len(found) > MAX_OCCASIONS:
                    text = f"line {raw.line}, column 1: more than {MAX_OCCASIONS} events, repetitions included"
                    raise ImportRefusedError(text, line=raw.line, column=1)
        return found

    def _maybe_parse(self, raw: RawEvent) -> "dict[str, Any] | None":
        text = "".join(f"{line}\r\n" for _, line in raw.properties)
        try:
            component = icalendar.Event.from_ical(f"BEGIN:VEVENT\r\n{text}END:VEVENT\r\n")
            found = {name.upper(): self._only(raw, name, component[name]) for name in component}
            moved = found.get("RECURRENCE-ID")
            if moved is not None:
                self._moved.add((str(found.get("UID", "")), self._wall(moved.dt)))
        except Exception:  # noqa: BLE001 - on hostile text the library raises anything; the event is noted
            self._draft.note(raw.line, "event not readable", _shown(raw))
            return None
        for name, _ in component.errors:
            self._draft.note(raw.line, "property not readable", _shown(raw, name or "SUMMARY"))
        return found

    def _only(self, raw: RawEvent, name: str, value: Any) -> Any:
        if not isinstance(value, list) or name == "EXDATE":
            return value
        self._draft.note(raw.line, "property repeated, the first is kept", name)
        return value[0]

    def _maybe_read(self, raw: RawEvent, component: dict[str, Any]) -> list[Event]:
        try:
            return list(self._read(raw, component))
        except _Unusable as reason:
            what, detail = reason.args
            self._draft.note(raw.line, what, detail)
        except Exception:  # noqa: BLE001 - as above: a broken property may raise anything when looked at
            self._draft.note(raw.line, "event not readable", _shown(raw))
        return []

    def _read(self, raw: RawEvent, component: dict[str, Any]) -> Iterator[Event]:
        summary = str(component.get("SUMMARY", ""))
        start, minutes = self._when(component, summary)
        start, minutes = self._rounded(raw.line, start, minutes)
        uid = str(component.get("UID", ""))
        texts = (summary, str(component.get("LOCATION", "")), str(component.get("DESCRIPTION", "")))
        cancelled = str(component.get("STATUS", "")).upper() == "CANCELLED"
        for when in self._starts(raw, component, start, uid):
            yield Event(raw.line, uid, when, minutes, *texts, cancelled)

    def _when(self, component: dict[str, Any], summary: str) -> tuple[dt.datetime, int]:
        if "DTSTART" not in component:
            raise _Unusable("event without a start", summary)
        start = component["DTSTART"].dt
        if not isinstance(start, dt.datetime):
            raise _Unusable("all-day event", f"{start} {summary}")
        first = self._wall(start)
        if "DTEND" in component:
            last = component["DTEND"].dt
            if not isinstance(last, dt.datetime):
                raise _Unusable("event that ends on a date without an hour", summary)
            length = self._wall(last) - first
        elif "DURATION" in component:
            length = component["DURATION"].dt
        else:
            raise _Unusable("event without an end", f"{first} {summary}")
        minutes = -(-length // dt.timedelta(minutes=1))
        if not 0 < minutes <= MAX_DAY_MINUTES:
            raise _Unusable("event that does not last from a minute to a day", f"{first} {summary}")
        if not MIN_YEAR < first.year < MAX_YEAR:
            raise _Unusable("event in an impossible year", f"{first} {summary}")
        return first, minutes

    def _rounded(self, line: int, start: dt.datetime, minutes: int) -> tuple[dt.datetime, int]:
        early = dt.timedelta(minutes=start.minute % FINEST_MINUTES, seconds=start.second)
        late = (early // dt.timedelta(minutes=1) + minutes) % FINEST_MINUTES
        if not early and not late:
            return start, minutes
        self._draft.note(line, f"hours rounded to {FINEST_MINUTES} minutes", f"{start}, {minutes} minutes")
        whole = minutes + early // dt.timedelta(minutes=1) + (FINEST_MINUTES - late) % FINEST_MINUTES
        return start - early, min(whole, MAX_DAY_MINUTES)

    def _starts(
        self, raw: RawEvent, component: dict[str, Any], start: dt.datetime, uid: str
    ) -> tuple[dt.datetime, ...]:
        if "RDATE" in component:
            self._draft.note(raw.line, "further dates not read", "RDATE")
        if "RRULE" not in component or "RECURRENCE-ID" in component:
            return (start,)
        rule = {name.upper(): values for name, values in component["RRULE"].items()}
        rule["UNTIL"] = [self._wall(day) if isinstance(day, dt.datetime) else day for day in rule.get("UNTIL", ())]
        if not rule["UNTIL"]:
            del rule["UNTIL"]
        starts = maybe_occurrences(start, rule)
        if starts is None:
            self._draft.note(raw.line, "repetition not understood, the first date is kept", dict(rule))
            return (start,)
        left_out = self._left_out(component)
        return tuple(
            when
            for when in starts
            if when not in left_out and when.date() not in left_out and (uid, when) not in self._moved
        )

    def _left_out(self, component: dict[str, Any]) -> set[dt.date]:
        lists = component.get("EXDATE", [])
        days = (day.dt for one in (lists if isinstance(lists, list) else [lists]) for day in one.dts)
        return {self._wall(day) if isinstance(day, dt.datetime) else day for day in days}

    def _wall(self, when: dt.datetime) -> dt.datetime:
        if not isinstance(when, dt.datetime):
            return dt.datetime.combine(when, dt.time.min)
        if when.tzinfo is not None:
            when = when.astimezone(self._zone)
        return when.replace(tzinfo=None, microsecond=0)


def _shown(raw: RawEvent, name: str = "SUMMARY") -> str:
    """Return the line of a property, as the file has it: by it people find the event."""
    return next((line for known, line in raw.properties if known.upper() == name.upper()), name)
