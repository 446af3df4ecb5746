"""Files made to do harm, one of each kind: what they are called, how a table is read, what they say.

Each is made when it is asked for: some are half a gigabyte before they are packed.
"""

import gzip
import io
import zipfile
from collections.abc import Callable
from typing import Final, NamedTuple

from hpserver.imports.xlsx_write import write_xlsx

MIB: Final = 1 << 20


class Hostile(NamedTuple):
    """A file, how it is made, and what its refusal says; nothing when it may be read, since it harms nobody."""

    name: str
    data: Callable[[], bytes]
    why: str
    kind: str = ""


def files() -> dict[str, Hostile]:
    """Return them by what they try."""
    return {**_zips(), **_xml(), **_tables(), **_calendars(), **_others()}


def _zips() -> dict[str, Hostile]:
    many = _zip({f"GPU{number:03}.TXT": b"" for number in range(1, 1002)})
    inside = _zip({"GPU001.TXT": _zip({"GPU001.TXT": b"1,2"})})
    return {
        "zip bomb": Hostile("a.zip", lambda: _zip({"GPU001.TXT": bytes(200 * MIB)}), "once unpacked"),
        "zip of many": Hostile("a.zip", lambda: many, "more than 1000 files"),
        "zip in a zip": Hostile("a.zip", lambda: inside, "not a text file"),
        "zip with a path": Hostile("a.zip", lambda: _zip({"../../../etc/GPU001.TXT": b"\0"}), "not a text file"),
        "zip cut": Hostile("a.zip", lambda: _zip({"GPU001.TXT": b"1,2,3" * 99})[:-30], "damaged"),
        "gzip bomb": Hostile("a.fet.gz", lambda: gzip.compress(bytes(200 * MIB)), "once unpacked"),
        "gzip bomb of a problem": Hostile(
            "a.xml.gz", lambda: gzip.compress(b"<problem>" + bytes(200 * MIB)), "once unpacked"
        ),
    }


def _xml() -> dict[str, Hostile]:
    problem = b"<problem name='x' nrDays='7' nrWeeks='1' slotsPerDay='288'>"
    return {**_xml_of("a.fet", "fet", b"<fet>"), **_xml_of("a.xml", "problem", problem)}


def _xml_of(name: str, root: str, start: bytes) -> dict[str, Hostile]:
    laughs = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    bomb = f'<!DOCTYPE x [<!ENTITY a0 "lol">{laughs}]>'
    return {
        f"entities, {root}": Hostile(name, f"{bomb}<{root}>&a9;</{root}>".encode, "document type"),
        f"outside, {root}": Hostile(
            name,
            f'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><{root}>&a;</{root}>'.encode,
            "document",
        ),
        f"depth, {root}": Hostile(name, lambda: start + b"<a>" * 4_000_000, "elements deep|no place"),
        f"elements, {root}": Hostile(name, lambda: start + b"<a/>" * 2_100_000, "in all|no place"),
        f"attribute, {root}": Hostile(
            name, lambda: f"<{root} a='".encode() + b"x" * (24 * MIB) + b"'/>", "a tag of more"
        ),
        f"text, {root}": Hostile(name, lambda: start + b"x" * (24 * MIB), "text in a row"),
        f"encoding, {root}": Hostile(name, f"<?xml version='1.0' encoding='utf-7'?><{root}/>".encode, "not"),
        f"cut, {root}": Hostile(name, lambda: start + b"\n <a", "line 2"),
    }


def _tables() -> dict[str, Hostile]:
    sheet = _unzipped(write_xlsx([["Nom", "Capacité"], ["B 101", "30"]], "Salles"))
    body = "xl/worksheets/sheet1.xml"
    linked = {
        **sheet,
        "xl/externalLinks/externalLink1.xml": b"<externalLink/>",
        "xl/externalLinks/_rels/externalLink1.xml.rels": b'<Relationship Id="rId1" Target="file:///etc/passwd"/>',
        "xl/vbaProject.bin": b"\xd0\xcf\x11\xe0",
    }
    formula = sheet[body].replace(b"</row>", b'<c r="F1" t="str"><f>WEBSERVICE("http://x")</f><v>Prix</v></c></row>', 1)
    laughing = b'<!DOCTYPE a [<!ENTITY b "lol">]>' + sheet[body]
    elsewhere = sheet["xl/_rels/workbook.xml.rels"].replace(b"worksheets/sheet1.xml", b"../../../../etc/passwd")
    return {
        "columns": Hostile("a.csv", lambda: b"Nom;" * 4_000_000, "more than 256 columns", "room"),
        "ten million columns": Hostile("a.csv", lambda: b";" * 10_000_000, "the table is empty|columns", "room"),
        "rows": Hostile("a.csv", lambda: b"Nom\n" + b"a\n" * 5_000_000, "more than 50000 rows", "room"),
        "one cell": Hostile("a.csv", lambda: b"Nom\n" + b"a" * (15 * MIB), "characters in a cell", "room"),
        "open quote": Hostile("a.csv", lambda: b'Nom\n"' + b"a\n" * 7_000_000, "never closed|characters", "room"),
        "quotes": Hostile("a.csv", lambda: b'Nom\n"' + b'""' * 7_000_000 + b'"', "characters in a cell", "room"),
        "too long": Hostile("a.csv", lambda: bytes(17 * MIB), "at most", "room"),
        "NUL": Hostile("a.csv", lambda: b"Nom\nA\0B\n", "line 2, column 2", "room"),
        "encoding": Hostile("a.csv", lambda: b"Nom\n\x81\x8d\n", "neither UTF-8 nor", "room"),
        "half UTF-16": Hostile("a.csv", lambda: b"\xff\xfeN", "neither|UTF", "room"),
        "number of many digits": Hostile("a.csv", lambda: b"Nom,Places\nA," + b"9" * 3_999, "line 2, column 2", "room"),
        "weeks without end": Hostile(
            "a.csv", "Matière,Promotion,Semaines\nA,B,1-99999999999\n".encode, "line 2, column 3", "activity"
        ),
        "links and macros": Hostile("a.xlsx", lambda: _zip(linked), "", "room"),
        "formula": Hostile("a.xlsx", lambda: _zip({**sheet, body: formula}), "", "room"),
        "entities, workbook": Hostile("a.xlsx", lambda: _zip({**sheet, body: laughing}), "document type", "room"),
        "sheet elsewhere": Hostile(
            "a.xlsx", lambda: _zip({**sheet, "xl/_rels/workbook.xml.rels": elsewhere}), "it has no", "room"
        ),
        "workbook bomb": Hostile(
            "a.xlsx", lambda: _zip({**sheet, body: b" " * (300 * MIB)}), "in a row|unpacked", "room"
        ),
        "rows of a workbook": Hostile(
            "a.xlsx", lambda: _zip({**sheet, body: b"<sheetData>" + b"<row/>" * (30 * MIB)}), "unpacked|in all", "room"
        ),
        "workbook cut": Hostile("a.xlsx", lambda: _zip(sheet)[:-40], "not a workbook", "room"),
        "old workbook": Hostile("a.xls", lambda: b"\xd0\xcf\x11\xe0" + bytes(999), "before 2007", "room"),
    }


def _calendars() -> dict[str, Hostile]:
    def calendar(*lines: str) -> bytes:
        event = ["BEGIN:VEVENT", "UID:1", "DTSTART:20260907T080000Z", "DTEND:20260907T090000Z", *lines, "END:VEVENT"]
        return "\r\n".join(["BEGIN:VCALENDAR", *event, "END:VCALENDAR", ""]).encode()

    return {
        "for ever": Hostile("a.ics", lambda: calendar("RRULE:FREQ=DAILY"), ""),
        "every second": Hostile("a.ics", lambda: calendar("RRULE:FREQ=SECONDLY;COUNT=999999999"), ""),
        "a huge count": Hostile("a.ics", lambda: calendar(f"RRULE:FREQ=WEEKLY;COUNT={'9' * 5_000}"), ""),
        "no step": Hostile("a.ics", lambda: calendar("RRULE:FREQ=DAILY;INTERVAL=0"), ""),
        "one line": Hostile("a.ics", lambda: calendar("SUMMARY:" + "x" * (8 * MIB)), ""),
        "folded": Hostile("a.ics", lambda: calendar("SUMMARY:" + "\r\n x" * (4 * MIB)), "at most"),
        "exceptions": Hostile("a.ics", lambda: calendar("EXDATE:" + ",".join(["20260907T080000Z"] * 400_000)), ""),
        "nesting": Hostile("a.ics", lambda: b"BEGIN:VCALENDAR\r\n" + b"BEGIN:VEVENT\r\n" * 1_000_000, "line"),
        "cut calendar": Hostile("a.ics", lambda: calendar()[:-40], "line"),
    }


def _others() -> dict[str, Hostile]:
    return {
        "a number of ITC-2007": Hostile("a.ctt", lambda: b"Name: x\nCourses: " + b"9" * 100_000 + b"\n", "line 2"),
        "a program": Hostile("a.exe", lambda: b"\x7fELF" + bytes(9_999), "is no calendar"),
        "nothing": Hostile("a.fet", lambda: b"", "line 1"),
        "a database": Hostile("a.hpx", lambda: b"SQLite format 3\0" + bytes(9_999), ""),
        "a name": Hostile("../../etc/passwd", lambda: b"root:x:0:0\n", "is no calendar"),
    }


def _zip(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def _unzipped(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}
