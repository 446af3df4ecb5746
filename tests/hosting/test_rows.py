"""Rows of the journal done again on a base."""

from pathlib import Path

import msgspec
import pytest

from hpserver.base.changes import create
from hpserver.errors import CorruptBaseError
from hpserver.hosting.bases import create_base
from hpserver.hosting.editing import OPERATOR, edit_offline
from hpserver.hosting.past import peek_base
from hpserver.hosting.rows import read_row, replay
from tests.schools import a_school


async def test_a_row_is_done_again_on_the_base_that_it_follows_only(tmp_path: Path) -> None:
    """What it says leads to the next revision; on any other base it is told as damage, with its revision."""
    path, before = tmp_path / "b.hpbase", a_school(3)
    await create_base(path, "b", before)
    await edit_offline(path, [create("room", -1, name="Neuve")], why="more")
    async with peek_base(path) as base:
        (row,) = await base.store.tail(0, 1)
        transaction, done, changes = read_row(row)
        assert (transaction.user, transaction.why, done.revision, len(changes)) == (OPERATOR, "more", 1, 1)
        replay(before, row)
        assert before == base.planning
    with pytest.raises(CorruptBaseError, match="row 1 of the journal does not fit"):
        replay(before, row)
    with pytest.raises(CorruptBaseError, match="cannot be read"):
        read_row(msgspec.structs.replace(row, body=b"{}"))
