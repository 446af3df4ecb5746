"""A machine certified by the console: once with the letter, then with its certificate."""

import base64
from typing import Any

import msgspec
import pytest

from hpserver.certs.requests import make_key, make_request
from tests.web.site import CONSOLE_PASSWORD, Browser, Site


def installing(site: Site, **changed: Any) -> bytes:
    """Return what a launcher says."""
    request = base64.b64encode(make_request(make_key())).decode()
    told = {"number": site.account.number, "password": CONSOLE_PASSWORD, "invoice": site.account.invoice}
    return msgspec.json.encode(told | {"request": request, "name": "Bureau"} | changed)


async def test_a_workstation_is_installed_once(site: Site) -> None:
    """Right letter, right password: a certificate; again: what to do."""
    nobody = Browser(site, site.workstation().context())
    first = await nobody.ask("POST", "/install", installing(site))
    assert first.status == 200
    assert msgspec.json.decode(first.text)["domain"] == "monecole.example"
    second = await nobody.ask("POST", "/install", installing(site))
    assert (second.status, "ask your host" in second.text) == (409, True)


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"password": "faux"}, 401),
        ({"number": "999999999999"}, 401),
        ({"invoice": "1"}, 401),
        ({"request": base64.b64encode(b"rien").decode()}, 409),
        ({"request": "%%%"}, 400),
        ({"request": 7}, 400),
        ({"more": "x"}, 400),
        ({"name": "\x1b[2J"}, 422),
    ],
)
async def test_a_wrong_letter_installs_nothing(site: Site, changed: dict[str, str], status: int) -> None:
    """And says as little as there is to say."""
    nobody = Browser(site, site.workstation().context())
    assert (await nobody.ask("POST", "/install", installing(site, **changed))).status == status
    assert (await nobody.ask("POST", "/install", b"{")).status == 400
    assert (await nobody.get("/sign-in")).status == 403


@pytest.mark.parametrize("number", ["999999999999", "", "douze"])
async def test_a14_installing_tells_no_number_from_another(site: Site, number: str) -> None:
    """After as many guesses both are refused alike, whichever was guessed with."""
    nobody = Browser(site, site.workstation().context())
    for guess in range(5):
        wrong = installing(site, number=number, password=f"faux-{guess}")
        assert (await nobody.ask("POST", "/install", wrong)).status == 401
    for tried in (number, site.account.number):
        refused = await nobody.ask("POST", "/install", installing(site, number=tried, password="faux-6"))
        assert refused.status == 429


async def test_a_renewal_that_is_none_is_refused(site: Site) -> None:
    """Whatever a program says; one for another key than the certificate's too."""
    browser = Browser(site, (await site.installed()).context())
    assert (await browser.ask("POST", "/renew", b"\xff")).status == 400
    other = base64.b64encode(make_request(make_key())).decode()
    assert (await browser.ask("POST", "/renew", msgspec.json.encode({"request": other}))).status == 409
