"""The last second of a socket: what was sent must reach the peer. It knows sockets and no protocol.

Closing a socket while unread bytes wait sends a reset, and a reset destroys the TLS alert or the last message that
the peer had not read yet. So: say that nothing more comes, read and forget, close when the peer closes or when time
is up.
"""

import asyncio
import contextlib
import socket
from collections.abc import Callable
from typing import Final

LINGER_SECONDS: Final = 2.0
"""How long a closed peer is waited for (asyncio's own 30 s hold sockets)."""

_DRAIN_BYTES: Final = 64 << 10
_MOST_DRAINED: Final = 1 << 20  # who still sends after this much is not about to read our last word


class Linger:
    """Closes one socket politely; `done` is called once, when it is closed."""

    __slots__ = ("_done", "_drained", "_fd", "_loop", "_sock", "_timer")

    def __init__(
        self, sock: socket.socket, loop: asyncio.AbstractEventLoop, seconds: float, done: Callable[[], None]
    ) -> None:
        self._sock, self._loop, self._done = sock, loop, done
        self._fd, self._drained = sock.fileno(), 0
        self._timer = loop.call_later(seconds, self.close)
        try:
            sock.shutdown(socket.SHUT_WR)  # an SSLSocket forgets its TLS state here: what follows is raw bytes
        except OSError:
            loop.call_soon(self.close)
        else:
            loop.add_reader(self._fd, self._drain)

    def close(self) -> None:
        """Close now. Safe to repeat."""
        if self._sock.fileno() < 0:
            return
        self._timer.cancel()
        self._loop.remove_reader(self._fd)
        self._sock.close()
        self._done()

    def _drain(self) -> None:
        with contextlib.suppress(BlockingIOError, InterruptedError):
            try:
                count = len(self._sock.recv(_DRAIN_BYTES))
            except (ConnectionError, TimeoutError, MemoryError):  # without memory it would be asked for ever
                count = 0
            self._drained += count
            if not count or self._drained > _MOST_DRAINED:
                self.close()
