"""Rights inside a base, on running processes: what a profile hides never comes, what it forbids is never done."""

import asyncio
from collections.abc import Iterator
from functools import partial

import pytest

from hpserver.base.changes import create, delete, update
from hpserver.client import PlanningSession
from hpserver.errors import HPError, NotAllowedError, SessionEndedError
from hpserver.hosting import profiles
from hpserver.identity.profiles import Rights
from hpserver.protocol import messages as m
from tests.house import ADMINISTRATOR, PATIENCE, House, a_house

pytestmark = pytest.mark.slow

PLANNER = Rights(others="edit", kinds={"grade": "none", "instructor": "read"}, categories=(1,))


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house whose first planning has a profile of its own, and somebody with it."""
    with a_house(tmp_path_factory.mktemp("house")) as house:
        planning = house.plannings["planning01"]
        house.run(profiles.create_profile(house.directory, planning, "Placement", "modifier", PLANNER))
        house.add_user("petra", profile="Placement")  # type: ignore[arg-type] # a profile of this house
        yield house


async def classified(house: House) -> None:
    """Give the first activity and its room a category, as an administrator does."""
    async with house.inside(ADMINISTRATOR) as root:
        assert root.replica is not None
        if root.replica.planning.maybe_get("category_value", 1) is None:
            first = root.replica.planning.activity(1)
            await root.edit([
                create("category", 1, name="Composante"),
                create("category_value", 1, category=1, name="Droit"),
                update("activity", 1, categories=[1]),
                update("room", first.rooms[0], categories=[1]),
            ])  # fmt: skip


async def test_r01_a_planner_works_with_a_part_of_a_base(house: House) -> None:
    """The replica is a valid base with what is hers; her edit is done, others are not, and the whole base is intact."""
    async with asyncio.timeout(PATIENCE):
        await classified(house)
        async with house.inside("petra") as petra, house.inside("alice") as alice:
            assert petra.replica is not None
            assert alice.replica is not None
            assert (petra.profile, petra.sees_everything, alice.sees_everything) == ("Placement", False, True)
            mine, whole = petra.replica.planning, alice.replica.planning
            mine.validate()
            room = whole.activity(1).rooms[0]
            assert set(mine.rows("room")) == {room}
            assert not mine.rows("instructor")
            assert mine.activity(1).rooms == (room,)
            done = await petra.edit([update("activity", 1, memo="de Petra", rooms=[room], instructors=[])])
            await asyncio.gather(petra.wait_revision(done.revision), alice.wait_revision(done.revision))
            assert whole.activity(1).memo == mine.activity(1).memo == "de Petra"
            assert whole.activity(1).instructors, "who is not seen stays"
            other = next(key for key in whole.rows("activity") if key not in mine.rows("activity"))
            for change in (delete("activity", other), update("activity", 1, categories=[])):
                with pytest.raises(HPError):
                    await petra.edit([change])
            hidden = await alice.edit([update("activity", other, memo="invisible")])
            assert (await petra.wait_revision(hidden.revision)).planning.maybe_get("activity", other) is None


async def test_a_part_is_resumed_after_a_cut_line(house: House) -> None:
    """Who sees a part comes back to it as others do to the whole."""
    async with asyncio.timeout(PATIENCE):
        await classified(house)
        async with house.inside("petra") as petra:
            before = petra.replica
            assert petra._line is not None
            petra._line.abort()
            done = await petra.edit([update("activity", 1, memo="malgré la coupure")])
            assert await petra.wait_revision(done.revision) is before
            assert petra.entered is not None
            assert petra.entered.resumed


async def test_a13_a_profile_that_was_changed_reaches_open_sessions(house: House) -> None:
    """The session ends and says why; opened again, it has the rights of now. Others are not disturbed."""
    planning = house.plannings["planning01"]

    async def give(rights: Rights) -> None:
        change = profiles.set_profile(house.directory, planning, "Placement", rights)
        await asyncio.to_thread(house.run, change)

    async with asyncio.timeout(PATIENCE), house.inside("alice") as alice, house.signed_in("petra") as school:
        await classified(house)
        async with PlanningSession(school, "planning01") as petra:
            await give(Rights(others="read"))
            async for _ in petra.events():
                pass  # ends with the session: the server has looked at the rights
            assert isinstance(petra.failure, SessionEndedError)
            assert "rights" in str(petra.failure)
        async with PlanningSession(school, "planning01") as again:
            assert again.sees_everything
            with pytest.raises(NotAllowedError):
                await again.edit([update("activity", 1, memo="x")])
            assert isinstance(await again.ask(m.GetChanges(0, 0, 0), m.Changes), m.Changes)
        assert alice.failure is None
        await give(PLANNER)


async def test_r01_a_snapshot_is_that_of_its_reader_whoever_came_first(house: House) -> None:
    """Two people who see different parts take the same revision one after the other, of a server that just started."""
    async with asyncio.timeout(PATIENCE):
        await classified(house)
        pid = await asyncio.to_thread(house.kill, "planning01")
        await asyncio.to_thread(partial(house.wait_live, "planning01", after=pid))
        seen = []
        for login in ("alice", "petra", "alice", "petra"):
            async with house.inside(login) as session:
                assert session.replica is not None
                seen.append(len(session.replica.planning.rows("room")))
        assert seen == [seen[0], 1, seen[0], 1]
        assert seen[0] > 1
