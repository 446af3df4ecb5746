"""S02: no power loss, at any write, with torn sectors, loses a promise or halves a transaction."""

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import count
from pathlib import Path

import msgspec
import pytest

from hpserver.directory.model import Account, Enrolment
from hpserver.errors import CorruptBaseError, EnrolmentRefusedError, HPError, NotFoundError
from hpserver.store.api import JournalRow
from hpserver.store.sqlite import SqliteStore
from hpserver.store.sqlite_directory import SqliteDirectory
from tests.faults.powerloss import CrashState, Disk, LossyVFS, crash_states

SEED = 20_260_914
EDITS = 300
BASE = Path("/planning.hpbase")
NUMBERS = count()


class Kept(msgspec.Struct, frozen=True):
    """A promise of the store: the base reached `revision`, with a snapshot of `snapshot`, under `epoch`."""

    epoch: int
    revision: int
    snapshot: int


class Script:
    """The edits of a day on a lossy disk, with everything that was promised."""

    def __init__(self, vfs: LossyVFS, folder: Path, synchronous: str, edits: int = EDITS) -> None:
        self.vfs, self.folder, self.synchronous, self.edits = vfs, folder, synchronous, edits
        self.dice = random.Random(SEED)
        self.rows: list[JournalRow] = []
        self.ends = {0}
        self.snapshot = 0

    def store(self) -> SqliteStore:
        """Make a store on the disk that the VFS serves now."""
        return SqliteStore(BASE, vfs=self.vfs.name, lock=self.folder / "lock", synchronous=self.synchronous)

    async def run(self) -> Disk:
        """Create a base and edit it under three owners, with snapshots, WAL checkpoints and clean stops."""
        disk = self.vfs.disk = Disk()
        store = self.store()
        await store.create("annee", b'{"start":0}')
        disk.promise(Kept(0, 0, 0))
        for part in range(3):
            epoch = await store.open()
            disk.promise(Kept(epoch, len(self.rows), self.snapshot))
            while len(self.rows) < self.edits * (part + 1) // 3:
                await self.edit(store, epoch)
            await store.close()
        return disk

    async def edit(self, store: SqliteStore, epoch: int) -> None:
        """Commit one batch; now and then keep a snapshot or empty the WAL."""
        batch = [self.row(epoch, n) for n in range(1, self.dice.randint(1, 8) + 1)]
        self.ends.add(len(self.rows) + len(batch))
        self.rows += batch
        await store.commit(epoch, batch)
        chance = self.dice.random()
        if chance < 0.1:
            await store.checkpoint(epoch, len(self.rows), self.dice.randbytes(9000))
            self.snapshot = len(self.rows)
        elif chance < 0.2:
            tide = store._thread._tide
            assert tide is not None
            await store._thread.run(tide.drain)
        self.vfs.disk.promise(Kept(epoch, len(self.rows), self.snapshot))

    def row(self, epoch: int, after: int) -> JournalRow:
        """Make a row; some fill several pages."""
        size = self.dice.choice([20, 250, 250, 900, 9000])
        body = b'{"x":"' + self.dice.randbytes(size // 2).hex().encode() + b'"}'
        revision = len(self.rows) + after
        return JournalRow(revision, epoch, self.dice.randbytes(16), revision, "dupont", 1, body)

    async def verdict(self, state: CrashState) -> str:
        """Open the base as a server would after the power is back, and say what became of it."""
        self.vfs.disk = Disk(state.files)
        store = self.store()
        kept: Sequence[Kept] = state.promised
        try:
            epoch = await store.open(check_later=True)
            loaded = await store.load()
            rows = await store.tail(0, EDITS * 2)
            await store.commit(epoch, [self.row(epoch, 1 + len(rows) - len(self.rows))])
        except NotFoundError:
            return "lost" if kept else "ok"
        except CorruptBaseError:
            return "corrupt"
        except HPError as error:
            return type(error).__name__
        finally:
            await store.close()
        if [msgspec.structs.replace(row, digest=b"") for row in rows] != self.rows[: len(rows)]:
            return "altered"
        if len(rows) not in self.ends:
            return "partial"
        last = kept[-1] if kept else Kept(0, 0, 0)
        reached = Kept(epoch - 1, len(rows), loaded.revision)
        lost = any(getattr(reached, name) < getattr(last, name) for name in Kept.__struct_fields__)
        return "lost" if lost else "ok"


@pytest.fixture
def vfs() -> Iterator[LossyVFS]:
    """A VFS of its own."""
    made = LossyVFS(f"lossy{next(NUMBERS)}")
    yield made
    made.unregister()


async def judged(script: Script, one_in: int = 1) -> Counter[str]:
    """Judge one in so many of the crash states of a script, each different one once."""
    log = (await script.run()).log
    verdicts: Counter[str] = Counter()
    seen: set[int] = set()
    for number, state in enumerate(crash_states(log, SEED)):
        same = hash((*sorted(state.files.items()), *state.promised[-1:]))
        if number % one_in or same in seen:
            continue
        seen.add(same)
        found = await script.verdict(state)
        verdicts[found] += 1
        if found != "ok" and script.synchronous == "FULL":
            pytest.fail(f"{found}: seed {SEED}, event {state.at} of {len(log)}, {state.kind}")
    return verdicts


async def test_s02_power_loss_sample(vfs: LossyVFS, tmp_path: Path) -> None:
    """A short script, one crash state in eleven: the quick look of every check."""
    verdicts = await judged(Script(vfs, tmp_path, "FULL", edits=30), one_in=11)
    assert verdicts.keys() == {"ok"}


@pytest.mark.slow
@pytest.mark.uvloop_only  # the sample runs on both loops
async def test_s02_no_power_loss_loses_a_promise(vfs: LossyVFS, tmp_path: Path) -> None:
    """Every write boundary of 300 edits: opens, checks pass, all acknowledged edits there, no half batch."""
    verdicts = await judged(Script(vfs, tmp_path, "FULL"))
    assert verdicts.keys() == {"ok"}
    assert verdicts.total() >= 2_000


class Compacting(Script):
    """The same with old rows packed now and then."""

    packed = 0

    async def edit(self, store: SqliteStore, epoch: int) -> None:
        """Edit, and pack what is old now and then."""
        await super().edit(store, epoch)
        if self.dice.random() < 0.4:
            if len(self.rows) % 2:
                self.packed += (await store.compact(epoch, len(self.rows) + 1)).rows
            else:
                self.packed += await store.pack(epoch, len(self.rows) + 1)
            self.vfs.disk.promise(Kept(epoch, len(self.rows), self.snapshot))


@pytest.mark.parametrize(("edits", "one_in"), [(24, 41), pytest.param(100, 5, marks=pytest.mark.slow)])
async def test_s02_no_power_loss_halves_a_compaction(
    vfs: LossyVFS, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, edits: int, one_in: int
) -> None:
    """While rows are packed, too: every row is there once, plain or packed, in its order, under its digest."""
    monkeypatch.setattr("hpserver.store.chunks.CHUNK_ROWS", 8)
    monkeypatch.setattr("hpserver.store.policy.PLAIN_ROWS", 4)
    monkeypatch.setattr("hpserver.store.policy.PLAIN_DAYS", 0)
    script = Compacting(vfs, tmp_path, "FULL", edits=edits)
    verdicts = await judged(script, one_in=one_in)
    assert verdicts.keys() == {"ok"}
    assert script.packed >= edits // 4


@pytest.mark.slow
@pytest.mark.uvloop_only  # it is the disk that loses
@pytest.mark.parametrize("synchronous", ["NORMAL", "OFF"])
async def test_s02_the_harness_sees_what_less_than_full_loses(vfs: LossyVFS, tmp_path: Path, synchronous: str) -> None:
    """The negative control: a test that cannot fail proves nothing."""
    verdicts = await judged(Script(vfs, tmp_path, synchronous), one_in=3)
    assert verdicts["lost"] + verdicts["corrupt"] > verdicts.total() // 10
    assert verdicts["lost"] > 0


async def test_t07_a_spent_ticket_stays_spent_after_a_power_loss(vfs: LossyVFS) -> None:
    """A ticket whose spending was answered is never good again, whenever the power fails."""
    disk = vfs.disk
    directory = SqliteDirectory(Path("/directory.db"), vfs=vfs.name)
    await directory.open()
    number = "1" * 12
    await directory.add(Account(number=number, name="e", domain="e.org", invoice="1" * 10, port=21200))
    await directory.add(Enrolment(ticket_hash=b"t" * 32, account=number, expires=9.0))
    from_here = len(disk.log)
    await directory.spend_enrolment(b"t" * 32, 1.0)
    disk.promise("spent")
    await directory.close()
    for state in crash_states(disk.log, SEED):
        if state.at < from_here or state.kind == "torn":
            continue
        vfs.disk = Disk(state.files)
        again = SqliteDirectory(Path("/directory.db"), vfs=vfs.name)
        await again.open()
        spent = (await again.get(Enrolment, b"t" * 32)).uses == 0
        assert spent or not state.promised
        if spent:
            with pytest.raises(EnrolmentRefusedError):
                await again.spend_enrolment(b"t" * 32, 2.0)
        await again.close()
