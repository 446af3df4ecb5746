"""What no page is asked without: the right host, our own pages as the origin of a deed, the headers of every answer.

An ASGI application around another one. It knows no user and no page.
"""

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any, Final
from urllib.parse import urlsplit

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

MAX_FORM: Final = 64 << 10
"""Bytes of the body of a deed: a form of a page, with room for a list of a few hundred users."""

METHODS: Final = frozenset({"GET", "HEAD", "POST"})
SAFE: Final = frozenset({"GET", "HEAD"})

HEADERS: Final[Mapping[str, str]] = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self';"
        " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "strict-transport-security": "max-age=31536000",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "cache-control": "no-store",
}
"""Of every answer (OWASP ASVS 5, V3.4); an answer that has one of them already keeps its own."""

LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "[::1]"})
"""What a browser calls us when `hp console` carries its bytes."""


class Guard:
    """Lets requests through to `app`. `hosts` are the names of the consoles served, as they are now.

    `larger` are paths that may have a body beyond `MAX_FORM`, with how many bytes.
    """

    def __init__(self, app: App, hosts: Callable[[], set[str]], larger: Mapping[str, int]) -> None:
        self._app, self._hosts, self._larger = app, hosts, larger

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        if scope["type"] != "http":
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        status = self._refusal(scope, headers)
        if status:
            await _answer(send, status)
            return
        limit = next((size for path, size in self._larger.items() if scope["path"].startswith(path)), MAX_FORM)
        if int(headers.get("content-length", "0")) > limit:
            await _answer(send, 413)
            return
        await self._app(scope, _bounded(receive, limit), _with_headers(send))

    def _refusal(self, scope: Scope, headers: Mapping[str, str]) -> int:
        """Return the status that says why not, or 0."""
        if scope["method"] not in METHODS:
            return 405
        names = [value for name, value in scope["headers"] if name == b"host"]
        if len(names) != 1 or not self._is_ours(headers["host"]):
            return 421
        if not headers.get("content-length", "0").isdigit():
            return 400
        if scope["method"] in SAFE:
            return 0
        return 0 if comes_from_us(headers) else 403

    def _is_ours(self, host: str) -> bool:
        name = host.rpartition(":")[0] if ":" in host.rpartition("]")[2] else host
        return name.lower() in LOOPBACK or name.lower() in self._hosts()


def comes_from_us(headers: Mapping[str, str]) -> bool:
    """Whether a deed is asked by a page of ours, or by no page at all.

    The rule of Go's `http.CrossOriginProtection`: `Sec-Fetch-Site` when there is one, else the host of `Origin`, else
    no browser asks.
    """
    if site := headers.get("sec-fetch-site", ""):
        return site in {"same-origin", "none"}
    if origin := headers.get("origin", ""):
        return urlsplit(origin).netloc.lower() == headers.get("host", "").lower()
    return True


def _bounded(receive: Receive, limit: int) -> Receive:
    """Receive no more than `limit` bytes: a body whose length was not told ends there, as if its peer had left."""
    left = limit

    async def bounded() -> Message:
        nonlocal left
        message = await receive()
        if message["type"] == "http.request":
            left -= len(message.get("body", b""))
            if left < 0:
                return {"type": "http.disconnect"}
        return message

    return bounded


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            held = {name.lower() for name, _ in message.get("headers", ())}
            added = [(name.encode(), value.encode()) for name, value in HEADERS.items() if name.encode() not in held]
            message = {**message, "headers": [*message.get("headers", ()), *added]}
        await send(message)

    return sending


async def _answer(send: Send, status: int) -> None:
    """Answer without a page: no browser that a person uses gets here."""
    headers = [(b"content-length", b"0"), (b"connection", b"close")]
    await _with_headers(send)({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b""})
