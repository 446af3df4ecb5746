"""Safe, bounded reading of an XML file, gzipped or not, with line numbers. Knows no element by name."""

import zlib
from xml.parsers import expat

from hpserver.errors import ImportRefusedError

MAX_BYTES = 32 * 1024 * 1024
"""Size of a file, unpacked: the largest of the 236 examples published with FET has 6 MiB."""
MAX_DEPTH = 16
"""Elements within elements: FET nests six deep."""
MAX_NODES = 1_000_000
"""Elements in a file: the largest example has 172 509."""

_GZIP = b"\x1f\x8b"
_CHUNK = 64 * 1024


class Node:
    """An element: its name, its line, its own text, what it contains."""

    __slots__ = ("children", "line", "name", "text")

    def __init__(self, name: str, line: int) -> None:
        self.name = name
        self.line = line
        self.text = ""
        self.children: list[Node] = []

    def value(self, name: str) -> str:
        """Return the text of the first child of that name without spaces around it, nothing without one."""
        return self.exact(name).strip()

    def exact(self, name: str) -> str:
        """Return the text of the first child of that name as written: FET tells ` 1` from `1`."""
        return next((child.text for child in self.children if child.name == name), "")

    def values(self, name: str) -> list[str]:
        """Return the texts, as written, of the children of that name that are not empty."""
        return [child.text for child in self.children if child.name == name and child.text.strip()]

    def all(self, name: str) -> "list[Node]":
        """Return the children of that name."""
        return [child for child in self.children if child.name == name]

    def within(self, name: str) -> "list[Node]":
        """Return what the first child of that name contains, nothing without one."""
        return next((child.children for child in self.children if child.name == name), [])


def is_gzip(data: bytes) -> bool:
    """Say whether bytes begin like a gzip file."""
    return data[:2] == _GZIP


def unpacked(data: bytes, limit: int = MAX_BYTES) -> bytes:
    """Return a file without its compression. Raises ImportRefusedError when it is damaged or grows too big."""
    if not is_gzip(data):
        return data
    unzip = zlib.decompressobj(16 + zlib.MAX_WBITS)
    try:
        plain = unzip.decompress(data, limit + 1)
    except zlib.error as error:
        raise ImportRefusedError(f"damaged gzip file: {error}") from error
    if len(plain) > limit:
        raise ImportRefusedError(f"more than {limit} bytes once unpacked", limit=limit)
    if not unzip.eof:
        raise ImportRefusedError("the gzip file is cut short")
    if unzip.unused_data:
        raise ImportRefusedError("something follows the end of the gzip file")
    return plain


def parse(data: bytes) -> Node:
    """Return the root element. Raises ImportRefusedError, with line and column, on anything but plain XML."""
    if len(data) > MAX_BYTES:
        raise ImportRefusedError(f"{len(data)} bytes, at most {MAX_BYTES}", limit=MAX_BYTES)
    return _Builder().parse(data)


class _Builder:
    def __init__(self) -> None:
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartDoctypeDeclHandler = self._refuse_doctype
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._data
        self._top = Node("", 0)
        self._open = [self._top]
        self._nodes = 0

    def parse(self, data: bytes) -> Node:
        view = memoryview(data)
        try:
            for start in range(0, len(data), _CHUNK):
                self._parser.Parse(view[start : start + _CHUNK], False)
            self._parser.Parse(b"", True)
        except expat.ExpatError as error:
            raise self._refused(f"not XML: {expat.ErrorString(error.code)}") from error
        except (ValueError, LookupError) as error:
            raise self._refused(f"not readable as text: {error}") from error
        return self._top.children[0]

    def _start(self, name: str, _attributes: object) -> None:
        self._nodes += 1
        if len(self._open) > MAX_DEPTH or self._nodes > MAX_NODES:
            raise self._refused(f"more than {MAX_DEPTH} elements deep or than {MAX_NODES} in all")
        node = Node(name, self._parser.CurrentLineNumber)
        self._open[-1].children.append(node)
        self._open.append(node)

    def _end(self, _name: str) -> None:
        self._open.pop()

    def _data(self, text: str) -> None:
        node = self._open[-1]
        if not node.children:  # between elements there are only line ends
            node.text += text

    def _refuse_doctype(self, *_: object) -> None:
        raise self._refused("a document type, and so entities, are not accepted")

    def _refused(self, why: str) -> ImportRefusedError:
        line, column = self._parser.CurrentLineNumber, self._parser.CurrentColumnNumber + 1
        return ImportRefusedError(f"line {line}, column {column}: {why}", line=line, column=column)
