"""Sessions: who is there, and closed before the answer."""

import pytest

from hpserver.administration.office import NobodyHere, Office
from hpserver.errors import NotAllowedError, NotFoundError
from hpserver.identity.actor import OPERATOR
from hpserver.protocol.catalogue import administration as w
from hpserver.protocol.internal import Inside
from tests.administration.conftest import Sessions, actor


async def fill(office: Office, sessions: Sessions) -> None:
    """Have ada twice, zoe once."""
    for place, number, login in (("planning01", 4, "ada"), ("", 2, "ada"), ("", 1, "zoe")):
        user = await office.accounts.user(office.account, login)
        sessions.here.append(Inside(place, number, user.key, login, b"?", "192.0.2.7", 1, 2, ""))


async def test_everybody_sees_their_own_sessions_and_a_superadmin_all(office: Office, sessions: Sessions) -> None:
    """By place and number, over all processes, page by page."""
    await fill(office, sessions)
    zoe, ada = await actor(office, "zoe"), await actor(office, "ada")

    async def listed(who: object, wish: w.ListSessions) -> list[tuple[str, int, str]]:
        found = await office.carry_out(who, wish)  # type: ignore[arg-type]  # one of the actors
        assert isinstance(found, w.Sessions)
        return [(one.place, one.number, one.login) for one in found.rows]

    assert await listed(zoe, w.ListSessions()) == [("", 1, "zoe")]
    everybody = [("", 1, "zoe"), ("", 2, "ada"), ("planning01", 4, "ada")]
    assert await listed(ada, w.ListSessions(everybody=True)) == everybody == await listed(OPERATOR, w.ListSessions())
    assert await listed(ada, w.ListSessions(everybody=True, place="", number=2)) == everybody[2:]
    assert await listed(ada, w.ListSessions("zoe")) == everybody[:1]
    for wish in (w.ListSessions("ada"), w.ListSessions(everybody=True)):
        with pytest.raises(NotAllowedError):
            await office.carry_out(zoe, wish)


async def test_a13_a_session_is_closed_by_its_user_or_by_who_may_all(office: Office, sessions: Sessions) -> None:
    """By place and number; nobody closes those of others, nor learns that they are there."""
    await fill(office, sessions)
    zoe, ada = await actor(office, "zoe"), await actor(office, "ada")
    assert await office.carry_out(zoe, w.CloseSessions(number=1)) == w.Done(1)
    with pytest.raises(NotFoundError):
        await office.carry_out(zoe, w.CloseSessions(number=2))
    assert await office.carry_out(OPERATOR, w.CloseSessions("", "planning01", 4)) == w.Done(1)
    planning = await office.accounts.planning(office.account, "planning01")
    assert sessions.ended == [(0, 1, zoe.user), (planning.key, 4, ada.user)]
    with pytest.raises(NotAllowedError):
        await office.carry_out(zoe, w.CloseSessions("ada"))


async def test_all_my_other_sessions_are_those_on_other_devices(office: Office, sessions: Sessions) -> None:
    """The one that asks goes on; those of somebody else all end."""
    zoe, ada = await actor(office, "zoe"), await actor(office, "ada")
    await office.carry_out(zoe, w.CloseSessions())
    await office.carry_out(ada, w.CloseSessions("zoe"))
    assert sessions.closed == [(zoe.user, b"", zoe.thumbprint), (zoe.user, b"", b"")]
    with pytest.raises(NotFoundError):
        await office.carry_out(OPERATOR, w.CloseSessions())


async def test_where_no_controller_runs_nobody_is_there() -> None:
    """The operator may ask all the same."""
    nobody = NobodyHere()
    assert (await nobody.sessions(), await nobody.end(0, 1, 1)) == ([], 0)
