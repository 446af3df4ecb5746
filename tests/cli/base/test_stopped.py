"""A base on disk on the bench: judged, changed, refused as a server would."""

import asyncio
from pathlib import Path

import pytest

from hpserver.base.changes import create, update
from hpserver.cli.base.stopped import stopped
from hpserver.client import ClashesError
from hpserver.errors import NotFoundError
from tests.cli.shell import WEEKS, Shell

CLASH = [create("activity", -1, duration=2, weeks=1, place=0, rooms=[1])]


@pytest.fixture
def base(shell: Shell) -> Path:
    """A stopped base in which a room is taken."""
    shell.ok("base", "create", "planning01", "Base", *WEEKS)
    shell.ok("planning", "stop", "planning01", "--no-wait")
    shell.ok("base", "edit", "add", "Base", "room", "name=A1")
    shell.ok("base", "edit", "add", "Base", "activity", "duration=1h", "weeks=[1]", "place=mon 08:00", "rooms=A1")
    return shell.state


@pytest.mark.usefixtures("base")
def test_a_clash_is_judged_refused_and_forced() -> None:
    """As on a planning in service, with nothing done until it is forced."""

    async def tried() -> None:
        async with stopped("", "Base") as bench:
            assert len((await bench.judge(CLASH)).clashes) == 1
            with pytest.raises(ClashesError) as refused:
                await bench.edit(CLASH, force=False, why="")
            assert [one.kind for one in refused.value.clashes] == ["room"]
            assert (await bench.edit(CLASH, force=True, why="")).keys
            assert (await bench.edit([update("room", 1, capacity=9)], force=False, why="")).revision

    asyncio.run(tried())


@pytest.mark.usefixtures("base")
def test_a_base_that_is_not_there_is_said() -> None:
    """Before anything is opened."""

    async def tried() -> None:
        async with stopped("", "Autre"):
            pass

    with pytest.raises(NotFoundError):
        asyncio.run(tried())
