"""Coming in: manager, users with all that may be asked of them, licence, and out again."""

import asyncio
import re
import ssl
import time
from pathlib import Path

import msgspec
import pytest

import hpserver.web
from hpserver.directory.model import Account, ConsoleSession, Registration, User
from hpserver.errors import HPError
from hpserver.hosting.console_door import ConsoleDoor
from hpserver.hosting.console_keeping import reset_password, reset_workstation
from hpserver.hosting.notices import Notices
from hpserver.mail.outbox import Outbox
from hpserver.net.gate import FAULTS_BURST
from hpserver.net.hub import HubLink, HubServer
from hpserver.protocol import internal
from hpserver.web.entry import LICENCE
from tests.hosting.test_notices import RELAY
from tests.web.site import CONSOLE_PASSWORD, PASSWORD, Browser, Site

TEMPLATES = Path(hpserver.web.__file__).parent / "templates"
NEW = "Brume-7-Sable-88"


async def test_the_manager_signs_in_and_out(site: Site) -> None:
    """Wrong first, then right; the cookie is new, and worth nothing once signed out."""
    browser = Browser(site, (await site.installed()).context())
    assert (await browser.get("/plannings")).to == "/sign-in?to=/plannings"
    fields = {"role": "manager", "name": site.account.number, "password": "faux", "back": "/plannings"}
    refused = await browser.post("/sign-in", fields)
    assert (refused.status, refused.says("Numéro")) == (401, True)
    assert not browser.cookies
    entered = await browser.post("/sign-in", fields | {"password": CONSOLE_PASSWORD})
    assert (entered.status, entered.to) == (303, "/plannings")
    kept = dict(browser.cookies)
    assert (await browser.post("/sign-out", {})).to == "/sign-in"
    browser.cookies = kept
    assert (await browser.get("/plannings")).to.startswith("/sign-in")


async def test_a16_every_sign_in_has_a_cookie_of_its_own(site: Site, manager: Browser) -> None:
    """One that was planted before is not taken over; what is kept of it is a digest."""
    before = dict(manager.cookies)
    fields = {"role": "manager", "name": site.account.number, "password": CONSOLE_PASSWORD}
    await manager.post("/sign-in", fields)
    assert manager.cookies != before
    held = msgspec.json.encode([one.hash for one in await site.accounts.directory.list(ConsoleSession)])
    assert not [value for value in manager.cookies.values() if value.encode() in held]
    assert len(await site.accounts.directory.list(ConsoleSession)) == 1
    manager.cookies = before
    assert (await manager.get("/plannings")).to.startswith("/sign-in")


async def test_a_way_back_never_leads_elsewhere(site: Site) -> None:
    """An address in a link is a path of ours, or it is forgotten."""
    browser = Browser(site, (await site.installed()).context())
    for back in ("//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)"):
        fields = {"role": "manager", "name": site.account.number, "password": CONSOLE_PASSWORD, "back": back}
        assert (await browser.post("/sign-in", fields)).to == "/"


async def test_the_licence_is_accepted_once_and_who_refuses_goes(site: Site) -> None:
    """Its version and its date are kept, and a new version is asked about again."""
    browser = await site.manager(licence=False)
    assert (await browser.get("/")).to == "/licence"
    assert (await browser.get("/licence")).says("J'accepte le Contrat de licence")
    assert (await browser.post("/licence", {"answer": "refuse"})).to == "/sign-in"
    fields = {"role": "manager", "name": site.account.number, "password": CONSOLE_PASSWORD}
    await browser.post("/sign-in", fields)
    await browser.post("/licence", {"answer": "accept", "agreed": "yes"})
    account = await site.accounts.account()
    assert account.licence == LICENCE
    assert account.licence_at > 0
    assert (await browser.get("/")).to == "/configuration"
    await site.accounts.directory.change(Account, account.number, licence="1999-01")
    assert (await browser.get("/plannings")).to == "/licence"


async def test_a_user_with_a_pin_is_asked_for_it_on_an_unknown_device(site: Site, manager: Browser) -> None:
    """Wrong ones are counted by the same ladder as elsewhere; on a registered device it is not asked."""
    await site.user("ada")
    hashed = site.accounts.hash_secret("482719")
    user = await site.accounts.user(site.account, "ada")
    await site.accounts.directory.change(User, user.key, measure="pin", pin_hash=hashed)
    browser = Browser(site, manager.context)
    fields = {"role": "user", "name": "ada", "password": PASSWORD}
    assert (await browser.post("/sign-in", fields)).says("Saisissez votre code PIN")
    wrong = await browser.post("/sign-in/step", {"step": "pin", "pin": "1357"})
    assert (wrong.status, wrong.says("Code PIN refusé")) == (401, True)
    assert (await browser.post("/sign-in/step", {"step": "pin", "pin": "482719"})).status == 303
    assert (await browser.get("/plannings")).status == 200
    device = (await site.console._served[site.account.number].door.workstations(site.account))[0]
    await site.accounts.directory.add(Registration(device=device.key, user=user.key, name="p", at=1.0))
    assert (await Browser(site, manager.context).post("/sign-in", fields)).status == 303


async def test_a17_no_step_is_skipped(site: Site, manager: Browser) -> None:
    """The answer to a question nobody was asked, or asked on another device, or long ago, begins again."""
    await site.user("ada")
    user = await site.accounts.user(site.account, "ada")
    await site.accounts.directory.change(User, user.key, measure="")
    browser = Browser(site, manager.context)
    for step in ("pin", "password", "measure", "nothing"):
        assert (await browser.post("/sign-in/step", {"step": step, "measure": "none"})).status == 403
    fields = {"role": "user", "name": "ada", "password": PASSWORD}
    assert (await browser.post("/sign-in", fields)).says("Renforcer la sécurité")
    assert (await browser.get("/plannings")).to.startswith("/sign-in")
    assert (
        await browser.post("/sign-in/step", {"step": "password", "old": "x", "new": NEW, "again": NEW})
    ).status != 303
    assert (await browser.post("/sign-in", fields)).status == 200
    site.console._served[site.account.number].pending.clear()
    assert (await browser.post("/sign-in/step", {"step": "measure", "measure": "none"})).status == 403


async def test_who_has_a_one_time_password_chooses_another_and_a_measure(site: Site, manager: Browser) -> None:
    """The rules are shown as it is typed; two that differ, or a weak one, are refused and nothing is lost."""
    await manager.post("/wish/users.add", {"login": "ada", "name": "Ada", "status": "superadmin"})
    issued = await manager.post("/wish/users.reset_password", {"login": "ada", "confirmed": "yes"})
    given = issued.text.partition('<p class="secret"><code>')[2].partition("</code>")[0]
    user = await site.accounts.user(site.account, "ada")
    await site.accounts.directory.change(User, user.key, console=True, email="ada@ecole.example")
    browser = Browser(site, manager.context)
    assert (await browser.post("/sign-in", {"role": "user", "name": "ada", "password": given})).says(
        "autre mot de passe"
    )
    for new, again in ((NEW, "autre"), ("court", "court")):
        answer = await browser.post("/sign-in/step", {"step": "password", "old": given, "new": new, "again": again})
        assert (answer.status, answer.says("autre mot de passe")) == (422, True)
    done = await browser.post("/sign-in/step", {"step": "password", "old": given, "new": NEW, "again": NEW})
    assert done.says("Renforcer la sécurité de mon compte")
    pins = {"step": "measure", "measure": "pin", "pin": "482719", "again": "482718"}
    assert (await browser.post("/sign-in/step", pins)).status == 422
    assert (await browser.post("/sign-in/step", pins | {"again": "482719"})).status == 303
    assert (await browser.get("/plannings")).status == 200


async def test_who_may_not_use_the_console_stays_out(site: Site, manager: Browser) -> None:
    """A plain user, a user without the box, one who was disabled: after the password, and at once when it changes."""
    await site.user("zoe", "user")
    await site.user("ada")
    zoe = await site.accounts.user(site.account, "zoe")
    refused = await Browser(site, manager.context).post(
        "/sign-in", {"role": "user", "name": "zoe", "password": PASSWORD}
    )
    assert refused.status == 403
    for first in ({"must_change": True}, {"measure": ""}):
        await site.accounts.directory.change(User, zoe.key, **first)
        refused = await Browser(site, manager.context).post(
            "/sign-in", {"role": "user", "name": "zoe", "password": PASSWORD}
        )
        assert (refused.status, refused.says("n'est pas ouverte")) == (403, True)
    ada = await site.sign_in("ada", manager.context)
    assert (await ada.get("/plannings")).status == 200
    assert (await ada.get("/configuration")).status == 403
    await site.accounts.directory.change(User, (await site.accounts.user(site.account, "ada")).key, enabled=False)
    assert (await ada.get("/plannings")).to.startswith("/sign-in")
    assert zoe.status == "user"


async def test_a13_another_password_ends_the_sessions_of_before(site: Site, manager: Browser) -> None:
    """Whoever gave it: an administrator here, the user at a client, the operator."""
    await site.user("ada")
    ada = await site.sign_in("ada", manager.context)
    assert (await ada.get("/plannings")).status == 200
    await manager.post("/wish/users.reset_password", {"login": "ada", "confirmed": "yes"})
    assert (await ada.get("/plannings")).to.startswith("/sign-in")


async def test_an_administrator_closes_sessions_at_the_console(site: Site, manager: Browser) -> None:
    """All of a user go at once; the page says whose they are."""
    await site.user("ada")
    ada = await site.sign_in("ada", manager.context)
    assert (await manager.get("/security")).says("ada")
    assert (await manager.post("/wish/sessions.close", {"login": "ada", "confirmed": "yes"})).status == 303
    assert (await ada.get("/plannings")).to.startswith("/sign-in")
    assert (await manager.get("/plannings")).status == 200


async def test_every_secret_is_typed_unseen(site: Site, manager: Browser) -> None:
    """On every page that asks for one."""
    for template in sorted(TEMPLATES.glob("*.html")):
        for field in re.findall(r"<input[^>]*>", template.read_text()):
            if re.search(r'name="(password|pin|proof|old|new|again)"', field):
                assert 'type="password"' in field, (template.name, field)
    await site.user("ada")
    assert 'type="password"' in (await manager.get("/sign-in")).text


async def test_a_session_is_good_on_its_device_alone(site: Site, manager: Browser) -> None:
    """A cookie carried to another machine of the school is worth nothing."""
    kept = dict(manager.cookies)
    await site.user("ada")
    await reset_workstation(site.accounts, site.account)
    other = Browser(site, (await site.installed("autre")).context())
    other.cookies = kept
    assert (await other.get("/plannings")).to.startswith("/sign-in")


async def test_the_checklist_follows_what_is_typed(manager: Browser) -> None:
    """Rule by rule, as a part of the page."""
    short = await manager.post("/checklist", {"new": "abc"})
    good = await manager.post("/checklist", {"new": NEW})
    assert short.text.count('class="unmet"') > good.text.count('class="unmet"') == 0


async def test_the_language_is_kept(manager: Browser) -> None:
    """Chosen, it wins over the browser's."""
    assert (await manager.get("/plannings")).says("Mes plannings")
    await manager.post("/language", {"language": "en", "back": "/plannings"})
    assert (await manager.get("/plannings")).says("My plannings")
    await manager.post("/language", {"language": "zz"})
    assert (await manager.get("/plannings")).says("My plannings")


async def asked_for_a_pin(site: Site, context: ssl.SSLContext) -> tuple[User, Browser]:
    """A user with a PIN, whose password was given on a device that is not registered."""
    await site.user("ada")
    user = await site.accounts.user(site.account, "ada")
    hashed = site.accounts.hash_secret("482719")
    user = await site.accounts.directory.change(User, user.key, measure="pin", pin_hash=hashed)
    browser = Browser(site, context)
    answer = await browser.post("/sign-in", {"role": "user", "name": "ada", "password": PASSWORD})
    assert answer.says("Saisissez votre code PIN")
    return user, browser


@pytest.mark.parametrize(
    "answer",
    [
        {"step": "measure", "measure": "none"},
        {"step": "measure", "measure": "pin", "pin": "975310", "again": "975310"},
        {"step": "password", "old": PASSWORD, "new": NEW, "again": NEW},
        {"step": ""},
    ],
)
async def test_a17_what_was_asked_is_what_is_answered(site: Site, manager: Browser, answer: dict[str, str]) -> None:
    """Who is asked for a PIN chooses no other measure and no other password in its place."""
    user, browser = await asked_for_a_pin(site, manager.context)
    assert (await browser.post("/sign-in/step", answer)).status == 403
    now = await site.accounts.user(site.account, "ada")
    assert (now.measure, now.pin_hash, now.password_hash) == (user.measure, user.pin_hash, user.password_hash)
    assert (await browser.get("/plannings")).to.startswith("/sign-in")


async def test_a_password_that_was_taken_back_lets_nobody_in_at_the_next_step(site: Site, manager: Browser) -> None:
    """Who was asked for a PIN before the password was made anew begins again."""
    user, browser = await asked_for_a_pin(site, manager.context)
    hashed = site.accounts.hash_secret(NEW)
    await site.accounts.directory.change(User, user.key, password_hash=hashed, password_set_at=time.time())
    assert (await browser.post("/sign-in/step", {"step": "pin", "pin": "482719"})).status == 403
    assert (await browser.get("/plannings")).to.startswith("/sign-in")


async def test_a17_two_who_know_the_first_password_choose_one_measure(site: Site, manager: Browser) -> None:
    """Whoever chose first is protected by it: the other signs in again, and is asked for the PIN."""
    user = await site.user("ada")
    await site.accounts.directory.change(User, user.key, measure="")
    first, second = Browser(site, manager.context), Browser(site, manager.context)
    for browser in (first, second):
        await browser.post("/sign-in", {"role": "user", "name": "ada", "password": PASSWORD})
    chosen = {"step": "measure", "measure": "pin", "pin": "975310", "again": "975310"}
    assert (await first.post("/sign-in/step", chosen)).status == 303
    assert (await second.post("/sign-in/step", {"step": "measure", "measure": "none"})).status == 403
    assert (await site.accounts.user(site.account, "ada")).measure == "pin"
    assert (await second.get("/plannings")).to.startswith("/sign-in")


async def test_a_wrong_answer_gives_no_more_time(site: Site, manager: Browser) -> None:
    """What is asked after the password is answered before the end that was set then."""
    _, browser = await asked_for_a_pin(site, manager.context)
    served = site.console._served[site.account.number]
    [until] = [one.until for one in served.pending.values()]
    for pin in ("1357", "1358"):
        assert (await browser.post("/sign-in/step", {"step": "pin", "pin": pin})).says("Code PIN refusé")
        assert [one.until for one in served.pending.values()] == [until]


async def test_a02_guesses_at_the_console_are_counted_whatever_the_login(site: Site, manager: Browser) -> None:
    """Of a device and of an address; the workstation that is registered does not wait for its neighbours (A08)."""
    served = site.console._served[site.account.number]
    user = await site.user("ada")
    browser = Browser(site, manager.context)
    for number in range(FAULTS_BURST):
        answer = await browser.post("/sign-in", {"role": "user", "name": f"u{number}", "password": "faux"})
        assert answer.status == 401
    spent = await browser.post("/sign-in", {"role": "user", "name": "ada", "password": PASSWORD})
    assert (spent.status, spent.says("Trop d'échecs")) == (429, True)
    fields = {"role": "manager", "name": site.account.number, "password": CONSOLE_PASSWORD}
    assert (await browser.post("/sign-in", fields)).status == 429
    proof = {"planning": "x", "name": "x", "proof": CONSOLE_PASSWORD, "confirmed": "yes"}
    assert (await manager.post("/wish/plannings.remove", proof)).status == 429
    assert not await served.directory.list(ConsoleSession, user=user.key)


async def test_people_are_told_of_what_happens_at_the_console(site: Site, manager: Browser) -> None:
    """As at a client: a device that is not registered, another password, too many attempts."""
    user = await site.user("ada")
    await site.accounts.directory.change(User, user.key, measure="notification")
    served = site.console._served[site.account.number]
    served.office.notices = Notices(served.directory, site.accounts.paths, RELAY, site.account)
    outbox = Outbox(site.accounts.paths.outbox / site.account.number)
    await site.sign_in("ada", manager.context)
    assert [one.letter.kind for one in outbox.waiting()] == ["login.notified"]
    await site.accounts.directory.change(User, user.key, must_change=True)
    browser = Browser(site, manager.context)
    await browser.post("/sign-in", {"role": "user", "name": "ada", "password": PASSWORD})
    await browser.post("/sign-in/step", {"step": "password", "old": PASSWORD, "new": NEW, "again": NEW})
    assert [one.letter.kind for one in outbox.waiting()].count("user.password_changed") == 1
    for number in range(6):
        await browser.post("/sign-in", {"role": "user", "name": "ada", "password": f"faux {number}"})
    assert "login.locked" not in {one.letter.kind for one in outbox.waiting()}  # after the answer, not before
    await site.console.refresh()
    assert [one.letter.kind for one in outbox.waiting()].count("login.locked") == 1


async def test_a13_another_password_at_the_console_closes_the_clients(site: Site, manager: Browser) -> None:
    """The controller hears whom to forget, and on which device not, before the page answers."""
    user = await site.user("ada")
    await site.accounts.directory.change(User, user.key, must_change=True)
    heard = list[internal.Forget]()

    class Listening:
        def hub_joined(self, link: HubLink) -> None: ...

        def hub_received(self, link: HubLink, message: internal.AnyInternal, passenger: object) -> None:
            assert isinstance(message, internal.Forget), passenger
            heard.append(message)
            link.send(internal.Forgotten(message.id, 1))

        def hub_lost(self, link: HubLink, error: HPError | None) -> None: ...

    path = site.accounts.paths.controller_socket(site.account.number)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    hub = HubServer(path, asyncio.get_running_loop(), Listening(), name="controller")
    hub.open()
    browser = Browser(site, manager.context)
    await browser.post("/sign-in", {"role": "user", "name": "ada", "password": PASSWORD})
    await browser.post("/sign-in/step", {"step": "password", "old": PASSWORD, "new": NEW, "again": NEW})
    hub.close()
    [device] = await site.console._served[site.account.number].door.workstations(site.account)
    assert [(one.account, one.user, one.but) for one in heard] == [(site.account.number, user.key, device.thumbprint)]


async def test_a_password_of_the_console_reset_while_it_is_compared_lets_nobody_in(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the operator takes back is over, whoever is half-way in."""
    browser = Browser(site, (await site.installed()).context())
    check = ConsoleDoor.check

    async def overtaken(door: ConsoleDoor, account: str, number: str, password: str, device: int = 0) -> Account:
        found = await check(door, account, number, password, device)
        await reset_password(site.accounts, site.account)
        return found

    monkeypatch.setattr(ConsoleDoor, "check", overtaken)
    fields = {"role": "manager", "name": site.account.number, "password": CONSOLE_PASSWORD}
    assert (await browser.post("/sign-in", fields)).status == 401
    assert not await site.accounts.directory.list(ConsoleSession)
