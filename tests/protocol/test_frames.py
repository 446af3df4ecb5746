"""Cutting a stream into bodies, whatever the reads and whatever the lengths announced."""

import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpserver.errors import FrameTooBigError
from hpserver.protocol.frames import FrameReader, frame

BODIES = [b"\x91\x01", b"x", b"y" * 300, b"\x00" * 4, b"z" * 70]
STREAM = b"".join(map(frame, BODIES))


def read(chunks: list[bytes], max_body: int = 4096) -> list[bytes]:
    """Return the bodies in these reads."""
    reader = FrameReader(max_body)
    return [body for chunk in chunks for body in reader.feed(chunk)]


def test_a_frame_is_a_length_and_a_body() -> None:
    """The bytes of the documentation: four of length, most significant first."""
    assert frame(b"abc") == b"\x00\x00\x00\x03abc"


def test_p01_every_split_in_two_gives_the_same_bodies() -> None:
    """Where the network cuts means nothing."""
    for cut in range(len(STREAM) + 1):
        assert read([STREAM[:cut], STREAM[cut:]]) == BODIES


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 7, 64, 4096])
def test_p01_pieces_of_any_size_give_the_same_bodies(size: int) -> None:
    """One byte at a time, or all frames in one segment."""
    assert read([STREAM[start : start + size] for start in range(0, len(STREAM), size)]) == BODIES


@given(st.lists(st.binary(min_size=1, max_size=200), max_size=12), st.data())
def test_p01_any_valid_stream_cut_anywhere_comes_out_whole(bodies: list[bytes], data: st.DataObject) -> None:
    """No frame is lost, doubled or joined to another, for any stream and any cuts."""
    stream = b"".join(map(frame, bodies))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=20)))
    reads = [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    assert read(reads) == bodies


@pytest.mark.parametrize("length", [0, 4097, 1 << 20, 16 << 20, (1 << 31) - 1, 1 << 31, (1 << 32) - 2, (1 << 32) - 1])
@pytest.mark.parametrize("size", [1, 4, 4096])
def test_p01_a_bad_length_is_refused_on_its_header_and_reserves_nothing(length: int, size: int) -> None:
    """Zero, too much, 4 GiB, and what a signed reader would take for a negative number."""
    data = frame(b"ok") + length.to_bytes(4, "big") + b"\x00" * 4096
    tracemalloc.start()
    try:
        with pytest.raises(FrameTooBigError):
            read([data[start : start + size] for start in range(0, len(data), size)])
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 1 << 20


def test_p01_a_header_alone_is_enough_to_refuse() -> None:
    """The server does not wait for the body of a frame it will refuse."""
    reader = FrameReader(10)
    with pytest.raises(FrameTooBigError):
        reader.feed(b"\x00\x00\x00\x0b")
    assert reader.buffered == 0


def test_the_limit_may_be_reached_and_not_passed() -> None:
    """A limit of n bytes allows n."""
    assert read([frame(b"x" * 10)], max_body=10) == [b"x" * 10]
    with pytest.raises(FrameTooBigError):
        read([frame(b"x" * 11)], max_body=10)


def test_the_limit_may_be_raised_between_two_frames() -> None:
    """Large frames are for who has logged in."""
    reader = FrameReader(10)
    assert reader.feed(frame(b"x")) == [b"x"]
    reader.max_body = 100
    assert reader.feed(frame(b"x" * 100)) == [b"x" * 100]


def test_never_more_than_one_frame_is_kept() -> None:
    """What waits between two reads is bounded by the limit."""
    reader = FrameReader(100)
    reader.feed(frame(b"a") * 50 + frame(b"b" * 100)[:-1])
    assert reader.buffered == 103
    assert reader.feed(b"b") == [b"b" * 100]
    assert reader.buffered == 0


def test_a_large_frame_in_single_bytes_costs_no_quadratic_copying() -> None:
    """A frame that drips in is appended to, never copied again for each piece."""
    reader = FrameReader(1 << 20)
    stream = frame(b"x" * 50_000)
    tracemalloc.start()
    try:
        for start in range(len(stream) - 1):
            reader.feed(stream[start : start + 1])
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 4 * len(stream)
    assert reader.feed(b"x") == [b"x" * 50_000]
