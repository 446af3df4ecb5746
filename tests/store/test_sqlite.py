"""A base in a SQLite file: what the conformance suite cannot see."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import apsw
import msgspec
import pytest

from hpserver.errors import (
    AlreadyExistsError,
    BaseInUseError,
    CorruptBaseError,
    NotFoundError,
    OutcomeUnknownError,
    StoreFullError,
    StoreVersionError,
)
from hpserver.store import sqlite_file
from hpserver.store.api import JournalRow
from hpserver.store.sqlite import APPLICATION_ID, SqliteStore

HOLD = """
import asyncio, sys
from pathlib import Path
from hpserver.store.sqlite import SqliteStore

async def main():
    await SqliteStore(Path(sys.argv[1])).open()
    print("open", flush=True)
    await asyncio.sleep(60)

asyncio.run(main())
"""


def row(revision: int, epoch: int = 1) -> JournalRow:
    """Make a row."""
    return JournalRow(revision, epoch, os.urandom(16), 5, "dupont", 1, '{"matière":"Été"}'.encode())


async def base(path: Path) -> SqliteStore:
    """Make and open a base."""
    store = SqliteStore(path)
    await store.create("annee", b"{}")
    await store.open()
    return store


async def test_rows_are_readable_with_plain_sql(tmp_path: Path) -> None:
    """A school can read its history without this program, and while it runs."""
    store = await base(tmp_path / "base")
    await store.commit(1, [row(1)])
    reader = apsw.Connection(str(tmp_path / "base"), flags=apsw.SQLITE_OPEN_READONLY)
    found = reader.execute("SELECT user, json_extract(body, '$.matière') FROM journal").fetchall()
    reader.close()
    await store.close()
    assert found == [("dupont", "Été")]


async def test_a_clean_stop_leaves_one_file(tmp_path: Path) -> None:
    """A stopped base is one file, beside its lock."""
    store = await base(tmp_path / "base")
    await store.commit(1, [row(1)])
    await store.close()
    assert sorted(os.listdir(tmp_path)) == ["base", "base.lock"]  # noqa: PTH208 - names are what is asked
    connection = apsw.Connection(str(tmp_path / "base"))
    assert connection.pragma("application_id") == APPLICATION_ID
    connection.close()


async def test_a_creation_that_was_cut_short_can_be_done_again(tmp_path: Path) -> None:
    """An empty file is no base: it is neither opened nor in the way."""
    path = tmp_path / "base"
    path.touch()
    store = SqliteStore(path)
    with pytest.raises(NotFoundError):
        await store.open()
    await store.create("annee", b"{}")
    assert await store.open() == 1
    await store.close()


async def test_something_else_is_not_served(tmp_path: Path) -> None:
    """A text, or the database of another program, is refused as it is."""
    text = tmp_path / "text"
    text.write_bytes(b"not a database " * 500)
    other = tmp_path / "other"
    connection = apsw.Connection(str(other))
    connection.execute("CREATE TABLE t (x)")
    connection.close()
    for path in (text, other):
        before = path.read_bytes()
        store = SqliteStore(path)
        with pytest.raises(CorruptBaseError):
            await store.open()
        await store.close()
        assert path.read_bytes()[100:] == before[100:]


async def test_a_base_of_a_newer_program_is_refused(tmp_path: Path) -> None:
    """An old program never writes into a base it does not understand."""
    store = await base(tmp_path / "base")
    await store.close()
    connection = apsw.Connection(str(tmp_path / "base"))
    connection.pragma("user_version", 99)
    connection.close()
    with pytest.raises(StoreVersionError):
        await store.open()
    await store.close()


@pytest.mark.slow
async def test_s06_a_second_process_is_refused_and_a_killed_one_leaves_the_base(tmp_path: Path) -> None:
    """While a process serves the base no other can; when it is killed the next one can at once."""
    path = tmp_path / "base"
    await (await base(path)).close()
    store = SqliteStore(path)
    with subprocess.Popen([sys.executable, "-c", HOLD, str(path)], stdout=subprocess.PIPE) as holder:  # noqa: ASYNC220 - the test has nothing else to do meanwhile
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"open\n"
        with pytest.raises(BaseInUseError):
            await store.open()
        holder.kill()
    assert await store.open() == 3
    await store.close()


@pytest.mark.parametrize("gone", ["", "-wal"])
@pytest.mark.parametrize("replaced", [False, True])
async def test_nothing_is_promised_in_a_file_that_was_moved_or_replaced(
    tmp_path: Path, gone: str, replaced: bool
) -> None:
    """A base put back by hand under a running server: what is written to the former file is told to nobody as kept."""
    store = await base(tmp_path / "base")
    await store.commit(1, [row(1)])
    file = tmp_path / f"base{gone}"
    content = file.read_bytes()
    file.rename(tmp_path / "elsewhere")
    if replaced:
        file.write_bytes(content)
    with pytest.raises(CorruptBaseError):
        await store.commit(1, [row(2)])
    with pytest.raises(OutcomeUnknownError):
        await store.commit(1, [row(2)])
    await store.close()


async def test_s03_a_base_that_could_not_be_made_leaves_no_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    """Else it would be listed, and could not be made once there is room again; one that is there stays."""
    path = tmp_path / "a.hpbase"

    def full(*_: object) -> None:
        raise apsw.FullError("database or disk is full")

    with monkeypatch.context() as disk:
        disk.setattr(SqliteStore, "_write_snapshot", full)
        with pytest.raises(StoreFullError):
            await SqliteStore(path).create("annee", b"{}")
    assert not path.exists()
    await (await base(path)).close()
    with pytest.raises(AlreadyExistsError):
        await SqliteStore(path).create("annee", b"{}")
    assert path.exists()


def _fill(path: Path) -> None:
    """Give a file some megabytes, most of which it no longer uses."""
    connection = sqlite_file.connect(path)
    connection.execute("CREATE TABLE IF NOT EXISTS heap (body BLOB)")
    with sqlite_file.writing(connection):
        connection.executemany("INSERT INTO heap VALUES (?)", [(bytes(100_000),) for _ in range(80)])
    with sqlite_file.writing(connection):
        connection.execute("DROP TABLE heap")
    connection.close()


async def _with_rows(path: Path) -> list[JournalRow]:
    store = await base(path)
    rows = [row(number) for number in range(1, 50)]
    await store.commit(1, rows)
    await store.close()
    return rows


async def _rows_of(path: Path) -> list[JournalRow]:
    """Everything that a base holds, its chain checked."""
    store = SqliteStore(path)
    await store.open()
    loaded = await store.load()
    await store.close()
    return [msgspec.structs.replace(one, digest=b"") for one in loaded.tail]


async def test_a_base_gets_shorter_when_it_is_closed(tmp_path: Path) -> None:
    """What compaction no longer needs goes back to the system, but what the next snapshot takes."""
    path = tmp_path / "a.hpbase"
    rows = await _with_rows(path)
    _fill(path)
    grown = path.stat().st_size
    store = SqliteStore(path)
    await store.pack(await store.open(), 0)
    await store.close()
    assert path.stat().st_size <= (sqlite_file.KEPT_PAGES + 32) * 4096 < grown // 4
    assert await _rows_of(path) == rows


async def test_an_old_base_gets_shorter_when_it_is_closed(tmp_path: Path) -> None:
    """A file from before pages could be given back a few at a time is made again as a whole, once."""
    path = tmp_path / "a.hpbase"
    rows = await _with_rows(path)
    connection = apsw.Connection(str(path))
    connection.pragma("journal_mode", "delete")
    connection.pragma("auto_vacuum", "none")
    connection.execute("VACUUM")
    assert connection.pragma("auto_vacuum") == 0
    connection.close()
    _fill(path)
    store = SqliteStore(path)
    await store.open()
    await store.close()
    assert path.stat().st_size <= 64 * 4096
    connection = apsw.Connection(str(path))
    assert connection.pragma("auto_vacuum") == 2
    connection.close()
    assert await _rows_of(path) == rows


CLOSE = """
import asyncio, sys
from pathlib import Path
from hpserver.store.sqlite import SqliteStore

async def main():
    store = SqliteStore(Path(sys.argv[1]))
    await store.open()
    print("open", flush=True)
    await store.close()

asyncio.run(main())
"""


@pytest.mark.slow
@pytest.mark.parametrize("old", [False, True])
@pytest.mark.parametrize("milliseconds", [0, 1, 3, 6, 10, 20])
async def test_s02_a_process_killed_while_a_base_gets_shorter_loses_nothing(
    tmp_path: Path, milliseconds: int, old: bool
) -> None:
    """Pages are given back in transactions: whatever is done or not, all rows are there."""
    path = tmp_path / "a.hpbase"
    rows = await _with_rows(path)
    if old:
        connection = apsw.Connection(str(path))
        connection.pragma("journal_mode", "delete")
        connection.pragma("auto_vacuum", "none")
        connection.execute("VACUUM")
        connection.close()
    _fill(path)
    with subprocess.Popen([sys.executable, "-c", CLOSE, str(path)], stdout=subprocess.PIPE) as closing:  # noqa: ASYNC220 - the test has nothing else to do meanwhile
        assert closing.stdout is not None
        assert closing.stdout.readline() == b"open\n"
        await asyncio.sleep(milliseconds / 1000)
        closing.kill()
    assert await _rows_of(path) == rows
    assert path.stat().st_size <= (sqlite_file.KEPT_PAGES + 32) * 4096
