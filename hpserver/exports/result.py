"""What an opened file gives, as it crosses the pipe from who was allowed to read it. Knows no process."""

from typing import Annotated, Any, TypeAlias

import msgspec

from hpserver.base.planning import Planning
from hpserver.base.snapshot import decode_snapshot, encode_snapshot
from hpserver.errors import HPError
from hpserver.exports.format import Document, Revision
from hpserver.imports.result import Imported, Report, to_planning
from hpserver.imports.table import MAX_CELL, MAX_COLUMNS, MAX_ROWS, Table, TableRow

Cells: TypeAlias = Annotated[
    tuple[Annotated[str, msgspec.Meta(max_length=MAX_CELL)], ...], msgspec.Meta(max_length=MAX_COLUMNS)
]
Line: TypeAlias = tuple[Annotated[int, msgspec.Meta(ge=1, le=1 << 31)], Cells]
"""A row: where it stands in the file, and what is in it."""


class Told(msgspec.Struct, frozen=True, array_like=True):
    """One transaction of a history: as `Revision`, with `operation` and the JSON of `body` as bytes."""

    revision: int
    epoch: int
    operation: bytes
    at: int
    user: str
    format: int
    body: bytes


class Opened(msgspec.Struct, frozen=True, array_like=True, tag=True):
    """A file that was read whole and checked.

    `snapshot` and `origin` are bytes of `encode_snapshot`; `origin` is empty when no history is told. `base`,
    `revision`, `epoch` and `created_at` are what the file says of itself, `content` the hash of its objects.
    """

    snapshot: bytes
    report: Report
    base: str = ""
    revision: int = 0
    epoch: int = 0
    created_at: str = ""
    content: str = ""
    origin: bytes = b""
    origin_revision: int = 0
    revisions: tuple[Told, ...] = ()

    def planning(self) -> Planning:
        """The base as it is, every rule checked again. Raises CorruptBaseError."""
        return decode_snapshot(self.snapshot)


class Refused(msgspec.Struct, frozen=True, array_like=True, tag=True):
    """Why a file was not read: an error of the house, by its code."""

    code: int
    text: str
    details: dict[str, Any]

    def error(self) -> HPError:
        """The refusal, to be raised."""
        error = HPError.by_code.get(self.code, HPError)(self.text)
        error.details = {str(name): value for name, value in self.details.items() if isinstance(value, str | int)}
        return error


class Rows(msgspec.Struct, frozen=True, array_like=True, tag=True):
    """A table that was read: as `Table`, each row its line and its cells."""

    form: Annotated[str, msgspec.Meta(max_length=8)]
    rows: Annotated[tuple[Line, ...], msgspec.Meta(max_length=MAX_ROWS)]

    def table(self) -> Table:
        """The table, within the bounds of one."""
        return Table(self.form, tuple(TableRow(line, cells) for line, cells in self.rows))


class Answer(msgspec.Struct, frozen=True, array_like=True):
    """What a file gave, and which of the walls that a kernel may lack were up around who read it."""

    result: Opened | Rows | Refused
    walls: tuple[str, ...] = ()


_encoder = msgspec.msgpack.Encoder()
_decoder: msgspec.msgpack.Decoder[Answer] = msgspec.msgpack.Decoder(Answer)


def of_document(document: Document) -> Opened:
    """Return what a document gives."""
    header, first, origin = document.header, document.header.origin, document.origin
    counts = {kind: count for kind, count in document.planning.counts().items() if count}
    return Opened(
        snapshot=encode_snapshot(document.planning),
        report=Report("hpx", header.base, counts, document.notes, document.unlisted),
        base=header.base,
        revision=header.revision,
        epoch=header.epoch,
        created_at=header.created_at,
        content=document.content,
        origin=b"" if origin is None else encode_snapshot(origin),
        origin_revision=0 if first is None else first.revision,
        revisions=tuple(map(_told, document.revisions)),
    )


def of_import(imported: Imported) -> Opened:
    """Return what the file of another program gives."""
    return Opened(encode_snapshot(to_planning(imported)), imported.report)


def of_table(table: Table) -> Rows:
    """Return what a table gives."""
    return Rows(table.form, tuple((row.line, row.cells) for row in table.rows))


def of_error(error: HPError) -> Refused:
    """Return a refusal as it travels."""
    return Refused(error.code, error.text, dict(error.details))


def encode(result: Opened | Rows | Refused, walls: tuple[str, ...] = ()) -> bytes:
    """Return a result as bytes."""
    return _encoder.encode(Answer(result, walls))


def decode(raw: bytes) -> Answer:
    """Return the result in these bytes, a refusal included. Raises msgspec.MsgspecError for other bytes."""
    return _decoder.decode(raw)


def _told(one: Revision) -> Told:
    operation = bytes.fromhex(one.operation)
    return Told(one.revision, one.epoch, operation, one.at, one.user, one.format, bytes(one.body))
