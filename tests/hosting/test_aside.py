"""A process that does one thing for us and says one answer."""

import asyncio
import sys
from pathlib import Path

import pytest

from hpserver.errors import StoreError
from hpserver.hosting import aside
from hpserver.hosting.aside import Aside


def program(code: str) -> tuple[str, ...]:
    """Return that Python as a program."""
    return (sys.executable, "-I", "-c", code)


async def test_what_it_says_in_the_end_is_the_answer() -> None:
    """The order comes as it was given, and nothing of our environment does."""
    code = "import os, sys; print(sys.argv[1], sorted(os.environ.keys() - {'LC_CTYPE'}))"
    assert await Aside(program(code)).run(b"[1, 2]", 30) == b"[1, 2] ['TMPDIR']\n"


async def test_one_that_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Whoever waits hears that it goes on; in the end it says nothing, and neither does a child of its own."""
    monkeypatch.setattr(aside, "PROGRESS_SECONDS", 0.02)
    told: list[int] = []
    late = tmp_path / "late"
    code = f"import os, time; os.fork(); time.sleep(3); open({str(late)!r}, 'w')"
    assert await Aside(program(code)).run(b"", 0.1, told.append) == b""
    assert told[0] == 0
    assert not late.exists()


async def test_who_cancels_ends_it() -> None:
    """It is waited for, so nothing of it is left when the cancel is over."""
    one = Aside(program("import time; time.sleep(60)"))
    async with asyncio.TaskGroup() as group:
        running = group.create_task(one.run(b"", 60))
        while one._child is None:  # noqa: ASYNC110  a process starts, and tells nobody here
            await asyncio.sleep(0)
        child = one._child
        running.cancel()
    assert running.cancelled()
    assert child.returncode == -9
    one.end()


async def test_one_that_cannot_be_started_is_an_error_of_the_house() -> None:
    """The system's reason is told."""
    with pytest.raises(StoreError, match="No such file"):
        await Aside(("/nowhere/at/all",)).run(b"", 1)
