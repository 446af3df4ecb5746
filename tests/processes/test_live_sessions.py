"""Sessions over real processes: seen from one place, ended everywhere, in time."""

import asyncio
from collections.abc import Iterator

import pytest

from hpserver.client import PlanningSession
from hpserver.directory.model import Account
from hpserver.errors import SessionEndedError
from hpserver.protocol.catalogue import administration as w
from tests.house import PASSWORD, PATIENCE, House, a_house

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One installation for all tests of this module."""
    with a_house(tmp_path_factory.mktemp("house")) as house:
        yield house


async def ended(session: PlanningSession) -> SessionEndedError:
    """Wait for the end of a session, which is for good: its program does not come back by itself."""
    async for _ in session.events():
        pass
    assert isinstance(session.failure, SessionEndedError)
    return session.failure


async def limit(house: House, sessions: int) -> None:
    """Have at most so many sessions of one user."""
    change = house.directory.change(Account, house.account.number, sessions=sessions)
    await asyncio.to_thread(house.run, change)
    await asyncio.sleep(1.5)  # every process looks at the directory within a second


async def password() -> str:
    """The one of everybody."""
    return PASSWORD


async def test_a13_one_session_is_seen_and_closed_before_the_answer(house: House) -> None:
    """The superadministrator sees everybody, in every process, and closes one; the others go on."""
    async with asyncio.timeout(PATIENCE), house.inside("alice") as alice, house.inside("bruno") as bruno:
        async with house.signed_in("emile") as emile:
            found = await emile.administer(w.ListSessions(everybody=True))
            assert isinstance(found, w.Sessions)
            seen = [(one.place, one.login, one.profile, one.source) for one in found.rows]
            for login in ("alice", "bruno"):
                assert ("planning01", login, "Modification", "127.0.0.1") in seen
                assert ("", login, "", "127.0.0.1") in seen
            assert all(one.device_name and one.since <= one.active for one in found.rows)
            [hers] = [one for one in found.rows if (one.place, one.login) == ("planning01", "alice")]
            done = await emile.administer(w.CloseSessions("alice", hers.place, hers.number))
            assert done == w.Done(1)
            after = await emile.administer(w.ListSessions("alice"))
            assert isinstance(after, w.Sessions)
            assert [one.place for one in after.rows] == [""]
        assert "closed" in str(await ended(alice))
        assert len(await bruno.presence()) == 1


async def test_all_sessions_of_a_user_are_closed_at_once(house: House) -> None:
    """At the controller and in the planning, before who asked is answered."""
    async with asyncio.timeout(PATIENCE), house.inside("alice") as alice, house.signed_in("emile") as emile:
        assert await emile.administer(w.CloseSessions("alice")) == w.Done(2)
        await ended(alice)
        assert await emile.administer(w.ListSessions("alice")) == w.Sessions((), more=False)


async def test_the_oldest_of_too_many_sessions_is_told_and_closed(house: House) -> None:
    """It learns why, and does not come back by itself; the newest goes on."""
    async with asyncio.timeout(PATIENCE):
        await limit(house, 1)
        try:
            async with house.inside("alice") as old, house.inside("alice") as new:
                assert (await ended(old)).details["cause"] == "replaced"
                assert len(await new.presence()) == 1
        finally:
            await limit(house, 0)


async def test_t05_a_revoked_device_is_gone_from_all_processes(house: House) -> None:
    """By an administrator who proves the password; what ran on it has ended before the answer."""
    login = f"stolen{len(house.users)}"
    house.add_user(login)
    async with asyncio.timeout(PATIENCE), house.inside(login) as inside, house.signed_in("emile") as emile:
        found = await emile.administer(w.ListSessions(login))
        assert isinstance(found, w.Sessions)
        device = found.rows[0].device
        done = await emile.administer(w.RevokeDevice(device, "stolen"), password=password)
        assert isinstance(done, w.Done)
        assert done.closed == 2
        await ended(inside)
