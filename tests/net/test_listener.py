"""Accept, gate, peek, handshake: with real sockets on the loopback."""

from pathlib import Path

import pytest

from tests.net.ends import in_thread, serving
from tests.pki import Pki


@pytest.fixture
def pki(tmp_path: Path) -> Pki:
    """A throw-away PKI."""
    return Pki.create(tmp_path)


async def test_a_device_comes_in_and_is_answered(pki: Pki) -> None:
    """The way of every connection: certificate known, bytes there and back, leave taken by both."""
    async with serving(pki.server_context()) as served:

        def visit() -> tuple[bytes, bytes]:
            with served.connect_tls(pki.client_context()) as client:
                client.sendall(b"bonjour")
                heard = client.recv(100)
                client.unwrap()
                return heard, b""

        assert (await in_thread(visit))[0] == b"bonjour"
        assert served.arrivals[0].peer_der == pki.device().der
        await served.owners[0].wait("lost")
        assert served.owners[0].error is None
