"""How browsers come in: accept, gate, TLS by the name that is asked for, HTTP. Knows no page and no user."""

import asyncio
import errno
import random
import socket
import ssl
from collections.abc import Mapping
from typing import Final

import structlog
from uvicorn.config import Config
from uvicorn.server import ServerState

from hpserver.errors import HPError, NotFoundError
from hpserver.net.gate import PENALTY_NO_LOGIN, Gate, source_of
from hpserver.net.listener import ACCEPTS_PER_WAKE, prepare
from hpserver.net.peek import Peek
from hpserver.protocol.limits import TLS_HANDSHAKE_SECONDS
from hpserver.web.receipt import Receipt

PAUSE_SECONDS: Final = 0.1
"""Without accepting, after the system ran out of descriptors."""

CLOSING_TURNS: Final = 5
"""Turns of the loop until a connection that was cut has let go of its socket."""

_EXHAUSTED: Final = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})

log = structlog.get_logger()


class Entrance:
    """The listening sockets of the web process. `contexts` are TLS settings by server name, replaced as they age."""

    def __init__(self, listeners: list[socket.socket], config: Config, gate: Gate) -> None:
        self._loop = asyncio.get_running_loop()
        self._listeners, self._config = listeners, config
        self.state = ServerState()
        self.gate = gate
        self.contexts: Mapping[str, ssl.SSLContext] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._draw = random.Random().random  # noqa: S311  nobody is shown what it draws
        self._pauses: list[asyncio.TimerHandle] = []

    def open(self, group: asyncio.TaskGroup) -> None:
        """Accept from now on."""
        self._group = group
        for one in self._listeners:
            prepare(one)
            self._loop.add_reader(one.fileno(), self._accept, one)

    async def close(self, seconds: float) -> None:
        """Accept nothing more, let answers end within `seconds`, cut the rest."""
        for one in self._listeners:
            self._loop.remove_reader(one.fileno())
        for pause in self._pauses:
            pause.cancel()
        for connection in list(self.state.connections):
            connection.shutdown()
        until = self._loop.time() + seconds
        while self.state.tasks and self._loop.time() < until:
            await asyncio.wait(self.state.tasks, timeout=max(0.0, until - self._loop.time()))
        for task in (*self._tasks, *self.state.tasks):
            task.cancel()
        for connection in list(self.state.connections):
            assert isinstance(connection, Receipt)
            connection.cut()
        for _ in range(CLOSING_TURNS):  # a transport closes its socket a turn of the loop later
            await asyncio.sleep(0)

    def _accept(self, listening: socket.socket) -> None:
        for _ in range(ACCEPTS_PER_WAKE):
            try:
                sock, address = listening.accept()
            except (BlockingIOError, InterruptedError):
                return
            except OSError as error:
                if error.errno in _EXHAUSTED:
                    self._pause(listening)
                    return
                continue
            sock.setblocking(False)
            source = source_of(str(address[0]))
            if self.gate.admit(source, self._loop.time(), self._draw()) is not None:
                sock.close()
                continue
            task = self._group.create_task(self._shake(sock, source))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def _pause(self, listening: socket.socket) -> None:
        self._loop.remove_reader(listening.fileno())
        again = (listening.fileno(), self._accept, listening)
        self._pauses.append(self._loop.call_later(PAUSE_SECONDS, self._loop.add_reader, *again))

    async def _shake(self, sock: socket.socket, source: str) -> None:
        """Make the handshake; from then on the connection is its own."""
        finished, name = False, ""

        def ended() -> None:
            self.gate.closed(source, finished=True)

        def begin() -> Receipt:
            return Receipt(self._config, self.state, {"source": source, "gate": self.gate, "name": name}, ended)

        try:
            name, context = await self._chosen(sock)
            await self._loop.connect_accepted_socket(
                begin, sock, ssl=context, ssl_handshake_timeout=TLS_HANDSHAKE_SECONDS, ssl_shutdown_timeout=1.0
            )
            finished = True
            self.gate.finished(source)
        except (OSError, HPError) as error:
            self.gate.penalize(source, PENALTY_NO_LOGIN, self._loop.time())
            log.info("handshake.failed", source=source, error=type(error).__name__)
        finally:
            if not finished:
                sock.close()
                self.gate.closed(source, finished=False)

    async def _chosen(self, sock: socket.socket) -> tuple[str, ssl.SSLContext]:
        """Return the name that is asked for and its settings; no byte is taken. Raises HPError."""
        named: asyncio.Future[str | HPError] = self._loop.create_future()
        peek = Peek(sock, self._loop, self._loop.time() + TLS_HANDSHAKE_SECONDS, named.set_result)
        peek.start()
        try:
            name = await named
        finally:
            peek.stop()
        if isinstance(name, HPError):
            raise name
        try:
            return name.lower(), self.contexts[name.lower()]
        except KeyError:
            raise NotFoundError("No console has this name here.", name=name) from None
