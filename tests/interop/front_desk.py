"""One TLS port with the three servers behind it: real connections, real engine, no program started.

Threads and blocking sockets keep it small. It admits everybody who knows `PASSWORD`, after `PIN`.
"""

import socket
import ssl
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from cryptography.hazmat.primitives.serialization import Encoding

from hpserver.base.planning import Planning
from hpserver.certs import authority
from hpserver.certs.requests import read_request
from hpserver.errors import BadCredentialsError, BadPinError, HPError, NotFoundError, RemoteProtocolError
from hpserver.planning.stimuli import Heard, Ticked
from hpserver.protocol import messages as m
from hpserver.protocol.connection import Connection
from hpserver.protocol.refusal import refusal
from hpserver.protocol.states import Role, Side, State
from hpserver.protocol.transfers import chunks, start
from tests.desk import NAME, Desk, thumbprint
from tests.pki import ACCOUNT, Pki

LOGIN, PASSWORD, PIN = "durand", "correct horse", "482913"
TICKET = bytes(range(32))


class FrontDesk:
    """Serves while entered; `failures` are what went wrong in its threads."""

    def __init__(self, pki: Pki, planning: Planning) -> None:
        self.pki = pki
        self.desk = Desk(planning)
        self.failures: list[Exception] = []
        self.said: list[str] = []
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._lines: list[socket.socket] = []

    def __enter__(self) -> Self:
        self._threads[0].start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(10)
        for line in self._lines:
            line.close()

    def _accept(self) -> None:
        while True:
            try:
                line, _ = self._listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._serve, args=(line,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, line: socket.socket) -> None:
        asked: list[str] = []
        context = self.pki.enrolment_context()
        inner = self.pki.server_context()

        def choose(link: ssl.SSLObject, name: str | None, _: ssl.SSLContext) -> None:
            asked.append(name or "")
            if name != f"enrol.{ACCOUNT}":
                link.context = inner

        context.sni_callback = choose
        try:
            link = context.wrap_socket(line, server_side=True)
            self._lines.append(link)
            self._talk(link, asked[0])
        except Exception as error:  # noqa: BLE001 - the test looks at what happened in the thread
            self.failures.append(error)
        finally:
            line.close()

    def _talk(self, link: ssl.SSLSocket, name: str) -> None:
        role = {f"enrol.{ACCOUNT}": Role.ENROLMENT, ACCOUNT: Role.CONTROLLER}.get(name, Role.PLANNING)
        connection = Connection(Side.SERVER, role)
        session = [0]
        while connection.state is not State.CLOSED and (data := link.recv(65536)):
            try:
                heard = connection.receive_data(data, 0.0)
            except RemoteProtocolError as error:
                self.failures.append(error)
                heard = []
            with self._lock:
                for message in heard:
                    self.said.append(type(message).__name__)
                    self._answer(connection, message, session)
            link.sendall(b"".join(connection.data_to_send()))
        link.close()

    def _answer(self, connection: Connection, message: m.Message, session: list[int]) -> None:
        if isinstance(message, m.Hello):
            connection.send(connection.welcome(server="front desk", time_ms=0))
        elif connection.role is Role.PLANNING:
            self._work(connection, message, session)
        else:
            assert isinstance(message, m.Request)
            try:
                connection.send(_ANSWERS[type(message)](self, message))
            except HPError as error:
                connection.send(refusal(message.id, error))

    def _enrol(self, wish: m.Enrol) -> m.Message:
        serial = authority.new_serial(bytes(range(authority.SERIAL_BYTES)))
        issuer = self.pki.intermediate
        leaf = authority.issue_device(issuer, read_request(wish.request), "interop", serial=serial, now=self.pki.now)
        chain = (leaf, issuer.certificate)
        return m.Enrolled(wish.id, 7, tuple(one.public_bytes(Encoding.DER) for one in chain))

    def _login(self, wish: m.Login) -> m.Message:
        if (wish.login, wish.password) != (LOGIN, PASSWORD):
            raise BadCredentialsError("no")
        return m.PinNeeded(wish.id)

    def _prove(self, wish: m.ProvePin) -> m.Message:
        if wish.pin != PIN:
            raise BadPinError("no")
        return m.LoggedIn(wish.id, 1, LOGIN, "Durand", "Alice", "user", registered=False)

    def _list(self, wish: m.ListPlannings) -> m.Message:
        return m.Plannings(wish.id, (m.PlanningListed(NAME, "Emploi du temps", "Modification", "live", "Base"),))

    def _open(self, wish: m.OpenPlanning) -> m.Message:
        if wish.planning != NAME:
            raise NotFoundError("no such planning")
        here = m.Endpoint("127.0.0.1", self.port, f"{NAME}.{ACCOUNT}")
        return m.PlanningOpened(wish.id, here, here, self.desk.admit(LOGIN), self.desk.engine.epoch, 30_000)

    def _work(self, connection: Connection, message: m.Message, session: list[int]) -> None:
        self.desk.now += 1.0
        if isinstance(message, m.Enter):
            session[0] = self.desk._sessions
            self.desk.feed(Heard(session[0], thumbprint(LOGIN), message))
        else:
            self.desk.tell(session[0], message)
        self.desk.sync()
        self.desk.now += 1.0
        self.desk.feed(Ticked())
        for told in self.desk.heard(session[0]):
            connection.send(told)
        for one in self.desk.transfers(session[0]):
            started, data = start(one.id, one.payload, epoch=one.epoch, revision=one.revision, may_compress=False)
            connection.send(started)
            for chunk in chunks(one.id, data):
                connection.send(chunk)


_ANSWERS: dict[type[m.Message], Callable[[FrontDesk, Any], m.Message]] = {
    m.Enrol: FrontDesk._enrol,
    m.Login: FrontDesk._login,
    m.ProvePin: FrontDesk._prove,
    m.RegisterDevice: lambda _desk, wish: m.DeviceRegistered(wish.id),
    m.ListPlannings: FrontDesk._list,
    m.OpenPlanning: FrontDesk._open,
    m.Logout: lambda _desk, wish: m.LoggedOut(wish.id),
}
