"""Users: who there is, who may come in, with which secret."""

import time
from typing import Any

import pytest

from hpserver.administration.office import Office
from hpserver.directory.model import Assignment, Device, Registration, User
from hpserver.errors import (
    AlreadyExistsError,
    InvalidNameError,
    LockedError,
    NotAllowedError,
    NotFoundError,
    WeakSecretError,
)
from hpserver.identity import ladder, passwords
from hpserver.identity.actor import OPERATOR
from hpserver.protocol.catalogue import administration as w
from tests.administration.conftest import Sessions, actor


async def user(office: Office, login: str) -> User:
    """A user as the directory has it."""
    return await office.accounts.user(office.account, login)


async def asked(office: Office, wish: Any) -> Any:
    """What becomes of the operator's wish."""
    return await office.carry_out(OPERATOR, wish)


async def test_users_are_listed_page_by_page(office: Office) -> None:
    """A school of thousands is read without a message of megabytes."""
    who = await actor(office, "bob")
    first = await office.carry_out(who, w.ListUsers("", 2))
    assert isinstance(first, w.Users)
    assert ([one.login for one in first.rows], first.more) == (["ada", "bob"], True)
    rest = await office.carry_out(who, w.ListUsers("bob", 2))
    assert isinstance(rest, w.Users)
    assert ([one.login for one in rest.rows], rest.more) == (["zoe"], False)


async def test_everybody_sees_themselves_and_nobody_else(office: Office) -> None:
    """What is noted of a person is theirs to read."""
    zoe = await actor(office, "zoe", proved=False)
    for login in ("", "ZOE"):
        mine = await office.carry_out(zoe, w.GetUser(login))
        assert isinstance(mine, w.Users)
        assert [one.login for one in mine.rows] == ["zoe"]
    with pytest.raises(NotAllowedError):
        await office.carry_out(zoe, w.GetUser("ada"))
    with pytest.raises(InvalidNameError):
        await office.carry_out(OPERATOR, w.GetUser())


async def test_a_user_is_added_with_a_password_for_one_sign_in(office: Office) -> None:
    """It is told once, kept as a hash, and ends."""
    made = await asked(office, w.AddUser("Eve", "Dupont", email="eve@école.fr", console=True, ldap="edupont"))
    kept = await user(office, "eve")
    assert (made.login, kept.must_change, kept.email) == ("eve", True, "eve@xn--cole-9oa.fr")
    assert kept.one_time_until == pytest.approx(time.time() + 7 * 86_400, abs=60)
    assert passwords.verify(kept.password_hash, made.password, pepper=office.accounts.keyring.pepper())
    given = await asked(office, w.AddUser("eva", "Dupont", password="Lune-4-Papier"))
    assert (given.password, given.until, (await user(office, "eva")).must_change) == ("", 0, False)


@pytest.mark.parametrize(
    ("wish", "error"),
    [
        (w.AddUser("zoe", "Z"), AlreadyExistsError),
        (w.AddUser("eve", " "), InvalidNameError),
        (w.AddUser("eve", "E", status="king"), InvalidNameError),
        (w.AddUser("eve", "E", measure="oath"), InvalidNameError),
        (w.AddUser("eve", "E", console=True), InvalidNameError),
        (w.AddUser("eve", "E", email="nobody"), InvalidNameError),
        (w.AddUser("eve", "E", password="abc"), WeakSecretError),
        (w.AddUser("eve", "E", measure="pin", pin="1234"), WeakSecretError),
    ],
)
async def test_what_is_not_sound_adds_nobody(office: Office, wish: w.AddUser, error: type[Exception]) -> None:
    """Each mistake has its error, and nothing is kept of it."""
    before = await office.accounts.users(office.account)
    with pytest.raises(error):
        await asked(office, wish)
    assert await office.accounts.users(office.account) == before


async def test_a18_an_identifier_elsewhere_is_of_one_user(office: Office) -> None:
    """Who signs in by another system is found by its identifier: two users with one would be each other."""
    await asked(office, w.ChangeUser("zoe", ldap="z1"))
    with pytest.raises(AlreadyExistsError):
        await asked(office, w.ChangeUser("bob", ldap="z1"))


async def test_what_is_not_said_stays(office: Office, sessions: Sessions) -> None:
    """Only another status, or no console any more, closes sessions."""
    await asked(office, w.ChangeUser("zoe", email="zoe@ecole.fr", phone="+33 1", console=True))
    assert await asked(office, w.ChangeUser("zoe", first_name="Zoé")) == w.Done(0)
    kept = await user(office, "zoe")
    assert (kept.name, kept.first_name, kept.phone, kept.console) == ("Zoe", "Zoé", "+33 1", True)
    with pytest.raises(InvalidNameError):
        await asked(office, w.ChangeUser("zoe", email=""))
    assert not sessions.closed
    assert await asked(office, w.ChangeUser("zoe", console=False)) == w.Done(1)
    assert await asked(office, w.ChangeUser("zoe", status="base_admin")) == w.Done(1)


async def test_a13_who_is_shut_out_is_out_when_it_is_answered(office: Office, sessions: Sessions) -> None:
    """The sessions are closed before the administrator reads that it is done."""
    ada, zoe = await actor(office, "ada"), await actor(office, "zoe")
    assert await office.carry_out(ada, w.SetUserEnabled("zoe", enabled=False)) == w.Done(1)
    assert sessions.closed == [(zoe.user, b"", b"")]
    assert await office.carry_out(ada, w.SetUserEnabled("zoe", enabled=True)) == w.Done(0)
    assert (await user(office, "zoe")).enabled


async def test_nobody_shuts_themselves_out_nor_somebody_who_is_not_there(office: Office) -> None:
    """An administrator who errs is still there to repair it."""
    ada = await actor(office, "ada")
    shut = (w.SetUserEnabled("ADA", enabled=False), w.DeleteUser("ada"), w.ResetPassword("ada"), w.ResetMeasure("ada"))
    for wish in shut:
        with pytest.raises(NotAllowedError):
            await office.carry_out(ada, wish)
    with pytest.raises(NotFoundError):
        await office.carry_out(ada, w.SetUserEnabled("nobody", enabled=False))


@pytest.mark.parametrize(
    "wish", [w.SetUserEnabled("ada", enabled=False), w.DeleteUser("ada"), w.ChangeUser("ada", status="user")]
)
async def test_the_last_superadmin_stays(office: Office, wish: Any) -> None:
    """Nobody else could make another one; with a second one it is done."""
    with pytest.raises(NotAllowedError):
        await asked(office, wish)
    await asked(office, w.ChangeUser("bob", status="superadmin"))
    await asked(office, wish)


async def test_who_rules_a_base_keeps_a_status_that_may(office: Office) -> None:
    """Only administrators have the profile Administration."""
    await asked(office, w.Assign("planning01", "bob", "Administration"))
    with pytest.raises(NotAllowedError):
        await asked(office, w.ChangeUser("bob", status="user"))


async def test_a_deleted_user_leaves_nothing(office: Office) -> None:
    """Profiles and registrations go with the user."""
    await asked(office, w.Assign("planning01", "zoe", "Consultation"))
    assert await asked(office, w.DeleteUser("zoe")) == w.Done(1)
    assert not await office.accounts.directory.list(Assignment)
    with pytest.raises(NotFoundError):
        await user(office, "zoe")


async def test_a_reset_opens_what_failures_locked(office: Office) -> None:
    """On every lane, in all, and for the PIN: the person stands beside the administrator."""
    directory, number, zoe = office.accounts.directory, office.account.number, await user(office, "zoe")
    device = await directory.add(Device(account=number, name="d", thumbprint=b"d" * 32, serial="1"))
    await directory.add(Registration(device=device.key, user=zoe.key, name="d", at=0.0))
    keys = [
        ladder.password_key(number, "zoe", ladder.lane(device.key, registered=True)),
        ladder.password_key(number, "zoe", ladder.lane(0, registered=False)),
        ladder.password_in_all_key(number, "zoe"),
        ladder.pin_key(number, zoe.key),
    ]
    for wish in (w.Unlock("zoe"), w.ResetPassword("zoe")):
        await directory.spend_attempt(dict.fromkeys(keys, (1000.0,)), 5.0)
        with pytest.raises(LockedError):
            await directory.spend_attempt(dict.fromkeys(keys, (1000.0,)), 6.0)
        await asked(office, wish)
        assert [(await directory.attempts(key)).count for key in keys] == [0] * len(keys)


async def test_a_reset_password_is_for_one_sign_in(office: Office, sessions: Sessions) -> None:
    """The one of before is good for nothing, and who came in with it is out."""
    zoe, made = await user(office, "zoe"), await asked(office, w.ResetPassword("zoe"))
    kept = await user(office, "zoe")
    assert (made.closed, kept.must_change) == (1, True)
    assert abs(kept.one_time_until * 1000 - made.until) < 2
    assert sessions.closed == [(zoe.key, b"", b"")]
    assert passwords.verify(kept.password_hash, made.password, pepper=office.accounts.keyring.pepper())


async def test_a_measure_is_chosen_again(office: Office) -> None:
    """A forgotten PIN is nobody's end."""
    zoe = await user(office, "zoe")
    await office.accounts.directory.change(User, zoe.key, measure="pin", pin_hash="x")
    await asked(office, w.ResetMeasure("zoe"))
    kept = await user(office, "zoe")
    assert (kept.measure, kept.pin_hash) == ("", "")
