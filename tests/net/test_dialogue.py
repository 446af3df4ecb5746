"""The server's end of a conversation, over a line without a network."""

import asyncio
from collections.abc import Iterator
from typing import cast

import msgspec
import pytest

from hpserver.errors import GoingAwayError, HPError, RemoteProtocolError, TooSlowError
from hpserver.net.dialogue import PENALTY_BROKEN_RULE, Dialogue
from hpserver.net.gate import PENALTY_CRASH
from hpserver.net.listener import Arrival
from hpserver.net.memory import MemoryLink, joined
from hpserver.net.owner import LinkOwner
from hpserver.protocol import messages as m
from hpserver.protocol.codec import decode_from_server, encode
from hpserver.protocol.frames import FrameReader
from hpserver.protocol.limits import CHUNK_BYTES, MAX_FRAME, MAX_IN_FLIGHT
from hpserver.protocol.states import Role
from hpserver.protocol.transfers import chunks, start
from tests.conversation import ENTER, ENTERED, HELLO
from tests.net.ends import Recorder, until

CHUNKS = 12
CERTIFICATE = b"\x01" * 32


class Door:
    """An arrival on a line without a network; remembers what is charged."""

    source, peer_der = "192.0.2.1", b""

    def __init__(self, client: Recorder) -> None:
        self.client, self.penalties, self.let_in, self.wait = client, list[float](), 0, 0.0

    def link(self, owner: LinkOwner) -> MemoryLink:
        """See `Arrival`."""
        self.far, near = joined(asyncio.get_running_loop(), self.client, owner)
        return near

    def penalize(self, seconds: float) -> None:
        """See `Arrival`."""
        self.penalties.append(seconds)

    def logged_in(self) -> None:
        """See `Arrival`."""
        self.let_in += 1

    def vouch(self, certificate: bytes) -> float:
        """See `Arrival`."""
        assert certificate == CERTIFICATE
        return self.wait


class Line:
    """A client and a server's dialogue; `heard` and `ended` are what the server was told."""

    def __init__(self) -> None:
        self.client = Recorder()
        self.door = Door(self.client)
        self.heard_: list[m.Message] = []
        self.ends: list[HPError | None] = []
        self.told: list[str] = []
        self.dialogue = Dialogue(1, Role.PLANNING, cast(Arrival, self.door), CERTIFICATE, self)
        self.far = self.door.far

    def heard(self, dialogue: Dialogue, message: m.Message) -> None:
        """See `Listening`."""
        if isinstance(message, m.Hello):
            dialogue.say(dialogue.connection.welcome(server="s", time_ms=0))
        elif isinstance(message, m.Enter):
            dialogue.let_in()
            dialogue.say(ENTERED)
        else:
            self.heard_.append(message)

    def ended(self, _dialogue: Dialogue, error: HPError | None) -> None:
        """See `Listening`."""
        self.ends.append(error)

    def fell_behind(self, _dialogue: Dialogue) -> None:
        """See `Listening`."""
        self.told.append("behind")

    def caught_up(self, _dialogue: Dialogue) -> None:
        """See `Listening`."""
        self.told.append("caught up")

    async def enter(self) -> None:
        """Greet and spend the ticket."""
        for count, message in enumerate((HELLO, ENTER), 1):
            self.write(message)
            await until(lambda count=count: len(self.said()) == count)  # type: ignore[misc]  # bound at each turn

    def write(self, *messages: m.Message) -> None:
        """Say messages in one piece."""
        self.far.write(b"".join(map(encode, messages)))

    def said(self) -> list[m.Message]:
        """Everything the client was told."""
        return [decode_from_server(body) for body in FrameReader(MAX_FRAME).feed(bytes(self.client.received))]


def ask(number: int) -> m.GetTimetable:
    """A question."""
    return m.GetTimetable(number, 0, "room", 5, 3)


def answer(number: int) -> m.Timetable:
    """Its answer."""
    return m.Timetable(number, 1, msgspec.Raw(b"\x90"))


async def inside() -> Line:
    """A line whose client is in the planning."""
    line = Line()
    await line.enter()
    assert line.door.let_in == 1
    return line


async def test_a_device_that_has_to_wait_is_told_for_how_long() -> None:
    """Its certificate is good, its faults are not forgiven yet; the next time they may be."""
    line = Line()
    assert line.dialogue.vouch()
    line.door.wait = 0.5
    assert not line.dialogue.vouch()
    await until(lambda: bool(line.ends))
    [told] = line.said()
    assert isinstance(told, m.Failed)
    assert (told.id, told.name, told.details) == (0, "LockedError", {"seconds": 1})


async def test_whoever_brings_a_fault_to_light_is_charged() -> None:
    """Ninety seconds: who did it once can do it again (OpenSSH)."""
    line = await inside()
    line.heard_ = cast(list[m.Message], None)
    with pytest.raises(AttributeError):
        line.dialogue.link_received(line.dialogue.link, encode(ask(1)))
    assert line.door.penalties == [PENALTY_CRASH]
    line.dialogue.close()


async def test_p06_reading_pauses_at_the_limit_and_goes_on_in_order() -> None:
    """The 65th request waits for the first answer, and what came later stays behind it."""
    line = await inside()
    line.write(*map(ask, range(1, 71)))
    await until(lambda: len(line.heard_) == MAX_IN_FLIGHT)
    line.write(ask(71))
    line.dialogue.say(answer(1))
    await until(lambda: len(line.heard_) == MAX_IN_FLIGHT + 1)
    for number in range(2, 72):
        await until(lambda number=number: len(line.heard_) >= number)  # type: ignore[misc]  # bound at each turn
        line.dialogue.say(answer(number))
    await until(lambda: len(line.heard_) == 71)
    assert [message.id for message in line.heard_ if isinstance(message, m.Request)] == list(range(1, 72))


class Pusher(Line):
    """Its server answers a question and pushes, all while it hears."""

    def heard(self, dialogue: Dialogue, message: m.Message) -> None:
        """See `Listening`."""
        super().heard(dialogue, message)
        if isinstance(message, m.GetTimetable):
            dialogue.say(answer(message.id))
            dialogue.push(encode(m.Left(message.id)), m.Left)


async def test_a_push_stays_behind_what_was_said_before_it() -> None:
    """Said while the server hears or between two hearings, a push never overtakes an answer."""
    line = Pusher()
    await line.enter()
    line.write(ask(1), ask(2))
    await until(lambda: len(line.said()) == 6)
    line.dialogue.push(encode(m.Left(3)), m.Left)
    await until(lambda: len(line.said()) == 7)
    assert line.said()[2:] == [answer(1), m.Left(1), answer(2), m.Left(2), m.Left(3)]


def stream(number: int, taken: list[int]) -> Iterator[m.Message]:
    """Yield the messages of a transfer, noting the chunks that are taken."""
    started, data = start(number, bytes(CHUNK_BYTES * CHUNKS), epoch=1, revision=1, may_compress=False)
    yield started
    for chunk in chunks(number, data):
        taken.append(chunk.offset)
        yield chunk


async def test_p06_a_transfer_goes_at_the_pace_of_its_reader() -> None:
    """A reader that stops takes a chunk or two out of the server's memory, never the whole base."""
    line = await inside()
    line.write(m.FetchSnapshot(5, 0))
    await until(lambda: bool(line.heard_))
    line.far.pause()
    taken: list[int] = []
    line.dialogue.pour(stream(5, taken))
    for _ in range(10):
        await asyncio.sleep(0)
    assert len(taken) <= 1
    line.far.resume()
    await until(lambda: len(line.said()) == 2 + 1 + CHUNKS)
    assert len(taken) == CHUNKS


async def test_a_cancelled_transfer_stops() -> None:
    """What nobody wants is not sent; the other transfer that waited behind it is."""
    line = await inside()
    line.write(m.FetchSnapshot(5, 0), m.FetchSnapshot(6, 0))
    await until(lambda: len(line.heard_) == 2)
    line.far.pause()
    taken: list[int] = []
    line.dialogue.pour(stream(5, taken))
    line.dialogue.pour(stream(6, []))
    line.write(m.Cancel(5))
    await until(lambda: line.dialogue.connection.is_cancelled(5))
    line.far.resume()
    await until(lambda: sum(isinstance(one, m.Chunk) and one.id == 6 for one in line.said()) == CHUNKS)
    assert sum(isinstance(one, m.Chunk) and one.id == 5 for one in line.said()) <= 1


async def test_a_failure_is_said_and_closes() -> None:
    """The last words are `Failed` with id 0; the owner is told once that it is over."""
    line = await inside()
    line.dialogue.fail(GoingAwayError("we leave"))
    line.dialogue.say(answer(1))
    await line.client.wait("lost")
    last = line.said()[-1]
    assert isinstance(last, m.Failed)
    assert (last.id, last.code) == (0, GoingAwayError.code)
    await until(lambda: line.ends == [None])


@pytest.mark.parametrize("garbage", [encode(ENTER), b"\x00\x00\x00\x02\xc1\xc1", b"GET / HTTP/1.1\r\n\r\n"])
async def test_p01_a_broken_rule_costs_its_source_and_closes(garbage: bytes) -> None:
    """Who breaks the protocol is told why, is charged, and is gone."""
    line = await inside()
    line.far.write(garbage)
    await line.client.wait("lost")
    assert line.door.penalties == [PENALTY_BROKEN_RULE]
    last = line.said()[-1]
    assert isinstance(last, m.Failed)
    assert last.id == 0
    await until(lambda: len(line.ends) == 1)
    assert isinstance(line.ends[0], RemoteProtocolError)


async def test_a_cut_line_ends_a_transfer() -> None:
    """Nothing is pumped into a line that is gone."""
    line = await inside()
    line.write(m.FetchSnapshot(5, 0))
    await until(lambda: bool(line.heard_))
    line.far.pause()
    taken: list[int] = []
    line.dialogue.pour(stream(5, taken))
    line.far.abort(TooSlowError("cut"))
    await until(lambda: len(line.ends) == 1)
    assert len(taken) <= 1


async def test_a_late_answer_is_not_taken_for_the_next_request_of_that_id() -> None:
    """Once told that the deadline passed, a client may use the id again: what comes of the first is not said."""
    line = await inside()
    line.write(msgspec.structs.replace(ask(5), deadline_ms=1))
    await until(lambda: len(line.heard_) == 1)
    line.dialogue.expire(asyncio.get_running_loop().time() + 1)
    await until(lambda: isinstance(line.said()[-1], m.Failed))
    line.write(m.Hold(5, 0, "room", 5))
    await until(lambda: len(line.heard_) == 2)

    line.dialogue.answer(answer(5))
    line.dialogue.answer(m.Held(5, 1))
    line.dialogue.answer(m.Held(5, 1))

    await until(lambda: isinstance(line.said()[-1], m.Held))
    kinds = [type(one) for one in line.said()[2:]]
    assert kinds == [m.Failed, m.Held]


async def test_nothing_is_heard_of_who_was_sent_away() -> None:
    """Whatever came in the same piece as the message that ended it concerns nobody."""
    line = await inside()
    line.heard = lambda dialogue, message: (line.heard_.append(message), dialogue.fail(GoingAwayError("we leave")))  # type: ignore[method-assign, assignment, func-returns-value]  # a listener that ends it at once

    line.write(ask(1), ask(2), ask(3))

    await line.client.wait("lost")
    assert len(line.heard_) == 1
