"""A school served inside the test: real TLS and connections, a real engine, and a test that cuts, leaves and stalls.

::

    async with a_school_served(tmp_path) as served, served.signed_in("ada") as school:
        async with PlanningSession(school, NAME) as ada:
            served.cut()                      # every line into the planning breaks
            await ada.edit(...)               # done once all the same
"""

import asyncio
import ssl
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
from cryptography.hazmat.primitives.serialization import Encoding

from hpserver.certs import authority
from hpserver.certs.files import save_certificates, save_key
from hpserver.certs.param_client import FORMAT, ParamClient, pem, write_param_client
from hpserver.certs.requests import read_request
from hpserver.client import Credentials, School
from hpserver.client.credentials import CERTIFICATE_FILE, KEY_FILE, SCHOOL_FILE
from hpserver.errors import (
    BadCodeError,
    BadCredentialsError,
    BadPinError,
    EnrolmentRefusedError,
    GoingAwayError,
    HPError,
    PlanningNotInServiceError,
    WeakSecretError,
)
from hpserver.planning.stimuli import Closed, Heard, Ticked
from hpserver.protocol import messages as m
from hpserver.protocol.connection import Connection
from hpserver.protocol.refusal import refusal
from hpserver.protocol.states import Role, Side, State
from hpserver.protocol.transfers import chunks, start
from tests.desk import NAME, Desk, thumbprint
from tests.pki import ACCOUNT, Pki
from tests.schools import a_school

PASSWORD, PIN, CODE = "correct horse", "482913", "719910"
WEAK = "weak"
TICKET = bytes(range(32))
PATIENCE = 60.0
"""Seconds; only reached by a test that fails."""


class Talk:
    """The server's end of one line."""

    def __init__(self, served: "Served", role: Role, writer: asyncio.StreamWriter) -> None:
        self.served, self.writer = served, writer
        self.connection = Connection(Side.SERVER, role)
        self.login = ""
        self.session = 0

    def say(self, message: m.Message) -> None:
        """Say something now."""
        self.connection.send(message)
        self.flush()

    def flush(self) -> None:
        """Send what is queued."""
        if output := self.connection.data_to_send():
            self.writer.write(b"".join(output))

    def cut(self) -> None:
        """Break the line without a word."""
        self.connection.fail(HPError())
        self.writer.transport.abort()

    async def run(self, reader: asyncio.StreamReader) -> None:
        """Hear until the end."""
        try:
            while self.connection.state is not State.CLOSED and (data := await reader.read(65536)):
                for message in self.connection.receive_data(data, 0.0):
                    self.served.heard(self, message)
                self.flush()
        except (OSError, ssl.SSLError):
            return
        finally:
            self.served.gone(self)
            self.writer.close()


class Served:
    """The servers. `said` counts what clients said."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.pki = Pki.create(folder)
        self.desk = Desk(a_school(12))
        self.said: Counter[str] = Counter()
        self.talks: list[Talk] = []
        self.cut_after: set[type[m.Message]] = set()
        """After doing what it asks, the line of such a message is cut, once: its answer is lost."""
        self.mute: set[type[m.Message]] = set()
        """What is heard, and neither done nor answered."""
        self.refusing: dict[type[m.Message], HPError] = {}
        """What is refused, once."""
        self.endpoint: m.Endpoint | None = None
        self.registered = True
        self.measured = True
        self.password, self.given = PASSWORD, False
        """Everybody's; `given`: it must be changed at the next sign-in."""
        self.in_service = True
        self._servers: dict[Role, asyncio.Server] = {}
        self._ports: dict[Role, int] = {}
        self._tickets: dict[bytes, int] = {}
        self._failures: list[Exception] = []

    # --- what the test does --------------------------------------------------------------------------------------

    def port(self, role: Role) -> int:
        """The port of a server."""
        return self._ports[role]

    async def open(self, role: Role) -> None:
        """Listen, on the port it had."""
        enrols = role is Role.ENROLMENT
        context = self.pki.enrolment_context() if enrols else self.pki.server_context()

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            talk = Talk(self, role, writer)
            self.talks.append(talk)
            try:
                await talk.run(reader)
            except Exception as error:  # noqa: BLE001 - the test looks at what happened in the task
                self._failures.append(error)

        self._servers[role] = await asyncio.start_server(serve, "127.0.0.1", self._ports.get(role, 0), ssl=context)
        self._ports[role] = self._servers[role].sockets[0].getsockname()[1]

    async def shut(self, role: Role) -> None:
        """Refuse connections, and break those there are."""
        self._servers[role].close()
        self.cut(role)
        await asyncio.sleep(0)

    def cut(self, role: Role = Role.PLANNING) -> None:
        """Break every line of a server."""
        for talk in self.of(role):
            talk.cut()

    def of(self, role: Role = Role.PLANNING) -> list[Talk]:
        """The lines of a server, oldest first."""
        return [talk for talk in self.talks if talk.connection.role is role]

    def leave(self, role: Role = Role.PLANNING, *, delay_ms: int = 0, endpoint: m.Endpoint | None = None) -> None:
        """Take leave of everybody; the lines stay until they hang up."""
        for talk in self.of(role):
            talk.say(m.GoAway(GoingAwayError.code, "GoingAwayError", delay_ms, endpoint))

    def credentials(self, login: str) -> Credentials:
        """The enrolled device of somebody."""
        folder = self.folder / f"device-{login}"
        if not folder.exists():
            folder.mkdir(mode=0o700)
            device = self.pki.device(login)
            save_certificates(folder / CERTIFICATE_FILE, [device.certificate, self.pki.intermediate.certificate])
            save_key(folder / KEY_FILE, device.key, passphrase=None)
            (folder / SCHOOL_FILE).write_bytes(self.param_client())
        return Credentials(folder)

    def param_client(self, ticket: bytes = b"", **other: Any) -> bytes:
        """A file for devices; with a ticket it leads to the enrolment."""
        port = self._ports[Role.ENROLMENT if ticket else Role.CONTROLLER]
        param = ParamClient(
            FORMAT, ACCOUNT, "École", "127.0.0.1", port, ACCOUNT, f"enrol.{ACCOUNT}", ticket.hex(), 0,
            self.pki.root.certificate.public_bytes(Encoding.PEM).decode(), pem(self.pki.intermediate.certificate),
        )  # fmt: skip
        return write_param_client(msgspec.structs.replace(param, **other), self.pki.intermediate)

    @asynccontextmanager
    async def signed_in(self, login: str) -> AsyncIterator[School]:
        """Somebody at the controller."""
        async with School(self.credentials(login)) as school:
            await school.log_in(login, PASSWORD)
            yield school

    def tick(self) -> None:
        """Let the disk finish, tell everybody what is new."""
        self.desk.sync()
        self.desk.now += 1.0
        self.desk.feed(Ticked())
        for talk in self.of():
            self._deliver(talk)

    # --- what the servers do ---------------------------------------------------------------------------------------

    def heard(self, talk: Talk, message: m.Message) -> None:
        """Deal with a message, and answer."""
        kind = type(message)
        self.said[kind.__name__] += 1
        if kind in self.mute:
            return
        if isinstance(message, m.Hello):
            talk.connection.send(talk.connection.welcome(server="served", time_ms=0))
        elif isinstance(message, m.Request):
            self._do(talk, message)

    def gone(self, talk: Talk) -> None:
        """Know that a line ended."""
        self.talks.remove(talk)
        if talk.session:
            self.desk.feed(Closed(talk.session))
            self.tick()

    def _do(self, talk: Talk, message: m.Request) -> None:
        try:
            if type(message) in self.refusing:
                raise self.refusing.pop(type(message))
            if talk.connection.role is Role.PLANNING:
                self._work(talk, message)
            else:
                talk.connection.send(self._answer(talk, message))
        except HPError as error:
            talk.connection.send(refusal(message.id, error))

    def _answer(self, talk: Talk, wish: m.Request) -> m.Message:  # noqa: C901, PLR0912 - one case for each message
        logged_in = m.LoggedIn(wish.id, 1, talk.login, talk.login.title(), "A", "user", registered=self.registered)
        match wish:
            case m.Enrol():
                return self._enrol(wish)
            case m.Login():
                return self._login(talk, wish)
            case m.ProvePin() if wish.pin != PIN:
                raise BadPinError("no")
            case m.ChangePassword() if wish.old != self.password:
                raise BadCredentialsError("no")
            case m.ChangePassword() if wish.new == WEAK:
                raise WeakSecretError("too weak", rule="digit")
            case m.ChangePassword():
                self.password, self.given = wish.new, False
                return m.AccessChanged(wish.id) if talk.connection.state is State.HOME else logged_in
            case m.ChangeMeasure():
                return m.AccessChanged(wish.id)
            case m.RequestCode():
                return m.CodeSent(wish.id, 600)
            case m.ProveCode() if wish.code != CODE:
                raise BadCodeError("no")
            case m.ProveCode():
                return m.MeasureNeeded(wish.id, ("none", "pin"))
            case m.ProvePin() if self.given:
                return m.PasswordNeeded(wish.id)
            case m.ProvePin() | m.ChooseMeasure():
                return logged_in
            case m.RegisterDevice():
                self.registered = True
                return m.DeviceRegistered(wish.id)
            case m.ListPlannings():
                return m.Plannings(wish.id, (m.PlanningListed(NAME, "EDT", "Modification", "live", "Base"),))
            case m.OpenPlanning():
                return self._open(talk, wish)
        raise AssertionError(wish)

    def _enrol(self, wish: m.Enrol) -> m.Message:
        if wish.ticket != TICKET:
            raise EnrolmentRefusedError("no")
        issuer, serial = self.pki.intermediate, authority.new_serial(bytes(range(authority.SERIAL_BYTES)))
        leaf = authority.issue_device(issuer, read_request(wish.request), "new", serial=serial, now=self.pki.now)
        return m.Enrolled(wish.id, 7, tuple(one.public_bytes(Encoding.DER) for one in (leaf, issuer.certificate)))

    def _login(self, talk: Talk, wish: m.Login) -> m.Message:
        if wish.password != self.password:
            raise BadCredentialsError("no")
        talk.login = wish.login
        if not self.measured:
            return m.MeasureNeeded(wish.id, ("none", "pin"))
        if not self.registered:
            return m.PinNeeded(wish.id)
        if self.given:
            return m.PasswordNeeded(wish.id)
        return m.LoggedIn(wish.id, 1, wish.login, wish.login.title(), "A", "user", registered=True)

    def _open(self, talk: Talk, wish: m.OpenPlanning) -> m.Message:
        if not self.in_service:
            raise PlanningNotInServiceError("not now")
        here = self.endpoint or m.Endpoint("127.0.0.1", self._ports[Role.PLANNING], f"{NAME}.{ACCOUNT}")
        direct = msgspec.structs.replace(here, server_name="localhost")
        ticket = self.desk.admit(talk.login)
        self._tickets[ticket] = self.desk._sessions
        return m.PlanningOpened(wish.id, here, direct, ticket, self.desk.engine.epoch, 30_000)

    def _work(self, talk: Talk, message: m.Request) -> None:
        self.desk.now += 1.0
        if isinstance(message, m.Enter):
            talk.session = self._tickets.pop(message.ticket)
            self.desk.feed(Heard(talk.session, thumbprint(_user_of(talk)), message))
        else:
            self.desk.tell(talk.session, message)
        if type(message) in self.cut_after:
            self.cut_after.remove(type(message))
            talk.cut()
        self.tick()

    def _deliver(self, talk: Talk) -> None:
        if talk.connection.state is State.CLOSED:
            return
        for told in self.desk.heard(talk.session):
            talk.connection.send(told)
        for one in self.desk.transfers(talk.session):
            packed = talk.connection.has_feature("zstd")
            started, data = start(one.id, one.payload, epoch=one.epoch, revision=one.revision, may_compress=packed)
            talk.connection.send(started)
            for chunk in chunks(one.id, data):
                talk.connection.send(chunk)
        talk.flush()


def _user_of(talk: Talk) -> str:
    """Who uses a device: in these schools it bears the login. Their tickets are drawn for that name."""
    names = dict(pair for part in talk.writer.get_extra_info("peercert")["subject"] for pair in part)
    return str(names["commonName"]).removeprefix("device ")


async def until(condition: Callable[[], Any]) -> None:
    """Let the loop turn until something holds."""
    async with asyncio.timeout(PATIENCE):
        while not condition():  # noqa: ASYNC110 - what is looked at is of the code under test, and tells nobody
            await asyncio.sleep(0)


@asynccontextmanager
async def a_school_served(folder: Path) -> AsyncIterator[Served]:
    """Serve until the end; nothing of it is left then."""
    served = Served(folder)
    for role in Role:
        await served.open(role)
    try:
        yield served
    finally:
        for role in Role:
            served._servers[role].close()
            served.cut(role)
        await until(lambda: not served.talks)
    assert served._failures == []
