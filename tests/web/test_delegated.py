"""Signing in at the console by a real CAS service: who comes in, who does not, and what both are told."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from hpserver.directory.model import ConsoleSession, IdentityProvider, Status, User
from hpserver.hosting.audit import Audit
from hpserver.web.delegated import AWAY_COOKIE
from hpserver.web.journeys import MAX_AWAY
from tests.cas import Service, a_cas
from tests.pki import Pki
from tests.ports import free_ports
from tests.web.site import PASSWORD, Answer, Browser, Site

pytestmark = pytest.mark.slow

NOBODY = "Cette connexion n'est celle d'aucune personne qui puisse entrer ici"
NAME = "CAS de l'école"


@pytest.fixture(scope="module")
def cas(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service."""
    with a_cas(Pki.create(tmp_path_factory.mktemp("cas"))) as running:
        yield running


async def configured(site: Site, manager: Browser, cas: Service, **more: str) -> IdentityProvider:
    """The service, configured and used as a manager does it in the pane."""
    fields = {"name": NAME, "address": cas.address, "authority": cas.root, "back": "/controller?tab=delegation"} | more
    assert (await manager.post("/wish/providers.add", fields)).status == 303
    used = await manager.post("/wish/providers.activate", {"name": NAME, "active": "yes", "confirmed": "yes"})
    assert used.status == 303
    (provider,) = await site.accounts.directory.list(IdentityProvider)
    return provider


async def someone(site: Site, login: str, cas: str, status: Status = "superadmin") -> User:
    """A user whom the service calls `cas`."""
    made = await site.user(login, status)
    return await site.accounts.directory.change(User, made.key, cas=cas)


async def away(browser: Browser, provider: IdentityProvider, to: str = "/plannings") -> str:
    """Where a browser is sent."""
    answer = await browser.get(f"/sign-in/delegated?by={provider.key}&to={to}")
    assert answer.status == 303
    return answer.to


async def back(browser: Browser, to: str) -> Answer:
    """What a browser is answered that the service sends to us."""
    parts = urlsplit(to)
    assert parts.netloc == browser.host
    return await browser.get(f"{parts.path}?{parts.query}", {"Sec-Fetch-Site": "cross-site"})


async def sign_in(browser: Browser, provider: IdentityProvider, cas: Service, user: str = "ada.l") -> Answer:
    """The whole way of a person who types a password at the service."""
    return await back(browser, await cas.sign_in(await away(browser, provider), user))


async def test_somebody_comes_in_by_the_service(site: Site, manager: Browser, cas: Service) -> None:
    """Offered, sent there, back, in: on the page that was asked for, with a session that says by whom."""
    assert not (await manager.get("/sign-in?as=user")).says("Se connecter avec")
    provider = await configured(site, manager, cas)
    user = await someone(site, "ada", "ada.l")
    browser = Browser(site, manager.context)
    page = await browser.get("/sign-in?as=user&to=/plannings")
    assert page.says(f"Se connecter avec {NAME}")
    assert f"/sign-in/delegated?by={provider.key}" in page.text
    assert not (await browser.get("/sign-in?as=manager")).says("Se connecter avec")
    answer = await sign_in(browser, provider, cas)
    assert answer.status == 200, answer.text
    assert 'content="0; url=/plannings"' in answer.text
    assert (await browser.get("/plannings")).status == 200
    (session,) = await site.accounts.directory.list(ConsoleSession, user=user.key)
    assert (session.provider, session.identifier) == (provider.key, "ada.l")
    assert f"__Host-{AWAY_COOKIE}" not in browser.cookies


async def test_a18_the_login_of_a_superadministrator_is_no_identity_elsewhere(
    site: Site, manager: Browser, cas: Service
) -> None:
    """Who is called at the service as a superadministrator is called here stays out: only the identifier counts."""
    provider = await configured(site, manager, cas)
    root = await site.user("bob.n")
    refused = await sign_in(Browser(site, manager.context), provider, cas, "bob.n")
    assert (refused.status, refused.says(NOBODY)) == (401, True)
    await site.accounts.directory.change(User, root.key, cas="bob@ecole.example")  # of the attribute that is not asked
    assert (await sign_in(Browser(site, manager.context), provider, cas, "bob.n")).status == 401
    other = await someone(site, "zoe", "bob.n", "base_admin")
    assert (await sign_in(Browser(site, manager.context), provider, cas, "bob.n")).status == 200
    assert await site.accounts.directory.list(ConsoleSession, user=root.key) == ()
    assert len(await site.accounts.directory.list(ConsoleSession, user=other.key)) == 1


async def test_a07_unknown_disabled_and_forged_are_told_in_the_same_words(
    site: Site, manager: Browser, cas: Service
) -> None:
    """The page does not say which identifiers exist here."""
    provider = await configured(site, manager, cas)
    off = await someone(site, "ada", "ada.l")
    await site.accounts.directory.change(User, off.key, enabled=False)
    pages = []
    for user in ("nobody", "ada.l", ""):
        browser = Browser(site, manager.context)
        to = await away(browser, provider)
        state = urlsplit(to).query.partition("state%3D")[2].partition("&")[0]
        name = browser.site.name
        forged = f"https://{browser.host}/sign-in/back/{name}?state={state}&ticket=ST-forged"
        pages.append(await back(browser, await cas.sign_in(to, user) if user else forged))
    assert {page.status for page in pages} == {401}
    assert len({page.text for page in pages}) == 1
    assert pages[0].says(NOBODY)
    audit = Audit(site.accounts.paths, site.accounts.keyring, site.account.number)
    told = [one for one in await audit.latest(50) if one.event == "console.delegated"]
    assert [(one.actor, one.result) for one in told] == [("", "refused")] * 3
    assert [one.about.get("identifier") for one in told].count("nobody") == 1  # who may repair it sees whom it was


async def test_a16_who_is_sent_to_us_with_another_s_ticket_is_not_signed_in(
    site: Site, manager: Browser, cas: Service
) -> None:
    """Login CSRF, a link that is opened twice, another browser, another device's journey: each begins again."""
    provider = await configured(site, manager, cas)
    await someone(site, "ada", "ada.l")
    attacker, victim = Browser(site, manager.context), Browser(site, manager.context)
    to = await cas.sign_in(await away(attacker, provider), "ada.l")
    assert (await back(victim, to)).status == 403
    await away(victim, provider)  # under way itself, with a state of its own
    assert (await back(victim, to)).status == 403
    assert (await back(attacker, to)).status == 200
    assert (await back(attacker, to)).status == 403
    renamed = to.replace(f"back/{site.name}", "back/console.autre.example")
    assert (await back(attacker, renamed)).status == 403
    assert len(await site.accounts.directory.list(ConsoleSession)) == 2  # the manager's, and one of ada's


async def test_a16_more_journeys_than_a_device_has_begin_again(site: Site, manager: Browser, cas: Service) -> None:
    """Who leaves again and again fills no memory, and ends the journeys of that device alone."""
    provider = await configured(site, manager, cas)
    first = Browser(site, manager.context)
    to = await away(first, provider)
    for _ in range(MAX_AWAY):
        await away(Browser(site, manager.context), provider)
    assert (await back(first, await cas.sign_in(to, "ada.l"))).status == 403


async def test_a17_the_measure_of_a_user_is_asked_after_the_service_too(
    site: Site, manager: Browser, cas: Service
) -> None:
    """A password elsewhere stands for the password, and for no PIN."""
    provider = await configured(site, manager, cas)
    user = await someone(site, "ada", "ada.l")
    pin = site.accounts.hash_secret("481516", "user")
    await site.accounts.directory.change(User, user.key, measure="pin", pin_hash=pin)
    browser = Browser(site, manager.context)
    asked = await sign_in(browser, provider, cas)
    assert (asked.status, asked.says("Saisissez votre code PIN")) == (200, True)
    assert (await browser.get("/plannings")).to.startswith("/sign-in")
    fields = {"step": "pin", "back": "/plannings"}
    assert (await browser.post("/sign-in/step", fields | {"pin": "000001"})).status == 401
    assert (await browser.post("/sign-in/step", fields | {"pin": "481516"})).to == "/plannings"
    (session,) = await site.accounts.directory.list(ConsoleSession, user=user.key)
    assert session.provider == provider.key


async def test_who_may_not_use_the_console_does_not_come_in(site: Site, manager: Browser, cas: Service) -> None:
    """The service says who somebody is, and nothing of what they may."""
    provider = await configured(site, manager, cas)
    await someone(site, "ada", "ada.l", "user")
    assert (await sign_in(Browser(site, manager.context), provider, cas)).status == 403


async def test_a_service_that_does_not_answer_is_said_and_passwords_of_ours_are_as_set(
    site: Site, manager: Browser, cas: Service
) -> None:
    """Superadministrators come in with a password whatever is set; others when it is for everybody."""
    nowhere = f"https://localhost:{free_ports()}/cas"
    provider = await configured(site, manager, cas, address=nowhere, local="superadmins")
    await someone(site, "ada", "ada.l")
    await someone(site, "bob", "bob.n", "base_admin")
    browser = Browser(site, manager.context)
    to = await away(browser, provider)
    state = urlsplit(to).query.partition("state%3D")[2].partition("&")[0]
    answer = await back(browser, f"https://{browser.host}/sign-in/back/{site.name}?state={state}&ticket=ST-1")
    assert (answer.status, answer.says("Le service d'authentification ne répond pas comme il le faut")) == (503, True)
    assert answer.text.count("comme il le faut") == 1
    await site.sign_in("ada", manager.context)
    typed = {"role": "user", "name": "bob", "password": PASSWORD}
    refused = await Browser(site, manager.context).post("/sign-in", typed)
    assert (refused.status, refused.says("réservé aux superadministrateurs")) == (403, True)
    wrong = await Browser(site, manager.context).post("/sign-in", typed | {"password": "wrong"})
    assert wrong.status == 401
    change = {"name": NAME, "local": "always", "confirmed": "yes"}
    assert (await manager.post("/wish/providers.change", change)).status == 303
    await site.sign_in("bob", manager.context)


async def test_a13_a_session_ends_with_what_vouched_for_it(site: Site, manager: Browser, cas: Service) -> None:
    """Another identifier, another configuration, or none: who came in by the one of before signs in again."""
    provider = await configured(site, manager, cas)
    user = await someone(site, "ada", "ada.l")
    browser, directory = Browser(site, manager.context), site.accounts.directory

    async def is_in() -> bool:
        return (await browser.get("/plannings")).status == 200

    await sign_in(browser, provider, cas)
    assert await is_in()
    await directory.change(User, user.key, cas="ada.m")
    assert not await is_in()
    await directory.change(User, user.key, cas="ada.l")
    for wish, fields in (
        ("providers.change", {"attribute": "email"}),
        ("providers.change", {"attribute": ""}),
        ("providers.activate", {"active": "no"}),
    ):
        await directory.change(User, user.key, cas="ada.l" if not provider.attribute else "ada@ecole.example")
        await sign_in(browser, provider, cas)
        assert await is_in(), wish
        assert (await manager.post(f"/wish/{wish}", {"name": NAME, "confirmed": "yes", **fields})).status == 303
        assert not await is_in(), wish
        (provider,) = await directory.list(IdentityProvider)
    for by in (provider.key, "", "x", "9" * 5_000, "-1"):
        assert (await browser.get(f"/sign-in/delegated?by={by}")).status == 404


async def test_what_is_changed_while_somebody_is_away_vouches_for_nobody(
    site: Site, manager: Browser, cas: Service
) -> None:
    """The answer of one service is never read as another's."""
    provider = await configured(site, manager, cas)
    await someone(site, "ada", "ada.l")
    browser = Browser(site, manager.context)
    to = await cas.sign_in(await away(browser, provider), "ada.l")
    change = {"name": NAME, "attribute": "email", "confirmed": "yes"}
    assert (await manager.post("/wish/providers.change", change)).status == 303
    assert (await back(browser, to)).status == 403


async def test_a17_what_is_changed_before_the_pin_is_given_vouches_for_nobody(
    site: Site, manager: Browser, cas: Service
) -> None:
    """Between the service and the PIN there are two minutes, in which a superadministrator may act."""
    provider = await configured(site, manager, cas)
    user = await someone(site, "ada", "ada.l")
    pin = site.accounts.hash_secret("481516", "user")
    await site.accounts.directory.change(User, user.key, measure="pin", pin_hash=pin)
    for wish, fields in (("change", {"local": "superadmins"}), ("activate", {"active": "no"})):
        browser = Browser(site, manager.context)
        assert (await sign_in(browser, provider, cas)).says("Saisissez votre code PIN")
        done = await manager.post(f"/wish/providers.{wish}", {"name": NAME, "confirmed": "yes", **fields})
        assert done.status == 303
        refused = await browser.post("/sign-in/step", {"step": "pin", "pin": "481516", "back": "/plannings"})
        assert refused.status == 401, wish
        assert await site.accounts.directory.list(ConsoleSession, user=user.key) == ()
        (provider,) = await site.accounts.directory.list(IdentityProvider)


async def test_a_browser_behind_a_launcher_comes_back_to_its_own_machine(
    site: Site, manager: Browser, cas: Service
) -> None:
    """It has no certificate: it knows us as an address of its own, which names the console that it is."""
    provider = await configured(site, manager, cas)
    await someone(site, "ada", "ada.l")
    browser = Browser(site, manager.context)
    browser.host = "127.0.0.1:41234"
    to = await cas.sign_in(await away(browser, provider), "ada.l")
    assert to.startswith(f"http://127.0.0.1:41234/sign-in/back/{site.name}?")
    assert (await back(browser, to)).status == 200
    assert (await browser.get("/plannings")).status == 200


async def test_the_pane_says_what_is_and_changes_it_only_while_stopped(
    site: Site, manager: Browser, cas: Service
) -> None:
    """In service there is no form, and the office refuses as well."""
    await site.user("ada")
    page = await manager.get("/controller?tab=delegation")
    assert page.says("Aucune configuration encore")
    assert page.says("Cela vaut pour cette console ; les clients demandent le mot de passe de ce serveur.")
    await configured(site, manager, cas)
    page = await manager.get(f"/controller?tab=delegation&provider={NAME}")
    assert page.says(f"Modifier la configuration {NAME}")
    assert page.says(cas.address)
    await manager.post("/wish/controller.start", {})
    page = await manager.get("/controller?tab=delegation")
    assert page.says("Le contrôleur est en service : arrêtez-le")
    assert "/wish/providers" not in page.text
    refused = await manager.post("/wish/providers.remove", {"name": NAME, "confirmed": "yes"})
    assert (refused.status, refused.says("Le contrôleur est en service")) == (409, True)
    await site.user("bob", "base_admin")
    bob = await site.sign_in("bob", manager.context)
    assert not (await bob.get("/controller?tab=delegation")).says(cas.address)
