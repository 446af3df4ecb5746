"""Taking back, doing again and looking back, through lines that break."""

from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from hpserver.base.changes import delete, update
from hpserver.client import ConflictsError, PlanningSession, writing
from hpserver.client import planning as planning_module
from hpserver.errors import NothingToUndoError, ResyncNeededError
from tests.client.served import PATIENCE, Served, a_school_served
from tests.desk import NAME

pytestmark = pytest.mark.timeout(PATIENCE)


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chance draws the shortest pause each time."""
    for module in (writing, planning_module):
        monkeypatch.setattr(module, "draw", lambda: 0.0)


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    """A school in service."""
    async with a_school_served(tmp_path) as served:
        yield served


@pytest.fixture
async def ada(served: Served) -> AsyncIterator[PlanningSession]:
    """Ada, in the planning."""
    async with served.signed_in("ada") as school, PlanningSession(school, NAME) as ada:
        yield ada


async def memo(session: PlanningSession, revision: int) -> str:
    """What a replica says, once it has that revision."""
    return (await session.wait_revision(revision)).planning.activity(1).memo


async def test_an_edit_is_taken_back_and_done_again_from_another_session(served: Served, ada: PlanningSession) -> None:
    """Whoever follows sees each step; lines that break in between lose and double nothing."""
    await ada.edit([update("activity", 1, memo="x")])
    async with served.signed_in("ada") as school, PlanningSession(school, NAME) as later:
        served.cut()
        undone = await later.undo(why="wrong")
        assert await memo(ada, undone.revision) == ""
        served.cut()
        again = await ada.redo()
        assert await memo(later, again.revision) == "x"
        assert again.revision == 3
        with pytest.raises(NothingToUndoError):
            await ada.redo()


async def test_what_another_wrote_since_is_told(served: Served, ada: PlanningSession) -> None:
    """With both values, and the name."""
    await ada.edit([update("activity", 1, memo="ada")])
    async with served.signed_in("bob") as school, PlanningSession(school, NAME) as bob:
        await bob.edit([update("activity", 1, memo="bob")])
    with pytest.raises(ConflictsError) as caught:
        await ada.undo()
    (conflict,) = caught.value.conflicts
    assert (conflict.field, conflict.user, msgspec.msgpack.decode(conflict.theirs)) == ("memo", "bob", "bob")
    assert await memo(ada, (await ada.undo(force=True)).revision) == ""


async def test_what_was_done_can_be_looked_at_and_an_object_put_back(ada: PlanningSession) -> None:
    """The timeline names the revision to go back to."""
    first = await ada.edit([update("activity", 1, memo="good")], why="because")
    await ada.edit([delete("activity", 1)])
    timeline = await ada.timeline("activity", 1)
    assert [row.why for row in timeline.rows] == ["", "because"]
    await ada.wait_revision(2)
    done = await ada.restore("activity", 1, first.revision)
    assert await memo(ada, done.revision) == "good"


async def test_everything_since_is_told_once(ada: PlanningSession) -> None:
    """Page by page; a place that no longer stands is refused."""
    for number in range(5):
        await ada.edit([update("activity", 1, memo=str(number))])
    page = await ada.changes(0, limit=3)
    rest = await ada.changes(page.rows[-1].revision, page.epoch, limit=3)
    assert [row.revision for row in (*page.rows, *rest.rows)] == [1, 2, 3, 4, 5]
    assert (page.more, rest.more) == (True, False)
    with pytest.raises(ResyncNeededError):
        await ada.changes(9, page.epoch)
