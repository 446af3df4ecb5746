"""A base read beside its server: one moment of it, checked, and nothing touched."""

from pathlib import Path

import pytest

from hpserver.errors import CorruptBaseError, NotFoundError, StoreVersionError
from hpserver.store import sqlite_file
from hpserver.store.api import JournalRow
from hpserver.store.copying import copied
from hpserver.store.sqlite import SqliteStore


def a_row(revision: int, epoch: int) -> JournalRow:
    """Return a transaction."""
    body = b'{"changes":[]}'
    return JournalRow(revision, epoch, revision.to_bytes(16), revision, "ada", 1, body)


async def served(path: Path, rows: int = 3) -> tuple[SqliteStore, int]:
    """Return a base in service, with some transactions."""
    store = SqliteStore(path)
    await store.create("Année", b"first")
    epoch = await store.open()
    await store.commit(epoch, [a_row(number, epoch) for number in range(1, rows + 1)])
    return store, epoch


def contents(folder: Path) -> dict[str, bytes]:
    """Return every file of a folder."""
    return {file.name: file.read_bytes() for file in folder.iterdir()}


async def test_s08_a_copy_is_one_moment_while_commits_go_on(tmp_path: Path) -> None:
    """A backup waits for nobody, nobody waits for it, and it never holds half of what happened."""
    path = tmp_path / "a.hpbase"
    store, epoch = await served(path)
    with copied(path) as copy:
        await store.commit(epoch, [a_row(4, epoch)])
        assert [row.revision for row in copy.rows()] == [1, 2, 3]
        assert (copy.name, copy.revision, copy.epoch) == ("Année", 3, epoch)
        assert (copy.first, copy.newest, copy.newest_revision) == (b"first", b"first", 0)
    with copied(path) as copy:
        assert [row.revision for row in copy.rows()] == [1, 2, 3, 4]
    await store.checkpoint(epoch, 4, b"later")
    with copied(path) as copy:
        assert (copy.newest, copy.newest_revision) == (b"later", 4)
        assert len(list(copy.rows())) == 4
    await store.close()


async def test_a_stopped_base_is_left_as_it_was(tmp_path: Path) -> None:
    """Reading takes no epoch and leaves no file behind."""
    path = tmp_path / "a.hpbase"
    store, epoch = await served(path)
    await store.close()
    before = contents(tmp_path)
    with copied(path) as copy:
        assert len(list(copy.rows())) == 3
    assert contents(tmp_path) == before
    assert await store.open() == epoch + 1
    await store.close()


async def test_s04_a_changed_row_is_noticed(tmp_path: Path) -> None:
    """A backup is never made of a damaged base."""
    path = tmp_path / "a.hpbase"
    store, _ = await served(path)
    await store.close()
    raw = path.read_bytes()
    assert raw.count(b'{"changes":[]}') == 3
    path.write_bytes(raw.replace(b'{"changes":[]}', b'{"changes": ]}', 1))
    with copied(path) as copy, pytest.raises(CorruptBaseError, match="not as it was written"):
        list(copy.rows())
    path.write_bytes(raw.replace(b"first", b"worst"))
    with pytest.raises(CorruptBaseError), copied(path):
        pass


async def test_what_is_no_base_of_this_version_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of another program or version is not guessed at."""
    with pytest.raises(NotFoundError), copied(tmp_path / "none.hpbase"):
        pass
    (tmp_path / "no.hpbase").write_bytes(b"no database" * 1000)
    with pytest.raises(CorruptBaseError), copied(tmp_path / "no.hpbase"):
        pass
    store, _ = await served(tmp_path / "a.hpbase")
    await store.close()
    monkeypatch.setattr(sqlite_file, "migrations", lambda _kind: [""] * 99)
    with pytest.raises(StoreVersionError, match="reads 99"), copied(tmp_path / "a.hpbase"):
        pass
