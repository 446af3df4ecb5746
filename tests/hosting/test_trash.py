import datetime as dt
from pathlib import Path

import pytest

from hpserver.base.changes import create
from hpserver.base.planning import Planning
from hpserver.errors import AlreadyExistsError, BaseInUseError, NotFoundError
from hpserver.hosting.bases import create_base, origin_path, path_in
from hpserver.hosting.branches import branches_of, fork
from hpserver.hosting.editing import edit_offline, taken
from hpserver.hosting.past import peek_base
from hpserver.hosting.trash import KEPT_DAYS, forget_old, move, put_back, throw, thrown
from tests.schools import a_grid

NOW = dt.datetime(2026, 11, 23, 7, 0, tzinfo=dt.UTC)


async def a_base(folder: Path) -> Path:
    """Make a base with one transaction."""
    (folder / "bases").mkdir()
    path = path_in(folder / "bases", "Base")
    await create_base(path, "Base", Planning(a_grid()))
    await edit_offline(path, [create("room", 1, name="A1")])
    return path


async def test_a_deleted_base_is_put_back_with_its_history(tmp_path: Path) -> None:
    """Nothing is lost by a command that was typed too fast."""
    base = await a_base(tmp_path)
    gone = await throw(base, tmp_path / "trash", NOW)
    assert [path.name for path in base.parent.iterdir() if not path.name.endswith(".lock")] == []
    assert [(one.base, one.at, one.folder) for one in thrown(tmp_path / "trash")] == [("Base", NOW, gone.folder)]
    assert await put_back(tmp_path / "trash", base.parent, "Base") == "Base"
    assert thrown(tmp_path / "trash") == []
    async with peek_base(base) as after:
        assert (after.revision, after.planning.counts()["room"]) == (1, 1)


async def test_a_base_is_put_back_beside_one_that_took_its_name(tmp_path: Path) -> None:
    """The newer one is never overwritten."""
    base = await a_base(tmp_path)
    await throw(base, tmp_path / "trash", NOW)
    await create_base(base, "Base", Planning(a_grid()))
    with pytest.raises(AlreadyExistsError):
        await put_back(tmp_path / "trash", base.parent, "Base")
    assert await put_back(tmp_path / "trash", base.parent, "Base", "Former") == "Former"
    with pytest.raises(NotFoundError):
        await put_back(tmp_path / "trash", base.parent, "Base")


async def test_a_base_that_somebody_has_stays_where_it_is(tmp_path: Path) -> None:
    """What is acknowledged after it was moved would be lost."""
    base = await a_base(tmp_path)
    async with taken(base):
        with pytest.raises(BaseInUseError):
            await throw(base, tmp_path / "trash", NOW)
        with pytest.raises(BaseInUseError):
            await move(base, base.with_name("Other.hpbase"))
    assert base.exists()
    assert thrown(tmp_path / "trash") == []


async def test_what_was_deleted_long_ago_goes_for_good(tmp_path: Path) -> None:
    """After the days that were told, and not before."""
    await throw(await a_base(tmp_path), tmp_path / "trash", NOW)
    assert forget_old(tmp_path / "trash", NOW + dt.timedelta(days=KEPT_DAYS)) == []
    assert len(forget_old(tmp_path / "trash", NOW + dt.timedelta(days=KEPT_DAYS, seconds=1))) == 1
    assert thrown(tmp_path / "trash") == []


async def test_a_branch_is_moved_as_a_branch_and_nothing_beside_its_new_name_is_taken_for_its_own(
    tmp_path: Path,
) -> None:
    """What a killed command left there says nothing of another base."""
    base = await a_base(tmp_path)
    branch, other = path_in(base.parent, "Branch"), path_in(base.parent, "Other")
    await fork(base.parent, "Base", "Branch")
    origin_path(other).write_bytes(b"of another")
    other.with_name(f"{other.name}-wal").write_bytes(b"of another")
    await move(branch, other)
    assert [(name, one.base) for name, one in branches_of(base.parent).items()] == [("Other", "Base")]
    assert not origin_path(branch).exists()
    assert other.stat().st_nlink == 1
    origin_path(branch).write_bytes(b"of another")
    await move(base, branch)
    assert list(branches_of(base.parent)) == ["Other"]
    async with peek_base(branch) as after:
        assert after.revision == 1


async def test_a_deletion_that_was_killed_leaves_no_folder_for_ever(tmp_path: Path) -> None:
    """The folder was made, and no base came."""
    await throw(await a_base(tmp_path), tmp_path / "trash", NOW)
    (tmp_path / "trash" / "somebody's").mkdir()
    for file in thrown(tmp_path / "trash")[0].folder.iterdir():
        file.unlink()
    assert forget_old(tmp_path / "trash", NOW + dt.timedelta(days=KEPT_DAYS, seconds=1)) == []
    assert [one.name for one in (tmp_path / "trash").iterdir()] == ["somebody's"]
