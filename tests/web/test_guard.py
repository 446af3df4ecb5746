"""The right host, our own pages, the headers of every answer."""

import pytest

from hpserver.web.guard import HEADERS, MAX_FORM, comes_from_us
from tests.web.site import Browser, Site


@pytest.mark.parametrize(
    ("headers", "ours"),
    [
        ({"sec-fetch-site": "same-origin"}, True),
        ({"sec-fetch-site": "none"}, True),
        ({"sec-fetch-site": "cross-site", "origin": "https://console.x:1", "host": "console.x:1"}, False),
        ({"sec-fetch-site": "same-site"}, False),
        ({"origin": "https://console.x:1", "host": "console.x:1"}, True),
        ({"origin": "https://evil.example", "host": "console.x:1"}, False),
        ({"origin": "null", "host": "console.x:1"}, False),
        ({"host": "console.x:1"}, True),
    ],
)
def test_a_deed_comes_from_a_page_of_ours(headers: dict[str, str], ours: bool) -> None:
    """What browsers say decides; who is no browser has nobody's cookies."""
    assert comes_from_us(headers) is ours


async def test_w01_no_other_site_asks_for_deeds(site: Site, manager: Browser) -> None:
    """A form on another page, with all the cookies there are, does nothing."""
    fields = {"planning": "planning01", "publication_name": "volé"}
    for headers in (
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "", "Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "", "Origin": "null"},
        {"Host": "evil.example"},
        {"Host": f"{site.name}.evil.example"},
    ):
        assert (await manager.post("/wish/plannings.publication", fields, headers)).status in {403, 421}, headers
    assert "volé" not in {one.publication_name for one in await site.accounts.plannings(site.account)}


async def test_every_answer_has_the_headers(manager: Browser) -> None:
    """Pages, refusals and files alike; what may be kept says so itself."""
    for path in ("/plannings", "/nope", "/static/console.css", "/sign-in"):
        answer = await manager.get(path)
        missing = {name for name in HEADERS if name not in answer.headers}
        assert not missing, (path, missing)
    assert (await manager.get("/static/console.css")).headers["cache-control"].startswith("public")
    assert (await manager.get("/plannings")).headers["cache-control"] == "no-store"
    cookie = (await manager.post("/language", {"language": "en"})).headers["set-cookie"]
    assert {"Secure", "HttpOnly", "SameSite=strict", "Path=/"} <= set(cookie.split("; "))
    assert cookie.startswith("__Host-")


async def test_a_form_has_a_size(manager: Browser) -> None:
    """Told or found out, a body that is too long is not kept."""
    assert (await manager.post("/language", {"language": "x" * MAX_FORM})).status == 413
    chunk = f"{MAX_FORM:x}\r\n".encode() + b"a" * MAX_FORM + b"\r\n"
    head = f"POST /language HTTP/1.1\r\nHost: {manager.host}\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    answer = await manager.raw(head.encode() + chunk * 3 + b"0\r\n\r\n")
    assert answer.status in {0, 303, 400, 403}
    for length in ("-1", "1e3", "9" * 40):
        head = f"POST /language HTTP/1.1\r\nHost: {manager.host}\r\nContent-Length: {length}\r\n\r\n"
        assert (await manager.raw(head.encode())).status in {400, 413}
