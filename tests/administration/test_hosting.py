"""What is hosted, and what should be in service: wished by who may."""

import pytest

from hpserver.administration.office import Office
from hpserver.errors import AlreadyExistsError, InvalidGridError, InvalidNameError, NotAllowedError
from hpserver.identity.actor import MANAGER, OPERATOR, Actor
from hpserver.protocol.catalogue import administration as w
from tests.administration.conftest import actor

HOST = Actor(0, "123456789012", MANAGER, proved=True)


async def test_the_manager_configures_and_superadministrators_do_not(office: Office) -> None:
    """Domains and plannings are the hosting manager's; the operator may what the manager may."""
    ada = await actor(office, "ada")
    for wish in (w.AddPlanning("planning07"), w.RemovePlanning("planning02"), w.SetPlanning("planning01", domain="")):
        with pytest.raises(NotAllowedError):
            await office.carry_out(ada, wish)
    made = await office.carry_out(HOST, w.AddPlanning("planning07"))
    assert isinstance(made, w.Hosting)
    assert [one.name for one in made.plannings] == ["planning01", "planning02", "planning07"]
    await office.carry_out(OPERATOR, w.RenamePlanning("planning07", "planning08"))
    await office.carry_out(HOST, w.RemovePlanning("planning08"))


async def test_a_domain_is_below_the_controller_s_and_nobody_else_s(office: Office) -> None:
    """The certificate would not hold for another, and two plannings share none."""
    await office.carry_out(HOST, w.SetPlanning("planning01", domain="annee.monecole.example"))
    for domain in ("autre.example", "monecole.example", "console.monecole.example", "enrol.monecole.example", "a b"):
        with pytest.raises(InvalidNameError):
            await office.carry_out(HOST, w.SetPlanning("planning01", domain=domain))
    for domain in ("annee.monecole.example", "planning01.monecole.example"):
        with pytest.raises(AlreadyExistsError):
            await office.carry_out(HOST, w.SetPlanning("planning02", domain=domain))
    with pytest.raises(InvalidNameError):
        await office.carry_out(HOST, w.SetPlanning("planning02", timezone="Mars/Olympus"))


async def test_a_base_is_created_and_wished_in_service(office: Office) -> None:
    """In the time zone of its planning; a grid that is none makes nothing."""
    await office.carry_out(HOST, w.SetPlanning("planning01", timezone="Indian/Reunion"))
    for wrong in (
        w.CreateBase("planning01", "B", "2026-09-01", "2027-07-04"),
        w.CreateBase("planning01", "B", "2026-08-31", "2026-02-31"),
    ):
        with pytest.raises(InvalidGridError):
            await office.carry_out(HOST, wrong)
    await office.carry_out(HOST, w.CreateBase("planning01", "B", "2026-08-31", "2027-07-04"))
    told = await office.carry_out(HOST, w.GetHosting())
    assert isinstance(told, w.Hosting)
    row = told.plannings[0]
    assert (row.base, row.desired, told.bases) == ("B", "up", ("B",))
    await office.carry_out(HOST, w.StopPlanning("planning01"))
    await office.carry_out(HOST, w.LoadBase("planning01", "B"))
