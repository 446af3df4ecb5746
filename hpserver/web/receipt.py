"""HTTP as one peer speaks it, within deadlines and sizes: uvicorn has none for what it receives. Knows no page.

A deadline is absolute: bytes that drip do not move it. What an answer waits for is not the peer's fault and has none,
unless the peer does not read it.
"""

import asyncio
import ssl
from asyncio import TimerHandle
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol
from uvicorn.server import ServerState

HEAD_SECONDS: Final = 5.0
"""For a whole request head, and for the first one after the handshake (HAProxy `timeout http-request`)."""

BODY_SECONDS: Final = 20.0
"""For a body of `BODY_BYTES`; a longer one has as much again for each (Apache mod_reqtimeout, 500 bytes/s at least)."""

BODY_BYTES: Final = 1 << 20

IDLE_SECONDS: Final = 30
"""Between two requests of one connection."""

STALL_SECONDS: Final = 30.0
"""For a peer that does not read what it asked for, with `uvicorn`'s 64 KiB waiting (slowhttptest -X)."""

CUT_SECONDS: Final = 1.0
"""For a peer that was refused to close its side."""

MAX_HEAD: Final = 16 << 10
"""Bytes of a request line and its headers (Apache: 8 KiB a line; nginx: 4 x 8 KiB)."""

MAX_HEADERS: Final = 64
"""Headers of one request; browsers send about 20."""


class Receipt(HttpToolsProtocol):
    """One connection. `ended` is called once, when it is over."""

    def __init__(self, config: Config, state: ServerState, told: dict[str, Any], ended: Callable[[], None]) -> None:
        super().__init__(config, state, told, asyncio.get_running_loop())
        self._ended = ended
        self._deadline: TimerHandle | None = None
        self._stalled: TimerHandle | None = None
        self._cut: TimerHandle | None = None
        self._head = 0
        """Bytes of the head that is being received."""
        self._in_head = True
        self._body = 0
        self._crowded = False
        """Whether a request came before the one before it was answered."""

    # --- what arrives -----------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as the parent's
        """See `asyncio.Protocol`. The certificate the peer showed goes to the application, DER, b"" for none."""
        super().connection_made(transport)
        tls: ssl.SSLObject | None = transport.get_extra_info("ssl_object")
        self.app_state["certificate"] = (tls.getpeercert(binary_form=True) if tls else None) or b""
        self._within(HEAD_SECONDS)

    def connection_lost(self, exc: Exception | None) -> None:
        """See `asyncio.Protocol`."""
        self._within(0)
        self._unset_keepalive_if_required()
        for timer in (self._stalled, self._cut):
            if timer is not None:
                timer.cancel()
        super().connection_lost(exc)
        self._ended()

    def data_received(self, data: bytes) -> None:
        """See `asyncio.Protocol`."""
        if self.transport.is_closing():
            return
        if self._in_head:
            self._head += len(data)
            if self._deadline is None:
                self._within(HEAD_SECONDS)
        super().data_received(data)
        if self._in_head and self._head > MAX_HEAD:
            self._refuse(431)

    def on_message_begin(self) -> None:
        """See `httptools`. A request is answered before the next: of one that does not wait nothing is heard.

        No browser sends one (RFC 9112, 9.3.2: who does is ready to send it again), and each would hold memory.
        """
        self._crowded = self.cycle is not None and not self.cycle.response_complete
        if self._crowded:
            self.flow.pause_reading()
        else:
            super().on_message_begin()
            self._in_head = True

    def on_url(self, url: bytes) -> None:
        """See `httptools`."""
        if not self._crowded:
            super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """See `httptools`."""
        if self._crowded:
            return
        super().on_header(name, value)
        if len(self.headers) > MAX_HEADERS:
            self._head = MAX_HEAD + 1

    def on_headers_complete(self) -> None:
        """See `httptools`. A head that is too long is refused before the application hears of it."""
        if self._crowded or (self._head > MAX_HEAD and len(self.headers) > MAX_HEADERS):
            return
        self._in_head, self._head, self._body = False, 0, 0
        self._within(BODY_SECONDS)
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """See `httptools`."""
        if self._crowded:
            return
        before, self._body = self._body // BODY_BYTES, self._body + len(body)
        if self._body // BODY_BYTES > before:
            self._within(BODY_SECONDS)
        super().on_body(body)

    def on_message_complete(self) -> None:
        """See `httptools`."""
        if not self._crowded:
            self._within(0)
            super().on_message_complete()

    def on_response_complete(self) -> None:
        """See `HttpToolsProtocol`. An answer given before the body was received, or that another waits for, is last."""
        self._in_head = True
        if self._deadline is not None or self._crowded:
            self._within(0)
            self.transport.close()
        super().on_response_complete()

    # --- what leaves ------------------------------------------------------------------------------------------

    def pause_writing(self) -> None:
        """See `asyncio.Protocol`."""
        super().pause_writing()
        self._stalled = self.loop.call_later(STALL_SECONDS, self.cut)

    def resume_writing(self) -> None:
        """See `asyncio.Protocol`."""
        if self._stalled is not None:
            self._stalled.cancel()
            self._stalled = None
        super().resume_writing()

    def cut(self) -> None:
        """End the connection now. Safe to repeat."""
        with suppress(AttributeError):  # asyncio's own transport, once it was closed twice (Python 3.11)
            self.transport.abort()

    # --- within -----------------------------------------------------------------------------------------------

    def _within(self, seconds: float) -> None:
        """Begin a deadline in place of the last one; 0 for none."""
        if self._deadline is not None:
            self._deadline.cancel()
        self._deadline = self.loop.call_later(seconds, self._late) if seconds else None

    def _late(self) -> None:
        self._deadline = None
        self._refuse(408)

    def _refuse(self, status: int) -> None:
        """Say why, when nothing was answered yet, and close."""
        if not self.transport.is_closing():
            if self.cycle is None or self.cycle.response_complete:
                self.transport.write(STATUS_LINE[status] + b"content-length: 0\r\nconnection: close\r\n\r\n")
            self.transport.close()
        if self._cut is None:  # a peer that does not close its side either is not waited for
            self._cut = self.loop.call_later(CUT_SECONDS, self.cut)


def settings(app: Any) -> Config:
    """Return what uvicorn is told: no log of its own, no header about itself, no proxy to be believed, no upgrade."""
    config = Config(
        app,
        log_config=None,
        access_log=False,
        ws="none",
        lifespan="off",
        proxy_headers=False,
        server_header=False,
        date_header=True,
        timeout_keep_alive=IDLE_SECONDS,
    )
    config.load()
    return config
