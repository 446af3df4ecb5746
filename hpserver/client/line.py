"""One connection to a server, with its requests and pushes. Knows no user and no base."""

import asyncio
import ssl
from collections import deque
from collections.abc import Callable
from typing import Any, Final, TypeVar

import msgspec

from hpserver import __version__
from hpserver.errors import ConnectionLostError, DeadlineExceededError, GoingAwayError, HPError, RemoteProtocolError
from hpserver.net.dial import DialledLink, dial
from hpserver.net.owner import Carrier
from hpserver.protocol import messages as m
from hpserver.protocol.connection import Connection
from hpserver.protocol.limits import FEATURES, MAX_IN_FLIGHT, PROTOCOL_VERSIONS
from hpserver.protocol.refusal import CONNECTION
from hpserver.protocol.silence import Idle
from hpserver.protocol.states import Role, Side, State
from hpserver.protocol.transfers import TransferReceiver

NEW: Final = 1
"""The id of a request that is not sent yet: the line gives it its own."""

REQUEST_SECONDS: Final = 30.0
"""How long an answer is waited for unless the caller says otherwise."""

STALL_SECONDS: Final = 60.0
"""How long a transfer may bring nothing: two pings without an answer (`MISSED_PINGS`) would end the line as well."""

LOOK_SECONDS: Final = 5.0
"""Between two looks at the server's silence."""

A = TypeVar("A", bound=m.Answer)
Progress = Callable[[int, int], None]
"""Told the bytes received and the bytes in all."""


class _Transfer:
    """A long answer on its way."""

    def __init__(self, future: asyncio.Future[bytes], arrived: Progress) -> None:
        self.future = future
        self._arrived = arrived
        self._receiver: TransferReceiver | None = None

    @property
    def started(self) -> m.TransferStarted:
        """How it was announced; known once it is whole."""
        assert self._receiver is not None
        return self._receiver.started

    def heard(self, answer: m.Answer) -> None:
        """Take a piece. Raises MalformedMessageError; whatever the listener raises is the caller's of `fetch`."""
        if self.future.done():
            return
        if isinstance(answer, m.Failed):
            self.future.set_exception(error_of(answer))
            return
        if isinstance(answer, m.TransferStarted):
            self._receiver = TransferReceiver(answer)
        elif isinstance(answer, m.Chunk) and self._receiver is not None:
            self._receiver.add(answer)
        if self._receiver is None:
            return
        try:
            self._arrived(self._receiver.received, self._receiver.started.size)
        except Exception as error:  # noqa: BLE001 - not ours: it goes to who gave the listener, not into the line
            self.future.set_exception(error)
            return
        if self._receiver.is_whole:
            self.future.set_result(self._receiver.result())


class Line:
    """One conversation as a client. Made by `connect`; `pushed` is called for every push, from the loop."""

    def __init__(self, role: Role, pushed: Callable[[m.Message], None] | None = None) -> None:
        self._loop = asyncio.get_running_loop()
        self.connection = Connection(Side.CLIENT, role, now=self._loop.time())
        self.lost: asyncio.Future[HPError] = self._loop.create_future()
        """Done when the line is gone, with the reason. To wait for it use `wait_lost`: a cancel must not reach it."""
        self.leave: m.GoAway | None = None
        """What the server said when it began to leave."""
        self.back_at = 0.0
        """When the server wishes to see us again, on the clock of the loop."""
        self._pushed = pushed
        self._link: DialledLink | None = None
        self._ids = 0
        self._asked: dict[int, asyncio.Future[m.Answer]] = {}
        self._transfers: dict[int, _Transfer] = {}
        self._queue: deque[asyncio.Future[None]] = deque()
        self._error: HPError | None = None
        self._welcomed: asyncio.Future[m.Welcome] = self._loop.create_future()
        self._look: asyncio.TimerHandle | None = None

    @classmethod
    async def connect(
        cls,
        host: str,
        port: int,
        context: ssl.SSLContext,
        server_name: str,
        role: Role,
        *,
        pushed: Callable[[m.Message], None] | None = None,
        features: tuple[str, ...] = FEATURES,
    ) -> "Line":
        """Connect and be welcomed.

        Raises:
            CertificateRefusedError: either end does not accept the other's certificate.
            ConnectionLostError: nobody answers there, or the line broke.
            DeadlineExceededError: it took too long.
            RemoteProtocolError: it is no server of this kind, or shares no version.
        """
        line = cls(role, pushed)
        line._link = await dial(host, port, context, server_name, line)
        try:
            line._say(m.Hello(PROTOCOL_VERSIONS, features, f"hpserver-client/{__version__}"))
            async with asyncio.timeout(REQUEST_SECONDS):
                either: set[asyncio.Future[Any]] = {line._welcomed, line.lost}
                await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        except TimeoutError:
            line.abort()
            raise DeadlineExceededError("The server does not answer.", host=host, port=port) from None
        except BaseException:
            line.abort()
            raise
        if line.lost.done():
            raise line.lost.result()
        line._look = line._loop.call_later(LOOK_SECONDS, line._look_at_silence)
        return line

    @property
    def is_open(self) -> bool:
        """Whether a request can still be sent: the line holds, and the server has not begun to leave."""
        alive = self._link is not None and self._link.is_open and not self.lost.done()
        return alive and not self.connection.leaving and self.connection.state is not State.CLOSED

    @property
    def server_certificate(self) -> bytes:
        """The certificate that the server showed, in DER; empty once the line is gone."""
        return self._link.server_certificate if self._link is not None else b""

    @property
    def state(self) -> State:
        """Where the conversation stands."""
        return self.connection.state

    async def ask(self, request: m.Request, *answers: type[A], seconds: float = REQUEST_SECONDS) -> A:
        """Send a request (its id is given here) and return its answer, one of `answers`.

        With as many requests unanswered as the server takes, it waits for its turn. A call that is cancelled takes its
        request back; a write may have happened all the same.

        Raises:
            HPError: the class of the error that the server answered with.
            ConnectionLostError: the line broke; what happened to a write is unknown.
            GoingAwayError: the server is leaving; nothing was sent.
            DeadlineExceededError: no answer in `seconds`; what happened to a write is unknown.
        """
        number = self._next_id()
        future: asyncio.Future[m.Answer] = self._loop.create_future()
        try:
            async with asyncio.timeout(seconds):
                await self._turn()
                self._asked[number] = future
                self._say(msgspec.structs.replace(request, id=number, deadline_ms=_deadline(request, seconds)))
                answer = await future
        except TimeoutError:
            self._cancel(number)
            raise DeadlineExceededError(f"No answer in {seconds:.0f} s.") from None
        except asyncio.CancelledError:
            self._cancel(number)
            raise
        finally:
            self._asked.pop(number, None)
        if isinstance(answer, m.Failed):
            raise error_of(answer)
        if not isinstance(answer, answers):
            raise RemoteProtocolError(f"{type(answer).__name__} does not answer {type(request).__name__}")
        return answer

    async def fetch(
        self, request: m.Request, progress: Progress | None = None, *, stall: float = STALL_SECONDS
    ) -> tuple[m.TransferStarted, bytes]:  # fmt: skip
        """Send a request that is answered by a transfer; return its announcement and its bytes, checked.

        It may take as long as it brings something every `stall` seconds. Cancelling the call cancels the transfer.
        Raises as `ask`, MalformedMessageError for damaged bytes, and whatever `progress` raises.
        """
        number = self._next_id()
        try:
            async with asyncio.timeout(stall) as limit:

                def arrived(received: int, size: int) -> None:
                    limit.reschedule(self._loop.time() + stall)
                    if progress is not None:
                        progress(received, size)

                await self._turn()
                transfer = self._transfers[number] = _Transfer(self._loop.create_future(), arrived)
                self._say(msgspec.structs.replace(request, id=number))
                data = await transfer.future
        except TimeoutError:
            self._cancel(number)
            raise DeadlineExceededError(f"The transfer brought nothing in {stall:.0f} s.") from None
        except BaseException:
            self._cancel(number)
            raise
        finally:
            self._transfers.pop(number, None)
        return transfer.started, data

    async def wait_lost(self) -> HPError:
        """Wait until the line is gone; the reason."""
        await asyncio.wait({self.lost})
        return self.lost.result()

    async def close(self) -> None:
        """Take leave and wait for the end, two seconds at most. Safe to repeat."""
        if self._link is None or self.lost.done():
            return
        self._link.close()
        try:
            await self.wait_lost()
        except asyncio.CancelledError:
            self.abort()
            raise

    def abort(self, error: HPError | None = None) -> None:
        """Drop the line now, for that reason."""
        self._error = self._error or error
        if self._link is not None:
            self._link.abort()

    # --- the link's owner -----------------------------------------------------------------------------------

    def link_received(self, _link: Carrier, data: bytes) -> None:
        """See `LinkOwner`."""
        try:
            for message in self.connection.receive_data(data, self._loop.time()):
                self._heard(message)
        except HPError as error:
            self.abort(error)
            return
        self._flush()
        self._let_next()
        if self.connection.state is State.CLOSED and self._link is not None:
            self._link.close()  # the server closes too; if it does not, nobody waits for it

    def link_lost(self, _link: Carrier, error: HPError | None) -> None:
        """See `LinkOwner`."""
        if self._look is not None:
            self._look.cancel()
        reason = self._error or error or ConnectionLostError("The server closed the line.")
        waiting: list[asyncio.Future[Any]] = [
            *self._asked.values(), *(one.future for one in self._transfers.values()), *self._queue
        ]  # fmt: skip
        for future in waiting:
            if not future.done():
                future.set_exception(self._said_of(reason))
        self._queue.clear()
        if not self.lost.done():
            self.lost.set_result(reason)

    def link_fell_behind(self, _link: Carrier) -> None:
        """See `LinkOwner`: at most 64 requests wait, and a transaction has half a megabyte."""

    def link_caught_up(self, _link: Carrier) -> None:
        """See `LinkOwner`."""

    # --- within ---------------------------------------------------------------------------------------------

    def _said_of(self, reason: HPError) -> HPError:
        """What who waits is told: the server's own words, or that the line broke. An error of their own for each."""
        if self._error is not None:
            again = type(reason)(reason.text)
            again.details = dict(reason.details)
            return again
        return ConnectionLostError(f"The line broke: {reason.text}", cause=type(reason).__name__)

    def _heard(self, message: m.Message) -> None:
        if isinstance(message, m.Answer):
            self._answered(message)
            return
        if isinstance(message, m.Welcome):
            self._welcomed.set_result(message)
            return
        if isinstance(message, m.GoAway):
            self.leave, self.back_at = message, self._loop.time() + message.delay_ms / 1000
            self._refuse_queue()
        if self._pushed is not None:
            self._pushed(message)

    def _answered(self, answer: m.Answer) -> None:
        if answer.id == CONNECTION and isinstance(answer, m.Failed):
            self._error = error_of(answer)
        elif answer.id in self._transfers:
            self._transfers[answer.id].heard(answer)
        elif (future := self._asked.get(answer.id)) is not None and not future.done():
            future.set_result(answer)

    def _next_id(self) -> int:
        self._ids += 1
        return self._ids

    async def _turn(self) -> None:
        """Wait until the server takes one more request."""
        while self.is_open and self.connection.in_flight >= self._most:
            future: asyncio.Future[None] = self._loop.create_future()
            self._queue.append(future)
            try:
                await future
            except asyncio.CancelledError:
                self._let_next()  # it may have been our turn
                raise

    @property
    def _most(self) -> int:
        agreed = self.connection.agreed
        return agreed.max_in_flight if agreed is not None else MAX_IN_FLIGHT

    def _let_next(self) -> None:
        room = self._most - self.connection.in_flight
        while self._queue and room > 0:
            future = self._queue.popleft()
            if not future.done():
                future.set_result(None)
                room -= 1

    def _refuse_queue(self) -> None:
        for future in self._queue:
            if not future.done():
                future.set_exception(GoingAwayError("The server is leaving: connect again."))
        self._queue.clear()

    def _say(self, message: m.Message) -> None:
        if self.connection.leaving and isinstance(message, m.Request):
            raise GoingAwayError("The server is leaving: connect again.")
        if self._link is None or not self._link.is_open or self.connection.state is State.CLOSED:
            raise ConnectionLostError("The line is closed.")
        self.connection.send(message, self._loop.time())
        self._flush()

    def _cancel(self, number: int) -> None:
        if self._link is not None and self._link.is_open and self.connection.is_wanted(number):
            self._say(m.Cancel(number))

    def _flush(self) -> None:
        output = self.connection.data_to_send()
        if output and self._link is not None:
            self._link.write(b"".join(output))

    def _look_at_silence(self) -> None:
        if self.lost.done():
            return
        if self.connection.idle(self._loop.time()) is Idle.DEAD and self._link is not None:
            self._link.abort(ConnectionLostError("The server answers no ping."))
            return
        self._flush()
        self._look = self._loop.call_later(LOOK_SECONDS, self._look_at_silence)


def error_of(failed: m.Failed) -> HPError:
    """The error that a refusal carries; its class when this version knows the code, HPError with its name if not."""
    error = HPError.by_code.get(failed.code, HPError)(failed.text or failed.name)
    error.details = dict(failed.details)
    return error


def _deadline(request: m.Request, seconds: float) -> int:
    """Milliseconds told to the server; a write is never told one: its outcome is worth waiting for."""
    return 0 if isinstance(request, m.Transact) else int(seconds * 1000)
