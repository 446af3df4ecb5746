"""Documents in less bytes: zstd, gzip, or as they are; unpacked piece by piece, within limits."""

import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import IO, Final, Literal, Protocol, TypeAlias, cast

import zstandard

from hpserver.errors import ImportRefusedError
from hpserver.exports.format import MAX_CONTENT

Packing: TypeAlias = Literal["zstd", "gzip", "none"]

ZSTD_MAGIC: Final = b"\x28\xb5\x2f\xfd"
GZIP_MAGIC: Final = b"\x1f\x8b"
PIECE: Final = 256 << 10
"""Bytes unpacked at once."""

_LEVEL: Final = 1
"""Of zstd, measured on 60,000 activities: 0.1 s; level 6 takes 6 times longer for 6 % less."""
_GZIP_LEVEL: Final = 6
_GZIP: Final = 16 + zlib.MAX_WBITS
_MAX_WINDOW: Final = 8 << 20
"""Bytes zstd may keep while it decodes (RFC 8878 asks decoders for at least 8 MiB)."""


class Readable(Protocol):
    """What bytes are read from: a file, a pipe."""

    def read(self, size: int, /) -> bytes:
        """Return at most `size` bytes, none at the end."""


def pack(lines: Iterable[bytes], packing: Packing = "zstd") -> Iterator[bytes]:
    """Yield the bytes of a file that holds these lines."""
    if packing == "none":
        yield from lines
        return
    if packing == "gzip":
        packer = zlib.compressobj(_GZIP_LEVEL, zlib.DEFLATED, _GZIP)
        yield from _through(packer.compress, lines)
        yield packer.flush()
        return
    zstd = zstandard.ZstdCompressor(level=_LEVEL, write_checksum=True).compressobj()
    yield from _through(zstd.compress, lines)
    yield zstd.flush()


def unpack(file: Readable, limit: int = MAX_CONTENT) -> Iterator[bytes]:
    """Yield what a file holds, however it is packed, in pieces of at most `PIECE` bytes.

    Raises ImportRefusedError for damaged bytes, and past `limit` bytes.
    """
    start = file.read(PIECE)
    whole = _Rejoined(start, file)
    pieces = _pieces(whole)
    if start.startswith(ZSTD_MAGIC):
        pieces = _unzstd(whole)
    elif start.startswith(GZIP_MAGIC):
        pieces = _gunzip(whole)
    total = 0
    for piece in pieces:
        total += len(piece)
        if total > limit:
            raise ImportRefusedError(f"the file unpacks to more than {limit} bytes", line=0, column=0)
        yield piece


class _Rejoined:
    """A file whose first bytes were read already."""

    def __init__(self, start: bytes, rest: Readable) -> None:
        self._start, self._rest = start, rest

    def read(self, size: int, /) -> bytes:
        start, self._start = self._start[:size], self._start[size:]
        return start or self._rest.read(size)


def _through(compress: Callable[[bytes], bytes], lines: Iterable[bytes]) -> Iterator[bytes]:
    for line in lines:
        if packed := compress(line):
            yield packed


def _pieces(file: Readable) -> Iterator[bytes]:
    while piece := file.read(PIECE):
        yield piece


def _unzstd(file: Readable) -> Iterator[bytes]:
    decompressor = zstandard.ZstdDecompressor(max_window_size=_MAX_WINDOW)
    try:
        with decompressor.stream_reader(cast(IO[bytes], file), read_across_frames=True, closefd=False) as reader:
            while piece := reader.read(PIECE):
                yield piece
    except zstandard.ZstdError as error:
        raise _damaged("zstd", "its bytes were changed or cut") from error


def _gunzip(file: Readable) -> Iterator[bytes]:
    unpacker = zlib.decompressobj(_GZIP)
    try:
        while not unpacker.eof:
            packed = unpacker.unconsumed_tail or file.read(PIECE)
            if not packed:
                raise _damaged("gzip", "it ends too early")
            if piece := unpacker.decompress(packed, PIECE):
                yield piece
    except zlib.error as error:
        raise _damaged("gzip", "its bytes were changed or cut") from error
    if unpacker.unused_data or file.read(1):
        raise _damaged("gzip", "something follows its end")


def _damaged(packing: str, why: str) -> ImportRefusedError:
    return ImportRefusedError(f"the file is no sound {packing}: {why}", line=0, column=0)
