"""Bases sent and fetched by a browser: whole or not at all, by who may, and told as they go."""

import asyncio
import contextlib
import ssl
from collections.abc import Mapping

import pytest

from hpserver.administration.office import NobodyHere, Office
from hpserver.directory.model import ConsoleSession
from hpserver.errors import NotFoundError
from hpserver.exports.packing import pack
from hpserver.exports.writing import lines
from hpserver.hosting.bases import bases_in
from hpserver.hosting.console_keeping import reset_workstation
from hpserver.hosting.exporting import read_moment
from hpserver.hosting.tasks import Task
from hpserver.identity.actor import OPERATOR
from hpserver.protocol.catalogue import administration as w
from tests.exports.documents import a_history
from tests.web.site import CONSOLE_PASSWORD, Answer, Browser, Site

pytestmark = pytest.mark.slow

RAW = b"".join(pack(lines(a_history())))
BOUNDARY = "----border"
CUT = -len(BOUNDARY) - 50
"""What is left out of a form whose file does not end."""

TYPE = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}", "Sec-Fetch-Site": "same-origin"}


def form(fields: Mapping[str, str], file: bytes) -> bytes:
    """Return a form as a browser without a script sends it."""
    head = "".join(
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    )
    named = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="b.hpx"\r\n\r\n'
    return f"{head}{named}".encode() + file + f"\r\n--{BOUNDARY}--\r\n".encode()


async def sent(browser: Browser, base: str, file: bytes = RAW, planning: str = "planning01") -> Answer:
    """Send a base."""
    return await browser.ask("POST", "/upload", form({"planning": planning, "base": base}, file), TYPE)


def bases(site: Site) -> list[str]:
    """Return the bases of the account."""
    return bases_in(site.accounts.paths.bases / site.account.number)


def left(site: Site) -> list[str]:
    """Return what uploads left on the disk, besides the word about who sent what became a base."""
    folder = site.accounts.paths.uploads / site.account.number
    begun = [one.name for one in (site.accounts.paths.bases / site.account.number).glob(".*.new")]
    return [one.name for one in folder.glob("*.part")] + begun


def told(site: Site) -> list[Task]:
    """Return the long actions."""
    return Office(site.accounts, site.account, NobodyHere()).works.tasks.listed()


async def ended(site: Site) -> Task:
    """Wait until nothing is under way; return the newest."""
    async with asyncio.timeout(60):
        while "running" in {one.state for one in told(site)}:  # noqa: ASYNC110  it is a file
            await asyncio.sleep(0.05)
    return told(site)[0]


async def test_a_base_is_sent_and_its_copy_is_fetched(site: Site, manager: Browser) -> None:
    """Without a script, whole, with its history; both are told of, and both are in the audit log."""
    answer = await sent(manager, "Envoyée")
    assert (answer.status, answer.to) == (303, "/plannings")
    assert (await manager.get("/plannings")).says("La base Envoyée est là")
    path = site.accounts.base_path(site.account, "Envoyée")
    assert await read_moment(path) == (a_history().planning, 4)
    assert left(site) == []
    await manager.post("/wish/bases.load", {"planning": "planning01", "base": "Envoyée"})
    assert (await manager.post("/wish/bases.export", {"planning": "planning01"})).status == 303
    task = await ended(site)
    assert (task.kind, task.state, task.base, task.file) == ("bases.export", "done", "Envoyée", True)
    page = await manager.get("/tasks")
    assert page.says(f"/tasks/{task.key}/copy")
    assert page.says("Envoyer une base")
    copy = await manager.get(f"/tasks/{task.key}/copy")
    assert (copy.status, copy.headers["content-type"]) == (200, "application/octet-stream")
    assert "Envoy%C3%A9e.hpx" in copy.headers["content-disposition"]
    folder = site.accounts.paths.tasks / site.account.number
    assert int(copy.headers["content-length"]) == (folder / f"{task.key}.hpx").stat().st_size > 100
    assert (await sent(manager, "Revenue", (folder / f"{task.key}.hpx").read_bytes())).status == 303
    assert await read_moment(site.accounts.base_path(site.account, "Revenue")) == (a_history().planning, 4)
    events = [one.event for one in await Office(site.accounts, site.account, NobodyHere()).audit.read(limit=1000)]
    assert {"base.uploaded", "base.exported", "base.fetched"} <= set(events)


@pytest.mark.parametrize(
    "file",
    [b"", b"x", RAW[:-20], RAW[: len(RAW) // 2], RAW[:50] + b"\0" + RAW[51:], RAW + b"more"],
    ids=["empty", "no base", "short", "half", "changed", "longer"],
)
async def test_s05_what_is_no_whole_base_is_refused_and_leaves_nothing(
    site: Site, manager: Browser, file: bytes
) -> None:
    """It is said, and the task says it too."""
    answer = await sent(manager, "B", file)
    assert (answer.status, answer.to) == (409, "")
    assert answer.says("Ce n'est pas fait")
    assert (bases(site), left(site)) == ([], [])
    assert [(one.kind, one.state) for one in told(site)] == [("bases.upload", "failed")]
    assert (await manager.get("/tasks")).says("En échec")


async def test_s05_an_upload_is_refused_before_its_bytes(site: Site, manager: Browser) -> None:
    """A name that is taken or is a path, a planning that is none, more than there may be: nothing was written."""
    assert (await sent(manager, "B")).status == 303
    for base, planning, status in (("B", "planning01", 409), ("../B", "planning01", 422), ("C", "nope", 404)):
        assert (await sent(manager, base, planning=planning)).status == status, base
    assert (await manager.ask("POST", "/upload", RAW, {"Sec-Fetch-Site": "same-origin"})).status == 409
    assert (await manager.ask("POST", "/upload", b"", TYPE)).status == 404
    head = f"POST /upload HTTP/1.1\r\nHost: {manager.host}\r\nContent-Length: {1 << 40}\r\n\r\n"
    assert (await manager.raw(head.encode())).status == 413
    assert (bases(site), left(site)) == (["B"], [])


async def test_a13_a_base_administrator_sends_and_takes_what_is_theirs(site: Site, manager: Browser) -> None:
    """Into plannings they administer, and the base that is loaded there; no copy of another person's is given."""
    await sent(manager, "A")
    await sent(manager, "B")
    await site.user("bob", "base_admin")
    office = Office(site.accounts, site.account, NobodyHere())
    await office.carry_out(OPERATOR, w.Assign("planning01", "bob", "Administration"))
    await office.carry_out(OPERATOR, w.LoadBase("planning01", "A"))
    bob = await site.sign_in("bob", manager.context)
    assert (await sent(bob, "C")).status == 303
    assert (await sent(bob, "D", planning="planning02")).status == 403
    assert (await bob.post("/wish/bases.export", {"planning": "planning01", "base": "B"})).status == 403
    assert (await bob.post("/wish/bases.export", {"planning": "planning02"})).status == 403
    assert (await bob.post("/wish/bases.upload", {"planning": "planning01", "base": "X", "bytes": "5"})).status == 404
    assert (await bob.post("/wish/bases.export", {"planning": "planning01"})).status == 303
    task = await ended(site)
    assert (await manager.get(f"/tasks/{task.key}/copy")).status == 404
    assert (await bob.get(f"/tasks/{task.key}/copy")).status == 200
    assert not (await manager.get("/tasks")).says(f"/tasks/{task.key}/copy")
    assert (await bob.get("/tasks/00062345678901-01234567/copy")).status == 404
    assert (await bob.get("/tasks/..%2f..%2fdirectory.sqlite/copy")).status == 404


async def test_a_base_that_no_planning_has_is_taken_by_who_may_all(site: Site, manager: Browser) -> None:
    """A base administrator is not even offered it."""
    await sent(manager, "A")
    await sent(manager, "B")
    office = Office(site.accounts, site.account, NobodyHere())
    await office.carry_out(OPERATOR, w.LoadBase("planning01", "A"))
    page = await manager.get("/plannings")
    assert page.says("Autres bases")
    assert page.says('<select name="base" required><option>B</option></select>')
    assert (await manager.post("/wish/bases.export", {"planning": "planning01", "base": "B"})).status == 303
    task = await ended(site)
    assert (task.base, task.file) == ("B", True)
    await site.user("bob", "base_admin")
    await office.carry_out(OPERATOR, w.Assign("planning01", "bob", "Administration"))
    assert not (await (await site.sign_in("bob", manager.context)).get("/plannings")).says("Autres bases")


async def test_taking_a_copy_asks_for_the_password_again(site: Site, manager: Browser) -> None:
    """It is all that is known of a school."""
    await sent(manager, "A")
    await site.accounts.load_base(site.account, await site.accounts.planning(site.account, "planning01"), "A")
    for one in await site.accounts.directory.list(ConsoleSession):
        await site.accounts.directory.change(ConsoleSession, one.hash, proved_at=1.0)
    asked = await manager.post("/wish/bases.export", {"planning": "planning01"})
    assert (asked.status, asked.says("prouvez encore")) == (403, True)
    fields = {"planning": "planning01", "proof": CONSOLE_PASSWORD}
    assert (await manager.post("/wish/bases.export", fields)).status == 303
    assert (await ended(site)).state == "done"


async def begun(browser: Browser, base: str, size: int = 1 << 20) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Send the beginning of an upload, and no more."""
    reader, writer = await browser.open()
    body = form({"planning": "planning01", "base": base}, RAW)[:CUT]
    cookies = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    headers = {"Host": browser.host, "Content-Length": str(size), "Cookie": cookies, **TYPE}
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    writer.write(f"POST /upload HTTP/1.1\r\n{head}\r\n".encode() + body)
    await writer.drain()
    async with asyncio.timeout(30):
        while "running" not in {one.state for one in told(browser.site)}:  # noqa: ASYNC110  it is a file
            await asyncio.sleep(0.02)
    return reader, writer


async def test_an_upload_under_way_is_seen_and_cancelled(site: Site, manager: Browser) -> None:
    """On the page of the plannings and in Tâches; what is sent after it is heard and thrown away, and it is said so."""
    reader, writer = await begun(manager, "B")
    key = told(site)[0].key
    for path in ("/plannings", "/tasks"):
        page = await manager.get(path)
        assert page.says("Envoyer une base</strong> B · Réception du fichier")
        assert page.says("<progress")
    assert (await manager.post("/wish/tasks.cancel", {"task": key, "back": "/tasks"})).status == 303
    assert (await ended(site)).state == "cancelled"
    assert (bases(site), left(site)) == ([], [])
    sent_of_it = len(form({"planning": "planning01", "base": "B"}, RAW)[:CUT])
    writer.write(bytes((1 << 20) - sent_of_it))
    async with asyncio.timeout(30):
        answer = await reader.readline()
    assert answer.startswith(b"HTTP/1.1 409"), answer
    writer.close()
    assert (await manager.post("/wish/tasks.cancel", {"task": key})).status == 403
    assert (await manager.get("/tasks")).says("Annulée")


async def test_w03_a_browser_that_goes_away_leaves_nothing(site: Site, manager: Browser) -> None:
    """Half a file is no base, and does not count in the quota."""
    _, writer = await begun(manager, "B")
    writer.transport.abort()
    assert (await ended(site)).state == "cancelled"
    assert (bases(site), left(site)) == ([], [])


async def test_w03_a_body_that_drips_is_cut(site: Site, manager: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    """An upload has the pace of every body: so many seconds for a mebibyte."""
    monkeypatch.setattr("hpserver.web.receipt.BODY_SECONDS", 1.0)
    reader, writer = await begun(manager, "B")
    with contextlib.suppress(ConnectionError, ssl.SSLError):
        async with asyncio.timeout(30):
            while await reader.read(1 << 16):
                pass
    writer.close()
    assert (await ended(site)).state == "cancelled"
    assert (bases(site), left(site)) == ([], [])


async def test_t08_another_account_s_tasks_are_never_seen(site: Site, manager: Browser) -> None:
    """Neither in the list nor by their number."""
    await sent(manager, "A")
    other = await site.accounts.open_account("Autre", "autre.example")
    office = Office(site.accounts, other.account, NobodyHere())
    key = told(site)[0].key
    assert await office.carry_out(OPERATOR, w.ListTasks()) == w.Tasks((), more=False)
    with pytest.raises(NotFoundError):
        await office.carry_out(OPERATOR, w.CancelTask(key))


@pytest.mark.parametrize("how", ["signed out", "revoked"])
async def test_a13_who_may_no_more_in_the_middle_of_an_upload_sends_for_nothing(
    site: Site, manager: Browser, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    """It is looked at while the file comes, not only before it."""
    monkeypatch.setattr("hpserver.web.transfers.STILL_SECONDS", 0.0)
    _, writer = await begun(manager, "B")
    if how == "revoked":
        assert await reset_workstation(site.accounts, site.account) == 1
    else:
        for one in await site.accounts.directory.list(ConsoleSession):
            await site.accounts.directory.remove(ConsoleSession, one.hash)
    writer.write(bytes(1000))
    assert (await ended(site)).state == "cancelled"
    writer.transport.abort()
    assert (bases(site), left(site)) == ([], [])
