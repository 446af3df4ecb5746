"""One TLS connection, at every awkward moment: with real sockets on the loopback."""

import asyncio
import contextlib
import os
import socket
import ssl
import struct
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from hpserver.errors import ConnectionLostError, HPError, RemoteProtocolError, TooSlowError
from hpserver.net import link as link_module
from hpserver.net.link import Link
from hpserver.net.owner import Carrier
from hpserver.protocol.limits import OUTPUT_HARD, OUTPUT_SOFT
from tests.net.ends import Recorder, in_thread, until
from tests.pki import Pki


class Line:
    """A link on one side, a blocking client on the other."""

    def __init__(self, link: Link, owner: Recorder, client: ssl.SSLSocket) -> None:
        self.link, self.owner, self.client = link, owner, client
        self.departed = 0

    async def client_reads(self, count: int) -> bytes:
        """Return what the client reads, until `count` bytes or the end."""

        def read() -> bytes:
            got = bytearray()
            while len(got) < count and (piece := self.client.recv(1 << 20)):
                got += piece
            return bytes(got)

        return await in_thread(read)


@pytest.fixture
async def line(tmp_path: Path) -> AsyncIterator[Line]:
    """A logged-in link and its client."""
    pki = Pki.create(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        raw = socket.create_connection(listening.getsockname(), 20)
        accepted, _ = listening.accept()
    server = pki.server_context().wrap_socket(
        accepted, server_side=True, do_handshake_on_connect=False, suppress_ragged_eofs=False
    )
    thread = threading.Thread(target=server.do_handshake)
    thread.start()
    client = pki.client_context().wrap_socket(raw, server_hostname="localhost", suppress_ragged_eofs=False)
    thread.join()
    owner = Recorder()
    line = Line(None, owner, client)  # type: ignore[arg-type]  # the link wants `departed` first

    def departed() -> None:
        line.departed += 1

    line.link = Link(server, asyncio.get_running_loop(), owner, departed)
    line.link.raise_limits()
    yield line
    client.close()
    line.link.abort()
    await owner.wait("lost")
    await until(lambda: line.departed == 1)
    assert owner.told.count("lost") == 1
    assert server.fileno() == -1


async def test_bytes_arrive_both_ways(line: Line) -> None:
    """The plainest use."""
    line.client.sendall(b"bonjour")
    await line.owner.wait_bytes(7)
    line.link.write(b"bonsoir")
    assert await line.client_reads(7) == b"bonsoir"
    assert line.link.statistics.received == line.link.statistics.sent == 7


@pytest.mark.parametrize("size", [1, 16_383, 16_384, 16_385, 1_000_000])
async def test_any_size_arrives_whole(line: Line, size: int) -> None:
    """Records of every size, full ones above all, are neither lost nor left inside OpenSSL."""
    sent = bytes(range(256)) * (size // 256) + bytes(size % 256)
    await in_thread(lambda: line.client.sendall(sent))
    await line.owner.wait_bytes(size)
    assert bytes(line.owner.received) == sent
    line.link.write(sent)
    assert await line.client_reads(size) == sent


async def test_a_record_that_comes_byte_by_byte_arrives(line: Line) -> None:
    """A record cut by the network wakes the link many times before it can be read."""
    raw = Interposed(line.client)
    for byte in raw.record(b"bonjour"):
        raw.sock.send(bytes([byte]))
        await asyncio.sleep(0)
    await line.owner.wait_bytes(7)
    raw.sock.close()


async def test_answers_written_during_a_read_leave_in_one_piece(line: Line) -> None:
    """A hundred answers to one packet of requests are one record and one system call."""

    def answer(link: Carrier, _data: bytes) -> None:
        for _ in range(100):
            link.write(b"x")

    line.owner.heard = answer
    line.client.sendall(b"go")
    assert await in_thread(lambda: line.client.recv(1000)) == b"x" * 100


async def test_many_records_then_a_leave_all_arrive(line: Line) -> None:
    """A peer that sends a burst and leaves in the same breath was heard to the end, and left without error."""
    for _ in range(3):  # the first bursts are found out, the last ones read to the end
        for n in range(100):
            line.client.sendall(b"x" * (n + 1))
        await asyncio.sleep(0)
    await in_thread(line.client.unwrap)
    line.client.close()
    await line.owner.wait("lost")
    assert len(line.owner.received) == 3 * 5050
    assert line.owner.error is None


async def test_p07_many_records_then_a_cut_line_is_an_error(line: Line) -> None:
    """The bytes before the cut are heard, then the cut is told."""
    for n in range(100):
        line.client.sendall(b"x" * (n + 1))
    line.client.close()
    await line.owner.wait("lost")
    assert len(line.owner.received) == 5050
    assert isinstance(line.owner.error, ConnectionLostError)


async def test_the_answers_to_a_burst_leave_together(line: Line) -> None:
    """Sixteen requests in sixteen records are one piece for the owner, and one record of answers."""
    line.owner.echo = True
    line.link.pause()
    for _ in range(16):
        line.client.sendall(b"request")
    line.link.resume()
    assert await in_thread(lambda: line.client.recv(1000)) == b"request" * 16


async def test_p06_a_paused_link_reads_nothing(line: Line) -> None:
    """Who has too much in flight is stopped by its own full window, and goes on when resumed."""
    line.link.pause()
    line.link.pause()
    line.client.sendall(b"bonjour")
    await asyncio.sleep(0.02)
    assert not line.owner.received
    line.link.resume()
    line.link.resume()
    await line.owner.wait_bytes(7)


async def test_p06_pausing_inside_a_read_stops_the_next(line: Line) -> None:
    """The owner may stop the peer in the middle of what it hears."""
    line.owner.heard = lambda link, _: link.pause()
    line.client.sendall(b"one")
    await line.owner.wait_bytes(3)
    line.client.sendall(b"two")
    await asyncio.sleep(0.02)
    assert bytes(line.owner.received) == b"one"
    line.link.resume()
    await line.owner.wait_bytes(6)


async def test_p05_a_slow_reader_is_marked_behind_and_catches_up(line: Line) -> None:
    """It is told once, nobody waits for it, and when it has read all it can be brought up to date."""
    data = bytes(1000) * 1024
    while not line.link.queued:
        line.link.write(data)
    while line.link.queued <= OUTPUT_SOFT:
        line.link.write(data)
    await line.owner.wait("behind")
    line.link.write(b"still sent")
    total = line.link.queued + line.link.statistics.sent
    assert len(await line.client_reads(total)) == total
    await line.owner.wait("caught up")
    assert line.owner.told == ["behind", "caught up"]
    assert line.link.statistics.sent == total


async def test_p05_the_hard_limit_closes(line: Line) -> None:
    """A reader that stopped costs 8 MiB at most."""
    for _ in range(200):
        line.link.write(bytes(1 << 20))
        assert line.link.queued <= OUTPUT_HARD + (1 << 20)
    await line.owner.wait("lost")
    assert isinstance(line.owner.error, TooSlowError)


async def test_p05_the_soft_limit_closes_in_time(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader that stays behind is closed without waiting for another write."""
    monkeypatch.setattr("hpserver.net.outbox.OUTPUT_SOFT_SECONDS", 0.01)
    while line.link.queued <= OUTPUT_SOFT:
        line.link.write(bytes(1 << 20))
    await line.owner.wait("lost")
    assert isinstance(line.owner.error, TooSlowError)


async def test_a_long_transfer_keeps_its_pace(line: Line) -> None:
    """Chunk after chunk, each when the one before has left: never behind, whatever the size."""
    left = 40

    def more() -> None:
        nonlocal left
        if left:
            left -= 1
            line.link.write(bytes(256 << 10))
            line.link.call_when_drained(more)

    more()
    assert len(await line.client_reads(40 * 256 << 10)) == 40 * 256 << 10
    assert line.owner.told == []


async def test_a_transfer_begun_during_a_read_goes_on(line: Line) -> None:
    """Who asks to be called when all has left is called, also when all left at once."""
    drained: list[bool] = []

    def answer(link: Carrier, _data: bytes) -> None:
        link.write(b"first")
        link.call_when_drained(lambda: drained.append(True))

    line.owner.heard = answer
    line.client.sendall(b"go")
    assert await line.client_reads(5) == b"first"
    await until(lambda: drained == [True])


async def test_both_take_leave_when_we_close(line: Line) -> None:
    """What was written arrives, then the end, which is no error."""
    line.link.write(b"adieu")
    line.link.close()
    line.link.close()
    line.link.write(b"too late")
    assert await line.client_reads(100) == b"adieu"
    await in_thread(line.client.unwrap)
    line.client.close()
    await line.owner.wait("lost")
    assert line.owner.error is None


async def test_a_close_with_much_waiting_sends_it_all(line: Line) -> None:
    """The last answers are not cut by the leave."""
    while not line.link.queued:
        line.link.write(bytes(1 << 20))
    total = line.link.queued + line.link.statistics.sent
    line.link.close(grace=20)
    assert len(await line.client_reads(1 << 30)) == total
    line.client.close()
    await line.owner.wait("lost")
    assert line.owner.error is None


async def test_a_peer_that_never_takes_leave_is_waited_for_briefly(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    """A closed socket is not held by a silent peer."""
    monkeypatch.setattr(link_module, "LINGER_SECONDS", 0.01)
    line.link.close(grace=0.01)
    await line.owner.wait("lost")


async def test_a_peer_that_reads_nothing_does_not_hold_the_close(line: Line) -> None:
    """The grace of a close is absolute."""
    while not line.link.queued:
        line.link.write(bytes(1 << 20))
    line.link.close(grace=0.01)
    await line.owner.wait("lost")
    assert isinstance(line.owner.error, TooSlowError)


async def test_the_peer_takes_leave(line: Line) -> None:
    """Its leave is answered by ours and is no error."""
    line.client.sendall(b"bye")
    await in_thread(line.client.unwrap)
    line.client.close()
    await line.owner.wait("lost")
    assert bytes(line.owner.received) == b"bye"
    assert line.owner.error is None


async def test_p07_a_peer_gone_without_leave_is_an_error(line: Line) -> None:
    """A cut line is told apart from a leave: what was said last may be missing."""
    line.client.sendall(b"half")
    line.client.close()
    await line.owner.wait("lost")
    assert bytes(line.owner.received) == b"half"
    assert isinstance(line.owner.error, ConnectionLostError)


async def test_p07_a_reset_is_an_error(line: Line) -> None:
    """As above, the hard way; a write that meets it does not raise."""
    line.client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    line.client.close()
    while line.link.is_open:
        line.link.write(b"x")
        await asyncio.sleep(0)
    await line.owner.wait("lost")
    assert isinstance(line.owner.error, ConnectionLostError)


async def test_a_broken_record_is_answered_by_an_alert(line: Line) -> None:
    """Bytes that are not what TLS expects end the link, and the peer is told why."""
    raw = Interposed(line.client)
    raw.sock.sendall(b"\x17\x03\x03\x00\x20" + bytes(32))
    with pytest.raises(ssl.SSLError, match=r"(?i)bad.record.mac"):
        await line.client_reads(1)
    line.client.close()
    raw.sock.close()
    await line.owner.wait("lost")
    assert isinstance(line.owner.error, RemoteProtocolError)


async def test_an_owner_that_fails_loses_its_link_and_no_other(line: Line) -> None:
    """A bug above must not leave a link open that was half understood."""
    heard: list[dict[str, object]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: heard.append(context))

    def fail(_link: Carrier, _data: bytes) -> None:
        raise ZeroDivisionError

    line.owner.heard = fail
    line.client.sendall(b"x")
    await line.owner.wait("lost")
    assert isinstance(heard[0]["exception"], ZeroDivisionError)


async def test_an_abort_inside_a_read_is_safe(line: Line) -> None:
    """The owner may close, abort and write in any order while it hears."""

    def leave(link: Carrier, _data: bytes) -> None:
        link.write(b"lost")
        link.abort(TooSlowError("enough"))
        link.close()
        link.write(b"late")
        link.abort()

    line.owner.heard = leave
    line.client.sendall(b"x")
    await line.owner.wait("lost")
    error: HPError | None = line.owner.error
    assert isinstance(error, TooSlowError)


async def test_a_close_inside_a_read_sends_what_was_written(line: Line) -> None:
    """A refusal is said before the door is closed."""

    def refuse(link: Carrier, _data: bytes) -> None:
        link.write(b"because")
        link.close()

    line.owner.heard = refuse
    line.client.sendall(b"x")
    assert await line.client_reads(100) == b"because"


class Interposed:
    """The raw socket under a client: what it wrote can be held back, cut or replaced."""

    def __init__(self, client: ssl.SSLSocket) -> None:
        self._client = client
        self.sock = socket.socket(fileno=os.dup(client.fileno()))
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def record(self, data: bytes) -> bytes:
        """Return the record that carries `data`, without sending it."""
        ours, theirs = socket.socketpair()
        real = os.dup(self._client.fileno())
        os.dup2(theirs.fileno(), self._client.fileno())
        try:
            self._client.sendall(data)
            return ours.recv(65536)
        finally:
            os.dup2(real, self._client.fileno())
            os.close(real)
            with contextlib.suppress(OSError):
                ours.close()
                theirs.close()


async def test_a_lost_link_holds_nobody(line: Line) -> None:
    """What held each other, the memory of TLS with it, would wait for a collection that seldom comes."""
    line.link.abort()
    await line.owner.wait("lost")
    await until(lambda: line.departed == 1)
    assert not hasattr(line.link, "_owner")
