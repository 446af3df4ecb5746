"""The server name of a connection, read without taking a byte."""

import asyncio
import contextlib
import socket
import ssl
import struct
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpserver.errors import HPError, RemoteProtocolError, TooSlowError
from hpserver.net.peek import MAX_HELLO, More, Peek, server_name
from tests.net.ends import until


def hello(name: str | None) -> bytes:
    """Return the first flight of OpenSSL."""
    context = ssl.create_default_context()
    context.check_hostname = False
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = context.wrap_bio(incoming, outgoing, server_hostname=name)
    with pytest.raises(ssl.SSLWantReadError):
        client.do_handshake()
    return outgoing.read()


NAMED = hello("planning01.monecole.example")


def in_records(first_flight: bytes, size: int) -> bytes:
    """Return the same hello cut into records of `size` bytes."""
    body = first_flight[5:]
    pieces = [body[at : at + size] for at in range(0, len(body), size)]
    return b"".join(b"\x16\x03\x01" + len(piece).to_bytes(2) + piece for piece in pieces)


def test_the_name_is_found() -> None:
    """One port serves the controller and every planning."""
    assert server_name(NAMED) == "planning01.monecole.example"


def test_a_hello_without_a_name_has_an_empty_one() -> None:
    """A client that connects by address means the controller."""
    assert server_name(hello(None)) == ""


@pytest.mark.parametrize("size", [1, 7, 100])
def test_a_hello_may_span_records(size: int) -> None:
    """TLS allows a hello in many records; the route does not depend on it."""
    assert server_name(in_records(NAMED, size)) == "planning01.monecole.example"


@pytest.mark.parametrize("size", [7, 10_000])
def test_every_beginning_of_a_hello_needs_more(size: int) -> None:
    """A hello cut anywhere is waited for, never misread."""
    whole = in_records(NAMED, size)
    for cut in range(len(whole)):
        assert server_name(whole[:cut]) is More.NEEDED


@given(st.binary(max_size=300))
def test_other_bytes_are_refused_or_waited_for(data: bytes) -> None:
    """Garbage is only ever a RemoteProtocolError."""
    with contextlib.suppress(RemoteProtocolError):
        assert server_name(data) is More.NEEDED or data[0] == 22


@given(st.integers(0, len(NAMED) - 1), st.integers(0, 255))
def test_a_damaged_hello_never_breaks_the_parser(at: int, value: int) -> None:
    """One changed byte gives a name, a wait or a RemoteProtocolError."""
    try:
        found = server_name(NAMED[:at] + bytes([value]) + NAMED[at + 1 :])
    except RemoteProtocolError:
        return
    assert found is More.NEEDED or isinstance(found, str)


def test_p01_a_hello_that_announces_too_much_is_refused() -> None:
    """No length a peer announces makes us wait for more than one record holds."""
    with pytest.raises(RemoteProtocolError):
        server_name(b"\x16\x03\x01\x40\x00\x01" + (MAX_HELLO + 1).to_bytes(3) + bytes(100))
    with pytest.raises(RemoteProtocolError):
        server_name(b"\x16\x03\x01\xff\xff\x01")


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    """Two ends of a TCP connection: ours (non-blocking) and the peer's."""
    with (
        socket.create_server(("127.0.0.1", 0)) as listening,
        socket.create_connection(listening.getsockname()) as peer,
    ):
        ours, _ = listening.accept()
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        ours.setblocking(False)
        with ours:
            yield ours, peer


async def test_a_hello_in_pieces_is_waited_for_and_left_in_the_socket(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    """The handshake reads the hello again from its first byte, wherever the network cut it; waiting does not spin."""
    ours, peer = pair
    found: list[str | HPError] = []
    loop = asyncio.get_running_loop()
    peek = CountingPeek(ours, loop, loop.time() + 20, found.append)
    peek.start()
    for at in range(0, len(NAMED), 100):
        peer.sendall(NAMED[at : at + 100])
        await asyncio.sleep(0.01)
    await until(lambda: bool(found))
    assert found == ["planning01.monecole.example"]
    assert ours.recv(65536) == NAMED
    assert peek.looks <= len(NAMED) // 100 + 3


async def test_a_hello_that_is_there_is_told_at_once(pair: tuple[socket.socket, socket.socket]) -> None:
    """Most who arrive have said it by then: neither the loop nor a clock is asked."""
    ours, peer = pair
    found: list[str | HPError] = []
    peer.sendall(NAMED)
    peek = CountingPeek(ours, asyncio.get_running_loop(), 0.0, found.append)
    peek.start()
    assert (found, peek.looks) == (["planning01.monecole.example"], 1)
    peek.stop()


async def test_p03_a_dripped_hello_meets_its_deadline(pair: tuple[socket.socket, socket.socket]) -> None:
    """A byte now and then does not extend the deadline."""
    ours, peer = pair
    found: list[str | HPError] = []
    loop = asyncio.get_running_loop()
    Peek(ours, loop, loop.time() + 0.05, found.append).start()
    for byte in NAMED:
        peer.send(bytes([byte]))
        await asyncio.sleep(0.002)
        if found:
            break
    assert isinstance(found[0], TooSlowError)


@pytest.mark.parametrize("said", [b"GET / HTTP/1.1\r\n\r\n", None])
async def test_other_bytes_or_none_are_told_at_once(
    pair: tuple[socket.socket, socket.socket], said: bytes | None
) -> None:
    """Plain text and a peer that leaves end the wait without its deadline."""
    ours, peer = pair
    found: list[str | HPError] = []
    loop = asyncio.get_running_loop()
    Peek(ours, loop, loop.time() + 20, found.append).start()
    if said:
        peer.sendall(said)
    else:
        peer.close()
    await until(lambda: bool(found))
    assert isinstance(found[0], RemoteProtocolError)


@pytest.mark.parametrize("rudely", [False, True])
@pytest.mark.parametrize("size", [1, 100])
async def test_p07_a_peer_that_leaves_within_its_hello_is_told_at_once(
    pair: tuple[socket.socket, socket.socket], size: int, *, rudely: bool
) -> None:
    """Half a hello holds no descriptor until the deadline, and no loop awake: at its end it is over."""
    ours, peer = pair
    found: list[str | HPError] = []
    loop = asyncio.get_running_loop()
    peek = CountingPeek(ours, loop, loop.time() + 20, found.append)
    peek.start()
    peer.sendall(NAMED[:size])
    await until(lambda: peek.looks > 0)
    if rudely:
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    peer.close()
    await until(lambda: bool(found))
    assert isinstance(found[0], RemoteProtocolError)
    assert peek.looks <= 4


class CountingPeek(Peek):
    """Counts how often it looked."""

    looks = 0

    def _look(self) -> bool:
        self.looks += 1
        return super()._look()
