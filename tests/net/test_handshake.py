"""TLS handshakes away from the loop."""

import asyncio
import contextlib
import functools
import socket
import ssl
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from hpserver.errors import BusyError, ConnectionLostError, HPError, TooSlowError
from hpserver.net.handshake import Handshaker
from tests.net.ends import in_thread, tls_threads, until
from tests.net.test_peek import NAMED
from tests.pki import Pki


class Door:
    """A handshaker, and connections to it."""

    def __init__(self, pki: Pki, max_queued: int = 64) -> None:
        self.pki, self.loop = pki, asyncio.get_running_loop()
        self.handshaker = Handshaker(pki.server_context(), self.loop, max_queued=max_queued)
        self.ended: list[tuple[ssl.SSLSocket | None, HPError | None]] = []

    def begin(self, seconds: float = 20.0) -> socket.socket:
        """Return the peer's end of a connection whose handshake is awaited."""
        with socket.create_server(("127.0.0.1", 0)) as listening:
            peer = socket.create_connection(listening.getsockname(), 20)
            ours, _ = listening.accept()
        ours.setblocking(False)
        self.handshaker.begin(ours, self.loop.time() + seconds, lambda sock, error: self.ended.append((sock, error)))
        return peer

    def close(self) -> None:
        """Close all."""
        self.handshaker.close()
        for sock, _ in self.ended:
            if sock is not None:
                sock.close()


@pytest.fixture
async def door(tmp_path: Path) -> AsyncIterator[Door]:
    """An open door, closed at the end with no thread left."""
    one = Door(Pki.create(tmp_path))
    yield one
    one.close()
    assert tls_threads() == 0


async def test_a_handshake_ends_with_a_socket_that_does_not_block(door: Door) -> None:
    """What the link needs: connected, judged, non-blocking."""
    peer = door.begin()
    with await in_thread(lambda: door.pki.client_context().wrap_socket(peer, server_hostname="localhost")):
        await until(lambda: bool(door.ended))
        sock, error = door.ended[0]
        assert sock is not None
        assert error is None
        assert not sock.getblocking()
        assert sock.getpeercert(binary_form=True) == door.pki.device().der


async def test_the_loop_is_free_while_threads_compute(door: Door) -> None:
    """Whoever is logged in is not stalled: no step of a handshake runs in the loop's thread."""
    context, where = door.handshaker.context, []

    class Watching(ssl.SSLSocket):
        def do_handshake(self, block: bool = False) -> None:
            where.append(threading.current_thread().name)
            super().do_handshake(block)

    context.sslsocket_class = Watching
    peer = door.begin()
    with await in_thread(lambda: door.pki.client_context().wrap_socket(peer, server_hostname="localhost")):
        await until(lambda: bool(door.ended))
    assert where, "no step was seen"
    assert all(name.startswith("tls") for name in where)


async def test_p03_the_deadline_is_absolute_at_every_step(door: Door) -> None:
    """Before the hello, in the middle of it and after it."""
    peers = [door.begin(seconds=0.05) for _ in range(3)]
    peers[1].sendall(NAMED[:50])
    peers[2].sendall(NAMED)
    await until(lambda: len(door.ended) == 3)
    assert [type(error) for _, error in door.ended] == [TooSlowError] * 3
    for peer in peers:
        peer.close()


async def test_the_queue_is_bounded(tmp_path: Path) -> None:
    """Above it a handshake is refused at once: a late answer helps nobody."""
    door = Door(Pki.create(tmp_path), max_queued=0)
    with door.begin() as peer:
        peer.sendall(NAMED)
        await until(lambda: bool(door.ended))
        assert isinstance(door.ended[0][1], BusyError)
        with contextlib.suppress(ConnectionResetError):
            assert peer.recv(10) == b""
    door.close()


async def test_leaving_gives_up_what_is_under_way(door: Door) -> None:
    """Everybody is told, every socket is closed, and nothing begins any more."""
    peers = [door.begin() for _ in range(4)]
    peers[0].sendall(NAMED)
    await until(lambda: door.handshaker.queued == 0)
    door.handshaker.close()
    door.handshaker.close()
    assert [type(error) for _, error in door.ended] == [ConnectionLostError] * 4
    peers.append(door.begin())
    peers[-1].sendall(NAMED)
    await until(lambda: len(door.ended) == 5)
    for peer in peers:
        with peer, contextlib.suppress(ConnectionResetError):
            while await in_thread(functools.partial(peer.recv, 4096)):
                pass


async def test_new_settings_serve_the_next_handshake(door: Door) -> None:
    """A renewed certificate needs no restart."""
    door.handshaker.context = Pki.create(door.pki.folder, account="lycee.example").server_context()
    peer = door.begin()
    with pytest.raises(ssl.SSLError):
        await in_thread(lambda: door.pki.client_context().wrap_socket(peer, server_hostname="monecole.example"))
    await until(lambda: bool(door.ended))
