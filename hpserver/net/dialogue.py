"""One conversation on one link: bytes in, messages to whom they concern, answers out. Knows no user and no base."""

import asyncio
import math
from collections.abc import Iterator
from typing import Final, Protocol

from hpserver.errors import DeadlineExceededError, HPError, LockedError, RemoteProtocolError, TooSlowError
from hpserver.net.gate import PENALTY_CRASH
from hpserver.net.listener import Arrival
from hpserver.net.owner import Carrier, LinkStatistics
from hpserver.protocol.connection import Connection
from hpserver.protocol.messages import Answer, Message
from hpserver.protocol.refusal import CONNECTION, refusal
from hpserver.protocol.silence import Idle
from hpserver.protocol.states import Role, Side, State

PENALTY_BROKEN_RULE: Final = 10.0
"""Seconds a source is charged with for breaking the protocol (OpenSSH 9.8's PerSourcePenalties have this shape)."""


class Listening(Protocol):
    """Who is told what is said in a dialogue. No call may block or wait."""

    def heard(self, dialogue: "Dialogue", message: Message) -> None:
        """Take one legal message. What is said meanwhile leaves in one piece."""

    def ended(self, dialogue: "Dialogue", error: HPError | None) -> None:
        """Know that the link is gone, once and last."""

    def fell_behind(self, dialogue: "Dialogue") -> None:
        """Know that the peer reads too slowly: push it nothing more."""

    def caught_up(self, dialogue: "Dialogue") -> None:
        """Know that all that waited for the peer has left."""


class Dialogue:
    """The server's end. `number` is its session, `thumbprint` the SHA-256 of the peer's certificate."""

    __slots__ = (
        "_expired",
        "_hearing",
        "_listener",
        "_loop",
        "_paused",
        "_pump",
        "arrival",
        "connection",
        "link",
        "number",
        "thumbprint",
    )

    def __init__(self, number: int, role: Role, arrival: Arrival, thumbprint: bytes, listener: Listening) -> None:
        self._loop = asyncio.get_running_loop()
        self.number = number
        self.thumbprint = thumbprint
        self.arrival = arrival
        self.connection = Connection(Side.SERVER, role, now=self._loop.time())
        self._listener = listener
        self._paused = False
        self._hearing = False
        self._pump: Iterator[Message] | None = None
        self._expired: set[int] | None = None
        self.link: Carrier = arrival.link(self)

    @property
    def statistics(self) -> LinkStatistics:
        """Bytes so far."""
        return self.link.statistics

    @property
    def is_over(self) -> bool:
        """Whether nothing is heard or said any more, though the link may still have to close."""
        return self.connection.state is State.CLOSED

    def say(self, message: Message) -> None:
        """Say one message now, or with all that is said while one hears. Nothing happens after the end."""
        self.connection.send(message)
        if not self._hearing:
            self._flush()

    def answer(self, answer: Answer) -> None:
        """Say an answer, unless its request was told that its deadline had passed."""
        if self._expired and answer.id in self._expired:
            self._expired.discard(answer.id)
        elif self.connection.awaits(answer.id):
            self.say(answer)

    def expire(self, now: float) -> None:
        """Tell every request whose deadline has passed; what becomes of it later is not said any more."""
        for request in self.connection.expired(now):
            self.say(refusal(request, DeadlineExceededError("The deadline passed; a write may still happen.")))
            self._expired = (self._expired or set()) | {request}

    def push(self, framed: bytes, kind: type[Message]) -> None:
        """Say a push that was encoded once for many, to a peer that was let in.

        A crowd's objects are in no processor's cache: this touches only the link (measured: an eighth less).
        """
        if self._hearing:
            self.connection.send_raw(framed, kind)
        else:
            self.link.write(framed)

    def pour(self, messages: Iterator[Message]) -> None:
        """Say many messages (the chunks of a transfer) at the pace the peer reads them; one stream at a time."""
        if self._pump is not None:
            self._pump = _chained(self._pump, messages)
            return
        self._pump = messages
        self._pump_on()

    def let_in(self) -> None:
        """Know that the peer is who it claims: larger queues, no penalty for leaving."""
        self.link.raise_limits()
        self.arrival.logged_in()

    def vouch(self) -> bool:
        """Know that the certificate was checked; False when it has to wait for its faults, and was told so."""
        seconds = self.arrival.vouch(self.thumbprint)
        if seconds:
            self.fail(LockedError("This device has made too many faults.", seconds=math.ceil(seconds)))
        return not seconds

    def fail(self, error: HPError) -> None:
        """Tell the peer why, then close."""
        self.connection.fail(error)
        self._flush()
        self.link.close()

    def close(self) -> None:
        """Close, once what was said has left."""
        self._flush()
        self.link.close()

    def look_at_silence(self) -> None:
        """Ask a silent peer whether it is there; close when it does not answer. Call it every few seconds."""
        if self.connection.idle(self._loop.time()) is Idle.DEAD:
            self.link.abort(TooSlowError("The peer answers no ping."))
        else:
            self._flush()

    # --- the link's owner -----------------------------------------------------------------------------------

    def link_received(self, _link: Carrier, data: bytes) -> None:
        """See `LinkOwner`."""
        connection = self.connection
        try:
            messages = connection.receive_data(data, self._loop.time())
        except RemoteProtocolError:
            self.arrival.penalize(PENALTY_BROKEN_RULE)
            self.close()
            return
        self._hearing = True
        try:
            for message in messages:
                if not self.link.is_open:
                    break  # the listener ended it: the rest concerns nobody
                self._listener.heard(self, message)
        except Exception:
            self.arrival.penalize(PENALTY_CRASH)
            raise
        finally:
            self._hearing = False
        self._flush()
        if connection.has_waiting:  # all were answered at once: reading never paused, and nothing else comes back here
            self._loop.call_soon(self._hear_on)

    def link_lost(self, _link: Carrier, error: HPError | None) -> None:
        """See `LinkOwner`."""
        self._pump = None
        self._listener.ended(self, self.connection.failure or error)

    def link_fell_behind(self, _link: Carrier) -> None:
        """See `LinkOwner`."""
        self._listener.fell_behind(self)

    def link_caught_up(self, _link: Carrier) -> None:
        """See `LinkOwner`."""
        self._listener.caught_up(self)

    # --- within ---------------------------------------------------------------------------------------------

    def _hear_on(self) -> None:
        """Hear what waited inside; it concerns nobody once the link is gone."""
        if self.link.is_open:
            self.link_received(self.link, b"")

    def _write_out(self) -> None:
        output = self.connection.data_to_send()
        if output:
            self.link.write(output[0] if len(output) == 1 else b"".join(output))

    def _flush(self) -> None:
        self._write_out()
        if self.connection.may_read:
            if self._paused:
                self._paused = False
                self.link.resume()
                self._loop.call_soon(self._hear_on)
        elif not self._paused:
            self._paused = True
            self.link.pause()

    def _pump_on(self) -> None:
        """Say chunks until the link queues; the rest when it has drained."""
        while self._pump is not None and self.link.is_open:
            message = next(self._pump, None)
            if message is None:
                self._pump = None
                return
            if self._unwanted(message):
                continue
            self.connection.send(message)
            self._flush()
            if self.link.queued:
                self.link.call_when_drained(self._pump_on)
                return

    def _unwanted(self, message: Message) -> bool:
        request: int = getattr(message, "id", CONNECTION)
        return not self.connection.is_wanted(request)


def _chained(first: Iterator[Message], second: Iterator[Message]) -> Iterator[Message]:
    yield from first
    yield from second
