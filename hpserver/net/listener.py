"""From a listening socket to authenticated arrivals: accept, gate, peek, handshake. It knows no message and no user.

Honest crowds and attackers are told apart by what they make us do: handshakes that make progress are taken at the
speed of the threads and the rest waits in the system's backlog; connections that stay silent are counted and refused
(`Gate`).
"""

import asyncio
import errno
import random
import resource
import socket
import ssl
from collections.abc import Callable, Sequence
from typing import Final

from hpserver.errors import BusyError, HPError, RemoteProtocolError, UnsupportedVersionError
from hpserver.net.gate import PENALTY_NO_LOGIN, PENALTY_PROTOCOL, Gate, Refusal, source_of
from hpserver.net.handshake import Handshaker
from hpserver.net.link import Link
from hpserver.net.owner import LinkOwner
from hpserver.net.peek import Peek
from hpserver.protocol.limits import TLS_HANDSHAKE_SECONDS

BACKLOG: Final = 4096
"""Connections the system holds for us (somaxconn where measured)."""

ACCEPTS_PER_WAKE: Final = 8
"""Connections taken before other work has its turn."""

BUSY_FROM: Final = 24
"""Handshake steps queued from which nothing is accepted; with the batch below 50, the limit of one source."""

FIRST_PAUSE: Final = 0.01
"""Seconds without accepting after the system ran out of descriptors or memory; doubled up to `LONGEST_PAUSE` (NATS)."""

LONGEST_PAUSE: Final = 1.0
"""See `FIRST_PAUSE`."""

BUSY_PAUSE: Final = 0.005
"""Seconds until the handshake threads are looked at again: two handshakes."""

KEEPALIVE: Final = (60, 15, 4)
"""Idle seconds, interval, probes: a dead peer is known after two minutes at most."""

USER_TIMEOUT_MS: Final = 60_000
"""Sent bytes nobody confirms for this long close the line (Cloudflare: keepalive alone is not enough)."""

SEND_BUFFER: Final = 256 << 10
"""Bytes the system may hold for one peer (it doubles them); by itself it takes 4 MB before we see a slow reader."""

_EXHAUSTED: Final = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})

Route = Callable[[socket.socket, str, str], bool]
"""Given a socket nothing was read from, the server name it asks for and its source: True when the socket was taken."""


class Arrival:
    """A peer whose certificate OpenSSL accepted: the door is open, nobody has logged in."""

    __slots__ = ("_closed", "_finished", "_home", "blamed", "peer_der", "sock", "source")

    def __init__(self, home: "Listener", source: str) -> None:
        self._home, self.source = home, source
        self.blamed = source
        """Whose faults this peer's are: the source's, then the certificate's once it was checked."""
        self._finished = self._closed = False
        self.sock: ssl.SSLSocket | None = None
        self.peer_der = b""
        """The peer's certificate; empty on a port that asks for none."""

    def link(self, owner: LinkOwner) -> Link:
        """Return the link of this arrival, which owns the socket from now on; once."""
        sock, self.sock = self.sock, None
        assert sock is not None, "an arrival has one link"
        return Link(sock, self._home.loop, owner, self.closed)

    def logged_in(self) -> None:
        """Tell the gate that this peer logged in: its source is not refused for faults any more. Safe to repeat."""
        if not self._closed:
            self._home.gate.logged_in(self.source)

    def vouch(self, certificate: bytes) -> float:
        """Know whose certificate it is, by its digest: the peer's faults are its own, unless its source is spared.

        Answers for how many seconds more it is to be refused for those it has.
        """
        if self._home.gate.is_spared(self.source):
            return 0.0
        self.blamed = f"certificate {certificate.hex()}"
        return self._home.gate.penalty_wait(self.blamed, self._home.loop.time())

    def penalize(self, seconds: float) -> None:
        """Count a fault of this peer; the gate has the usual `PENALTY_...` seconds."""
        self._home.gate.penalize(self.blamed, seconds, self._home.loop.time())

    def refuse(self, seconds: float = PENALTY_NO_LOGIN) -> None:
        """Close without a link, and count a fault."""
        self.penalize(seconds)
        if self.sock is not None:
            self.sock.close()
            self.sock = None
            self.closed()

    def finish(self, sock: ssl.SSLSocket) -> None:
        """Know that the handshake ended well."""
        self.sock, self.peer_der, self._finished = sock, sock.getpeercert(binary_form=True) or b"", True
        self._home.gate.finished(self.source)

    def closed(self) -> None:
        """Give the place at the gate back. Safe to repeat."""
        if not self._closed:
            self._closed = True
            self._home.gate.closed(self.source, finished=self._finished)


class Listener:
    """Accepts on listening sockets it is given (and does not close), and on sockets other processes hand over.

    `welcome` gets each arrival and must call its `link` or `refuse`. `route` is asked first, when there is one: it sees
    the server name and may take the socket away. `turned_away` is told the source and the cause of each handshake that
    did not end well, for the audit. One loop, one owner; `start` and `stop` may alternate.
    """

    def __init__(
        self,
        sockets: Sequence[socket.socket],
        handshaker: Handshaker,
        gate: Gate,
        welcome: Callable[[Arrival], None],
        *,
        route: Route | None = None,
        turned_away: Callable[[str, HPError], None] | None = None,
        seconds: float = TLS_HANDSHAKE_SECONDS,
    ) -> None:
        self.loop, self.gate = handshaker.loop, gate
        self._sockets, self._handshaker, self._welcome = tuple(sockets), handshaker, welcome
        self._route, self._turned_away, self._seconds = route, turned_away, seconds
        self._draw = random.Random().random  # noqa: S311 - seeded by the system, and nobody is shown what it draws
        self._accepting = False
        self._pauses: dict[int, asyncio.TimerHandle] = {}
        self._pause_seconds = FIRST_PAUSE
        self._peeks: dict[Peek, tuple[socket.socket, Arrival]] = {}
        self.accepted = 0
        self.failed: dict[str, int] = {}
        """Handshakes that did not end well, by name of error."""
        for sock in self._sockets:
            prepare(sock)

    def start(self) -> None:
        """Accept from now on. Safe to repeat."""
        self._accepting = True
        for sock in self._sockets:
            if sock.fileno() not in self._pauses:
                self._watch(sock)

    def stop(self) -> None:
        """Accept nothing more; what has arrived goes on. Safe to repeat."""
        self._accepting = False
        for sock in self._sockets:
            self.loop.remove_reader(sock.fileno())
        for pause in self._pauses.values():
            pause.cancel()
        self._pauses.clear()

    def close(self) -> None:
        """Stop, and drop what has not begun its handshake; the handshaker is its owner's to close. Safe to repeat."""
        self.stop()
        for peek, (sock, arrival) in list(self._peeks.items()):
            peek.stop()
            sock.close()
            arrival.closed()
        self._peeks.clear()

    def adopt(self, sock: socket.socket, source: str) -> Refusal | None:
        """Take a connected socket that another listener accepted: its hello is here, and nothing was read from it.

        Returns why the gate refused it (and closed it), or None. It is not routed again. It is as that listener's
        sockets are: see `prepare`.
        """
        sock.setblocking(False)
        return self._admit(sock, source, route=None, has_hello=True)

    # --- accepting ---

    def _watch(self, sock: socket.socket) -> None:
        self.loop.add_reader(sock.fileno(), self._accept, sock)

    def _accept(self, listening: socket.socket) -> None:
        for _ in range(ACCEPTS_PER_WAKE):
            if self._handshaker.queued >= BUSY_FROM or self.gate.has_crowd:
                self._pause(listening, BUSY_PAUSE)
                return
            try:
                sock, address = listening.accept()
            except (BlockingIOError, InterruptedError):
                return
            except OSError as error:
                if error.errno in _EXHAUSTED:
                    self._pause(listening, self._pause_seconds)
                    self._pause_seconds = min(LONGEST_PAUSE, self._pause_seconds * 2)
                    return
                continue  # this connection broke before it was taken
            self._pause_seconds = FIRST_PAUSE
            sock.setblocking(False)
            self._admit(sock, source_of(str(address[0])) if address else "local", self._route)

    def _pause(self, listening: socket.socket, seconds: float) -> None:
        fileno = listening.fileno()
        self.loop.remove_reader(fileno)
        self._pauses[fileno] = self.loop.call_later(seconds, self._resume, listening)

    def _resume(self, listening: socket.socket) -> None:
        del self._pauses[listening.fileno()]
        if self._accepting:
            self._watch(listening)

    def _admit(
        self, sock: socket.socket, source: str, route: Route | None, *, has_hello: bool = False
    ) -> Refusal | None:
        refusal = self.gate.admit(source, self.loop.time(), self._draw())
        if refusal is not None:
            sock.close()
            return refusal
        self.accepted += 1
        arrival = Arrival(self, source)
        deadline = self.loop.time() + self._seconds
        if route is None:
            self._shake(sock, arrival, deadline, has_hello=has_hello)
        else:
            self._peek(sock, arrival, deadline, route)
        return None

    # --- who is meant ---

    def _peek(self, sock: socket.socket, arrival: Arrival, deadline: float, route: Route) -> None:
        def told(found: str | HPError) -> None:
            del self._peeks[peek]
            if isinstance(found, HPError):
                sock.close()
                self._failed(arrival, found)
            elif self._taken(sock, found, arrival, route):
                arrival.closed()
            else:
                self._shake(sock, arrival, deadline, has_hello=True)

        peek = Peek(sock, self.loop, deadline, told)
        self._peeks[peek] = (sock, arrival)
        peek.start()

    def _taken(self, sock: socket.socket, name: str, arrival: Arrival, route: Route) -> bool:
        try:
            return route(sock, name, arrival.source)
        except BaseException:
            sock.close()
            arrival.closed()
            raise

    # --- who it is ---

    def _shake(self, sock: socket.socket, arrival: Arrival, deadline: float, *, has_hello: bool) -> None:
        def ended(tls: ssl.SSLSocket | None, error: HPError | None) -> None:
            if tls is None:
                assert error is not None
                self._failed(arrival, error)
                return
            arrival.finish(tls)
            self._welcome(arrival)

        self._handshaker.begin(sock, deadline, ended, has_hello=has_hello)

    def _failed(self, arrival: Arrival, error: HPError) -> None:
        name = type(error).__name__
        self.failed[name] = self.failed.get(name, 0) + 1
        if not isinstance(error, BusyError):
            broken = isinstance(error, RemoteProtocolError) and not isinstance(error, UnsupportedVersionError)
            arrival.penalize(PENALTY_PROTOCOL if broken else PENALTY_NO_LOGIN)
        arrival.closed()
        if self._turned_away is not None:
            self._turned_away(arrival.source, error)


def most_connections(wished: int) -> int:
    """Return how many connections this process may hold: `wished`, within 80 % of its descriptors.

    The rest is for the database, the logs and the other processes (reliability: fd exhaustion).
    """
    descriptors, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return min(wished, descriptors * 8 // 10)


def prepare(sock: socket.socket) -> None:
    """Set what every connection needs; a connection inherits it from its listening socket."""
    sock.setblocking(False)
    if sock.family not in {socket.AF_INET, socket.AF_INET6}:
        return
    idle, interval, probes = KEEPALIVE
    for level, option, value in (
        (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),  # else 40 ms before the first answer, measured
        (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
        (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, idle),
        (socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, interval),
        (socket.IPPROTO_TCP, socket.TCP_KEEPCNT, probes),
        (socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, USER_TIMEOUT_MS),
        (socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER),
    ):
        sock.setsockopt(level, option, value)
