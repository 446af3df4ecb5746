"""Long answers in pieces: whole, as announced, and never larger than announced."""

import hashlib
import tracemalloc

import msgspec
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from hpserver.errors import MalformedMessageError
from hpserver.protocol.limits import CHUNK_BYTES, MAX_TRANSFER
from hpserver.protocol.messages import Chunk, TransferStarted
from hpserver.protocol.transfers import KEPT_PAYLOADS, Packer, TransferReceiver, chunks, start


def announce(data: bytes, raw: bytes, **fields: object) -> TransferStarted:
    """Return the announcement of `data` that decodes to `raw`, except for these fields."""
    true = TransferStarted(1, len(data), len(raw), "zstd", hashlib.sha256(raw).digest(), 1, 1)
    return msgspec.structs.replace(true, **fields)


def received(started: TransferStarted, data: bytes) -> bytes:
    """Return what a receiver makes of these bytes."""
    receiver = TransferReceiver(started)
    for chunk in chunks(1, data):
        receiver.add(chunk)
    assert receiver.is_whole
    return receiver.result()


@given(st.binary(max_size=5000), st.integers(1, 200), st.booleans())
def test_what_is_sent_is_received(seed: bytes, times: int, may_compress: bool) -> None:
    """Whatever the bytes, however well they compress."""
    raw = seed * times
    started, data = start(1, raw, epoch=2, revision=3, may_compress=may_compress)
    assert received(started, data) == raw
    assert (started.epoch, started.revision, started.size) == (2, 3, len(data))


def test_it_is_compressed_when_that_helps_and_was_agreed() -> None:
    """Small transfers, random ones and those of a peer without zstd go as they are."""
    text = b" ".join(b"%d" % number for number in range(2000))
    assert start(1, text, epoch=1, revision=1, may_compress=True)[0].encoding == "zstd"
    assert start(1, text, epoch=1, revision=1, may_compress=False)[0].encoding == ""
    assert start(1, text[:1024], epoch=1, revision=1, may_compress=True)[0].encoding == ""
    noise = hashlib.shake_128(b"noise").digest(5000)
    assert start(1, noise, epoch=1, revision=1, may_compress=True)[0].encoding == ""
    assert start(1, bytes(100_000), epoch=1, revision=1, may_compress=True)[0].encoding == ""  # a bomb to any reader


def test_no_more_than_the_limit_is_sent() -> None:
    """The sender keeps the rule the receiver checks."""
    with pytest.raises(ValueError, match="at most"):
        start(1, bytearray(MAX_TRANSFER + 1), epoch=1, revision=1, may_compress=False)  # type: ignore[arg-type] # only its length is read


def test_progress_is_told_chunk_by_chunk() -> None:
    """A person sees how far it is."""
    raw = bytes(CHUNK_BYTES + 10)
    started, data = start(1, raw, epoch=1, revision=1, may_compress=False)
    receiver = TransferReceiver(started)
    seen = [(receiver.add(chunk), round(receiver.progress, 3)) for chunk in chunks(1, data)]
    assert seen == [(False, 1.0), (True, 1.0)]
    assert TransferReceiver(start(1, b"", epoch=1, revision=1, may_compress=False)[0]).progress == 1.0


@pytest.mark.parametrize(
    "fields",
    [
        {"size": -1},
        {"size": MAX_TRANSFER + 1},
        {"raw_size": -1},
        {"raw_size": MAX_TRANSFER + 1, "size": MAX_TRANSFER},
        {"raw_size": 51, "size": 1},
        {"encoding": "gzip"},
        {"sha256": b"short"},
    ],
)
def test_an_announcement_is_judged_before_a_byte_is_kept(fields: dict[str, object]) -> None:
    """Too big, growing too much, unknown or unchecked: refused at once."""
    with pytest.raises(MalformedMessageError):
        TransferReceiver(announce(b"x" * 100, b"x" * 100, **fields))


def test_a_bomb_decodes_to_one_byte_more_than_announced_and_no_further() -> None:
    """What the compressed data says of itself is not believed: 64 MiB in 2 KiB take no memory here."""
    bomb = zstandard.ZstdCompressor().compress(bytes(64 << 20))
    started = announce(bomb, bytes(len(bomb) * 50))
    tracemalloc.start()
    try:
        with pytest.raises(MalformedMessageError):
            received(started, bomb)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 4 << 20


def test_bytes_that_are_not_as_announced_are_refused() -> None:
    """Another digest, another size, or no zstd at all."""
    raw = b"timetable " * 20
    packed = zstandard.ZstdCompressor().compress(raw)
    for started in (
        announce(packed, raw, sha256=bytes(32)),
        announce(packed, raw, raw_size=len(raw) - 1),
        announce(packed, raw, raw_size=len(raw) + 1),
    ):
        with pytest.raises(MalformedMessageError):
            received(started, packed)
    with pytest.raises(MalformedMessageError):
        received(announce(b"x" * 50, raw), b"x" * 50)
    with pytest.raises(MalformedMessageError):
        received(announce(packed[:-5], raw), packed[:-5])


def test_a_chunk_out_of_place_is_refused() -> None:
    """No gap, no repetition, nothing past the end."""
    started, data = start(1, b"x" * 10, epoch=1, revision=1, may_compress=False)
    (chunk,) = chunks(1, data)
    receiver = TransferReceiver(started)
    for wrong in ({"offset": 1}, {"data": b""}, {"data": b"x" * 11}):
        with pytest.raises(MalformedMessageError):
            receiver.add(msgspec.structs.replace(chunk, **wrong))
    receiver.add(chunk)
    with pytest.raises(MalformedMessageError):
        receiver.add(chunk)


def test_what_many_ask_for_is_packed_once() -> None:
    """Each gets the transfer under the id of its own request; another revision is packed anew."""
    packer = Packer()
    raw = bytes(range(256)) * 40

    received = []
    for request in (3, 4):
        first, *rest = packer.messages(request, raw, epoch=1, revision=7, may_compress=True)
        assert isinstance(first, TransferStarted)
        receiver = TransferReceiver(first)
        for chunk in rest:
            assert isinstance(chunk, Chunk)
            assert chunk.id == request
            receiver.add(chunk)
        received.append(receiver.result())
    newer, *_ = packer.messages(5, raw + b"x", epoch=1, revision=8, may_compress=True)

    assert received == [raw, raw]
    assert isinstance(newer, TransferStarted)
    assert newer.raw_size == len(raw) + 1


def whole_of(packer: Packer, raw: bytes) -> bytes:
    """Return what a receiver gets of a payload at one and the same revision."""
    first, *rest = packer.messages(1, raw, epoch=1, revision=7, may_compress=True)
    assert isinstance(first, TransferStarted)
    receiver = TransferReceiver(first)
    for chunk in rest:
        assert isinstance(chunk, Chunk)
        receiver.add(chunk)
    return receiver.result()


def test_r01_other_bytes_of_the_same_revision_are_never_mixed_up() -> None:
    """Who sees a part of a base gets that part, whoever asked before, and however many parts there are."""
    packer = Packer()
    payloads = [bytes([number]) * 3000 for number in range(8)]
    for raw in (*payloads, *payloads[::-1], *payloads):
        assert whole_of(packer, raw) == raw
    assert len(packer._packed) <= KEPT_PAYLOADS
