"""Conversations between our own processes, over real Unix sockets."""

import asyncio
import contextlib
import os
import socket
import stat
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import pytest

from hpserver.errors import (
    ConfigurationError,
    ConnectionLostError,
    DeadlineExceededError,
    HPError,
    ProtocolError,
    UnexpectedMessageError,
)
from hpserver.net import hub as rules
from hpserver.net.hub import HubLink, HubServer, dial_hub, secret_path
from hpserver.protocol.codec import encode_internal
from hpserver.protocol.internal import (
    AnyInternal,
    Drain,
    Forget,
    Forgotten,
    GetStatus,
    HandOver,
    Present,
    Status,
    Wake,
    Woken,
)
from tests.net.ends import open_files, until


@dataclass
class Side:
    """An owner that answers Forget and Wake, keeps what comes otherwise, and remembers."""

    links: list[HubLink] = field(default_factory=list)
    heard: list[AnyInternal] = field(default_factory=list)
    passengers: list[socket.socket] = field(default_factory=list)
    lost: list[HPError | None] = field(default_factory=list)
    greeting: AnyInternal | None = None

    def hub_joined(self, link: HubLink) -> None:
        """Remember, greet."""
        self.links.append(link)
        if self.greeting is not None:
            link.send(self.greeting)

    def hub_received(self, link: HubLink, message: AnyInternal, passenger: socket.socket | None) -> None:
        """Answer or remember."""
        if passenger is not None:
            self.passengers.append(passenger)
        if isinstance(message, Forget):
            link.send(Forgotten(message.id, len(message.account)))
        elif isinstance(message, Drain):
            raise UnexpectedMessageError("not here")
        else:
            self.heard.append(message)

    def hub_lost(self, _link: HubLink, error: HPError | None) -> None:
        """Remember."""
        self.lost.append(error)


@dataclass
class Hub:
    """A server, its owner, and what dials it."""

    server: HubServer
    side: Side
    path: Path

    async def dial(self) -> tuple[HubLink, Side]:
        """Return a joined link and its owner."""
        side = Side()
        link = await dial_hub(self.path, asyncio.get_running_loop(), side, role="controller", name="monecole")
        return link, side

    def raw(self) -> socket.socket:
        """Return a connection that has said nothing."""
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        sock.setblocking(False)
        sock.connect(os.fspath(self.path))
        return sock


@pytest.fixture
async def hub(tmp_path: Path) -> AsyncIterator[Hub]:
    """A listening hub; at the end nothing is left open."""
    folder = tmp_path / "run"
    folder.mkdir(mode=0o700)
    side = Side()
    server = HubServer(folder / "hub", asyncio.get_running_loop(), side, name="planning01", epoch=7)
    before = open_files()
    server.open()
    yield Hub(server, side, folder / "hub")
    server.close()
    server.close()
    assert not list(folder.iterdir())
    await until(lambda: len(side.lost) == len(side.links) and not server.strangers)
    assert open_files() <= before


async def test_two_processes_meet(hub: Hub) -> None:
    """Each knows who the other is: by the kernel for the process, by the secret for the right to speak."""
    link, _ = await hub.dial()
    assert (link.name, link.epoch, link.pid, link.uid) == ("planning01", 7, os.getpid(), os.geteuid())
    await until(lambda: bool(hub.side.links))
    assert (hub.side.links[0].role, hub.side.links[0].name) == ("controller", "monecole")
    assert hub.server.links == set(hub.side.links)
    link.close()


async def test_a_server_may_speak_as_soon_as_somebody_joins(hub: Hub) -> None:
    """Its first message may come in the very read that brings the acceptance."""
    hub.side.greeting = Wake(3)
    link, side = await hub.dial()
    await until(lambda: side.heard == [Wake(3)])
    link.close()


async def test_requests_get_their_own_answers(hub: Hub) -> None:
    """Answers are matched by id, both sides may ask, and the caller's id does not matter."""
    link, side = await hub.dial()
    answers = await asyncio.gather(*(link.request(Forget(0, "x" * n), Forgotten) for n in range(1, 20)))
    assert [one.closed for one in answers] == list(range(1, 20))
    await until(lambda: bool(hub.side.links))
    back = await hub.side.links[0].request(Forget(0, "abc"), Forgotten)
    assert back.closed == 3
    assert not link._asked
    assert not side.heard
    link.close()


async def test_a_message_of_another_kind_answers_nothing(hub: Hub) -> None:
    """Ids of the two sides may be the same: a question of theirs is no answer to ours."""
    link, side = await hub.dial()
    await until(lambda: bool(hub.side.links))
    asking = asyncio.gather(link.request(Wake(0), Woken))
    await until(lambda: bool(hub.side.heard))
    hub.side.links[0].send(Wake(1))
    await until(lambda: side.heard == [Wake(1)])
    hub.side.links[0].send(Woken(1))
    assert (await asking)[0] == Woken(1)
    link.close()


async def test_a_request_without_answer_ends(hub: Hub) -> None:
    """A process that hangs holds nobody for longer than agreed; its late answer is nobody's."""
    link, side = await hub.dial()
    with pytest.raises(DeadlineExceededError):
        await link.request(GetStatus(0), Status, seconds=0.01)
    hub.side.links[0].send(Status(1, 1, "1", ()))
    await until(lambda: bool(side.heard))
    link.close()


async def test_when_the_other_end_dies_every_waiter_is_told(hub: Hub) -> None:
    """Nobody waits for a dead process, and its link is told lost, once."""
    link, side = await hub.dial()
    asking = asyncio.gather(*(link.request(Wake(0), Woken) for _ in range(3)), return_exceptions=True)
    await until(lambda: len(hub.side.heard) == 3)
    hub.side.links[0].close()
    assert [type(one) for one in await asking] == [ConnectionLostError] * 3
    await until(lambda: len(side.lost) == 1)
    with pytest.raises(ConnectionLostError):
        link.send(Wake(1))
    with pytest.raises(ConnectionLostError):
        await link.request(Wake(1), Woken)


async def test_a_socket_changes_hands(hub: Hub) -> None:
    """The descriptor arrives with its message, non-blocking, and ours is closed."""
    link, _ = await hub.dial()
    ours, peer = socket.socketpair()
    link.send(HandOver("10.0.0.1"), ours)
    assert ours.fileno() == -1
    await until(lambda: bool(hub.side.passengers))
    assert hub.side.heard == [HandOver("10.0.0.1")]
    with hub.side.passengers[0] as arrived, peer:
        assert not arrived.getblocking()
        assert not os.get_inheritable(arrived.fileno())
        arrived.send(b"still here")
        assert peer.recv(100) == b"still here"
    link.close()


async def test_r03_a_wrong_secret_is_refused(hub: Hub) -> None:
    """Being of the same user is not enough: the secret is of this start."""
    secret_path(hub.path).chmod(0o600)
    secret_path(hub.path).write_bytes(bytes(32))
    with pytest.raises(ConnectionLostError):
        await hub.dial()
    assert not hub.side.links
    secret_path(hub.path).write_bytes(hub.server.secret)


async def test_r03_a_wrong_process_id_is_refused(hub: Hub) -> None:
    """Who speaks must be who connected."""
    with hub.raw() as sock:
        sock.send(encode_internal(Present(hub.server.secret, "controller", "x", os.getpid() + 1)))
        await until(lambda: not hub.server._doors and not hub.server.strangers)
        assert not hub.side.links


async def test_r03_another_user_is_refused(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """The kernel's word on the user is checked at both ends."""
    monkeypatch.setattr(os, "geteuid", lambda: 4_000_000)
    with hub.raw() as sock:
        async with asyncio.timeout(60):
            assert await asyncio.get_running_loop().sock_recv(sock, 10) == b""
    monkeypatch.undo()
    monkeypatch.setattr(rules, "credentials", lambda _: (1, 4_000_000))
    monkeypatch.setattr(rules.HubServer, "_accept", lambda server: server._listening.accept()[0].close())
    with pytest.raises(ConfigurationError):
        await hub.dial()


async def test_r03_the_files_are_ours_alone(hub: Hub, tmp_path: Path) -> None:
    """Directory 0700, socket and secret 0600; a directory open to others is not used."""
    assert stat.S_IMODE(hub.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(secret_path(hub.path).stat().st_mode) == 0o600
    loop = asyncio.get_running_loop()
    for folder in (tmp_path / "missing", tmp_path / "open"):
        if folder.name == "open":
            folder.mkdir(mode=0o750)
        with pytest.raises(ConfigurationError):
            HubServer(folder / "hub", loop, Side(), name="x").open()
        with pytest.raises(ConfigurationError):
            await dial_hub(folder / "hub", loop, Side(), role="x", name="x")


async def test_r03_a_silent_stranger_is_cut(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection that does not say who it is does not stay, and there are never many."""
    monkeypatch.setattr(rules, "PRESENT_SECONDS", 0.01)
    monkeypatch.setattr(rules, "MAX_STRANGERS", 3)
    with contextlib.ExitStack() as stack:
        for _ in range(6):
            stack.enter_context(hub.raw())
        await asyncio.sleep(0)
        await until(lambda: not hub.server.strangers)
        assert not hub.side.links


GARBAGE = [
    b"\x00",
    b"\xff" * 100,
    b"\x91" * 60_000,
    bytes(70_000),
    msgspec.msgpack.encode([99, 1, 2]),
    encode_internal(Woken(1)),
    encode_internal(HandOver("10.0.0.1")),
]


@pytest.mark.parametrize("garbage", GARBAGE, ids=range(len(GARBAGE)))
async def test_r04_garbage_before_the_first_word_closes(hub: Hub, garbage: bytes) -> None:
    """What a stranger says cannot break us."""
    with hub.raw() as sock:
        sock.send(garbage)
        await until(lambda: not hub.server._doors)
    assert not hub.side.links


@pytest.mark.parametrize("garbage", [*GARBAGE[:5], encode_internal(Drain(1.0))], ids=range(6))
async def test_r04_garbage_from_a_joined_process_closes(hub: Hub, garbage: bytes) -> None:
    """A compromised child is treated as hostile: its link is closed, its passengers too, and we go on."""
    with hub.raw() as sock:
        sock.send(encode_internal(Present(hub.server.secret, "planning", "x", os.getpid())))
        await until(lambda: bool(hub.side.links))
        ours, peer = socket.socketpair()
        with ours, peer:
            peer.setblocking(False)
            socket.send_fds(sock, [garbage], [ours.fileno()])
            ours.close()
            await until(lambda: bool(hub.side.lost))
            for passenger in hub.side.passengers:
                assert passenger.fileno() == -1
            async with asyncio.timeout(60):
                assert await asyncio.get_running_loop().sock_recv(peer, 1) == b""
    assert isinstance(hub.side.lost[0], ProtocolError)
    link, _ = await hub.dial()
    link.close()


async def test_nobody_listens(tmp_path: Path) -> None:
    """A hub that is down is an error with a retry, not a hang."""
    with pytest.raises(ConnectionLostError):
        await dial_hub(tmp_path / "hub", asyncio.get_running_loop(), Side(), role="x", name="x")


async def test_a_new_start_takes_the_place_of_a_dead_one(hub: Hub) -> None:
    """A killed process leaves its socket file behind: the next start replaces it and draws a new secret."""
    side = Side()
    again = HubServer(hub.path, asyncio.get_running_loop(), side, name="again")
    again.open()
    hub.server.close()
    link, _ = await hub.dial()
    assert link.name == "again"
    link.close()
    again.close()
    await until(lambda: bool(side.lost))


async def test_a_path_too_long_for_a_socket_is_a_configuration_error(tmp_path: Path) -> None:
    """The kernel's 107 bytes are told as a setting to change."""
    folder = tmp_path / ("x" * 100)
    folder.mkdir(mode=0o700)
    with pytest.raises(ConfigurationError):
        HubServer(folder / "hub", asyncio.get_running_loop(), Side(), name="x").open()
