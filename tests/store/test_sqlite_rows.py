"""Rows in a file: those of an older schema, read beside their server, packed under the power."""

import sqlite3  # noqa: TID251 - the program that people read a base with
from pathlib import Path

import apsw
import pytest

from hpserver.errors import CorruptBaseError, FencedError, NotFoundError, StoreVersionError
from hpserver.store import chain, sqlite_file
from hpserver.store.sqlite import APPLICATION_ID, KIND, SqliteStore
from tests.conformance.test_store import DAY, NOW, revisions, touch


async def made(path: Path, count: int) -> SqliteStore:
    """Make a base with some rows that touch rooms."""
    store = SqliteStore(path)
    await store.create("base", b"{}")
    await store.open()
    await store.commit(1, [touch(n, ("room", n % 2), at=NOW - 99 * DAY) for n in range(1, count + 1)])
    return store


async def test_an_older_file_learns_what_its_rows_touched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A base of before is upgraded when it is opened, all of its history with it."""
    path = tmp_path / "base"
    steps = sqlite_file.migrations(KIND)
    with monkeypatch.context() as patched:
        patched.setattr(sqlite_file, "migrations", lambda _: steps[:1])
        store = await made_by_then(path)
        await store.close()
    look = SqliteStore(path)
    with pytest.raises(StoreVersionError):
        await look.peek()
    await look.close()
    again = SqliteStore(path)
    assert await again.open() == 1
    assert (await again.load()).meta["schema"] == str(len(steps))
    assert revisions(await again.touching([("room", 1)], 0, 99, 99)) == [3, 1]
    await again.close()


async def made_by_then(path: Path) -> SqliteStore:
    """Make a base as the program of before did: it read and wrote the journal alone."""
    store = SqliteStore(path)
    await store.create("base", b"{}")
    connection = sqlite_file.connect(path)
    first = connection.execute("SELECT genesis FROM owner").get
    rows = chain.chained(first, 0, 0, [touch(n, ("room", n % 2), epoch=0) for n in (1, 2, 3)])
    with sqlite_file.writing(connection):
        for row in rows:
            values = (row.revision, row.epoch, row.operation, row.at, row.user, row.format, row.body.decode())
            connection.execute("INSERT INTO journal VALUES (?, ?, ?, ?, ?, ?, ?, ?)", (*values, row.digest))
        connection.execute("UPDATE owner SET revision = 3, digest = ?", (rows[-1].digest,))
    connection.close()
    return store


async def test_a_base_is_read_beside_its_server_and_stays_as_it_was_seen(tmp_path: Path) -> None:
    """Who looks takes nothing, writes nothing, holds nobody up, and sees one moment."""
    owner = await made(tmp_path / "base", 3)
    reader = SqliteStore(tmp_path / "base")
    assert await reader.peek() == (1, 3)
    await owner.commit(1, [touch(4, ("room", 1))])
    assert revisions(await reader.tail(0, 99)) == [1, 2, 3]
    assert await reader.snapshot_at(99) == (0, b"{}")
    with pytest.raises(FencedError):
        await reader.commit(1, [touch(5, ("room", 1))])
    await reader.close()
    later = SqliteStore(tmp_path / "base")
    assert await later.peek() == (1, 4)
    await later.close()
    await owner.commit(1, [touch(5, ("room", 1))])
    await owner.close()
    alone = SqliteStore(tmp_path / "base")
    assert await alone.peek() == (1, 5)
    await alone.close()
    await (next_one := SqliteStore(tmp_path / "base")).open()
    assert len((await next_one.load()).tail) == 5
    await next_one.close()


async def test_what_is_no_base_is_not_looked_at(tmp_path: Path) -> None:
    """A missing file is not made; another kind of file is named."""
    store = SqliteStore(tmp_path / "none")
    with pytest.raises(NotFoundError):
        await store.peek()
    await store.close()
    assert not (tmp_path / "none").exists()
    connection = apsw.Connection(str(tmp_path / "other"))
    connection.execute("CREATE TABLE t (x)")
    connection.close()
    with pytest.raises(CorruptBaseError):
        sqlite_file.look(tmp_path / "other", KIND, APPLICATION_ID)


async def test_packed_rows_are_smaller_and_named_in_plain_sql(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who did what when stays readable without this program; a damaged chunk is not served."""
    monkeypatch.setattr("hpserver.store.policy.PLAIN_ROWS", 10)
    monkeypatch.setattr("hpserver.store.chunks.CHUNK_ROWS", 100)
    path = tmp_path / "base"
    store = await made(path, 1000)
    done = await store.compact(1, NOW)
    assert done.rows == 900
    assert done.bytes_after < done.bytes_before
    await store.close()
    found = sqlite3.connect(path).execute("SELECT count(*), min(user) FROM packed").fetchone()
    assert found == (900, "dupont")
    connection = sqlite_file.connect(path)
    connection.execute("UPDATE chunk SET body = substr(body, 1, 40) WHERE first = 101")
    connection.close()
    again = SqliteStore(path)
    await again.open()
    with pytest.raises(CorruptBaseError):
        await again.load()
    await again.close()


async def test_a_part_is_small_however_large_its_rows_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An edit that comes while large rows are packed does not wait for hundreds of them."""
    monkeypatch.setattr("hpserver.store.policy.PLAIN_ROWS", 1)
    store = await made(tmp_path / "base", 9)
    rows = await store.tail(0, 9)
    monkeypatch.setattr("hpserver.store.chunks.CHUNK_BYTES", 2 * len(rows[0].body))
    assert [await store.pack(1, NOW) for _ in range(5)] == [2, 2, 2, 2, 0]
    assert await store.tail(0, 9) == rows
    await store.close()
