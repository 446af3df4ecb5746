"""A base that nobody serves, edited as a client would."""

from pathlib import Path

import pytest

from hpserver.base.changes import create, update
from hpserver.base.planning import Planning
from hpserver.errors import BaseInUseError, UnknownObjectError
from hpserver.hosting import editing
from hpserver.hosting.bases import create_base, open_base
from hpserver.hosting.editing import edit_offline
from hpserver.hosting.exporting import read_moment
from hpserver.protocol import messages as m
from hpserver.store.sqlite import SqliteStore
from tests.schools import a_grid, a_school


async def test_what_is_done_is_in_the_journal(tmp_path: Path) -> None:
    """It can be told and taken back like any edit."""
    path = tmp_path / "base.hpbase"
    await create_base(path, "base", a_school(10))
    answer = await edit_offline(path, [update("room", 1, capacity=77)], why="recount")
    assert isinstance(answer, m.Committed)
    planning, revision = await read_moment(path)
    assert (planning.get("room", 1).capacity, revision) == (77, 1)  # type: ignore[attr-defined] # a room
    assert await edit_offline(path, []) is None


async def test_great_changes_are_made_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Several transactions are one commit: the last one fails, nothing is there."""
    monkeypatch.setattr(editing, "MAX_CHANGES_BYTES", 400)
    path = tmp_path / "base.hpbase"
    await create_base(path, "base", Planning(a_grid()))
    good = [create("room", key, name=f"Salle {key}") for key in range(1, 30)]
    with pytest.raises(UnknownObjectError):
        await edit_offline(path, [*good, update("room", 99, capacity=1)])
    assert (await read_moment(path))[1] == 0
    await edit_offline(path, good)
    planning, revision = await read_moment(path)
    assert len(planning.rows("room")) == 29
    assert revision > 3


async def test_clashes_are_told_unless_forced(tmp_path: Path) -> None:
    """As to a client."""
    path = tmp_path / "base.hpbase"
    base = Planning(a_grid())
    base.apply([create("room", 1, name="A"), create("activity", 1, duration=2, weeks=1, place=0, rooms=[1])])
    await create_base(path, "base", base)
    clash = [create("activity", -1, duration=2, weeks=1, place=0, rooms=[1])]
    assert isinstance(await edit_offline(path, clash), m.Clashed)
    assert isinstance(await edit_offline(path, clash, force=True), m.Committed)


async def test_a_served_base_is_left_alone(tmp_path: Path) -> None:
    """Its server is its only writer."""
    path = tmp_path / "base.hpbase"
    await create_base(path, "base", a_school(5))
    store = SqliteStore(path)
    try:
        await open_base(store)
        with pytest.raises(BaseInUseError):
            await edit_offline(path, [update("room", 1, capacity=77)])
    finally:
        await store.close()
