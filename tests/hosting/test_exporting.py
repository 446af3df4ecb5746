"""Bases to documents and back: beside a server at work, with all their history, or not at all."""

import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import pytest

from hpserver.base.changes import create, update
from hpserver.base.epochs import line_of
from hpserver.base.snapshot import encode_snapshot
from hpserver.errors import AlreadyExistsError, CorruptBaseError, StoreFullError
from hpserver.exports.packing import unpack
from hpserver.exports.reading import read
from hpserver.exports.result import Opened, of_document
from hpserver.hosting.bases import create_base, open_base
from hpserver.hosting.exporting import (
    check_history,
    epoch_of,
    export,
    is_same_history,
    put_back,
    read_moment,
    write_whole,
)
from hpserver.store.api import JournalRow
from hpserver.store.sqlite import SqliteStore
from tests.hosting.test_bases import a_desk, carry_out
from tests.schools import a_school


def opened_of(path: Path) -> Opened:
    """Read a document here, without walls: ours is trusted."""
    with path.open("rb") as file:
        return of_document(read(unpack(file)))


async def test_s08_an_export_under_live_edits_is_a_beginning_of_the_history(tmp_path: Path) -> None:
    """What is exported while people edit is the base as it was after one of their edits, with all before it."""
    path, out = tmp_path / "a.hpbase", tmp_path / "a.hpx"
    await create_base(path, "Année", a_school(30))
    desk, keeping = await a_desk(SqliteStore(path))
    ada = desk.follow("ada")
    states = [encode_snapshot(desk.engine.planning)]
    for number in range(12):
        change = create("room", -1, name="C3") if number % 3 == 0 else update("activity", 1 + number, memo="x")
        desk.tell(ada, desk.transact(10 + number, change))
        if number % 4 == 1:  # the disk has not all of it yet
            done = await export(path, out)
            opened = opened_of(out)
            assert done.revision == opened.revision < desk.engine.head
            assert opened.snapshot == states[opened.revision]
            assert encode_snapshot(check_history(opened)) == opened.snapshot
        await carry_out(desk, keeping)
        states.append(encode_snapshot(desk.engine.planning))
    await keeping.close()

    restored = tmp_path / "b.hpbase"
    put_back(restored, "Autre", opened_of(out))
    assert is_same_history(path, opened_of(out))
    assert not is_same_history(tmp_path / "none.hpbase", opened_of(out))
    store = SqliteStore(restored)
    again = await open_base(store)
    for seen in range(again.history.head + 1):
        assert not again.history.may_resume(desk.engine.epoch, seen), "a client of another base would go on from here"
    assert encode_snapshot(again.planning) == states[again.history.head]
    kept = await store.tail(0, 99)
    assert [(row.user, row.operation) for row in kept] == [
        (row.user, row.operation) for row in await _rows(path, again.history.head)
    ]
    await store.close()


async def _rows(path: Path, until: int) -> list[JournalRow]:
    store = SqliteStore(path)
    await store.open()
    rows = await store.tail(0, until)
    await store.close()
    return list(rows)


async def test_a_document_of_a_restored_base_is_the_same(tmp_path: Path) -> None:
    """Export, import, export: the same objects and the same history, byte for byte."""
    one, two = tmp_path / "one.hpbase", tmp_path / "two.hpbase"
    await create_base(one, "Année", a_school(30))
    await export(one, tmp_path / "1.jsonl", packing="none")
    put_back(two, "Année", opened_of(tmp_path / "1.jsonl"), same=True)
    await export(two, tmp_path / "2.jsonl", packing="none")
    first, second = opened_of(tmp_path / "1.jsonl"), opened_of(tmp_path / "2.jsonl")
    assert (first.content, first.snapshot, first.revisions) == (second.content, second.snapshot, second.revisions)


async def test_a_base_without_history_starts_one(tmp_path: Path) -> None:
    """A document of the present alone is a base at revision 0, with epochs of its own."""
    path = tmp_path / "a.hpbase"
    await create_base(path, "Année", a_school(30))
    done = await export(path, tmp_path / "a.hpx", history=False)
    assert done.rows == 0
    put_back(tmp_path / "b.hpbase", "Année", opened_of(tmp_path / "a.hpx"))
    assert line_of(epoch_of(tmp_path / "b.hpbase")) != line_of(epoch_of(path))
    assert await read_moment(tmp_path / "b.hpbase") == (a_school(30), 0)
    with pytest.raises(AlreadyExistsError):
        put_back(tmp_path / "b.hpbase", "Année", opened_of(tmp_path / "a.hpx"))
    assert epoch_of(tmp_path / "none.hpbase") == 0


async def test_a_history_that_leads_elsewhere_is_refused(tmp_path: Path) -> None:
    """A document that was put together from two bases is not believed."""
    path = tmp_path / "a.hpbase"
    await create_base(path, "Année", a_school(30))
    await export(path, tmp_path / "a.hpx")
    forged = msgspec.structs.replace(opened_of(tmp_path / "a.hpx"), origin=encode_snapshot(a_school(10)))
    with pytest.raises(CorruptBaseError, match="does not lead"):
        put_back(tmp_path / "b.hpbase", "Année", forged)
    assert not (tmp_path / "b.hpbase").exists()


def test_s08_a_file_is_written_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who reads the name reads the old file or the new one."""
    path = tmp_path / "a.hpx"
    write_whole(path, [b"old"])
    assert path.stat().st_mode & 0o777 == 0o600

    def full(_descriptor: int) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StoreFullError, match="no space left"):
        write_whole(path, [b"new"])
    assert path.read_bytes() == b"old"
    assert [file.name for file in tmp_path.iterdir()] == ["a.hpx"]


def test_what_a_killed_writer_left_is_written_over(tmp_path: Path) -> None:
    """One file at most is left beside another, whoever was killed and how often, and the next one takes it away."""
    (tmp_path / ".a.hpx.new").write_bytes(b"what was longer than what comes next")
    assert write_whole(tmp_path / "a.hpx", [b"new"]) == 3
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == {"a.hpx": b"new"}


def test_two_that_write_one_file_take_turns(tmp_path: Path) -> None:
    """What one of them has begun is never given its name by the other."""
    path, begun, first = tmp_path / "a.hpx", threading.Event(), threading.Event()

    def slowly() -> Iterator[bytes]:
        yield b"slow "
        begun.set()
        first.wait()
        yield b"and whole"

    with ThreadPoolExecutor(2) as threads:
        slow = threads.submit(write_whole, path, slowly())
        begun.wait()
        quick = threads.submit(write_whole, path, [b"quick"])
        assert not path.exists()
        first.set()
        assert (slow.result(), quick.result()) == (14, 5)
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == {"a.hpx": b"quick"}
