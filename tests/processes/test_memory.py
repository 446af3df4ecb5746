"""A planning server that is given no more memory: it alone suffers, and what was acknowledged is there."""

import asyncio
import resource
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from hpserver.base.changes import update
from hpserver.client import PlanningSession
from tests.house import ADMINISTRATOR, SWIFT_AGENT, a_house
from tests.processes.test_kill import WRITERS, check_journal, hurried, journal_of, let_in, more

__all__ = ["hurried"]

pytestmark = [pytest.mark.slow, pytest.mark.uvloop_only]

PAGE = resource.getpagesize()


def starve(pid: int, spare: int) -> None:
    """Let a process have only so many bytes of addresses beyond those it has."""
    taken = int(Path(f"/proc/{pid}/statm").read_text().split()[0]) * PAGE
    resource.prlimit(pid, resource.RLIMIT_AS, (taken + spare, resource.RLIM_INFINITY))


@pytest.mark.parametrize("spare", [0, 1 << 20])
async def test_s10_a_planning_without_memory_suffers_alone(tmp_path: Path, spare: int) -> None:
    """Its neighbour goes on unmoved, and the controller; it is started again, and nothing acknowledged is lost."""
    with a_house(tmp_path, agent=SWIFT_AGENT, may_complain=True) as house:
        for number in range(WRITERS):
            house.add_user(f"writer{number}")
        controller, neighbour = house.pid("controller"), house.pid("planning02")
        async with AsyncExitStack() as stack:
            writers = await let_in(house, stack)
            other = await stack.enter_async_context(house.inside(ADMINISTRATOR, "planning02"))
            async with asyncio.TaskGroup() as group:
                for one in writers:
                    group.create_task(one.write())
                await more(writers)
                starved = house.pid("planning01")
                starve(starved, spare)
                back = group.create_task(asyncio.to_thread(house.wait_live, "planning01", after=starved))
                group.create_task(_until(back, other))
                await back
                await more(writers)
                for one in writers:
                    one.stopping = True
            assert other.reconnections == 0
        assert (house.pid("controller"), house.pid("planning02")) == (controller, neighbour)
        await asyncio.to_thread(house.wish, "planning01", "down")
        base, rows = await journal_of(house, "planning01")
        check_journal(rows, writers)
        for one in writers:
            one.check(base)


def test_s10_a_planning_server_is_bound_and_nobody_else(tmp_path: Path) -> None:
    """`limits.planning_mib` concerns the processes that hold a base, whose size people choose."""
    with a_house(tmp_path, HP_LIMITS__PLANNING_MIB="256") as house:
        bounds = [
            resource.prlimit(house.pid(name), resource.RLIMIT_DATA)[0]
            for name in ("planning01", "planning02", "controller")
        ]
    assert bounds == [256 << 20, 256 << 20, resource.getrlimit(resource.RLIMIT_DATA)[0]]


async def _until(back: asyncio.Task[int], other: PlanningSession) -> None:
    """Edit next door until the other planning is back."""
    while not back.done():
        await other.edit([update("activity", 1, memo="next door")])
