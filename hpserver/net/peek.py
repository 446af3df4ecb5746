"""The server name of a connection, read without taking a byte. It knows the shape of a ClientHello, and no key.

The wait costs nothing: SO_RCVLOWAT keeps the loop quiet until more bytes are there than were seen last time, so
neither a timer nor a spin is needed when a hello comes in pieces.
"""

import asyncio
import enum
import select
import socket
from collections.abc import Callable
from typing import Final

from hpserver.errors import HPError, RemoteProtocolError, TooSlowError

MAX_HELLO: Final = 16 << 10
"""Bytes of a ClientHello looked at: one record holds as much; a post-quantum key share takes 1.5 KiB."""

_HANDSHAKE: Final = 22
_CLIENT_HELLO: Final = 1
_SERVER_NAME: Final = 0
_HOST_NAME: Final = 0
_MAX_RECORD: Final = 1 << 14
_HEADER: Final = 5


class More(enum.Enum):
    """The hello is not whole yet."""

    NEEDED = enum.auto()


def server_name(data: bytes) -> str | More:
    """Return the server name a ClientHello asks for ("" when none), or that more bytes are needed.

    Raises:
        RemoteProtocolError: this is not, or will never be, a ClientHello.
    """
    hello = _hello(data)
    return hello if isinstance(hello, More) else _name_in(_Fields(hello))


class Peek:
    """Waits for the whole hello on a socket, then tells: the name, or the error. Once, from the loop.

    The bytes stay in the socket. `deadline` is a time of the loop.
    """

    __slots__ = ("_deadline", "_done", "_fd", "_is_patient", "_loop", "_sock")

    def __init__(
        self,
        sock: socket.socket,
        loop: asyncio.AbstractEventLoop,
        deadline: float,
        done: Callable[[str | HPError], None],
    ) -> None:
        self._sock, self._loop, self._done, self._fd = sock, loop, done, sock.fileno()
        self._is_patient = False
        self._deadline = loop.call_at(deadline, self._expire)
        loop.add_reader(self._fd, self._look)

    def stop(self) -> None:
        """Wait no more; nothing is told. Safe to repeat."""
        self._deadline.cancel()
        self._loop.remove_reader(self._fd)

    def _look(self) -> None:
        try:
            data = self._sock.recv(MAX_HELLO, socket.MSG_PEEK)
            found = server_name(data) if data else RemoteProtocolError("Nothing was said.")
            if isinstance(found, More):
                if _is_gone(self._sock):  # the bytes hide it from a read, and no later wake may come
                    self._tell(RemoteProtocolError("The line broke during the hello."))
                    return
                self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, len(data) + 1)
                self._is_patient = True
                return
            if self._is_patient:
                self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, 1)
        except (BlockingIOError, InterruptedError):
            return
        except OSError as error:
            self._tell(RemoteProtocolError("The line broke during the hello.", reason=error.strerror or ""))
        except RemoteProtocolError as error:
            self._tell(error)
        else:
            self._tell(found)

    def _expire(self) -> None:
        self._tell(TooSlowError("The hello did not come in time."))

    def _tell(self, found: str | HPError) -> None:
        self.stop()
        self._done(found)


def _is_gone(sock: socket.socket) -> bool:
    """Say whether the peer has closed or reset the line: what is missing will never come."""
    poll = select.poll()
    poll.register(sock, select.POLLRDHUP)
    return bool(poll.poll(0))


def _hello(data: bytes) -> bytes | More:
    """Return the body of the ClientHello, which may span records."""
    body, at = b"", 0
    while True:
        header = data[at : at + _HEADER]
        if header and header[0] != _HANDSHAKE:
            raise RemoteProtocolError("These bytes are not TLS.")
        if len(header) < _HEADER:
            return _more(data)
        length = int.from_bytes(header[3:])
        if header[1] != 3 or not 0 < length <= _MAX_RECORD:  # noqa: PLR2004  every version of TLS says 3 here
            raise RemoteProtocolError("These bytes are not TLS.")
        at += _HEADER
        body += data[at : at + length]
        if body[0:1] and body[0] != _CLIENT_HELLO:
            raise RemoteProtocolError("The first message is no ClientHello.")
        wanted = 4 + int.from_bytes(body[1:4])
        if len(body) >= 4:  # noqa: PLR2004  one byte of type, three of length
            if wanted > MAX_HELLO:
                raise RemoteProtocolError("The ClientHello is too long.")
            if len(body) >= wanted:
                return body[4:wanted]
        if len(data) < at + length:
            return _more(data)
        at += length


def _more(data: bytes) -> More:
    if len(data) >= MAX_HELLO:
        raise RemoteProtocolError("The ClientHello is too long.")
    return More.NEEDED


class _Fields:
    """A cursor over length-prefixed fields."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def take(self, count: int) -> bytes:
        """Return the next `count` bytes."""
        end = self._at + count
        if end > len(self._data):
            raise RemoteProtocolError("The ClientHello is cut short.")
        piece, self._at = self._data[self._at : end], end
        return piece

    def sized(self, width: int) -> bytes:
        """Return the next field, whose length stands before it on `width` bytes."""
        return self.take(int.from_bytes(self.take(width)))

    def has_more(self) -> bool:
        """Say whether anything is left."""
        return self._at < len(self._data)


def _name_in(hello: _Fields) -> str:
    hello.take(34)  # version and random
    hello.sized(1)  # session
    hello.sized(2)  # cipher suites
    hello.sized(1)  # compression methods
    extensions = _Fields(hello.sized(2) if hello.has_more() else b"")
    while extensions.has_more():
        kind, content = int.from_bytes(extensions.take(2)), extensions.sized(2)
        if kind == _SERVER_NAME:
            return _host_name(_Fields(_Fields(content).sized(2)))
    return ""


def _host_name(names: _Fields) -> str:
    while names.has_more():
        kind, name = names.take(1)[0], names.sized(2)
        if kind == _HOST_NAME:
            try:
                return name.decode("ascii").lower()
            except UnicodeDecodeError:
                raise RemoteProtocolError("The server name is not ASCII.") from None
    return ""
