"""The console as a process of its own: started by the agent, reached by a workstation, started again when it dies."""

import asyncio
from pathlib import Path

import msgspec
import pytest

from hpserver.client.console import Workstation, read_address
from hpserver.hosting import console_keeping
from tests.house import a_house
from tests.ports import free_ports

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
