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
    return hello if isinstance(hello, More) else _name_in(hello)


class Peek:
    """Waits for the whole hello on a socket, then tells: the name, or the error. Once, at `start` or from the loop.

    The bytes stay in the socket. `deadline` is a time of the loop.
    """

    __slots__ = ("_deadline", "_done", "_fd", "_is_patient", "_loop", "_sock", "_timer")

    def __init__(
        self,
        sock: socket.socket,
        loop: asyncio.AbstractEventLoop,
        deadline: float,
        done: Callable[[str | HPError], None],
    ) -> None:
        self._sock, self._loop, self._done, self._fd = sock, loop, done, sock.fileno()
        self._deadline = deadline
        self._is_patient = False
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Look, and wait if need be: of those who arrive, two in three have said hello already (measured)."""
        if not self._look():
            self._timer = self._loop.call_at(self._deadline, self._expire)
            self._loop.add_reader(self._fd, self._look)

    def stop(self) -> None:
        """Wait no more; nothing is told. Safe to repeat."""
        if self._timer is not None:
            self._timer.cancel()
            self._loop.remove_reader(self._fd)
            self._timer = None

    def _look(self) -> bool:
        """Tell what there is to tell; whether there was."""
        try:
            data = self._sock.recv(MAX_HELLO, socket.MSG_PEEK)
            found = server_name(data) if data else RemoteProtocolError("Nothing was said.")
            if isinstance(found, More):
                if _is_gone(self._sock):  # the bytes hide it from a read, and no later wake may come
                    self._tell(RemoteProtocolError("The line broke during the hello."))
                    return True
                self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, len(data) + 1)
                self._is_patient = True
                return False
            if self._is_patient:
                self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, 1)
        except (BlockingIOError, InterruptedError):
            return False
        except OSError as error:
            self._tell(RemoteProtocolError("The line broke during the hello.", reason=error.strerror or ""))
        except RemoteProtocolError as error:
            self._tell(error)
        else:
            self._tell(found)
        return True

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


def _name_in(hello: bytes) -> str:
    """Return the server name in the body of a ClientHello; field after field, each with its length before it."""
    at = 34  # version and random
    for width in (1, 2, 1):  # session, cipher suites, compression methods
        _, at = _sized(hello, at, width)
    if at == len(hello):
        return ""
    extensions, _ = _sized(hello, at, 2)
    at = 0
    while at < len(extensions):
        kind = int.from_bytes(extensions[at : at + 2])
        content, at = _sized(extensions, at + 2, 2)
        if kind == _SERVER_NAME:
            return _host_name(_sized(content, 0, 2)[0])
    return ""


def _host_name(names: bytes) -> str:
    at = 0
    while at < len(names):
        kind = names[at]
        name, at = _sized(names, at + 1, 2)
        if kind == _HOST_NAME:
            try:
                return name.decode("ascii").lower()
            except UnicodeDecodeError:
                raise RemoteProtocolError("The server name is not ASCII.") from None
    return ""


def _sized(data: bytes, at: int, width: int) -> tuple[bytes, int]:
    """Return the field whose length stands at `at`, on `width` bytes, and where it ends."""
    begin = at + width
    end = begin + int.from_bytes(data[at:begin])
    if end > len(data) or begin > len(data):
        raise RemoteProtocolError("The ClientHello is cut short.")
    return data[begin:end], end
