"""The smallest client there can be: one blocking TLS socket and a `protocol.Connection`. No reconnecting, no mirror.

::

    with Wire(port, context, "monecole.example") as wire:
        assert isinstance(wire.ask(Login(wire.next_id(), 0, "durand", "...")), LoggedIn)
"""

import socket
import ssl
import time
from collections import deque
from types import TracebackType
from typing import Self

from hpserver.errors import HPError
from hpserver.protocol.connection import Connection
from hpserver.protocol.messages import Hello, Message, Request, Welcome
from hpserver.protocol.states import Role, Side

PATIENCE = 60.0
"""Seconds; only reached by a test that fails."""

HELLO = Hello((1,), (), "tests/wire")


class Wire:
    """A client that has said Hello and heard Welcome."""

    def __init__(
        self,
        port: int,
        context: ssl.SSLContext,
        server_name: str,
        role: Role = Role.CONTROLLER,
        *,
        greet: bool = True,
    ) -> None:
        raw = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            self.sock = context.wrap_socket(raw, server_hostname=server_name)
        except BaseException:
            raw.close()
            raise
        self.connection = Connection(Side.CLIENT, role)
        self._heard: deque[Message] = deque()
        self._last_id = 0
        if greet:
            assert isinstance(self.ask(HELLO), Welcome)

    def next_id(self) -> int:
        """Return a request id that was not used yet."""
        self._last_id += 1
        return self._last_id

    def tell(self, message: Message) -> None:
        """Say something."""
        self.connection.send(message, time.monotonic())
        self.sock.sendall(b"".join(self.connection.data_to_send()))

    def hear(self) -> Message | None:
        """Return the next thing said, None when the server has closed."""
        while not self._heard:
            try:
                data = self.sock.recv(65_536)
            except (ConnectionError, ssl.SSLEOFError):
                data = b""
            if not data:
                return None
            try:
                self._heard.extend(self.connection.receive_data(data, time.monotonic()))
            except HPError as error:
                raise AssertionError(f"the server broke a rule: {error}") from error
            for frame in self.connection.data_to_send():
                self.sock.sendall(frame)  # Pong
        return self._heard.popleft()

    def ask(self, message: Request | Hello) -> Message | None:
        """Say something and return the next thing said."""
        self.tell(message)
        return self.hear()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.sock.close()
