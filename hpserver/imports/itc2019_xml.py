"""Elements of an ITC-2019 file with their attributes, one by one, safely. Keeps none, knows none by name."""

import re
from collections.abc import Callable, Mapping
from typing import NoReturn
from xml.parsers import expat

import msgspec

from hpserver.errors import ImportRefusedError
from hpserver.imports.fet_xml import unpacked

MAX_BYTES = 128 * 1024 * 1024
"""Size of a file, unpacked: the largest instance of the competition (pu-proj-fal19) has 32 MiB."""
MAX_DEPTH = 8
"""Elements within elements: the format nests seven deep."""
MAX_ELEMENTS = 2_000_000
"""Elements in a file: the largest instance has under a million."""
MAX_ID = 48
"""Characters of an id: that of a class and a day stay a code."""
MAX_NUMBER = 10_000_000
"""Any number of the format: penalties stay under a thousand."""

_ID = re.compile(rf"[^\s/\x00-\x1f\x7f]{{1,{MAX_ID}}}")
_NUMBER = re.compile(r"[0-9]{1,8}")
_BITS = re.compile(r"[01]{1,62}")
_CHUNK = 64 * 1024


class Element(msgspec.Struct, frozen=True):
    """An element: its name, its attributes, where it stands (from 1)."""

    name: str
    attributes: dict[str, str]
    line: int
    column: int

    def refuse(self, why: str) -> NoReturn:
        """Raise ImportRefusedError at this element."""
        text = f"line {self.line}, column {self.column}: {self.name[:32]}: {why}"
        raise ImportRefusedError(text, line=self.line, column=self.column)

    def text(self, name: str) -> str:
        """Return an attribute. Raises ImportRefusedError when there is none."""
        found = self.attributes.get(name)
        if found is None:
            self.refuse(f"{name} is missing")
        return found

    def id(self, name: str = "id") -> str:
        """Return an attribute as an id. Raises ImportRefusedError."""
        found = self.text(name)
        if not _ID.fullmatch(found):
            self.refuse(f"{name}={found[:MAX_ID]!r} is no id")
        return found

    def known(self, name: str, ids: Mapping[str, object], what: str) -> str:
        """Return an attribute as the id of something known. Raises ImportRefusedError."""
        found = self.id(name)
        if found not in ids:
            self.refuse(f"there is no {what} {found}")
        return found

    def number(self, name: str, low: int = 0, high: int = MAX_NUMBER, default: int | None = None) -> int:
        """Return an attribute as a whole number. Raises ImportRefusedError."""
        if default is not None and name not in self.attributes:
            return default
        found = self.text(name)
        if not _NUMBER.fullmatch(found) or not low <= int(found) <= high:
            self.refuse(f"{name}={found[:MAX_ID]!r} is no whole number from {low} to {high}")
        return int(found)

    def bits(self, name: str, length: int) -> int:
        """Return an attribute such as `1010100` as a set, bit 0 = the first. Raises ImportRefusedError."""
        found = self.text(name)
        if not _BITS.fullmatch(found) or len(found) != length or "1" not in found:
            self.refuse(f"{name}={found[:64]!r} is no choice among {length}")
        return int(found[::-1], 2)

    def truth(self, name: str, *, default: bool) -> bool:
        """Return an attribute that is `true` or `false`. Raises ImportRefusedError."""
        found = self.attributes.get(name, "true" if default else "false")
        if found not in {"true", "false"}:
            self.refuse(f"{name}={found[:16]!r} is neither true nor false")
        return found == "true"


def read(data: bytes, root: str, start: Callable[[tuple[str, ...], Element], None]) -> None:
    """Read a file, gzipped or not, whose outermost element is `root`.

    `start` gets each element as it opens, after the names of those around it; what it raises comes out. A document
    type is left unread, entities are refused. Raises ImportRefusedError, with line and column.
    """
    plain = unpacked(data, MAX_BYTES)
    if len(plain) > MAX_BYTES:
        raise ImportRefusedError(f"{len(plain)} bytes, at most {MAX_BYTES}", limit=MAX_BYTES)
    _Reader(root, start).read(plain)


class _Reader:
    def __init__(self, root: str, start: Callable[[tuple[str, ...], Element], None]) -> None:
        self._root = root
        self._tell = start
        self._open: tuple[str, ...] = ()
        self._elements = 0
        self._parser = expat.ParserCreate()
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._parser.SkippedEntityHandler = self._entity
        self._parser.EntityDeclHandler = self._entity
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end

    def read(self, data: bytes) -> None:
        view = memoryview(data)
        try:
            for start in range(0, len(data), _CHUNK):
                self._parser.Parse(view[start : start + _CHUNK], False)
            self._parser.Parse(b"", True)
        except expat.ExpatError as error:
            raise self._refused(f"not XML: {expat.ErrorString(error.code)}") from error
        except (ValueError, LookupError) as error:
            raise self._refused(f"not readable as text: {error}") from error

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._elements += 1
        if len(self._open) >= MAX_DEPTH or self._elements > MAX_ELEMENTS:
            raise self._refused(f"more than {MAX_DEPTH} elements deep or than {MAX_ELEMENTS} in all")
        if not self._open and name != self._root:
            raise self._refused(f"{name[:32]!r} is no {self._root} of ITC-2019")
        line, column = self._parser.CurrentLineNumber, self._parser.CurrentColumnNumber + 1
        self._tell(self._open, Element(name, attributes, line, column))
        self._open = (*self._open, name)

    def _end(self, _name: str) -> None:
        self._open = self._open[:-1]

    def _doctype(self, _name: str, _system: str | None, _public: str | None, has_inside: int) -> None:
        if has_inside:
            raise self._refused("a document type with declarations inside is not accepted")

    def _entity(self, *_: object) -> None:
        raise self._refused("entities are not accepted")

    def _refused(self, why: str) -> ImportRefusedError:
        line, column = self._parser.CurrentLineNumber, self._parser.CurrentColumnNumber + 1
        return ImportRefusedError(f"line {line}, column {column}: {why}", line=line, column=column)
