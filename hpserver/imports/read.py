"""Which importer reads a file: by its name first, by its first bytes otherwise."""

from hpserver.errors import ImportRefusedError
from hpserver.imports.fet import read_fet
from hpserver.imports.fet_xml import is_gzip
from hpserver.imports.ics import read_ics
from hpserver.imports.result import Imported

_SEEN = 1024
"""Bytes looked at when the name says nothing."""


def read_file(name: str, data: bytes, year: int) -> Imported:
    """Read a calendar (`.ics`) or a FET file (`.fet`, `.fet.gz`); `year` is that of the September of a FET file.

    Raises ImportRefusedError on any other file and on a damaged one, with line and column when known.
    """
    lower = name.lower()
    if lower.endswith((".ics", ".ical", ".icalendar", ".ifb")):
        return read_ics(data)
    if lower.endswith((".fet", ".fet.gz")):
        return read_fet(data, year)
    start = data[:_SEEN].removeprefix(b"\xef\xbb\xbf").lstrip()
    if start[:15].upper() == b"BEGIN:VCALENDAR":
        return read_ics(data)
    if is_gzip(data) or start.startswith((b"<?xml", b"<fet")):
        return read_fet(data, year)
    raise ImportRefusedError(f"{name[:64]!r} is neither a calendar (.ics) nor a FET file (.fet, .fet.gz)")
