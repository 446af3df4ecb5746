"""A controller as a running process: real TLS, a real directory, a planning server played by the test."""

import asyncio
import contextlib
import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from hpserver.certs.contexts import client_context, enrolling_client_context
from hpserver.certs.files import save_certificates, save_key
from hpserver.certs.param_client import ParamClient, read_param_client
from hpserver.certs.requests import make_key, make_request
from hpserver.config import Paths, Settings
from hpserver.directory.model import Account, Device, User
from hpserver.errors import (
    BadCredentialsError,
    CertificateRefusedError,
    EnrolmentRefusedError,
    GoingAwayError,
    LockedError,
    NotFoundError,
    PlanningNotInServiceError,
    SessionEndedError,
)
from hpserver.hosting.accounts import Accounts
from hpserver.hosting.keyring import planning_name
from hpserver.identity.actor import PROOF_SECONDS
from hpserver.identity.tickets import ticket_hash
from hpserver.net.hub import HubLink, HubServer, dial_hub
from hpserver.protocol import internal
from hpserver.protocol import messages as m
from hpserver.protocol.catalogue import administration as w
from hpserver.protocol.codec import decode_internal, encode_internal
from hpserver.protocol.states import Role
from hpserver.store.sqlite_directory import SqliteDirectory
from tests.processes.signers import a_signer
from tests.schools import a_school
from tests.wire import PATIENCE, Wire

pytestmark = [pytest.mark.slow, pytest.mark.uvloop_only]

DOMAIN = "monecole.example"
PASSWORD = "Lune-4-Papier"
MINE = "Brume-7-Sable"
PIN = "4827"
EPOCH = 7
CHILD = (
    "import socket, sys; from hpserver.controller import run; "
    "sys.exit(run({'account': sys.argv[1]}, [socket.socket(fileno=int(sys.argv[2]))], "
    "socket.socket(fileno=int(sys.argv[3]))))"
)
PLANNING = (
    "import socket, sys; from hpserver.planning_server import run; "
    "sys.exit(run({'account': sys.argv[1], 'planning': sys.argv[2], 'key': sys.argv[3]}, "
    "[socket.socket(fileno=int(sys.argv[4]))], socket.socket(fileno=int(sys.argv[5]))))"
)
ROOT = Path(__file__).resolve().parents[2]

T = TypeVar("T")


class School:
    """An installation with one account, and its controller while it runs."""

    def __init__(self, paths: Paths) -> None:
        self.paths = paths
        self.directory = SqliteDirectory(paths.directory)
        self.accounts = Accounts(self.directory, paths, Settings())
        self.account: Account
        self.port = 0
        self.process: subprocess.Popen[bytes]
        self._devices = 0

    async def build(self) -> None:
        """Make the account with two plannings, and Anne, who may open the first one."""
        self.paths.make()
        await self.directory.open()
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        opened = await self.accounts.open_account("Mon \u00e9cole", DOMAIN, self.port)
        self.account = opened.account
        self.anne = await self.add_user("durand", measure="")
        await self.accounts.assign(opened.plannings[0], self.anne, "Modification")
        self.planning = opened.plannings[0]

    async def add_user(self, login: str, **fields: Any) -> User:
        """Add a user with the usual password."""
        return await self.accounts.add_user(
            self.account, login, name="Durand", first_name="Anne", password=PASSWORD, **fields
        )

    async def start(self) -> None:
        """Start the controller and wait until it is live."""
        listening = socket.create_server(("127.0.0.1", self.port))
        self.report, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.report.settimeout(PATIENCE)
        environ = os.environ | {"HP_STATE": str(self.paths.state), "HP_RUN": str(self.paths.run)}
        with listening, theirs, (self.paths.state / "log").open("ab") as log:
            self.process = await asyncio.to_thread(
                subprocess.Popen,
                [sys.executable, "-c", CHILD, self.account.number, str(listening.fileno()), str(theirs.fileno())],
                pass_fds=[listening.fileno(), theirs.fileno()],
                env=environ,
                cwd=ROOT,
                stdout=log,
                stderr=log,
            )
        await asyncio.to_thread(self.wait_for, "live")

    def wait_for(self, state: str) -> internal.Report:
        """Read reports until one says `state`."""
        while True:
            report = decode_internal(self.report.recv(internal.MAX_PACKET))
            assert isinstance(report, internal.Report)
            if report.state == state:
                return report

    def log(self) -> list[dict[str, Any]]:
        """Return what the controller has logged."""
        lines = (self.paths.state / "log").read_text().splitlines()
        return [json.loads(line) for line in lines if line.startswith("{")]

    async def param(self, uses: int = 1) -> ParamClient:
        """Return a new enrolment file."""
        return read_param_client(await self.accounts.param_client(self.account, uses=uses))

    def enrol(self, param: ParamClient, key: ec.EllipticCurvePrivateKey, ticket: bytes = b"") -> m.Message | None:
        """Ask for a certificate, on a connection of its own."""
        root = x509.load_pem_x509_certificate(param.root.encode())
        with Wire(param.port, enrolling_client_context(root), param.enrol_name, Role.ENROLMENT) as wire:
            secret = ticket or bytes.fromhex(param.ticket)
            return wire.ask(m.Enrol(wire.next_id(), 0, secret, make_request(key), "Bureau"))

    async def device(self) -> ssl.SSLContext:
        """Enrol a new device; its settings."""
        param, key = await self.param(), make_key()
        enrolled = await asyncio.to_thread(self.enrol, param, key)
        assert isinstance(enrolled, m.Enrolled), enrolled
        self._devices += 1
        stem = self.paths.state / f"device{self._devices}"
        chain = [x509.load_der_x509_certificate(one) for one in enrolled.certificates]
        save_certificates(stem.with_suffix(".pem"), chain)
        save_key(stem.with_suffix(".key"), key, passphrase=None)
        root = x509.load_pem_x509_certificate(param.root.encode())
        return client_context(root, stem.with_suffix(".pem"), stem.with_suffix(".key"))

    def connect(self, context: ssl.SSLContext, name: str = DOMAIN) -> Wire:
        """Return a client of the controller."""
        return Wire(self.port, context, name)

    async def stop(self) -> int:
        """End the controller as an operator would; its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return await asyncio.to_thread(self.process.wait, PATIENCE)


class Played:
    """A planning server as its controller sees it: a hub that admits everybody and keeps what is handed over."""

    def __init__(self) -> None:
        self.joined = asyncio.Event()
        self.admitted: list[internal.Admit] = []
        self.forgotten: list[internal.Forget] = []
        self.handed: asyncio.Queue[tuple[internal.HandOver, socket.socket]] = asyncio.Queue()

    def hub_joined(self, _link: HubLink) -> None:
        """See `HubOwner`."""
        self.joined.set()

    def hub_received(self, link: HubLink, message: internal.AnyInternal, passenger: socket.socket | None) -> None:
        """See `HubOwner`."""
        if isinstance(message, internal.HandOver):
            assert passenger is not None
            self.handed.put_nowait((message, passenger))
        elif isinstance(message, internal.Admit):
            self.admitted.append(message)
            link.send(internal.Admitted(message.id, EPOCH))
        elif isinstance(message, internal.Forget):
            self.forgotten.append(message)
            link.send(internal.Forgotten(message.id, 2))

    def hub_lost(self, _link: HubLink, _error: object) -> None:
        """See `HubOwner`."""
        self.joined.clear()


@pytest.fixture
def paths() -> Iterator[Paths]:
    """Short directories: a Unix socket has room for 107 bytes."""
    folder = Path(tempfile.mkdtemp(prefix="hp-"))
    yield Paths(folder / "state", folder / "run")
    shutil.rmtree(folder)


@pytest.fixture
async def school(paths: Paths) -> AsyncIterator[School]:
    """A school whose controller runs."""
    school = School(paths)
    await school.build()
    with a_signer(paths):
        await school.start()
        try:
            yield school
        finally:
            await school.stop()
            school.report.close()
            await school.directory.close()


async def sign_in(wire: Wire, login: str = "durand", password: str = PASSWORD) -> m.Message | None:
    """Log in."""
    return await asyncio.to_thread(wire.ask, m.Login(wire.next_id(), 0, login, password))


def names_of(answer: m.Message | None) -> str:
    """Return the name of an error, or of a message."""
    return answer.name if isinstance(answer, m.Failed) else type(answer).__name__


async def test_from_the_enrolment_file_to_the_list_of_plannings(school: School) -> None:
    """The whole way of a new device: ticket, certificate, password, measure, PIN, registration; then no PIN."""
    played = Played()
    hub = HubServer(
        school.paths.planning_socket(school.account.number, "planning01"),
        asyncio.get_running_loop(),
        played,
        name="planning01",
        epoch=EPOCH,
    )
    hub.open()
    device = await school.device()
    async with asyncio.timeout(PATIENCE):
        await played.joined.wait()
    ask = asyncio.to_thread
    with await ask(school.connect, device) as wire:
        assert names_of(await sign_in(wire, password="wrong")) == "BadCredentialsError"
        needed = await sign_in(wire, login=" DURAND ")
        assert isinstance(needed, m.MeasureNeeded)
        assert names_of(await ask(wire.ask, m.ChooseMeasure(wire.next_id(), 0, "pin", "1234"))) == "WeakSecretError"
        chosen = await ask(wire.ask, m.ChooseMeasure(wire.next_id(), 0, "pin", PIN))
        assert isinstance(chosen, m.LoggedIn)
        assert not chosen.registered
        assert isinstance(await ask(wire.ask, m.Logout(wire.next_id(), 0)), m.LoggedOut)
        assert await ask(wire.hear) is None
    with await ask(school.connect, device) as wire:
        assert isinstance(await sign_in(wire), m.PinNeeded)
        assert names_of(await ask(wire.ask, m.ProvePin(wire.next_id(), 0, "9999"))) == "BadPinError"
        assert isinstance(await ask(wire.ask, m.ProvePin(wire.next_id(), 0, PIN)), m.LoggedIn)
        registered = await ask(wire.ask, m.RegisterDevice(wire.next_id(), 0, "Salle des profs"))
        assert isinstance(registered, m.DeviceRegistered)
    with await ask(school.connect, device) as wire:
        welcome_back = await sign_in(wire)
        assert isinstance(welcome_back, m.LoggedIn)
        assert welcome_back.registered
        listed = await ask(wire.ask, m.ListPlannings(wire.next_id(), 0))
        assert isinstance(listed, m.Plannings)
        assert [(one.name, one.profile) for one in listed.plannings] == [("planning01", "Modification")]
        opened = await ask(wire.ask, m.OpenPlanning(wire.next_id(), 0, "planning01"))
        assert isinstance(opened, m.PlanningOpened)
        admit = played.admitted[0]
        assert (admit.ticket_hash, admit.user, admit.epoch) == (ticket_hash(opened.ticket), school.anne.key, EPOCH)
        certificate = wire.sock.getsockname()
        assert certificate[0] == "127.0.0.1"
        assert opened.epoch == EPOCH
        await check_routing(school, played, opened)
        assert names_of(await ask(wire.ask, m.OpenPlanning(wire.next_id(), 0, "planning02"))) == "NotFoundError"
    hub.close()
    check_log(school)


async def check_routing(school: School, played: Played, opened: m.PlanningOpened) -> None:
    """Check that a connection to the planning's name is handed over, with every byte of it unread."""
    where = opened.endpoint
    assert where.port == school.port
    assert where.server_name == planning_name("planning01", DOMAIN)
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    hello = ssl.create_default_context().wrap_bio(incoming, outgoing, server_hostname=where.server_name)
    with pytest.raises(ssl.SSLWantReadError):
        hello.do_handshake()
    first = outgoing.read()
    with socket.create_connection((where.host, where.port)) as raw:
        raw.sendall(first)
        async with asyncio.timeout(PATIENCE):
            message, handed = await played.handed.get()
        assert message.source == "127.0.0.1"
        with handed:
            handed.setblocking(True)
            assert handed.recv(65_536) == first


def check_log(school: School) -> None:
    """Check that what was logged tells the story, and no secret."""
    events = [line["event"] for line in school.log()]
    assert {"session.opened", "session.closed", "login.refused", "device.enrolled", "planning.up"} <= set(events)
    text = (school.paths.state / "log").read_text()
    assert PASSWORD not in text
    assert PIN not in text


@contextlib.asynccontextmanager
async def planning_server(school: School) -> AsyncIterator[None]:
    """Run the planning server of planning01, on a small base."""
    await school.accounts.create_base(school.account, school.planning, "Base", a_school(10))
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours, theirs, socket.create_server(("127.0.0.1", 0)) as own, (school.paths.state / "log2").open("ab") as log:
        given = (own.fileno(), theirs.fileno())
        who = (school.account.number, "planning01", school.planning.key)
        process = await asyncio.to_thread(
            subprocess.Popen,
            [sys.executable, "-c", PLANNING, *map(str, (*who, *given))],
            pass_fds=given,
            env=os.environ | {"HP_STATE": str(school.paths.state), "HP_RUN": str(school.paths.run)},
            cwd=ROOT,
            stdout=log,
            stderr=log,
        )
        try:
            yield
        finally:
            process.terminate()
            await asyncio.to_thread(process.wait, PATIENCE)


async def test_from_the_controller_into_a_planning_and_out(school: School) -> None:
    """One port for both: the ticket opens the planning once, and a disabled user is out of both processes."""
    ask, device = asyncio.to_thread, await school.device()
    await school.directory.change(User, school.anne.key, measure="none")
    async with planning_server(school):
        with await ask(school.connect, device) as wire:
            assert isinstance(await sign_in(wire), m.LoggedIn)
            opened: m.Message | None = None
            async with asyncio.timeout(PATIENCE):
                while not isinstance(opened, m.PlanningOpened):
                    opened = await ask(wire.ask, m.OpenPlanning(wire.next_id(), 0, "planning01"))
                    await asyncio.sleep(0.05)
            where = opened.endpoint
            with await ask(Wire, where.port, device, where.server_name, Role.PLANNING) as inside:
                enter = m.Enter(inside.next_id(), 0, "planning01", opened.ticket, 0, 0)
                entered = await ask(inside.ask, enter)
                assert isinstance(entered, m.Entered)
                assert entered.profile == "Modification"
                with await ask(Wire, where.port, device, where.server_name, Role.PLANNING) as again:
                    assert names_of(await ask(again.ask, enter)) == "TicketRefusedError"
                await school.directory.change(User, school.anne.key, enabled=False)
                assert names_of(await ask(wire.hear)) == "SessionEndedError"
                assert names_of(await ask(inside.hear)) == "SessionEndedError"


async def test_t07_a_ticket_has_one_winner(school: School) -> None:
    """Eight devices with one ticket at one instant: one certificate, and the ticket is spent on disk."""
    param = await school.param()
    assert names_of(await asyncio.to_thread(school.enrol, param, make_key(), b"x" * 32)) == "EnrolmentRefusedError"
    with ThreadPoolExecutor(8) as crowd:
        answers = list(crowd.map(lambda key: names_of(school.enrol(param, key)), [make_key() for _ in range(8)]))
    assert sorted(answers) == ["Enrolled"] + ["EnrolmentRefusedError"] * 7
    assert len(await school.directory.list(Device)) == 1
    assert EnrolmentRefusedError.code


async def test_a07_unknown_and_wrong_are_told_in_the_same_bytes(school: School) -> None:
    """An unknown login, a disabled user and a wrong password cannot be told apart, and lock alike."""
    jean = await school.add_user("martin", measure="none")
    await school.directory.change(User, jean.key, enabled=False)
    device = await school.device()
    told = []
    with await asyncio.to_thread(school.connect, device) as wire:
        for login, first in (("durand", "wrong"), ("nobody", PASSWORD), ("martin", PASSWORD)):
            answers = [await sign_in(wire, login, password) for password in (first, "1", "2", "3", "4", "5")]
            told.append([_without_id(one) for one in answers])
    assert told[0] == told[1] == told[2]
    last = told[0][-1]
    assert (last.code, last.details) == (LockedError.code, {"seconds": 30})
    assert [names_of(one) for one in told[0]] == ["BadCredentialsError"] * 5 + ["LockedError"]
    assert BadCredentialsError.code


async def test_a06_parallel_guesses_are_counted_one_by_one(school: School) -> None:
    """Twelve connections at one instant get no more comparisons than one connection would."""
    device = await school.device()
    wires = [school.connect(device) for _ in range(12)]
    with ThreadPoolExecutor(len(wires)) as crowd:
        guesses = zip(wires, map(str, range(len(wires))), strict=True)
        answers = list(crowd.map(lambda one: names_of(one[0].ask(m.Login(1, 0, "durand", one[1]))), guesses))
    for wire in wires:
        wire.sock.close()
    assert answers.count("BadCredentialsError") <= 5
    assert set(answers) <= {"BadCredentialsError", "LockedError", "BusyError"}


async def test_a05_a_killed_controller_has_counted_the_attempt(school: School) -> None:
    """Whoever kills the process between guess and answer has lost the try all the same."""
    device = await school.device()
    wire = await asyncio.to_thread(school.connect, device)
    for guess in ("1", "2", "3", "4"):
        assert names_of(await sign_in(wire, password=guess)) == "BadCredentialsError"
    wire.tell(m.Login(wire.next_id(), 0, "durand", "5"))
    await eventually(lambda: _tries(school), 5)
    school.process.kill()
    await asyncio.to_thread(school.process.wait)
    wire.sock.close()
    school.report.close()
    await school.start()
    with await asyncio.to_thread(school.connect, device) as again:
        assert names_of(await sign_in(again)) == "LockedError"


async def test_a17_a_one_time_password_is_changed_before_anything_else(school: School) -> None:
    """From the password on a slip of paper to one's own; nothing else is heard in between, and the slip is void."""
    device, week = await school.device(), time.time() + 7 * 86_400
    await school.directory.change(User, school.anne.key, must_change=True, one_time_until=week)
    with await asyncio.to_thread(school.connect, device) as wire:
        assert isinstance(await sign_in(wire), m.PasswordNeeded)
        weak = await asyncio.to_thread(wire.ask, m.ChangePassword(wire.next_id(), 0, PASSWORD, "Durand-2026!!"))
        assert isinstance(weak, m.Failed)
        assert (weak.name, weak.details) == ("WeakSecretError", {"rule": "context"})
        mine = await asyncio.to_thread(wire.ask, m.ChangePassword(wire.next_id(), 0, PASSWORD, MINE))
        assert isinstance(mine, m.MeasureNeeded)
        chosen = await asyncio.to_thread(wire.ask, m.ChooseMeasure(wire.next_id(), 0, "none"))
        assert isinstance(chosen, m.LoggedIn)
        assert chosen.last_sign_in_ms == 0
    with await asyncio.to_thread(school.connect, device) as wire:
        assert names_of(await sign_in(wire)) == "BadCredentialsError"
        again = await sign_in(wire, password=MINE)
        assert isinstance(again, m.LoggedIn)
        assert again.failures == 1
        assert abs(again.last_sign_in_ms - time.time() * 1000) < 60_000
    with await asyncio.to_thread(school.connect, device) as wire:
        await school.directory.change(User, school.anne.key, must_change=True)
        assert isinstance(await sign_in(wire, password=MINE), m.PasswordNeeded)
        assert isinstance(await asyncio.to_thread(wire.ask, m.Logout(wire.next_id(), 0)), m.LoggedOut)


async def test_a13_a_changed_password_closes_the_other_devices_before_the_answer(school: School) -> None:
    """Whoever has the old one is out; who changed it stays."""
    await school.directory.change(User, school.anne.key, measure="none")
    mine, lost = await school.device(), await school.device()
    with (
        await asyncio.to_thread(school.connect, mine) as here,
        await asyncio.to_thread(school.connect, lost) as there,
    ):
        for wire in (here, there):
            assert isinstance(await sign_in(wire), m.LoggedIn)
        changed = await asyncio.to_thread(here.ask, m.ChangePassword(here.next_id(), 0, PASSWORD, MINE))
        assert isinstance(changed, m.AccessChanged)
        assert names_of(await asyncio.to_thread(there.hear)) == SessionEndedError.__name__
        wish = m.ChangeMeasure(here.next_id(), 0, "pin", PIN, MINE)
        assert isinstance(await asyncio.to_thread(here.ask, wish), m.AccessChanged)
        wrong = await asyncio.to_thread(here.ask, m.ChangeMeasure(here.next_id(), 0, "none", "", PASSWORD))
        assert names_of(wrong) == "BadCredentialsError"
    user = await school.directory.get(User, school.anne.key)
    assert user.measure == "pin"


async def test_a02_a_device_that_sprays_is_stopped_and_told_of(school: School) -> None:
    """Forty logins with one password: then nothing is compared, and the log has an alarm."""
    device = await school.device()
    with await asyncio.to_thread(school.connect, device) as wire:
        told = [names_of(await sign_in(wire, f"user{number}", "Printemps-2026!")) for number in range(45)]
        assert names_of(await sign_in(wire)) == "LockedError"
    assert set(told[:40]) == {"BadCredentialsError"}
    assert told[-1] == "LockedError"
    assert [line["cause"] for line in school.log() if line["event"] == "login.alarm"] == ["spraying"]


async def test_t04_a_revoked_device_is_closed_and_stays_out(school: School) -> None:
    """Open sessions end, planning servers are told, and the next handshake ends in a typed refusal."""
    device = await school.device()
    await school.directory.change(User, school.anne.key, measure="none")
    with await asyncio.to_thread(school.connect, device) as wire:
        assert isinstance(await sign_in(wire), m.LoggedIn)
        row = (await school.directory.list(Device))[0]
        assert row.thumbprint == sha256(_own_certificate(school)).digest()
        await school.directory.change(Device, row.key, revoked_at=time.time())
        ended = await asyncio.to_thread(wire.hear)
        assert names_of(ended) == SessionEndedError.__name__
        assert await asyncio.to_thread(wire.hear) is None
    with await asyncio.to_thread(Wire, school.port, device, DOMAIN, greet=False) as wire:
        assert names_of(await asyncio.to_thread(wire.hear)) == CertificateRefusedError.__name__


async def test_a13_a_forgotten_user_is_closed_before_the_answer(school: School) -> None:
    """Who disables a user hears how many sessions ended, once they have."""
    device = await school.device()
    await school.directory.change(User, school.anne.key, measure="none")
    asker = Played()
    with await asyncio.to_thread(school.connect, device) as wire:
        assert isinstance(await sign_in(wire), m.LoggedIn)
        path = school.paths.controller_socket(school.account.number)
        link = await dial_hub(path, asyncio.get_running_loop(), asker, role="cli", name="hp")
        answer = await link.request(internal.Forget(0, school.account.number, school.anne.key), internal.Forgotten)
        assert answer.closed == 1
        assert names_of(await asyncio.to_thread(wire.hear)) == "SessionEndedError"
        link.close()


async def test_a13_who_is_shut_out_is_closed_before_the_answer(school: School) -> None:
    """By the operator over the back door, by a superadmin over the protocol; a sensitive wish wants the password."""
    device = await school.device()
    await school.directory.change(User, school.anne.key, measure="none")
    shut = w.SetUserEnabled("durand", enabled=False)
    path = school.paths.controller_socket(school.account.number)
    with await asyncio.to_thread(school.connect, device) as wire:
        assert isinstance(await sign_in(wire), m.LoggedIn)
        refused = await asyncio.to_thread(wire.ask, m.Administer(wire.next_id(), 0, shut))
        assert names_of(refused) == "NotAllowedError"
        link = await dial_hub(path, asyncio.get_running_loop(), Played(), role="cli", name="hp")
        answer = await link.request(internal.CarryOut(0, shut), internal.CarriedOut, 30)
        assert answer.outcome == w.Done(1)
        assert names_of(await asyncio.to_thread(wire.hear)) == "SessionEndedError"
        unknown = w.SetUserEnabled("nobody", enabled=False)
        answer = await link.request(internal.CarryOut(0, unknown), internal.CarriedOut, 30)
        assert answer.failed is not None
        assert answer.failed.name == "NotFoundError"
        link.close()


async def test_a_password_is_proved_again(school: School) -> None:
    """A wrong one is refused in the words of a login; a right one counts for five minutes."""
    device = await school.device()
    await school.directory.change(User, school.anne.key, measure="none")
    with await asyncio.to_thread(school.connect, device) as wire:
        assert isinstance(await sign_in(wire), m.LoggedIn)
        wrong = await asyncio.to_thread(wire.ask, m.Prove(wire.next_id(), 0, "wrong"))
        assert names_of(wrong) == "BadCredentialsError"
        right = await asyncio.to_thread(wire.ask, m.Prove(wire.next_id(), 0, PASSWORD))
        assert isinstance(right, m.Proved)
        assert right.seconds == PROOF_SECONDS


async def test_a_planning_out_of_service_is_a_typed_refusal(school: School) -> None:
    """The client learns that it may try again, where it would otherwise see a broken connection."""
    device = await school.device()
    name = planning_name("planning01", DOMAIN)
    with await asyncio.to_thread(Wire, school.port, device, name, Role.PLANNING, greet=False) as wire:
        refused = await asyncio.to_thread(wire.hear)
        assert names_of(refused) == PlanningNotInServiceError.__name__
    await school.directory.change(User, school.anne.key, measure="none")
    with await asyncio.to_thread(school.connect, device) as wire:
        await sign_in(wire)
        opened = await asyncio.to_thread(wire.ask, m.OpenPlanning(wire.next_id(), 0, "planning01"))
        assert names_of(opened) == PlanningNotInServiceError.__name__
        unknown = await asyncio.to_thread(wire.ask, m.OpenPlanning(wire.next_id(), 0, "planning09"))
        assert names_of(unknown) == NotFoundError.__name__


async def test_a_controller_takes_leave(school: School) -> None:
    """The agent's order reaches every client as GoAway; the process then ends with 0."""
    device = await school.device()
    with await asyncio.to_thread(school.connect, device) as wire:
        school.report.send(encode_internal(internal.Drain(5.0)))
        away = await asyncio.to_thread(wire.hear)
        assert isinstance(away, m.GoAway)
        assert away.code == GoingAwayError.code
        assert await asyncio.to_thread(wire.hear) is None
    await asyncio.to_thread(school.wait_for, "stopped")
    assert await asyncio.to_thread(school.process.wait, PATIENCE) == 0


async def eventually(look: Callable[[], Any], wanted: T) -> None:
    """Look until it is so."""
    async with asyncio.timeout(PATIENCE):
        while await look() != wanted:  # noqa: ASYNC110  another process makes it so
            await asyncio.sleep(0.01)


def _without_id(answer: m.Message | None) -> m.Failed:
    assert isinstance(answer, m.Failed)
    return msgspec.structs.replace(answer, id=1)


async def _tries(school: School) -> int:
    return (await school.directory.attempts(f"passwords:{school.account.number}:durand")).count


def _own_certificate(school: School) -> bytes:
    pem = (school.paths.state / "device1.pem").read_text()
    return ssl.PEM_cert_to_DER_cert(pem[: pem.index("-----END CERTIFICATE-----") + len("-----END CERTIFICATE-----\n")])
