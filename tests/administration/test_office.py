"""Who may have what carried out."""

import asyncio
import contextlib
import itertools
from typing import get_args

import pytest

from hpserver.administration.office import CASES, NobodyHere, Office
from hpserver.directory.model import Account, User
from hpserver.errors import BusyError, NotAllowedError, ProofNeededError
from hpserver.identity.actor import OPERATOR, Actor
from hpserver.protocol.catalogue import administration as w
from tests.administration.conftest import actor

SHUT = w.SetUserEnabled("zoe", enabled=False)


async def test_a13_a_status_that_may_not_is_refused_and_changes_nothing(office: Office) -> None:
    """Default deny: neither a base administrator nor a user shuts anybody out."""
    for login in ("bob", "zoe"):
        with pytest.raises(NotAllowedError):
            await office.carry_out(await actor(office, login), SHUT)
    assert (await office.accounts.user(office.account, "zoe")).enabled


async def test_what_is_sensitive_wants_the_password_again(office: Office) -> None:
    """Who finds a screen unlocked does not become an administrator of it."""
    with pytest.raises(ProofNeededError):
        await office.carry_out(await actor(office, "ada", proved=False), SHUT)
    assert (await office.accounts.user(office.account, "zoe")).enabled


async def test_the_operator_needs_no_proof(office: Office) -> None:
    """Who reads our keys is asked for nothing more."""
    await office.carry_out(OPERATOR, SHUT)
    assert not (await office.accounts.user(office.account, "zoe")).enabled


async def test_every_wish_has_its_case_and_every_writing_case_its_event() -> None:
    """What changes something is told to the audit log; what only asks is not."""
    assert set(CASES) == set(get_args(w.AnyWish))
    for kind, case in CASES.items():
        asks = kind.__name__.startswith(("List", "Get", "Preview", "Verify"))
        assert asks != bool(case.event), kind


async def test_where_nobody_is_nobody_is_closed(office: Office) -> None:
    """Without a controller there is no session."""
    assert await NobodyHere().close(user=(await office.accounts.directory.list(User))[0].key) == 0


@pytest.mark.parametrize("processes", [1, 2])
async def test_of_two_superadmins_who_shut_each_other_out_at_once_one_stays(
    office: Office, monkeypatch: pytest.MonkeyPatch, processes: int
) -> None:
    """What a case looks at is still so when it writes: one by one in all processes, a controller's and a command's."""
    offices = [office, Office(office.accounts, office.account, office.live)][-processes:]
    users, both = office.accounts.users, asyncio.Barrier(2)

    async def together(account: Account) -> tuple[User, ...]:
        found = await users(account)
        with contextlib.suppress(TimeoutError, asyncio.BrokenBarrierError):
            async with asyncio.timeout(0.1):
                await both.wait()
        return found

    await office.carry_out(OPERATOR, w.AddUser("eve", "E", status="superadmin"))
    wishes = (("ada", "eve"), ("eve", "ada"))
    monkeypatch.setattr(office.accounts, "users", together)
    done = await asyncio.gather(
        *[
            one.carry_out(await actor(office, who), w.SetUserEnabled(whom, enabled=False))
            for one, (who, whom) in zip(itertools.cycle(offices), wishes, strict=False)
        ],
        return_exceptions=True,
    )
    assert [type(one) for one in done if isinstance(one, Exception)] == [NotAllowedError]
    monkeypatch.undo()
    assert [one.enabled for one in await users(office.account) if one.status == "superadmin"].count(True) == 1


async def test_a13_who_was_a_superadmin_when_the_wish_was_sent_is_none_when_it_is_carried_out(office: Office) -> None:
    """A session that is about to be closed has wishes under way: they are not carried out with the rights of before."""
    await office.carry_out(OPERATOR, w.AddUser("eve", "E", status="superadmin"))
    former = await actor(office, "eve")
    await office.carry_out(OPERATOR, w.ChangeUser("eve", status="user"))
    for wish in (SHUT, w.ListEvents()):
        with pytest.raises(NotAllowedError):
            await office.carry_out(former, wish)
    await office.carry_out(OPERATOR, w.DeleteUser("eve"))
    with pytest.raises(NotAllowedError):
        await office.carry_out(former, w.AddUser("eva", "E", status="superadmin"))


async def test_a_user_who_asks_on_and_on_does_not_fill_the_audit_log(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Refused or not, so many a minute are kept; a superadmin who works through a list is not held up."""
    monkeypatch.setattr("hpserver.administration.office.EVENTS_PER_MINUTE", {"user": 5, "base_admin": 7})
    zoe = await actor(office, "zoe")
    for wish in (SHUT, w.CloseSessions()):
        before = len(await office.audit.read(limit=10_000))
        refused = [await _error(office, zoe, wish) for _ in range(8)]
        assert refused.count(BusyError) >= 3
        assert len(await office.audit.read(limit=10_000)) - before <= 5
    with pytest.raises(BusyError):
        office.count(zoe.user, "user")  # what the desk keeps of a session counts too
    await office.carry_out(OPERATOR, w.Assign("planning01", "bob", "Administration"))
    bob = await actor(office, "bob")
    given = [await _error(office, bob, w.Assign("planning01", "zoe", "Consultation")) for _ in range(10)]
    assert given == [None] * 7 + [BusyError] * 3
    for _ in range(8):
        await office.carry_out(OPERATOR, w.Unlock("zoe"))


async def _error(
    office: Office, who: Actor, wish: w.SetUserEnabled | w.CloseSessions | w.Assign
) -> type[Exception] | None:
    try:
        await office.carry_out(who, wish)
    except (BusyError, NotAllowedError) as error:
        return type(error)
    return None
