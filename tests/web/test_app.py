"""The table of what may be asked, and that nothing else is."""

import pytest

from hpserver.hosting.console_keeping import reset_workstation
from hpserver.web.app import TABLE, Asked
from tests.web.site import Browser, Site

STATES = ("nobody", "device", "signed_in", "licensed", "superadmin", "base_admin")

ENDING = ("/licence", "/sign-in", "/sign-out")
"""What ends the session of who asks without saying anything: asked last."""


async def in_state(site: Site, state: str) -> Browser:
    """Return a browser in one state of signing in."""
    if state == "nobody":
        return Browser(site, site.workstation("nobody").context())
    if state == "device":
        return Browser(site, (await site.installed()).context())
    if state in {"signed_in", "licensed"}:
        return await site.manager(licence=state == "licensed")
    manager = await site.manager()
    await site.user("ada", "superadmin" if state == "superadmin" else "base_admin")
    return await site.sign_in("ada", manager.context)


def expected(asked: Asked, state: str) -> set[int]:
    """Return how the table says it is answered."""
    order = {"nobody": 0, "device": 1, "signed_in": 2, "licensed": 3, "superadmin": 3, "base_admin": 3}[state]
    needed = {"name": 0, "device": 1, "session": 2, "licence": 3, "manager": 3}[asked.needs]
    if order >= needed:
        refused = asked.needs == "manager" and state != "licensed"
        return {403} if refused else {200, 303, 400, 401, 403, 404, 409, 422}
    return {403} if order == 0 else {303}


@pytest.mark.parametrize("state", STATES)
async def test_t08_every_path_in_every_state_is_in_the_table(site: Site, state: str) -> None:
    """Default deny: each thing that may be asked, in each state, is answered as the table says, and never by chance."""
    browser = await in_state(site, state)
    kept = dict(browser.cookies)
    for asked in sorted(TABLE, key=lambda one: (one.method == "POST" and one.path in ENDING, one.path)):
        if asked.path.startswith("/live/") and state in {"licensed", "superadmin", "base_admin"}:
            continue  # a line that does not end: see test_live
        browser.cookies = dict(kept)
        path = asked.path.replace("{name}", "console.css" if "static" in asked.path else "hosting.get")
        answer = await (browser.get(path) if asked.method == "GET" else browser.post(path, {}))
        assert answer.status in expected(asked, state), (state, asked.method, path, answer.status)
        if answer.status == 303 and asked.needs not in {"name", "device"} and state in {"nobody", "device"}:
            assert answer.to.startswith("/sign-in"), (asked.path, answer.to)
        if state == "signed_in" and asked.needs in {"licence", "manager"}:
            assert answer.to == "/licence", asked.path
        if asked.path == ENDING[0] and asked.method == "POST":
            break  # nobody is signed in any more


async def test_t08_what_is_not_in_the_table_is_refused(manager: Browser) -> None:
    """Paths, methods and wishes nobody declared."""
    for path in ("/nope", "/wish", "/static/../app.py", "/static/%2e%2e/app.py", "//state", "/configuration/"):
        assert (await manager.get(path)).status in {404, 405}, path
    for method in ("PUT", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PATCH"):
        assert (await manager.ask(method, "/")).status in {405, 400}
    assert (await manager.post("/configuration", {})).status == 405
    for wish in ("hosting.get", "users.list", "nope", "bases.erase"):
        assert (await manager.post(f"/wish/{wish}", {})).status in {403, 404, 409}, wish


async def test_a_revoked_workstation_and_a_foreign_certificate_get_nothing(site: Site, manager: Browser) -> None:
    """Not even the page to sign in."""
    assert (await manager.get("/plannings")).status == 200
    assert await reset_workstation(site.accounts, site.account) == 1
    refused = await manager.get("/plannings")
    assert refused.status == 403
    assert (await manager.get("/sign-in")).status == 403


async def test_another_account_s_name_is_another_console(site: Site, manager: Browser) -> None:
    """A host that is not the name TLS began with is sent away."""
    for host in ("console.autre.example", "evil.example", "monecole.example"):
        manager.host = host
        assert (await manager.get("/sign-in")).status == 421
    manager.host = f"127.0.0.1:{site.port}"  # as a launcher's browser says
    assert (await manager.get("/sign-in")).status == 200
