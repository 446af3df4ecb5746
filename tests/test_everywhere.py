"""The sessions of an account with no other process up; with others see tests/processes/test_live_sessions.py."""

import asyncio
from pathlib import Path

from hpserver.attending import Attending
from hpserver.errors import HPError
from hpserver.everywhere import Everywhere
from hpserver.net.lines import Lines


class Owner:
    """Of lines that never come up."""

    def line_up(self, key: int) -> None:
        """See `LinesOwner`."""

    def line_down(self, key: int, error: HPError | None) -> None:
        """See `LinesOwner`."""


async def test_a_planning_that_is_down_has_nobody(tmp_path: Path) -> None:
    """It is no error that it does not answer; and nobody is closed there."""
    async with asyncio.TaskGroup() as group:
        lines = Lines(group, Owner(), role="controller", name="lycee")
        lines.want({5: tmp_path / "nobody.sock"})

        async def two() -> int:
            return 2

        live = Everywhere(
            "lycee", lines, Attending("", {}), {}, lambda *_: (1, two()), asyncio.get_running_loop().time
        )  # fmt: skip
        assert await live.sessions() == []
        assert await live.close(user=7) == 3
        assert (await live.end(5, 1, 7), await live.end(0, 1, 7), await live.leave(5, 7)) == (0, 0, 0)
        await live.end_idle(1)
        lines.close()
