"""What an opened file gives, as it crosses the pipe from who was allowed to read it. Knows no process."""

from typing import Any

import msgspec

from hpserver.base.planning import Planning
from hpserver.base.snapshot import decode_snapshot, encode_snapshot
from hpserver.errors import HPError
from hpserver.exports.format import Document, Revision
from hpserver.imports.result import Imported, Report, to_planning


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


_encoder = msgspec.msgpack.Encoder()
_decoder: msgspec.msgpack.Decoder[Opened | Refused] = msgspec.msgpack.Decoder(Opened | Refused)


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


def of_error(error: HPError) -> Refused:
    """Return a refusal as it travels."""
    return Refused(error.code, error.text, dict(error.details))


def encode(result: Opened | Refused) -> bytes:
    """Return a result as bytes."""
    return _encoder.encode(result)


def decode(raw: bytes) -> Opened:
    """Return the result in these bytes. Raises what was refused; msgspec.MsgspecError for other bytes."""
    result = _decoder.decode(raw)
    if isinstance(result, Refused):
        error = HPError.by_code.get(result.code, HPError)(result.text)
        error.details = {
            str(name): value for name, value in result.details.items() if isinstance(value, str | int)
        }  # fmt: skip
        raise error
    return result


def _told(one: Revision) -> Told:
    operation = bytes.fromhex(one.operation)
    return Told(one.revision, one.epoch, operation, one.at, one.user, one.format, bytes(one.body))
