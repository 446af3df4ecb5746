"""A base made again from its history: opened as any other, and never half there."""

import os
from pathlib import Path

import apsw
import pytest

from hpserver.errors import AlreadyExistsError, BaseInUseError, StoreError
from hpserver.store import rebuild as module
from hpserver.store import sqlite_file
from hpserver.store.rebuild import Rebuilt, rebuild
from hpserver.store.sqlite import SqliteStore
from tests.store.test_copying import a_row, contents

BASE = Rebuilt("Année", b"first", (a_row(1, 2), a_row(2, 2), a_row(3, 5)), b"newest", 7)


async def test_a_rebuilt_base_has_its_history_and_a_newer_epoch(tmp_path: Path) -> None:
    """The chain holds from the first row, epochs of the past stay, and every former owner is fenced."""
    path = tmp_path / "a.hpbase"
    rebuild(path, BASE)
    assert set(contents(tmp_path)) == {"a.hpbase", "a.hpbase.lock"}
    store = SqliteStore(path)
    assert await store.open() == 8
    loaded = await store.load()
    assert (loaded.revision, loaded.snapshot, loaded.tail) == (3, b"newest", ())
    assert [(row.revision, row.epoch) for row in await store.tail(0, 9)] == [(1, 2), (2, 2), (3, 5)]
    await store.commit(8, [a_row(4, 8)])
    with pytest.raises(BaseInUseError):
        rebuild(path, BASE, replace=True)
    await store.close()


async def test_a_base_is_replaced_only_on_purpose(tmp_path: Path) -> None:
    """A base that is there stays, byte for byte, unless it was said that it goes."""
    path = tmp_path / "a.hpbase"
    rebuild(path, BASE)
    before = path.read_bytes()
    with pytest.raises(AlreadyExistsError):
        rebuild(path, BASE)
    assert path.read_bytes() == before
    rebuild(path, Rebuilt("Autre", b"other", (), b"other", 9), replace=True)
    store = SqliteStore(path)
    assert await store.open() == 10
    assert (await store.load()).meta["name"] == "Autre"
    await store.close()


def test_s08_a_restore_that_is_interrupted_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Written beside, synced, then renamed: whatever fails before the rename touched nothing."""
    path = tmp_path / "a.hpbase"
    rebuild(path, BASE)
    before = path.read_bytes()

    def fail(_path: Path) -> None:
        raise OSError(5, os.strerror(5))

    monkeypatch.setattr(module, "_sync", fail)
    with pytest.raises(StoreError, match="Input/output error"):
        rebuild(path, BASE, replace=True)
    assert path.read_bytes() == before
    assert sorted(file.name for file in tmp_path.iterdir()) == ["a.hpbase", "a.hpbase.lock"]


async def test_s03_a_rebuilt_base_is_whole_without_its_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A close that finds the disk full brings nothing of the log into the file, and does not say so."""
    connect = sqlite_file.connect

    def silent(path: Path) -> apsw.Connection:
        connection = connect(path)
        connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
        return connection

    path = tmp_path / "a.hpbase"
    rebuild(path, BASE)
    with monkeypatch.context() as disk:
        disk.setattr(sqlite_file, "connect", silent)
        rebuild(path, BASE, replace=True)
    store = SqliteStore(path)
    await store.open()
    assert (await store.load()).revision == 3
    await store.close()


def test_what_a_killed_rebuild_left_is_removed(tmp_path: Path) -> None:
    """Only once nobody works on it."""
    path, aside = tmp_path / "a.hpbase", tmp_path / ".a.hpbase.new"
    aside.write_bytes(b"half")
    with module.alone_with(path):
        module.forget_unfinished(path)
        assert aside.exists()
    module.forget_unfinished(path)
    module.forget_unfinished(path)
    assert not aside.exists()
