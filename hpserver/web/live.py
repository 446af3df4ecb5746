"""What is new, to the pages that are open: each has the part of it that lives sent again when it has become another.

One line a page (server-sent events), with the text as who looks at that page may see it.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final

from starlette.responses import StreamingResponse

PING_SECONDS: Final = 15.0
"""Between two words on a line where nothing is new: shorter than proxies and browsers wait."""

MOST_LINES: Final = 500
"""Open lines of one process; more are told to come back."""

MOST_OF_ONE: Final = 250
"""Of them for one account: 200 pages that are open in one school (the size that is measured), and no school without."""

RETRY_MS: Final = 1_000


class Bell:
    """Rings whenever anything may be new; whoever waits looks for themselves."""

    def __init__(self) -> None:
        self._event = asyncio.Event()
        self.open: Counter[str] = Counter()
        """Open lines by account."""
        self.over = False

    @property
    def lines(self) -> int:
        """How many lines are open."""
        return self.open.total()

    def is_full(self, account: str) -> bool:
        """Whether no other line of an account can be had now."""
        return self.lines >= MOST_LINES or self.open[account] >= MOST_OF_ONE

    def ring(self) -> None:
        """Wake everybody who waits."""
        self._event.set()
        self._event = asyncio.Event()

    def leave(self) -> None:
        """End every line."""
        self.over = True
        self.ring()

    async def wait(self, seconds: float) -> bool:
        """Wait for the next ring; False when it took longer."""
        try:
            async with asyncio.timeout(seconds):
                await self._event.wait()
        except TimeoutError:
            return False
        return True


def stream(bell: Bell, account: str, part: Callable[[], Awaitable[str | None]]) -> StreamingResponse:
    """Return the line of one page of an account.

    `part` makes the text that lives; None ends the line: nobody is there any more.
    """
    events, headers = _events(bell, account, part), {"x-accel-buffering": "no"}
    return StreamingResponse(events, media_type="text/event-stream", headers=headers)


async def _events(bell: Bell, account: str, part: Callable[[], Awaitable[str | None]]) -> AsyncIterator[bytes]:
    bell.open[account] += 1
    try:
        last = await part()
        yield f"retry: {RETRY_MS}\n\n".encode()
        while not bell.over:
            rang = await bell.wait(PING_SECONDS)
            now = await part()
            if now is None:
                yield b"event: over\ndata: over\n\n"
                return
            if now != last:
                last = now
                yield event(now)
            elif not rang:
                yield b": ping\n\n"
    finally:
        bell.open[account] -= 1


def event(text: str) -> bytes:
    """Return a text as one unnamed event."""
    lines = "".join(f"data: {line}\n" for line in text.splitlines())
    return f"{lines}\n".encode()
