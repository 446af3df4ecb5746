"""One answer of a stranger: whatever it sends, within time and size, and nothing is followed."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from hpserver.certs.contexts import foreign_client_context
from hpserver.errors import ConfigurationError, ProviderUnreachableError
from hpserver.hosting.fetching import MAX_ANSWER, fetch
from tests.pki import Pki

OK = b"HTTP/1.1 200 OK\r\n"


@asynccontextmanager
async def answering(folder: Path, answer: bytes, *, stays: bool = False) -> AsyncIterator[tuple[str, ssl.SSLContext]]:
    """A server in TLS that says just that, and leaves unless it `stays`; where it is, and who trusts it."""
    pki = Pki.create(folder)
    made = pki.server("localhost")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made.chain_file, made.key_file)
    left = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(answer)
            if stays:
                await left.wait()
            writer.close()
            await writer.wait_closed()
        except (OSError, asyncio.IncompleteReadError):
            writer.transport.abort()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    try:
        trusting = foreign_client_context(pki.root.certificate.public_bytes(Encoding.PEM).decode())
        yield f"https://localhost:{server.sockets[0].getsockname()[1]}/a?b=c", trusting
    finally:
        left.set()
        server.close()
        await server.wait_closed()


@pytest.mark.parametrize(
    "answer",
    [
        OK + b"Content-Length: 5\r\n\r\nhello",
        OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n",
        OK + b"\r\nhello",
    ],
)
async def test_an_answer_is_read_however_its_end_is_told(tmp_path: Path, answer: bytes) -> None:
    """By its length, in pieces, or by the end of the connection."""
    async with answering(tmp_path, answer) as (url, trusting):
        assert await fetch(url, trusting) == b"hello"


@pytest.mark.parametrize(
    "answer",
    [
        b"", b"SSH-2.0-x\r\n", OK, OK + b"Content-Length: 9\r\n\r\nhello", OK + b"\r\n",
        OK + b"Transfer-Encoding: chunked\r\n\r\nff\r\nhe", b"HTTP/1.1 404 No\r\nContent-Length: 5\r\n\r\nhello",
        b"HTTP/1.1 302 Found\r\nLocation: https://localhost/\r\nContent-Length: 5\r\n\r\nhello",
        OK + b"\r\n" + b"x" * (MAX_ANSWER + 1), OK + b"A: " + b"x" * (MAX_ANSWER + 1),
    ],
)  # fmt: skip
async def test_what_is_no_whole_answer_is_none(tmp_path: Path, answer: bytes) -> None:
    """Cut, refused, redirected, endless: all are told, and nothing is believed."""
    async with answering(tmp_path, answer) as (url, trusting):
        with pytest.raises(ProviderUnreachableError):
            await fetch(url, trusting)


async def test_who_says_nothing_more_is_not_waited_for(tmp_path: Path) -> None:
    """The deadline is of the whole: a server that drips meets it too."""
    async with answering(tmp_path, OK + b"Content-Length: 9\r\n\r\nhello", stays=True) as (url, trusting):
        with pytest.raises(ProviderUnreachableError, match="in time"):
            await fetch(url, trusting, seconds=0.2)


async def test_who_is_not_there_or_not_trusted_is_told(tmp_path: Path) -> None:
    """Each says why; neither gets a byte of what was asked."""
    async with answering(tmp_path, OK + b"\r\nhello") as (url, _):
        with pytest.raises(ProviderUnreachableError, match="not trusted"):
            await fetch(url, foreign_client_context(""))
    with pytest.raises(ProviderUnreachableError):
        await fetch(url, foreign_client_context(""))


def test_what_is_no_certificate_is_no_authority() -> None:
    """Said when it is configured, not at somebody's sign-in."""
    with pytest.raises(ConfigurationError):
        foreign_client_context("hello")
