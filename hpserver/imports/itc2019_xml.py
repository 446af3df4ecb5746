"""Elements of an ITC-2019 file with their attributes, one by one, safely. Keeps none, knows none by name."""

import re
from collections.abc import Callable, Mapping
from typing import NoReturn

import msgspec

from hpserver.errors import ImportRefusedError
from hpserver.imports import safe_xml

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
    _Reader(root, start).read(safe_xml.pieces(safe_xml.unpacked(data, MAX_BYTES)))


class _Reader(safe_xml.Shell):
    def __init__(self, root: str, start: Callable[[tuple[str, ...], Element], None]) -> None:
        super().__init__(safe_xml.Limits(MAX_DEPTH, MAX_ELEMENTS), outside=True)
        self._root, self._tell = root, start
        self._open: tuple[str, ...] = ()

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if not self._open and name != self._root:
            raise self.refused(f"{name[:32]!r} is no {self._root} of ITC-2019")
        self._tell(self._open, Element(name, attributes, *self.place()))
        self._open = (*self._open, name)

    def end(self, name: str) -> None:  # noqa: ARG002 - it is the one that is open
        self._open = self._open[:-1]
