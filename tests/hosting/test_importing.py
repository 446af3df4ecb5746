from pathlib import Path

import pytest

from hpserver.base.changes import Change, create
from hpserver.base.planning import Planning
from hpserver.errors import ClashError, ImportRefusedError, NotFoundError
from hpserver.hosting import importing
from hpserver.hosting.bases import create_base
from hpserver.hosting.exporting import read_moment
from hpserver.hosting.importing import change_base
from tests.schools import a_school


async def a_base(folder: Path) -> Path:
    """Return a base on disk."""
    path = folder / "b.hpbase"
    await create_base(path, "b", a_school(10))
    return path


def rooms(count: int) -> tuple[Change, ...]:
    """Return the creation of rooms."""
    return tuple(create("room", -number, name=f"Nouvelle {number}") for number in range(1, count + 1))


async def test_changes_are_one_transaction_of_the_journal(tmp_path: Path) -> None:
    """They are there after, with a revision of their own; without changes, nothing is written."""
    path = await a_base(tmp_path)
    written = await change_base(path, lambda _: rooms(3), why="import")
    planning, revision = await read_moment(path)
    assert (written.revision, written.transactions, revision) == (1, 1, 1)
    assert planning.counts()["room"] == a_school(10).counts()["room"] + 3
    assert (await change_base(path, lambda _: ())).transactions == 0


async def test_more_than_a_transaction_holds_is_still_one_commit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Placeholders get their keys first; all of it is written, or none."""
    monkeypatch.setattr(importing, "MAX_CHANGES_BYTES", 1000)
    path = await a_base(tmp_path)
    written = await change_base(path, lambda _: rooms(50))
    assert written.transactions > 2
    assert (await read_moment(path))[1] == written.transactions


async def test_what_is_refused_leaves_the_base_as_it_was(tmp_path: Path) -> None:
    """By the plan, or by a clash that is not forced."""
    path = await a_base(tmp_path)

    def refuse(_: Planning) -> tuple[Change, ...]:
        raise ImportRefusedError("no")

    def twice(planning: Planning) -> tuple[Change, ...]:
        row = planning.activity(1)
        same = {"rooms": row.rooms, "place": 0, "weeks": 1, "duration": 1}
        return (*rooms(1), create("activity", -8, **same), create("activity", -9, **same))

    with pytest.raises(ImportRefusedError):
        await change_base(path, refuse)
    with pytest.raises(ClashError):
        await change_base(path, twice)
    planning, revision = await read_moment(path)
    assert (planning, revision) == (a_school(10), 0)
    assert (await change_base(path, twice, force=True)).transactions == 1
    with pytest.raises(NotFoundError):
        await change_base(tmp_path / "none.hpbase", lambda _: ())
