"""Long answers, in pieces: cut, put together, checked. Knows sizes, digests and zstd; no socket, no base."""

import hashlib
from collections.abc import Iterator
from itertools import chain
from typing import Final

import msgspec
import zstandard

from hpserver.errors import MalformedMessageError
from hpserver.protocol.limits import CHUNK_BYTES, COMPRESS_ABOVE, MAX_EXPANSION, MAX_TRANSFER
from hpserver.protocol.messages import Chunk, TransferStarted

ZSTD: Final = "zstd"

_LEVEL: Final = 1
"""Measured on snapshots: level 3 takes 4 times longer for a tenth less."""

_DIGEST_BYTES: Final = 32
_MAX_WINDOW: Final = 8 << 20
"""Bytes zstd may keep while it decodes (RFC 8878 asks decoders for at least 8 MiB)."""


def start(request: int, raw: bytes, *, epoch: int, revision: int, may_compress: bool) -> tuple[TransferStarted, bytes]:
    """Return the announcement of `raw` and the bytes to cut into chunks.

    Compressed only above `COMPRESS_ABOVE` bytes, when that is shorter, and when no reader would take it for a bomb.
    Raises ValueError above `MAX_TRANSFER`.
    """
    if len(raw) > MAX_TRANSFER:
        raise ValueError(f"{len(raw)} bytes to transfer, at most {MAX_TRANSFER}")
    data, encoding = raw, ""
    if may_compress and len(raw) > COMPRESS_ABOVE:
        packed = zstandard.ZstdCompressor(level=_LEVEL).compress(raw)
        if len(packed) < len(raw) <= len(packed) * MAX_EXPANSION:
            data, encoding = packed, ZSTD
    digest = hashlib.sha256(raw).digest()
    return TransferStarted(request, len(data), len(raw), encoding, digest, epoch, revision), data


def chunks(request: int, data: bytes) -> Iterator[Chunk]:
    """Cut the bytes of a transfer; nothing comes from none."""
    for offset in range(0, len(data), CHUNK_BYTES):
        yield Chunk(request, offset, data[offset : offset + CHUNK_BYTES])


KEPT_PAYLOADS: Final = 4
"""Packed payloads that are kept: that of who sees all, and of the profiles most in use."""


class Packer:
    """Prepares the same bytes for many: compressed once, and once more for those who cannot read that.

    The last `KEPT_PAYLOADS` are kept. They are told apart by the bytes themselves, the very object: readers with other
    rights get other bytes of the same revision.
    """

    def __init__(self) -> None:
        self._packed: dict[tuple[int, bool], tuple[bytes, TransferStarted, bytes]] = {}

    def messages(
        self, request: int, raw: bytes, *, epoch: int, revision: int, may_compress: bool
    ) -> Iterator[TransferStarted | Chunk]:
        """Return every message of the transfer that answers `request`. Raises ValueError above `MAX_TRANSFER`."""
        key = id(raw), may_compress  # kept with the payload, so that no other object can have its number
        kept = self._packed.pop(key, None)
        if kept is None or (kept[1].epoch, kept[1].revision) != (epoch, revision):
            kept = (raw, *start(request, raw, epoch=epoch, revision=revision, may_compress=may_compress))
            if len(self._packed) >= KEPT_PAYLOADS:
                del self._packed[next(iter(self._packed))]
        self._packed[key] = kept
        return chain([msgspec.structs.replace(kept[1], id=request)], chunks(request, kept[2]))


class TransferReceiver:
    """Puts the chunks of one transfer together. To give up, drop it and say Cancel."""

    def __init__(self, started: TransferStarted) -> None:
        """Check the announcement. Raises MalformedMessageError: too big, a bomb, or an unknown encoding."""
        _check(started)
        self.started = started
        self.received = 0
        self._parts: list[bytes] = []

    @property
    def is_whole(self) -> bool:
        """Whether the last byte has come."""
        return self.received == self.started.size

    @property
    def progress(self) -> float:
        """How far it is, from 0 to 1."""
        return self.received / self.started.size if self.started.size else 1.0

    def add(self, chunk: Chunk) -> bool:
        """Keep a chunk. Return whether it was the last. Raises MalformedMessageError when it is out of place."""
        if chunk.offset != self.received or not 0 < len(chunk.data) <= self.started.size - self.received:
            raise MalformedMessageError(f"a chunk at {chunk.offset}, when {self.received} bytes are there")
        self._parts.append(chunk.data)
        self.received += len(chunk.data)
        return self.is_whole

    def result(self) -> bytes:
        """Return the decoded bytes, as announced. Raises MalformedMessageError when they are not."""
        data = b"".join(self._parts)
        raw = _unpacked(data, self.started.raw_size) if self.started.encoding == ZSTD else data
        if len(raw) != self.started.raw_size:
            raise MalformedMessageError(f"{len(raw)} bytes came, {self.started.raw_size} were announced")
        if hashlib.sha256(raw).digest() != self.started.sha256:
            raise MalformedMessageError("the bytes of the transfer do not have the announced digest")
        return raw


def _check(started: TransferStarted) -> None:
    if not 0 <= started.size <= MAX_TRANSFER or not 0 <= started.raw_size <= MAX_TRANSFER:
        raise MalformedMessageError(f"a transfer of {started.size} bytes, at most {MAX_TRANSFER}")
    if started.raw_size > started.size * MAX_EXPANSION:
        raise MalformedMessageError(f"a transfer that grows more than {MAX_EXPANSION} times")
    if started.encoding not in {"", ZSTD}:
        raise MalformedMessageError(f"unknown encoding {started.encoding[:16]!r}")
    if len(started.sha256) != _DIGEST_BYTES:
        raise MalformedMessageError("a digest of SHA-256 has 32 bytes")


def _unpacked(data: bytes, size: int) -> bytes:
    """Return at most `size` + 1 decoded bytes, whatever the data says of itself."""
    decompressor = zstandard.ZstdDecompressor(max_window_size=_MAX_WINDOW)
    try:
        with decompressor.stream_reader(data) as reader:
            return reader.read(size + 1)
    except zstandard.ZstdError as error:
        raise MalformedMessageError(f"not zstd: {error}") from None
