"""The rights of a school's own profiles, ticked on a page: the same wishes as `hp profile`."""

import pytest

from hpserver.base.registry import KINDS
from hpserver.directory.model import OwnProfile, User
from hpserver.identity.profiles import Rights, read_rights
from hpserver.web import rights
from tests.web.site import Browser, Site

HERE = "/controller?tab=profiles&planning=planning01"
Boxes = dict[str, str | list[str]]
NAMED = {"planning": "planning01", "name": "Notes", "back": HERE}


async def profile(site: Site) -> Rights:
    """The rights of the one profile there is, as they are kept."""
    (one,) = await site.accounts.directory.list(OwnProfile)
    return read_rights(one.rights)


@pytest.fixture
def boxes() -> Boxes:
    """What a browser sends of the table: what was not ticked is empty, or is not there."""
    areas = {f"domain.{area}": "" for area in rights.AREAS}
    kinds = {f"kind.{name}": "" for name in KINDS}
    ticked: Boxes = {"others": "read", "domain.grading": "edit", "kind.student": "none", "action": ["import", "export"]}
    return {**NAMED, **areas, **kinds, "categories": "", **ticked}


async def test_the_boxes_are_the_rights(site: Site, manager: Browser, boxes: Boxes) -> None:
    """Created like another, asked about, ticked, shown as it is, deleted: what `hp profile set` would keep."""
    await site.user("ada")
    await manager.post("/wish/profiles.create", NAMED | {"type": "modifier", "like": "Consultation"})
    assert await profile(site) == Rights(others="read", actions=("export",))
    asked = await manager.post("/wish/profiles.set", boxes)
    assert asked.says("Personne n'a ce profil.")
    assert asked.says("Perdu : Étudiant : lecture → aucun")
    assert asked.says("Donné : Note : lecture → saisie")
    assert asked.says("Donné : Importer des fichiers dans la base")
    assert await profile(site) == Rights(others="read", actions=("export",))
    assert (await manager.post("/wish/profiles.set", boxes | {"confirmed": "yes"})).status == 303
    wanted = Rights(others="read", domains={"grading": "edit"}, kinds={"student": "none"}, actions=("import", "export"))
    assert await profile(site) == wanted
    page = await manager.get(f"{HERE}&profile=Notes")
    assert page.says('name="domain.grading" value="edit" aria-label="Notation, saisie" checked')
    renamed = {"new_name": "Saisie des notes", "confirmed": "yes"}
    assert (await manager.post("/wish/profiles.rename", NAMED | renamed)).status == 303
    assert await profile(site) == wanted
    gone = {"name": "Saisie des notes", "confirmed": "yes"}
    assert (await manager.post("/wish/profiles.delete", NAMED | gone)).status == 303
    assert await site.accounts.directory.list(OwnProfile) == ()


async def test_who_loses_what_is_said_before(site: Site, manager: Browser, boxes: Boxes) -> None:
    """Everybody who has the profile is named, and that they come in anew."""
    await site.user("ada", "user")
    await site.user("sup")
    await manager.post("/wish/profiles.create", NAMED | {"type": "modifier", "like": "Modification"})
    await manager.post("/wish/assignments.set", {"planning": "planning01", "login": "ada", "profile": "Notes"})
    asked = await manager.post("/wish/profiles.set", boxes)
    assert asked.says("Ont ce profil : ada.")
    assert asked.says("Perdu : Cours : saisie → lecture")
    assert asked.says("Perdu : Annuler les saisies des autres")
    assert asked.says("Qui est dans le planning avec ce profil y entre de nouveau")
    assert not asked.says("Note : saisie")


async def test_see_as_shows_what_is_ticked_and_keeps_nothing(site: Site, manager: Browser) -> None:
    """The preview says what the type leaves: a consultant who ticks `saisie` reads."""
    await site.user("ada")
    await manager.post("/wish/profiles.create", NAMED | {"type": "consultant", "like": ""})
    page = await manager.get(f"{HERE}&profile=Notes&see=1&others=none&domain.grading=edit&categories=3,%204")
    assert page.says("Un essai : rien n'est encore enregistré.")
    assert page.says("Note <strong>lecture</strong>")
    assert page.says("Étudiant <strong>aucun</strong>")
    assert page.says("est vu : 3, 4")
    assert await profile(site) == Rights()
    assert (await manager.get(f"{HERE}&profile=Notes&see=1&others=tout")).status in {409, 422}
    assert (await manager.get(f"{HERE}&profile=Notes&see=1&categories=x")).status in {409, 422}


async def test_what_every_planning_has_is_shown_and_not_changed(site: Site, manager: Browser) -> None:
    """No box on the page, and a form that is made up is refused."""
    await site.user("ada")
    page = await manager.get(f"{HERE}&profile=Modification")
    assert page.says("Chaque planning a ce profil, et personne ne le change.")
    assert "/wish/profiles.set" not in page.text
    wrong = {"planning": "planning01", "name": "Modification", "others": "none", "confirmed": "yes"}
    assert (await manager.post("/wish/profiles.set", wrong)).status == 403


async def test_a_base_administrator_draws_in_their_own_plannings(site: Site, manager: Browser) -> None:
    """Not in another: neither the page nor a form that is made up says what is there."""
    await site.user("ada")
    bob: User = await site.user("bob", "base_admin")
    given = {"planning": "planning01", "login": bob.login, "profile": "Administration"}
    await manager.post("/wish/assignments.set", given)
    browser = await site.sign_in("bob", manager.context)
    assert (await browser.post("/wish/profiles.create", NAMED | {"type": "modifier", "like": ""})).status == 303
    other = NAMED | {"planning": "planning02", "type": "modifier", "like": "Modification"}
    assert (await browser.post("/wish/profiles.create", other)).status == 403
    assert (await browser.get("/controller?tab=profiles&planning=planning02")).says("planning01 : profils et droits")
