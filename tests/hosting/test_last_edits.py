"""When a base was edited last: neither when it was opened, nor when it was copied."""

import os
from pathlib import Path

import pytest

from hpserver.base.changes import update
from hpserver.hosting import last_edits
from hpserver.hosting.bases import create_base, open_base
from hpserver.hosting.editing import edit_offline
from hpserver.hosting.last_edits import LastEdits
from hpserver.store.sqlite import SqliteStore
from tests.schools import a_school


async def test_the_last_edit_is_that_of_the_journal(tmp_path: Path) -> None:
    """A base that is only opened, or whose file is touched, was not edited."""
    path, edits = tmp_path / "B.hpbase", LastEdits()
    await create_base(path, "B", a_school(5, seed=1))
    assert await edits.at_ms(path) == 0
    await edit_offline(path, [update("activity", 1, memo="un")])
    first = await edits.at_ms(path)
    assert first > 0
    store = SqliteStore(path)
    opened = await open_base(store)
    assert opened.history.newest_ms == first
    await store.close()
    os.utime(path, (1, 1))
    assert await edits.at_ms(path) == first
    await edit_offline(path, [update("activity", 1, memo="deux")])
    assert await edits.at_ms(path) >= first
    assert await LastEdits().at_ms(path) == await edits.at_ms(path)


async def test_a_base_is_read_once_for_each_state_of_its_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A screen that looks every second costs a look at two files; what cannot be read is no edit."""
    path, edits, read = tmp_path / "B.hpbase", LastEdits(), []

    async def newest(which: Path) -> int:
        read.append(which)
        return 7

    await create_base(path, "B", a_school(5, seed=1))
    with monkeypatch.context() as patch:
        patch.setattr(last_edits, "_newest", newest)
        assert [await edits.at_ms(path) for _ in range(3)] == [7, 7, 7]
        assert len(read) == 1
        os.utime(path, (1, 1))
        await edits.at_ms(path)
        assert len(read) == 2
        patch.setattr(last_edits, "KEPT", 1)
        other = tmp_path / "C.hpbase"
        await create_base(other, "C", a_school(5, seed=1))
        assert [await edits.at_ms(one) for one in (other, path)] == [7, 7]
        assert len(read) == 4
    (tmp_path / "D.hpbase").write_bytes(b"no base")
    assert await edits.at_ms(tmp_path / "D.hpbase") == 0
    assert await edits.at_ms(tmp_path / "none.hpbase") == 0
