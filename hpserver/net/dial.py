"""The client's link: one TLS connection over asyncio's transports, on every system. It knows bytes, no message."""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Callable
from typing import Final, cast

from hpserver.errors import (
    CertificateRefusedError,
    ConnectionLostError,
    DeadlineExceededError,
    HPError,
    TooSlowError,
)
from hpserver.net.owner import LinkOwner, LinkStatistics
from hpserver.protocol.limits import OUTPUT_HARD, OUTPUT_SOFT, TLS_HANDSHAKE_SECONDS

BACKOFF_FIRST: Final = 1.0
"""Seconds at most before the first new attempt."""

BACKOFF_MOST: Final = 60.0
"""Seconds at most before any new attempt."""

DIAL_SECONDS: Final = 2 * TLS_HANDSHAKE_SECONDS
"""For the name, the TCP connection and the handshake together."""

CLOSE_SECONDS: Final = 2.0
"""How long our last bytes may take (asyncio's own 30 s hold sockets)."""


def backoff(attempt: int, draw: float) -> float:
    """Return the seconds to wait before attempt `attempt` (0 is the first retry), for a `draw` in [0, 1).

    Full jitter: uniform between nothing and a ceiling that doubles from 1 to 60 s, so that the clients of a server that
    restarts come back spread out.
    """
    return draw * min(BACKOFF_MOST, BACKOFF_FIRST * 2.0 ** min(attempt, 16))


async def dial(
    host: str,
    port: int,
    context: ssl.SSLContext,
    server_name: str,
    owner: LinkOwner,
    seconds: float = DIAL_SECONDS,
) -> "DialledLink":
    """Connect and return the link.

    In TLS 1.3 the server judges our certificate after this returns: its refusal is a `link_lost` with
    CertificateRefusedError.

    Raises:
        CertificateRefusedError: the server's certificate is not one we trust, or it said that ours is refused.
        ConnectionLostError: nobody answers there.
        DeadlineExceededError: it took more than `seconds`.
    """
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(seconds):
            _, link = await loop.create_connection(
                lambda: DialledLink(loop, owner),
                host,
                port,
                ssl=context,
                server_hostname=server_name,
                ssl_handshake_timeout=seconds,
                ssl_shutdown_timeout=CLOSE_SECONDS,
            )
    except TimeoutError as error:
        raise DeadlineExceededError("The server does not answer.", host=host, port=port) from error
    except (OSError, ssl.CertificateError) as error:
        raise _explain(error) from error
    return link


class DialledLink(asyncio.Protocol):
    """Carries the bytes of the server we connected to; see `Carrier` for the contract."""

    def __init__(self, loop: asyncio.AbstractEventLoop, owner: LinkOwner) -> None:
        self._loop, self._owner = loop, owner
        self._transport: asyncio.Transport | None = None
        self._corked: list[bytes] | None = None
        self._drained: Callable[[], None] | None = None
        self._error: HPError | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._behind = self._closing = False
        self._received = self._sent = 0

    @property
    def queued(self) -> int:
        """Bytes written and not yet taken by the system."""
        corked = sum(map(len, self._corked or ()))
        return corked + (self._transport.get_write_buffer_size() if self._transport is not None else 0)

    @property
    def is_open(self) -> bool:
        """Whether a write can still reach the server."""
        return self._transport is not None and not self._closing

    @property
    def server_certificate(self) -> bytes:
        """The certificate that the server showed, in DER; empty once the line is gone."""
        tls = self._transport.get_extra_info("ssl_object") if self._transport is not None else None
        return (tls.getpeercert(binary_form=True) or b"") if tls is not None else b""

    @property
    def statistics(self) -> LinkStatistics:
        """Return the counters."""
        queued = self.queued
        return LinkStatistics(self._received, self._sent - queued, queued)

    def write(self, data: bytes) -> None:
        """See `Carrier`."""
        if not self.is_open or not data:
            return
        if self._corked is not None:
            self._corked.append(data)
        else:
            self._send(data)

    def raise_limits(self) -> None:
        """See `Carrier`: a client has one limit, since it trusts its server."""

    def call_when_drained(self, callback: Callable[[], None]) -> None:
        """See `Carrier`."""
        if self._behind or self._corked:
            self._drained = callback
        else:
            self._loop.call_soon(callback)

    def pause(self) -> None:
        """See `Carrier`."""
        if self.is_open and self._transport is not None and self._transport.is_reading():
            self._transport.pause_reading()

    def resume(self) -> None:
        """See `Carrier`."""
        if self.is_open and self._transport is not None and not self._transport.is_reading():
            self._transport.resume_reading()

    def close(self, grace: float = CLOSE_SECONDS) -> None:
        """See `Carrier`."""
        if not self.is_open or self._transport is None:
            return
        self._uncork()
        self._closing = True
        self._timer = self._loop.call_later(grace, self.abort)
        if not self._transport.is_reading():
            self._transport.resume_reading()  # else the server's leave is never read
        self._transport.close()

    def abort(self, error: HPError | None = None) -> None:
        """See `Carrier`."""
        self._error = self._error or error
        self._closing = True
        if self._transport is not None:
            self._transport.abort()

    # --- what the transport tells ---

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is one in all but its class
        self._transport.set_write_buffer_limits(high=OUTPUT_SOFT, low=0)
        sock = transport.get_extra_info("socket")
        if sock is not None:
            with contextlib.suppress(OSError):
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # else 40 ms before the first answer

    def data_received(self, data: bytes) -> None:
        """Give the bytes to the owner; what it writes meanwhile leaves in one piece."""
        if self._closing:
            return
        self._received += len(data)
        self._corked = []
        try:
            self._owner.link_received(self, data)
        except BaseException:
            self._corked = None
            self.abort()
            raise
        self._uncork()

    def pause_writing(self) -> None:
        """Know that the server does not read."""
        self._behind = True
        self._loop.call_soon(self._tell_behind)

    def resume_writing(self) -> None:
        """Know that all has left."""
        self._behind = False
        callback, self._drained = self._drained, None
        if callback is not None:
            self._loop.call_soon(callback)
        self._loop.call_soon(self._tell_caught_up)

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell the owner, last."""
        if self._timer is not None:
            self._timer.cancel()
        if self._error is None and exc is not None and not self._closing:
            self._error = _explain(exc)
        self._transport, self._closing = None, True
        self._loop.call_soon(self._owner.link_lost, self, self._error)

    def _uncork(self) -> None:
        corked, self._corked = self._corked, None
        if corked and self.is_open:
            self._send(corked[0] if len(corked) == 1 else b"".join(corked))
        if self._drained is not None and not self._behind:
            self.resume_writing()

    def _send(self, data: bytes) -> None:
        assert self._transport is not None
        self._transport.write(data)
        self._sent += len(data)
        if self._behind and self.queued > OUTPUT_HARD:
            self.abort(TooSlowError("The server does not read.", queued=self.queued))

    def _tell_behind(self) -> None:
        if self._behind and self.is_open:
            self._owner.link_fell_behind(self)

    def _tell_caught_up(self) -> None:
        if not self._behind and self.is_open:
            self._owner.link_caught_up(self)


def _explain(error: Exception) -> HPError:
    """Return our name for what TLS or the system said."""
    reason = str(getattr(error, "reason", None) or getattr(error, "strerror", None) or type(error).__name__)
    if isinstance(error, ssl.SSLCertVerificationError):
        return CertificateRefusedError("The server's certificate is not trusted.", cause=error.verify_message)
    if isinstance(error, ssl.SSLError) and ("CERTIFICATE" in reason or "UNKNOWN_CA" in reason):
        return CertificateRefusedError("The server refused this device's certificate.", cause=reason)
    return ConnectionLostError("The line broke.", reason=reason)
