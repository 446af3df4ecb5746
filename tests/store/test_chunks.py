"""Chunks of old rows: there and back, and nothing altered is believed."""

import pytest

from hpserver.errors import CorruptBaseError
from hpserver.store import chain
from hpserver.store.api import JournalRow
from hpserver.store.chunks import pack, unpack

FIRST = b"f" * 32
ROWS = chain.chained(
    FIRST, 4, 2, [JournalRow(n, 2, n.to_bytes(16), -n, "Élodie", 1, b'{"n":%d}' % n) for n in range(5, 9)]
)


def test_a_chunk_gives_its_rows_back_with_their_digests() -> None:
    """Nothing is lost by packing."""
    assert unpack(pack(ROWS), 5, FIRST, ROWS[-1].digest) == ROWS


@pytest.mark.parametrize("wrong", [b"", b"no zstd", pack(ROWS)[:-3], pack(ROWS[:-1]), pack(ROWS[1:]), pack([])])
def test_a_chunk_that_is_not_as_it_was_written_is_noticed(wrong: bytes) -> None:
    """Cut, shortened, begun too late or empty."""
    with pytest.raises(CorruptBaseError):
        unpack(wrong, 5, FIRST, ROWS[-1].digest)


def test_every_flipped_bit_of_a_chunk_is_noticed() -> None:
    """The chain vouches for packed rows as for plain ones."""
    good = pack(ROWS)
    for at in range(len(good) * 8):
        bad = bytearray(good)
        bad[at // 8] ^= 1 << at % 8
        try:
            assert unpack(bytes(bad), 5, FIRST, ROWS[-1].digest) == ROWS  # a bit that means nothing in zstd
        except CorruptBaseError:
            continue
