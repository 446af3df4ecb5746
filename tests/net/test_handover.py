"""Packets with descriptors between processes."""

import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from hpserver.errors import BusyError, ConnectionLostError, HPError, MalformedMessageError
from hpserver.net import handover as rules
from hpserver.net.handover import PacketChannel, credentials
from hpserver.protocol.internal import MAX_PACKET
from tests.net.ends import in_thread, open_files, until
from tests.pki import Pki


class Channel:
    """A channel, what came through it, and the raw socket at its other end."""

    def __init__(self) -> None:
        ours, self.peer = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.peer.setblocking(False)
        self.packets: list[bytes] = []
        self.passengers: list[socket.socket] = []
        self.lost: list[HPError | None] = []
        self.channel = PacketChannel(ours, asyncio.get_running_loop(), self._received, self.lost.append)

    def _received(self, packet: bytes, passenger: socket.socket | None) -> None:
        self.packets.append(packet)
        if passenger is not None:
            self.passengers.append(passenger)


@pytest.fixture
async def open_channel() -> AsyncIterator[Channel]:
    """A channel; at the end no descriptor is left."""
    before = open_files()
    one = Channel()
    yield one
    one.channel.close()
    one.channel.close()
    one.peer.close()
    for passenger in one.passengers:
        passenger.close()
    await until(lambda: len(one.lost) == 1)
    assert open_files() == before


async def test_one_packet_is_one_message(open_channel: Channel) -> None:
    """Packets are never joined or cut, both ways."""
    for n in range(1, 200):
        open_channel.peer.send(b"x" * n)
        open_channel.channel.send(b"y" * n)
    await until(lambda: len(open_channel.packets) == 199)
    assert [len(one) for one in open_channel.packets] == list(range(1, 200))
    assert [len(open_channel.peer.recv(65536)) for _ in range(199)] == list(range(1, 200))


async def test_a_process_that_does_not_read_gets_its_packets_later(open_channel: Channel) -> None:
    """The kernel refuses after some hundred descriptors: the rest waits here, in order, and arrives."""
    count = 700
    kept = []
    for n in range(count):
        ours, other = socket.socketpair()
        kept.append(other)
        open_channel.channel.send(str(n).encode(), ours)
    assert 0 < open_channel.channel.queued < count
    for n in range(count):
        packet, descriptors, _, _ = await in_turn(open_channel.peer)
        assert packet == str(n).encode()
        assert len(descriptors) == 1
        os.close(descriptors[0])
        kept[n].close()
    assert not open_channel.channel.queued


async def in_turn(sock: socket.socket) -> tuple[bytes, list[int], int, object]:
    """Return the next packet, giving the loop its turns."""
    async with asyncio.timeout(60):
        while True:
            try:
                return socket.recv_fds(sock, 65536, 4)
            except BlockingIOError:
                await asyncio.sleep(0)


async def test_the_queue_is_bounded_and_closed_with_the_channel(
    open_channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hung process costs a bounded queue; when it dies, every queued connection is closed."""
    monkeypatch.setattr(rules, "MAX_QUEUED", 5)
    kept = []

    def send_one() -> socket.socket:
        ours, other = socket.socketpair()
        kept.append(other)
        open_channel.channel.send(b"x", ours)
        return ours

    while open_channel.channel.queued < 5:
        send_one()
    with pytest.raises(BusyError):
        send_one()
    assert open_channel.channel.queued == 5
    open_channel.peer.close()
    await until(lambda: bool(open_channel.lost))
    for other in kept:
        with other:
            other.settimeout(60)
            assert other.recv(1) == b""


async def test_a_dead_process_is_told(open_channel: Channel) -> None:
    """Sending to it raises and closes the passenger; nothing lingers."""
    open_channel.peer.close()
    ours, other = socket.socketpair()
    with other:
        with pytest.raises(ConnectionLostError):
            open_channel.channel.send(b"x", ours)
        assert ours.fileno() == -1
    await until(lambda: bool(open_channel.lost))
    assert isinstance(open_channel.lost[0], ConnectionLostError)


async def test_r04_too_many_descriptors_close_the_channel(open_channel: Channel) -> None:
    """One packet brings one socket: more is an attempt to fill our table."""
    pairs = [socket.socketpair() for _ in range(3)]
    socket.send_fds(open_channel.peer, [b"x"], [one.fileno() for one, _ in pairs])
    await until(lambda: bool(open_channel.lost))
    assert isinstance(open_channel.lost[0], MalformedMessageError)
    for one, other in pairs:
        one.close()
        other.close()


async def test_r04_only_stream_sockets_are_taken(open_channel: Channel) -> None:
    """A file, or another kind of socket, is not a connection."""
    file = os.open(os.devnull, os.O_RDONLY)
    socket.send_fds(open_channel.peer, [b"x"], [file])
    os.close(file)
    await until(lambda: bool(open_channel.lost))
    assert isinstance(open_channel.lost[0], MalformedMessageError)


@pytest.mark.parametrize("size", [0, MAX_PACKET + 1])
async def test_r04_an_empty_or_huge_packet_closes_the_channel(open_channel: Channel, size: int) -> None:
    """Neither is something our processes say."""
    open_channel.peer.send(bytes(size))
    await until(lambda: bool(open_channel.lost))


def test_r03_the_kernel_says_who_is_there() -> None:
    """Process and user come from the kernel, not from the other end."""
    one, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with one, other:
        assert credentials(one) == (os.getpid(), os.geteuid())


PLANNING = """
import asyncio, socket, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from cryptography import x509
from hpserver.certs import contexts
from hpserver.net.gate import Gate
from hpserver.net.handover import PacketChannel
from hpserver.net.handshake import Handshaker
from hpserver.net.listener import Listener
chain, key, issuer = map(Path, sys.argv[2:5])
trusted = x509.load_pem_x509_certificates(chain.read_bytes())[1:]
class Echo:
    def link_received(self, link, data): link.write(b"planning: " + data)
    def link_lost(self, link, error): done.set()
    def link_fell_behind(self, link): pass
    def link_caught_up(self, link): pass
async def main():
    global done
    done = asyncio.Event()
    loop = asyncio.get_running_loop()
    handshaker = Handshaker(contexts.server_context(chain, key, trusted), loop)
    listener = Listener([], handshaker, Gate(100), lambda arrival: arrival.link(Echo()))
    channel = PacketChannel(socket.socket(fileno=int(sys.argv[4])), loop,
        lambda packet, passenger: listener.adopt(passenger, packet.decode()), lambda error: None)
    await done.wait()
    channel.close()
    handshaker.close()
asyncio.run(main())
"""


@pytest.mark.slow
async def test_a_tls_connection_is_served_by_another_process(tmp_path: Path, pytestconfig: pytest.Config) -> None:
    """The school's one port: accepted here, encrypted there, and no byte of it passes through us again."""
    pki = Pki.create(tmp_path)
    server = pki.server()
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    command = [sys.executable, "-c", PLANNING, str(pytestconfig.rootpath)]
    command += [str(server.chain_file), str(server.key_file), str(theirs.fileno())]
    lost: list[HPError | None] = []
    with (
        subprocess.Popen(command, pass_fds=[theirs.fileno()]) as process,  # noqa: ASYNC220  started before anything runs
        socket.create_server(("127.0.0.1", 0)) as listening,
    ):
        theirs.close()
        channel = PacketChannel(ours, asyncio.get_running_loop(), lambda *_: None, lost.append)
        raw = socket.create_connection(listening.getsockname(), 20)
        accepted, _ = listening.accept()
        channel.send(b"127.0.0.1", accepted)
        assert accepted.fileno() == -1

        def talk() -> bytes:
            with pki.client_context().wrap_socket(raw, server_hostname="localhost") as client:
                client.sendall(b"bonjour")
                heard = client.recv(100)
                client.unwrap()
                return heard

        assert await in_thread(talk) == b"planning: bonjour"
        assert await in_thread(process.wait) == 0
        await until(lambda: bool(lost))
