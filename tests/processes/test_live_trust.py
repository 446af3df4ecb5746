"""Who is let in, asked of running processes on every port and socket: rows T01 to T04 and R01 to R03."""

import asyncio
import os
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from hpserver.base.changes import update
from hpserver.certs import authority, contexts
from hpserver.certs.authority import Authority
from hpserver.client import School
from hpserver.config import secret_beside
from hpserver.directory.model import Assignment, Device, Revocation, User
from hpserver.errors import (
    CertificateRefusedError,
    ForeignPlanningError,
    HPError,
    NotFoundError,
    SessionEndedError,
    TicketRefusedError,
)
from hpserver.hosting.keyring import planning_name, utc_now
from hpserver.protocol import messages as m
from hpserver.protocol.codec import encode_internal
from hpserver.protocol.internal import Present
from tests.house import DOMAIN, PATIENCE, House, a_house, base_of
from tests.pki import Pki
from tests.wire import Wire

pytestmark = [pytest.mark.slow, pytest.mark.uvloop_only]

PORTS = ("controller", "handed over", "direct")
NOBODY = 65534


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house for every test of this module."""
    with a_house(tmp_path_factory.mktemp("house")) as house:
        yield house


@pytest.fixture
def pki(house: House, tmp_path: Path) -> Pki:
    """The authorities of the house, in the hands of the test: it can issue what the server never would."""
    issuer = house.accounts.keyring.issuer(house.account.number)
    return Pki(tmp_path, utc_now(), DOMAIN, Authority(house.accounts.keyring.root(), issuer.key), issuer)


def door(house: House, port: str) -> tuple[int, str]:
    """Return the TCP port and the server name of one of `PORTS`."""
    name = DOMAIN if port == "controller" else planning_name("planning01", DOMAIN)
    return house.plannings["planning01"].port if port == "direct" else house.account.port, name


def answer_to(house: House, port: str, context: ssl.SSLContext) -> str:
    """Return the alert, or the name of the error, that a device hears instead of a welcome."""
    number, name = door(house, port)
    try:
        with house.handshake(context, number, name) as sock:
            data = sock.recv(65_536)
    except ssl.SSLError as error:
        return str(error.reason)
    except ConnectionResetError:
        return "reset"
    return "bytes" if data else "closed"


def refusal(wire: Wire) -> str:
    """Return the name of the error that is said before the line is closed."""
    said = wire.hear()
    assert isinstance(said, m.Failed), said
    assert wire.hear() is None
    return said.name


# --- T: transport ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("port", PORTS[::2])
def test_t01_plain_text_and_old_tls_get_an_alert_and_no_other_byte(house: House, port: str) -> None:
    """What does not speak TLS 1.3 learns nothing."""
    number, name = door(house, port)
    with socket.create_connection(("127.0.0.1", number), PATIENCE) as raw:
        raw.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        said = b""
        while data := read(raw):
            said += data
    assert said == b"" or (said[0] == 0x15 and len(said) == 7), "one TLS alert at most"
    old = house.credentials("alice").context()
    old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_2
    with pytest.raises(ssl.SSLError) as refused:
        house.handshake(old, number, name)
    assert refused.value.reason == "TLSV1_ALERT_PROTOCOL_VERSION"


def read(raw: socket.socket) -> bytes:
    """Return the next bytes, none when the other end has gone, rudely or not."""
    try:
        return raw.recv(4096)
    except ConnectionResetError:
        return b""


@pytest.mark.parametrize("port", PORTS)
def test_t02_no_certificate_or_a_foreign_one_ends_in_an_alert(house: House, pki: Pki, port: str) -> None:
    """Strangers never reach the parser of messages, and hear why."""
    root = house.accounts.keyring.root()
    nothing = contexts.enrolling_client_context(root)
    nothing.set_alpn_protocols([contexts.PROTOCOL])
    assert answer_to(house, port, nothing) == "TLSV13_ALERT_CERTIFICATE_REQUIRED"
    stranger = Pki.create(pki.folder).device()
    foreign = contexts.client_context(root, stranger.chain_file, stranger.key_file)
    assert answer_to(house, port, foreign) == "TLSV1_ALERT_UNKNOWN_CA"


@pytest.mark.parametrize("port", PORTS)
def test_t02_device_of_another_account_is_refused(house: House, pki: Pki, port: str) -> None:
    """One root signs every school: that of the school next door is a stranger here."""
    number, keyring = "999999999999", house.accounts.keyring
    if port == PORTS[0]:
        keyring.create_account(number, "autre.example", ["127.0.0.1"], utc_now())
    other = Pki(pki.folder, utc_now(), "autre.example", pki.root, keyring.issuer(number))
    assert answer_to(house, port, other.client_context()) == "TLSV1_ALERT_UNKNOWN_CA"


@pytest.mark.parametrize("port", PORTS)
def test_t02_expired_and_future_certificates_are_refused(house: House, pki: Pki, port: str) -> None:
    """The date of a certificate is looked at on every port."""
    good = pki.device("poste-9").certificate
    day = timedelta(days=1)
    for name, since, until, alert in (
        ("expired", -90 * day, -day, "SSLV3_ALERT_CERTIFICATE_EXPIRED"),
        ("future", day, 90 * day, "SSLV3_ALERT_BAD_CERTIFICATE"),
    ):
        key = ec.generate_private_key(ec.SECP256R1())
        leaf = authority.issue_device(
            pki.intermediate, key.public_key(), name, serial=good.serial_number, now=utc_now()
        )
        dated = with_dates(leaf, pki.intermediate, since, until)
        kept = pki.keep(name, dated, key)
        context = contexts.client_context(pki.root.certificate, kept.chain_file, kept.key_file)
        assert answer_to(house, port, context) == alert


def with_dates(leaf: x509.Certificate, issuer: Authority, since: timedelta, until: timedelta) -> x509.Certificate:
    """Return the same certificate with other dates, counted from now."""
    key = leaf.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    builder = x509.CertificateBuilder().issuer_name(leaf.issuer).subject_name(leaf.subject).public_key(key)
    builder = builder.serial_number(leaf.serial_number)
    builder = builder.not_valid_before(utc_now() + since).not_valid_after(utc_now() + until)
    for extension in leaf.extensions:
        builder = builder.add_extension(extension.value, extension.critical)
    return builder.sign(issuer.key, hashes.SHA256())


def test_t02_certificate_that_no_directory_knows_is_refused(house: House, pki: Pki) -> None:
    """A leaf of our own authority that was never enrolled is a copy of nothing: a typed refusal."""
    number, name = door(house, "controller")
    with Wire(number, pki.client_context("poste-8"), name, greet=False) as wire:
        assert refusal(wire) == CertificateRefusedError.__name__


@pytest.mark.parametrize("port", PORTS)
def test_t03_no_ticket_is_issued_and_no_session_resumed(house: House, port: str) -> None:
    """A resumed session would skip the check of the certificate."""
    context = house.credentials("alice").context()
    context.options &= ~ssl.OP_NO_TICKET
    number, name = door(house, port)
    with house.handshake(context, number, name) as sock:
        sock.settimeout(0.3)
        with pytest.raises(TimeoutError):
            sock.recv(1)  # a ticket would have been read with this
        session = sock.session
    assert session is None or not session.has_ticket
    with socket.create_connection(("127.0.0.1", number), PATIENCE) as raw:
        again = context.wrap_socket(raw, server_hostname=name, session=session)
        assert again.session_reused is False
        again.close()


async def test_t04_revoked_certificate_closes_open_sessions_and_stays_out(house: House) -> None:
    """One row in the directory: out of the controller and of both plannings in a moment, and not in again."""
    house.add_user("revoked")
    async with asyncio.timeout(PATIENCE), house.signed_in("revoked") as school:
        handed, direct = await asyncio.gather(*(enter(house, school, "revoked", direct=way) for way in (False, True)))
        home = await asyncio.to_thread(house.wire, "revoked")
        serial = f"{house.credentials('revoked').certificate().serial_number:x}"
        revocation = Revocation(serial=serial, account=house.account.number, at=time.time())
        await asyncio.to_thread(house.run, house.directory.add(revocation))
        for wire in (home, handed, direct):
            assert await asyncio.to_thread(refusal, wire) in {"CertificateRefusedError", "SessionEndedError"}
            wire.sock.close()
    for planning, way in (("", False), ("planning01", False), ("planning01", True)):
        with house.wire("revoked", planning, direct=way, greet=False) as wire:
            assert refusal(wire) == CertificateRefusedError.__name__


async def test_t04_disabled_user_and_revoked_device_are_out(house: House) -> None:
    """The same for a user that is disabled, and for one device of a user."""
    for login in ("disabled", "stolen"):
        house.add_user(login)
        async with asyncio.timeout(PATIENCE), house.signed_in(login) as school:
            wire = await enter(house, school, login)
            if login == "disabled":
                change = house.directory.change(User, house.users[login].key, enabled=False)
                await asyncio.to_thread(house.run, change)
            else:
                thumbprint = authority.thumbprint(house.credentials(login).certificate())
                [row] = await asyncio.to_thread(house.run, house.directory.list(Device, thumbprint=thumbprint))
                await asyncio.to_thread(house.run, house.directory.change(Device, row.key, revoked_at=time.time()))
            assert await asyncio.to_thread(refusal, wire) == SessionEndedError.__name__
            wire.sock.close()
        with pytest.raises(HPError) as refused:
            async with house.signed_in(login):
                pass
        assert type(refused.value).__name__ in {"BadCredentialsError", "CertificateRefusedError"}


# --- R: routing -----------------------------------------------------------------------------------------------------


async def enter(house: House, school: School, login: str, *, direct: bool = False) -> Wire:
    """Return a bare client that is inside planning01."""
    opened = await school.open("planning01")
    wire = await asyncio.to_thread(house.wire, login, "planning01", direct=direct)
    assert isinstance(await spend(wire, "planning01", opened.ticket), m.Entered)
    return wire


async def spend(wire: Wire, planning: str, ticket: bytes) -> m.Message | None:
    """Try a ticket; the answer."""
    return await asyncio.to_thread(wire.ask, m.Enter(wire.next_id(), 0, planning, ticket, 0, 0))


def code_of(answer: m.Message | None) -> int:
    """Return the code of a refusal."""
    assert isinstance(answer, m.Failed), answer
    return answer.code


async def test_r01_planning_of_others_does_not_exist(house: House) -> None:
    """Neither the controller nor the planning server lets a user into a planning that is not theirs."""
    async with asyncio.timeout(PATIENCE), house.signed_in("alice") as school:
        with pytest.raises(NotFoundError):
            await school.open("planning02")
        opened = await school.open("planning01")
        for planning, name, code in (
            ("planning01", "planning02", ForeignPlanningError.code),
            ("planning02", "planning01", ForeignPlanningError.code),
            ("planning02", "planning02", TicketRefusedError.code),
        ):
            with await asyncio.to_thread(house.wire, "alice", planning, direct=True) as wire:
                assert code_of(await spend(wire, name, opened.ticket)) == code


async def test_r01_removed_assignment_ends_the_session(house: House) -> None:
    """Who loses the right to a planning is out of it at once, and a lowered profile edits no more."""
    user, planning = house.add_user("leaver"), house.plannings["planning01"]
    async with asyncio.timeout(PATIENCE), house.signed_in("leaver") as school:
        wire = await enter(house, school, "leaver")
        await asyncio.to_thread(house.run, house.directory.remove(Assignment, planning.key, user.key))
        assert await asyncio.to_thread(refusal, wire) == SessionEndedError.__name__
        wire.sock.close()
        with pytest.raises(NotFoundError):
            await school.open("planning01")


async def test_r02_ticket_is_spent_once_by_who_it_was_given_to(house: House) -> None:
    """Not twice, not on another device, not for another planning, not after a restart: all told alike."""
    async with asyncio.timeout(PATIENCE), house.signed_in("emile") as school:
        opened = await school.open("planning01")
        for login in ("bruno", "emile"):  # whoever shows a ticket ends it
            with await asyncio.to_thread(house.wire, login, "planning01") as wire:
                assert code_of(await spend(wire, "planning01", opened.ticket)) == TicketRefusedError.code
        opened = await school.open("planning01")
        with await asyncio.to_thread(house.wire, "emile", "planning02") as wire:
            assert code_of(await spend(wire, "planning02", opened.ticket)) == TicketRefusedError.code
        with await asyncio.to_thread(house.wire, "emile", "planning01") as wire:
            assert isinstance(await spend(wire, "planning01", opened.ticket), m.Entered)
        with await asyncio.to_thread(house.wire, "emile", "planning01") as wire:
            assert code_of(await spend(wire, "planning01", opened.ticket)) == TicketRefusedError.code
        opened = await school.open("planning01")
        pid = await asyncio.to_thread(house.kill, "planning01")
        await asyncio.to_thread(lambda: house.wait_live("planning01", after=pid))
        with await asyncio.to_thread(house.wire, "emile", "planning01", direct=True) as wire:
            assert code_of(await spend(wire, "planning01", opened.ticket)) == TicketRefusedError.code


def sockets_of(house: House) -> list[Path]:
    """Return every internal socket of the house."""
    number = house.account.number
    plannings = [house.paths.planning_socket(number, name) for name in house.plannings]
    return [house.paths.agent_socket, house.paths.controller_socket(number), *plannings]


def test_r03_internal_sockets_want_the_secret_of_this_start(house: House) -> None:
    """A process of the same user that does not know the secret is closed without a word."""
    for path in sockets_of(house):
        right = secret_beside(path).read_bytes()
        for first in (encode_internal(Present(sha256(right).digest(), "controller", "x", os.getpid())), b"\xc1"):
            with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as sock:
                sock.settimeout(PATIENCE)
                sock.connect(str(path))
                sock.send(first)
                assert hears(sock) == b""
    assert {path.stat().st_mode & 0o777 for path in (house.paths.run, *[one.parent for one in sockets_of(house)])} == {
        0o700
    }


def hears(sock: socket.socket) -> bytes:
    """Return what is said, nothing when the line is closed."""
    try:
        return sock.recv(65_536)
    except ConnectionResetError:
        return b""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be another user")
def test_r03_another_user_is_refused_even_with_the_secret(house: House) -> None:
    """Were the directory open and the secret known, the kernel's word for who connects would still stand."""
    code = (
        "import socket, sys; sock = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET); sock.settimeout(60)\n"
        "try:\n    sock.connect(sys.argv[1]); sock.send(bytes.fromhex(sys.argv[2])); print(sock.recv(65536))\n"
        "except OSError as error: print(type(error).__name__)"
    )
    for path in sockets_of(house):
        said = encode_internal(Present(secret_beside(path).read_bytes(), "controller", "x", 1)).hex()
        folders = {path.parent, house.paths.run}

        def told(path: Path = path, said: str = said) -> str:
            return subprocess.run(
                [sys.executable, "-c", code, str(path), said], user=NOBODY, capture_output=True, text=True, check=True
            ).stdout.strip()

        assert told() == "PermissionError"
        modes = {one: one.stat().st_mode for one in (*folders, path)}
        try:
            for one in modes:
                one.chmod(0o777)
            assert told() in {"b''", "ConnectionResetError", "BrokenPipeError"}
        finally:
            for one, mode in modes.items():
                one.chmod(mode)


async def test_r03_the_house_still_works(house: House) -> None:
    """After all of that, a planner edits."""
    async with asyncio.timeout(PATIENCE), house.inside("alice") as alice:
        done = await alice.edit([update("activity", 1, memo="toujours là")])
        await alice.wait_revision(done.revision)
        assert base_of(alice).activity(1).memo == "toujours là"
