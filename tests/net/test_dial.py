"""The client's link: against the real server's."""

import socket
import ssl
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpserver.errors import (
    CertificateRefusedError,
    ConnectionLostError,
    DeadlineExceededError,
    RemoteProtocolError,
    TooSlowError,
)
from hpserver.net.dial import BACKOFF_MOST, DialledLink, backoff, dial
from hpserver.net.owner import Carrier
from hpserver.protocol.limits import OUTPUT_HARD, OUTPUT_SOFT
from tests.net.ends import Recorder, Served, serving, until
from tests.pki import Pki


@pytest.fixture
def pki(tmp_path: Path) -> Pki:
    """A throw-away PKI."""
    return Pki.create(tmp_path)


async def connect(served: Served, context: ssl.SSLContext) -> tuple[DialledLink, Recorder]:
    """Return a link to the server and its owner."""
    owner = Recorder()
    return await dial("127.0.0.1", served.port, context, "localhost", owner), owner


async def test_both_links_speak(pki: Pki) -> None:
    """Client and server, each with its own kind of link, and a leave that is no error for either."""
    async with serving(pki.server_context()) as served:
        link, owner = await connect(served, pki.client_context())
        link.write(b"bonjour")
        await owner.wait_bytes(7)
        assert link.statistics.sent == link.statistics.received == 7
        assert link._transport is not None
        assert link._transport.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        link.close()
        link.close()
        link.write(b"late")
        await owner.wait("lost")
        await served.owners[0].wait("lost")
        assert owner.error is None
        assert served.owners[0].told == ["received", "lost"]


async def test_the_servers_leave_is_no_error(pki: Pki) -> None:
    """What the server said last arrives before the end."""
    async with serving(pki.server_context()) as served:
        link, owner = await connect(served, pki.client_context())
        await until(lambda: bool(served.links))
        served.links[0].write(b"adieu")
        served.links[0].close()
        await owner.wait("lost")
        assert bytes(owner.received) == b"adieu"
        assert not link.is_open
        await served.owners[0].wait("lost")
        assert served.owners[0].error is None


async def test_answers_written_during_a_read_leave_in_one_piece(pki: Pki) -> None:
    """The client batches as the server does."""
    async with serving(pki.server_context(), echo=False) as served:
        link, owner = await connect(served, pki.client_context())
        pieces: list[bytes] = []
        await until(lambda: bool(served.links))
        served.owners[0].heard = lambda _, data: pieces.append(data)

        def answer(carrier: Carrier, _data: bytes) -> None:
            for _ in range(100):
                carrier.write(b"x")

        owner.heard = answer
        served.links[0].write(b"go")
        await served.owners[0].wait_bytes(100)
        assert pieces == [b"x" * 100]
        link.abort()
        await owner.wait("lost")


async def test_a_server_that_does_not_read_is_told_and_bounded(pki: Pki) -> None:
    """Behind above the soft limit, caught up when it has read, lost above the hard one."""
    async with serving(pki.server_context(), echo=False) as served:
        link, owner = await connect(served, pki.client_context())
        await until(lambda: bool(served.links))
        served.links[0].pause()
        while link.queued <= OUTPUT_SOFT:
            link.write(bytes(1 << 20))
        await owner.wait("behind")
        served.links[0].resume()
        await owner.wait("caught up")
        served.links[0].pause()
        while link.is_open:
            link.write(bytes(1 << 20))
            assert link.queued <= OUTPUT_HARD + (2 << 20)
        await owner.wait("lost")
        assert isinstance(owner.error, TooSlowError)


async def test_t02_a_refused_device_is_told_why(pki: Pki) -> None:
    """The user reads "certificate refused", not "network down"."""
    context = pki.enrolling_client_context()
    context.set_alpn_protocols(["hp/1"])
    async with serving(pki.server_context()) as served:
        try:
            _, owner = await connect(served, context)
        except CertificateRefusedError:
            return
        await owner.wait("lost")
        assert isinstance(owner.error, CertificateRefusedError)


async def test_a_server_we_do_not_trust_is_refused(pki: Pki, tmp_path: Path) -> None:
    """A device speaks to the installation it enrolled with, and to nobody else."""
    folder = tmp_path / "other"
    folder.mkdir()
    async with serving(pki.server_context()) as served:
        context = pki.client_context()
        with pytest.raises(CertificateRefusedError):
            await dial("127.0.0.1", served.port, context, "ailleurs.example", Recorder())


async def test_nobody_there_is_an_error_and_not_a_wait() -> None:
    """A closed port and a silent one both end."""
    context = ssl.create_default_context()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        with pytest.raises(DeadlineExceededError):
            await dial("127.0.0.1", port, context, "localhost", Recorder(), seconds=0.05)
    with pytest.raises(ConnectionLostError):
        await dial("127.0.0.1", port, context, "localhost", Recorder())


async def test_p07_a_cut_line_is_an_error(pki: Pki) -> None:
    """The client knows that what was in flight has an unknown outcome."""
    async with serving(pki.server_context()) as served:
        _, owner = await connect(served, pki.client_context())
        await until(lambda: bool(served.links))
        sock = served.links[0]._sock
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, bytes([1, 0, 0, 0, 0, 0, 0, 0]))
        served.links[0].abort(RemoteProtocolError("cut"))
        await owner.wait("lost")
        assert isinstance(owner.error, ConnectionLostError)


async def test_pausing_stops_the_server(pki: Pki) -> None:
    """A client may stop reading, and close while it does."""
    async with serving(pki.server_context()) as served:
        link, owner = await connect(served, pki.client_context())
        link.pause()
        link.pause()
        link.write(b"x")
        await until(lambda: bool(served.owners) and bool(served.owners[0].received))
        assert not owner.received
        link.resume()
        link.resume()
        await owner.wait_bytes(1)
        link.pause()
        link.close()
        await owner.wait("lost")


async def test_a_long_transfer_keeps_its_pace(pki: Pki) -> None:
    """Called again when all has left."""
    async with serving(pki.server_context(), echo=False) as served:
        link, owner = await connect(served, pki.client_context())
        left = 20

        def more() -> None:
            nonlocal left
            if left:
                left -= 1
                link.write(bytes(256 << 10))
                link.call_when_drained(more)

        more()
        await until(lambda: bool(served.owners))
        await served.owners[0].wait_bytes(20 * 256 << 10)
        link.close()
        await owner.wait("lost")


@given(st.integers(0, 10_000), st.floats(0, 1, exclude_max=True))
def test_clients_come_back_spread_out(attempt: int, draw: float) -> None:
    """No attempt waits longer than a minute, and the ceiling doubles from one second."""
    assert 0 <= backoff(attempt, draw) < BACKOFF_MOST
    assert backoff(0, draw) < 1
    assert backoff(3, 0.5) == 4.0
