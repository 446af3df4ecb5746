"""Forms become wishes: read, confirmed, proved, carried out, told."""

import pytest
from starlette.datastructures import FormData

from hpserver.certs.param_client import read_param_client
from hpserver.directory.model import ConsoleSession, User
from hpserver.errors import InvalidNameError
from hpserver.protocol.catalogue import administration as w
from hpserver.web.deeds import WISHES, read
from tests.web.site import CONSOLE_PASSWORD, PASSWORD, Browser, Site


def test_a_form_is_a_wish_of_named_values() -> None:
    """Boxes are added up or listed, numbers are numbers, what was not there is as it was."""
    form = FormData(
        [
            *(("planning", "planning01"), ("base", "B"), ("first_monday", "2026-08-31")),
            *(("last_sunday", "2027-07-04"), ("days", "1"), ("days", "16"), ("days", "0")),
            *(("sequences", "10"), ("strange", "x")),
        ]
    )
    wish = read(w.CreateBase, form)
    assert wish == w.CreateBase("planning01", "B", "2026-08-31", "2027-07-04", days=17, sequences=10)
    assert read(w.SetSecurity, FormData([("measures", "pin"), ("measures", "none")])) == w.SetSecurity(("pin", "none"))
    boxes = FormData([("login", "a"), ("console", "no"), ("console", "yes")])
    assert read(w.ChangeUser, boxes) == w.ChangeUser("a", console=True)
    assert read(w.SetPlanning, FormData([("planning", "p"), ("domain", "")])) == w.SetPlanning("p", domain="")


@pytest.mark.parametrize(
    "fields", [{}, {"planning": "p"}, {"planning": "p" * 999, "base": "b"}, {"planning": "p", "base": "b\x00" * 300}]
)
def test_a_form_that_is_no_wish_is_refused(fields: dict[str, str]) -> None:
    """What is missing or too long, in a sentence."""
    with pytest.raises(InvalidNameError):
        read(w.LoadBase, FormData(fields))


@pytest.mark.parametrize("day", ["²", "9" * 5_000])
async def test_r04_boxes_that_are_no_numbers_are_refused(manager: Browser, day: str) -> None:
    """What looks like digits and is no number, or one too long to be read, is a fault of the form and not of ours."""
    days = {"first_monday": "2026-08-31", "last_sunday": "2027-07-04", "days": ["1", day]}
    answer = await manager.post("/wish/bases.create", {"planning": "planning01", "base": "B", **days})
    assert answer.status == 422


def test_every_wish_is_known_by_its_name() -> None:
    """The table is that of the office."""
    assert WISHES["users.add"] is w.AddUser


async def test_a_deed_is_done_and_said_on_the_page_it_came_from(manager: Browser) -> None:
    """The sentence is shown once."""
    fields = {"planning": "planning01", "publication_name": "Année <b>2026</b>", "back": "/plannings"}
    answer = await manager.post("/wish/plannings.publication", fields)
    assert (answer.status, answer.to) == (303, "/plannings")
    page = await manager.get("/plannings")
    assert page.says("Le nom de publication est désormais Année &lt;b&gt;2026&lt;/b&gt;.")
    assert not (await manager.get("/plannings")).says("désormais")


async def test_a_deed_that_matters_is_asked_about_first(site: Site, manager: Browser) -> None:
    """Nothing happens before yes, and everything typed is in the question."""
    fields = {"planning": "planning01", "name": "planning09", "back": "/configuration"}
    asked = await manager.post("/wish/plannings.rename", fields)
    assert asked.says("Confirmez-vous le nom planning09 pour le planning planning01 ?")
    assert {one.name for one in await site.accounts.plannings(site.account)} == {"planning01", "planning02"}
    assert (await manager.post("/wish/plannings.rename", fields | {"confirmed": "yes"})).status == 303
    assert {one.name for one in await site.accounts.plannings(site.account)} == {"planning09", "planning02"}


async def test_only_what_the_question_names_is_asked_about(site: Site, manager: Browser) -> None:
    """A planning's domain is confirmed, as the controller's; its time zone, by the same wish, is not."""
    fields = {"planning": "planning01", "back": "/configuration"}
    asked = await manager.post("/wish/plannings.set", fields | {"domain": "annee.monecole.example"})
    assert asked.says("Confirmez-vous l'association du nom de domaine annee.monecole.example au planning planning01 ?")
    assert (await manager.post("/wish/plannings.set", fields | {"timezone": "Indian/Reunion"})).status == 303
    told = await site.accounts.planning(site.account, "planning01")
    assert (told.domain, told.timezone) == ("", "Indian/Reunion")


async def test_a_sensitive_deed_asks_for_the_password_again(site: Site, manager: Browser) -> None:
    """Five minutes after it was given last; a wrong one does nothing."""
    for one in await site.accounts.directory.list(ConsoleSession):
        await site.accounts.directory.change(ConsoleSession, one.hash, proved_at=1.0)
    fields = {"login": "zoe", "name": "Zoé", "back": "/controller?tab=users"}
    asked = await manager.post("/wish/users.add", fields)
    assert (asked.status, asked.says("prouvez encore")) == (403, True)
    assert (await manager.post("/wish/users.add", fields | {"proof": "faux"})).status == 401
    assert await site.accounts.directory.list(User) == ()
    issued = await manager.post("/wish/users.add", fields | {"proof": CONSOLE_PASSWORD})
    assert issued.says("Il n'est montré que cette fois")
    assert [one.login for one in await site.accounts.directory.list(User)] == ["zoe"]


async def test_places_left_empty_are_without_limit(site: Site, manager: Browser) -> None:
    """Nobody is shut out by a field that was not filled; no page shows a number for "any"."""
    await site.user("ada")
    here = "/controller?tab=licences&planning=planning01"
    fields = {"planning": "planning01", "holder": "modifiers", "back": here}
    assert (await manager.get(here)).says("Modification sans limite, Consultation sans limite")
    assert (await manager.post("/wish/profiles.places", fields | {"places": "0"})).status == 303
    assert (await manager.get(here)).says("Modification 0, Consultation sans limite")
    assert (await manager.post("/wish/profiles.places", fields | {"places": ""})).status == 303
    page = await manager.get(here)
    assert page.says("Modification sans limite")
    assert ">-1<" not in page.text


async def test_who_is_signed_out_is_told_that_nothing_was_done(site: Site, manager: Browser) -> None:
    """A form sent after the end of a session leads to the page to sign in, which says so."""
    manager.cookies.clear()
    sent = await manager.post("/wish/plannings.add", {"planning": "planning07"})
    assert (sent.status, sent.to) == (303, "/sign-in?to=/&undone=1")
    assert (await manager.get(sent.to)).says("ce que vous demandiez n'a pas été fait")
    assert {one.name for one in await site.accounts.plannings(site.account)} == {"planning01", "planning02"}


async def test_the_office_says_who_may(site: Site, manager: Browser) -> None:
    """A base administrator who types the address of a deed is told no, and it is in the audit log."""
    await site.user("bob", "base_admin")
    bob = await site.sign_in("bob", manager.context)
    for wish, fields in (
        ("plannings.add", {"planning": "planning07"}),
        ("users.add", {"login": "x", "name": "X", "password": PASSWORD}),
        ("controller.start", {}),
        ("plannings.publication", {"planning": "planning01", "publication_name": "à moi"}),
    ):
        assert (await bob.post(f"/wish/{wish}", fields)).status == 403, wish
    events = await manager.get("/security")
    assert events.says("refusé")


async def test_w01_names_are_text_on_every_page(manager: Browser) -> None:
    """A script in any name that people give stays a name."""
    evil = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"
    await manager.post(
        "/wish/users.add",
        {
            "login": "eve",
            "name": evil,
            "first_name": evil,
            "title": "<i>M",
            "status": "superadmin",
            "password": PASSWORD,
        },
    )
    await manager.post("/wish/plannings.publication", {"planning": "planning01", "publication_name": evil})
    await manager.post("/wish/templates.save", {"planning": "planning01", "name": evil})
    for path in (
        *("/configuration", "/controller", "/controller?tab=users", "/controller?tab=users&user=eve", "/plannings"),
        *("/client", "/security", "/state", f"/controller?tab={evil}", f"/sign-in?to={evil}", f"/sign-in?as={evil}"),
    ):
        page = await manager.get(path.replace("<", "%3C").replace(">", "%3E").replace(" ", "%20").replace('"', "%22"))
        assert "<script>alert" not in page.text, path
        assert "<img src=x" not in page.text, path
        assert page.headers["content-security-policy"].startswith("default-src 'none'; script-src 'self'")
        assert "unsafe" not in page.headers["content-security-policy"]
        assert page.headers["cache-control"] == "no-store"
        assert page.headers["x-frame-options"] == "DENY"


async def test_the_file_of_a_client_is_a_download(manager: Browser) -> None:
    """What is downloaded enrols a device: it is the file that `hp client enrol` takes."""
    answer = await manager.post("/wish/devices.enrolment", {"uses": "2", "hours": "1"})
    assert answer.headers["content-disposition"].startswith("attachment")
    assert read_param_client(answer.text.encode()).server_name == "monecole.example"
