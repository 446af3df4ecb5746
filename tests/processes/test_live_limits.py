"""Sessions over real processes come to their end: of being idle, and of having lasted, each told with what to do."""

import asyncio
from collections.abc import Iterator
from contextlib import suppress

import pytest

from hpserver.cli.words.errors import sentence
from hpserver.client import PlanningSession, School
from hpserver.errors import HPError, SessionEndedError
from tests.house import PASSWORD, PATIENCE, House, a_house

pytestmark = pytest.mark.slow

LASTS = 10
"""Seconds: longer than who is idle here may stay, so that both ends are seen."""

IDLE = 2


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """An installation whose operator is impatient."""
    folder = tmp_path_factory.mktemp("house")
    with a_house(folder, HP_LIMITS__SESSION_SECONDS=str(LASTS), HP_LIMITS__IDLE_SECONDS=str(IDLE)) as house:
        yield house


async def ended(session: PlanningSession) -> HPError | None:
    """Wait for the end of a session in a planning; why."""
    async for _ in session.events():
        pass
    return session.failure


async def works(session: PlanningSession) -> None:
    """Do something again and again, as a person does, until the session is over."""
    with suppress(SessionEndedError):
        while session.failure is None:
            await session.presence()
            await asyncio.sleep(0.2)


async def at_home(school: School) -> HPError:
    """Wait until the controller has ended the session, without a word to it meanwhile; why."""
    while school.is_open:  # noqa: ASYNC110  what a client knows of its end is this
        await asyncio.sleep(0.05)
    with pytest.raises(HPError) as over:
        await school.plannings()
    return over.value


async def test_a13_an_idle_session_and_one_that_has_lasted_are_ended_and_told_why(house: House) -> None:
    """Alice leaves her screen, Chloé never goes on; Bruno works, and David's screen shows, until their time is over."""
    async with (
        asyncio.timeout(PATIENCE),
        asyncio.TaskGroup() as group,
        house.signed_in("alice") as hers,
        house.signed_in("bruno") as his,
        house.signed_in("chloe") as left,
        house.inside("david") as display,
        PlanningSession(hers, "planning01") as idle,
        PlanningSession(his, "planning01") as busy,
    ):
        working = group.create_task(works(busy))
        ends = [await ended(idle), await at_home(hers), await at_home(left)]
        assert [one.details["cause"] for one in ends if isinstance(one, SessionEndedError)] == ["idle"] * 3
        told = "Nothing was done in this session for too long. Log in again."
        assert all(told in sentence(one, french=False) for one in ends if one is not None)
        assert (busy.failure, his.is_open) == (None, True)  # at work there, so not idle here
        assert display.failure is None  # nobody is before it
        last = await ended(busy)
        assert isinstance(last, SessionEndedError)
        assert last.details["cause"] == "time"
        assert "Connectez-vous à nouveau" in sentence(last, french=True)
        await working
        assert (await at_home(his)).details["cause"] == "time"
        await his.log_in("bruno", PASSWORD)
        assert his.is_open
