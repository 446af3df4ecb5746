"""One answer of a server that is not ours, by HTTPS, within bounds. It follows no redirect, and asks once."""

import asyncio
import ssl
from typing import Final
from urllib.parse import urlsplit

import httptools

from hpserver.errors import ProviderUnreachableError

FETCH_SECONDS: Final = 10.0
"""From the look-up of the name to the last byte, whatever drips: a person waits for it in front of a page."""

MAX_ANSWER: Final = 64 << 10
"""Bytes of an answer with its head: who somebody is takes a few hundred, with all their groups a few thousand."""

_HTTPS: Final = 443
_OK: Final = 200


async def fetch(url: str, context: ssl.SSLContext, seconds: float = FETCH_SECONDS) -> bytes:
    """Return the body of the answer to one GET. `context` says which certificates are believed.

    Raises ProviderUnreachableError: no answer, no trust, too late, too big, or any status but 200; `cause` says which.
    """
    try:
        async with asyncio.timeout(seconds):
            return await _fetch(url, context)
    except TimeoutError as error:
        raise _unreachable("no whole answer in time") from error
    except ssl.SSLCertVerificationError as error:
        raise _unreachable(f"its certificate is not trusted: {error.verify_message}") from error
    except (OSError, httptools.HttpParserError) as error:  # what a stranger says stays out: it is named only
        raise _unreachable(type(error).__name__) from error


async def _fetch(url: str, context: ssl.SSLContext) -> bytes:
    parts = urlsplit(url)
    host = parts.hostname or ""
    reader, writer = await asyncio.open_connection(host, parts.port or _HTTPS, ssl=context, server_hostname=host)
    try:
        head = {
            "Host": parts.netloc,
            "Accept": "application/xml, text/xml",
            "Accept-Encoding": "identity",
            "Connection": "close",
        }
        lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
        writer.write(f"GET {parts.path}?{parts.query} HTTP/1.1\r\n{lines}\r\n".encode("ascii"))
        return await _Answer().read(reader)
    finally:
        writer.transport.abort()


class _Answer:
    """What httptools tells of an answer."""

    def __init__(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._body, self._whole, self._bounded = b"", False, False

    async def read(self, reader: asyncio.StreamReader) -> bytes:
        """Return the body, whole. Raises OSError, HttpParserError, ProviderUnreachableError."""
        left = MAX_ANSWER
        while not self._whole and (piece := await reader.read(min(left + 1, 1 << 14))):
            left -= len(piece)
            if left < 0:
                raise _unreachable(f"an answer of more than {MAX_ANSWER} bytes")
            self._parser.feed_data(piece)
        if not self._whole and (self._bounded or not self._body):
            raise _unreachable("the answer is cut")
        if (status := self._parser.get_status_code()) != _OK:
            raise _unreachable(f"status {status}")
        return self._body

    def on_header(self, name: bytes, _value: bytes) -> None:
        """Take note of whether the end of the body is told, or is that of the connection."""
        self._bounded = self._bounded or name.lower() in {b"content-length", b"transfer-encoding"}

    def on_body(self, piece: bytes) -> None:
        """Take a piece of the body."""
        self._body += piece

    def on_message_complete(self) -> None:
        """Take note of the end."""
        self._whole = True


def _unreachable(why: str) -> ProviderUnreachableError:
    return ProviderUnreachableError(f"The identity provider does not answer as it must: {why}.", cause=why)
