"""Templates of assignments."""

from typing import Any

import pytest

from hpserver.administration.office import Office
from hpserver.errors import NotAllowedError, NotFoundError
from hpserver.identity.actor import OPERATOR
from hpserver.protocol.catalogue import administration as w
from tests.administration.conftest import actor


async def asked(office: Office, wish: Any) -> Any:
    """What becomes of the operator's wish."""
    return await office.carry_out(OPERATOR, wish)


async def test_a_template_carries_profiles_to_another_planning(office: Office) -> None:
    """What it would do is told first; doing it twice changes nothing more."""
    for login, profile in (("ada", "Administration"), ("bob", "Modification"), ("zoe", "Consultation")):
        await asked(office, w.Assign("planning01", login, profile))
    await asked(office, w.SaveTemplate("planning01", " Équipe "))
    await asked(office, w.Assign("planning02", "bob", "Consultation"))
    wished = w.Applied(2, 1, 0, (), ())
    assert await asked(office, w.PreviewTemplate("planning02", "Équipe")) == wished
    assert [one.login for one in (await asked(office, w.ListAssignments("planning02"))).rows] == ["bob"]
    assert await asked(office, w.ApplyTemplate("planning02", "Équipe")) == wished
    assert await asked(office, w.ApplyTemplate("planning02", "Équipe")) == w.Applied(0, 0, 3, (), ())
    listed = await asked(office, w.ListTemplates())
    assert listed.rows == (w.TemplateRow("Équipe", 3),)


async def test_templates_are_listed_page_by_page(office: Office) -> None:
    """However many there are, each page fits a packet."""
    for name in "cab":
        await asked(office, w.SaveTemplate("planning01", name))
    first = await asked(office, w.ListTemplates(limit=2))
    assert ([one.name for one in first.rows], first.more) == (["a", "b"], True)
    last = await asked(office, w.ListTemplates("b", 2))
    assert ([one.name for one in last.rows], last.more) == (["c"], False)


async def test_who_is_gone_or_may_not_is_told(office: Office) -> None:
    """A template is as old as the day it was saved."""
    for login, profile in (("bob", "Administration"), ("zoe", "Accueil")):
        if profile == "Accueil":
            await asked(office, w.CreateProfile("planning01", profile, "consultant", "{}"))
        await asked(office, w.Assign("planning01", login, profile))
    await asked(office, w.Assign("planning01", "ada", "Consultation"))
    await asked(office, w.SaveTemplate("planning01", "T"))
    await asked(office, w.Unassign("planning01", "bob"))
    await asked(office, w.ChangeUser("bob", status="user"))
    await asked(office, w.AddUser("eve", "E", status="superadmin"))
    await asked(office, w.DeleteUser("ada"))
    assert await asked(office, w.ApplyTemplate("planning02", "T")) == w.Applied(0, 0, 0, ("ada",), ("bob", "zoe"))


async def test_a_template_is_replaced_and_forgotten(office: Office) -> None:
    """One name, one template."""
    await asked(office, w.SaveTemplate("planning01", "T"))
    await asked(office, w.Assign("planning01", "zoe", "Consultation"))
    await asked(office, w.SaveTemplate("planning01", "T"))
    assert (await asked(office, w.ListTemplates())).rows == (w.TemplateRow("T", 1),)
    await asked(office, w.DeleteTemplate("T"))
    with pytest.raises(NotFoundError):
        await asked(office, w.ApplyTemplate("planning01", "T"))


async def test_a13_a_base_administrator_puts_nobody_into_a_template_of_the_school(office: Office) -> None:
    """Who applies a template trusts who saved it: another's is not replaced by who rules one planning only."""
    await asked(office, w.Assign("planning01", "bob", "Administration"))
    await asked(office, w.Assign("planning02", "zoe", "Consultation"))
    await asked(office, w.SaveTemplate("planning02", "Rentrée"))
    bob = await actor(office, "bob")
    with pytest.raises(NotAllowedError):
        await office.carry_out(bob, w.SaveTemplate("planning01", "Rentrée"))
    await asked(office, w.ApplyTemplate("planning02", "Rentrée"))
    assert [one.login for one in (await asked(office, w.ListAssignments("planning02"))).rows] == ["zoe"]
    assert await office.carry_out(bob, w.SaveTemplate("planning01", "Mine")) == w.Done()
