"""Branches: people go on editing, nothing of either side is lost, and what is taken over leaves the branch."""

from pathlib import Path
from typing import cast

import apsw
import msgspec
import pytest

from hpserver.base.changes import Change, create, delete, update
from hpserver.base.model import Activity, Room
from hpserver.base.planning import Planning
from hpserver.errors import (
    AlreadyExistsError,
    BaseInUseError,
    ClashError,
    ConflictError,
    CorruptBaseError,
    InvalidGridError,
    NotFoundError,
    StoreFullError,
)
from hpserver.hosting.bases import ORIGIN_SUFFIX, create_base, open_base
from hpserver.hosting.branches import (
    Origin,
    branches_of,
    bring_up_to_date,
    drop,
    fork,
    look,
    origin_of,
    take_over,
)
from hpserver.hosting.editing import an_operation, edit_offline
from hpserver.hosting.exporting import epoch_of, read_moment
from hpserver.hosting.past import change_offline
from hpserver.hosting.regridding import regrid
from hpserver.protocol import messages as m
from hpserver.store import rebuild as rebuilding
from hpserver.store.sqlite import SqliteStore
from tests.schools import a_grid


async def founded(folder: Path) -> None:
    """Make a base with two rooms and an activity, and a branch of it."""
    base = Planning(a_grid(10))
    base.apply([
        create("room", 1, name="A1"), create("room", 2, name="A2"),
        create("activity", 1, duration=2, weeks=0b11, place=0, rooms=[1]),
    ])  # fmt: skip
    await create_base(folder / "Année.hpbase", "Année", base)
    await edit_offline(folder / "Année.hpbase", [update("room", 1, capacity=10)])
    assert await fork(folder, "Année", "Essai") == 1


async def base_of(folder: Path, name: str = "Année") -> Planning:
    """Read a base."""
    return (await read_moment(folder / f"{name}.hpbase"))[0]


async def test_the_work_of_a_branch_joins_what_was_done_meanwhile(tmp_path: Path) -> None:
    """Both sides stand, and nothing is left on the branch."""
    await founded(tmp_path)
    branch: list[Change] = [create("room", 3, name="Neuve"), update("activity", 1, rooms=[3])]
    await edit_offline(tmp_path / "Essai.hpbase", branch)
    meanwhile: list[Change] = [create("room", 3, name="Autre"), update("activity", 1, place=4)]
    await edit_offline(tmp_path / "Année.hpbase", meanwhile)
    work = await look(tmp_path, "Essai")
    assert {one.ident for one in work.differences()} == {("room", 3), ("activity", 1)}
    done = work.rebased()
    assert done.conflicts == ()
    committed = await take_over(tmp_path, "Essai", done)
    assert committed is not None
    base = await base_of(tmp_path)
    row = cast(Activity, base.get("activity", 1))
    assert (row.rooms, row.place) == ((4,), 4)
    assert await bring_up_to_date(tmp_path, "Essai", work, done) == ()
    assert await base_of(tmp_path, "Essai") == base
    assert origin_of(tmp_path, "Essai").revision == committed.revision


async def test_a_part_is_taken_and_the_rest_stays(tmp_path: Path) -> None:
    """Object by object, as the planner chooses."""
    await founded(tmp_path)
    await edit_offline(tmp_path / "Essai.hpbase", [create("room", 3, name="B1"), update("room", 2, name="Deux")])
    work = await look(tmp_path, "Essai")
    done = work.rebased(only=[("room", 3)])
    await take_over(tmp_path, "Essai", done)
    (left,) = await bring_up_to_date(tmp_path, "Essai", work, done)
    assert (left.ident, left.how) == (("room", 2), "changed")
    assert len((await base_of(tmp_path, "Essai")).rows("room")) == 3


async def test_what_both_changed_is_shown_and_stays_on_the_branch(tmp_path: Path) -> None:
    """Nothing is overwritten unless the planner says so."""
    await founded(tmp_path)
    await edit_offline(tmp_path / "Essai.hpbase", [update("room", 2, name="Deux")])
    await edit_offline(tmp_path / "Année.hpbase", [update("room", 2, name="Zwei")])
    work = await look(tmp_path, "Essai")
    done = work.rebased()
    assert [(one.origin, one.branch, one.current) for one in done.conflicts] == [("A2", "Deux", "Zwei")]
    assert await take_over(tmp_path, "Essai", done) is None
    (left,) = await bring_up_to_date(tmp_path, "Essai", work)
    assert [(one.before, one.after) for one in left.fields] == [("Zwei", "Deux")]
    await take_over(tmp_path, "Essai", work.rebased(insist=[("room", 2)]))
    assert cast(Room, (await base_of(tmp_path)).get("room", 2)).name == "Deux"


async def test_a_clash_is_refused_unless_forced(tmp_path: Path) -> None:
    """Two plans that were each good may not be good together."""
    await founded(tmp_path)
    await edit_offline(tmp_path / "Essai.hpbase", [create("activity", 2, duration=2, weeks=1, place=9, rooms=[2])])
    await edit_offline(tmp_path / "Année.hpbase", [create("activity", 2, duration=2, weeks=1, place=9, rooms=[2])])
    done = (await look(tmp_path, "Essai")).rebased()
    with pytest.raises(ClashError):
        await take_over(tmp_path, "Essai", done)
    await take_over(tmp_path, "Essai", done, force=True)
    assert len((await base_of(tmp_path)).rows("activity")) == 3


async def test_branches_are_told_and_forgotten(tmp_path: Path) -> None:
    """A branch that is dropped leaves no file, and its base is untouched."""
    await founded(tmp_path)
    origin = Origin("Année", 1, epoch_of(tmp_path / "Année.hpbase"))
    assert branches_of(tmp_path, "Année") == branches_of(tmp_path) == {"Essai": origin}
    assert branches_of(tmp_path, "Autre") == {}
    with pytest.raises(AlreadyExistsError):
        await fork(tmp_path, "Année", "Essai")
    with pytest.raises(NotFoundError):
        await drop(tmp_path, "Année")
    await drop(tmp_path, "Essai")
    assert branches_of(tmp_path) == {}
    assert not (tmp_path / "Essai.hpbase").exists()
    assert (await base_of(tmp_path)).counts()["room"] == 2


async def test_a_base_in_service_is_forked_and_a_served_branch_is_not_dropped(tmp_path: Path) -> None:
    """People go on editing; whoever works on the branch is not robbed."""
    await founded(tmp_path)
    for name in ("Année", "Essai"):
        store = SqliteStore(tmp_path / f"{name}.hpbase")
        try:
            await open_base(store)
            assert await fork(tmp_path, name, f"Depuis {name}") in {0, 1}
            if name == "Essai":
                with pytest.raises(BaseInUseError):
                    await drop(tmp_path, "Essai")
                work = await look(tmp_path, "Essai")
                with pytest.raises(BaseInUseError):
                    await bring_up_to_date(tmp_path, "Essai", work)
        finally:
            await store.close()
    assert (await look(tmp_path, "Essai")).differences() == ()


async def test_a_deletion_on_the_branch_is_work_too(tmp_path: Path) -> None:
    """It is taken over unless somebody changed what goes."""
    await founded(tmp_path)
    await edit_offline(tmp_path / "Essai.hpbase", [delete("activity", 1), delete("room", 2)])
    await take_over(tmp_path, "Essai", (await look(tmp_path, "Essai")).rebased())
    counts = (await base_of(tmp_path)).counts()
    assert (counts["activity"], counts["room"]) == (0, 1)


async def test_a_damaged_origin_is_said(tmp_path: Path) -> None:
    """Not a traceback."""
    await founded(tmp_path)
    (tmp_path / f"Essai.hpbase{ORIGIN_SUFFIX}").write_text("?")
    with pytest.raises(CorruptBaseError):
        origin_of(tmp_path, "Essai")


async def test_a_branch_in_service_is_not_taken_over(tmp_path: Path) -> None:
    """It could not be brought up to date, and taken over again its objects would be there twice."""
    await founded(tmp_path)
    await edit_offline(tmp_path / "Essai.hpbase", [create("room", 3, name="Neuve")])
    done = (await look(tmp_path, "Essai")).rebased()
    store = SqliteStore(tmp_path / "Essai.hpbase")
    await open_base(store)
    with pytest.raises(BaseInUseError, match="branch 'Essai' is in service"):
        await take_over(tmp_path, "Essai", done)
    await store.close()
    assert (await base_of(tmp_path)).counts()["room"] == 2


async def test_a_takeover_that_was_interrupted_is_not_done_twice(tmp_path: Path) -> None:
    """Until it is taken back, and again once that is done again."""
    await founded(tmp_path)
    await edit_offline(tmp_path / "Essai.hpbase", [create("room", 3, name="Neuve")])
    await take_over(tmp_path, "Essai", (await look(tmp_path, "Essai")).rebased())
    with pytest.raises(ConflictError, match="revision 2,"):
        await look(tmp_path, "Essai")
    await change_offline(tmp_path / "Année.hpbase", m.Undo(1, 0, an_operation(), revision=2))
    assert [one.ident for one in (await look(tmp_path, "Essai")).differences()] == [("room", 3)]
    await change_offline(tmp_path / "Année.hpbase", m.Redo(1, 0, an_operation(), revision=3))
    with pytest.raises(ConflictError, match="revision 4,"):
        await look(tmp_path, "Essai")


async def test_a_branch_follows_its_base_onto_another_grid(tmp_path: Path) -> None:
    """What was done on it before means the same hours, on the base and on what is left of the branch."""
    await founded(tmp_path)
    work: list[Change] = [create("activity", 2, duration=3, weeks=0b110, place=7), update("activity", 1, place=4)]
    await edit_offline(tmp_path / "Essai.hpbase", work)
    await regrid(tmp_path, "Année", msgspec.structs.replace(a_grid(10), division=4))
    seen = await look(tmp_path, "Essai")
    done = seen.rebased(only=[("activity", 2)])
    await take_over(tmp_path, "Essai", done)
    assert [one.ident for one in await bring_up_to_date(tmp_path, "Essai", seen, done)] == [("activity", 1)]
    new = (await base_of(tmp_path)).activity(2)
    assert (new.place, new.duration, new.weeks) == (14, 6, 0b110)
    assert (await base_of(tmp_path, "Essai")).activity(1).place == 8


async def test_work_that_the_new_grid_of_the_base_has_no_place_for_stays_on_the_branch(tmp_path: Path) -> None:
    """It is named, and nothing is done; what the base lost too is no obstacle."""
    await founded(tmp_path)
    await edit_offline(tmp_path / "Essai.hpbase", [create("activity", 2, duration=2, weeks=1 << 9)])
    await regrid(tmp_path, "Année", msgspec.structs.replace(a_grid(10), weeks=2), lose=True)
    with pytest.raises(InvalidGridError, match="activity 2 in Essai"):
        await look(tmp_path, "Essai")
    await edit_offline(tmp_path / "Essai.hpbase", [update("activity", 2, weeks=0b10)])
    assert [one.ident for one in (await look(tmp_path, "Essai")).differences()] == [("activity", 2)]


async def test_a_branch_is_not_brought_onto_another_grid_alone(tmp_path: Path) -> None:
    """It would begin a history of its own, and forget what was done on it."""
    await founded(tmp_path)
    with pytest.raises(InvalidGridError, match="grid of Année"):
        await regrid(tmp_path, "Essai", msgspec.structs.replace(a_grid(10), division=4))
    assert (await base_of(tmp_path, "Essai")).grid == a_grid(10)


async def test_a_branch_for_which_there_was_no_room_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    """Neither a base without rows, nor a word that makes a branch of the next base of that name."""
    await founded(tmp_path)

    def full(*_: object) -> None:
        raise apsw.FullError("database or disk is full")

    monkeypatch.setattr(rebuilding, "_keep", full)
    with pytest.raises(StoreFullError):
        await fork(tmp_path, "Année", "Neuve")
    assert not (tmp_path / "Neuve.hpbase").exists()
    assert not (tmp_path / f"Neuve.hpbase{ORIGIN_SUFFIX}").exists()
