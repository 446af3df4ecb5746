"""Tables from text and to text: CSV with commas or semicolons, cells pasted with tabs. Knows no kind and no title."""

import re
from collections.abc import Iterable, Sequence
from typing import Final

from hpserver.errors import ImportRefusedError
from hpserver.imports.table import MAX_BYTES, MAX_CELL, MAX_COLUMNS, MAX_ROWS, Table, TableRow, refused

SEPARATORS: Final = (",", ";", "\t")
"""Of which one separates cells: the one that the first line has most of, outside quotes."""
BOM: Final = "\ufeff"

_UTF_16: Final = (b"\xff\xfe", b"\xfe\xff")
_CONTROL: Final = re.compile(r"[\x01-\x08\x0b\x0c\x0e-\x1f]")
_FORMULA: Final = ("=", "+", "@", "-")
"""What a spreadsheet takes for a formula at the beginning of a cell."""


def read_text(data: bytes) -> Table:
    """Read a CSV file or pasted cells: UTF-8 with or without a mark, UTF-16 with one, else Windows-1252.

    Raises ImportRefusedError, with line and column, on anything that is no table within the limits.
    """
    if len(data) > MAX_BYTES:
        raise ImportRefusedError(f"{len(data)} bytes, a table has at most {MAX_BYTES}", limit=MAX_BYTES, line=0)
    text = _decoded(data).replace("\r\n", "\n").replace("\r", "\n")
    separator = _separator(text)
    rows = tuple(_Cells(text, separator).rows())
    return Table("tsv" if separator == "\t" else "csv", rows)


def write_csv(rows: Iterable[Sequence[str]], separator: str = ",") -> bytes:
    """Return rows as a CSV file that spreadsheets open with its accents (UTF-8 with a mark, lines ended by CR LF).

    A cell that a spreadsheet would run as a formula begins with an apostrophe, which `read_text` takes off again.
    """
    lines = (separator.join(_written(cell, separator) for cell in row) + "\r\n" for row in rows)
    return (BOM + "".join(lines)).encode()


def _written(cell: str, separator: str) -> str:
    text = f"'{cell}" if cell.startswith((*_FORMULA, "'")) and not _is_number(cell) else cell
    if separator in text or '"' in text or "\n" in text or text != text.strip():
        return '"' + text.replace('"', '""') + '"'
    return text


def _is_number(text: str) -> bool:
    return text[:1] in "+-" and text[1:].replace(".", "", 1).replace(",", "", 1).isdigit()


def _decoded(data: bytes) -> str:
    if data[:2] in _UTF_16:
        return _strictly(data, "utf-16")
    if b"\x00" in data:
        raise _at_byte(data, data.index(b"\x00"), "this is no text")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = _strictly(data, "cp1252")
    found = _CONTROL.search(text)
    if found is not None:
        line = text.count("\n", 0, found.start()) + 1
        raise refused("a character that no text has", line, found.start() - text.rfind("\n", 0, found.start()))
    return text


def _strictly(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise _at_byte(data, error.start, "neither UTF-8 nor Windows-1252") from error


def _at_byte(data: bytes, at: int, why: str) -> ImportRefusedError:
    return refused(why, data.count(b"\n", 0, at) + 1, at - data.rfind(b"\n", 0, at))


def _separator(text: str) -> str:
    first = next((line for line in text.split("\n") if line.strip()), "")
    outside = "".join(first.split('"')[::2])
    return max(SEPARATORS, key=outside.count)


class _Cells:
    """Reads a text cell by cell; a quoted cell may run over several lines."""

    def __init__(self, text: str, separator: str) -> None:
        self._text, self._separator = text, separator
        self._bare_end = re.compile(f"[{separator}\n]|\\Z")
        self._at, self._line, self._start = 0, 1, 0

    def rows(self) -> Iterable[TableRow]:
        count = 0
        while self._at < len(self._text):
            line = self._line
            cells = self._row()
            if any(cells):
                count += 1
                if count > MAX_ROWS:
                    raise self._refused(f"more than {MAX_ROWS} rows")
                yield TableRow(line, tuple(cells))

    def _row(self) -> list[str]:
        cells: list[str] = []
        while True:
            cells.append(self._cell())
            if len(cells) > MAX_COLUMNS:
                raise self._refused(f"more than {MAX_COLUMNS} columns")
            if self._at >= len(self._text):
                return cells
            ended = self._text[self._at] == "\n"
            self._at += 1
            if ended:
                self._newline()
                return cells

    def _cell(self) -> str:
        cell = self._quoted() if self._text.startswith('"', self._at) else self._bare()
        if len(cell) > MAX_CELL:
            raise self._refused(f"more than {MAX_CELL} characters in a cell")
        return cell.strip().removeprefix("'") if cell.lstrip()[1:2] in (*_FORMULA, "'") else cell.strip()

    def _bare(self) -> str:
        found = self._bare_end.search(self._text, self._at)
        assert found is not None
        begin, self._at = self._at, found.start()
        return self._text[begin : self._at]

    def _quoted(self) -> str:
        opened = self._line, self._at - self._start + 1
        parts: list[str] = []
        size = 0
        self._at += 1
        while True:
            end = self._text.find('"', self._at)
            if end < 0:
                raise refused("a quote is opened and never closed", *opened)
            part = self._text[self._at : end]
            parts.append(part)
            size += len(part) + 1
            if size > MAX_CELL + 1:
                raise refused(f"more than {MAX_CELL} characters in a cell", *opened)
            for found in re.finditer("\n", part):
                self._line, self._start = self._line + 1, self._at + found.end()
            self._at = end + 1
            if not self._text.startswith('"', self._at):
                break
            parts.append('"')
            self._at += 1
        rest = self._bare()
        if rest.strip():
            raise self._refused("something follows a quoted text")
        return "".join(parts)

    def _newline(self) -> None:
        self._line, self._start = self._line + 1, self._at

    def _refused(self, why: str) -> ImportRefusedError:
        return refused(why, self._line, self._at - self._start + 1)
