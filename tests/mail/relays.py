"""A real mail relay on a free port of this machine, with STARTTLS, for tests."""

import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Sink
from aiosmtpd.smtp import SMTP, Envelope, Session
from cryptography.hazmat.primitives.serialization import Encoding

from hpserver.config import Mail
from tests.pki import Pki


class Relay(Sink):
    """Keeps what it takes."""

    def __init__(self) -> None:
        super().__init__()
        self.taken: list[Envelope] = []
        self.answer = "250 OK"
        self.once_taken: Callable[[], None] = lambda: None

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """Take a letter, or say otherwise."""
        if self.answer.startswith("2"):
            self.taken.append(envelope)
            self.once_taken()
        return self.answer


@contextmanager
def a_relay(pki: Pki, *, tls: bool = True) -> Iterator[tuple[Relay, Mail]]:
    """Run a relay, and give the settings that lead to it."""
    context = None
    if tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        made = pki.server()
        context.load_cert_chain(made.chain_file, made.key_file)
    relay = Relay()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    controller = Controller(relay, hostname="127.0.0.1", port=port, tls_context=context, require_starttls=tls)
    controller.start()
    try:
        yield relay, settings(pki, port)
    finally:
        controller.stop()


def settings(pki: Pki, port: int) -> Mail:
    """Return the settings for a relay of this machine."""
    root = Path(pki.folder) / "relay-root.pem"
    root.write_bytes(pki.root.certificate.public_bytes(Encoding.PEM))
    return Mail(host="127.0.0.1", port=port, sender="hp@monecole.example", ca_file=str(root))
