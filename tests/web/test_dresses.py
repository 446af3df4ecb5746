"""Every pane as people have it: in both languages, in the dark, on a telephone, on paper. Axe looks at each.

Pictures of them are kept in the folder `panes` of the one that `HP_PICTURES` names.
"""

import os
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.async_api import Page

from hpserver.directory.model import Account
from hpserver.web import panes
from hpserver.web.entry import LICENCE
from hpserver.web.page import PANES
from tests.web.person import MARKS, Person, a_person
from tests.web.site import CONSOLE_PASSWORD, Site

pytestmark = MARKS

DOCS: Final = Path(__file__).parents[2] / "docs"

PHONE: Final = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}

DRESSES: Final[dict[str, dict[str, Any]]] = {
    "fr": {},
    "en": {"locale": "en-GB"},
    "dark": {"color_scheme": "dark"},
    "phone": PHONE,
}
"""How a browser differs from a wide one in French and in daylight."""

TABS: Final = {"controller": panes.TABS}

PAGES: Final = {
    name if not tab else f"{name}-{tab}": f"{path}{f'?tab={tab}' if tab else ''}"
    for name, path, _, _ in PANES
    for tab in TABS.get(name, ("",))
}
"""Every page with a name of its own."""


async def enters(person: Person, site: Site) -> None:
    """Sign in as the hosting manager, with the licence accepted before."""
    await site.accounts.directory.change(Account, site.account.number, licence=LICENCE)
    await person.page.goto(f"{person.address}/sign-in")
    await person.look()
    await person.fill("name", site.account.number)
    await person.fill("password", CONSOLE_PASSWORD)
    await person.page.locator("main form button").first.click()
    await person.page.wait_for_url("**/*")


async def overflow(page: Page) -> int:
    """Return by how many points a page is wider than its window."""
    return int(await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


async def keep(page: Page, dress: str, name: str) -> None:
    """Keep a picture, when somebody wants one."""
    if folder := os.environ.get("HP_PICTURES", ""):
        kept = Path(folder) / "panes"
        kept.mkdir(exist_ok=True)
        await page.screenshot(path=kept / f"{name}-{dress}.jpg", full_page=True, type="jpeg", quality=45)


@pytest.mark.parametrize("dress", DRESSES)
async def test_every_pane_in_every_dress(site: Site, dress: str) -> None:
    """Nothing serious for axe, nothing that must be scrolled sideways, no error in the browser."""
    await site.user("ada")
    async with a_person(await site.installed(), **DRESSES[dress]) as person:
        await enters(person, site)
        for name, path in PAGES.items():
            await person.go(path)
            assert await person.page.locator("main h1").count() == 1, name
            assert await overflow(person.page) <= 0, name
            await keep(person.page, dress, name)


async def test_every_pane_on_paper(site: Site) -> None:
    """What is printed is the pane: no menu, no button."""
    await site.user("ada")
    async with a_person(await site.installed()) as person:
        await enters(person, site)
        await person.page.emulate_media(media="print")
        for name, path in PAGES.items():
            await person.go(path)
            assert await person.page.locator("main h1").is_visible(), name
            assert await person.page.locator("nav:visible, button:visible").count() == 0, name


def test_every_pane_has_its_pictures() -> None:
    """They are in the documents, and the page on the console leads to each."""
    told = (DOCS / "console.md").read_text()
    names = [f"console/panes/{name}-{dress}.jpg" for name in PAGES for dress in DRESSES]
    assert not [name for name in names if f"({name})" not in told or not (DOCS / name).exists()]
    assert len(list((DOCS / "console" / "panes").iterdir())) == len(names)
