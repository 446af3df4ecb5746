"""The sessions of an account in all its processes: who is there, and sent away before the answer. Knows no client."""

import contextlib
import time
from collections.abc import Awaitable, Callable

from hpserver.attending import Attending
from hpserver.errors import HPError
from hpserver.hosting.trust import RIGHTS_CHANGED
from hpserver.identity.sessions import sent_away
from hpserver.net.dialogue import Dialogue
from hpserver.net.hub import HubLink
from hpserver.net.lines import Lines
from hpserver.protocol import internal


class Everywhere:
    """`Live` of an account in service. `forget` closes those of the controller and has the others told."""

    def __init__(
        self,
        account: str,
        lines: Lines,
        attending: Attending,
        dialogues: dict[int, Dialogue],
        forget: Callable[[int, bytes, bytes], tuple[int, Awaitable[int]]],
        clock: Callable[[], float],
    ) -> None:
        self._account, self._lines, self._attending, self._dialogues = account, lines, attending, dialogues
        self._forget, self._clock = forget, clock

    async def close(self, *, user: int = 0, thumbprint: bytes = b"", but: bytes = b"") -> int:
        """See `Live`."""
        here, elsewhere = self._forget(user, thumbprint, but)
        return here + await elsewhere

    async def leave(self, planning: int, user: int) -> int:
        """See `Live`."""
        wish = internal.Forget(0, self._account, user, why=RIGHTS_CHANGED)
        line = self._lines.line(planning)
        return 0 if line is None else (await line.request(wish, internal.Forgotten)).closed

    async def end(self, planning: int, number: int, user: int) -> int:
        """See `Live`."""
        if planning:
            wish = internal.Forget(0, self._account, user, why=str(sent_away()), session=number)
            line = self._lines.line(planning)
            return 0 if line is None else (await line.request(wish, internal.Forgotten)).closed
        if not self._attending.holds(number, user):
            return 0
        self._dialogues[number].fail(sent_away())
        return 1

    async def sessions(self) -> list[internal.Inside]:
        """See `Live`. A planning server that does not answer has nobody."""
        found = self._attending.rows(self._clock(), time.time_ns() // 1_000_000)
        for line in self._lines.all():
            with contextlib.suppress(HPError):
                found += await _inside(line)
        return found

    async def end_idle(self, number: int) -> None:
        """End a session of the controller where nobody does anything, unless its user is at work in a planning."""
        now, limits = self._clock(), self._attending.limits
        self._attending.look_later(number, now)
        rows = await self.sessions()
        mine = next((one for one in rows if not one.place and one.number == number), None)
        if mine is None:
            return
        there = [one for one in rows if one.place and (one.user, one.thumbprint) == (mine.user, mine.thumbprint)]
        silent = time.time() - max((one.active for one in there), default=0) / 1000
        if silent < limits.idle_seconds:
            self._attending.is_at_work(number, now - max(0.0, silent))
        else:
            self._attending.end_idle(number, now)


async def _inside(line: HubLink) -> list[internal.Inside]:
    found: list[internal.Inside] = []
    more = True
    while more:
        page = await line.request(internal.GetSessions(0, found[-1].number if found else 0), internal.InsideNow)
        found, more = [*found, *page.rows], page.more and bool(page.rows)
    return found
