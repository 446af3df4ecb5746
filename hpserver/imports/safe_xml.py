"""XML of strangers, element by element, within bounds; refusals have a line and a column. Knows no element by name.

No entity is ever read, nothing outside the file either. A file may be packed with gzip.
"""

import zlib
from collections.abc import Iterable, Iterator
from typing import Final
from xml.parsers import expat

import msgspec

from hpserver.errors import ImportRefusedError

MAX_TOKEN: Final = 1024 * 1024
"""Bytes of one tag, comment or the like: beyond, a parser would read it again and again."""
MAX_ATTRIBUTES: Final = 64 * 1024
"""Characters of the attributes of one element: those of a time of ITC-2019 have some hundred."""
MAX_TEXT: Final = 1024 * 1024
"""Characters of text between two tags: a cell of a workbook has 32 767."""

_CODES: Final = expat.errors.codes
_FAULTS: Final = {
    _CODES[expat.errors.XML_ERROR_TAG_MISMATCH]: "a tag is closed here that is not the one that is open",
    _CODES[expat.errors.XML_ERROR_INVALID_TOKEN]: "a sign that cannot stand here, such as & or < in a text",
    _CODES[expat.errors.XML_ERROR_NO_ELEMENTS]: "the file ends too early: it is empty, or was cut",
    _CODES[expat.errors.XML_ERROR_UNCLOSED_TOKEN]: "the file ends within a tag: it was cut",
    _CODES[expat.errors.XML_ERROR_PARTIAL_CHAR]: "the file ends within a character: it was cut",
    _CODES[expat.errors.XML_ERROR_JUNK_AFTER_DOC_ELEMENT]: "something follows the last tag",
    _CODES[expat.errors.XML_ERROR_DUPLICATE_ATTRIBUTE]: "an element has the same attribute twice",
    _CODES[expat.errors.XML_ERROR_UNKNOWN_ENCODING]: "the file names an encoding that is not known: save it as UTF-8",
    _CODES[expat.errors.XML_ERROR_INCORRECT_ENCODING]: "the file names another encoding than it has: save it as UTF-8",
    _CODES[expat.errors.XML_ERROR_UNDEFINED_ENTITY]: "entities are not accepted",
    _CODES[expat.errors.XML_ERROR_MISPLACED_XML_PI]: "something comes before the first line of the XML",
}
"""What is wrong, by the number that the parser has for it."""
_OTHERWISE: Final = "it is not written by the rules of XML here"
_GZIP: Final = b"\x1f\x8b"
_CHUNK: Final = 64 * 1024


class Limits(msgspec.Struct, frozen=True):
    """What a format needs: `depth`, elements within elements, and how many `elements` there are in all."""

    depth: int
    elements: int


class Shell:
    """Reads one file; a subclass says what to do at `start`, `end` and `data`, and may raise `refused` there.

    With `outside` a document type that declares nothing inside the file is passed over, not read.
    """

    def __init__(self, limits: Limits, *, outside: bool = False, namespaces: bool = False) -> None:
        self.depth = 0
        """Elements that are open, the one that starts or ends included."""
        self._limits, self._outside = limits, outside
        self._elements, self._text, self._fed = 0, 0, 0
        self._parser = parser = expat.ParserCreate(namespace_separator=" " if namespaces else None)
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = self._doctype
        parser.EntityDeclHandler = parser.SkippedEntityHandler = self._entity
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
        parser.CharacterDataHandler = self._data

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Take note of an element."""

    def end(self, name: str) -> None:
        """Take note of its end."""

    def data(self, text: str) -> None:
        """Take note of a piece of text."""

    def place(self) -> tuple[int, int]:
        """Return the line and the column of what is being read, from 1."""
        return self._parser.CurrentLineNumber, self._parser.CurrentColumnNumber + 1

    def refused(self, why: str) -> ImportRefusedError:
        """Return the refusal of what is being read."""
        line, column = self.place()
        return ImportRefusedError(f"line {line}, column {column}: {why}", line=line, column=column)

    def read(self, pieces: Iterable[bytes | memoryview]) -> None:
        """Read a file to its end. Raises ImportRefusedError."""
        try:
            for piece in pieces:
                self._fed += len(piece)
                self._parser.Parse(piece, False)
                if self._fed - max(self._parser.CurrentByteIndex, 0) > MAX_TOKEN:
                    raise self.refused(f"a tag of more than {MAX_TOKEN} bytes")
            self._parser.Parse(b"", True)
        except expat.ExpatError as error:
            raise self.refused(f"not XML: {_FAULTS.get(error.code, _OTHERWISE)}") from error
        except (ValueError, LookupError) as error:
            raise self.refused("the text is not in the encoding that the file names: save it as UTF-8") from error

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._elements += 1
        self.depth += 1
        self._text = 0
        limits = self._limits
        if self.depth > limits.depth or self._elements > limits.elements:
            raise self.refused(f"more than {limits.depth} elements deep or than {limits.elements} in all")
        if attributes and sum(map(len, attributes.values())) > MAX_ATTRIBUTES:
            raise self.refused(f"more than {MAX_ATTRIBUTES} characters in the attributes of an element")
        self.start(name, attributes)

    def _end(self, name: str) -> None:
        self.end(name)
        self.depth -= 1
        self._text = 0

    def _data(self, text: str) -> None:
        self._text += len(text)
        if self._text > MAX_TEXT:
            raise self.refused(f"more than {MAX_TEXT} characters of text in a row")
        self.data(text)

    def _doctype(self, _name: str, _system: str | None, _public: str | None, has_inside: int) -> None:
        if not self._outside:
            raise self.refused("a document type, and so entities, are not accepted")
        if has_inside:
            raise self.refused("a document type with declarations inside is not accepted")

    def _entity(self, *_: object) -> None:
        raise self.refused("entities are not accepted")


def pieces(data: bytes) -> Iterator[memoryview]:
    """Cut bytes into what is read at a time."""
    view = memoryview(data)
    return (view[start : start + _CHUNK] for start in range(0, len(data), _CHUNK))


def is_gzip(data: bytes) -> bool:
    """Say whether bytes begin like a gzip file."""
    return data[:2] == _GZIP


def unpacked(data: bytes, limit: int) -> bytes:
    """Return a file without its compression. Raises ImportRefusedError when it is damaged or too big."""
    plain = _gunzipped(data, limit) if is_gzip(data) else data
    if len(plain) > limit:
        raise ImportRefusedError(f"{len(plain)} bytes, at most {limit}", limit=limit)
    return plain


def _gunzipped(data: bytes, limit: int) -> bytes:
    unzip = zlib.decompressobj(16 + zlib.MAX_WBITS)
    try:
        plain = unzip.decompress(data, limit + 1)
    except zlib.error as error:
        raise ImportRefusedError("the gzip file is damaged: pack it again, or give the file as it is") from error
    if len(plain) > limit:
        raise ImportRefusedError(f"more than {limit} bytes once unpacked", limit=limit)
    if not unzip.eof:
        raise ImportRefusedError("the gzip file is cut short")
    if unzip.unused_data:
        raise ImportRefusedError("something follows the end of the gzip file")
    return plain
