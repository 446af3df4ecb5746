"""Many requests in one piece, through a real dialogue: all are answered, whoever answers and whenever."""

import asyncio
from typing import cast

import msgspec
import pytest

from hpserver.errors import HPError
from hpserver.net.dialogue import Dialogue
from hpserver.net.listener import Arrival
from hpserver.net.memory import MemoryLink, joined
from hpserver.net.owner import Carrier, LinkOwner
from hpserver.protocol import messages as m
from hpserver.protocol.codec import decode_from_server, encode
from hpserver.protocol.frames import FrameReader
from hpserver.protocol.limits import MAX_FRAME
from hpserver.protocol.states import Role
from tests.conversation import ENTER, ENTERED, HELLO

ASKED = 300


class Client:
    """Keeps what it is told, and says when enough has come."""

    def __init__(self) -> None:
        self.told: list[m.Message] = []
        self.greeted = asyncio.Event()
        self.enough = asyncio.Event()
        self._reader = FrameReader(MAX_FRAME)

    def link_received(self, _link: Carrier, data: bytes) -> None:
        """See `LinkOwner`."""
        self.told += [decode_from_server(body) for body in self._reader.feed(data)]
        if isinstance(self.told[-1], m.Welcome | m.Entered):
            self.greeted.set()
        if sum(isinstance(message, m.Timetable) for message in self.told) == ASKED:
            self.enough.set()

    def link_lost(self, _link: Carrier, _error: HPError | None) -> None:
        """See `LinkOwner`."""

    def link_fell_behind(self, _link: Carrier) -> None:
        """See `LinkOwner`."""

    def link_caught_up(self, _link: Carrier) -> None:
        """See `LinkOwner`."""


class Door:
    """An arrival through which a client on a line without a network came in."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.far: MemoryLink | None = None

    def link(self, owner: LinkOwner) -> MemoryLink:
        """See `Arrival`."""
        self.far, near = joined(asyncio.get_running_loop(), self.client, owner)
        return near

    def penalize(self, seconds: float) -> None:
        """See `Arrival`. Nobody breaks a rule here."""
        raise AssertionError(seconds)


class Server:
    """Answers at once, or each request a turn of the loop later."""

    def __init__(self, *, at_once: bool) -> None:
        self._at_once = at_once

    def heard(self, dialogue: Dialogue, message: m.Message) -> None:
        """See `Listening`."""
        if isinstance(message, m.Hello):
            dialogue.say(dialogue.connection.welcome(server="s", time_ms=0))
        elif isinstance(message, m.Enter):
            dialogue.say(ENTERED)
        elif isinstance(message, m.GetTimetable):
            answer = m.Timetable(message.id, 1, msgspec.Raw(b"\x90"))
            if self._at_once:
                dialogue.say(answer)
            else:
                asyncio.get_running_loop().call_soon(dialogue.say, answer)

    def ended(self, dialogue: Dialogue, error: HPError | None) -> None:
        """See `Listening`."""

    def fell_behind(self, dialogue: Dialogue) -> None:
        """See `Listening`."""

    def caught_up(self, dialogue: Dialogue) -> None:
        """See `Listening`."""


@pytest.mark.parametrize("at_once", [True, False])
async def test_p06_hundreds_of_requests_in_one_piece_are_all_answered(at_once: bool) -> None:
    """What waits behind the 64 in flight is never forgotten, with answers given at once or later."""
    client = Client()
    door = Door(client)
    Dialogue(1, Role.PLANNING, cast(Arrival, door), b"", Server(at_once=at_once))
    assert door.far is not None
    for message in (HELLO, ENTER):
        door.far.write(encode(message))
        await client.greeted.wait()
        client.greeted.clear()
    door.far.write(b"".join(encode(m.GetTimetable(number, 0, "room", 5, 3)) for number in range(1, ASKED + 1)))
    async with asyncio.timeout(60):
        await client.enough.wait()
    answered = [message.id for message in client.told if isinstance(message, m.Timetable)]
    assert answered == list(range(1, ASKED + 1))
