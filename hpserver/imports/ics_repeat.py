"""When an event that repeats takes place: the daily and weekly rules. Knows nothing else of an event."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence

from hpserver.base.grid import DAYS_IN_WEEK
from hpserver.base.weeks import MAX_WEEKS

MAX_OCCURRENCES = MAX_WEEKS * DAYS_IN_WEEK
"""Occurrences of one event: every day of the longest timetable."""

_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_KNOWN = {"FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "WKST"}


def maybe_occurrences(start: dt.datetime, rule: Mapping[str, Sequence[object]]) -> tuple[dt.datetime, ...] | None:
    """Return the starts of a repeated event, the first included; None when the rule is of another kind.

    `start` and UNTIL are hours on the wall. A rule without end stops after MAX_WEEKS weeks.
    """
    try:
        return _occurrences(start, rule)
    except (ValueError, TypeError, OverflowError):
        return None


def _occurrences(start: dt.datetime, rule: Mapping[str, Sequence[object]]) -> tuple[dt.datetime, ...] | None:
    if not set(rule) <= _KNOWN:
        return None
    interval, count = _number(rule, "INTERVAL", 1), _number(rule, "COUNT", MAX_OCCURRENCES)
    until = _until(rule)
    days = [_DAYS.index(str(day)) for day in rule.get("BYDAY", ())]
    frequency = str(rule["FREQ"][0]) if rule.get("FREQ") else ""
    if frequency not in {"DAILY", "WEEKLY"} or interval < 1 or (frequency == "DAILY" and days):
        return None
    found: list[dt.datetime] = []
    for when in _candidates(start, frequency, interval, sorted(set(days)) or [start.weekday()]):
        if len(found) >= min(count, MAX_OCCURRENCES) or (until is not None and when > until):
            break
        found.append(when)
    return tuple(found)


def _candidates(start: dt.datetime, frequency: str, interval: int, days: Sequence[int]) -> Iterator[dt.datetime]:
    last = start + dt.timedelta(weeks=MAX_WEEKS)
    if frequency == "DAILY":
        for number in range(MAX_OCCURRENCES // interval + 1):
            yield start + dt.timedelta(days=number * interval)
        return
    monday = start - dt.timedelta(days=start.weekday())
    for number in range(MAX_WEEKS // interval + 1):
        for day in days:
            when = monday + dt.timedelta(weeks=number * interval, days=day)
            if start <= when < last:
                yield when


def _number(rule: Mapping[str, Sequence[object]], name: str, default: int) -> int:
    return int(str(rule[name][0])) if name in rule else default


def _until(rule: Mapping[str, Sequence[object]]) -> dt.datetime | None:
    if "UNTIL" not in rule:
        return None
    until = rule["UNTIL"][0]
    if isinstance(until, dt.datetime):
        return until.replace(tzinfo=None)
    if isinstance(until, dt.date):
        return dt.datetime.combine(until, dt.time.max)
    raise TypeError
