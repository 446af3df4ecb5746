"""One end of a conversation, without a socket. Knows frames, legality, ids and limits; no clock, no base, no user.

In, then drain: bytes or messages go in, messages or bytes come out; nothing is called back.
"""

import sys
from collections import deque
from typing import Any, Final, cast

from hpserver.errors import (
    GoingAwayError,
    HPError,
    LocalProtocolError,
    RemoteProtocolError,
    TooManyRequestsError,
    UnexpectedMessageError,
    UnknownMessageError,
    UnsupportedVersionError,
)
from hpserver.protocol.codec import decode_from_client, decode_from_server, encode_body
from hpserver.protocol.frames import HEADER_BYTES, FrameReader, frame
from hpserver.protocol.in_flight import InFlight
from hpserver.protocol.limits import (
    FEATURES,
    MAX_FRAME,
    MAX_FRAME_BEFORE_LOGIN,
    MAX_IN_FLIGHT,
    PING_SECONDS,
    PROTOCOL_VERSIONS,
)
from hpserver.protocol.messages import (
    Answer,
    Behind,
    Came,
    Cancel,
    Delta,
    Failed,
    GoAway,
    Hello,
    HoldsChanged,
    Left,
    Message,
    Ping,
    Pong,
    Request,
    Welcome,
)
from hpserver.protocol.refusal import CONNECTION, refusal
from hpserver.protocol.silence import Idle, Silence
from hpserver.protocol.states import ANSWERING, ANSWERS, LOGGED_IN, START, TRANSITIONS, Moves, Role, Side, State

_MAX_WAITING: Final = 2 * MAX_FRAME
"""Bytes of requests that may wait in a paused connection: what a shell had read before it paused, never more."""

_CLOSED: Final = State.CLOSED  # asked four times per request: a member of an enum takes three times as long to find

PUSHES: Final[frozenset[type[Message]]] = frozenset({Delta, Behind, Came, Left, HoldsChanged})
"""What `send_raw` may say: the same bytes for everybody, without an effect on the connection."""


class Connection:
    """One end of a conversation. Never sleeps, never reads a clock, never does I/O.

    `now` is in seconds of any monotonic clock, the same one at every call.
    """

    def __init__(self, side: Side, role: Role, *, now: float = 0.0) -> None:
        self.side, self.role = side, role
        self.peer = Side.CLIENT if side is Side.SERVER else Side.SERVER
        self.agreed: Welcome | None = None
        self.hello: Hello | None = None
        self.leaving = False
        """GoAway was said or heard: no new request is accepted."""
        self.failure: RemoteProtocolError | None = None
        """The rule the peer broke, when it did."""
        self._decode = decode_from_client if side is Side.SERVER else decode_from_server
        # Only a server doubts who speaks: a client has checked the server's certificate, and large frames may
        # come right behind the answer that opens the session.
        self._reader = FrameReader(MAX_FRAME_BEFORE_LOGIN if side is Side.SERVER else MAX_FRAME)
        self._max_send = MAX_FRAME if side is Side.SERVER else MAX_FRAME_BEFORE_LOGIN
        self._flights = InFlight()
        self._max_in_flight = MAX_IN_FLIGHT
        self._pause_at = MAX_IN_FLIGHT if side is Side.SERVER else sys.maxsize  # a client waits for answers: it reads
        self._waiting: deque[bytes] | tuple[()] = ()  # an idle connection pays for no queue: 700 bytes
        self._waiting_bytes = 0
        self._output: list[bytes] = []
        self._silence = Silence(now)
        self._move(START[role])

    # --- in ---------------------------------------------------------------------------------------------------

    def receive_data(self, data: bytes, now: float) -> list[Message]:
        """Return what the peer said, in order; Ping, Pong and what is refused with an answer are dealt with inside.

        With `MAX_IN_FLIGHT` requests unanswered the rest waits inside: see `may_read`. After a failure, input is
        discarded.

        Raises:
            RemoteProtocolError: the peer broke a rule. What came with it is discarded; a server has queued
                the `Failed` to send. Send what is queued, then close.
        """
        if self.state is _CLOSED:
            return []
        said: list[Message] = []
        try:
            if data:
                self._silence.heard(now)
                bodies = self._reader.feed(data)
                if self._waiting or len(self._flights.wishes) + len(bodies) > self._pause_at:
                    self._wait(bodies)
                else:
                    for body in bodies:
                        self._hear(body, said, now)
            while self._waiting and self.may_read:
                body = self._waiting.popleft()
                self._waiting_bytes -= len(body)
                self._hear(body, said, now)
        except RemoteProtocolError as error:
            self.failure = error
            self.fail(error)
            raise
        return said

    @property
    def may_read(self) -> bool:
        """Whether the shell should read on. False with `MAX_IN_FLIGHT` requests unanswered, and when closed.

        When answers make it True again, call `receive_data(b"", now)` first: what waited inside comes out.
        """
        return len(self._flights.wishes) < self._pause_at

    @property
    def has_waiting(self) -> bool:
        """Whether `receive_data(b"", now)` would bring messages that waited."""
        return bool(self._waiting) and self.may_read

    # --- out --------------------------------------------------------------------------------------------------

    def send(self, message: Message, now: float = 0.0) -> None:
        """Queue a message. After the end of the conversation it is dropped: the peer cannot hear it.

        `now` matters to a client's requests only: their deadline counts from it.

        Raises:
            LocalProtocolError: it may not be said now, its id is wrong, or it is too big for the peer.
            GoingAwayError: it is a request, and the server has said that it is leaving.
        """
        kind, told = type(message), cast("Any", message)
        after = self._may_say.get(kind)
        to_all = kind is Failed and told.id == CONNECTION
        if to_all and self.side is Side.SERVER:
            after = _CLOSED
        if self.state is _CLOSED:
            return
        if after is None:
            raise LocalProtocolError(f"{kind.__name__} may not be said by the {self.side.value} in {self.state.name}")
        if kind in ANSWERING and not to_all:
            self._flights.check(told, LocalProtocolError)
            self._queue(message)
            self._flights.settle(told)
        elif kind in ANSWERS:
            self._check_wish(told)
            self._queue(message)
            self._flights.open(told, now)
        else:
            self._queue(message)
            self._note_said(kind, message)
        if after is not self.state:
            self._move(after)

    def send_raw(self, framed: bytes, kind: type[Message]) -> None:
        """Queue a push that was encoded once for many: a whole frame with a message of `kind`, which has no id.

        Raises LocalProtocolError when that kind may not be said now; dropped when closed.
        """
        if self.state is State.CLOSED:
            return
        if kind not in PUSHES or kind not in self._may_say:
            raise LocalProtocolError(f"{kind.__name__} cannot be pushed in {self.state.name}")
        if len(framed) > self._max_send + HEADER_BYTES:
            raise LocalProtocolError(f"a push of {len(framed)} bytes is too big for the peer")
        self._output.append(framed)

    def data_to_send(self) -> list[bytes]:
        """Return the frames queued since the last call, in order."""
        output, self._output = self._output, []
        return output

    def fail(self, error: HPError) -> None:
        """End the conversation: a server queues the `Failed` with id 0 that says why. Then send, and close."""
        if self.state is State.CLOSED:
            return
        if self.side is Side.SERVER:
            self._queue(refusal(CONNECTION, error))
        self._move(State.CLOSED)

    # --- what was agreed --------------------------------------------------------------------------------------

    def welcome(self, *, server: str, time_ms: int) -> Welcome:
        """Return the Welcome that answers the Hello heard: the best common version, the common features.

        `server` is the name and version of the program, `time_ms` its UTC time in milliseconds since 1970.
        """
        if self.hello is None:
            raise LocalProtocolError("no Hello was heard yet")
        return Welcome(
            version=max(set(self.hello.versions) & set(PROTOCOL_VERSIONS)),
            features=tuple(feature for feature in FEATURES if feature in self.hello.features),
            server=server,
            role=self.role.value,
            time_ms=time_ms,
            max_frame=MAX_FRAME,
            max_in_flight=MAX_IN_FLIGHT,
            ping_seconds=PING_SECONDS,
        )

    def has_feature(self, feature: str) -> bool:
        """Whether both ends agreed on that optional ability."""
        return self.agreed is not None and feature in self.agreed.features

    # --- requests in flight -----------------------------------------------------------------------------------

    @property
    def in_flight(self) -> int:
        """Requests that wait for their answer."""
        return len(self._flights.wishes)

    def deadline_of(self, request: int) -> float | None:
        """Return when the client stops waiting for that request, on the clock of `now`; None without a limit."""
        return self._flights.deadline_of(request)

    def expired(self, now: float) -> list[int]:
        """Return the requests in flight whose deadline has passed, oldest first. Each must still be answered."""
        return self._flights.expired(now)

    def is_cancelled(self, request: int) -> bool:
        """Whether the client no longer wants that answer; it must still get one, `Failed` or its own."""
        return self._flights.is_cancelled(request)

    def awaits(self, request: int) -> bool:
        """Whether that request is to be answered, wanted or not."""
        return request in self._flights.wishes or request == CONNECTION

    def is_wanted(self, request: int) -> bool:
        """Whether that request still waits for its answer and was not cancelled."""
        return request in self._flights and not self._flights.is_cancelled(request)

    def idle(self, now: float) -> Idle:
        """Return what the peer's silence calls for; a Ping it calls for is queued. Call it every few seconds.

        Silence that we caused by not reading does not count. Before Welcome the shell's own deadlines hold.
        """
        if Ping not in self._may_say or not self.may_read:
            self._silence.heard(now)
            return Idle.FINE
        verdict = self._silence.verdict(now)
        if verdict is Idle.PINGED:
            self._queue(Ping(self._silence.pings))
        return verdict

    # --- hearing ----------------------------------------------------------------------------------------------

    def _wait(self, bodies: list[bytes]) -> None:
        if not self._waiting:
            self._waiting = deque()
        self._waiting.extend(bodies)
        self._waiting_bytes += sum(map(len, bodies))
        if self._waiting_bytes > _MAX_WAITING:
            raise TooManyRequestsError(f"more than {_MAX_WAITING} bytes of requests wait behind {MAX_IN_FLIGHT} others")

    def _hear(self, body: bytes, said: list[Message], now: float) -> None:
        try:
            message: Any = self._decode(body)
        except UnknownMessageError as error:
            self._hear_unknown(error)
            return
        kind = type(message)
        after = self._may_hear.get(kind)
        if kind is Failed and message.id == CONNECTION:
            after = _CLOSED
        if self.state is _CLOSED:
            return
        if after is None:
            raise UnexpectedMessageError(
                f"{kind.__name__} may not be said by the {self.peer.value} in {self.state.name}"
            )
        if kind in ANSWERS:
            if not self._may_ask(message):
                return
            self._flights.open(message, now)
            said.append(message)
        elif kind in ANSWERING:
            self._hear_answer(message, said)
        else:
            self._hear_other(kind, message, said)
        if after is not self.state:
            self._move(after)

    def _hear_other(self, kind: type[Message], message: Message, said: list[Message]) -> None:
        if kind is Ping:
            self._queue(Pong(cast("Ping", message).token))
        elif kind is Pong:
            pass  # that it came is all it says
        elif kind is Cancel:
            if self._flights.cancel(cast("Cancel", message).id):
                said.append(message)
        else:
            if kind is Hello:
                self._hear_hello(cast("Hello", message))
            elif kind is Welcome:
                self._hear_welcome(cast("Welcome", message))
            elif kind is GoAway:
                self.leaving = True
            said.append(message)

    def _hear_unknown(self, error: UnknownMessageError) -> None:
        """Answer a message of a later version once the peer is known; a client passes over it."""
        if self.side is Side.CLIENT:
            return
        request = cast("int", error.details.get("id", 0))
        if self.state not in LOGGED_IN or not request:
            raise UnexpectedMessageError(error.text) from None
        if request in self._flights:
            raise TooManyRequestsError(f"request id {request} is in use", id=request) from None
        self._queue(refusal(request, error))

    def _may_ask(self, message: Request) -> bool:
        """Return False when the request was refused at once."""
        if message.id in self._flights.wishes:
            raise TooManyRequestsError(f"request id {message.id} is in use", id=message.id)
        if self.leaving:
            self._queue(refusal(message.id, GoingAwayError("the server is leaving: connect again")))
            return False
        return True

    def _hear_answer(self, message: Answer, said: list[Message]) -> None:
        if message.id == CONNECTION:
            said.append(message)
            return
        self._flights.check(message, UnexpectedMessageError)
        if not self._flights.is_cancelled(message.id):
            said.append(message)
        self._flights.settle(message)

    def _hear_hello(self, message: Hello) -> None:
        if not set(message.versions) & set(PROTOCOL_VERSIONS):
            raise UnsupportedVersionError(f"versions {PROTOCOL_VERSIONS} are spoken here, not {message.versions}")
        self.hello = message

    def _hear_welcome(self, message: Welcome) -> None:
        hello = cast("Hello", self.hello)  # GREETING is reached by saying Hello only
        if message.version not in hello.versions or not set(message.features) <= set(hello.features):
            raise UnsupportedVersionError(f"version {message.version} with {message.features} was not offered")
        if message.role != self.role.value:
            raise UnexpectedMessageError(f"the server is for {message.role!r}, not for {self.role.value!r}")
        self._agree(message)

    # --- saying -----------------------------------------------------------------------------------------------

    def _check_wish(self, message: Request) -> None:
        if self.leaving:
            raise GoingAwayError("the server is leaving: connect again")
        if message.id in self._flights:
            raise LocalProtocolError(f"request id {message.id} is in use")
        if len(self._flights.wishes) >= self._max_in_flight:
            raise LocalProtocolError(f"{self._max_in_flight} requests are in flight, no more are allowed")

    def _note_said(self, kind: type[Message], message: Message) -> None:
        if kind is Cancel:
            self._flights.cancel(cast("Cancel", message).id)
        elif kind is Hello:
            self.hello = cast("Hello", message)
        elif kind is Welcome:
            self._agree(cast("Welcome", message))
            self.hello = None  # answered: it would be 200 bytes of an idle connection
        elif kind is GoAway:
            self.leaving = True

    def _queue(self, message: Message) -> None:
        body = encode_body(message)
        if len(body) > self._max_send:
            raise LocalProtocolError(f"{type(message).__name__} of {len(body)} bytes is too big for the peer")
        self._output.append(frame(body))

    def _agree(self, welcome: Welcome) -> None:
        self.agreed = welcome
        if self.side is Side.CLIENT:
            self._max_in_flight = welcome.max_in_flight

    def _move(self, state: State) -> None:
        self.state = state
        self._may_say: Moves = TRANSITIONS[state, self.side]
        self._may_hear: Moves = TRANSITIONS[state, self.peer]
        if state in LOGGED_IN:
            self._reader.max_body = MAX_FRAME
            if self.side is Side.CLIENT and self.agreed is not None:
                self._max_send = self.agreed.max_frame
        elif state is State.CLOSED:
            self._pause_at, self._waiting = 0, ()
            self._flights.clear()
