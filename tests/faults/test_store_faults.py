"""S03, S04: a disk that fails, fills up or rots is noticed; nothing that was promised is lost in silence."""

import random
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import apsw
import pytest

from hpserver.errors import (
    CorruptBaseError,
    HPError,
    OutcomeUnknownError,
    StoreFullError,
)
from hpserver.store.api import JournalRow, Loaded
from hpserver.store.sqlite import SqliteStore
from tests.faults.powerloss import Disk, LossyVFS

SEED = 1_789
BASE = Path("/planning.hpbase")
NUMBERS = count()


@pytest.fixture
def vfs() -> Iterator[LossyVFS]:
    """A VFS of its own."""
    made = LossyVFS(f"faulty{next(NUMBERS)}")
    yield made
    made.unregister()


def row(revision: int, epoch: int = 1, size: int = 400) -> JournalRow:
    """Make a row that tells its revision everywhere."""
    body = b'{"n":%d,"x":"%s"}' % (revision, b"x" * size)
    return JournalRow(revision, epoch, revision.to_bytes(16), revision, f"u{revision}", 1, body)


class Fault:
    """Fails the `at`-th operation of a kind on, `times` times."""

    def __init__(self, kind: str, at: int, error: Callable[[], Exception], times: int = 1) -> None:
        self.kind, self.at, self.error, self.times = kind, at, error, times
        self.seen = 0

    def __call__(self, kind: str, _path: str) -> None:
        """Count, and fail when it is time."""
        if kind == self.kind:
            self.seen += 1
            if self.at <= self.seen < self.at + self.times:
                raise self.error()


def broken() -> Exception:
    """Make the error of a disk that cannot."""
    return apsw.IOError("injected: the disk failed")


def full() -> Exception:
    """Make the error of a disk without space."""
    return apsw.FullError("injected: no space left")


async def work(vfs: LossyVFS, lock: Path, fault: Fault, commits: int = 6) -> tuple[int, list[HPError]]:
    """Commit on a disk with a fault, as a server would; the last promised revision, and what was refused."""
    vfs.disk = Disk()
    store = SqliteStore(BASE, vfs=vfs.name, lock=lock)
    await store.create("annee", b"{}")
    epoch = await store.open()
    vfs.disk.before = fault
    promised, refused = 0, list[HPError]()
    for _ in range(commits):
        try:
            await store.commit(epoch, [row(promised + n) for n in range(1, 4)])
            promised += 3
            await drained(store)
        except HPError as error:
            refused.append(error)
    await store.close()
    return promised, refused


async def drained(store: SqliteStore) -> None:
    """Let the store do what it does when it has time."""
    thread = store._thread
    await thread.run(thread._drain)


async def found(vfs: LossyVFS, lock: Path) -> list[int]:
    """Read all revisions on the disk, now that it is well again."""
    vfs.disk = Disk({path: bytes(content) for path, content in vfs.disk.files.items()})
    store = SqliteStore(BASE, vfs=vfs.name, lock=lock)
    try:
        await store.open()
        return [one.revision for one in (await store.load()).tail]
    finally:
        await store.close()


async def fails_safely(vfs: LossyVFS, lock: Path, fault: Fault) -> None:
    """Check that after a failing disk all promises are there, and that the store stopped at once."""
    promised, refused = await work(vfs, lock, fault)
    there = await found(vfs, lock)
    assert there == list(range(1, len(there) + 1)), f"{fault.kind} {fault.at}"
    assert len(there) in {promised, promised + 3}, f"{fault.kind} {fault.at}"
    assert all(isinstance(error, OutcomeUnknownError) for error in refused), f"{fault.kind} {fault.at}"
    if refused:
        assert len(refused) + promised // 3 == 6, f"{fault.kind} {fault.at}: went on after a failure"


@pytest.mark.parametrize(("kind", "at"), [("sync", 1), ("sync", 2), ("sync", 3), ("write", 2), ("write", 9)])
async def test_s03_a_failing_disk_stops_the_store(vfs: LossyVFS, tmp_path: Path, kind: str, at: int) -> None:
    """After a failed write or fsync nothing more is acknowledged, and what was is there."""
    await fails_safely(vfs, tmp_path / "lock", Fault(kind, at, broken))


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["sync", "write", "read", "truncate"])
async def test_s03_every_single_failure_is_safe(vfs: LossyVFS, tmp_path: Path, kind: str) -> None:
    """Whichever write, fsync, read or truncate fails: never acknowledged and lost."""
    for at in range(1, 101):
        fault = Fault(kind, at, broken)
        await fails_safely(vfs, tmp_path / "lock", fault)
        if fault.seen < at:
            return
    assert kind in {"write", "read"}


async def fills_safely(vfs: LossyVFS, lock: Path, at: int, times: int) -> None:
    """Check that a full disk refuses, loses nothing, and that the store goes on when there is space."""
    promised, refused = await work(vfs, lock, Fault("write", at, full, times))
    assert all(isinstance(error, StoreFullError) for error in refused), f"write {at}"
    assert await found(vfs, lock) == list(range(1, promised + 1)), f"write {at}"
    assert promised + 3 * len(refused) == 18


@pytest.mark.parametrize(("at", "times"), [(1, 1), (3, 20), (12, 1), (17, 40)])
async def test_s03_a_full_disk_refuses_and_recovers(vfs: LossyVFS, tmp_path: Path, at: int, times: int) -> None:
    """Edits are refused one by one while there is no space, and accepted again after."""
    await fills_safely(vfs, tmp_path / "lock", at, times)


@pytest.mark.slow
async def test_s03_every_moment_of_a_full_disk_is_safe(vfs: LossyVFS, tmp_path: Path) -> None:
    """Whichever write finds the disk full, for however long: nothing half, nothing lost."""
    dice = random.Random(SEED)
    for at in range(1, 120):
        await fills_safely(vfs, tmp_path / "lock", at, dice.choice([1, 2, 5, 30]))


async def closed_base(vfs: LossyVFS, lock: Path) -> bytes:
    """Make a base with a journal, snapshots and a clean stop; its bytes."""
    vfs.disk = Disk()
    store = SqliteStore(BASE, vfs=vfs.name, lock=lock)
    await store.create("annee", b"s" * 3000)
    await store.open()
    await store.commit(1, [row(n) for n in range(1, 41)])
    await store.checkpoint(1, 20, b"t" * 9000)
    await store.close()
    return bytes(vfs.disk.files[str(BASE)])


async def served(vfs: LossyVFS, lock: Path, content: bytes) -> list[object] | None:
    """Read everything a server could ever serve of a base; None when it is refused."""
    vfs.disk = Disk({str(BASE): content})
    store = SqliteStore(BASE, vfs=vfs.name, lock=lock)
    try:
        await store.open()
        loaded = await store.load()
        rows = await store.tail(0, 1000)
        by_operation = [await store.find(one.operation) for one in rows]
    except HPError:
        return None
    else:
        return [loaded.epoch, loaded.revision, loaded.snapshot, loaded.tail, loaded.meta, rows, by_operation]
    finally:
        await store.close()


async def flipped(vfs: LossyVFS, lock: Path, flips: int) -> int:
    """Flip one bit in so many random places; how many were noticed. No answer may differ."""
    content = await closed_base(vfs, lock)
    truth = await served(vfs, lock, content)
    assert truth is not None
    dice = random.Random(SEED)
    noticed = 0
    for _ in range(flips):
        place, bit = dice.randrange(len(content)), dice.randrange(8)
        damaged = bytearray(content)
        damaged[place] ^= 1 << bit
        answer = await served(vfs, lock, bytes(damaged))
        noticed += answer is None
        assert answer in (None, truth), f"a wrong answer: seed {SEED}, byte {place}, bit {bit}"
    return noticed


async def test_s04_flipped_bits_sample(vfs: LossyVFS, tmp_path: Path) -> None:
    """No flipped bit of a closed base changes an answer."""
    assert await flipped(vfs, tmp_path / "lock", 40) > 12


@pytest.mark.slow
@pytest.mark.uvloop_only  # the sample runs on both loops
async def test_s04_no_flipped_bit_is_served(vfs: LossyVFS, tmp_path: Path) -> None:
    """Two thousand bits: damage is noticed, or lies where nothing is kept."""
    assert await flipped(vfs, tmp_path / "lock", 2_000) > 600  # the rest is free space, and tables that are empty here


async def killed_base(folder: Path, batches: int) -> tuple[bytes, bytes]:
    """Make a base whose owner was killed after so many batches of two; its file and its WAL."""
    store = SqliteStore(folder / "base")
    await store.create("annee", b"{}")
    await store.open()
    for batch in range(batches):
        await store.commit(1, [row(batch * 2 + 1), row(batch * 2 + 2)])
    files = (folder / "base").read_bytes(), (folder / "base-wal").read_bytes()
    await store.close()
    return files


async def rotten_wal(folder: Path, flips: int) -> int:
    """Flip one bit in so many places of a WAL; how many were noticed. Only the last batch may be missing."""
    batches = 8
    content, wal = await killed_base(folder, batches)
    dice = random.Random(SEED)
    noticed = 0
    for number in range(flips):
        place = dice.randrange(32) if number % 8 == 0 else dice.randrange(len(wal))
        damaged = bytearray(wal)
        damaged[place] ^= 1 << dice.randrange(8)
        path = folder / str(number)
        path.write_bytes(content)
        path.with_name(f"{number}-wal").write_bytes(damaged)
        loaded = await read(path)
        noticed += loaded is None
        if loaded is not None:
            assert len(loaded.tail) >= 2 * (batches - 1), f"lost: seed {SEED}, byte {place}"
    return noticed


async def test_s04_a_rotten_wal_sample(tmp_path: Path) -> None:
    """After a kill, a flipped bit in the WAL does not take promised edits away in silence."""
    assert await rotten_wal(tmp_path, 24) > 12


@pytest.mark.slow
@pytest.mark.uvloop_only  # the sample runs on both loops
async def test_s04_no_rotten_wal_is_served(tmp_path: Path) -> None:
    """The same for five hundred places, the header among them."""
    assert await rotten_wal(tmp_path, 500) > 300


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE journal SET epoch = 9 WHERE revision = 2",
        "UPDATE journal SET operation = zeroblob(16) WHERE revision = 2",
        "UPDATE journal SET at = at + 1 WHERE revision = 2",
        "UPDATE journal SET user = CAST(x'ff' AS TEXT) WHERE revision = 2",
        "UPDATE journal SET format = 2 WHERE revision = 2",
        "UPDATE journal SET body = body || ' ' WHERE revision = 2",
        "UPDATE journal SET digest = zeroblob(32) WHERE revision = 2",
        "DELETE FROM journal WHERE revision = 2",
        "DELETE FROM journal WHERE revision = 3",
        "UPDATE snapshot SET body = x'00' WHERE revision = 0",
        "UPDATE snapshot SET epoch = 7",
        "DELETE FROM snapshot",
        "UPDATE owner SET epoch = 0",
        "UPDATE owner SET name = 'other'",
        "UPDATE owner SET genesis = zeroblob(32)",
        "DELETE FROM owner",
    ],
)
async def test_s04_no_altered_or_missing_row_is_overlooked(tmp_path: Path, statement: str) -> None:
    """A row altered with SQL in any column, or taken out, at the end too, is noticed at load."""
    await refused_after(tmp_path, statement)


async def refused_after(folder: Path, statement: str) -> None:
    """Alter a closed base with plain SQL, and check that it is refused."""
    path = folder / "base"
    store = SqliteStore(path)
    await store.create("annee", b"{}")
    await store.open()
    await store.commit(1, [row(1), row(2), row(3)])
    await store.close()
    connection = apsw.Connection(str(path))
    connection.execute(statement)
    connection.close()
    assert await read(path) is None


async def read(path: Path) -> Loaded | None:
    """Open and load a base; None when it is refused as damaged."""
    store = SqliteStore(path)
    try:
        await store.open()
        return await store.load()
    except CorruptBaseError:
        return None
    finally:
        await store.close()
