"""A connection in its thread: after a failure it answers nothing any more."""

from pathlib import Path

import apsw
import pytest

from hpserver.errors import OutcomeUnknownError, StoreError, StoreFullError
from hpserver.store import sqlite_file
from hpserver.store.sqlite_thread import SqliteThread


def fail(error: Exception) -> None:
    """Raise."""
    raise error


async def test_after_a_failed_disk_every_call_is_refused(tmp_path: Path) -> None:
    """Nothing is read from a file that may not be what was written."""
    thread = SqliteThread("test")
    sqlite_file.prepare(tmp_path / "file")
    await thread.run(lambda: thread.adopt(sqlite_file.connect(tmp_path / "file")))
    with pytest.raises(StoreFullError):
        await thread.run(lambda: fail(apsw.FullError("x")))
    assert await thread.run(lambda: thread.connection.execute("SELECT 1").get) == 1
    with pytest.raises(OutcomeUnknownError):
        await thread.run(lambda: fail(apsw.IOError("x")))
    with pytest.raises(OutcomeUnknownError, match="stopped"):
        await thread.run(lambda: thread.connection.execute("SELECT 1").get)
    await thread.stop()


async def test_nothing_runs_without_a_connection() -> None:
    """A store that is not open says so, and can be closed."""
    thread = SqliteThread("test")
    with pytest.raises(StoreError):
        await thread.run(lambda: thread.connection)
    done: list[int] = []
    await thread.stop(lambda: done.append(1))
    assert done == [1]
    assert not thread.is_open
