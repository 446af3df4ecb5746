"""Old rows of a journal, many at a time, in zstd. Pure: rows in, bytes out; the chain tells whether they are right.

A chunk is a MessagePack array of rows `[revision, epoch, operation, at, user, format, body]`, in order and without a
gap. The digests of its rows are not kept: they are computed again from the one before the chunk.
"""

from collections.abc import Sequence
from typing import Final

import msgspec
import zstandard

from hpserver.errors import CorruptBaseError
from hpserver.store import chain
from hpserver.store.api import JournalRow

CHUNK_ROWS: Final = 512
"""Rows of a chunk: enough for zstd to find what they share, and one is still read in a few milliseconds."""

CHUNK_BYTES: Final = 512 << 10
"""Bytes of bodies past which a chunk ends with fewer rows: an edit waits about 25 ms for one (measured)."""

LEVEL: Final = 9
"""Of zstd: beyond, time doubles for a few per cent."""

MAX_CHUNK_BYTES: Final = 1 << 30
"""Bytes of a chunk unpacked: 512 rows of the largest transaction a client may send, doubled for before and after."""

_Packed = tuple[int, int, bytes, int, str, int, bytes]

_encoder: Final = msgspec.msgpack.Encoder()
_decoder: Final = msgspec.msgpack.Decoder(list[_Packed])


def pack(rows: Sequence[JournalRow]) -> bytes:
    """The bytes of some rows in order."""
    plain = [(row.revision, row.epoch, row.operation, row.at, row.user, row.format, row.body) for row in rows]
    return zstandard.ZstdCompressor(level=LEVEL).compress(_encoder.encode(plain))


def unpack(body: bytes, first: int, before: bytes, digest: bytes) -> list[JournalRow]:
    """The rows of a chunk that begins at revision `first`, where the chain has `before`, and ends with `digest`.

    Raises CorruptBaseError when they are not as they were written.
    """
    try:
        plain = zstandard.ZstdDecompressor().decompress(body, max_output_size=MAX_CHUNK_BYTES)
        packed = _decoder.decode(plain)
    except (zstandard.ZstdError, msgspec.MsgspecError, ValueError, MemoryError) as error:
        raise CorruptBaseError(f"the rows from {first} on cannot be read: {error}", revision=first) from error
    rows = []
    for expected, values in enumerate(packed, start=first):
        row = JournalRow(*values)
        before = chain.follow(before, row)
        if row.revision != expected:
            raise CorruptBaseError(f"revision {expected} is missing from the journal", revision=expected)
        rows.append(msgspec.structs.replace(row, digest=before))
    if not rows or before != digest:
        raise CorruptBaseError(f"the rows from {first} on are not as they were written", revision=first)
    return rows
