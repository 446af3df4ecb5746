"""Tables from XLSX files, within bounds whatever the file says of itself. Knows no kind and no title.

Only what a table needs is read: the first sheet, its texts and numbers, and which numbers are dates or hours.
"""

import datetime as dt
import io
import math
import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any, Final

from hpserver.errors import ImportRefusedError
from hpserver.imports.safe_xml import Limits, Shell
from hpserver.imports.table import MAX_BYTES, MAX_CELL, MAX_COLUMNS, MAX_ROWS, Table, TableRow, refused

MAX_MEMBERS: Final = 1_000
"""Files in the archive: a workbook has some 15, and one per sheet and image."""
MAX_UNPACKED: Final = 128 * 1024 * 1024
"""Bytes read in all once unpacked: 50 000 rows of 20 cells take about 60 MiB."""
MAX_TEXTS: Final = MAX_ROWS * 20
"""Different texts of a workbook."""
MAX_TEXT_CHARACTERS: Final = 32 * 1024 * 1024
"""Characters of all of them."""
MAX_DEPTH: Final = 64
"""Elements within elements: a sheet nests six deep."""
MAX_ELEMENTS: Final = MAX_ROWS * 80
"""Elements of one file of the archive: a cell is two of them, a table has some 20 columns."""
MAX_STYLES: Final = 65_536
"""Styles of cells: the limit of the format itself is 65 490."""

SIGNATURE: Final = b"PK\x03\x04"
_DAYS_1900: Final = dt.datetime(1899, 12, 30)  # noqa: DTZ001 - a spreadsheet's dates have no zone
_DAYS_1904: Final = dt.datetime(1904, 1, 1)  # noqa: DTZ001 - same
_BUILT_IN_DATES: Final = {*range(14, 18), 22, *range(27, 32), *range(34, 37), *range(50, 59)}
_BUILT_IN_TIMES: Final = {*range(18, 22), *range(32, 34), *range(45, 48)}
_REFERENCE: Final = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_CHUNK: Final = 64 * 1024
_RELATION: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def is_xlsx(data: bytes) -> bool:
    """Say whether bytes begin like an XLSX file, or any other archive."""
    return data[:4] == SIGNATURE


def read_xlsx(data: bytes) -> Table:
    """Read the first sheet. Dates become YYYY-MM-DD, hours HH:MM, booleans 1 and 0; errors (#REF!) are kept as text.

    Raises ImportRefusedError, with line and column of the sheet when known, on a file that is none or beyond a limit.
    """
    if len(data) > MAX_BYTES:
        raise ImportRefusedError(f"{len(data)} bytes, a workbook has at most {MAX_BYTES}", limit=MAX_BYTES, line=0)
    try:
        return _Workbook(data).table()
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, OSError, ValueError, RuntimeError) as error:
        text = "not a workbook (.xlsx), or damaged, or with a password: save it again, or as CSV"
        raise ImportRefusedError(text, line=0, column=0) from error


class _Workbook:
    def __init__(self, data: bytes) -> None:
        self._left = MAX_UNPACKED
        self._zip = zipfile.ZipFile(io.BytesIO(data))
        members = self._zip.infolist()
        if len(members) > MAX_MEMBERS:
            raise ImportRefusedError(f"{len(members)} files in the archive, at most {MAX_MEMBERS}", line=0)
        self._names = {member.filename.lower().lstrip("/"): member for member in members}

    def table(self) -> Table:
        book, relations = _Book(), _Relations()
        self._parse("xl/workbook.xml", book)
        if "xl/_rels/workbook.xml.rels" in self._names:
            self._parse("xl/_rels/workbook.xml.rels", relations)
        sheet = relations.targets.get(book.first, "worksheets/sheet1.xml")
        path = sheet.lstrip("/") if sheet.startswith("/") else f"xl/{sheet}"
        texts, styles = _Texts(), _Styles()
        for name, reader in (("xl/sharedstrings.xml", texts), ("xl/styles.xml", styles)):
            if name in self._names:
                self._parse(name, reader)
        rows = _Sheet(texts.texts, styles.forms(), _DAYS_1904 if book.since_1904 else _DAYS_1900)
        self._parse(path, rows)
        return Table("xlsx", tuple(rows.rows))

    def _parse(self, name: str, reader: "_Reader") -> None:
        member = self._names.get(name.lower())
        if member is None:
            raise ImportRefusedError(f"not a workbook (.xlsx): it has no {name[:64]}", line=0, column=0)
        with self._zip.open(member) as file:
            reader.read(self._bounded(file))

    def _bounded(self, file: Any) -> Iterator[bytes]:
        while piece := file.read(_CHUNK):
            self._left -= len(piece)
            if self._left < 0:
                text = f"more than {MAX_UNPACKED} bytes once unpacked"
                raise ImportRefusedError(text, limit=MAX_UNPACKED, line=0, column=0)
            yield piece


class _Reader(Shell):
    """Reads one XML file of the archive; a subclass says what to do at elements. No entity is ever accepted."""

    collects: frozenset[str] = frozenset()
    """Elements whose text is wanted."""

    def __init__(self) -> None:
        super().__init__(Limits(MAX_DEPTH, MAX_ELEMENTS), namespaces=True)
        self.text: list[str] = []
        self._wanted = 0

    def open(self, name: str, attributes: dict[str, str]) -> None:
        """Take note of an element, by its name without namespace."""

    def close(self, name: str) -> None:
        """Take note of its end; `text` has what it says when it is collected."""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(" ")[2]
        if local in self.collects:
            self._wanted += 1
            self.text.clear()
        self.open(local, attributes)

    def end(self, name: str) -> None:
        local = name.rpartition(" ")[2]
        self.close(local)
        if local in self.collects:
            self._wanted -= 1

    def data(self, text: str) -> None:
        if self._wanted:
            self.text.append(text)

    def refused(self, why: str) -> ImportRefusedError:
        """Return a refusal: lines of the XML are none of the sheet."""
        line, column = self.place()
        text = f"not a workbook (.xlsx): line {line}, column {column} of its XML: {why}"
        return ImportRefusedError(text, line=0, column=0)


class _Book(_Reader):
    """Which sheet is the first, and since when days are counted."""

    def __init__(self) -> None:
        super().__init__()
        self.first = ""
        self.since_1904 = False

    def open(self, name: str, attributes: dict[str, str]) -> None:
        if name == "sheet" and not self.first and attributes.get("state", "visible") == "visible":
            self.first = attributes.get(f"{_RELATION} id", "") or next(
                (value for key, value in attributes.items() if key.endswith(" id")), ""
            )
        elif name == "workbookPr":
            self.since_1904 = attributes.get("date1904", "") in {"1", "true"}


class _Relations(_Reader):
    """Where the sheets are."""

    def __init__(self) -> None:
        super().__init__()
        self.targets: dict[str, str] = {}

    def open(self, name: str, attributes: dict[str, str]) -> None:
        if name == "Relationship" and len(self.targets) < MAX_MEMBERS:
            self.targets[attributes.get("Id", "")] = attributes.get("Target", "")


class _Texts(_Reader):
    """The texts that cells name by number; how a reading is pronounced (`rPh`) is left out."""

    collects = frozenset({"t"})

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._parts: list[str] = []
        self._spoken = 0
        self._left = MAX_TEXT_CHARACTERS

    def open(self, name: str, attributes: dict[str, str]) -> None:  # noqa: ARG002 - only names matter here
        if name == "si":
            self._parts = []
        elif name == "rPh":
            self._spoken += 1

    def close(self, name: str) -> None:
        if name == "t" and not self._spoken:
            self._parts.append("".join(self.text))
        elif name == "rPh":
            self._spoken -= 1
        elif name == "si":
            text = "".join(self._parts)
            self._left -= len(text)
            if len(self.texts) >= MAX_TEXTS or self._left < 0:
                raise ImportRefusedError(f"more than {MAX_TEXTS} texts, or too long ones", line=0, column=0)
            self.texts.append(text)


class _Styles(_Reader):
    """Which styles of cells show a number as a date, as an hour or as both."""

    def __init__(self) -> None:
        super().__init__()
        self._formats: dict[str, str] = {}
        self._cells: list[str] = []
        self._inside = False

    def open(self, name: str, attributes: dict[str, str]) -> None:
        if name == "numFmt" and len(self._formats) < MAX_STYLES:
            self._formats[attributes.get("numFmtId", "")] = attributes.get("formatCode", "")
        elif name == "cellXfs":
            self._inside = True
        elif name == "xf" and self._inside and len(self._cells) < MAX_STYLES:
            self._cells.append(attributes.get("numFmtId", "0"))

    def close(self, name: str) -> None:
        if name == "cellXfs":
            self._inside = False

    def forms(self) -> list[str]:
        """Return, style by style, `d`, `t`, `dt` or nothing for a plain number."""
        return [self._form(number) for number in self._cells]

    def _form(self, number: str) -> str:
        code = self._formats.get(number)
        if code is None:
            known = int(number) if number.isdecimal() and len(number) < 6 else 0  # noqa: PLR2004 - no huge int
            return "dt" if known == 22 else "d" if known in _BUILT_IN_DATES else "t" if known in _BUILT_IN_TIMES else ""  # noqa: PLR2004 - the built-in date and hour
        bare = re.sub(r'"[^"]*"|\\.|\[[^\]hms]*\]|_.', "", code.split(";")[0].lower())
        return ("d" if re.search(r"[yd]|mmm", bare) else "") + ("t" if re.search("[hs]", bare) else "")


class _Sheet(_Reader):
    """The rows of a sheet, cell by cell, by their own references or in order when they have none."""

    collects = frozenset({"v", "t"})

    def __init__(self, texts: list[str], forms: list[str], since: dt.datetime) -> None:
        super().__init__()
        self.rows: list[TableRow] = []
        self._texts, self._forms, self._since = texts, forms, since
        self._row, self._column = 0, 0
        self._cells: dict[int, str] = {}
        self._type, self._style, self._value = "n", 0, ""

    def open(self, name: str, attributes: dict[str, str]) -> None:
        if name == "row":
            number = attributes.get("r", "")
            self._row = int(number) if number.isdecimal() and len(number) < 8 else self._row + 1  # noqa: PLR2004 - no huge int
            self._cells, self._column = {}, 0
        elif name == "c":
            match = _REFERENCE.fullmatch(attributes.get("r", ""))
            self._column = _column(match[1]) if match is not None else self._column + 1
            style = attributes.get("s", "")
            self._style = int(style) if style.isdecimal() and len(style) < 8 else 0  # noqa: PLR2004 - no huge int
            self._type, self._value = attributes.get("t", "n"), ""

    def close(self, name: str) -> None:
        if name in {"v", "t"}:
            self._value += "".join(self.text)
        elif name == "c":
            self._keep(self._shown())
        elif name == "row" and any(self._cells.values()):
            if len(self.rows) >= MAX_ROWS:
                raise refused(f"more than {MAX_ROWS} rows", self._row, 1)
            width = max(self._cells)
            self.rows.append(TableRow(self._row, tuple(self._cells.get(at, "") for at in range(1, width + 1))))

    def _keep(self, text: str) -> None:
        if not text:
            return
        if self._column > MAX_COLUMNS:
            raise refused(f"more than {MAX_COLUMNS} columns", self._row, self._column)
        if len(text) > MAX_CELL:
            raise refused(f"more than {MAX_CELL} characters in a cell", self._row, self._column)
        self._cells[self._column] = text

    def _shown(self) -> str:
        value = self._value.strip()
        if self._type == "s":
            index = int(value) if value.isdecimal() and len(value) < 10 else -1  # noqa: PLR2004 - no huge int
            if not 0 <= index < len(self._texts):
                raise refused("a cell names a text that is not there", self._row, self._column)
            return self._texts[index].strip()
        if self._type == "n" and value:
            form = self._forms[self._style] if self._style < len(self._forms) else ""
            return self._number(value, form)
        return value

    def _number(self, value: str, form: str) -> str:
        try:
            number = float(value)
        except ValueError:
            number = math.nan
        if not math.isfinite(number):
            raise refused(f"{value[:32]!r} is no number", self._row, self._column)
        if form and 0 <= number < 2_958_466:  # noqa: PLR2004 - 31 December 9999, the last day of the format
            try:
                when = self._since + dt.timedelta(seconds=round(number * 86_400))
            except OverflowError:  # counted from 1904, or a moment before midnight
                raise refused(f"{value[:32]!r} is no day", self._row, self._column) from None
            day, hour = f"{when:%Y-%m-%d}", f"{when:%H:%M}"
            return hour if form == "t" or number < 1 else day if form == "d" or hour == "00:00" else f"{day} {hour}"
        return str(int(number)) if number == int(number) and abs(number) < 1e15 else repr(number)  # noqa: PLR2004 - exact in a float


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number
