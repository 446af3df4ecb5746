"""The past of a base in a file: read beside its server, taken back without one, packed."""

from pathlib import Path

import pytest

from hpserver.base.changes import update
from hpserver.base.snapshot import encode_snapshot
from hpserver.errors import BaseInUseError, NotFoundError, NothingToUndoError
from hpserver.hosting.bases import create_base
from hpserver.hosting.editing import an_operation
from hpserver.hosting.past import as_of, change_offline, compact_base, peek_base
from hpserver.protocol import messages as m
from hpserver.store.sqlite import SqliteStore
from tests.cli.base.test_history import edited
from tests.schools import a_school


@pytest.fixture
async def path(tmp_path: Path) -> Path:
    """A base in which Ada wrote three memos."""
    file = tmp_path / "base"
    await create_base(file, "base", a_school(12))
    await edited(file, [("ada", "", [update("activity", 1, memo=text)]) for text in "abc"])
    return file


async def test_a_base_is_read_while_it_is_served(path: Path) -> None:
    """As it was at the moment of opening; its server never notices."""
    owner = SqliteStore(path)
    epoch = await owner.open()
    async with peek_base(path) as base:
        assert (base.revision, base.epoch, base.planning.activity(1).memo) == (3, epoch, "c")
        assert (await as_of(base.store, 1)).activity(1).memo == "a"
        with pytest.raises(NotFoundError):
            await as_of(base.store, 4)
    await owner.close()


async def test_nobody_changes_a_base_that_is_served(path: Path) -> None:
    """What is done offline needs the base for itself."""
    owner = SqliteStore(path)
    await owner.open()
    with pytest.raises(BaseInUseError):
        await change_offline(path, m.Undo(1, 0, an_operation()), user="ada")
    with pytest.raises(BaseInUseError):
        await compact_base(path)
    await owner.close()


async def test_what_is_done_offline_is_a_transaction_like_any_other(path: Path) -> None:
    """It is on the disk, has an author, and can be taken back; sent again it is done once."""
    request = m.Undo(1, 0, an_operation())
    first = await change_offline(path, request, user="ada")
    assert await change_offline(path, request, user="ada") == first
    async with peek_base(path) as base:
        assert (base.revision, base.planning.activity(1).memo) == (4, "b")
        (row,) = await base.store.by_user("hp", 99, 99)
        assert b'"undoes":3' in row.body
    await change_offline(path, m.Undo(1, 0, an_operation(), revision=4))
    with pytest.raises(NothingToUndoError):
        await change_offline(path, m.Undo(1, 0, an_operation(), revision=4))
    async with peek_base(path) as base:
        assert base.planning.activity(1).memo == "c"


async def test_a_packed_base_is_served_as_before(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Same state, same past."""
    monkeypatch.setattr("hpserver.store.chunks.CHUNK_ROWS", 2)
    monkeypatch.setattr("hpserver.store.policy.PLAIN_ROWS", 0)
    monkeypatch.setattr("hpserver.store.policy.PLAIN_DAYS", -10_000)
    async with peek_base(path) as base:
        before = [encode_snapshot(await as_of(base.store, revision)) for revision in range(4)]
    assert (await compact_base(path)).rows == 2
    async with peek_base(path) as base:
        assert [encode_snapshot(await as_of(base.store, revision)) for revision in range(4)] == before
    assert isinstance(await change_offline(path, m.Undo(1, 0, an_operation(), revision=1, force=True)), m.Committed)
