"""Somebody with Debian's Chromium on a workstation. Pictures are kept in the folder that `HP_PICTURES` names."""

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from axe_playwright_python.async_playwright import Axe  # type: ignore[import-untyped]  # it ships no types
from playwright.async_api import Page, async_playwright, expect

from hpserver.client.console import Bridge, Workstation

CHROMIUM = shutil.which("chromium")
QUIET = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
)  # fmt: skip
"""A browser of a test asks nobody for anything."""

MARKS = [
    pytest.mark.slow,
    pytest.mark.timeout(240),
    pytest.mark.asyncio_only,
    pytest.mark.skipif(CHROMIUM is None, reason="WITHOUT chromium: apt-get install chromium"),
]


class Person:
    """Somebody with a browser on a workstation."""

    def __init__(self, page: Page, address: str, pictures: Path | None) -> None:
        self.page, self.address, self._pictures = page, address, pictures

    async def go(self, path: str) -> None:
        """Open a page, and look at it."""
        await self.page.goto(self.address + path)
        await self.look()

    async def look(self) -> None:
        """Have axe look at the page: nothing serious, nothing critical."""
        found = await Axe().run(self.page)
        grave = [one for one in found.response["violations"] if one["impact"] in {"serious", "critical"}]
        assert not grave, [(one["id"], [node["html"][:200] for node in one["nodes"]]) for one in grave]

    async def picture(self, name: str) -> None:
        """Keep a picture of the page, when somebody wants one."""
        if self._pictures is not None:
            await self.page.screenshot(path=self._pictures / f"{name}.png", full_page=True)

    async def press(self, name: str) -> None:
        """Press a button."""
        await self.page.get_by_role("button", name=name, exact=True).first.click()

    async def fill(self, name: str, text: str) -> None:
        """Fill a field, by its name: labels are parts of each other."""
        await self.page.locator(f"main input[name={name}]:visible").first.fill(text)

    async def sees(self, text: str) -> None:
        """Wait until the page says so."""
        await expect(self.page.get_by_text(text).first).to_be_visible()


@asynccontextmanager
async def a_person(workstation: Workstation, **settings: object) -> AsyncIterator[Person]:
    """Open a browser on a workstation, through the launcher's bridge."""
    folder = os.environ.get("HP_PICTURES", "")
    server = await Bridge(workstation).open()
    try:
        address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/".rstrip("/")
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
            context = await browser.new_context(**{"locale": "fr-FR", **settings})  # type: ignore[arg-type]  # Playwright's own
            page = await context.new_page()
            problems: list[str] = []

            def noted(text: str, where: str) -> None:
                if address in where:  # what another site's page says is its own
                    problems.append(text)

            page.on("pageerror", lambda error: noted(str(error), error.stack or address))
            page.on("console", lambda one: noted(one.text, one.location["url"]) if one.type == "error" else None)
            yield Person(page, address, Path(folder) if folder else None)
            await browser.close()
            assert not [one for one in problems if "status of 4" not in one], problems
    finally:
        server.close()
