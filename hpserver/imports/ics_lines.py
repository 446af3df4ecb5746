"""The lines and components of an iCalendar text, with their numbers. Knows no date and no meaning of a property."""

import re
from collections.abc import Iterator

import msgspec

from hpserver.errors import ImportRefusedError

MAX_BYTES = 16 * 1024 * 1024
"""Size of a calendar file: a real event takes about 850 bytes, so this is more than MAX_EVENTS of them."""
MAX_EVENTS = 20_000
"""Events in a file: about 10 s of reading at up to 0.5 ms each, as measured; a promotion's year has under 1 000."""
MAX_PROPERTIES = 20 * MAX_EVENTS
"""Properties read in a file: twice as many for each event as there are in READ."""
MAX_LINES = 50 * MAX_EVENTS
"""Physical lines of a file: a real event has about 14."""
MAX_DEPTH = 8
"""Components within components: real files nest three deep."""
MAX_LINE = 64 * 1024
"""Characters of a property that is read: descriptions stay under 8 KiB."""

READ = frozenset(
    {
        *("UID", "DTSTART", "DTEND", "DURATION", "SUMMARY", "LOCATION", "DESCRIPTION", "STATUS"),
        *("RRULE", "EXDATE", "RDATE", "RECURRENCE-ID"),
    }
)
"""Properties of an event that matter to a timetable; attachments and the like are never parsed."""

_END_OF_LINE = re.compile(r"\r\n|\n|\r")
_NAME = re.compile(r"[A-Za-z0-9-]+")


class RawEvent(msgspec.Struct, frozen=True):
    """An event as text: unfolded properties, and the line where it begins."""

    line: int
    properties: tuple[tuple[str, str], ...]


class RawCalendar(msgspec.Struct, frozen=True):
    """A file cut into its parts. `properties` are those of the calendar itself, the first of each name."""

    properties: dict[str, str]
    events: tuple[RawEvent, ...]
    others: tuple[tuple[int, str], ...]
    too_long: tuple[tuple[int, str], ...]


def split(data: bytes) -> RawCalendar:
    """Cut a file into its components.

    Raises ImportRefusedError, with the line, on a file too big, that is no calendar, or whose parts do not close.
    """
    if len(data) > MAX_BYTES:
        raise ImportRefusedError(f"{len(data)} bytes, a calendar has at most {MAX_BYTES}", limit=MAX_BYTES)
    return _Splitter().split(_text(data))


def value_of(line: str) -> str:
    """Return what follows the name and the parameters of a property."""
    quoted = False
    for index, char in enumerate(line):
        if char == '"':
            quoted = not quoted
        elif char == ":" and not quoted:
            return line[index + 1 :]
    return ""


class _Splitter:
    def __init__(self) -> None:
        self._open: list[tuple[str, int]] = []
        self._calendars = 0
        self._read = 0
        self._properties: dict[str, str] = {}
        self._event: list[tuple[str, str]] = []
        self._events: list[RawEvent] = []
        self._others: list[tuple[int, str]] = []
        self._too_long: list[tuple[int, str]] = []

    def split(self, text: str) -> RawCalendar:
        number = 1
        for number, line in _unfold(text):
            match = _NAME.match(line)
            name = match[0].upper() if match else ""
            if name == "BEGIN":
                self._begin(number, value_of(line).strip().upper())
            elif name == "END":
                self._end(number, value_of(line).strip().upper())
            elif line.strip():
                self._property(number, name, line)
        if self._open:
            raise _refused(number, f"the file ends inside {self._open[-1][0]}, begun on line {self._open[-1][1]}")
        if not self._calendars:
            raise _refused(1, "not a calendar: no BEGIN:VCALENDAR")
        return RawCalendar(self._properties, tuple(self._events), tuple(self._others), tuple(self._too_long))

    def _begin(self, number: int, name: str) -> None:
        if not self._open and name != "VCALENDAR":
            raise _refused(number, f"{name[:32]!r} outside a calendar")
        if len(self._open) >= MAX_DEPTH:
            raise _refused(number, f"components more than {MAX_DEPTH} deep")
        self._open.append((name, number))
        self._calendars += name == "VCALENDAR"
        if len(self._open) == 2:  # noqa: PLR2004 - a component directly in the calendar
            self._event = []
            if name not in {"VEVENT", "VTIMEZONE"}:
                if len(self._others) >= MAX_EVENTS:
                    raise _refused(number, f"more than {MAX_EVENTS} components that are not events")
                self._others.append((number, name))

    def _end(self, number: int, name: str) -> None:
        if not self._open or self._open[-1][0] != name:
            opened = self._open[-1][0] if self._open else "nothing"
            raise _refused(number, f"END:{name[:32]} where {opened[:32]} is open")
        _, begun = self._open.pop()
        if name == "VEVENT" and len(self._open) == 1:
            if len(self._events) >= MAX_EVENTS:
                raise _refused(number, f"more than {MAX_EVENTS} events")
            self._events.append(RawEvent(begun, tuple(self._event)))

    def _property(self, number: int, name: str, line: str) -> None:
        if not self._open:
            raise _refused(number, "text outside a calendar")
        if len(self._open) == 1:
            self._properties.setdefault(name, line[:MAX_LINE])
        elif len(self._open) == 2 and self._open[-1][0] == "VEVENT" and name in READ:  # noqa: PLR2004 - in an event
            self._read += 1
            if self._read > MAX_PROPERTIES:
                raise _refused(number, f"more than {MAX_PROPERTIES} properties")
            if len(line) > MAX_LINE:
                self._too_long.append((number, name))
            else:
                self._event.append((name, line))


def _text(data: bytes) -> str:
    encoding = "utf-16" if data[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace")
    if "\0" in text:
        raise _refused(text.count("\n", 0, text.index("\0")) + 1, "a NUL character: not a text")
    return text


def _unfold(text: str) -> Iterator[tuple[int, str]]:
    """Yield whole lines with the number of their first physical line."""
    begun, parts = 1, [""]
    start, number = 0, 1
    for match in _END_OF_LINE.finditer(text):
        line = text[start : match.start()]
        if line[:1] in {" ", "\t"}:
            parts.append(line[1:])
        else:
            yield begun, "".join(parts)
            begun, parts = number, [line]
        start, number = match.end(), number + 1
        if number > MAX_LINES:
            raise _refused(number, f"more than {MAX_LINES} lines")
    if text[start : start + 1] in {" ", "\t"}:
        parts.append(text[start + 1 :])
        yield begun, "".join(parts)
    else:
        yield begun, "".join(parts)
        yield number, text[start:]


def _refused(line: int, why: str) -> ImportRefusedError:
    return ImportRefusedError(f"line {line}, column 1: {why}", line=line, column=1)
