"""The server's link: one non-blocking TLS socket and its queue. It knows bytes, and no message.

The socket is driven by the loop's own readiness calls, on uvloop and asyncio alike: half the memory of uvloop's TLS
transport, a cheaper fan-out and a queue that is ours (measured).

A read that gave one record is followed by no second one: the loop watches by level and calls again, which saves a
refused system call and an exception per request. Whoever sends several records at once is found out by trying now and
then, and is then read to the end: its answers leave in one piece (measured: twice as many requests with 16 in
flight).
"""

import asyncio
import enum
import ssl
from collections.abc import Callable
from typing import Final

from hpserver.errors import ConnectionLostError, HPError, RemoteProtocolError, TooSlowError
from hpserver.net.linger import LINGER_SECONDS, Linger
from hpserver.net.outbox import Outbox, Verdict
from hpserver.net.owner import LinkOwner, LinkStatistics

RECORD_BYTES: Final = 16 << 10
"""Largest plaintext of a TLS record (RFC 8446, 5.1): OpenSSL never returns more from one read."""

RECORDS_PER_WAKE: Final = 64
"""Records taken before other links have their turn: as many as a peer may have requests in flight."""

BYTES_PER_WAKE: Final = 256 << 10
"""Bytes from which other links have their turn."""

LONE_WAKES: Final = 16
"""Wakes between two tries for a second record: they cost a twelfth of one request each."""


class _State(enum.Enum):
    OPEN = enum.auto()
    CLOSING = enum.auto()
    LINGERING = enum.auto()
    LOST = enum.auto()


class Link:
    """Carries the bytes of one peer; see `Carrier` for the contract. It owns `sock`, whose handshake is done.

    `departed` is called from the loop when the socket is closed, after the owner was told.
    """

    __slots__ = (
        "__weakref__", "_behind", "_corked", "_departed", "_drained", "_error", "_fd", "_linger", "_lone", "_loop",
        "_outbox", "_owner", "_paused", "_read", "_read_waits", "_received", "_sent", "_sock", "_state", "_timer",
        "_write", "_writing", "is_open",
    )  # fmt: skip

    def __init__(
        self,
        sock: ssl.SSLSocket,
        loop: asyncio.AbstractEventLoop,
        owner: LinkOwner,
        departed: Callable[[], None] | None = None,
    ) -> None:
        sock.setblocking(False)
        self._sock, self._loop, self._owner, self._departed = sock, loop, owner, departed
        self._fd = sock.fileno()
        tls = sock._sslobj  # type: ignore[attr-defined]  # noqa: SLF001  two layers of Python less per request: -8 %
        self._read: Callable[[int], bytes] = tls.read
        self._write: Callable[[bytes | memoryview], int] = tls.write
        self._outbox = Outbox()
        self._state = _State.OPEN
        self.is_open = True
        """Whether a write can still reach the peer."""
        self._error: HPError | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._linger: Linger | None = None
        self._drained: Callable[[], None] | None = None
        self._received = self._sent = self._lone = 0
        self._corked: bytes | None = None
        # _writing: the loop watches for room to write; _read_waits: TLS must write before it can read on
        self._behind = self._paused = self._writing = self._read_waits = False
        self._watch()

    @property
    def queued(self) -> int:
        """Bytes written and not yet taken by the system."""
        return self._outbox.size + len(self._corked or b"")

    @property
    def statistics(self) -> LinkStatistics:
        """Return the counters."""
        return LinkStatistics(self._received, self._sent, self.queued)

    def write(self, data: bytes) -> None:
        """See `Carrier`."""
        if not self.is_open or not data:
            return
        if self._corked is not None:
            self._corked += data
        else:
            self._send(data)

    def raise_limits(self) -> None:
        """See `Carrier`."""
        self._outbox.raise_limits()

    def call_when_drained(self, callback: Callable[[], None]) -> None:
        """See `Carrier`."""
        if self._outbox.size or self._corked:
            self._drained = callback
        else:
            self._loop.call_soon(callback)

    def pause(self) -> None:
        """See `Carrier`."""
        if not self._paused and self.is_open:
            self._paused = True
            self._loop.remove_reader(self._fd)

    def resume(self) -> None:
        """See `Carrier`."""
        if self._paused and self.is_open:
            self._paused = False
            self._watch()

    def close(self, grace: float = LINGER_SECONDS) -> None:
        """See `Carrier`."""
        if not self.is_open:
            return
        self._uncork()
        if not self.is_open:
            return
        self._state, self.is_open = _State.CLOSING, False
        self._loop.remove_reader(self._fd)
        self._set_timer(grace, self._close_expired)
        self._take_leave()

    def abort(self, error: HPError | None = None) -> None:
        """See `Carrier`."""
        if self._state is _State.LOST:
            return
        if self._linger is not None:
            self._linger.close()
            return
        self._error = self._error or error
        self._unwatch()
        self._sock.close()
        self._lost()

    # --- reading ---

    def _watch(self) -> None:
        if not self._read_waits:
            self._loop.add_reader(self._fd, self._on_readable)
        if self._sock.pending():
            self._loop.call_soon(self._on_readable)  # inside OpenSSL already: the loop cannot see these bytes

    def _on_readable(self) -> None:
        if not self.is_open or self._paused:
            return
        try:
            data = self._read(RECORD_BYTES)
        except OSError as error:
            self._read_failed(error)
            return
        if data:
            if self._lone and len(data) < RECORD_BYTES:
                self._lone -= 1
            else:
                data = self._read_on(data)
            self._give(data)
        else:
            self.close()  # the peer took leave: what waits is still sent, then so do we

    def _read_on(self, first: bytes) -> bytes:
        """Take what follows a first record; an end or a failure is told after these bytes."""
        records, data, total = [first], first, len(first)
        try:
            while len(records) < RECORDS_PER_WAKE and total < BYTES_PER_WAKE and (data := self._read(RECORD_BYTES)):
                records.append(data)
                total += len(data)
            if not data:
                self._loop.call_soon(self._on_readable)
        except ssl.SSLWantReadError:
            pass
        except OSError as error:
            self._loop.call_soon(self._read_failed, error)
        self._lone = 0 if len(records) > 1 else LONE_WAKES
        return b"".join(records) if len(records) > 1 else first

    def _give(self, data: bytes) -> None:
        self._received += len(data)
        self._corked = b""
        try:
            self._owner.link_received(self, data)
        except BaseException:
            self._corked = None
            self.abort()  # a bug of the owner must not leave a link that was half understood
            raise
        self._uncork()

    def _uncork(self) -> None:
        corked, self._corked = self._corked, None
        if corked and self.is_open:
            self._send(corked)
            if self._drained is not None and not self._outbox.size:
                self._emptied()

    def _read_failed(self, error: OSError) -> None:
        if not self.is_open:
            return
        if isinstance(error, ssl.SSLWantReadError):
            if self._outbox.size and not self._writing:
                self._flush()  # a write that had to wait for a read
        elif isinstance(error, ssl.SSLWantWriteError):
            self._read_waits = True  # an answer of TLS itself (key update) does not fit in the system's buffer
            self._loop.remove_reader(self._fd)
            self._await_room()
        else:
            self._fail(error)

    # --- writing ---

    def _send(self, data: bytes) -> None:
        if self._outbox.size:
            self._outbox.put(data)
            self._judge()
            return
        try:
            count = self._write(data)
        except (ssl.SSLWantWriteError, ssl.SSLWantReadError):
            count = 0
        except OSError as error:
            self._fail(error)
            return
        self._sent += count
        if count < len(data):
            self._outbox.put(data)
            if count:
                self._outbox.drop(count)
            self._flush()
        elif self._drained is not None:
            self._emptied()

    def _flush(self) -> None:
        """Send until nothing waits or the system takes no more."""
        outbox = self._outbox
        while outbox.size:
            try:
                count = self._write(outbox.head())
            except ssl.SSLWantWriteError:
                self._await_room()
                self._judge()
                return
            except ssl.SSLWantReadError:
                self._judge()
                return
            except OSError as error:
                self._fail(error)
                return
            self._sent += count
            outbox.drop(count)
        self._emptied()

    def _await_room(self) -> None:
        if not self._writing:
            self._writing = True
            self._loop.add_writer(self._fd, self._on_writable)

    def _on_writable(self) -> None:
        self._writing = False
        self._loop.remove_writer(self._fd)
        if self._state is _State.CLOSING:
            self._take_leave()
            return
        if self._outbox.size:
            self._flush()
        if self._read_waits and self.is_open:
            self._read_waits = False
            if not self._paused:
                self._watch()
                self._on_readable()

    def _emptied(self) -> None:
        callback, self._drained = self._drained, None
        if callback is not None and self.is_open:
            self._loop.call_soon(callback)
        if self._behind:
            self._behind = False
            if self.is_open:
                self._cancel_timer()
                self._loop.call_soon(self._tell_caught_up)

    # --- keeping up ---

    def _judge(self) -> None:
        verdict = self._outbox.judge(self._loop.time())
        if verdict is Verdict.OVER:
            self.abort(TooSlowError("The peer does not read what it is sent.", queued=self._outbox.size))
        elif verdict is Verdict.BEHIND and self.is_open:
            if self._timer is None:
                self._set_timer(self._outbox.seconds_left(self._loop.time()), self._look_again)
            if not self._behind:
                self._behind = True
                self._loop.call_soon(self._tell_behind)

    def _look_again(self) -> None:
        self._timer = None
        if self._outbox.size:
            self._judge()

    def _tell_behind(self) -> None:
        if self._behind and self.is_open:
            self._owner.link_fell_behind(self)

    def _tell_caught_up(self) -> None:
        if not self._behind and self.is_open:
            self._owner.link_caught_up(self)

    # --- the end ---

    def _take_leave(self) -> None:
        """Send what waits, then the TLS leave, then wait for the peer's."""
        self._flush()
        if self._outbox.size or self._state is not _State.CLOSING:
            return
        try:
            self._sock.unwrap()
        except ssl.SSLWantWriteError:
            self._await_room()
            return
        except (OSError, ValueError):
            pass  # our leave is sent, the peer's is missing or will never come: the socket says the rest
        self._begin_linger()

    def _begin_linger(self) -> None:
        self._unwatch()
        self._state, self.is_open = _State.LINGERING, False
        self._linger = Linger(self._sock, self._loop, LINGER_SECONDS, self._lost)

    def _close_expired(self) -> None:
        self.abort(TooSlowError("The peer did not take its last bytes in time.", queued=self._outbox.size))

    def _fail(self, error: OSError) -> None:
        gone = is_cut(error)
        if self._state is _State.CLOSING and gone:
            self.abort()  # the peer left first
        elif gone:
            self.abort(ConnectionLostError("The line broke.", reason=_reason(error)))
        else:
            self._error = RemoteProtocolError("The peer broke the rules of TLS.", reason=_reason(error))
            self._outbox.clear()
            self._begin_linger()  # OpenSSL has sent its alert: let the peer read it

    def _lost(self) -> None:
        self._state, self.is_open, self._corked = _State.LOST, False, None
        self._linger = self._drained = None
        self._outbox.clear()
        self._loop.call_soon(self._tell_lost)

    def _tell_lost(self) -> None:
        try:
            self._owner.link_lost(self, self._error)
        finally:
            del self._owner  # they hold each other, and the memory of TLS: the collector would come by much later
            if self._departed is not None:
                self._departed()

    def _unwatch(self) -> None:
        self._cancel_timer()
        self._loop.remove_reader(self._fd)
        if self._writing:
            self._writing = False
            self._loop.remove_writer(self._fd)

    def _set_timer(self, seconds: float, callback: Callable[[], None]) -> None:
        self._cancel_timer()
        self._timer = self._loop.call_later(seconds, callback)

    def _cancel_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def is_cut(error: OSError | ValueError) -> bool:
    """Say whether the line broke, rather than the rules of TLS."""
    if not isinstance(error, ssl.SSLError) or isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
        return True
    return error.reason == "UNEXPECTED_EOF_WHILE_READING"  # OpenSSL 3, for an end without leave


def _reason(error: OSError) -> str:
    return str(getattr(error, "reason", None) or error.strerror or type(error).__name__)
