"""The console as a process of its own: started by the agent, reached by a workstation, started again when it dies."""

import asyncio
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest

from hpserver.client.console import Workstation, read_address
from hpserver.hosting import console_keeping
from hpserver.hosting.bases import bases_in
from tests import cas
from tests.house import a_house
from tests.pki import Pki
from tests.ports import free_ports
from tests.web.site import Browser

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]


def test_the_console_is_there_and_comes_back(tmp_path: Path) -> None:
    """It installs a workstation through the signer; killed, it is started again, and knows the workstation."""
    port = free_ports(1)
    with a_house(tmp_path, HP_WEB__PORT=str(port)) as house:
        first = house.wait_live("web")
        password = house.run(console_keeping.reset_password(house.accounts, house.account))
        told = read_address(console_keeping.address_file(house.accounts, house.account, "127.0.0.1"))
        workstation = Workstation(tmp_path / "poste")
        workstation.keep(msgspec.json.encode(msgspec.structs.replace(told, port=port)))
        house.run(workstation.install(house.account.number, password, house.account.invoice, "Bureau"))
        house.kill("web")
        assert house.wait_live("web", after=first) != first
        assert b"sign-in" in house.run(_page(workstation))


def test_w03_a_console_that_is_killed_in_an_upload_leaves_no_half_base(tmp_path: Path) -> None:
    """What came of the file is gone when it is there again, the task is told as interrupted, and there is room."""
    port = free_ports(1)
    with a_house(tmp_path, HP_WEB__PORT=str(port)) as house:
        first = house.wait_live("web")
        password = house.run(console_keeping.reset_password(house.accounts, house.account))
        told = read_address(console_keeping.address_file(house.accounts, house.account, "127.0.0.1"))
        workstation = Workstation(tmp_path / "poste")
        workstation.keep(msgspec.json.encode(msgspec.structs.replace(told, port=port)))
        house.run(workstation.install(house.account.number, password, house.account.invoice, "Bureau"))
        before = bases_in(house.paths.bases / house.account.number)
        parts = house.paths.uploads / house.account.number
        begun = _half_an_upload(workstation, house.account.number, password, lambda: any(parts.glob("*.part")))
        writer = house.run(begun)
        assert "bases.upload" in house.hp("--output", "json", "task", "list").stdout
        house.kill("web")
        house.run(_cut(writer))
        assert house.wait_live("web", after=first) != first
        assert bases_in(house.paths.bases / house.account.number) == before
        assert not [one.name for one in parts.glob("*") if one.name != ".lock"]
        rows = msgspec.json.decode(house.hp("--output", "json", "task", "list", "--all").stdout)
        assert [one["state"] for one in rows if one["kind"] == "bases.upload"] == ["interrupted"]


def test_a_console_in_its_own_process_asks_the_service_that_people_sign_in_at(tmp_path: Path) -> None:
    """Configured with `hp` while the controller is stopped; nothing the process gave up keeps it from the network."""
    port = free_ports(1)
    with cas.a_cas(Pki.create(tmp_path)) as service, a_house(tmp_path / "house", HP_WEB__PORT=str(port)) as house:
        house.wait_live("web")
        authority = tmp_path / "cas.pem"
        authority.write_text(service.root)
        added = ("provider", "add", "CAS", service.address, "--ca", str(authority))
        refused = house.hp(*added)
        assert "The controller is in service" in refused.stderr
        house.hp("controller", "stop")
        house.wait_state("controller", "stopped")
        for words in (
            added,
            ("provider", "activate", "CAS"),
            ("user", "add", "ada", "--name", "L", "--status", "superadmin", "--console", "--email", "a@e.example",
             "--measure", "none", "--cas", "ada.l"),
        ):  # fmt: skip
            done = house.hp(*words)
            assert done.returncode == 0, done
        password = house.run(console_keeping.reset_password(house.accounts, house.account))
        told = read_address(console_keeping.address_file(house.accounts, house.account, "127.0.0.1"))
        workstation = Workstation(tmp_path / "poste")
        workstation.keep(msgspec.json.encode(msgspec.structs.replace(told, port=port)))
        house.run(workstation.install(house.account.number, password, house.account.invoice, "Bureau"))
        assert "CAS" in house.run(_signed_in(workstation, service))


async def _signed_in(workstation: Workstation, service: cas.Service) -> str:
    """Sign in by the service; returns the page after it."""
    address = workstation.address()
    gate: Any = _Gate(address.name, address.port)
    browser = Browser(gate, workstation.context())
    page = await browser.get("/sign-in?as=user")
    link = re.search(r'href="(/sign-in/delegated\?by=\d+)', page.text)
    assert link, page
    to = await service.sign_in((await browser.get(link[1])).to, "ada.l")
    entered = await browser.get(to.partition(browser.host)[2])
    assert entered.status == 200, entered
    assert (await browser.get("/licence")).status == 200
    return page.text


class _Gate(NamedTuple):
    """What a browser has to know of a site."""

    name: str
    port: int


async def _half_an_upload(
    workstation: Workstation, number: str, password: str, there: Callable[[], bool]
) -> asyncio.StreamWriter:
    """Sign in, and send the first half of a file, until it is on the disk; the connection stays."""
    address = workstation.address()
    gate: Any = _Gate(address.name, address.port)
    browser = Browser(gate, workstation.context())
    await browser.post("/sign-in", {"role": "manager", "name": number, "password": password})
    await browser.post("/licence", {"agreed": "yes", "answer": "accept"})
    _, writer = await browser.open()
    cookies = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    head = (
        f"POST /upload HTTP/1.1\r\nHost: {browser.host}\r\nCookie: {cookies}\r\nContent-Length: 1000000\r\n"
        "Sec-Fetch-Site: same-origin\r\nContent-Type: multipart/form-data; boundary=cut\r\n\r\n"
    )
    fields = "".join(
        f'--cut\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in (("planning", "planning01"), ("base", "Moitié"))
    )
    file = '--cut\r\nContent-Disposition: form-data; name="file"; filename="b.hpx"\r\n\r\n'
    writer.write((head + fields + file).encode() + bytes(300_000))
    await writer.drain()
    async with asyncio.timeout(30):
        while not there():  # noqa: ASYNC110  another process writes it
            await asyncio.sleep(0.02)
    return writer


async def _cut(writer: asyncio.StreamWriter) -> None:
    """End a connection."""
    writer.transport.abort()


async def _page(workstation: Workstation) -> bytes:
    """Return what a browser of this workstation is answered."""
    address = workstation.address()
    reader, writer = await asyncio.open_connection(
        address.host, address.port, ssl=workstation.context(), server_hostname=address.name
    )
    writer.write(f"GET / HTTP/1.1\r\nHost: {address.name}\r\nConnection: close\r\n\r\n".encode())
    answer = await reader.read()
    writer.close()
    return answer
