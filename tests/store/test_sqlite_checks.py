"""What is served is checked before, all the rest beside: and nothing is done with a journal that is not yet checked."""

from collections.abc import Awaitable, Callable, Iterator
from itertools import count
from pathlib import Path

import apsw
import pytest

from hpserver.errors import CorruptBaseError, OutcomeUnknownError
from hpserver.store.api import JournalRow
from hpserver.store.sqlite import SqliteStore
from tests.faults.powerloss import Disk, LossyVFS

ROWS, KEPT = 30, 20
"""Rows of the journal, and the revision of its newest snapshot."""
NUMBERS = count()


def row(revision: int, epoch: int = 1) -> JournalRow:
    """Make a row."""
    return JournalRow(revision, epoch, revision.to_bytes(16), revision, "dupont", 1, b'{"n":%d}' % revision)


async def a_base(path: Path, rows: int = ROWS, **how: str) -> None:
    """Make a base of two snapshots with a journal, closed."""
    store = SqliteStore(path, lock=Path(how.pop("lock", f"{path}.lock")), **how)
    await store.create("annee", b"first")
    await store.open()
    await store.commit(1, [row(revision) for revision in range(1, rows + 1)])
    await store.checkpoint(1, rows - ROWS + KEPT, b"newest")
    await store.close()


async def damaged(path: Path, statement: str) -> None:
    """Make a base and alter it with SQL."""
    await a_base(path)
    connection = apsw.Connection(str(path))
    connection.execute(statement)
    connection.close()


@pytest.mark.parametrize("remembered", [0, 1, 7, KEPT, 100])
async def test_rows_from_before_the_snapshot_are_given_when_asked_for(tmp_path: Path, remembered: int) -> None:
    """A start reads once what it replays and what it remembers."""
    await a_base(tmp_path / "base")
    store = SqliteStore(tmp_path / "base")
    await store.open(check_later=True)
    loaded = await store.load(remembered)
    assert (loaded.revision, loaded.snapshot) == (KEPT, b"newest")
    assert [one.revision for one in loaded.tail] == list(range(max(0, KEPT - remembered) + 1, ROWS + 1))
    await store.check()
    assert await store.load(remembered) == loaded
    await store.close()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE journal SET body = body || ' ' WHERE revision = 25",
        "UPDATE journal SET body = body || ' ' WHERE revision = 18",
        "UPDATE journal SET digest = zeroblob(32) WHERE revision = 20",
        "DELETE FROM journal WHERE revision = 30",
        "UPDATE snapshot SET body = x'00' WHERE revision = 20",
        "UPDATE owner SET revision = 29",
        "UPDATE owner SET digest = zeroblob(32)",
    ],
)
async def test_s04_nothing_damaged_is_given_to_be_served(tmp_path: Path, statement: str) -> None:
    """Whatever is put off, what is served was checked before: the snapshot, and each row up to the newest."""
    await damaged(tmp_path / "base", statement)
    store = SqliteStore(tmp_path / "base")
    await store.open(check_later=True)
    with pytest.raises(CorruptBaseError):
        await store.load(5)
    await store.close()


CALLS: list[Callable[[SqliteStore], Awaitable[object]]] = [
    lambda store: store.check(),
    lambda store: store.commit(2, [row(ROWS + 1, 2)]),
    lambda store: store.checkpoint(2, ROWS, b"later"),
    lambda store: store.pack(2, 0),
    lambda store: store.compact(2, 0),
    lambda store: store.tail(ROWS - 1, 1),
    lambda store: store.find(row(ROWS).operation),
    lambda store: store.touching([("room", 1)], 0, ROWS, 9),
    lambda store: store.by_user("dupont", ROWS, 1),
    lambda store: store.snapshot_at(ROWS),
    lambda store: store.revision_at(ROWS),
]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE journal SET body = body || ' ' WHERE revision = 3",
        "DELETE FROM journal WHERE revision = 3",
        "UPDATE snapshot SET body = x'00' WHERE revision = 0",
    ],
)
async def test_s04_damage_of_old_is_told_by_whatever_is_asked_first(tmp_path: Path, statement: str) -> None:
    """No edit is promised, nothing is packed or recalled, in a base whose past is not as it was written."""
    for number, call in enumerate(CALLS):
        path = tmp_path / f"base {number}"
        await damaged(path, statement)
        store = SqliteStore(path)
        await store.open(check_later=True)
        assert len((await store.load(5)).tail) == ROWS - KEPT + 5
        with pytest.raises(CorruptBaseError):
            await call(store)
        with pytest.raises(OutcomeUnknownError):
            await store.commit(2, [row(ROWS + 1, 2)])
        await store.close()
        connection = apsw.Connection(str(path))
        assert connection.execute("SELECT count(*) FROM journal WHERE epoch = 2").get == 0
        connection.close()


async def test_s04_a_damaged_index_is_found_by_what_was_put_off(tmp_path: Path) -> None:
    """An index that does not say what the rows do finds what is not there, and overlooks what is."""
    statement = (
        "UPDATE sqlite_schema SET sql = 'CREATE INDEX journal_user ON journal (format)' WHERE name = 'journal_user'"
    )
    await damaged(tmp_path / "base", f"PRAGMA writable_schema = ON; {statement}")
    store = SqliteStore(tmp_path / "base")
    await store.open(check_later=True)
    await store.load()
    with pytest.raises(CorruptBaseError):
        await store.check()
    await store.close()


@pytest.fixture
def vfs() -> Iterator[LossyVFS]:
    """A disk in memory that tells what is read of it."""
    made = LossyVFS(f"counting{next(NUMBERS)}")
    yield made
    made.unregister()


async def test_a_start_reads_no_more_of_a_long_journal(vfs: LossyVFS, tmp_path: Path) -> None:
    """What is read before a base is served does not grow with what was ever done in it; what is put off does."""

    async def reads(rows: int) -> tuple[int, int]:
        path, how = Path(f"/{rows}.hpbase"), {"vfs": vfs.name, "lock": str(tmp_path / "lock")}
        vfs.disk = Disk()
        await a_base(path, rows, **how)
        seen = 0

        def count_reads(kind: str, _path: str) -> None:
            nonlocal seen
            seen += kind == "read"

        vfs.disk.before = count_reads
        store = SqliteStore(path, vfs=vfs.name, lock=tmp_path / "lock")
        await store.open(check_later=True)
        await store.load(5)
        served, seen = seen, 0
        await store.check()
        checked = seen
        await store.close()
        return served, checked

    few, many = await reads(50), await reads(2_000)
    assert many[0] < few[0] + 10
    assert many[1] > few[1] + 50
