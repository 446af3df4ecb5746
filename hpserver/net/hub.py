"""Conversations between our own processes: who may speak, requests and their answers. It knows no meaning of a message.

Three checks stand before the first word: the directory (0700), the user and process the kernel gives for the other end,
and a secret drawn at each start, in a file beside the socket that only its owner may read.
"""

import asyncio
import contextlib
import hmac
import os
import secrets
import socket
import stat
from pathlib import Path
from typing import Final, Protocol, TypeVar

import msgspec

from hpserver.errors import (
    ConfigurationError,
    ConnectionLostError,
    DeadlineExceededError,
    HPError,
    ProtocolError,
    TooSlowError,
    UnexpectedMessageError,
)
from hpserver.net.handover import PacketChannel, credentials
from hpserver.protocol.codec import decode_internal, encode_internal
from hpserver.protocol.internal import Accepted, AnyInternal, Internal, Present
from hpserver.protocol.limits import TICKET_BYTES

REQUEST_SECONDS: Final = 5.0
"""How long another of our processes may take to answer: as long as a password may wait for its turn."""

PRESENT_SECONDS: Final = 2.0
"""How long who connects may take to say who it is: a process of this machine, awake."""

MAX_STRANGERS: Final = 64
"""Connections that have not said who they are."""

MAX_OF_ONE: Final = 512
"""Connections of one process at once: a controller has one for each signature that waits, of 256 at most."""

_BACKLOG: Final = 128
_OTHERS: Final = 0o077

Answer = TypeVar("Answer", bound=Internal)


class HubOwner(Protocol):
    """Who is told what other processes say. No call may block or wait."""

    def hub_joined(self, link: "HubLink") -> None:
        """Know that a process connected to our server and proved itself; not called at the end that dials."""

    def hub_received(self, link: "HubLink", message: AnyInternal, passenger: socket.socket | None) -> None:
        """Take a message that answers no request of ours, and the socket that came with it: keep it or close it.

        A ProtocolError raised here closes the link: the other end is hostile input.
        """

    def hub_lost(self, link: "HubLink", error: HPError | None) -> None:
        """Know that the link is closed, once and last; every request was told already."""


class HubLink:
    """One end of a conversation between two of our processes."""

    def __init__(self, sock: socket.socket, loop: asyncio.AbstractEventLoop, owner: HubOwner) -> None:
        self.pid, self.uid = credentials(sock)
        self.name = self.role = ""
        """What the other end calls itself, once it joined."""
        self.epoch = 0
        self._loop, self._owner = loop, owner
        self._asked: dict[int, tuple[type[Internal], asyncio.Future[Internal]]] = {}
        self._next_id = 1
        self.joined = False
        self._hello: asyncio.Future[Internal] | None = None
        self._channel = PacketChannel(sock, loop, self._received, self._lost)

    @property
    def is_open(self) -> bool:
        """Whether a message can still reach the other end."""
        return self._channel.is_open

    def send(self, message: Internal, passenger: socket.socket | None = None) -> None:
        """Send a message; `passenger` leaves with it and is closed here, whatever happens.

        Raises:
            ConnectionLostError: the link is closed.
            BusyError: the other process does not read.
        """
        self._channel.send(encode_internal(message), passenger)

    async def request(self, message: Internal, answer: type[Answer], seconds: float = REQUEST_SECONDS) -> Answer:
        """Send a message under a new `id` (the one it has is replaced) and return the `answer` with the same.

        Raises:
            ConnectionLostError: the link is, or was meanwhile, closed.
            DeadlineExceededError: no answer came in `seconds`.
            BusyError: the other process does not read.
        """
        number, self._next_id = self._next_id, self._next_id + 1
        future: asyncio.Future[Internal] = self._loop.create_future()
        self._asked[number] = (answer, future)
        try:
            self.send(msgspec.structs.replace(message, id=number))
            async with asyncio.timeout(seconds):
                found = await future
        except TimeoutError:
            raise DeadlineExceededError("The process did not answer.", name=self.name) from None
        finally:
            del self._asked[number]
        assert isinstance(found, answer)
        return found

    def close(self, error: HPError | None = None) -> None:
        """Close now; requests under way get ConnectionLostError. Safe to repeat."""
        self._channel.close(error)

    async def present(self, secret: bytes, role: str, name: str) -> None:
        """Prove ourselves to the server at the other end. Raises as `request` does."""
        self._hello = self._loop.create_future()
        self.send(Present(secret, role, name, os.getpid()))
        try:
            async with asyncio.timeout(PRESENT_SECONDS):
                await self._hello
        except TimeoutError:
            raise DeadlineExceededError("The process did not answer.") from None

    def _received(self, packet: bytes, passenger: socket.socket | None) -> None:
        try:
            self._heard(decode_internal(packet), passenger)
        except ProtocolError as error:
            _drop(passenger)
            self.close(error)
        except BaseException:
            _drop(passenger)
            self.close()
            raise

    def _heard(self, message: AnyInternal, passenger: socket.socket | None) -> None:
        if not self.joined:
            if self._hello is None or self._hello.done() or not isinstance(message, Accepted) or passenger is not None:
                raise UnexpectedMessageError("The first word is not the right one.")
            self.name, self.epoch, self.joined = message.name, message.epoch, True  # now: more may be in this very read
            self._hello.set_result(message)
            return
        answer, future = self._asked.get(getattr(message, "id", 0), (None, None))
        if answer is None or future is None or not isinstance(message, answer):
            self._owner.hub_received(self, message, passenger)
            return
        _drop(passenger)  # no answer carries a socket
        if not future.done():
            future.set_result(message)

    def _lost(self, error: HPError | None) -> None:
        waiting = [future for _, future in self._asked.values()]
        if self._hello is not None:
            waiting.append(self._hello)
        for future in waiting:
            if not future.done():
                future.set_exception(ConnectionLostError("The other process is gone.", name=self.name))
        if self.joined:
            self._owner.hub_lost(self, error)


class HubServer:
    """Listens at `path`, in a directory that only we may enter, for processes of this machine and this user."""

    def __init__(
        self, path: Path, loop: asyncio.AbstractEventLoop, owner: HubOwner, *, name: str, epoch: int = 0
    ) -> None:
        self.path, self.owner, self.name, self.epoch = path, owner, name, epoch
        self.secret = secrets.token_bytes(TICKET_BYTES)
        self.links: set[HubLink] = set()
        """The processes that have joined."""
        self.strangers = 0
        self._doors: set[_Door] = set()
        self._loop = loop
        self._listening: socket.socket | None = None

    def open(self) -> None:
        """Listen, in place of who listened there before.

        Raises:
            ConfigurationError: others may enter the directory, or the path is too long for a socket.
        """
        check_directory(self.path.parent)
        _write_secret(secret_path(self.path), self.secret)
        self.path.unlink(missing_ok=True)
        listening = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            listening.bind(os.fspath(self.path))
            self.path.chmod(0o600)
            listening.listen(_BACKLOG)
        except OSError as error:
            listening.close()
            raise ConfigurationError("No socket can be made there.", path=str(self.path), reason=str(error)) from error
        listening.setblocking(False)
        self._listening = listening
        self._loop.add_reader(listening.fileno(), self._accept)

    def close(self) -> None:
        """Stop listening and close every link. Safe to repeat."""
        if self._listening is not None:
            self._loop.remove_reader(self._listening.fileno())
            self._listening.close()
            self._listening = None
            with contextlib.suppress(FileNotFoundError):
                if secret_path(self.path).read_bytes() == self.secret:  # else a newer start has taken the place
                    secret_path(self.path).unlink()
                    self.path.unlink()
        for door in list(self._doors):
            door.close()

    def forget(self, door: "_Door") -> None:
        """Know that a connection is closed."""
        self._doors.discard(door)
        self.links.discard(door)

    def _accept(self) -> None:
        assert self._listening is not None
        try:
            sock, _ = self._listening.accept()
        except OSError:
            return
        pid, uid = credentials(sock)
        crowded = self.strangers >= MAX_STRANGERS or sum(link.pid == pid for link in self.links) >= MAX_OF_ONE
        if uid != os.geteuid() or crowded:
            sock.close()
            return
        self._doors.add(_Door(sock, self._loop, self))


class _Door(HubLink):
    """The server's end of a link: its first word is `Present`, within `PRESENT_SECONDS`."""

    def __init__(self, sock: socket.socket, loop: asyncio.AbstractEventLoop, home: HubServer) -> None:
        super().__init__(sock, loop, home.owner)
        self._home = home
        self._is_strange = True
        home.strangers += 1
        self._deadline = loop.call_later(PRESENT_SECONDS, self._expire)

    def _heard(self, message: AnyInternal, passenger: socket.socket | None) -> None:
        if self.joined:
            super()._heard(message, passenger)
            return
        self._known()
        if not isinstance(message, Present) or passenger is not None or message.pid != self.pid:
            raise UnexpectedMessageError("The first word is not the right one.")
        if not hmac.compare_digest(message.secret, self._home.secret):
            raise UnexpectedMessageError("The secret is not the one of this start.")
        self.name, self.role, self.joined = message.name, message.role, True
        self._home.links.add(self)
        self.send(Accepted(self._home.name, self._home.epoch))
        self._owner.hub_joined(self)

    def _lost(self, error: HPError | None) -> None:
        self._known()
        self._home.forget(self)
        super()._lost(error)

    def _known(self) -> None:
        if self._is_strange:
            self._is_strange = False
            self._home.strangers -= 1
            self._deadline.cancel()

    def _expire(self) -> None:
        self.close(TooSlowError("The process did not say who it is."))


async def dial_hub(path: Path, loop: asyncio.AbstractEventLoop, owner: HubOwner, *, role: str, name: str) -> HubLink:
    """Connect to the hub at `path` and prove ourselves; `hub_received` may be called before this returns.

    Raises:
        ConnectionLostError: nobody listens there, or it refused us.
        ConfigurationError: another user may be behind it.
        DeadlineExceededError: it does not answer.
    """
    check_directory(path.parent)
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    sock.setblocking(False)
    try:
        secret = secret_path(path).read_bytes()
        sock.connect(os.fspath(path))
    except OSError as error:
        sock.close()
        raise ConnectionLostError("Nobody listens there.", path=str(path), reason=str(error.strerror)) from error
    if credentials(sock)[1] != os.geteuid():
        sock.close()
        raise ConfigurationError("Another user listens there.", path=str(path))
    link = HubLink(sock, loop, owner)
    try:
        await link.present(secret, role, name)
    except BaseException:
        link.joined = False  # nobody has this link: nobody is told of its end
        link.close()
        raise
    return link


def secret_path(path: Path) -> Path:
    """Return where the secret of the hub at `path` is."""
    return path.with_name(path.name + ".secret")


def check_directory(path: Path) -> None:
    """Check that only we may enter the directory of our sockets.

    Raises:
        ConfigurationError: it is missing, somebody else's, or open to others.
    """
    try:
        status = path.stat()
    except OSError as error:
        raise ConfigurationError("The directory of our sockets is missing.", path=str(path)) from error
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.geteuid() or stat.S_IMODE(status.st_mode) & _OTHERS:
        raise ConfigurationError(f"Others may enter the directory: run `chmod 700 {path}`.", path=str(path))


def _write_secret(path: Path, secret: bytes) -> None:
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(secret)


def _drop(passenger: socket.socket | None) -> None:
    if passenger is not None:
        passenger.close()
