"""A conversation as a script: client and server joined without a network, in reads of any size.

`>> message`: the client says it and the server hears exactly that. `<< message`: the other way round.
`>= message`, `<= message`: said, and refused by the one who hears it.
"""

from typing import Self

import pytest

from hpserver.errors import ProtocolError
from hpserver.protocol.codec import encode
from hpserver.protocol.connection import Connection
from hpserver.protocol.messages import (
    ChangePassword,
    ChooseMeasure,
    Enrol,
    Enrolled,
    Enter,
    Entered,
    Hello,
    LoggedIn,
    Login,
    Logout,
    MeasureNeeded,
    Message,
    PasswordNeeded,
    PinNeeded,
    ProvePin,
    Welcome,
)
from hpserver.protocol.states import START, Role, Side, State

HELLO = Hello(versions=(1,), features=("zstd",), client="script 1.0")
LOGIN = Login(id=1, deadline_ms=0, login="durand", password="correct horse")
LOGGED_IN = LoggedIn(1, 7, "durand", "Durand", "Alice", "user", registered=True)
ENTER = Enter(id=1, deadline_ms=0, planning="EDT", ticket=bytes(32), epoch=0, revision=0)
ENTERED = Entered(1, 3, 1, 5, "EDT", "EDT 2026", "Administrateur", resumed=False)
ENROL = Enrol(id=1, deadline_ms=0, ticket=bytes(32), request=b"\x30\x00", device_name="Poste 12")


class Conversation:
    """Both ends and the wire between them; `chunk` bytes are read at a time, None for all at once."""

    def __init__(self, chunk: int | None = None, role: Role = Role.CONTROLLER) -> None:
        self.chunk = chunk
        self.now = 1000.0
        self.client = Connection(Side.CLIENT, role, now=self.now)
        self.server = Connection(Side.SERVER, role, now=self.now)

    @property
    def states(self) -> tuple[State, State]:
        """Where each end stands, the client first."""
        return self.client.state, self.server.state

    def __rshift__(self, message: Message) -> Self:
        self.client.send(message, self.now)
        assert self.to_server() == [message]
        return self

    def __lshift__(self, message: Message) -> Self:
        self.server.send(message)
        assert self.to_client() == [message]
        return self

    def greet(self) -> Self:
        """Say Hello and Welcome."""
        self >> HELLO
        return self << self.server.welcome(server="hpserver 0.1.0", time_ms=1_800_000_000_000)

    def to_server(self) -> list[Message]:
        """Carry what the client has queued; return what the server heard."""
        return self.carry(self.client, self.server)

    def to_client(self) -> list[Message]:
        """Carry what the server has queued; return what the client heard."""
        return self.carry(self.server, self.client)

    def carry(self, here: Connection, there: Connection) -> list[Message]:
        """Carry what one end has queued to the other, in reads of `chunk` bytes."""
        return self.read(there, b"".join(here.data_to_send()))

    def read(self, there: Connection, data: bytes) -> list[Message]:
        """Let an end read these bytes."""
        size = self.chunk or max(len(data), 1)
        heard: list[Message] = []
        for start in range(0, len(data), size):
            heard += there.receive_data(data[start : start + size], self.now)
        return heard

    def refuses(self, message: Message | bytes, error: type[ProtocolError]) -> list[Message]:
        """Let the server hear what it must refuse, whatever the client's own end thinks; return what it answered."""
        data = message if isinstance(message, bytes) else encode(message)
        with pytest.raises(error):
            self.read(self.server, data)
        assert self.server.state is State.CLOSED
        return self.to_client()


def logged_in(chunk: int | None = None) -> Conversation:
    """Return a conversation with a controller, after login."""
    return Conversation(chunk).greet() >> LOGIN << LOGGED_IN


def inside(chunk: int | None = None) -> Conversation:
    """Return a conversation with a planning, entered."""
    return Conversation(chunk, Role.PLANNING).greet() >> ENTER << ENTERED


def at(state: State) -> Conversation:
    """Return a conversation whose both ends stand in `state`."""
    road = []
    back = state
    while back not in START.values():
        road.append(_ROADS[back])
        back = road[-1][0]
    talk = Conversation(role=next(role for role in Role if START[role] is back))
    for _, says, message in reversed(road):
        _ = talk >> message if says is Side.CLIENT else talk << message
    assert talk.states == (state, state)
    return talk


def welcome(role: Role) -> Welcome:
    """Return the Welcome to `HELLO` in that role."""
    return Welcome(1, ("zstd",), "hpserver 0.1.0", role.value, 1_800_000_000_000, 1 << 20, 64, 30)


_ROADS: dict[State, tuple[State, Side, Message]] = {
    State.GREETING_ENROLMENT: (State.FRESH_ENROLMENT, Side.CLIENT, HELLO),
    State.GREETED_ENROLMENT: (State.GREETING_ENROLMENT, Side.SERVER, welcome(Role.ENROLMENT)),
    State.ENROLLING: (State.GREETED_ENROLMENT, Side.CLIENT, ENROL),
    State.CLOSED: (State.ENROLLING, Side.SERVER, Enrolled(1, 3, (b"\x30\x00",))),
    State.GREETING: (State.FRESH, Side.CLIENT, HELLO),
    State.GREETED: (State.GREETING, Side.SERVER, welcome(Role.CONTROLLER)),
    State.LOGGING_IN: (State.GREETED, Side.CLIENT, LOGIN),
    State.PIN: (State.LOGGING_IN, Side.SERVER, PinNeeded(1)),
    State.PROVING: (State.PIN, Side.CLIENT, ProvePin(2, 0, "482913")),
    State.RENEWAL: (State.LOGGING_IN, Side.SERVER, PasswordNeeded(1)),
    State.RENEWING: (State.RENEWAL, Side.CLIENT, ChangePassword(2, 0, "before", "Lune-4-Papier")),
    State.MEASURE: (State.LOGGING_IN, Side.SERVER, MeasureNeeded(1, ("none", "pin"))),
    State.CHOOSING: (State.MEASURE, Side.CLIENT, ChooseMeasure(2, 0, "pin", "482913")),
    State.HOME: (State.LOGGING_IN, Side.SERVER, LOGGED_IN),
    State.LEAVING: (State.HOME, Side.CLIENT, Logout(2, 0)),
    State.GREETING_PLANNING: (State.FRESH_PLANNING, Side.CLIENT, HELLO),
    State.GREETED_PLANNING: (State.GREETING_PLANNING, Side.SERVER, welcome(Role.PLANNING)),
    State.ENTERING: (State.GREETED_PLANNING, Side.CLIENT, ENTER),
    State.INSIDE: (State.ENTERING, Side.SERVER, ENTERED),
}
"""State -> the state before, who speaks, and what brings it about."""
