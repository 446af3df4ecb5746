"""The text files that Untis exchanges (DIF, GPU001.TXT and others): records of fields, from bytes and to bytes.

Fields are separated by commas, semicolons or tabs, texts are between quotes, the encoding is UTF-8 or Windows-1252.
Knows no file by name, but which of a folder they are.
"""

import re
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from hpserver.errors import ImportRefusedError
from hpserver.imports.bundle import base_name

MAX_BYTES = 16 * 1024 * 1024
"""Size of one file: a school of 3 000 students has a timetable of 1 MiB."""
MAX_RECORDS = 200_000
MAX_FIELDS = 100
"""Fields of a record: the longest, that of a teacher, has some 45."""
MAX_TEXT = 4_000
"""Characters of a field."""

GPU_FILE = re.compile(r"gpu(\d{3})\.(?:txt|dif|csv)", re.IGNORECASE)
"""Names of the files that are read, whatever their folder."""
_SEPARATORS = (";", "\t", ",")


class Record(msgspec.Struct, frozen=True):
    """One line of a file."""

    line: int
    fields: tuple[str, ...]

    def at(self, column: int) -> str:
        """Return a field by its column (from 0), nothing when the line is shorter."""
        return self.fields[column] if column < len(self.fields) else ""


def known_files(files: Mapping[str, bytes]) -> dict[int, bytes]:
    """Return the files of a folder that are such files, by number: `GPU002.TXT` is 2. Raises ImportRefusedError."""
    found: dict[int, bytes] = {}
    for name, data in files.items():
        match = GPU_FILE.fullmatch(base_name(name))
        if match is None:
            continue
        if int(match[1]) in found:
            raise ImportRefusedError(f"{name[:64]} is there twice")
        found[int(match[1])] = data
    if not found:
        raise ImportRefusedError("no GPU001.TXT, GPU002.TXT ... in it: this is no export of Untis")
    return found


def records(name: str, data: bytes) -> list[Record]:
    """Return the records of a file, empty lines left out. Raises ImportRefusedError, with line and column."""
    if len(data) > MAX_BYTES:
        raise ImportRefusedError(f"{name}: {len(data)} bytes, at most {MAX_BYTES}", limit=MAX_BYTES)
    text = _decoded(name, data)
    return _Lines(name, text, _separator(text)).read()


def written(rows: Iterable[Sequence[str | int | None]], separator: str = ",") -> str:
    """Return records as text: words between quotes, numbers bare, nothing for None."""
    return "".join(separator.join(map(_field, row)) + "\r\n" for row in rows)


def _field(value: str | int | None) -> str:
    if isinstance(value, int):
        return str(value)
    return "" if not value else '"' + " ".join(value.replace('"', '""').split()) + '"'


def _decoded(name: str, data: bytes) -> str:
    if b"\x00" in data:
        line = data[: data.index(b"\x00")].count(b"\n") + 1
        raise ImportRefusedError(f"{name}, line {line}, column 1: not a text file", line=line, column=1)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    try:
        return data.decode("cp1252")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        column = error.start - data.rfind(b"\n", 0, error.start)
        where = f"{name}, line {line}, column {column}"
        raise ImportRefusedError(f"{where}: neither UTF-8 nor Windows-1252", line=line, column=column) from error


def _separator(text: str) -> str:
    """Return the separator of the first line, outside quotes; a comma when it has none."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    outside = "".join(first.split('"')[::2])
    return max(_SEPARATORS, key=lambda separator: (outside.count(separator), separator == ","))


class _Lines:
    """Reads a text line by line; a quoted field may run over several."""

    def __init__(self, name: str, text: str, separator: str) -> None:
        self._name = name
        self._text = text.replace("\r\n", "\n").replace("\r", "\n")
        self._separator = separator
        self._at = 0
        self._line = 1
        self._start = 0

    def read(self) -> list[Record]:
        found: list[Record] = []
        while self._at < len(self._text):
            line = self._line
            fields = self._record()
            if any(fields):
                found.append(Record(line, tuple(fields)))
            if len(found) > MAX_RECORDS:
                raise self._refused(f"more than {MAX_RECORDS} records")
        return found

    def _record(self) -> list[str]:
        fields = []
        while True:
            fields.append(self._quoted() if self._text.startswith('"', self._at) else self._bare())
            if len(fields) > MAX_FIELDS or len(fields[-1]) > MAX_TEXT:
                raise self._refused(f"more than {MAX_FIELDS} fields, or {MAX_TEXT} characters in one")
            if self._at >= len(self._text):
                return fields
            self._at += 1
            if self._text[self._at - 1] == "\n":
                self._newline(self._at)
                return fields

    def _bare(self) -> str:
        ends = (self._text.find(mark, self._at) for mark in (self._separator, "\n"))
        end = min((end for end in ends if end >= 0), default=len(self._text))
        value = self._text[self._at : end]
        self._at = end
        return value.strip()

    def _quoted(self) -> str:
        value = []
        self._at += 1
        while True:
            end = self._text.find('"', self._at)
            if end < 0:
                raise self._refused("a quote is opened and never closed")
            value.append(self._text[self._at : end])
            for index in range(self._at, end):
                if self._text[index] == "\n":
                    self._newline(index + 1)
            self._at = end + 1
            if not self._text.startswith('"', self._at):
                break
            value.append('"')
            self._at += 1
        if self._at < len(self._text) and self._text[self._at] not in {self._separator, "\n"}:
            raise self._refused("something follows a quoted text")
        return "".join(value).strip()

    def _newline(self, start: int) -> None:
        self._line += 1
        self._start = start

    def _refused(self, why: str) -> ImportRefusedError:
        column = self._at - self._start + 1
        where = f"{self._name}, line {self._line}, column {column}"
        return ImportRefusedError(f"{where}: {why}", line=self._line, column=column)
