"""The two ends of a real line for tests of this room: a server that echoes, and blocking clients in threads."""

import asyncio
import contextlib
import socket
import ssl
import threading
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from hpserver.errors import HPError
from hpserver.net.gate import Gate
from hpserver.net.handshake import Handshaker
from hpserver.net.link import Link
from hpserver.net.listener import Arrival, Listener, Route
from hpserver.net.owner import Carrier
from hpserver.protocol.limits import TLS_HANDSHAKE_SECONDS

Result = TypeVar("Result")
PATIENCE = 60.0
"""Seconds a test waits for what must come: never a measure, only an end to a hang."""


@dataclass
class Recorder:
    """An owner that remembers; with `echo` it answers each piece with itself."""

    echo: bool = False
    received: bytearray = field(default_factory=bytearray)
    told: list[str] = field(default_factory=list)
    error: HPError | None = None
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)
    heard: Callable[[Carrier, bytes], None] | None = None

    def link_received(self, link: Carrier, data: bytes) -> None:
        """Remember, echo."""
        self.received += data
        if self.heard is not None:
            self.heard(link, data)
        if self.echo:
            link.write(data)
        self._tell("received")

    def link_lost(self, link: Carrier, error: HPError | None) -> None:
        """Remember."""
        assert not link.is_open
        self.error = error
        self._tell("lost")

    def link_fell_behind(self, link: Carrier) -> None:
        """Remember."""
        assert link.is_open
        self._tell("behind")

    def link_caught_up(self, link: Carrier) -> None:
        """Remember."""
        assert not link.queued
        self._tell("caught up")

    async def wait(self, what: str) -> None:
        """Wait until something was told."""
        await until(lambda: what in self.told)

    async def wait_bytes(self, count: int) -> None:
        """Wait until that many bytes came."""
        await until(lambda: len(self.received) >= count)

    def _tell(self, what: str) -> None:
        if what != "received" or "received" not in self.told:
            self.told.append(what)


async def until(condition: Callable[[], bool]) -> None:
    """Wait for a condition that the loop will make true."""
    async with asyncio.timeout(PATIENCE):
        while not condition():  # noqa: ASYNC110  a test waits for any condition, not for one event
            await asyncio.sleep(0.001)


async def in_thread(work: Callable[[], Result]) -> Result:
    """Run a blocking client beside the loop."""
    return await asyncio.get_running_loop().run_in_executor(None, work)


@dataclass
class Served:
    """A listening server and what came to it."""

    port: int
    listener: Listener
    gate: Gate
    arrivals: list[Arrival]
    owners: list[Recorder]
    links: list[Link]

    def connect(self) -> socket.socket:
        """Return a connected socket with no TLS."""
        sock = socket.create_connection(("127.0.0.1", self.port), PATIENCE)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return sock

    def connect_tls(self, context: ssl.SSLContext, name: str = "localhost") -> ssl.SSLSocket:
        """Return a client whose handshake is done."""
        return context.wrap_socket(self.connect(), server_hostname=name)


@contextlib.asynccontextmanager
async def serving(
    context: ssl.SSLContext,
    *,
    route: Route | None = None,
    turned_away: Callable[[str, HPError], None] | None = None,
    seconds: float = TLS_HANDSHAKE_SECONDS,
    most: int = 10_000,
    spared: frozenset[str] = frozenset({"127.0.0.1"}),
    echo: bool = True,
) -> AsyncIterator[Served]:
    """Serve on a free port of the loopback; on leaving, everything is closed and was told so."""
    loop = asyncio.get_running_loop()
    handshaker = Handshaker(context, loop)
    gate = Gate(most, spared)
    served = Served(0, None, gate, [], [], [])  # type: ignore[arg-type]  # the listener wants `welcome` first

    def welcome(arrival: Arrival) -> None:
        owner = Recorder(echo=echo)
        served.arrivals.append(arrival)
        served.owners.append(owner)
        served.links.append(arrival.link(owner))

    with socket.create_server(("127.0.0.1", 0), backlog=512) as listening:
        served.port = listening.getsockname()[1]
        served.listener = Listener(
            [listening], handshaker, gate, welcome, route=route, turned_away=turned_away, seconds=seconds
        )
        served.listener.start()
        try:
            yield served
        finally:
            served.listener.close()
            for link in served.links:
                link.abort()
            handshaker.close()
            await until(lambda: gate.opened == 0)


def open_files() -> int:
    """Return the number of open descriptors of this process."""
    return len(list(Path("/proc/self/fd").iterdir()))


def tls_threads() -> int:
    """Return the number of handshake threads."""
    return sum(one.name.startswith("tls") for one in threading.enumerate())
