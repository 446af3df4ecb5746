"""Sessions of the console: their ends, and what is kept of them."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from hpserver.directory.model import Account, ConsoleSession, Device, IdentityProvider, User
from hpserver.identity.actor import PROOF_SECONDS, Actor
from hpserver.identity.sessions import SessionLimits
from hpserver.store.sqlite_directory import SqliteDirectory
from hpserver.web.sessions import CLOCK_SECONDS, SEEN_SECONDS, TOKEN_BYTES, Sessions, digest, may_enter

NUMBER = "123456789012"


class Desk:
    """One account with a workstation, and a clock."""

    def __init__(self, directory: SqliteDirectory) -> None:
        self.now = 1_800_000_000.0
        self.directory = directory
        self.device: Device
        self.sessions = Sessions(directory, NUMBER, lambda: self.now)
        self.limits = SessionLimits(hours=2, idle_minutes=30)

    async def begin(self) -> str:
        """Sign the manager in."""
        return await self.sessions.begin(0, self.device.key, "127.0.0.1", "x" * 999, self.limits)

    async def good(self, token: str, device: int = 0) -> bool:
        """Whether a cookie is good now."""
        return await self.sessions.find(token, device or self.device.key, self.limits) is not None


@pytest_asyncio.fixture
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    """A directory in a file."""
    directory = SqliteDirectory(tmp_path_factory.mktemp("sessions") / "d.sqlite")
    await directory.open()
    made = Desk(directory)
    await directory.add(Account(number=NUMBER, name="E", domain="e.example", invoice="1" * 10, port=21_200))
    made.device = await directory.add(Device(account=NUMBER, name="B", thumbprint=b"t" * 32, serial="1", console=True))
    yield made
    await directory.close()


async def test_a_session_ends_after_its_hours_and_when_nobody_does_anything(desk: Desk) -> None:
    """Used, it lasts its hours and no longer; unused, its minutes."""
    token, began = await desk.begin(), desk.now
    while desk.now < began + 2 * 3600:
        assert await desk.good(token)
        desk.now += 1200
    desk.now = began + 2 * 3600 + 1
    assert not await desk.good(token)
    assert await desk.directory.list(ConsoleSession) == ()
    token = await desk.begin()
    desk.now += 30 * 60 + 1
    assert not await desk.good(token)


async def test_a_clock_that_is_set_back_makes_no_session_immortal(desk: Desk) -> None:
    """A session of the future is none."""
    token = await desk.begin()
    desk.now -= 400 * 86_400
    assert not await desk.good(token)


async def test_only_the_digest_is_kept_and_only_on_its_device(desk: Desk) -> None:
    """A copy of the directory signs nobody in."""
    token = await desk.begin()
    row = (await desk.sessions.listed())[0]
    assert row.hash == digest(token)
    assert token.encode() not in row.hash
    assert len(row.agent) == 200
    assert not await desk.good("")
    assert not await desk.good(token, device=999)
    assert not await desk.good(token[:-1])


async def test_the_last_use_is_written_now_and_then(desk: Desk) -> None:
    """Not an fsync for each request."""
    token = await desk.begin()
    before = await desk.directory.version()
    desk.now += SEEN_SECONDS
    assert await desk.good(token)
    assert await desk.directory.version() == before
    desk.now += 1
    assert await desk.good(token)
    assert (await desk.sessions.listed())[0].last_at == desk.now


async def test_who_a_session_is_comes_from_the_directory(desk: Desk) -> None:
    """A user who was changed since is what they are now, or nobody."""
    account = await desk.directory.get(Account, NUMBER)
    user = await desk.directory.add(User(account=NUMBER, login="ada", status="superadmin", console=True))
    token = await desk.sessions.begin(user.key, desk.device.key, "", "", desk.limits)
    session = await desk.sessions.find(token, desk.device.key, desk.limits)
    assert session is not None
    actor = await desk.sessions.actor(session, account, b"")
    assert actor is not None
    assert (actor.login, actor.proved) == ("ada", True)
    desk.now += 301
    assert not (await desk.sessions.actor(session, account, b"")).proved  # type: ignore[union-attr]  # as above
    await desk.sessions.prove(session)
    [session] = await desk.sessions.listed()
    for seconds, proved in ((PROOF_SECONDS - 1, True), (1, False)):
        desk.now += seconds
        assert (await desk.sessions.actor(session, account, b"")).proved == proved  # type: ignore[union-attr]  # as above
    await desk.directory.change(User, user.key, password_set_at=session.created_at)
    assert await desk.sessions.actor(session, account, b"") is not None
    await desk.directory.change(User, user.key, password_set_at=session.created_at + 1)
    assert await desk.sessions.actor(session, account, b"") is None
    await desk.directory.change(User, user.key, password_set_at=0.0)
    for fields in ({"enabled": False}, {"console": False}, {"status": "user"}):
        changed = await desk.directory.change(User, user.key, **fields)
        assert not may_enter(changed)
        assert await desk.sessions.actor(session, account, b"") is None
    await desk.sessions.end(session)
    await desk.sessions.end(session)


async def test_the_hosting_manager_is_no_user(desk: Desk) -> None:
    """They go by the number of the account, on the device of the session."""
    account = await desk.directory.get(Account, NUMBER)
    token = await desk.begin()
    [session] = await desk.sessions.listed()
    actor = await desk.sessions.actor(session, account, b"t")
    assert actor == Actor(0, NUMBER, "manager", proved=True, thumbprint=b"t", device=desk.device.key)
    assert desk.sessions.now() == desk.now
    await desk.sessions.forget(token)
    await desk.sessions.forget(token)
    assert not await desk.good(token)


async def test_a_session_that_a_service_vouched_for_ends_with_its_word(desk: Desk) -> None:
    """As soon as the service is not the active one, or calls the user by another name."""
    account = await desk.directory.get(Account, NUMBER)
    ada = User(account=NUMBER, login="ada", status="superadmin", console=True, cas="ada@cas")
    user = await desk.directory.add(ada)
    cas = await desk.directory.add(
        IdentityProvider(account=NUMBER, name="CAS", address="https://cas.example", active=True)
    )
    await desk.sessions.begin(user.key, desk.device.key, "", "", desk.limits, provider=cas.key, identifier="ada@cas")
    [session] = await desk.sessions.listed()
    assert await desk.sessions.actor(session, account, b"") is not None
    await desk.directory.change(User, user.key, cas="eve@cas")
    assert await desk.sessions.actor(session, account, b"") is None
    await desk.directory.change(User, user.key, cas="ada@cas")
    await desk.directory.change(IdentityProvider, cas.key, active=False)
    assert await desk.sessions.actor(session, account, b"") is None


async def test_sessions_of_one_person_are_bounded_and_those_that_are_over_go(desk: Desk) -> None:
    """The oldest goes when one too many comes; what nobody shows any more does not stay in the directory."""
    tokens = []
    for _ in range(desk.limits.sessions + 1):
        tokens.append(await desk.begin())
        desk.now += 1
    assert [await desk.good(one) for one in tokens] == [False, *[True] * desk.limits.sessions]
    desk.now += desk.limits.seconds + 1
    await desk.begin()
    assert len(await desk.sessions.listed()) == 1


async def test_a_sign_in_ends_no_session_of_somebody_else(desk: Desk) -> None:
    """However many of one person begin, another's stays; and the account may allow any number."""
    user = await desk.directory.add(User(account=NUMBER, login="ada", console=True))
    theirs = await desk.sessions.begin(user.key, desk.device.key, "127.0.0.1", "", desk.limits)
    for _ in range(desk.limits.sessions * 2):
        await desk.begin()
    assert await desk.good(theirs)
    assert len(await desk.sessions.listed()) == desk.limits.sessions + 1


def test_the_figures_are_what_is_documented() -> None:
    """The bits of a cookie, how exactly the last use is kept, how far a clock may go back."""
    assert (TOKEN_BYTES, SEEN_SECONDS, CLOCK_SECONDS) == (32, 15, 60)


async def test_what_a_page_asks_by_itself_keeps_no_session_alive(desk: Desk) -> None:
    """A page that is left open is nobody who does something."""
    token = await desk.begin()
    for _ in range(4):
        desk.now += desk.limits.idle_seconds / 3
        await desk.sessions.find(token, desk.device.key, desk.limits, used=False)
    assert not await desk.good(token)
