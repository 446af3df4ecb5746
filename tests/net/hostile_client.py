"""A TLS 1.3 client that says what no library would: each handshake message may be changed, dropped or said twice."""

import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from tlslite.constants import ContentType
from tlslite.errors import BaseTLSException
from tlslite.handshakesettings import HandshakeSettings
from tlslite.messages import Message
from tlslite.tlsconnection import TLSConnection
from tlslite.utils.keyfactory import parsePEMKey
from tlslite.x509 import X509
from tlslite.x509certchain import X509CertChain

from hpserver.certs.contexts import PROTOCOL

CLIENT_HELLO, CERTIFICATE, CERTIFICATE_VERIFY, FINISHED, KEY_UPDATE = 1, 11, 15, 20, 24
"""Types of handshake messages (RFC 8446, 4)."""

END: Final = "-----END CERTIFICATE-----\n"

SECONDS: Final = 8.0
"""Longer than a handshake may take: a server that hangs is a failure."""

Piece = tuple[int, bytes]
"""A content type, and what goes into records of that type."""

Change = Callable[[bytes], list[Piece]]
"""What is sent in place of a message."""


def said(*messages: bytes) -> list[Piece]:
    """Return handshake messages as they are sent."""
    return [(ContentType.handshake, one) for one in messages]


def message(kind: int, body: bytes) -> bytes:
    """Return a handshake message of that type."""
    return bytes([kind]) + len(body).to_bytes(3, "big") + body


def vector(size: int, data: bytes) -> bytes:
    """Return data behind its length in `size` bytes."""
    return len(data).to_bytes(size, "big") + data


@dataclass
class Hello:
    """A ClientHello taken to pieces; `build` puts it together again, lengths right unless a piece says otherwise."""

    version: bytes
    random: bytes
    session: bytes
    suites: bytes
    compression: bytes
    extensions: list[tuple[int, bytes]]
    tail: bytes = b""

    @classmethod
    def read(cls, raw: bytes) -> "Hello":
        """Take a whole message to pieces."""
        at = 4
        version, random = raw[at : at + 2], raw[at + 2 : at + 34]
        at += 34
        fields = []
        for size in (1, 2, 1):
            length = int.from_bytes(raw[at : at + size], "big")
            fields.append(raw[at + size : at + size + length])
            at += size + length
        at, extensions = at + 2, []
        while at < len(raw):
            length = int.from_bytes(raw[at + 2 : at + 4], "big")
            extensions.append((int.from_bytes(raw[at : at + 2], "big"), raw[at + 4 : at + 4 + length]))
            at += 4 + length
        session, suites, compression = fields
        return cls(version, random, session, suites, compression, extensions)

    def build(self) -> bytes:
        """Return the message."""
        inside = b"".join(kind.to_bytes(2, "big") + vector(2, data) for kind, data in self.extensions)
        parts = (vector(1, self.session), vector(2, self.suites), vector(1, self.compression), vector(2, inside))
        return message(CLIENT_HELLO, self.version + self.random + b"".join(parts) + self.tail)

    def without(self, *kinds: int) -> "Hello":
        """Leave extensions out."""
        self.extensions = [one for one in self.extensions if one[0] not in kinds]
        return self

    def having(self, kind: int, data: bytes) -> "Hello":
        """Replace an extension where it stands, or add it."""
        if all(one[0] != kind for one in self.extensions):
            self.extensions.append((kind, data))
        self.extensions = [(one, data if one == kind else old) for one, old in self.extensions]
        return self

    def of(self, kind: int) -> bytes:
        """Return what an extension holds."""
        return next(data for one, data in self.extensions if one == kind)


@dataclass
class Plan:
    """What this client does otherwise: `changes` by handshake type; `after` is done once the handshake is over."""

    changes: dict[int, Change] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)
    first: bytes = b""
    record_size: int = 0
    after: Callable[["HostileClient"], None] | None = None


class HostileClient(TLSConnection):  # type: ignore[misc]  # the library has no types
    """One connection of a plan."""

    def __init__(self, sock: socket.socket, plan: Plan) -> None:
        super().__init__(sock)
        self.plan, self.raw = plan, sock
        self._ccs_sent = True  # the library says it between two protected messages, where OpenSSL refuses it
        if plan.record_size:
            self.recordSize = plan.record_size

    def say(self, *pieces: Piece) -> None:
        """Send pieces as they are, in the protection of now."""
        for kind, data in pieces:
            for _ in super()._sendMsg(Message(kind, bytearray(data)), False, False):
                pass

    def _sendMsg(self, msg: Any, *args: Any, **kwargs: Any) -> Iterator[int]:  # noqa: N802 - the library's name
        data = bytes(msg.write())
        change = self.plan.changes.get(data[0]) if msg.contentType == ContentType.handshake and data else None
        if change is None:
            yield from super()._sendMsg(msg, *args, **kwargs)
            return
        for kind, piece in change(data):
            yield from super()._sendMsg(Message(kind, bytearray(piece)), *args, **kwargs)


def attack(port: int, plan: Plan, chain: Path | None, key: Path | None) -> str:
    """Carry out a plan; what the server thought of it: the alert it sent, `closed`, or `let in`.

    `let in` means that application data came back: the server's echo of one byte.
    """
    with socket.create_connection(("127.0.0.1", port), SECONDS) as sock:
        if plan.first:
            sock.sendall(plan.first)
        client = HostileClient(sock, plan)
        settings = HandshakeSettings()
        settings.minVersion = settings.maxVersion = (3, 4)
        settings.certificate_compression_send = []  # the library compresses unasked
        for name, value in plan.settings.items():
            setattr(settings, name, value)
        try:
            client.handshakeClientCert(
                _chain(chain) if chain else None,
                parsePEMKey(key.read_text(), private=True) if key else None,
                settings=settings,
                serverName="localhost",
                alpn=[bytearray(PROTOCOL.encode())],
            )
            if plan.after is not None:
                plan.after(client)
            client.write(bytearray(b"?"))
            return "let in" if client.read(min=1, max=1) == b"?" else "closed"
        except BaseTLSException as error:
            return f"alert {error.description}" if hasattr(error, "description") else "closed"
        except (OSError, ValueError, AssertionError, SyntaxError, TypeError, IndexError):
            return "closed"


def _chain(file: Path) -> X509CertChain:
    parts = file.read_text().split(END)[:-1]
    return X509CertChain([X509().parse(part + END) for part in parts])
