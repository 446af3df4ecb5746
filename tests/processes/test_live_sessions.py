"""Sessions over real processes: seen from one place, ended everywhere, in time."""

import asyncio
import secrets
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack

import pytest

from hpserver.client import PlanningSession, School
from hpserver.directory.model import Account, Address, User
from hpserver.errors import BusyError, CertificateRefusedError, ConnectionLostError, SessionEndedError
from hpserver.hosting.hashing import HASH_QUEUE, HASH_WAIT_SECONDS
from hpserver.protocol.catalogue import administration as w
from tests.house import PASSWORD, PATIENCE, House, a_house

pytestmark = pytest.mark.slow

WAIT = 200
"""Looks at the directory, twenty a second; only reached by a test that fails."""


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


async def come_in(school: School, login: str) -> float:
    """Sign in; 0, or the seconds after which one may come back."""
    try:
        await school.log_in(login, PASSWORD)
    except BusyError as error:
        return float(str(error.details["seconds"]))
    return 0.0


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


async def test_t05_a_sign_in_from_an_address_that_is_new_is_told(house: House) -> None:
    """To who came from elsewhere until now, once: the address is known from then on."""
    login = f"moves{len(house.users)}"
    user = await asyncio.to_thread(house.add_user, login)
    await asyncio.to_thread(house.run, house.directory.add(Address(user=user.key, source="192.0.2.9", at=time.time())))
    async with asyncio.timeout(PATIENCE):
        for new in (True, False):
            async with house.signed_in(login) as school:
                assert school.user is not None
                assert school.user.new_address is new
            for _ in range(WAIT):  # it is kept after the answer
                if len(await asyncio.to_thread(house.run, house.directory.list(Address, user=user.key))) > 1:
                    break
                await asyncio.sleep(0.05)


async def test_t05_who_revokes_the_device_they_sit_on_is_told_that_it_is_done(house: House) -> None:
    """First the answer, then the end: of this session, and of what else runs on the device before it."""
    login = f"mine{len(house.users)}"
    await asyncio.to_thread(house.add_user, login, status="superadmin")
    async with asyncio.timeout(PATIENCE), house.inside(login) as inside, house.signed_in(login) as school:
        found = await school.administer(w.ListSessions(login))
        assert isinstance(found, w.Sessions)
        assert await school.administer(w.RevokeDevice(found.rows[0].device, "lost"), password=password) == w.Done(2)
        await ended(inside)
        with pytest.raises((CertificateRefusedError, ConnectionLostError, SessionEndedError)):
            await school.administer(w.ListSessions(login))


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


async def test_a11_sixty_four_passwords_at_once_are_bounded_and_keep_nobody_else_waiting(house: House) -> None:
    """And sixteen more than may wait: in, or told when to come back; who is in already has an answer to each question.

    All have the same password, whose hash is made once.
    """
    crowd = secrets.token_hex(4)
    logins = [f"{crowd}-{number}" for number in range(HASH_QUEUE + 16)]
    hashed = (await asyncio.to_thread(house.run, house.directory.get(User, house.users["alice"].key))).password_hash
    for login in logins:
        one = User(account=house.account.number, login=login, password_hash=hashed, measure="none")
        await asyncio.to_thread(house.run, house.directory.add(one))
    answers = 0
    async with asyncio.timeout(PATIENCE), AsyncExitStack() as stack, house.signed_in("emile") as emile:
        device = await asyncio.to_thread(house.credentials, "alice")
        schools = [await stack.enter_async_context(School(device)) for _ in logins]
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(come_in(*one)) for one in zip(schools, logins, strict=True)]
            while not all(task.done() for task in tasks):
                await emile.plannings()
                answers += 1
        told = [task.result() for task in tasks]
        assert 0.0 in told
        assert all(0 <= seconds <= HASH_WAIT_SECONDS for seconds in told)
        assert answers >= HASH_QUEUE
        assert all((school.user is not None) == (seconds == 0) for school, seconds in zip(schools, told, strict=True))
