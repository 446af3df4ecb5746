"""Backups by themselves: when one is due, in a process that cannot harm who started it."""

import asyncio
import datetime as dt
import os
import shutil
import sys
import tempfile
from pathlib import Path

import pytest
from structlog.testing import capture_logs as log_of

from hpserver.config import Backups, Paths, Settings
from hpserver.hosting import base_files
from hpserver.hosting.accounts import Accounts
from hpserver.hosting.backup_clock import BackupClock
from hpserver.hosting.backups import listed
from hpserver.hosting.bases import create_base
from tests.schools import a_school

NOW = dt.datetime.now(dt.UTC)


def a_clock(folder: Path, code: str = "") -> BackupClock:
    """Return the clock of an installation; its process does something else when `code` is given."""
    paths = Paths(folder / "state", folder / "run")
    environ = {**os.environ, "HP_STATE": str(paths.state), "HP_RUN": str(paths.run)}
    return BackupClock(paths, environ, (sys.executable, "-c", code)) if code else BackupClock(paths, environ)


async def test_it_is_time_when_a_base_is_due(tmp_path: Path) -> None:
    """Nothing is started for nothing, nor when no backups are wished."""
    clock = a_clock(tmp_path)
    assert not clock.any_due(Settings(), NOW)
    base = tmp_path / "state" / "bases" / "123456789012" / "a.hpbase"
    await create_base(base, "Année", a_school(10))
    assert clock.any_due(Settings(), NOW)
    assert not clock.any_due(Settings(backups=Backups(every_minutes=0)), NOW)
    assert clock.any_due(Settings(backups=Backups(folder=str(tmp_path / "elsewhere"))), NOW)


@pytest.mark.slow
async def test_what_is_due_is_taken_by_a_process_of_its_own(accounts: Accounts) -> None:
    """From the look of the clock to a proved backup, with the command that people have."""
    account = await accounts.account()
    [one, _] = await accounts.plannings(account)
    await accounts.create_base(account, one, "Base", a_school(10))
    run = Path(tempfile.mkdtemp(prefix="hp-clock-"))  # a path that is short enough for sockets
    clock = BackupClock(Paths(accounts.paths.state, run / "run"), os.environ)
    assert clock.any_due(Settings(), NOW)
    with log_of() as told:
        async with asyncio.TaskGroup() as group:
            task = group.create_task(clock.run(Settings, 0.01))
            while not told:  # noqa: ASYNC110 - another process takes it
                await asyncio.sleep(0.02)
            task.cancel()
    assert told[0]["event"] == "backups.taken", told
    [backup] = listed(base_files.backup_folder(accounts, account, "Base"))
    assert backup.record is not None
    assert not clock.any_due(Settings(), dt.datetime.now(dt.UTC))
    shutil.rmtree(run)


@pytest.mark.slow
async def test_a_round_that_fails_is_told(tmp_path: Path) -> None:
    """Whoever looks after the machine reads why."""
    with log_of() as told:
        assert not await a_clock(tmp_path, "import sys; sys.exit('no disk')").take()
    assert (told[0]["event"], "no disk" in told[0]["told"]) == ("backups.failed", True)


@pytest.mark.slow
async def test_a_round_under_way_ends_with_its_task(tmp_path: Path) -> None:
    """An agent that stops leaves no process behind."""
    mark = tmp_path / "pid"
    code = f"import os, time; open({str(mark)!r}, 'w').write(str(os.getpid())); time.sleep(60)"
    clock = a_clock(tmp_path, code)
    async with asyncio.TaskGroup() as group:
        task = group.create_task(clock.take())
        while not mark.exists() or not mark.read_text():  # noqa: ASYNC110 - another process tells us by a file
            await asyncio.sleep(0.02)
        task.cancel()
    with pytest.raises(ProcessLookupError):
        os.kill(int(mark.read_text()), 0)
