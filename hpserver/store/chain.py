"""The hash chain of a base: every digest vouches for all rows before it. Pure; shared by all backends."""

import struct
from collections.abc import Iterable
from hashlib import sha256

import msgspec

from hpserver.errors import CorruptBaseError
from hpserver.store.api import OPERATION_BYTES, JournalRow

_ROW = struct.Struct(">QQqIIQ16s")
"""revision, epoch, at, format, bytes of user, bytes of body, operation; then user and body follow."""

_SEAL = struct.Struct(">QQ")
"""revision, epoch of a snapshot."""


_EPOCH = struct.Struct(">Q")


def genesis(name: str, snapshot: bytes) -> bytes:
    """Start the chain of a base: its name and its first snapshot."""
    return sha256(b"hpserver base 1\0" + sha256(name.encode()).digest() + sha256(snapshot).digest()).digest()


def follow(previous: bytes, row: JournalRow) -> bytes:
    """Compute the digest of `row` after a row with the digest `previous`; `row.digest` is not looked at."""
    user = row.user.encode()
    head = _ROW.pack(row.revision, row.epoch, row.at, row.format, len(user), len(row.body), row.operation)
    return sha256(previous + head + user + row.body).digest()


def seal(digest: bytes, revision: int, epoch: int, snapshot: bytes) -> bytes:
    """Compute the seal of a snapshot, taken where the chain has `digest`."""
    return sha256(digest + _SEAL.pack(revision, epoch) + sha256(snapshot).digest()).digest()


def epoch_seal(first: bytes, epoch: int) -> bytes:
    """Compute the seal of an epoch: a damaged one that went back would let a fenced owner write again."""
    return sha256(first + _EPOCH.pack(epoch)).digest()


def chained(previous: bytes, revision: int, epoch: int, rows: Iterable[JournalRow]) -> list[JournalRow]:
    """Fill the digests of new `rows` that follow `revision`.

    Raises:
        ValueError: a row has another revision or epoch than it must, or no 16-byte operation.
    """
    result = []
    for expected, row in enumerate(rows, start=revision + 1):
        if (row.revision, row.epoch) != (expected, epoch):
            raise ValueError(f"row {row.revision} of epoch {row.epoch} where {expected} of epoch {epoch} must follow")
        if len(row.operation) != OPERATION_BYTES:
            raise ValueError(f"an operation id has {OPERATION_BYTES} bytes, not {len(row.operation)}")
        previous = follow(previous, row)
        result.append(msgspec.structs.replace(row, digest=previous))
    return result


def verify(previous: bytes, revision: int, rows: Iterable[JournalRow]) -> bytes:
    """Check that `rows` follow `revision` without a gap and bear the right digests; the last digest.

    Raises:
        CorruptBaseError: a row is missing or is not as it was written.
    """
    for expected, row in enumerate(rows, start=revision + 1):
        if row.revision != expected:
            raise CorruptBaseError(f"revision {expected} is missing from the journal", revision=expected)
        previous = follow(previous, row)
        if row.digest != previous:
            raise CorruptBaseError(f"revision {expected} is not as it was written", revision=expected)
    return previous
