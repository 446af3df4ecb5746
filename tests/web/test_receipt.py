"""What a peer sends has sizes and deadlines, and what it is sent is read in time."""

import asyncio

import pytest

from hpserver.web import receipt
from tests.web.site import Browser, Site

SMUGGLED = (
    "POST / HTTP/1.1\r\nHost: {host}\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nabcd",
    "POST / HTTP/1.1\r\nHost: {host}\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: {host}\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: {host}\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: {host}\r\nHost: evil.example\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: {host}\r\n X: folded\r\n\r\n",
    "GET / HTTP/1.1\nHost: {host}\n\n",
    "GET http://evil.example/ HTTP/1.1\r\nHost: evil.example\r\n\r\n",
    "GET / HTTP/1.1\r\n\r\n",
    "GET /\x00 HTTP/1.1\r\nHost: {host}\r\n\r\n",
    "NONSENSE\r\n\r\n",
    "\x16\x03\x01" * 40,
)


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Deadlines a test can wait for."""
    monkeypatch.setattr(receipt, "HEAD_SECONDS", 0.3)
    monkeypatch.setattr(receipt, "BODY_SECONDS", 0.3)


@pytest.mark.usefixtures("soon")
@pytest.mark.parametrize(
    "drip", ["GET / HTTP/1.1\r\nX: ", "POST /language HTTP/1.1\r\nContent-Length: 50\r\nHost: h\r\n\r\n"]
)
async def test_w03_heads_and_bodies_have_sizes_and_deadlines(site: Site, drip: str) -> None:
    """A byte now and then moves no deadline: the line ends, with a word or without."""
    browser = Browser(site, site.workstation().context())
    reader, writer = await browser.open()
    writer.write(drip.replace("Host: h", f"Host: {browser.host}").encode())
    began = asyncio.get_running_loop().time()
    told = b""
    while not reader.at_eof() and asyncio.get_running_loop().time() - began < 20:
        writer.write(b"a")
        try:
            async with asyncio.timeout(0.05):
                told += await reader.read(1024)
        except TimeoutError:
            continue
        except ConnectionError:
            break
    writer.close()
    assert asyncio.get_running_loop().time() - began < 20
    assert told == b"" or told.startswith(b"HTTP/1.1 4")


@pytest.mark.usefixtures("soon")
async def test_a_line_on_which_nothing_is_said_ends(site: Site) -> None:
    """After the handshake, and between its bytes."""
    reader, writer = await Browser(site, site.workstation().context()).open()
    async with asyncio.timeout(20):
        assert b"408" in await reader.read(1024)
    writer.close()


async def test_w03_a_head_too_long_is_refused(site: Site) -> None:
    """One header of a megabyte, thousands of small ones, an address without end."""
    browser = Browser(site, site.workstation().context())
    head = f"GET / HTTP/1.1\r\nHost: {browser.host}\r\n"
    for long in (
        f"{head}X: {'a' * (1 << 20)}\r\n\r\n",
        head + "".join(f"X{n}: y\r\n" for n in range(5_000)) + "\r\n",
        f"GET /{'a' * (1 << 17)} HTTP/1.1\r\nHost: {browser.host}\r\n\r\n",
    ):
        assert (await browser.raw(long.encode())).status in {0, 400, 414, 431}
    assert (await browser.get("/static/console.css")).status == 200


@pytest.mark.parametrize("words", SMUGGLED)
async def test_w03_what_two_readers_would_read_differently_is_refused(site: Site, words: str) -> None:
    """Doubled lengths, both lengths, folded lines, bare line ends, foreign hosts: an error, and the end of the line."""
    browser = Browser(site, site.workstation().context())
    data = words.replace("{host}", browser.host).encode("latin-1")
    answer = await browser.raw(data + b"GET /static/icon.svg HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert answer.status in {0, 400, 403, 405, 421}, answer.status
    assert "<svg" not in answer.text


async def test_many_headers_are_refused_and_others_served(site: Site) -> None:
    """Within the size, but more of them than any browser sends."""
    browser = Browser(site, site.workstation().context())
    head = "".join(f"A{n}: b\r\n" for n in range(receipt.MAX_HEADERS + 5))
    assert (await browser.raw(f"GET / HTTP/1.1\r\nHost: {browser.host}\r\n{head}\r\n".encode())).status in {400, 431}


async def test_a_connection_is_used_again(site: Site) -> None:
    """Ten requests on one line, then its end."""
    browser = Browser(site, site.workstation().context())
    reader, writer = await browser.open()
    for _ in range(10):
        writer.write(f"GET /static/icon.svg HTTP/1.1\r\nHost: {browser.host}\r\n\r\n".encode())
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200")
        length = next(int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.startswith(b"content-length"))
        await reader.readexactly(length)
    writer.close()
    await writer.wait_closed()


@pytest.mark.parametrize("second", ["GET / HTTP/1.1\r\nHost: {host}\r\n\r\n", "GET / HT"])
@pytest.mark.parametrize("headers", [0, 70])
async def test_w03_a_request_that_does_not_wait_is_not_heard(site: Site, second: str, headers: int) -> None:
    """The one before is answered, then the line ends: at once, however much comes behind it."""
    browser = Browser(site, (await site.installed()).context())
    reader, writer = await browser.open()
    begun = second.format(host=browser.host).replace("\r\n\r\n", "\r\n" + "A: b\r\n" * headers + "\r\n")
    writer.write(f"GET /sign-in HTTP/1.1\r\nHost: {browser.host}\r\n\r\n{begun}".encode())
    async with asyncio.timeout(receipt.HEAD_SECONDS + 10):
        told = await reader.read()
    writer.close()
    assert (told[:12], told.count(b"HTTP/1.1 ")) == (b"HTTP/1.1 200", 1)


async def test_who_does_not_read_is_cut(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer that nobody takes holds its buffer for a while, not for ever."""
    monkeypatch.setattr(receipt, "STALL_SECONDS", 0.2)
    browser = Browser(site, site.workstation().context())
    _, writer = await browser.open()
    writer.transport.pause_reading()  # type: ignore[attr-defined]  # asyncio declares what only writes
    wish = f"GET /static/htmx-4.0.1.min.js HTTP/1.1\r\nHost: {browser.host}\r\n\r\n".encode()
    for _ in range(600):
        writer.write(wish)
    async with asyncio.timeout(30):
        while site.entrance.state.connections:  # noqa: ASYNC110  nobody rings when one is cut
            await asyncio.sleep(0.05)
    writer.transport.abort()
