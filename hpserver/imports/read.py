"""Which importer reads a file: by its name first, by its first bytes otherwise."""

import re

from hpserver.errors import ImportRefusedError
from hpserver.imports.bundle import base_name, is_zip, unzipped
from hpserver.imports.fet import read_fet
from hpserver.imports.ics import read_ics
from hpserver.imports.itc2007 import read_itc2007
from hpserver.imports.itc2019 import read_itc2019
from hpserver.imports.result import Imported
from hpserver.imports.safe_xml import is_gzip
from hpserver.imports.untis import read_untis
from hpserver.imports.untis_dif import GPU_FILE

_SEEN = 1024
"""Bytes looked at when the name says nothing."""
_PROBLEM = re.compile(r".*\.(?:ctt|ectt|xml|xml\.gz)", re.IGNORECASE)
_SOLUTION = "solution"
"""Name, in a zip with a problem, of the solution that places it."""
_TAKEN = re.compile(f"{GPU_FILE.pattern}|{_PROBLEM.pattern}|{_SOLUTION}", re.IGNORECASE)
_FET, _ITC2007, _ITC2019 = (".fet", ".fet.gz"), (".ctt", ".ectt"), (".xml", ".xml.gz")


def read_file(name: str, data: bytes, year: int) -> Imported:
    """Read the file of another program; `year` is that of the September in which a timetable without dates starts.

    A calendar (`.ics`), a FET file (`.fet`, `.fet.gz`), a problem of ITC-2007 (`.ctt`, `.ectt`) or ITC-2019 (`.xml`,
    `.xml.gz`); or a zip, of an export of Untis, or of one problem and its `solution`.
    Raises ImportRefusedError on any other file and on a damaged one, with line and column when known.
    """
    lower = name.lower()
    start = data[:_SEEN].removeprefix(b"\xef\xbb\xbf").lstrip()
    if is_zip(data):
        return _read_zip(unzipped(data, _TAKEN), year)
    if lower.endswith((".ics", ".ical", ".icalendar", ".ifb")) or start[:15].upper() == b"BEGIN:VCALENDAR":
        return read_ics(data)
    if lower.endswith(_FET) or b"<fet" in start:
        return read_fet(data, year)
    if lower.endswith((*_ITC2007, *_ITC2019)) or start.startswith(b"Name:") or b"<problem" in start:
        return _read_problem(lower, data, None, year)
    if is_gzip(data) or start.startswith(b"<?xml"):
        return read_fet(data, year)
    raise ImportRefusedError(
        f"{name[:64]!r} is no calendar (.ics), FET file (.fet), problem (.ctt, .xml) or zip of Untis"
    )


def _read_problem(lower: str, data: bytes, solution: bytes | None, year: int) -> Imported:
    if lower.endswith(_ITC2007) or (not lower.endswith(_ITC2019) and b"<problem" not in data[:_SEEN]):
        return read_itc2007(data, year, solution)
    return read_itc2019(data, year, solution)


def _read_zip(files: dict[str, bytes], year: int) -> Imported:
    problems = [name for name in files if _PROBLEM.fullmatch(name)]
    if len(problems) != 1:
        return read_untis(files, year)
    solutions = [data for name, data in files.items() if base_name(name) == _SOLUTION]
    return _read_problem(problems[0].lower(), files[problems[0]], solutions[0] if solutions else None, year)
