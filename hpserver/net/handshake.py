"""TLS handshakes away from the loop. It knows OpenSSL's calls, and not who may come in.

A handshake is 2 to 3 ms of OpenSSL that would stall whoever is logged in; it releases the interpreter, so two threads
carry it. The threads only ever compute: the socket is non-blocking, and a peer that keeps us waiting waits in the loop,
where it costs nothing. A silent peer can therefore never occupy a thread.
"""

import asyncio
import contextlib
import ssl
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from socket import socket
from typing import Final

from hpserver.certs.contexts import PROTOCOL
from hpserver.errors import (
    BusyError,
    CertificateRefusedError,
    ConnectionLostError,
    HPError,
    RemoteProtocolError,
    TooSlowError,
    UnsupportedVersionError,
)
from hpserver.net.linger import Linger
from hpserver.net.link import is_cut

HANDSHAKE_THREADS: Final = 2
"""Measured: the 99th percentile of logged-in users halves under a flood, and more handshakes are made."""

MAX_QUEUED: Final = 64
"""Steps waiting for a thread; above, the handshake is refused (200 ms of work)."""

ALERT_SECONDS: Final = 1.0
"""How long a refused peer is given to read its alert."""

_CERTIFICATE_REASONS: Final = ("CERTIFICATE", "UNKNOWN_CA", "CERT_")
_VERSION_REASONS: Final = ("UNSUPPORTED_PROTOCOL", "VERSION_TOO_LOW", "NO_APPLICATION_PROTOCOL")

Ended = Callable[[ssl.SSLSocket | None, HPError | None], None]
"""What is told at the end of a handshake: the socket, or None and why."""


class Handshaker:
    """The handshakes of one process. `context` may be replaced at any time: the next handshakes use the new one."""

    def __init__(
        self,
        context: ssl.SSLContext,
        loop: asyncio.AbstractEventLoop,
        *,
        protocol: str = PROTOCOL,
        max_queued: int = MAX_QUEUED,
    ) -> None:
        self.context, self.loop, self.protocol, self.max_queued = context, loop, protocol, max_queued
        self.queued = 0
        self._threads = ThreadPoolExecutor(HANDSHAKE_THREADS, thread_name_prefix="tls")
        self._shakes: set[_Shake] = set()

    def begin(self, sock: socket, deadline: float, ended: Ended, *, has_hello: bool = False) -> None:
        """Make the handshake on an accepted, non-blocking socket; it is owned until `ended` is called from the loop.

        `ended` gets the socket; or None and the error, when the socket is closed and the peer was given time to read
        its alert. It is called once. `deadline` is a time of the loop and includes the queue. `has_hello`: the first
        bytes are known to be here.
        """
        shake = _Shake(self, sock, deadline, ended)
        self._shakes.add(shake)
        if has_hello:
            shake.go_on()
        else:
            shake.await_bytes()

    def close(self) -> None:
        """Give up what is under way and end the threads. Safe to repeat."""
        self._threads.shutdown(wait=True, cancel_futures=True)
        for shake in list(self._shakes):
            shake.give_up()

    def queue(self, step: Callable[[], None]) -> bool:
        """Have a thread do one step; return False when too much waits."""
        if self.queued >= self.max_queued:
            return False
        try:
            self._threads.submit(step)
        except RuntimeError:  # closed
            return False
        self.queued += 1
        return True

    def forget(self, shake: "_Shake") -> None:
        """Know that a handshake ended."""
        self._shakes.discard(shake)


class _Shake:
    """One handshake: steps in a thread, waits in the loop, never both at once."""

    __slots__ = (
        "_deadline", "_ended", "_expired", "_fd", "_home", "_in_thread", "_linger", "_loop", "_outcome", "_sock",
        "_tls", "_waits",
    )  # fmt: skip

    def __init__(self, home: Handshaker, sock: socket, deadline: float, ended: Ended) -> None:
        self._home, self._sock, self._ended, self._loop = home, sock, ended, home.loop
        self._fd = sock.fileno()
        self._tls: ssl.SSLSocket | None = None
        self._outcome: OSError | ValueError | None = None
        self._linger: Linger | None = None
        self._in_thread = self._expired = self._waits = False
        self._deadline = self._loop.call_at(deadline, self._expire)

    def await_bytes(self) -> None:
        """Let the loop wait for the peer."""
        self._waits = True
        self._loop.add_reader(self._fd, self._on_readable)

    def go_on(self) -> None:
        """Queue the next step."""
        if self._home.queue(self._step):
            self._in_thread = True
        else:
            self._fail(BusyError("Too many handshakes wait.", seconds=1))

    def give_up(self) -> None:
        """Close now: the process is leaving."""
        self._unwatch()
        if self._linger is not None:
            self._linger.close()
        else:
            self._close()
            self._tell(None, ConnectionLostError("The server is leaving."))

    def _on_readable(self) -> None:
        self._waits = False
        self._loop.remove_reader(self._fd)
        self.go_on()

    def _on_writable(self) -> None:
        self._waits = False
        self._loop.remove_writer(self._fd)
        self.go_on()

    def _step(self) -> None:
        """In a thread: compute until the peer must speak."""
        try:
            if not self._expired:
                if self._tls is None:
                    self._sock.getpeername()  # raises when the peer is gone: `wrap_socket` would lose the descriptor
                    self._tls = self._home.context.wrap_socket(
                        self._sock, server_side=True, do_handshake_on_connect=False, suppress_ragged_eofs=False
                    )
                self._tls.do_handshake()
            self._outcome = None
        except (OSError, ValueError) as error:
            self._outcome = error.with_traceback(None)
        with contextlib.suppress(RuntimeError):  # the loop was closed meanwhile
            self._loop.call_soon_threadsafe(self._stepped)

    def _stepped(self) -> None:
        self._home.queued -= 1
        self._in_thread = False
        outcome, self._outcome = self._outcome, None
        if self._expired:
            self._fail(_too_slow())
        elif outcome is None:
            self._finish()
        elif isinstance(outcome, ssl.SSLWantReadError):
            self.await_bytes()
        elif isinstance(outcome, ssl.SSLWantWriteError):
            self._waits = True
            self._loop.add_writer(self._fd, self._on_writable)
        else:
            self._fail(_explain(outcome))

    def _finish(self) -> None:
        assert self._tls is not None
        if self._tls.selected_alpn_protocol() != self._home.protocol:
            with contextlib.suppress(OSError):
                self._tls.unwrap()  # our leave: OpenSSL has no alert for this once the handshake is done
            self._fail(UnsupportedVersionError("The peer does not speak this protocol.", wanted=self._home.protocol))
            return
        self._unwatch()
        self._tell(self._tls, None)

    def _expire(self) -> None:
        self._expired = True
        if not self._in_thread:
            self._fail(_too_slow())

    def _fail(self, error: HPError) -> None:
        self._unwatch()
        sock = self._tls or self._sock
        if isinstance(error, ConnectionLostError | TooSlowError | BusyError) or sock.fileno() < 0:
            self._close()
            self._tell(None, error)
        else:
            self._linger = Linger(sock, self._loop, ALERT_SECONDS, lambda: self._tell(None, error))

    def _tell(self, sock: ssl.SSLSocket | None, error: HPError | None) -> None:
        self._home.forget(self)
        self._ended(sock, error)

    def _unwatch(self) -> None:
        self._deadline.cancel()
        if self._waits:  # else a failed step may have closed it in its thread, and the number be another's by now
            self._waits = False
            self._loop.remove_reader(self._fd)
            self._loop.remove_writer(self._fd)

    def _close(self) -> None:
        if self._tls is not None:
            self._tls.close()
        self._sock.close()


def _too_slow() -> HPError:
    return TooSlowError("The handshake did not end in time.")


def _explain(error: OSError | ValueError) -> HPError:
    """Return our name for what OpenSSL or the system said."""
    if is_cut(error) or not isinstance(error, ssl.SSLError):
        return ConnectionLostError("The line broke during the handshake.")
    reason = str(error.reason or "")
    if any(word in reason for word in _CERTIFICATE_REASONS):
        why = getattr(error, "verify_message", "") or reason
        return CertificateRefusedError("The certificate was refused.", cause=str(why))
    if any(word in reason for word in _VERSION_REASONS):
        return UnsupportedVersionError("The two ends share no version of TLS.", reason=reason)
    return RemoteProtocolError("The handshake broke the rules of TLS.", reason=reason)
