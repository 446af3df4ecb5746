"""The guide's fiches 2 to 7 in a real browser: the hosting manager's first day, then a superadministrator, then both.

Chromium is Debian's; pages are looked at by axe, and pictures of them are kept in the folder that `HP_PICTURES` names.
"""

import asyncio
import re
from pathlib import Path

from playwright.async_api import expect

from hpserver.exports.packing import pack
from hpserver.exports.writing import lines
from hpserver.hosting.bases import bases_in
from hpserver.hosting.sandbox import open_untrusted
from tests.exports.documents import a_history
from tests.web.person import MARKS, Person, a_person
from tests.web.site import CONSOLE_PASSWORD, PASSWORD, Site

pytestmark = MARKS


async def _enters(site: Site, person: Person) -> None:
    """Fiche 2: sign in with the hosting number, accept the licence contract."""
    await person.go("/")
    await person.fill("name", site.account.number)
    await person.fill("password", CONSOLE_PASSWORD)
    await person.picture("sign-in")
    await person.press("Se connecter à la console d'hébergement")
    await person.sees("Contrat de licence")
    await person.look()
    await person.page.get_by_label("J'accepte le Contrat de licence").check()
    await person.press("Accepter")


async def _configures(person: Person) -> None:
    """Fiche 3: names and domains."""
    await expect(person.page).to_have_url(re.compile("/configuration$"))
    await person.look()
    await person.picture("configuration")
    card = person.page.get_by_role("region", name="Réglages de planning01")
    await card.get_by_label("Nom de domaine associé :").fill("ecole-annee-en-cours.monecole.example")
    await card.get_by_role("button", name="Associer").click()
    await person.press("Oui")
    await person.sees("Le planning planning01 a été modifié.")
    await person.sees("ecole-annee-en-cours.monecole.example")


async def _creates_superadmin(person: Person) -> None:
    """Fiche 4: the first superadministrator, with the live checklist, then the profile Administration."""
    await person.page.get_by_role("link", name="Contrôleur").click()
    await person.sees("Création du premier superadministrateur")
    await person.fill("first_name", "Pierre")
    await person.fill("name", "Martin")
    await person.fill("login", "pmartin")
    await person.fill("password", "court")
    await expect(person.page.locator("#rules .unmet").first).to_be_visible()
    await person.page.locator("input[name=password]").press_sequentially("-Lune-4-Papier-77")
    await expect(person.page.locator("#rules .unmet")).to_have_count(0)
    await person.look()
    await person.picture("superadmin")
    await person.fill("again", "court-Lune-4-Papier-77")
    await person.press("Créer le superadministrateur")
    await person.sees("L'utilisateur pmartin a été créé.")
    await person.page.get_by_role("link", name="Ok").click()
    await person.go("/controller?tab=users&user=pmartin")
    await person.picture("users")
    await person.fill("email", "pmartin@ecole.example")
    await person.page.get_by_label("Accès à la console").check()
    await person.press("Valider")
    await person.sees("L'utilisateur pmartin a été modifié.")
    await person.go("/controller?tab=assignments&planning=planning01")
    await person.page.get_by_label("Ajouter au profil Administration").select_option("pmartin")
    await person.press("Valider")
    await person.sees("pmartin a le profil Administration dans planning01.")
    await person.picture("assignments")


async def _draws(person: Person) -> None:
    """Fiche 8: a profile of the school's own, its rights ticked with the keyboard alone, seen before they are kept."""
    await person.go("/controller?tab=profiles&planning=planning01")
    await person.fill("name", "Saisie des notes")
    await person.page.get_by_label("Commence comme").select_option("Consultation")
    await person.press("Créer")
    await person.page.get_by_role("link", name="Saisie des notes").click()
    await person.page.get_by_role("radio", name="Notation, comme le reste").focus()
    for _ in range(3):
        await person.page.keyboard.press("ArrowRight")
    await expect(person.page.get_by_role("radio", name="Notation, saisie")).to_be_checked()
    await person.page.get_by_text("sorte par sorte").nth(2).click()
    await person.look()
    await person.page.get_by_role("button", name="Voir comme").focus()
    await person.page.keyboard.press("Enter")
    await person.sees("Un essai : rien n'est encore enregistré.")
    await expect(person.page.get_by_role("radio", name="Notation, saisie")).to_be_checked()
    await person.look()
    await person.picture("rights")
    await person.page.locator("form[action='/wish/profiles.set']").get_by_role("button", name="Valider").click()
    await person.sees("Donné : Note : lecture → saisie")
    await person.look()
    await person.press("Oui")
    await person.sees("Les droits du profil Saisie des notes ont été modifiés.")


async def _serves(person: Person) -> None:
    """Fiches 5 and 6: the controller, then a base with its grid."""
    await person.press("Activer le contrôleur")
    await person.sees("Le contrôleur va être en service.")
    await person.go("/plannings")
    await person.page.get_by_role("link", name="Créer une base").first.click()
    await person.fill("base", "Base 2026")
    await person.page.get_by_label("sam.").check()
    await expect(person.page.locator("figcaption")).to_contain_text("6 jours")
    await person.page.get_by_label("en 4").check()
    await expect(person.page.locator("figcaption")).to_contain_text("pas de 15 min")
    await person.look()
    await person.picture("grid")
    await person.press("Valider")
    await person.sees("La base Base 2026 a été créée et va être en service.")
    await person.picture("plannings")


async def test_the_guide_in_a_browser(site: Site) -> None:
    """Fiches 2 to 7 by clicks: nothing serious for axe on any page, no error in the browser, a file that enrols."""
    async with a_person(await site.installed()) as manager:
        await _enters(site, manager)
        await _configures(manager)
        await _creates_superadmin(manager)
        await _draws(manager)
        await _serves(manager)
        await manager.go("/client")
        await manager.picture("client")
        async with manager.page.expect_download() as download:
            await manager.press("Télécharger ParamClient")
        assert (await (await download.value).path()).stat().st_size > 500
        for path in ("/security", "/state", "/controller?tab=licences", "/controller?tab=security", "/accessibility"):
            await manager.go(path)
        await manager.go("/security")
        await manager.picture("security")
        await manager.press("English")
        await manager.sees("Security and audit log")
        await manager.picture("security-en")


async def test_a_base_is_sent_and_fetched_in_a_browser(site: Site, tmp_path: Path) -> None:
    """With its progress on the page and a cancel that leaves nothing; then whole, and its copy as a download."""
    folder = site.accounts.paths.bases / site.account.number
    document = tmp_path / "base.hpx"
    document.write_bytes(b"".join(pack(lines(a_history()))))
    (tmp_path / "long.hpx").write_bytes(bytes(8 << 20))
    async with a_person(await site.installed()) as person, asyncio.TaskGroup() as group:
        ringing = group.create_task(_ring(site))
        await _enters(site, person)
        line = await person.page.context.new_cdp_session(person.page)
        slow = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 400 << 10}
        await line.send("Network.emulateNetworkConditions", slow)
        await person.go("/plannings?upload=planning01")
        await person.fill("base", "Trop longue")
        await person.page.get_by_label("Fichier").set_input_files(tmp_path / "long.hpx")
        await person.press("Envoyer")
        card = person.page.locator('[data-planning="planning01"]')
        await expect(card.locator("progress[value]")).to_be_visible(timeout=30_000)
        await person.look()
        await person.picture("upload")
        told = card.locator(".task details.command")
        await told.locator("summary").click()
        for _ in range(3):
            before = await card.locator("progress").get_attribute("value")
            await expect(card.locator("progress")).not_to_have_attribute("value", before or "", timeout=30_000)
        await expect(told).to_have_attribute("open", "")  # what is new closes nothing that somebody opened
        await card.get_by_role("button", name="Annuler").click()
        await person.sees("La tâche est annulée : il n'en reste rien.")
        await line.send("Network.emulateNetworkConditions", slow | {"uploadThroughput": -1})
        await person.go("/plannings?upload=planning01")
        await person.fill("base", "Autre")
        await person.page.get_by_label("Fichier").set_input_files(tmp_path / "long.hpx")
        await person.press("Envoyer")
        await expect(person.page.locator(".sending.error")).to_contain_text("Le fichier ne peut pas être lu")
        await person.page.get_by_label("Fichier").set_input_files(document)
        await person.press("Envoyer")
        await person.sees("La base Autre est là : elle peut être chargée.")
        assert bases_in(folder) == ["Autre"]
        await card.get_by_role("button", name="Charger une base").click()
        await person.sees("La base Autre est chargée.")
        await card.get_by_role("button", name="Récupérer la base").click()
        await person.sees("La copie de la base est en préparation")
        await expect(card.get_by_role("link", name="Télécharger la copie contrôlée")).to_be_visible(timeout=60_000)
        await person.go("/tasks")
        await person.picture("tasks")
        async with person.page.expect_download() as download:
            await person.page.get_by_role("link", name="Télécharger la copie contrôlée").click()
        fetched = await open_untrusted("document", await (await download.value).path())
        assert fetched.planning() == a_history().planning
        ringing.cancel()


async def test_a_base_is_sent_and_fetched_without_a_script(site: Site, tmp_path: Path) -> None:
    """Forms and links alone: what is wrong is said on a page, what is right on the one it came from."""
    (tmp_path / "base.hpx").write_bytes(b"".join(pack(lines(a_history()))))
    (tmp_path / "wrong.hpx").write_bytes(b"nonsense")
    async with a_person(await site.installed(), java_script_enabled=False) as person:
        page = person.page
        await page.goto(f"{person.address}/")
        await person.fill("name", site.account.number)
        await person.fill("password", CONSOLE_PASSWORD)
        await person.press("Se connecter à la console d'hébergement")
        await page.get_by_label("J'accepte le Contrat de licence").check()
        await person.press("Accepter")
        for file, said in (("wrong.hpx", "Ce n'est pas fait"), ("base.hpx", "La base Sans script est là")):
            await page.goto(f"{person.address}/plannings?upload=planning01")
            await person.fill("base", "Sans script")
            await page.get_by_label("Fichier").set_input_files(tmp_path / file)
            await person.press("Envoyer")
            await person.sees(said)
        card = page.locator('[data-planning="planning01"]')
        await card.get_by_role("button", name="Charger une base").click()
        await person.sees("La base Sans script est chargée.")
        await card.get_by_role("button", name="Récupérer la base").click()
        await person.sees("La copie de la base est en préparation")
        link = page.get_by_role("link", name="Télécharger la copie contrôlée")
        async with asyncio.timeout(60):
            while not await link.count():
                await page.goto(f"{person.address}/tasks")
        async with page.expect_download() as download:
            await link.click()
        fetched = await open_untrusted("document", await (await download.value).path())
        assert fetched.planning() == a_history().planning


async def _ring(site: Site) -> None:
    """Do as the process does: look four times a second, and tell the pages."""
    seen: object = None
    while True:
        if (now := await site.console.settle()) != seen:
            seen = now
            site.console.bell.ring()
        await asyncio.sleep(0.25)


async def test_two_people_see_what_the_other_does(site: Site) -> None:
    """A superadministrator in the dark, on a telephone, sees the lamp change when the manager starts a planning."""
    workstation = await site.installed()
    await site.user("ada")
    async with (
        a_person(workstation) as manager,
        a_person(workstation, color_scheme="dark", viewport={"width": 390, "height": 844}) as ada,
    ):
        await _enters(site, manager)
        await ada.go("/")
        await ada.page.get_by_role("link", name="superadministrateur ou administrateur de base").click()
        await ada.fill("name", "ada")
        await ada.fill("password", PASSWORD)
        await ada.press("Se connecter")
        await ada.go("/plannings")
        await ada.picture("plannings-phone-dark")
        await manager.go("/plannings?create=planning02")
        await manager.press("Valider")
        card = ada.page.locator('[data-planning="planning02"]')
        site.console.bell.ring()
        await expect(card.get_by_text("Arrêter le serveur")).to_be_visible()
        await ada.look()


async def test_the_keyboard_alone(site: Site) -> None:
    """Signing in, going to a pane and asking for help without a mouse."""
    async with a_person(await site.installed()) as person:
        await _enters(site, person)
        await person.go("/plannings")
        await person.page.keyboard.press("Tab")
        await expect(person.page.locator(":focus")).to_have_text("Aller au contenu")
        await person.page.keyboard.press("Enter")
        await person.page.keyboard.press("?")
        await expect(person.page.locator("#help")).to_be_visible()
        await person.page.keyboard.press("Escape")
        await person.page.keyboard.press("Control+k")
        await person.page.keyboard.type("État")
        await person.page.keyboard.press("Enter")
        await expect(person.page).to_have_url(re.compile("/state$"))
