"""Broken frames and cut connections on running servers: rows P01, P02, P04, P06 and P07, over live TLS."""

import contextlib
import random
import re
import socket
import ssl
import struct
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import msgspec
import pytest

from hpserver.client import School
from hpserver.errors import HPError
from hpserver.hosting.staging import UPLOADS_AT_ONCE
from hpserver.protocol import messages as m
from hpserver.protocol.codec import decode_from_server, encode
from hpserver.protocol.frames import FrameReader
from hpserver.protocol.limits import MAX_FRAME, MAX_IN_FLIGHT
from hpserver.protocol.states import TRANSITIONS, Role, Side, State
from tests.fuzz.test_frames import end_at, mutated
from tests.house import DOMAIN, PASSWORD, PATIENCE, House, a_house, a_seed, wait_until
from tests.processes.ps import fds
from tests.protocol.samples import CLIENT
from tests.wire import Wire

pytestmark = pytest.mark.slow

FRAMES = 20_000
"""In each of the two phases, all of them read by the server."""

FATAL = 300
"""Frames in each phase that end the conversation: each costs a handshake, and after login a ticket."""

TOGETHER = 16
"""Frames said before the answers are read."""

GROWTH_KIB = 32 << 10
"""What is kept of answers, rooms side by side and patterns of rules takes its room once; a leak takes it for ever."""

CUTS = 1000
TOKEN = 0x4850


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house for every test of this module."""
    with a_house(tmp_path_factory.mktemp("house")) as house:
        yield house


def rss_kib(pid: int) -> int:
    """Return the memory a process has in RAM."""
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert found is not None
    return int(found[1])


class Corpus:
    """Mutated frames, told apart by our own end of a conversation: it goes on, or it ends."""

    def __init__(self, seed: int, role: Role, state: State) -> None:
        self.chance = random.Random(seed)
        self.role, self.state = role, state
        allowed = TRANSITIONS[state, Side.CLIENT]
        self.messages = [one for one in CLIENT if type(one) in allowed and not isinstance(one, m.Login | m.Enter)]
        self.drawn = 0

    def draw(self) -> tuple[bytes, bool]:
        """Return a frame, and whether the conversation goes on after it."""
        message, self.drawn = self.chance.choice(self.messages), self.drawn + 1
        if isinstance(message, m.Request):  # several are on their way at once
            message = msgspec.structs.replace(message, id=self.drawn)
        data = mutated(self.chance, encode(message))
        end = end_at(Side.SERVER, self.role, self.state)
        try:
            heard = list(end.receive_data(data, 0.0))
        except HPError:
            return data, False
        whole = len(data) > 4 and len(data) == 4 + int.from_bytes(data[:4], "big")
        return data, whole and end.state is self.state and len(heard) <= 1

    def conversations(self) -> Iterator[tuple[list[bytes], bytes]]:
        """Yield frames to say and one that breaks the conversation, without end."""
        going: list[bytes] = []
        fatal = b""
        while True:
            data, goes_on = self.draw()
            if goes_on:
                going.append(data)
            else:
                fatal = data
            if len(going) >= FRAMES // FATAL and fatal:
                yield going, fatal
                going, fatal = [], b""


def talk(wire: Wire, going: list[bytes], fatal: bytes, told: Counter[str]) -> int:
    """Say all of it, the fatal frame last, and read what is answered; the number of frames that were said.

    The server may end it earlier: two mutated requests may have one id. It says so, then, and what was said is counted.
    """
    reader = FrameReader(MAX_FRAME)
    ping = encode(m.Ping(TOKEN))
    for start in range(0, len(going), TOGETHER):
        wire.sock.sendall(b"".join(going[start : start + TOGETHER]) + ping)
        if not listen(wire, reader, told):
            return start + TOGETHER
    if fatal:
        wire.sock.sendall(fatal)
        socket.socket.shutdown(wire.sock, socket.SHUT_WR)  # a cut line; that of SSLSocket would forget the keys
        while listen(wire, reader, told):
            pass
    return len(going) + bool(fatal)


def listen(wire: Wire, reader: FrameReader, told: Counter[str]) -> bool:
    """Read up to the Pong; False when the server closed. Every refusal has a code that is documented."""
    while True:
        try:
            data = wire.sock.recv(262_144)
        except (ConnectionError, ssl.SSLError):
            return False
        if not data:
            return False
        for body in reader.feed(data):
            message = decode_from_server(bytes(body))
            told[message.name if isinstance(message, m.Failed) else type(message).__name__] += 1
            assert not isinstance(message, m.Failed) or message.code in HPError.by_code
            if isinstance(message, m.Pong) and message.token == TOKEN:
                return True


def search(name: str, pid: Callable[[], int], corpus: Corpus, connect: Callable[[], Wire]) -> None:
    """Say every frame of a corpus to a server, and check that it is the same process, no larger."""
    told: Counter[str] = Counter()
    before = pid()
    with connect():
        pass
    floor = rss_kib(before)
    open_fds = wait_quiet(before)
    frames = 0
    for going, fatal in corpus.conversations():
        with connect() as wire:
            frames += talk(wire, going, fatal, told)
        if frames >= FRAMES:
            break
    grown = rss_kib(before) - floor
    print(f"{name}: {frames} frames, RSS +{grown} KiB, {dict(told)}")  # noqa: T201  figures of the run
    assert pid() == before
    assert grown < GROWTH_KIB
    wait_until(lambda: len(fds(before)) <= open_fds + UPLOADS_AT_ONCE)  # the locks of uploads that may be gone on with


def test_p01_p02_mutated_frames_before_login(house: House) -> None:
    """Whatever a device says before it is known, the controller goes on with the next."""
    corpus = Corpus(a_seed(), Role.CONTROLLER, State.GREETED)
    search("before login", partial(house.pid, "controller"), corpus, partial(house.wire, "alice"))


def test_p01_p02_mutated_frames_after_login(house: House) -> None:
    """Whatever a planner's program says inside a planning, the planning goes on with everybody else."""
    corpus = Corpus(a_seed(), Role.PLANNING, State.INSIDE)
    with house.wire("alice") as home:
        assert isinstance(home.ask(m.Login(home.next_id(), 0, "alice", "Lune-4-Papier-77")), m.LoggedIn)

        def connect() -> Wire:
            opened = home.ask(m.OpenPlanning(home.next_id(), 0, "planning01"))
            assert isinstance(opened, m.PlanningOpened), opened
            wire = house.wire("alice", "planning01")
            entered = wire.ask(m.Enter(wire.next_id(), 0, "planning01", opened.ticket, 0, 0))
            assert isinstance(entered, m.Entered), entered
            return wire

        search("after login", partial(house.pid, "planning01"), corpus, connect)


def test_p06_a_hundred_thousand_requests_without_reading(house: House) -> None:
    """Who asks and never listens is not read beyond what is in flight, and costs a bounded amount of memory."""
    pid = house.pid("planning01")
    with let_in(house, "bruno") as wire:
        before = rss_kib(pid)
        wire.sock.settimeout(1.0)
        said = 0
        with contextlib.suppress(TimeoutError, ssl.SSLError, ConnectionError):
            for number in range(100_000):
                wire.sock.sendall(encode(m.GetObjects(number + 10, 0, "activity", tuple(range(1, 61)))))
                said += 1
        print(f"{said} requests were taken, RSS +{rss_kib(pid) - before} KiB")  # noqa: T201  figures of the run
        assert rss_kib(pid) - before < GROWTH_KIB
    assert house.pid("planning01") == pid


def test_p04_who_has_everything_searched_does_not_keep_others_waiting(house: House) -> None:
    """Sixty-four long questions said at once are answered one by one; what others ask comes in between."""
    with let_in(house, "bruno") as greedy, let_in(house, "alice") as modest:
        questions = [m.GetRepairs(number + 10, 0, 1, 2) for number in range(MAX_IN_FLIGHT)]
        for question in questions:
            greedy.connection.send(question, 0.0)
        greedy.sock.sendall(b"".join(greedy.connection.data_to_send()))
        answers = [greedy.hear()]
        assert isinstance(modest.ask(m.GetObjects(modest.next_id(), 0, "activity", (1, 2))), m.Objects)
        greedy.sock.settimeout(0.0)
        with contextlib.suppress(BlockingIOError, ssl.SSLWantReadError):
            while len(answers) < len(questions):
                answers.append(greedy.hear())
        assert len(answers) < len(questions) / 2
        greedy.sock.settimeout(PATIENCE)
        answers += [greedy.hear() for _ in range(len(questions) - len(answers))]
        assert [getattr(one, "id", 0) for one in answers] == [one.id for one in questions]


@contextlib.contextmanager
def let_in(house: House, login: str) -> Iterator[Wire]:
    """Let a planner into planning01."""
    with house.wire(login) as home:
        assert isinstance(home.ask(m.Login(home.next_id(), 0, login, PASSWORD)), m.LoggedIn)
        opened = home.ask(m.OpenPlanning(home.next_id(), 0, "planning01"))
        assert isinstance(opened, m.PlanningOpened), opened
    with house.wire(login, "planning01") as wire:
        assert isinstance(wire.ask(m.Enter(wire.next_id(), 0, "planning01", opened.ticket, 0, 0)), m.Entered)
        yield wire


@pytest.mark.parametrize("port", ["controller", "planning01"])
def test_p07_resets_at_any_byte_leave_nothing_behind(house: House, port: str) -> None:
    """A peer that vanishes in the middle of anything gives back its descriptor, and its task."""
    chance = random.Random(a_seed())
    context = house.credentials("chloe").context()
    pid = house.pid(port)
    number = house.account.port if port == "controller" else house.plannings[port].port
    name = DOMAIN if port == "controller" else f"{port}.{DOMAIN}"
    house.handshake(context, number, name).close()
    base = wait_quiet(pid)
    for _ in range(CUTS):
        cut(context, number, name, chance.choice((0, 1, 5, 6, chance.randrange(600), chance.randrange(4000))))
    wait_until(lambda: len(fds(pid)) <= base)
    assert house.pid(port) == pid


def wait_quiet(pid: int) -> int:
    """Return the number of descriptors once it has been the same for a while."""
    seen: list[int] = []

    def look() -> bool:
        seen.append(len(fds(pid)))
        return len(seen) > 30 and len(set(seen[-30:])) == 1

    wait_until(look)
    return seen[-1]


def cut(context: ssl.SSLContext, port: int, name: str, budget: int) -> None:
    """Shake hands and say Hello, and reset the connection after that many bytes of ours."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    link = context.wrap_bio(incoming, outgoing, server_hostname=name)
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as raw:
        shaken = False
        while budget >= 0:
            try:
                if not shaken:
                    link.do_handshake()
                    shaken = True
                    link.write(encode(m.Hello((1,), (), "cut")))
            except ssl.SSLWantReadError:
                pass
            data = outgoing.read()
            raw.sendall(data[:budget])
            budget -= len(data)
            if shaken or budget < 0:
                break
            incoming.write(raw.recv(65_536))
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def test_the_house_still_works(house: House) -> None:
    """After all of that, a planner signs in."""
    school = School(house.credentials("alice"))

    async def visit() -> list[str]:
        async with school:
            await school.log_in("alice", "Lune-4-Papier-77")
            return [one.name for one in await school.plannings()]

    assert house.run(visit()) == ["planning01"]
