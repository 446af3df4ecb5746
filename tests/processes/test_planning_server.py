"""A planning server as planners meet it: through the controller, over TLS, with others in the same timetable."""

import asyncio
from collections.abc import Iterator

import pytest

from hpserver.base.commands import place
from hpserver.client import PlanningSession
from tests.house import PATIENCE, House, a_house

pytestmark = [pytest.mark.slow, pytest.mark.uvloop_only]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house for every test of this module."""
    with a_house(tmp_path_factory.mktemp("house")) as house:
        yield house


async def test_edit_of_one_is_seen_by_the_other(house: House) -> None:
    """What a planner's screen confirms is on the other's screen, with its author."""
    async with (
        asyncio.timeout(PATIENCE),
        house.signed_in("alice") as one,
        house.signed_in("bruno") as other,
        PlanningSession(one, "planning01") as alice,
        PlanningSession(other, "planning01") as bruno,
    ):
        assert alice.replica is not None
        done = await alice.edit(place(alice.replica.planning, 1, 20), force=True, why="demande")
        replica = await bruno.wait_revision(done.revision)
        assert replica.planning.activity(1).place == 20
