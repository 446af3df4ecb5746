"""Every pane, for everybody who may see it, in both languages; and the way through the first day."""

import datetime as dt

import pytest

from hpserver.base.grid import Grid
from hpserver.base.planning import Planning as Base
from hpserver.web.panes import LIVE, PANES, TABS
from tests.web.site import PASSWORD, Browser, Site


@pytest.mark.parametrize("language", ["fr", "en"])
async def test_every_pane_is_shown_to_everybody_who_may_see_it(site: Site, manager: Browser, language: str) -> None:
    """No page fails for want of data: an empty school, then one with people in it."""
    await manager.post("/language", {"language": language})
    for pane in PANES:
        assert (await manager.get(f"/{pane}")).status == 200, pane
    await site.user("ada")
    for tab in TABS:
        for more in ("", "&planning=planning02", "&planning=nope", "&user=ada", "&new=1"):
            assert (await manager.get(f"/controller?tab={tab}{more}")).status == 200, (tab, more)
    assert (await manager.get("/plannings?create=planning01")).status == 200


async def test_a_base_administrator_sees_what_concerns_them(site: Site, manager: Browser) -> None:
    """Their plannings and the users; not the domains, the journal or the security of the account."""
    await site.user("ada")
    await site.user("bob", "base_admin")
    bob = await site.sign_in("bob", manager.context)
    assert (await bob.get("/")).to == "/plannings"
    seen = {pane: (await bob.get(f"/{pane}")).status for pane in PANES}
    assert seen == {
        "configuration": 403, "controller": 200, "plannings": 200, "client": 200, "security": 403, "tasks": 200,
        "state": 200,
    }  # fmt: skip
    page = await bob.get("/controller")
    assert page.says("Aucun planning à administrer")
    offered = {pane for pane in PANES if f'<a href="/{pane}"' in page.text}
    assert offered == {pane for pane, status in seen.items() if status == 200}


async def test_the_first_day_in_the_order_of_the_guide(site: Site) -> None:
    """Licence, configuration, superadministrator, controller, base: each page leads to the next."""
    manager = await site.manager(licence=False)
    assert (await manager.get("/")).to == "/licence"
    hasty = await manager.post("/licence", {"answer": "accept"})
    assert (hasty.status, hasty.says("Cochez d'abord")) == (422, True)
    await manager.post("/licence", {"agreed": "yes", "answer": "accept"})
    assert (await manager.get("/")).to == "/configuration"
    assert (await manager.get("/controller")).says("Création du premier superadministrateur")
    weak = {"login": "pmartin", "name": "Martin", "status": "superadmin", "password": "court", "again": "court"}
    assert (await manager.post("/wish/users.add", weak)).status == 422
    made = await manager.post("/wish/users.add", weak | {"password": PASSWORD})
    assert made.says("L'utilisateur pmartin a été créé.")
    assert (await manager.get("/")).to == "/controller"
    await manager.post("/wish/controller.start", {})
    assert (await manager.get("/")).to == "/plannings"
    grid = {
        "planning": "planning01", "base": "Base 2026", "first_monday": "2026-08-31", "last_sunday": "2027-07-04",
        "days": ["1", "2", "4", "8", "16", "0"], "sequences": "12", "sequence_minutes": "60", "division": "2",
    }  # fmt: skip
    assert (await manager.post("/wish/bases.create", grid | {"division": "5"})).status in {409, 422}
    assert (await manager.post("/wish/bases.create", grid)).status == 303
    planning = await site.accounts.planning(site.account, "planning01")
    assert (planning.base, planning.desired) == ("Base 2026", "up")
    assert (await manager.get("/plannings")).says("Base 2026")


async def test_a_base_that_another_planning_has_is_not_offered(site: Site, manager: Browser) -> None:
    """It could not be loaded: what can be is."""
    await site.user("ada")
    accounts, plannings = site.accounts, await site.accounts.plannings(site.account)
    grid = Grid.between(
        dt.date(2026, 8, 31), dt.date(2027, 7, 4), days=31, sequences=12, sequence_minutes=60, division=2
    )
    for name, planning in (("Base A", plannings[0]), ("Base B", plannings[0])):
        await accounts.create_base(site.account, planning, name, Base(grid))
        await accounts.wish_planning(site.account, planning, "down")
    page = await manager.get("/plannings")
    assert page.text.count("<option>Base A</option>") == 3  # to each planning, and to be taken away
    assert page.text.count("<option selected>Base B</option>") == 1
    assert "<option>Base B</option>" not in page.text


async def test_another_language_shows_the_same_tab(site: Site, manager: Browser) -> None:
    """The button leads back to what was asked of the page, and after a form to the first page."""
    await site.user("ada")
    page = await manager.get("/controller?tab=licences&planning=planning02")
    assert page.says('name="back" value="/controller?tab=licences&amp;planning=planning02"')
    back = {"language": "en", "back": "/controller?tab=licences&planning=planning02"}
    assert (await manager.post("/language", back)).to == back["back"]
    asked = await manager.post("/wish/controller.stop", {})
    assert asked.says('<input type="hidden" name="back" value="/"> <button class="plain" name="language"')


def test_what_lives_is_a_pane() -> None:
    """Each line of news belongs to a page."""
    assert LIVE.keys() <= PANES.keys()
