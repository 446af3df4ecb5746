"""What an edit from a shell says and does, whoever has the base."""

import asyncio
from pathlib import Path

import pytest

from hpserver.base.changes import create, update
from hpserver.base.planning import Planning
from hpserver.cli.base.stopped import Stopped
from hpserver.cli.screen import Screen
from hpserver.cli.work.bench import Way, carry_out
from hpserver.hosting.editing import edit_offline
from hpserver.hosting.past import peek_base
from tests.cli.shell import WEEKS, Shell


@pytest.fixture
def path(shell: Shell) -> Path:
    """A stopped base with a wish against Monday morning."""
    shell.ok("base", "create", "planning01", "Base", *WEEKS)
    shell.ok("planning", "stop", "planning01", "--no-wait")
    (path,) = (shell.state / "bases").rglob("Base.hpbase")
    wish = create("availability", 1, level="unwanted", place=0, steps=4, weeks=3, instructor=1)
    rows = [create("instructor", 1, name="Curie"), create("activity", 1, duration=2, weeks=3, instructors=[1]), wish]
    asyncio.run(edit_offline(path, rows))
    return path


async def bench_on(path: Path) -> Stopped:
    """Open a base as a command does."""
    async with peek_base(path) as peeked:
        return Stopped(path, peeked.planning)


async def test_a_dry_run_tells_rules_and_cost_and_leaves_the_base_alone(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The wish that would be gone against is told, with what it costs; the rows stay."""
    bench = await bench_on(path)
    before = dict(bench.planning.rows("activity"))
    await carry_out(Screen(json=True), bench, [update("activity", 1, place=0)], Way(dry_run=True), "")
    told = capsys.readouterr()
    assert '"breaches":1' in told.out
    assert "Curie" in told.err
    assert bench.planning.rows("activity") == before


async def test_what_is_done_says_the_keys_of_what_was_made(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In the order in which they were named; nothing to do is said too."""
    bench = await bench_on(path)
    made = [create("room", -1, name="A1"), create("room", -2, name="A2")]
    done = await carry_out(Screen(json=False), bench, made, Way(why="neuf"), "Created: Room")
    assert done is not None
    assert capsys.readouterr().out == f"Created: Room 1, 2 (revision {done.revision})\n"
    assert await carry_out(Screen(json=False), bench, [], Way(), "Created") is None
    assert "Nothing to do" in capsys.readouterr().out
    assert isinstance(bench.planning, Planning)
