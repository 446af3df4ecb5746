"""What any Store must do. A backend is one more parameter of the fixture."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from itertools import count
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hpserver.errors import (
    AlreadyExistsError,
    BaseInUseError,
    DuplicateOperationError,
    FencedError,
    NotFoundError,
    StoreError,
)
from hpserver.store.api import JournalRow, Store
from hpserver.store.memory import MemoryBase, MemoryStore
from hpserver.store.policy import kept_snapshots
from hpserver.store.sqlite import SqliteStore

NUMBERS = count()

SNAPSHOT = b'{"grid":"62 weeks"}'


class Bench:
    """Stores on one base: `store()` obeys the lock, `rival()` gets past it, as a paused owner would."""

    def __init__(self, make: Callable[[bool], Store], stack: AsyncExitStack) -> None:
        self._make, self._stack = make, stack

    def store(self) -> Store:
        """Make a store that is closed when the test ends."""
        return self._made(alone=True)

    def rival(self) -> Store:
        """Make a store that does not see the lock of the others."""
        return self._made(alone=False)

    def _made(self, *, alone: bool) -> Store:
        store = self._make(alone)
        self._stack.push_async_callback(store.close)
        return store


@pytest.fixture(params=["sqlite", "memory"])
async def bench(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Bench]:
    """Stores of one kind on one base that does not exist yet."""
    base = MemoryBase()
    rivals = iter(range(100))

    def make(alone: bool) -> Store:
        if request.param == "memory":
            return MemoryStore(base, alone=alone)
        lock = None if alone else tmp_path / f"rival{next(rivals)}.lock"
        return SqliteStore(tmp_path / "a" / "planning.hpbase", lock=lock)

    async with AsyncExitStack() as stack:
        yield Bench(make, stack)


def row(revision: int, epoch: int = 1, **fields: object) -> JournalRow:
    """Make a row whose operation id is its revision."""
    made = JournalRow(revision, epoch, revision.to_bytes(16), 1_700_000_000_000, "dupont", 1, b'{"n":1}')
    return msgspec.structs.replace(made, **fields)


async def created(bench: Bench) -> Store:
    """Make, take and load a base."""
    store = bench.store()
    await store.create("annee.hpbase", SNAPSHOT)
    await store.open()
    return store


def bare(rows: tuple[JournalRow, ...]) -> list[JournalRow]:
    """Leave out the digests."""
    return [msgspec.structs.replace(one, digest=b"") for one in rows]


async def test_a_new_base_is_its_first_snapshot(bench: Bench) -> None:
    """A base is loadable from the moment it exists."""
    store = bench.store()
    await store.create("annee.hpbase", SNAPSHOT)
    assert await store.open() == 1
    loaded = await store.load()
    assert (loaded.epoch, loaded.revision, loaded.snapshot, loaded.tail) == (1, 0, SNAPSHOT, ())
    assert loaded.meta["name"] == "annee.hpbase"


async def test_a_base_is_created_once(bench: Bench) -> None:
    """Creating never replaces a base."""
    store = bench.store()
    await store.create("one", SNAPSHOT)
    with pytest.raises(AlreadyExistsError):
        await store.create("two", b"{}")
    with pytest.raises(AlreadyExistsError):
        await bench.store().create("two", b"{}")
    await store.open()
    assert (await store.load()).meta["name"] == "one"


async def test_a_base_that_is_not_there_is_not_opened(bench: Bench) -> None:
    """Opening never makes a base."""
    store = bench.store()
    with pytest.raises(NotFoundError):
        await store.open()
    with pytest.raises(StoreError):
        await store.load()


async def test_what_is_committed_is_loaded(bench: Bench) -> None:
    """Every field of a row comes back, in order, after another owner took the base."""
    store = await created(bench)
    rows = [row(1, user="Élodie", body='{"nom":"Été"}'.encode()), row(2, at=-5, format=7), row(3)]
    await store.commit(1, rows[:2])
    await store.commit(1, rows[2:])
    await store.close()
    again = bench.store()
    assert await again.open() == 2
    loaded = await again.load()
    assert bare(loaded.tail) == rows
    assert len({one.digest for one in loaded.tail}) == 3
    await again.commit(2, [row(4, 2)])
    assert (await again.tail(3, 10))[0].epoch == 2


async def test_a_batch_is_all_or_nothing(bench: Bench) -> None:
    """A batch with one bad row leaves no row behind, and the store goes on."""
    store = await created(bench)
    await store.commit(1, [row(1)])
    with pytest.raises(DuplicateOperationError) as caught:
        await store.commit(1, [row(2), row(3, operation=row(1).operation)])
    assert caught.value.details["operation"] == row(1).operation.hex()
    with pytest.raises(DuplicateOperationError):
        await store.commit(1, [row(2), row(3, operation=row(2).operation)])
    for wrong in ([row(3)], [row(2), row(2)], [row(2, 9)], [row(2, operation=b"short")], [row(2, body=b"\xff")]):
        with pytest.raises(ValueError, match=r"must follow|operation id|utf-8"):
            await store.commit(1, wrong)
    assert [one.revision for one in (await store.load()).tail] == [1]
    await store.commit(1, [row(2)])
    assert [one.revision for one in (await store.load()).tail] == [1, 2]


async def test_an_empty_batch_checks_the_epoch(bench: Bench) -> None:
    """A server can ask whether it still owns the base without writing anything."""
    store = await created(bench)
    await store.commit(1, [])
    with pytest.raises(FencedError):
        await store.commit(0, [])
    assert (await store.load()).tail == ()


async def test_s06_a_second_owner_is_refused_while_the_first_lives(bench: Bench) -> None:
    """Two processes never serve one base."""
    store = await created(bench)
    second = bench.store()
    with pytest.raises(BaseInUseError):
        await second.open()
    with pytest.raises(BaseInUseError):
        await store.open()
    await store.close()
    assert await second.open() == 2


async def test_s06_a_woken_owner_is_fenced(bench: Bench) -> None:
    """An owner that was paused while another took the base writes nothing any more."""
    paused = await created(bench)
    await paused.commit(1, [row(1)])
    newer = bench.rival()
    assert await newer.open() == 2
    await newer.commit(2, [row(2, 2)])
    for epoch in (1, 2):
        with pytest.raises(FencedError):
            await paused.commit(epoch, [row(2, epoch, operation=b"p" * 16)])
        with pytest.raises(FencedError):
            await paused.commit(epoch, [])
        with pytest.raises(FencedError):
            await paused.checkpoint(epoch, 1, b"{}")
    await newer.commit(2, [row(3, 2)])
    loaded = await newer.load()
    assert [one.epoch for one in loaded.tail] == [1, 2, 2]
    assert loaded.revision == 0


async def test_a_checkpoint_shortens_the_tail_and_keeps_the_journal(bench: Bench) -> None:
    """A start reads little, and the history stays readable."""
    store = await created(bench)
    await store.commit(1, [row(n) for n in range(1, 11)])
    for revision in (2, 4, 6, 8):
        await store.checkpoint(1, revision, b'{"at":%d}' % revision)
    loaded = await store.load()
    assert (loaded.revision, loaded.snapshot) == (8, b'{"at":8}')
    assert [one.revision for one in loaded.tail] == [9, 10]
    assert [one.revision for one in await store.tail(0, 100)] == list(range(1, 11))
    await store.commit(1, [row(11)])
    with pytest.raises(ValueError, match="12"):
        await store.checkpoint(1, 12, b"{}")


async def test_the_tail_is_read_in_pieces(bench: Bench) -> None:
    """A session that fell behind catches up by bounded reads."""
    store = await created(bench)
    await store.commit(1, [row(n) for n in range(1, 8)])
    assert [one.revision for one in await store.tail(2, 3)] == [3, 4, 5]
    assert [one.revision for one in await store.tail(6, 3)] == [7]
    assert await store.tail(7, 3) == ()
    assert await store.tail(99, 3) == ()
    assert await store.tail(0, 0) == ()


async def test_an_operation_is_found_whatever_its_age(bench: Bench) -> None:
    """A client that never heard its answer can ask what became of its write."""
    store = await created(bench)
    await store.commit(1, [row(n) for n in range(1, 5)])
    await store.checkpoint(1, 4, b"{}")
    found = await store.find(row(2).operation)
    assert found is not None
    assert bare((found,)) == [row(2)]
    assert await store.find(b"x" * 16) is None


async def test_closing_is_safe_twice_and_before_open(bench: Bench) -> None:
    """Every stop is safe twice."""
    store = bench.store()
    await store.close()
    await store.create("a", SNAPSHOT)
    await store.close()
    await store.open()
    await store.close()
    await store.close()
    with pytest.raises(StoreError):
        await store.commit(1, [])
    assert await store.open() == 2


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(st.tuples(st.text(max_size=9), st.text(max_size=20)), max_size=5), max_size=8))
async def test_any_text_survives(tmp_path: Path, batches: list[list[tuple[str, str]]]) -> None:
    """No user name and no body is altered by the database."""
    store = SqliteStore(tmp_path / str(next(NUMBERS)) / "base")
    written: list[JournalRow] = []
    try:
        await store.create("b", b"")
        await store.open()
        for batch in batches:
            new = [
                row(len(written) + n, user=user, body=msgspec.json.encode(text))
                for n, (user, text) in enumerate(batch, 1)
            ]
            await store.commit(1, new)
            written += new
        assert bare((await store.load()).tail) == written
    finally:
        await store.close()


# --- the past -----------------------------------------------------------------------------------------------------

DAY = 86_400_000
NOW = 1_700_000_000_000


def touch(revision: int, *objects: tuple[str, int], epoch: int = 1, **fields: object) -> JournalRow:
    """Make a row that changed some objects."""
    changes = [{"do": "update", "kind": kind, "key": key, "before": {}, "after": {}} for kind, key in objects]
    return row(revision, epoch, body=msgspec.json.encode({"changes": changes}), **fields)


def revisions(rows: tuple[JournalRow, ...]) -> list[int]:
    """Name the rows."""
    return [one.revision for one in rows]


async def test_rows_are_found_by_what_they_touched_and_by_whom(bench: Bench) -> None:
    """Newest first, within bounds; an object touched twice by one row is told once."""
    store = await created(bench)
    await store.commit(1, [touch(1, ("room", 1), ("room", 1), user="ada"), touch(2, ("room", 2)), row(3, user="ada")])
    await store.commit(1, [touch(4, ("room", 1), ("room", 2)), touch(5, ("activity", 1))])
    assert revisions(await store.touching([("room", 1)], 0, 9, 10)) == [4, 1]
    assert revisions(await store.touching([("room", 1), ("room", 2), ("room", 3)], 0, 9, 10)) == [4, 2, 1]
    assert revisions(await store.touching([("room", 1), ("room", 2)], 1, 4, 10)) == [2]
    assert revisions(await store.touching([("room", 1), ("room", 2)], 0, 9, 2)) == [4, 2]
    assert await store.touching([], 0, 9, 10) == ()
    assert revisions(await store.by_user("ada", 9, 10)) == [3, 1]
    assert revisions(await store.by_user("ada", 3, 10)) == [1]
    assert revisions(await store.by_user("dupont", 9, 1)) == [5]
    assert await store.by_user("nobody", 9, 10) == ()


async def test_what_a_refused_batch_touched_is_not_found(bench: Bench) -> None:
    """What finds rows is written with them, or not at all."""
    store = await created(bench)
    with pytest.raises(DuplicateOperationError):
        await store.commit(1, [touch(1, ("room", 1)), touch(2, ("room", 1), operation=row(1).operation)])
    assert await store.touching([("room", 1)], 0, 9, 10) == ()


async def test_the_nearest_snapshot_before_a_revision_is_found(bench: Bench) -> None:
    """The base as it was is worked out from there."""
    store = await created(bench)
    await store.commit(1, [row(n) for n in range(1, 10)])
    await store.checkpoint(1, 4, b"four")
    await store.checkpoint(1, 8, b"eight")
    assert await store.snapshot_at(3) == (0, SNAPSHOT)
    assert await store.snapshot_at(4) == (4, b"four")
    assert await store.snapshot_at(7) == (4, b"four")
    assert await store.snapshot_at(99) == (8, b"eight")


async def test_a_moment_is_a_revision(bench: Bench) -> None:
    """The newest accepted by then."""
    store = await created(bench)
    await store.commit(1, [row(n, at=n * 100) for n in range(1, 4)])
    assert [await store.revision_at(at) for at in (99, 100, 250, 10_000)] == [0, 1, 2, 3]


async def test_compaction_leaves_everything_readable(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows, what they touched, who wrote them, their order, and that no operation comes twice: all as before."""
    monkeypatch.setattr("hpserver.store.chunks.CHUNK_ROWS", 4)
    monkeypatch.setattr("hpserver.store.policy.PLAIN_ROWS", 3)
    store = await created(bench)
    rows = [touch(n, ("room", n % 3), user=f"u{n % 2}", at=NOW - (100 - n) * DAY) for n in range(1, 20)]
    for start in range(0, 19, 5):
        await store.commit(1, rows[start : start + 5])
        await store.checkpoint(1, min(start + 5, 19), b"s%d" % start)

    async def seen() -> list[object]:
        return [
            await store.tail(0, 100),
            await store.tail(6, 5),
            await store.touching([("room", 1)], 2, 18, 100),
            await store.by_user("u1", 100, 100),
            [await store.find(one.operation) for one in rows],
            await store.revision_at(NOW - 95 * DAY),
            (await store.load()).tail,
            (await store.snapshot_at(99))[0],
        ]

    before = await seen()
    done = await store.compact(1, NOW)
    assert done.rows in {0, 16}  # what is in memory is not packed
    assert await seen() == before
    assert (await store.compact(1, NOW)).rows == 0
    with pytest.raises(DuplicateOperationError) as caught:
        await store.commit(1, [row(20, operation=rows[2].operation)])
    assert caught.value.details["operation"] == rows[2].operation.hex()
    await store.commit(1, [touch(20, ("room", 1))])
    await store.close()
    again = bench.store()
    assert await again.open() == 2
    assert (await again.load()).tail == (await again.tail(19, 1))
    assert bare(await again.tail(0, 19)) == rows


async def test_a_base_in_service_is_packed_part_by_part(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows come between the parts, and everything is read as before; what is packed ends where compaction would."""
    monkeypatch.setattr("hpserver.store.chunks.CHUNK_ROWS", 4)
    monkeypatch.setattr("hpserver.store.policy.PLAIN_ROWS", 3)
    store = await created(bench)
    rows = [touch(n, ("room", n % 3), at=NOW - (100 - n) * DAY) for n in range(1, 20)]
    await store.commit(1, rows[:11])
    packed = [await store.pack(1, NOW)]
    await store.commit(1, rows[11:])
    packed += [await store.pack(1, NOW) for _ in range(4)]
    assert packed in ([0] * 5, [4, 4, 4, 4, 0])  # what is in memory is not packed
    assert bare(await store.tail(0, 100)) == rows
    assert revisions(await store.touching([("room", 1)], 2, 18, 100)) == [16, 13, 10, 7, 4]
    assert (await store.compact(1, NOW)).rows == 0
    await store.close()
    again = bench.store()
    assert await again.open() == 2
    assert bare((await again.load()).tail) == rows


async def test_compaction_is_for_the_owner(bench: Bench) -> None:
    """A server that was replaced packs nothing."""
    store = await created(bench)
    await store.commit(1, [row(1)])
    rival = bench.rival()
    await rival.open()
    with pytest.raises(FencedError):
        await store.compact(1, NOW)
    with pytest.raises(FencedError):
        await store.pack(1, NOW)


@given(st.lists(st.tuples(st.integers(0, 400), st.booleans()), max_size=40))
@settings(max_examples=50, deadline=None)
def test_snapshots_grow_fewer_with_age_and_the_newest_stay(ages: list[tuple[int, bool]]) -> None:
    """The first, the two newest and one for each period stay; thinning twice forgets nothing more."""
    days = sorted((age for age, _ in ages), reverse=True)
    snapshots = [(0, 0)] + [(number, NOW - age * DAY) for number, age in enumerate(days, start=1)]
    kept = kept_snapshots(snapshots, NOW)
    assert {revision for revision, _ in snapshots[-2:]} | {0} <= kept
    again = [one for one in snapshots if one[0] in kept]
    assert kept_snapshots(again, NOW) == kept
    assert len([age for revision, age in enumerate(days, 1) if age < 7 and revision in kept]) <= 7 + 2
