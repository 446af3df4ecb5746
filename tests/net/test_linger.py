"""The last second of a socket."""

import asyncio
import socket
from collections.abc import Iterator

import pytest

from hpserver.net.linger import Linger
from tests.net.ends import in_thread, until


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    """Two ends of a TCP connection: ours (non-blocking) and the peer's."""
    with (
        socket.create_server(("127.0.0.1", 0)) as listening,
        socket.create_connection(listening.getsockname(), 20) as peer,
    ):
        ours, _ = listening.accept()
        ours.setblocking(False)
        with ours:
            yield ours, peer


async def test_the_last_word_survives_bytes_nobody_read(pair: tuple[socket.socket, socket.socket]) -> None:
    """Closing over unread bytes would reset the line and destroy what the peer has not read yet."""
    ours, peer = pair
    done: list[bool] = []

    def speak_then_read() -> bytes:
        peer.sendall(bytes(200_000))
        heard = peer.recv(100)
        assert peer.recv(100) == b""
        peer.close()
        return heard

    ours.send(b"refused")
    Linger(ours, asyncio.get_running_loop(), 20, lambda: done.append(True))
    assert await in_thread(speak_then_read) == b"refused"
    await until(lambda: done == [True])
    assert ours.fileno() == -1


async def test_p03_a_silent_peer_is_not_waited_for(pair: tuple[socket.socket, socket.socket]) -> None:
    """Time ends it."""
    done: list[bool] = []
    Linger(pair[0], asyncio.get_running_loop(), 0.01, lambda: done.append(True))
    await until(lambda: done == [True])


async def test_p03_a_peer_that_only_sends_is_not_waited_for(pair: tuple[socket.socket, socket.socket]) -> None:
    """Nor does a flood keep it open."""
    ours, peer = pair
    done: list[bool] = []

    def flood() -> None:
        with pytest.raises(OSError, match=r"reset|pipe"):
            peer.sendall(bytes(64 << 20))

    Linger(ours, asyncio.get_running_loop(), 20, lambda: done.append(True))
    await in_thread(flood)
    await until(lambda: done == [True])


async def test_a_socket_already_broken_is_closed(pair: tuple[socket.socket, socket.socket]) -> None:
    """Told once, also when closed again."""
    ours, peer = pair
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, bytes([1, 0, 0, 0, 0, 0, 0, 0]))
    peer.close()
    done: list[bool] = []
    linger = Linger(ours, asyncio.get_running_loop(), 20, lambda: done.append(True))
    await until(lambda: done == [True])
    linger.close()
    assert done == [True]
