"""One port, three doors, and lines to other processes."""

import asyncio
import contextlib
import functools
import socket
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from hpserver.net.doors import Door, Doors
from hpserver.net.gate import Gate
from hpserver.net.hub import HubLink, HubServer, dial_hub
from hpserver.net.listener import Arrival
from hpserver.protocol.internal import HandOver
from tests.net.ends import Recorder, in_thread, until
from tests.net.test_hub import Side
from tests.pki import Pki


class House:
    """Doors on a free port; what came to each, and where names lead."""

    def __init__(self, pki: Pki) -> None:
        self.pki, self.gate = pki, Gate(100)
        self.came: list[tuple[Door, Arrival]] = []
        self.elsewhere: dict[str, Door | HubLink] = {"enrol.monecole.example": Door.NEW}

    def meant(self, name: str) -> Door | HubLink:
        """Say where a name leads."""
        return self.elsewhere.get(name, Door.KNOWN)

    def open(self) -> None:
        """Open the doors."""
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.listening.getsockname()[1]
        welcome = {door: functools.partial(self._welcome, door) for door in Door}
        contexts = (self.pki.server_context(), self.pki.enrolment_context())
        self.doors = Doors([self.listening], contexts, self.gate, self.meant, welcome)
        self.doors.start()

    async def knock(self, context: ssl.SSLContext, name: str) -> None:
        """Connect, ask for a name, and leave."""

        def knock() -> None:
            with socket.create_connection(("127.0.0.1", self.port)) as raw, contextlib.suppress(ssl.SSLError, OSError):
                context.wrap_socket(raw, server_hostname=name).close()

        await in_thread(knock)

    def _welcome(self, door: Door, arrival: Arrival) -> None:
        self.came.append((door, arrival))
        arrival.link(Recorder()).close()


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """Open doors; on leaving, the gate has every place back."""
    house = House(Pki.create(tmp_path))
    house.open()
    yield house
    house.doors.stop()
    await until(lambda: not house.gate.opened)
    house.doors.close()
    house.doors.close()
    house.listening.close()


@pytest.mark.parametrize("name", ["monecole.example", "localhost", "127.0.0.1"])
async def test_a_device_comes_to_the_front_door(house: House, name: str) -> None:
    """Whatever it calls the controller, with the certificate it has."""
    await house.knock(house.pki.client_context(), name)
    await until(lambda: bool(house.came))
    door, arrival = house.came[0]
    assert (door, arrival.peer_der) == (Door.KNOWN, house.pki.device().der)


async def test_who_wants_a_certificate_needs_none(house: House) -> None:
    """Its door asks for no certificate and speaks enrolment only."""
    await house.knock(house.pki.enrolling_client_context(), "enrol.monecole.example")
    await until(lambda: bool(house.came))
    assert (house.came[0][0], house.came[0][1].peer_der) == (Door.NEW, b"")


async def test_t02_the_front_door_is_shut_without_a_certificate(house: House) -> None:
    """The name of enrolment is no way round: the other doors ask for a certificate all the same."""
    await house.knock(house.pki.enrolling_client_context(), "monecole.example")
    await until(lambda: bool(house.doors.front.failed))
    assert not house.came


async def test_a_renewed_certificate_is_shown_from_then_on(house: House) -> None:
    """Who connects later sees the new one; nobody was refused meanwhile."""
    other = Pki.create(house.pki.folder, account="lycee.example")
    house.doors.use((other.server_context(), other.enrolment_context()))
    await house.knock(other.client_context(), "lycee.example")
    await until(lambda: bool(house.came))
    assert house.came[0][1].peer_der == other.device().der


async def test_a_server_that_is_not_there_has_a_door_too(house: House) -> None:
    """The client is let in with its certificate, so that it can be told."""
    house.elsewhere["planning01.monecole.example"] = Door.CLOSED
    await house.knock(house.pki.client_context(), "planning01.monecole.example")
    await until(lambda: bool(house.came))
    assert house.came[0][0] is Door.CLOSED


async def test_who_is_meant_for_another_process_is_handed_over(house: House, tmp_path: Path) -> None:
    """The socket leaves unread, with its source; the gate has its place back at once."""
    folder, side = tmp_path / "hubs", Side()
    folder.mkdir(mode=0o700)
    loop = asyncio.get_running_loop()
    hub = HubServer(folder / "p.sock", loop, side, name="planning01")
    hub.open()
    line = await dial_hub(folder / "p.sock", loop, Side(), role="controller", name="1")
    house.elsewhere["planning01.monecole.example"] = line
    with socket.create_connection(("127.0.0.1", house.port)) as raw:
        raw.sendall(_hello("planning01.monecole.example"))
        await until(lambda: bool(side.passengers))
        assert side.heard == [HandOver("127.0.0.1")]
        assert not house.gate.opened
        assert side.passengers[0].recv(1, socket.MSG_PEEK) == b"\x16"
    line.close()
    with socket.create_connection(("127.0.0.1", house.port)) as raw:
        raw.sendall(_hello("planning01.monecole.example"))
        assert await in_thread(lambda: _closed(raw))
    side.passengers[0].close()
    hub.close()


def _hello(name: str) -> bytes:
    outgoing = ssl.MemoryBIO()
    client = ssl.create_default_context().wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname=name)
    with contextlib.suppress(ssl.SSLWantReadError):
        client.do_handshake()
    return outgoing.read()


def _closed(sock: socket.socket) -> bool:
    try:
        return sock.recv(1) == b""
    except ConnectionResetError:
        return True
