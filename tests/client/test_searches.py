"""Searches say the same, whether the replica or the server answers."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from hpserver.base.changes import create
from hpserver.base.diagnosis.grid import MOST_REASONS, diagnose
from hpserver.base.diagnosis.rooms import Wanted
from hpserver.client import PlanningSession, School, Searches
from hpserver.errors import SessionEndedError, UnknownObjectError
from tests.client.served import PATIENCE, a_school_served
from tests.desk import NAME

pytestmark = pytest.mark.timeout(PATIENCE)


@pytest.fixture
async def ada(tmp_path: Path) -> AsyncIterator[PlanningSession]:
    """Ada, in the planning."""
    async with (
        a_school_served(tmp_path) as served,
        served.signed_in("ada") as school,
        PlanningSession(school, NAME) as ada,
    ):
        yield ada


async def test_replica_and_server_say_the_same(ada: PlanningSession) -> None:
    """Every search, both ways."""
    here, there = Searches(ada), Searches(ada, ask=True)
    assert await here.diagnosis(1) == await there.diagnosis(1)
    assert await here.diagnosis(1, (1,), 4) == await there.diagnosis(1, (1,), 4)
    assert await here.free_rooms(4, 2, 0b111, Wanted(30)) == await there.free_rooms(4, 2, 0b111, Wanted(30))
    slots = [("room", 1), ("instructor", 1)]
    assert await here.free_slots(slots, 2, 0b111) == await there.free_slots(slots, 2, 0b111)
    assert await here.report(5) == await there.report(5)


async def test_a_crowd_of_reasons_is_told_alike(ada: PlanningSession) -> None:
    """Replica and server name the same first ones, and count the rest."""
    count = MOST_REASONS + 5
    crowd = [create("activity", 9_000 + number, weeks=1, place=4, duration=1) for number in range(count)]
    keys = [one.key for one in crowd]
    await ada.edit([*crowd, create("constraint", 9_000, rule="not_overlapping", activities=keys, hard=False)])
    here = (await Searches(ada).diagnosis(9_000, place=4)).here
    assert here == (await Searches(ada, ask=True).diagnosis(9_000, place=4)).here
    assert here is not None
    assert (len(here.reasons), here.more) == (MOST_REASONS, 4)


async def test_a_repair_can_be_done(ada: PlanningSession) -> None:
    """Its changes are an edit: the activity is where it was wanted, and nobody is in two places for it."""
    assert ada.replica is not None
    planning = ada.replica.planning
    wanted = next(
        (activity, place)
        for activity in planning.rows("activity")
        for place, standing in diagnose(planning, activity).places().items()
        if standing.blocked
    )
    asked = await Searches(ada, ask=True).repairs(*wanted)
    found = await Searches(ada).repairs(*wanted)
    assert found.found[0].weight <= asked.found[0].weight
    done = await ada.edit(asked.found[0].changes)
    replica = await ada.wait_revision(done.revision)
    assert diagnose(replica.planning, wanted[0]).standing(wanted[1]).blocked == 0


async def test_what_does_not_exist_is_refused_alike(ada: PlanningSession) -> None:
    """The same error from both."""
    for searches in (Searches(ada), Searches(ada, ask=True)):
        with pytest.raises(UnknownObjectError):
            await searches.diagnosis(10_000)


async def test_a_session_that_was_not_entered_searches_nothing(tmp_path: Path) -> None:
    """It says so."""
    async with a_school_served(tmp_path) as served, served.signed_in("ada") as school:
        assert isinstance(school, School)
        with pytest.raises(SessionEndedError):
            await Searches(PlanningSession(school, NAME)).report()
