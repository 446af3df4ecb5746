"""Documents packed and unpacked: nothing changes, and a bomb goes off nowhere."""

import gzip
import io
from collections.abc import Iterator
from typing import get_args

import pytest
import zstandard

from hpserver.errors import ImportRefusedError
from hpserver.exports.packing import PIECE, Packing, pack, unpack

LINES = [b'{"line":%d}\n' % number for number in range(50_000)]


def opened(raw: bytes) -> bytes:
    """Unpack everything."""
    return b"".join(unpack(io.BytesIO(raw)))


@pytest.mark.parametrize("packing", get_args(Packing))
def test_what_was_packed_is_unpacked(packing: Packing) -> None:
    """Every packing gives the lines back, and none is larger than they are."""
    packed = b"".join(pack(LINES, packing))
    assert opened(packed) == b"".join(LINES)
    assert len(packed) <= len(b"".join(LINES))


def test_gzip_is_what_everybody_reads() -> None:
    """A document can be opened with tools of any age."""
    assert gzip.decompress(b"".join(pack(LINES, "gzip"))) == b"".join(LINES)


def test_nothing_is_nothing() -> None:
    """An empty file is no packing at all."""
    assert opened(b"") == b""


@pytest.mark.parametrize("bomb", [gzip.compress, zstandard.compress], ids=["gzip", "zstd"])
def test_s05_a_bomb_is_stopped_at_the_limit(bomb: "type[bytes]") -> None:
    """A small file that would fill the memory is refused, piece by piece."""
    pieces = unpack(io.BytesIO(bomb(bytes(50 << 20))), limit=1 << 20)
    seen = 0
    with pytest.raises(ImportRefusedError, match="more than 1048576 bytes"):
        seen += sum(map(len, at_most(pieces)))
    assert seen <= 1 << 20


def at_most(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Pass pieces on, checking that none is large."""
    for piece in pieces:
        assert len(piece) <= PIECE
        yield piece


@pytest.mark.parametrize("packing", ["gzip", "zstd"])
def test_s05_damaged_packing_is_refused_in_words(packing: Packing) -> None:
    """Cut, flipped or followed by something: a sentence, never a traceback."""
    packed = b"".join(pack(LINES, packing))
    flipped = bytearray(packed)
    flipped[len(packed) // 2] ^= 0x55
    for raw in (bytes(flipped), packed + b"more", packed[:20] + packed[40:]):
        with pytest.raises(ImportRefusedError, match=f"no sound {packing}"):
            opened(raw)
    with pytest.raises(ImportRefusedError, match="ends too early"):
        opened(b"".join(pack(LINES, "gzip"))[:-100])
