"""The lines of a document -> a base, line by line: every line is checked, what is not known is noted."""

import re
from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import Any, Final

import msgspec

from hpserver.base.grid import Grid, check
from hpserver.base.model import MAX_KEY, Row
from hpserver.base.planning import Planning
from hpserver.base.registry import KINDS, Kind
from hpserver.errors import HPError, ImportRefusedError
from hpserver.exports.faults import in_words
from hpserver.exports.format import (
    FORMAT,
    MAX_LINE,
    MAX_NESTING,
    MAX_OBJECTS,
    MAX_REVISIONS,
    MAX_STRANGE,
    VERSION,
    Document,
    Header,
    Object,
    Origin,
    Revision,
    Trailer,
)
from hpserver.imports.result import MAX_NOTES, Note

_BYTE: Final = re.compile(r"\(byte (\d+)\)")
_PATH: Final = re.compile(r"`\$\.(?:fields\.)?(\w+)")
_STRING: Final = re.compile(rb'"(?:[^"\\]|\\.)*"')
_OPERATION: Final = re.compile(r"[0-9a-f]{32}")
_HEADER_FIELDS: Final = {"line", *Header.__struct_fields__}
_FIELDS: Final = {
    str(kind.__struct_config__.tag): {"line", *kind.__struct_fields__} for kind in (Object, Origin, Revision, Trailer)
}

_LINES: Final[msgspec.json.Decoder[Object | Origin | Revision | Trailer]] = msgspec.json.Decoder(
    Object | Origin | Revision | Trailer
)
_HEADERS: Final = msgspec.json.Decoder(Header)
_TAGS: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])


def _row_decoder(kind: Kind) -> msgspec.json.Decoder[Any]:
    """Return the decoder of the fields of a kind by name: a field that is not there takes its default."""
    fields = [
        (field.name, field.type) if field.required else (field.name, field.type, field.default)
        for field in kind.fields()
    ]
    named = msgspec.defstruct(f"{kind.row.__name__}Fields", fields, kw_only=True, forbid_unknown_fields=True)
    return msgspec.json.Decoder(named)


_ROWS: Final = {kind.name: _row_decoder(kind) for kind in KINDS.values()}

_Tables = dict[str, dict[int, Row]]
_At = dict[tuple[str, int], int]


class Reader:
    """Takes the lines of one document in order, then says what it is.

    Every method raises ImportRefusedError with `line` and `column`, both from 1, 0 when there is none.
    """

    def __init__(self) -> None:
        self._number = self._strange = 0
        self._header: Header | None = None
        self._trailer: Trailer | None = None
        self._tables: tuple[_Tables, _Tables] = ({}, {})
        self._at: tuple[_At, _At] = ({}, {})
        self._revisions: list[Revision] = []
        self._seen = {"objects": 0, "origins": 0, "revisions": 0}
        self._counts: dict[str, int] = {}
        self._everything, self._objects = sha256(), sha256()
        self._notes: list[Note] = []
        self._unlisted: dict[str, int] = {}

    @property
    def number(self) -> int:
        """How many lines were taken."""
        return self._number

    def take(self, line: bytes) -> None:
        """Take the next line, with its line feed."""
        self._number += 1
        if self._trailer is not None:
            raise self._refused("something follows the trailer")
        if not line.endswith(b"\n"):
            raise self._refused("the file ends within a line: it was cut", len(line) + 1)
        self._check_nesting(line)
        if self._header is None:
            self._header = self._read_header(line)
            self._everything.update(line)
            return
        known = self._maybe_known(line)
        if isinstance(known, Trailer):
            self._trailer = self._checked(known)
            return
        self._everything.update(line)
        if isinstance(known, Revision):
            self._take_revision(known, line)
        elif known is not None:
            self._take_object(known, line)

    def document(self) -> Document:
        """Return what all the lines say."""
        if self._header is None:
            raise self._refused("the file is empty, or was cut")
        if self._trailer is None:
            raise ImportRefusedError(
                f"the file was cut: line {self._number} is its last, and no trailer", line=self._number + 1, column=1
            )
        header, trailer = self._header, self._trailer
        planning = self._planning(0, header.grid, header.next_keys)
        first = header.origin
        origin = None if first is None else self._planning(1, first.grid, first.next_keys)
        notes = tuple(self._notes)
        return Document(
            header, planning, origin, tuple(self._revisions), trailer.content, trailer.sha256, notes, self._unlisted
        )

    # --- lines ----------------------------------------------------------------------------------------------

    def _read_header(self, line: bytes) -> Header:
        try:
            named = _TAGS.decode(line)
            opening = {
                name: msgspec.json.decode(named[name]) for name in ("line", "format", "version") if name in named
            }
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise self._wrong(error, line) from error
        if opening.get("line") != "header" or opening.get("format") != FORMAT:
            raise self._refused(f"this is no document of a base: its first line is no header of {FORMAT!r}")
        version = opening.get("version")
        if type(version) is not int or not 1 <= version <= VERSION:
            raise self._refused(
                f"version {str(version)[:16]}: this program reads up to {VERSION}", _find(line, "version")
            )
        try:
            header = _HEADERS.decode(self._only(_HEADER_FIELDS, named))
            for grid in (header.grid, *([header.origin.grid] if header.origin is not None else [])):
                check(grid)
        except HPError as error:
            raise self._refused(f"the grid is not one: {error.text}", _find(line, "grid")) from error
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            raise self._wrong(error, line) from error
        self._check_numbers(header, line)
        return header

    def _check_numbers(self, header: Header, line: bytes) -> None:
        first = header.origin
        for kind, key in [*header.next_keys.items(), *(first.next_keys.items() if first is not None else ())]:
            if not 1 <= key <= MAX_KEY:
                raise self._refused(f"the next key of {kind[:32]} is {key}", _find(line, "next_keys"))
        if min(header.revision, header.epoch, first.revision if first is not None else 0) < 0:
            raise self._refused("a revision or an epoch is below 0", _find(line, "revision"))

    def _maybe_known(self, line: bytes) -> Object | Origin | Revision | Trailer | None:
        try:
            found = _LINES.decode(line)
        except msgspec.ValidationError as error:
            return self._maybe_newer(error, line)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise self._wrong(error, line) from error
        return found

    def _maybe_newer(self, error: Exception, line: bytes) -> Object | Origin | Revision | Trailer | None:
        """Read a line that has more than this program knows: note what, and leave it out."""
        try:
            named = _TAGS.decode(line)
            tag = str(msgspec.json.decode(named["line"]))
            if tag in _FIELDS:
                return _LINES.decode(self._only(_FIELDS[tag], named))
        except KeyError:
            raise self._refused("the line does not say what it is") from None
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as other:
            raise self._wrong(other, line) from error
        if tag == "header":
            raise self._refused("a second header") from error
        self._strange += 1
        if self._strange > MAX_STRANGE:
            raise self._refused(f"more than {MAX_STRANGE} lines of a kind that is not known")
        self._note("unknown line", tag)
        return None

    def _only(self, known: set[str], named: dict[str, msgspec.Raw], of: str = "") -> bytes:
        """Return the JSON of the known names; the others are noted."""
        for name in sorted(named.keys() - known):
            self._note("unknown field", f"{of}{name}")
        return msgspec.json.encode({name: value for name, value in named.items() if name in known})

    def _take_object(self, found: Object | Origin, line: bytes) -> None:
        which = int(isinstance(found, Origin))
        self._count("origins" if which else "objects", MAX_OBJECTS)
        assert self._header is not None
        if which and self._header.origin is None:
            raise self._refused("an origin, and the header has none")
        if not which:
            self._objects.update(line)
            self._counts[found.kind] = self._counts.get(found.kind, 0) + 1
        kind = KINDS.get(found.kind)
        if kind is None:
            self._note("unknown kind", found.kind)
            return
        if not 1 <= found.key <= MAX_KEY:
            raise self._refused(f"the key {found.key}", _find(line, "key"))
        table = self._tables[which].setdefault(kind.name, {})
        if found.key in table:
            raise self._refused(f"{kind.name} {found.key} is there twice")
        table[found.key] = self._row(kind, found.fields, line)
        self._at[which][kind.name, found.key] = self._number

    def _row(self, kind: Kind, raw: msgspec.Raw, line: bytes) -> Row:
        try:
            named = _ROWS[kind.name].decode(raw)
        except msgspec.ValidationError as error:
            if "unknown field" not in str(error):
                raise self._wrong(error, line) from error
            named = self._known_fields(kind, raw, line)
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            raise self._wrong(error, line) from error
        return kind.row(*(getattr(named, name) for name in kind.row.__struct_fields__))

    def _known_fields(self, kind: Kind, raw: msgspec.Raw, line: bytes) -> Any:
        try:
            known = self._only(set(kind.by_name), _TAGS.decode(raw), f"{kind.name}.")
            return _ROWS[kind.name].decode(known)
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            raise self._wrong(error, line) from error

    def _take_revision(self, found: Revision, line: bytes) -> None:
        self._count("revisions", MAX_REVISIONS)
        assert self._header is not None
        first = self._header.origin
        expected = (first.revision if first is not None else 0) + len(self._revisions) + 1
        if first is None or found.revision != expected:
            raise self._refused(f"revision {found.revision} where {expected} must follow", _find(line, "revision"))
        last = self._revisions[-1].epoch if self._revisions else 0
        if not last <= found.epoch <= self._header.epoch:
            raise self._refused(f"epoch {found.epoch} after {last}", _find(line, "epoch"))
        if _OPERATION.fullmatch(found.operation) is None:
            raise self._refused("an operation has 32 hexadecimal digits", _find(line, "operation"))
        if found.at < 0 or found.format < 1:
            raise self._refused("a moment or a format that cannot be", _find(line, "at"))
        self._revisions.append(found)

    def _count(self, sort: str, limit: int) -> None:
        self._seen[sort] += 1
        if self._seen[sort] > limit:
            raise self._refused(f"more than {limit} {sort}")

    def _checked(self, trailer: Trailer) -> Trailer:
        assert self._header is not None
        for sort, seen in self._seen.items():
            told = getattr(trailer, sort)
            if told != seen:
                raise self._refused(f"{seen} {sort} came, the trailer counts {told}")
        if self._counts != {kind: count for kind, count in self._header.counts.items() if count}:
            raise self._refused("the objects are not those that the header counts")
        first = self._header.origin
        if first is not None and (last := first.revision + len(self._revisions)) != self._header.revision:
            raise self._refused(f"the history ends at revision {last}, the base is at {self._header.revision}")
        if trailer.sha256 != self._everything.hexdigest() or trailer.content != self._objects.hexdigest():
            raise self._refused("the file is not as it was written: its hash is another one")
        return trailer

    # --- the whole ------------------------------------------------------------------------------------------

    def _planning(self, which: int, grid: Grid, next_keys: dict[str, int]) -> Planning:
        known = {kind: key for kind, key in next_keys.items() if kind in KINDS}
        try:
            return Planning.load(grid, self._tables[which], known)
        except HPError as error:
            details = error.__cause__.details if isinstance(error.__cause__, HPError) else error.details
            idents = [(str(details.get(f"{by}kind", "")), int(details.get(f"{by}key", 0))) for by in ("by_", "")]
            at = next((self._at[which][ident] for ident in idents if ident in self._at[which]), self._number)
            raise ImportRefusedError(f"line {at}, column 1: {error.text}", line=at, column=1) from error

    def _check_nesting(self, line: bytes) -> None:
        """Refuse what is nested deeper than any document is, before anything follows it down."""
        if len(line) > MAX_LINE:
            raise self._refused(f"a line of more than {MAX_LINE} bytes", MAX_LINE)
        if line.count(b"[") + line.count(b"{") <= MAX_NESTING:
            return
        depth = 0
        for mark in _STRING.sub(lambda found: b" " * len(found[0]), line):
            depth += (mark in b"[{") - (mark in b"]}")
            if depth > MAX_NESTING:
                raise self._refused(f"values nested more than {MAX_NESTING} times")

    # --- what is said ---------------------------------------------------------------------------------------

    def _note(self, what: str, detail: str) -> None:
        if len(self._notes) < MAX_NOTES:
            self._notes.append(Note(self._number, what, detail[:64]))
        else:
            self._unlisted[what] = self._unlisted.get(what, 0) + 1

    def _refused(self, why: str, column: int = 1) -> ImportRefusedError:
        number = max(self._number, 1)
        return ImportRefusedError(f"line {number}, column {column}: {why}", line=number, column=column)

    def _wrong(self, error: Exception, line: bytes) -> ImportRefusedError:
        if isinstance(error, RecursionError):
            return self._refused("values nested too deep")
        if isinstance(error, UnicodeDecodeError):
            return self._refused("the text is no UTF-8", error.start + 1)
        text = str(error)
        if byte := _BYTE.search(text):
            return self._refused(in_words(text), min(int(byte[1]), len(line)) + 1)
        path = _PATH.search(text)
        return self._refused(in_words(text), _find(line, path[1]) if path else 1)


def read(pieces: Iterable[bytes]) -> Document:
    """Return what a document says. Raises ImportRefusedError with `line` and `column`; nothing else."""
    reader = Reader()
    try:
        for line in split(pieces):
            reader.take(line)
    except ImportRefusedError as error:
        if error.details.get("line"):
            raise
        raise ImportRefusedError(error.text, line=reader.number + 1, column=1) from error  # the packing is at fault
    return reader.document()


def split(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield lines with their line feeds, whatever pieces they come in; the last may have none.

    Raises ImportRefusedError for a line that does not end: never more than one is kept.
    """
    rest: list[bytes] = []
    kept = number = 0
    for piece in pieces:
        *whole, last = piece.split(b"\n")
        for part in whole:
            number += 1
            yield b"".join([*rest, part, b"\n"])
            rest, kept = [], 0
        if last:
            rest.append(last)
            kept += len(last)
        if kept > MAX_LINE:
            where = {"line": number + 1, "column": MAX_LINE}
            raise ImportRefusedError(f"line {number + 1}, column {MAX_LINE}: more than {MAX_LINE} bytes", **where)
    if rest:
        yield b"".join(rest)


def _find(line: bytes, name: str) -> int:
    """Return the column where a name stands in a line, 1 when it does not."""
    return max(line.find(b'"' + name.encode() + b'"'), 0) + 1
