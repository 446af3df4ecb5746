"""Long actions are told to those whom they concern, and cancelled by them."""

import pytest

from hpserver.administration.office import Office
from hpserver.directory.model import controller_subject, planning_subject
from hpserver.errors import HPError, NotAllowedError, NotFoundError
from hpserver.identity.actor import OPERATOR, Actor
from hpserver.protocol.catalogue import administration as w
from tests.administration.conftest import actor

ONE = w.CreateBase("planning01", "Base", "2026-08-31", "2027-07-04")


async def rows(office: Office, who: Actor = OPERATOR, wish: w.ListTasks | None = None) -> list[w.TaskRow]:
    """The actions, as they are told to somebody."""
    found = await office.carry_out(who, wish or w.ListTasks())
    assert isinstance(found, w.Tasks)
    return list(found.rows)


async def test_what_the_office_does_at_length_is_told(office: Office) -> None:
    """A base made, put in service, stopped, loaded elsewhere: with who, and how it ended."""
    ada = await actor(office, "ada")
    await office.carry_out(ada, ONE)
    await office.carry_out(ada, w.StopPlanning("planning01"))
    await office.carry_out(ada, w.LoadBase("planning01", "Base"))
    with pytest.raises(HPError):
        await office.carry_out(OPERATOR, ONE)
    await office.carry_out(ada, w.StartPlanning("planning01"))
    told = [(one.kind, one.who, one.state, one.base) for one in await rows(office)]
    assert told == [
        ("plannings.start", "ada", "running", ""), ("bases.create", "operator", "failed", "Base"),
        ("bases.load", "ada", "done", "Base"), ("plannings.stop", "ada", "done", ""),
        ("bases.create", "ada", "done", "Base"),
    ]  # fmt: skip
    assert [one.cancellable for one in await rows(office)] == [True, False, False, False, False]


async def test_a_start_is_cancelled_by_wishing_it_stopped(office: Office) -> None:
    """The wish is gone from the directory: no agent will follow it any more."""
    await office.carry_out(OPERATOR, ONE)
    await office.carry_out(OPERATOR, w.StopPlanning("planning01"))
    await office.carry_out(OPERATOR, w.StartPlanning("planning01"))
    await office.carry_out(OPERATOR, w.StartController())
    planning = await office.accounts.planning(office.account, "planning01")
    for kind, subject in (
        ("plannings.start", planning_subject(planning.key)),
        ("controller.start", controller_subject(office.account.number)),
    ):
        assert (await office.accounts.directory.desired())[subject] == "up"
        one = next(one for one in await rows(office) if one.kind == kind)
        await office.carry_out(OPERATOR, w.CancelTask(one.key))
        assert (await office.accounts.directory.desired())[subject] == "down"
        assert next(two.state for two in await rows(office) if two.key == one.key) == "cancelled"
        with pytest.raises(NotAllowedError):
            await office.carry_out(OPERATOR, w.CancelTask(one.key))


async def test_a13_a_base_administrator_hears_of_what_is_theirs(office: Office) -> None:
    """Of plannings they administer, and of what they began; of the rest it is not even said that it is there."""
    await office.carry_out(OPERATOR, w.Assign("planning01", "bob", "Administration"))
    await office.carry_out(OPERATOR, ONE)
    await office.carry_out(OPERATOR, w.CreateBase("planning02", "Autre", "2026-08-31", "2027-07-04"))
    await office.carry_out(OPERATOR, w.StopPlanning("planning02"))
    await office.carry_out(OPERATOR, w.StartPlanning("planning02"))
    bob = await actor(office, "bob")
    assert {one.planning for one in await rows(office, bob)} == {"planning01"}
    with pytest.raises(NotAllowedError):
        await rows(office, await actor(office, "zoe"))
    hidden = (await rows(office))[0]
    assert (hidden.planning, hidden.cancellable) == ("planning02", True)
    for key in (hidden.key, "", "00062345678901-01234567"):
        with pytest.raises(NotFoundError):
            await office.carry_out(bob, w.CancelTask(key))
    await office.carry_out(OPERATOR, w.Unassign("planning01", "bob"))
    assert await rows(office, bob) == []


async def test_actions_are_told_page_by_page(office: Office) -> None:
    """The newest first, each once."""
    for name in ("A", "B", "C"):
        await office.carry_out(OPERATOR, w.CreateBase("planning01", name, "2026-08-31", "2027-07-04"))
        await office.carry_out(OPERATOR, w.StopPlanning("planning01"))
    first = await office.carry_out(OPERATOR, w.ListTasks(limit=4))
    assert isinstance(first, w.Tasks)
    rest = await office.carry_out(OPERATOR, w.ListTasks(after=first.rows[-1].key))
    assert isinstance(rest, w.Tasks)
    assert (first.more, rest.more) == (True, False)
    assert [one.key for one in (*first.rows, *rest.rows)] == [one.key for one in await rows(office)]
    assert len(first.rows) + len(rest.rows) == 6


async def test_whose_upload_a_planning_server_takes_in_is_told_by_login(office: Office) -> None:
    """It knows a number; who was deleted has no login any more."""
    ada = await actor(office, "ada")
    running = office.works.tasks.begin("bases.upload", Actor(ada.user, "", "user"), planning="planning01", base="B")
    assert [one.who for one in await rows(office)] == ["ada"]
    assert [one.who for one in await rows(office, ada)] == ["ada"]
    running.end("done")
    await office.carry_out(OPERATOR, w.AddUser("eve", "E", status="superadmin"))
    await office.carry_out(OPERATOR, w.DeleteUser("ada"))
    assert [one.who for one in await rows(office)] == [""]
