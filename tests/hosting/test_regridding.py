"""Another grid under a base on disk: told in advance, all or nothing, and nothing of before is lost."""

from pathlib import Path

import msgspec
import pytest

from hpserver.base.changes import create, update
from hpserver.base.epochs import line_of
from hpserver.base.planning import Planning
from hpserver.errors import BaseInUseError, InvalidGridError, NotFoundError
from hpserver.hosting.bases import create_base, open_base
from hpserver.hosting.editing import edit_offline
from hpserver.hosting.exporting import read_moment
from hpserver.hosting.past import peek_base
from hpserver.hosting.regridding import look, regrid
from hpserver.store.sqlite import SqliteStore
from tests.schools import a_grid

OLD = a_grid(10)
FINER = msgspec.structs.replace(OLD, division=4)
SHORTER = msgspec.structs.replace(OLD, weeks=2)


@pytest.fixture
async def path(tmp_path: Path) -> Path:
    """A base in which something was done."""
    base = Planning(OLD)
    base.apply([create("activity", 1, duration=3, weeks=0b1011, place=5)])
    found = tmp_path / "Année.hpbase"
    await create_base(found, "Année", base)
    await edit_offline(found, [update("activity", 1, memo="été")])
    return found


async def test_a_finer_grid_changes_no_hour(path: Path) -> None:
    """Same base, same hours; no client goes on from what it had."""
    async with peek_base(path) as base:
        before = base.epoch
    done = await regrid(path.parent, "Année", FINER)
    assert done.preview.losses == ()
    planning, revision = await read_moment(path)
    row = planning.activity(1)
    assert (planning.grid, row.place, row.duration, revision) == (FINER, 10, 6, 0)
    async with peek_base(path) as base:
        assert line_of(base.epoch) != line_of(before)


async def test_the_former_base_stays_with_its_history(path: Path) -> None:
    """Under names of their own, each time."""
    first = await regrid(path.parent, "Année", FINER)
    second = await regrid(path.parent, "Année", OLD)
    assert (first.kept, second.kept) == ("Année (avant 1)", "Année (avant 2)")
    planning, revision = await read_moment(path.parent / "Année (avant 1).hpbase")
    assert (planning.grid, revision, planning.activity(1).memo) == (OLD, 1, "été")


async def test_losses_are_told_and_refused_unless_they_are_meant(path: Path) -> None:
    """Nobody loses a week by a slip."""
    found = await look(path.parent, "Année", SHORTER)
    assert [(one.kind, one.what, one.weeks) for one in found.losses] == [("activity", "weeks", 0b1000)]
    with pytest.raises(InvalidGridError):
        await regrid(path.parent, "Année", SHORTER)
    assert (await read_moment(path))[0].grid == OLD
    assert (await regrid(path.parent, "Année", SHORTER, lose=True)).preview == found
    assert (await read_moment(path))[0].activity(1).weeks == 0b11


async def test_a_served_base_is_left_alone(path: Path) -> None:
    """It may be looked at; its server is its only writer."""
    store = SqliteStore(path)
    try:
        await open_base(store)
        assert (await look(path.parent, "Année", FINER)).losses == ()
        with pytest.raises(BaseInUseError):
            await regrid(path.parent, "Année", FINER)
    finally:
        await store.close()
    with pytest.raises(NotFoundError):
        await look(path.parent, "Autre", FINER)
