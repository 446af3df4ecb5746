"""Bases opened for service: what was before a restart is after it, on both stores."""

import gc
import math
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from hpserver.base.changes import create, update
from hpserver.base.planning import Planning
from hpserver.base.snapshot import encode_snapshot
from hpserver.errors import AlreadyExistsError, CorruptBaseError, NotFoundError
from hpserver.hosting import bases, trash
from hpserver.hosting.bases import OpenedBase, bases_in, create_base, open_base, undisturbed
from hpserver.hosting.exporting import read_moment
from hpserver.hosting.keeping import Keeping
from hpserver.planning import engine as engine_module
from hpserver.planning.engine import Engine
from hpserver.planning.journal import FORMAT
from hpserver.planning.stimuli import Persisted
from hpserver.protocol import messages as m
from hpserver.store.api import JournalRow, Store
from hpserver.store.memory import MemoryBase, MemoryStore
from hpserver.store.sqlite import SqliteStore
from tests.desk import ACCOUNT, NAME, Desk
from tests.schools import a_school

EDITS = 23
Opener = Callable[[], Awaitable[Store]]


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Opener:
    """A new base, opened again by every call."""
    memory = MemoryBase()
    path = tmp_path / "a.hpbase"

    async def opened() -> Store:
        if request.param == "memory":
            if not memory.snapshots:
                await MemoryStore(memory).create("Année", encode_snapshot(a_school(30)))
            return MemoryStore(memory)
        if not path.exists():
            await create_base(path, "Année", a_school(30))
        return SqliteStore(path)

    return opened


async def a_desk(store: Store) -> tuple[Desk, Keeping]:
    """A server in service on that base."""
    opened = await open_base(store)
    desk = Desk(Planning(opened.planning.grid))
    desk.engine = Engine(
        opened.planning, opened.history, account=ACCOUNT, name=NAME, base=opened.name, epoch=opened.epoch
    )
    return desk, Keeping(store, opened.epoch)


async def carry_out(desk: Desk, keeping: Keeping) -> None:
    """Let the real disk do what the engine asked for."""
    while desk.waiting is not None:
        batch, desk.waiting = desk.waiting, None
        kept = await keeping.write(batch.drafts)
        assert isinstance(kept, Persisted)
        desk.feed(kept)
    for checkpoint in desk.checkpoints:
        await keeping.keep(checkpoint)
    desk.checkpoints.clear()


@pytest.mark.parametrize("remembered", [4, 100])
async def test_a_restart_changes_nothing(store: Opener, remembered: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """After commits and checkpoints: same base, same answers to who resumes and to operations sent again."""
    monkeypatch.setattr(engine_module, "CHECKPOINT_EVERY", 5)
    monkeypatch.setattr(bases, "REMEMBERED", remembered)
    desk, keeping = await a_desk(await store())
    ada = desk.follow("ada")
    sent = []
    for number in range(EDITS):
        change = create("room", -1, name="C3") if number % 5 == 0 else update("activity", 1 + number % 7, memo="x")
        sent.append(desk.transact(10 + number, change))
        desk.tell(ada, sent[-1])
        await carry_out(desk, keeping)
    told = {one.id: one for one in desk.heard(ada) if isinstance(one, m.Committed)}
    before = desk.engine
    await keeping.close()

    desk, keeping = await a_desk(await store())
    after = desk.engine

    assert (after.planning, after.head, after.epoch) == (before.planning, EDITS, before.epoch + 1)
    assert after.history.floor == (0 if remembered == 100 else 20 - remembered)
    assert {
        field: touch for field, touch in before.history.touches.items() if touch.revision > after.history.floor
    } == (after.history.touches)
    for revision in range(after.history.floor, EDITS + 2):
        assert after.history.may_resume(before.epoch, revision) == before.history.may_resume(before.epoch, revision)
    again = desk.follow("ada")
    for request in sent[after.history.floor :]:
        desk.tell(again, request)
    assert desk.heard(again) == [told[request.id] for request in sent[after.history.floor :]]
    await keeping.close()


async def test_reading_a_base_leaves_no_garbage(store: Opener) -> None:
    """What was read is kept from the collector without a look at it: nothing that only it can find may be there."""
    desk, keeping = await a_desk(await store())
    ada = desk.follow("ada")
    for number in range(EDITS):
        desk.tell(ada, desk.transact(10 + number, update("activity", 1 + number % 7, memo="x")))
        await carry_out(desk, keeping)
    await keeping.close()
    again = await store()
    gc.freeze()
    thresholds = gc.get_threshold()
    with undisturbed():
        opened = await open_base(again)
        assert gc.collect() == 0
    gc.unfreeze()
    gc.set_threshold(*thresholds)
    assert opened.history.head == EDITS
    await again.close()


async def test_a_row_that_does_not_fit_is_a_corrupt_base() -> None:
    """A journal that cannot be replayed is never served."""
    memory = MemoryBase()
    store = MemoryStore(memory)
    await store.create("Année", encode_snapshot(a_school(30)))
    epoch = await store.open()
    entry = '[{"do":"update","kind":"activity","key":999,"before":{"memo":""},"after":{"memo":"x"}}]'
    body = '{"session":1,"author":"a","why":"","merged":false,"wish":"","keys":{},"changes":' + entry + "}"
    await store.commit(epoch, [JournalRow(1, epoch, bytes(16), 0, "ada", FORMAT, body.encode())])
    await store.close()

    with pytest.raises(CorruptBaseError, match="does not fit"):
        await open_base(MemoryStore(memory))


async def test_a_base_is_created_read_and_listed(tmp_path: Path) -> None:
    """A base is a file of its name; reading it gives it back."""
    folder = tmp_path / "123456789012"
    path = folder / "2025-2026.hpbase"
    assert bases_in(folder) == []
    await create_base(path, "2025-2026", a_school(30))

    for _ in range(2):
        planning, revision = await read_moment(path)
        assert (planning, revision) == (a_school(30), 0)
    assert bases_in(folder) == ["2025-2026"]
    assert folder.stat().st_mode & 0o777 == 0o700
    with pytest.raises(AlreadyExistsError):
        await create_base(path, "2025-2026", a_school(10))
    with pytest.raises(NotFoundError):
        await read_moment(folder / "none.hpbase")


async def test_no_replica_of_a_base_that_is_gone_goes_on_in_another(tmp_path: Path) -> None:
    """A base under the name of a deleted one, and the deleted one when it is put back, are each a base of their own."""
    path, kept = tmp_path / "Base.hpbase", tmp_path / "kept.hpbase"
    await create_base(path, "Base", a_school(30))
    seen = [await _opened_with_rooms(path, 3) for _ in range(3)]
    await trash.move(path, kept)

    await create_base(path, "Base", a_school(30))
    new = [await _opened_with_rooms(path, 3) for _ in range(9)]
    assert not any(new[-1].history.may_resume(old.epoch, revision) for old in seen for revision in range(10))
    assert not any(seen[-1].history.may_resume(late.epoch, revision) for late in new for revision in range(10))
    assert (seen[-1].history.head, new[-1].history.head) == (9, 27)

    path.unlink()
    await trash.move(kept, path)
    back = await _opened_with_rooms(path, 3)
    assert not any(back.history.may_resume(late.epoch, revision) for late in new for revision in range(10))
    assert back.history.may_resume(seen[-1].epoch, 9), "its own clients go on"


async def _opened_with_rooms(path: Path, rooms: int) -> OpenedBase:
    """Take a base, add rooms to it, leave it; what was opened, with them."""
    store = SqliteStore(path)
    desk, keeping = await a_desk(store)
    ada = desk.follow("ada")
    for _ in range(rooms):
        head = desk.engine.head
        wish = desk.transact(10 + head, create("room", -1, name=f"C{head}"), operation=b"%016d" % head)
        desk.tell(ada, wish)
        await carry_out(desk, keeping)
    await keeping.close()
    opened = await open_base(store)
    await store.close()
    return opened


def test_what_was_begun_and_killed_is_forgotten_once_it_is_old(tmp_path: Path) -> None:
    """A base, a branch that has one, and what belongs to somebody else stay."""
    stay = ["a.hpbase", "a.hpbase.origin", "a.hpbase.lock", ".somebody"]
    gone = [".b.hpbase.new", ".b.hpbase.new-wal", ".b.hpbase.origin.new", "c.hpbase.origin"]
    for name in (*stay, *gone):
        (tmp_path / name).touch()
    bases.forget_leftovers(tmp_path, 0.0)
    assert sorted(file.name for file in tmp_path.iterdir()) == sorted((*stay, *gone))
    bases.forget_leftovers(tmp_path, math.inf)
    assert sorted(file.name for file in tmp_path.iterdir()) == sorted(stay)
    bases.forget_leftovers(tmp_path / "none", math.inf)
