"""What is new reaches the pages that are open, and nothing else does."""

import asyncio

import pytest

from hpserver.directory.model import ConsoleSession, Observed, planning_subject
from hpserver.hosting.console_keeping import close_sessions
from hpserver.hosting.devices import revoke
from hpserver.web import live
from hpserver.web.live import Bell, event, stream
from tests.web.site import Browser, Site


async def line(browser: Browser, pane: str = "plannings") -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Open the line of a page, and read its beginning."""
    reader, writer = await browser.open()
    cookies = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    writer.write(f"GET /live/{pane} HTTP/1.1\r\nHost: {browser.host}\r\nCookie: {cookies}\r\n\r\n".encode())
    async with asyncio.timeout(10):
        head = await reader.readuntil(b"\r\n\r\n")
        assert b"text/event-stream" in head, head
        await reader.readuntil(b"retry: 1000\n\n")
    return reader, writer


async def test_a_change_is_sent_to_the_page_that_is_open(site: Site, manager: Browser) -> None:
    """Somebody starts a planning elsewhere: the lamp changes here, and the page is not asked for again."""
    reader, writer = await line(manager)
    planning = await site.accounts.planning(site.account, "planning01")
    await site.accounts.directory.observe(Observed(subject=planning_subject(planning.key), state="live", pid=1))
    await site.console.changed()
    async with asyncio.timeout(10):
        told = await reader.readuntil(b"\n\n")
    assert b'class="lamp live' in told
    writer.close()


async def test_a_line_ends_with_the_session(site: Site, manager: Browser) -> None:
    """Who is signed out elsewhere is told nothing more."""
    reader, writer = await line(manager)
    await close_sessions(site.accounts, site.account)
    await site.console.changed()
    async with asyncio.timeout(10):
        rest = await reader.readuntil(b"0\r\n\r\n")
    assert b"event: over" in rest
    writer.close()


async def test_a_line_ends_with_its_device(site: Site, manager: Browser) -> None:
    """A workstation that is taken back is told nothing more, whatever cookie it has."""
    reader, writer = await line(manager)
    device = (await site.console._served[site.account.number].door.workstations(site.account))[0]
    await revoke(site.accounts.directory, device, 1.0, "")
    await site.console.changed()
    async with asyncio.timeout(10):
        assert b"event: over" in await reader.readuntil(b"0\r\n\r\n")
    writer.close()


@pytest.mark.parametrize("most", ["MOST_LINES", "MOST_OF_ONE"])
async def test_lines_are_counted_and_bounded(
    site: Site, manager: Browser, monkeypatch: pytest.MonkeyPatch, most: str
) -> None:
    """Too many pages are told so, of all schools and of one; a page that is closed gives its place back."""
    monkeypatch.setattr(live, most, 2)
    assert not site.console.bell.is_full("another school")
    lines = [await line(manager, "state") for _ in range(2)]
    assert site.console.bell.lines == 2
    assert site.console.bell.is_full("another school") == (most == "MOST_LINES")
    assert (await manager.get("/live/state")).status == 409
    for _, writer in lines:
        writer.close()
    await site.console.changed()
    async with asyncio.timeout(10):
        while site.console.bell.lines:
            await asyncio.sleep(0.02)
            site.console.bell.ring()


async def test_a_line_says_only_what_is_other_than_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same text twice is one event; silence is broken by a comment; None ends it."""
    monkeypatch.setattr(live, "PING_SECONDS", 0.05)
    texts = iter(["a", "a", "b\nc", "b\nc", None])
    bell = Bell()

    async def part() -> str | None:
        return next(texts)

    told = [chunk async for chunk in stream(bell, "1", part).body_iterator]
    said = [one if isinstance(one, bytes) else bytes(one) for one in told if not isinstance(one, str)]
    assert said == [
        b"retry: 1000\n\n", b": ping\n\n", b"data: b\ndata: c\n\n", b": ping\n\n", b"event: over\ndata: over\n\n"
    ]  # fmt: skip
    assert bell.lines == 0


async def test_leaving_ends_every_line() -> None:
    """A process that stops is not held by pages."""
    bell = Bell()

    async def part() -> str | None:
        return "x"

    async def read() -> int:
        return len([one async for one in stream(bell, "1", part).body_iterator])

    reading = asyncio.get_running_loop().create_task(read())
    await asyncio.sleep(0.01)
    bell.leave()
    assert await reading >= 1
    assert event("a\nb") == b"data: a\ndata: b\n\n"


async def test_an_open_line_is_no_use_of_a_session(
    site: Site, manager: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else who leaves a page open is never signed out for doing nothing."""
    monkeypatch.setattr("hpserver.web.sessions.SEEN_SECONDS", 0.0)
    monkeypatch.setattr("hpserver.web.live.PING_SECONDS", 0.05)
    before = (await site.accounts.directory.list(ConsoleSession))[0].last_at
    reader, writer = await line(manager, "state")
    async with asyncio.timeout(10):
        for _ in range(3):
            await reader.readuntil(b"\n\n")
    writer.close()
    assert (await site.accounts.directory.list(ConsoleSession))[0].last_at == before
