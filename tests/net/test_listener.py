"""Accept, gate, peek, handshake: with real sockets on the loopback."""

import asyncio
import contextlib
import errno
import functools
import gc
import os
import resource
import socket
import ssl
import struct
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509

from hpserver.certs.requests import make_key
from hpserver.errors import HPError, RemoteProtocolError
from hpserver.net.gate import PENALTY_ACTIVE_FROM, Refusal
from hpserver.net.listener import KEEPALIVE, USER_TIMEOUT_MS, Arrival, most_connections
from tests.leaves import Leaf
from tests.net.ends import Served, in_thread, open_files, serving, tls_threads, until
from tests.net.test_peek import NAMED
from tests.pki import Pki


@pytest.fixture
def pki(tmp_path: Path) -> Pki:
    """A throw-away PKI."""
    return Pki.create(tmp_path)


def talk(served: Served, context: ssl.SSLContext, name: str = "localhost") -> bytes:
    """Return what an echo server answers to a good client, which then takes leave."""
    with served.connect_tls(context, name) as client:
        client.sendall(b"bonjour")
        heard = client.recv(100)
        client.unwrap()
        return heard


def heard_by(served: Served, context: ssl.SSLContext) -> bytes:
    """Return what a client hears, however it ends."""
    with contextlib.suppress(ssl.SSLError, ConnectionError):
        return talk(served, context)
    return b""


def take_nothing(_sock: socket.socket, _name: str, _source: str) -> bool:
    """Route every connection to the listener itself."""
    return False


def said_to(served: Served, said: bytes) -> bytes:
    """Return all that is answered to raw bytes, until the end."""
    with served.connect() as client:
        client.sendall(said)
        got = b""
        with contextlib.suppress(ConnectionResetError):
            while piece := client.recv(4096):
                got += piece
        return got


async def test_a_device_comes_in_and_is_answered(pki: Pki) -> None:
    """The way of every connection: certificate known, bytes there and back, leave taken by both."""
    async with serving(pki.server_context()) as served:
        assert await in_thread(lambda: talk(served, pki.client_context())) == b"bonjour"
        assert served.arrivals[0].peer_der == pki.device().der
        await served.owners[0].wait("lost")
        assert served.owners[0].error is None


async def test_connections_have_the_options_of_the_house(pki: Pki) -> None:
    """Without delay, with keepalive: each accepted socket inherits what its listening socket was given."""
    async with serving(pki.server_context()) as served:
        with await in_thread(lambda: served.connect_tls(pki.client_context())):
            await until(lambda: bool(served.links))
            sock = served.links[0]._sock
            options = (socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL, socket.TCP_KEEPCNT, socket.TCP_USER_TIMEOUT)
            found = tuple(sock.getsockopt(socket.IPPROTO_TCP, one) for one in options)
            assert found == (*KEEPALIVE, USER_TIMEOUT_MS)
            assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
            assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)


# --- T: who may come in ---


@pytest.mark.parametrize("routed", [False, True])
async def test_t01_plain_text_on_the_tls_port_gets_no_answer(pki: Pki, routed: bool) -> None:
    """Whoever speaks something else is cut at once and told nothing; the audit hears of it."""
    heard: list[tuple[str, HPError]] = []
    async with serving(
        pki.server_context(), route=take_nothing if routed else None, turned_away=lambda *told: heard.append(told)
    ) as served:
        answer = await in_thread(lambda: said_to(served, b"GET / HTTP/1.1\r\nHost: example\r\n\r\n" * 10))
        assert not answer or answer[0] == 21, "neither silence nor a TLS alert"
        assert len(answer) <= 7
        assert not served.arrivals
        await until(lambda: bool(heard))
        assert [(source, type(error)) for source, error in heard] == [("127.0.0.1", RemoteProtocolError)]


async def test_t01_tls_1_2_gets_the_alert_of_its_version(pki: Pki) -> None:
    """An old client can tell its user that it is too old."""
    old = pki.client_context()
    old.minimum_version, old.maximum_version = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_2
    async with serving(pki.server_context()) as served:
        with pytest.raises(ssl.SSLError, match=r"(?i)protocol.version"):
            await in_thread(lambda: talk(served, old))
        assert not served.arrivals
        await until(lambda: bool(served.listener.failed))
        assert served.listener.failed == {"UnsupportedVersionError": 1}


async def test_t01_a_client_of_another_protocol_is_refused(pki: Pki) -> None:
    """A browser with a good certificate is not our client."""
    browser = pki.client_context()
    browser.set_alpn_protocols(["h2"])
    silent = pki.enrolling_client_context()
    async with serving(pki.server_context()) as served:
        for context in (browser, silent):
            assert await in_thread(functools.partial(heard_by, served, context)) == b""
        assert not served.arrivals


def no_certificate(pki: Pki) -> ssl.SSLContext:
    """A device that never enrolled."""
    context = pki.enrolling_client_context()
    context.set_alpn_protocols(["hp/1"])
    return context


def foreign(pki: Pki) -> ssl.SSLContext:
    """A device of another installation, whose authority nobody here knows."""
    other = Pki.create(pki.folder, now=pki.now - timedelta(seconds=1), account="ailleurs.example")
    mine = other.device("voleur")
    context = pki.client_context()
    context.load_cert_chain(mine.chain_file, mine.key_file)
    return context


def other_school(pki: Pki) -> ssl.SSLContext:
    """A device of another account of the same installation."""
    mine = pki.other("lycee.example").device("poste-9")
    context = pki.client_context()
    context.load_cert_chain(mine.chain_file, mine.key_file)
    return context


def expired(pki: Pki) -> ssl.SSLContext:
    """A device that was away for too long."""
    key = make_key()
    leaf = Leaf(key.public_key(), start=pki.now - timedelta(days=120), end=pki.now - timedelta(days=30))
    mine = pki.keep("vieux-poste", x509.load_der_x509_certificate(leaf.signed(pki.intermediate)), key)
    context = pki.client_context()
    context.load_cert_chain(mine.chain_file, mine.key_file)
    return context


@pytest.mark.parametrize(
    ("make", "alert"),
    [
        (no_certificate, "certificate.required"),
        (foreign, "unknown.ca|bad.certificate|decrypt.error"),
        (other_school, "unknown.ca"),
        (expired, "certificate.expired"),
    ],
)
async def test_t02_the_alert_says_what_is_wrong(pki: Pki, make: Callable[[Pki], ssl.SSLContext], alert: str) -> None:
    """A refused device can tell "certificate refused" from "network down", and never reaches the login."""
    context = make(pki)
    async with serving(pki.server_context()) as served:
        with pytest.raises(ssl.SSLError, match=rf"(?i){alert.replace('.', '[ _]')}"):
            await in_thread(lambda: talk(served, context))
        assert not served.arrivals
        await until(lambda: bool(served.listener.failed))
        assert served.listener.failed == {"CertificateRefusedError": 1}


async def test_t02_the_alert_survives_what_the_client_had_sent_already(pki: Pki) -> None:
    """In TLS 1.3 a client speaks before it is judged: bytes we never read must not reset its alert away."""
    context = no_certificate(pki)

    def talk_much() -> None:
        with served.connect_tls(context) as client:
            client.sendall(bytes(100_000))
            client.recv(100)

    async with serving(pki.server_context()) as served:
        with pytest.raises(ssl.SSLError, match=r"(?i)certificate.required"):
            await in_thread(talk_much)


async def test_t03_no_session_can_be_resumed(pki: Pki) -> None:
    """A resumed session skips every check of the certificate: none is ever offered, and a forced one is ignored."""
    context = pki.client_context()

    def visit(session: ssl.SSLSession | None) -> tuple[bool, ssl.SSLSession | None, bool | None]:
        with context.wrap_socket(served.connect(), server_hostname="localhost", session=session) as client:
            client.sendall(b"x")
            client.recv(1)
            found = client.session
            client.unwrap()
            return found is not None and found.has_ticket, found, client.session_reused

    async with serving(pki.server_context()) as served:
        has_ticket, session, _ = await in_thread(lambda: visit(None))
        assert not has_ticket
        assert (await in_thread(lambda: visit(session)))[2] is not True


# --- P: load and faults ---


async def test_p03_silent_and_dripping_peers_meet_an_absolute_deadline(pki: Pki) -> None:
    """Neither silence nor a byte now and then holds a place, and honest clients come in meanwhile."""
    async with serving(pki.server_context(), seconds=0.15) as served:
        silent = [served.connect() for _ in range(20)]
        dripping = served.connect()

        def drip() -> bool:
            with contextlib.suppress(OSError):
                for byte in NAMED:
                    dripping.send(bytes([byte]))
                    dripping.settimeout(0.01)
                    with contextlib.suppress(TimeoutError):
                        return not dripping.recv(100)
            return True

        dripped = asyncio.get_running_loop().run_in_executor(None, drip)
        assert await in_thread(lambda: talk(served, pki.client_context())) == b"bonjour"
        assert await dripped, "the deadline moved with each byte"
        await until(lambda: not served.gate.unfinished)
        assert served.listener.failed == {"TooSlowError": 21}
        for sock in (*silent, dripping):
            sock.close()


async def test_p03_silent_peers_occupy_no_thread(pki: Pki) -> None:
    """A peer that stops in the middle of the handshake waits in the loop, however many there are."""
    async with serving(pki.server_context()) as served:
        stopped = [served.connect() for _ in range(30)]
        for sock in stopped:
            sock.sendall(NAMED[: len(NAMED) // 2])
        await until(lambda: served.gate.unfinished == 30)
        assert await in_thread(lambda: talk(served, pki.client_context())) == b"bonjour"
        for sock in stopped:
            sock.close()
        await until(lambda: not served.gate.unfinished)


@pytest.mark.slow
async def test_p07_a_reset_at_each_step_of_the_handshake_leaves_nothing(pki: Pki) -> None:
    """Wherever a peer breaks off, descriptors, tasks and threads return to where they were."""
    reset = struct.pack("ii", 1, 0)
    async with serving(pki.server_context()) as served:
        await in_thread(lambda: talk(served, pki.client_context()))
        await until(lambda: not served.gate.opened)
        gc.collect()
        files, tasks, threads = open_files(), len(asyncio.all_tasks()), tls_threads()
        cuts = range(0, len(NAMED) + 1, 7)
        for cut in cuts:
            for linger in (None, reset):
                with served.connect() as client:
                    client.send(NAMED[:cut])
                    if linger is not None:
                        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                await asyncio.sleep(0)
        await until(lambda: served.listener.accepted >= 2 * len(cuts) and not served.gate.opened)
        gc.collect()
        assert open_files() == files
        assert (len(asyncio.all_tasks()), len(served.listener._handshaker._shakes)) == (tasks, 0)
        assert threads <= tls_threads() <= 2
    assert tls_threads() == 0


async def test_p07_a_client_that_leaves_before_its_certificate_was_judged_leaves_nothing(pki: Pki) -> None:
    """The end of the handshake meets a closed socket: the place at the gate comes back."""
    async with serving(pki.server_context()) as served:
        for _ in range(10):
            await in_thread(lambda: served.connect_tls(pki.client_context()).close())
        await until(lambda: served.listener.accepted == 10 and not served.gate.opened)


async def test_no_descriptor_left_does_not_spin(pki: Pki) -> None:
    """Out of descriptors the listener pauses instead of turning, and serves again when there are some."""
    async with serving(pki.server_context()) as served:
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        waiting = [served.connect() for _ in range(3)]
        clients = [socket.socket() for _ in range(3)]
        await until(lambda: served.gate.opened == 3)
        resource.setrlimit(resource.RLIMIT_NOFILE, (3, hard))
        try:
            for client in clients:
                client.setblocking(False)
                assert client.connect_ex(("127.0.0.1", served.port)) in {0, errno.EINPROGRESS}
            before = os.times()
            await asyncio.sleep(0.1)
            spent = sum(os.times()[:2]) - sum(before[:2])
            assert served.listener._pauses
            assert served.listener._pause_seconds > 0.01
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        assert spent < 0.09, "it turned the whole time"
        await until(lambda: served.gate.opened == 6)
        for one in (*waiting, *clients):
            one.close()


async def test_a_source_with_too_many_faults_is_refused_before_a_byte(pki: Pki) -> None:
    """Probing costs the prober, not the school."""
    async with serving(pki.server_context(), spared=frozenset()) as served:
        for _ in range(3):
            await in_thread(lambda: said_to(served, b"\x16\x03\x01\x00\x05garbage"))
        await until(lambda: not served.gate.opened)
        with pytest.raises((ConnectionError, ssl.SSLError)):
            await in_thread(lambda: talk(served, pki.client_context()))
        assert served.gate.refused[Refusal.PENALTY] == 2


# --- routes and hand-over ---


async def test_a_routed_connection_is_taken_with_every_byte(pki: Pki) -> None:
    """The controller's port serves a planning: another listener makes the handshake from its first byte."""
    async with serving(pki.server_context()) as planning:

        def route(sock: socket.socket, name: str, source: str) -> bool:
            if name != "planning01.monecole.example":
                return False
            assert planning.listener.adopt(sock, source) is None
            return True

        async with serving(pki.server_context(), route=route) as controller:
            context = pki.client_context()
            assert await in_thread(lambda: talk(controller, context, "planning01.monecole.example")) == b"bonjour"
            assert (len(planning.arrivals), len(controller.arrivals)) == (1, 0)
            assert await in_thread(lambda: talk(controller, context)) == b"bonjour"
            assert (len(planning.arrivals), len(controller.arrivals)) == (1, 1)
            assert controller.gate.unfinished == 0


async def test_a_route_that_fails_closes_its_socket(pki: Pki) -> None:
    """A bug in the router costs one connection and no place at the gate."""
    heard: list[dict[str, object]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: heard.append(context))

    def route(*_: object) -> bool:
        raise ZeroDivisionError

    async with serving(pki.server_context(), route=route) as served:
        with pytest.raises((ConnectionError, ssl.SSLError)):
            await in_thread(lambda: talk(served, pki.client_context()))
        await until(lambda: not served.gate.opened)
        assert isinstance(heard[0]["exception"], ZeroDivisionError)


async def test_an_arrival_may_be_refused_and_counts_as_a_fault(pki: Pki) -> None:
    """A revoked certificate passes TLS and stops here."""
    async with serving(pki.server_context(), spared=frozenset()) as served:

        def refuse(arrival: Arrival) -> None:
            arrival.refuse(PENALTY_ACTIVE_FROM)
            arrival.refuse()

        served.listener._welcome = refuse
        with pytest.raises((ConnectionError, ssl.SSLError)):
            await in_thread(lambda: talk(served, pki.client_context()))
        await until(lambda: not served.gate.opened)
        assert served.gate.admit("127.0.0.1", asyncio.get_running_loop().time(), 0.0) is Refusal.PENALTY


async def test_stopping_keeps_what_has_arrived(pki: Pki) -> None:
    """An upgrade takes no new connection and drops no old one; starting again accepts again."""
    async with serving(pki.server_context()) as served:
        with await in_thread(lambda: served.connect_tls(pki.client_context())) as client:
            await until(lambda: bool(served.links))
            served.listener.stop()
            served.listener.stop()
            late = served.connect()
            await in_thread(lambda: client.sendall(b"x"))
            assert await in_thread(lambda: client.recv(1)) == b"x"
            assert served.listener.accepted == 1
            served.listener.start()
            await until(lambda: served.listener.accepted == 2)
            late.close()


async def test_a_logged_in_peer_protects_its_source(pki: Pki) -> None:
    """Also when it has left, and whatever it did: its own faults are its certificate's once that was checked."""
    async with serving(pki.server_context(), spared=frozenset()) as served:
        with await in_thread(lambda: served.connect_tls(pki.client_context())):
            await until(lambda: bool(served.arrivals))
            served.arrivals[0].logged_in()
            served.arrivals[0].logged_in()
            served.arrivals[0].penalize(100.0)
            assert await in_thread(lambda: talk(served, pki.client_context())) == b"bonjour"
        await until(lambda: not served.gate.opened)
        served.arrivals[0].logged_in()
        assert await in_thread(lambda: talk(served, pki.client_context())) == b"bonjour"


async def test_a_checked_certificate_bears_its_own_faults(pki: Pki) -> None:
    """Others of its address come in; it is told for how long it does not."""
    async with serving(pki.server_context(), spared=frozenset()) as served:
        with await in_thread(lambda: served.connect_tls(pki.client_context())):
            await until(lambda: bool(served.arrivals))
            fool = served.arrivals[0]
            assert fool.vouch(b"\x01") == 0
            fool.penalize(20.0)
            assert 19 < fool.vouch(b"\x01") <= 20
            assert fool.vouch(b"\x02") == 0
            assert await in_thread(lambda: talk(served, pki.client_context())) == b"bonjour"


async def test_a_certificate_of_a_spared_source_bears_none(pki: Pki) -> None:
    """What comes from this machine, or through its proxy, is not refused for faults."""
    async with serving(pki.server_context()) as served:
        with await in_thread(lambda: served.connect_tls(pki.client_context())):
            await until(lambda: bool(served.arrivals))
            served.arrivals[0].vouch(b"\x01")
            served.arrivals[0].penalize(100.0)
            assert served.arrivals[0].vouch(b"\x01") == 0


@pytest.mark.slow
async def test_a_crowd_of_this_machine_waits_its_turn(pki: Pki) -> None:
    """A benchmark that connects a hundred clients before any of them speaks sees none refused."""
    context = pki.client_context()

    def crowd() -> int:
        came = 0
        for sock in [served.connect() for _ in range(120)]:
            with context.wrap_socket(sock, server_hostname="localhost") as client:
                client.sendall(b"x")
                came += client.recv(1) == b"x"
        return came

    async with serving(pki.server_context()) as served:
        assert await in_thread(crowd) == 120
        assert not any(served.gate.refused.values())


def test_a_process_keeps_descriptors_for_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many connections are wished, a fifth of the descriptors stays for databases and logs."""
    monkeypatch.setattr("resource.getrlimit", lambda _kind: (1000, 20_000))

    assert most_connections(10_000) == 800
    assert most_connections(50) == 50
