"""A real browser at the console, sent to a real CAS service and back: cookies are as browsers treat them."""

from pathlib import Path

from msgspec.structs import replace
from playwright.async_api import expect

from hpserver.directory.model import User
from tests import cas
from tests.pki import Pki
from tests.web.person import MARKS, Person, a_person
from tests.web.site import Site

pytestmark = MARKS


async def _signs_in(person: Person, to: str) -> None:
    """From the console's page to the service's, and to wherever one is sent then."""
    await person.go(f"/sign-in?as=user&to={to}")
    await person.page.get_by_role("link", name="Se connecter avec CAS de l'école").click()
    await person.page.locator("input[name=username]").fill("ada.l")
    await person.page.locator("input[name=password]").fill(cas.PASSWORD)
    await person.page.locator("button[type=submit], input[type=submit]").first.click()


async def test_a_person_signs_in_by_the_service_and_goes_on(site: Site, tmp_path: Path) -> None:
    """Strict cookies stay behind when the service sends the browser back: a page of ours goes on with them."""
    made = await site.user("ada")
    user = await site.accounts.directory.change(User, made.key, cas="ada.l")
    await site.manager()  # whose workstation it is, and who accepts the licence contract
    with cas.a_cas(Pki.create(tmp_path)) as service:
        provider = replace(service.provider(site.account.number), key=0)
        await site.accounts.directory.add(provider)
        async with a_person(site.workstation(), ignore_https_errors=True) as person:
            await _signs_in(person, "/plannings")
            await expect(person.page).to_have_url(f"{person.address}/plannings")
            await person.look()
            await person.go("/controller?tab=delegation")
            await person.sees("CAS de l'école")
            await person.picture("delegation")
            await person.press("Déconnexion")
            pin = site.accounts.hash_secret("481516", "user")
            await site.accounts.directory.change(User, user.key, measure="pin", pin_hash=pin)
            await _signs_in(person, "/state")
            await person.sees("Saisissez votre code PIN")
            await person.fill("pin", "481516")
            await person.press("Valider")
            await expect(person.page).to_have_url(f"{person.address}/state")
