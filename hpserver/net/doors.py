"""One port and three doors behind it, told apart by the server name. It knows no planning and no user."""

import asyncio
import contextlib
import enum
import socket
import ssl
from collections.abc import Callable, Mapping, Sequence

from hpserver.certs.contexts import ENROLMENT_PROTOCOL
from hpserver.errors import HPError
from hpserver.net.gate import Gate
from hpserver.net.handshake import Handshaker
from hpserver.net.hub import HubLink
from hpserver.net.listener import Arrival, Listener
from hpserver.protocol.internal import HandOver


class Door(enum.Enum):
    """Where a client is let in by this process itself."""

    KNOWN = "devices with a certificate"
    NEW = "devices that want one"
    CLOSED = "who asks for a server that is not there: let in with its certificate, to be told so"


Meant = Callable[[str], Door | HubLink]
"""Given a server name: the door it leads to, or the line to the process that serves it."""


class Doors:
    """Accepts on `sockets`. Each arrival goes to the `welcome` of its door; who is meant for a line is handed over."""

    def __init__(
        self,
        sockets: Sequence[socket.socket],
        contexts: tuple[ssl.SSLContext, ssl.SSLContext],
        gate: Gate,
        meant: Meant,
        welcome: Mapping[Door, Callable[[Arrival], None]],
        turned_away: Callable[[str, HPError], None] | None = None,
    ) -> None:
        loop = asyncio.get_running_loop()
        known = Handshaker(contexts[0], loop)
        new = Handshaker(contexts[1], loop, protocol=ENROLMENT_PROTOCOL)
        self._meant, self._shakers = meant, (known, new)
        self.front = Listener(sockets, known, gate, welcome[Door.KNOWN], route=self._route, turned_away=turned_away)
        self._inner = {
            Door.NEW: Listener([], new, gate, welcome[Door.NEW], turned_away=turned_away),
            Door.CLOSED: Listener([], known, gate, welcome[Door.CLOSED], turned_away=turned_away),
        }

    def use(self, contexts: tuple[ssl.SSLContext, ssl.SSLContext]) -> None:
        """Make the next handshakes with these settings: a certificate was renewed."""
        for shaker, context in zip(self._shakers, contexts, strict=True):
            shaker.context = context

    def start(self) -> None:
        """Accept from now on."""
        for listener in (self.front, *self._inner.values()):
            listener.start()

    def stop(self) -> None:
        """Accept nothing more; what has arrived goes on."""
        self.front.stop()

    def close(self) -> None:
        """Stop, and end the handshakes under way. Safe to repeat."""
        for listener in (self.front, *self._inner.values()):
            listener.close()
        for shaker in self._shakers:
            shaker.close()

    def _route(self, sock: socket.socket, name: str, source: str) -> bool:
        """Take the socket away from the front door, when another one or another process is meant."""
        there = self._meant(name)
        if there is Door.KNOWN:
            return False
        if isinstance(there, Door):
            self._inner[there].adopt(sock, source)
        else:
            with contextlib.suppress(HPError):  # it broke this instant: the client sees its connection close
                there.send(HandOver(source), sock)
        return True
