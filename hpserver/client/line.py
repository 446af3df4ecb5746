"""One connection to a server, with its requests and pushes. Knows no user and no base."""

import asyncio
import ssl
from collections.abc import Callable
from typing import Any, Final, TypeVar

import msgspec

from hpserver import __version__
from hpserver.errors import ConnectionLostError, DeadlineExceededError, HPError, RemoteProtocolError
from hpserver.net.dial import dial
from hpserver.net.owner import Carrier
from hpserver.protocol import messages as m
from hpserver.protocol.connection import Connection
from hpserver.protocol.limits import FEATURES, PROTOCOL_VERSIONS
from hpserver.protocol.refusal import CONNECTION
from hpserver.protocol.silence import Idle
from hpserver.protocol.states import Role, Side
from hpserver.protocol.transfers import TransferReceiver

NEW: Final = 1
"""The id of a request that is not sent yet: the line gives it its own."""

REQUEST_SECONDS: Final = 30.0
"""How long an answer is waited for unless the caller says otherwise."""

LOOK_SECONDS: Final = 5.0
"""Between two looks at the server's silence."""

A = TypeVar("A", bound=m.Answer)
Progress = Callable[[int, int], None]
"""Told the bytes received and the bytes in all."""


class Line:
    """One conversation as a client. Made by `connect`; `pushed` is called for every push, from the loop."""

    def __init__(self, role: Role, pushed: Callable[[m.Message], None] | None = None) -> None:
        self._loop = asyncio.get_running_loop()
        self.connection = Connection(Side.CLIENT, role, now=self._loop.time())
        self.lost: asyncio.Future[HPError] = self._loop.create_future()
        """Done when the line is gone, with the reason."""
        self._pushed = pushed
        self._link: Carrier | None = None
        self._ids = 0
        self._asked: dict[int, asyncio.Future[m.Answer]] = {}
        self._transfers: dict[int, tuple[TransferReceiver | None, asyncio.Future[bytes], Progress | None]] = {}
        self._started: dict[int, m.TransferStarted] = {}
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
        if not line._welcomed.done():
            raise line.lost.result()
        line._look = line._loop.call_later(LOOK_SECONDS, line._look_at_silence)
        return line

    @property
    def is_open(self) -> bool:
        """Whether a request can still be sent."""
        return self._link is not None and self._link.is_open and not self.lost.done()

    async def ask(self, request: m.Request, *answers: type[A], seconds: float = REQUEST_SECONDS) -> A:
        """Send a request (its id is given here) and return its answer, one of `answers`.

        Raises:
            HPError: the class of the error that the server answered with.
            ConnectionLostError: the line broke; what happened to a write is unknown.
            DeadlineExceededError: no answer in `seconds`; what happened to a write is unknown.
        """
        number = self._next_id()
        future: asyncio.Future[m.Answer] = self._loop.create_future()
        self._asked[number] = future
        try:
            self._say(msgspec.structs.replace(request, id=number, deadline_ms=_deadline(request, seconds)))
            async with asyncio.timeout(seconds):
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

    async def fetch(self, request: m.Request, progress: Progress | None = None) -> tuple[m.TransferStarted, bytes]:
        """Send a request that is answered by a transfer; return its announcement and its bytes, checked.

        Cancelling the call cancels the transfer. Raises as `ask`, and MalformedMessageError for damaged bytes.
        """
        number = self._next_id()
        future: asyncio.Future[bytes] = self._loop.create_future()
        self._transfers[number] = (None, future, progress)
        try:
            self._say(msgspec.structs.replace(request, id=number))
            data = await future
        except asyncio.CancelledError:
            self._cancel(number)
            raise
        finally:
            del self._transfers[number]
        return self._started.pop(number), data

    async def close(self) -> None:
        """Take leave and wait for the end. Safe to repeat."""
        if self._link is not None and not self.lost.done():
            self._link.close()
            await asyncio.wait({self.lost})

    def abort(self) -> None:
        """Drop the line now."""
        if self._link is not None:
            self._link.abort()

    # --- the link's owner -----------------------------------------------------------------------------------

    def link_received(self, _link: Carrier, data: bytes) -> None:
        """See `LinkOwner`."""
        try:
            messages = self.connection.receive_data(data, self._loop.time())
            for message in messages:
                self._heard(message)
        except HPError as error:
            self._error = self._error or error
            self.abort()
            return
        self._flush()

    def link_lost(self, _link: Carrier, error: HPError | None) -> None:
        """See `LinkOwner`."""
        if self._look is not None:
            self._look.cancel()
        reason = self._error or error or ConnectionLostError("The server closed the line.")
        gone = ConnectionLostError(f"The line broke: {reason.text}", cause=type(reason).__name__)
        waiting: list[asyncio.Future[Any]] = [
            *self._asked.values(),
            *(future for _, future, _ in self._transfers.values()),
        ]
        for future in waiting:
            if not future.done():
                future.set_exception(reason if self._error is not None else gone)
        if not self.lost.done():
            self.lost.set_result(reason)

    def link_fell_behind(self, _link: Carrier) -> None:
        """See `LinkOwner`: at most 64 requests wait, all of them small."""

    def link_caught_up(self, _link: Carrier) -> None:
        """See `LinkOwner`."""

    # --- within ---------------------------------------------------------------------------------------------

    def _heard(self, message: m.Message) -> None:
        if isinstance(message, m.Answer):
            self._answered(message)
        elif isinstance(message, m.Welcome):
            self._welcomed.set_result(message)
        elif self._pushed is not None:
            self._pushed(message)

    def _answered(self, answer: m.Answer) -> None:
        if answer.id == CONNECTION and isinstance(answer, m.Failed):
            self._error = error_of(answer)
            return
        if answer.id in self._transfers:
            self._transferred(answer)
            return
        future = self._asked.get(answer.id)
        if future is not None and not future.done():
            future.set_result(answer)

    def _transferred(self, answer: m.Answer) -> None:
        receiver, future, progress = self._transfers[answer.id]
        if future.done():
            return
        if isinstance(answer, m.Failed):
            future.set_exception(error_of(answer))
            return
        if isinstance(answer, m.TransferStarted):
            receiver = TransferReceiver(answer)
            self._started[answer.id] = answer
            self._transfers[answer.id] = (receiver, future, progress)
        elif isinstance(answer, m.Chunk) and receiver is not None:
            receiver.add(answer)
        if receiver is None:
            return
        if progress is not None:
            progress(receiver.received, receiver.started.size)
        if receiver.is_whole:
            future.set_result(receiver.result())

    def _next_id(self) -> int:
        self._ids += 1
        return self._ids

    def _say(self, message: m.Message) -> None:
        if not self.is_open:
            raise ConnectionLostError("The line is closed.")
        self.connection.send(message, self._loop.time())
        self._flush()

    def _cancel(self, number: int) -> None:
        if self.is_open and self.connection.is_wanted(number):
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
    """The error that a refusal carries; its class when this version knows the code."""
    kind = HPError.by_code.get(failed.code, HPError)
    return kind(failed.text or failed.name, **failed.details)


def _deadline(request: m.Request, seconds: float) -> int:
    """Milliseconds told to the server; a write is never told one: its outcome is worth waiting for."""
    return 0 if isinstance(request, m.Transact) else int(seconds * 1000)
