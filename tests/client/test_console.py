"""A workstation: told where the console is, installed, and carrying a browser's bytes."""

import asyncio
import stat
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding

from hpserver.certs.authority import create_root
from hpserver.certs.files import save_certificates, save_key
from hpserver.certs.requests import make_key
from hpserver.client import console as module
from hpserver.client import credentials
from hpserver.client.console import Bridge, Workstation, is_ours, read_address
from hpserver.errors import (
    BadCredentialsError,
    CertificateRefusedError,
    ConfigurationError,
    ConnectionLostError,
    EnrolmentRefusedError,
    HPError,
)
from hpserver.hosting.console_keeping import reset_workstation
from hpserver.hosting.keyring import utc_now
from tests.web.conftest import accounts, prepared, site
from tests.web.site import Browser, Site

__all__ = ["accounts", "prepared", "site"]


async def test_a_workstation_is_installed_with_a_key_of_its_own(site: Site) -> None:
    """The key stays here, for this user alone; the certificate is for it."""
    made = await site.installed()
    assert made.is_installed
    assert made.certificate().public_key() == made.key().public_key()
    assert not stat.S_IMODE((made.folder / module.KEY_FILE).stat().st_mode) & 0o077


async def test_what_the_console_says_is_raised_here(site: Site) -> None:
    """A wrong letter, an address where nobody is, a server that is another one."""
    made = site.workstation()
    with pytest.raises(BadCredentialsError, match="number or the password"):
        await made.install(site.account.number, "faux", site.account.invoice, "Bureau")
    assert not made.is_installed
    told = read_address(site.address)
    for changed, error in (({"port": 1}, ConnectionLostError), ({"name": "127.0.0.1"}, ConnectionLostError)):
        other = Workstation(site.folder / "autre")
        other.keep(msgspec.json.encode(msgspec.structs.replace(told, **changed)))
        with pytest.raises(error):
            await other.install(site.account.number, "x", "y", "Bureau")


async def test_r05_a_file_with_another_root_leads_nowhere(site: Site, tmp_path: Path) -> None:
    """Who changes the file to have the password sent elsewhere is refused before it is."""
    foreign = create_root("autre", utc_now()).certificate
    made = Workstation(tmp_path / "p")
    made.keep(
        msgspec.json.encode(
            msgspec.structs.replace(read_address(site.address), root=foreign.public_bytes(Encoding.PEM).decode())
        )
    )
    with pytest.raises(CertificateRefusedError):
        await made.install(site.account.number, "x", "y", "Bureau")
    installed = await site.installed()
    with pytest.raises(ConfigurationError, match="another installation"):
        installed.keep((made.folder / "Console").read_bytes())


async def test_an_administrator_s_machine_learns_where_the_console_is(site: Site, tmp_path: Path) -> None:
    """It has a client's certificate before it has the file; another installation's file is refused afterwards."""
    installed = await site.installed()
    device = tmp_path / "device"
    device.mkdir()
    (device / credentials.CERTIFICATE_FILE).write_bytes((installed.folder / module.CERTIFICATE_FILE).read_bytes())
    (device / credentials.KEY_FILE).write_bytes((installed.folder / module.KEY_FILE).read_bytes())
    made = Workstation(tmp_path / "console")
    made.use_device(device)
    made.keep(site.address)
    assert made.address() == read_address(site.address)
    foreign = create_root("autre", utc_now()).certificate.public_bytes(Encoding.PEM).decode()
    with pytest.raises(ConfigurationError, match="another installation"):
        made.keep(msgspec.json.encode(msgspec.structs.replace(read_address(site.address), root=foreign)))


@pytest.mark.parametrize("answer", [b"", b"Internal Server Error", b"[]"])
async def test_an_answer_that_is_none_is_said_to_be(
    site: Site, monkeypatch: pytest.MonkeyPatch, answer: bytes
) -> None:  # fmt: skip
    """Nothing is installed, and nobody reads a traceback."""
    made = site.workstation()
    monkeypatch.setattr(made, "_post", lambda *_: answer)
    with pytest.raises(ConnectionLostError, match="answer is none"):
        await made.install(site.account.number, "x", "y", "Bureau")
    assert not made.is_installed


@pytest.mark.parametrize("data", [b"", b"{}", b'{"format":1}', b"\xff\xfe", b"[" * 1000])
def test_a_file_that_is_none_is_said_to_be(data: bytes, tmp_path: Path) -> None:
    """Whatever somebody gives instead of it."""
    with pytest.raises(ConfigurationError):
        Workstation(tmp_path).keep(data)
    with pytest.raises(ConfigurationError, match="knows no console"):
        Workstation(tmp_path).address()


async def test_the_bridge_carries_a_browser(site: Site) -> None:
    """What it sends arrives with the certificate; what comes back is as it was."""
    bridge = Bridge(await site.installed())
    server = await bridge.open()
    port = server.sockets[0].getsockname()[1]
    for _ in range(3):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(f"GET /sign-in HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n".encode())
        page = await reader.read()
        assert page.startswith(b"HTTP/1.1 200"), page[:200]
        assert b"Num" in page
        writer.close()
    server.close()


async def test_the_bridge_says_when_nobody_answers(site: Site) -> None:
    """A browser sees an error, and not a line that hangs."""
    made = await site.installed()
    told = msgspec.structs.replace(read_address(site.address), port=1)
    (made.folder / module.ADDRESS_FILE).write_bytes(msgspec.json.encode(told))
    reasons: list[str] = []
    server = await Bridge(made, reasons.append).open()
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
    writer.write(b"GET / HTTP/1.1\r\n\r\n")
    assert (await reader.read()).startswith(b"HTTP/1.1 502")
    assert reasons
    writer.close()
    with pytest.raises(ConfigurationError, match="cannot be had"):
        await Bridge(made).open(server.sockets[0].getsockname()[1])
    server.close()


async def test_only_this_user_s_browser_is_carried(site: Site, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where the system tells whose a connection is, another's is closed."""
    bridge = Bridge(await site.installed())
    monkeypatch.setattr("os.getuid", lambda: 12_345)
    server = await bridge.open()
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
    writer.write(b"GET /sign-in HTTP/1.1\r\n\r\n")
    told = b""
    with suppress(ConnectionError):
        told = await reader.read()
    writer.transport.abort()
    server.close()
    assert told == b""
    assert is_ours(("127.0.0.1", 1), ("127.0.0.1", 2), tmp_path / "nope")
    (tmp_path / "tcp").write_text("head\n")
    assert not is_ours(("127.0.0.1", 1), ("127.0.0.1", 2), tmp_path / "tcp")


async def test_a_certificate_that_tls_refuses_is_told(site: Site) -> None:
    """It is refused after the handshake, when nobody waits for it any more: a page says so all the same."""
    made = await site.installed()
    foreign = make_key()
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "x")])
    now = utc_now()
    leaf = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(foreign.public_key())
        .serial_number(7).not_valid_before(now).not_valid_after(now + timedelta(days=1)).sign(foreign, hashes.SHA256())
    )  # fmt: skip
    save_key(made.folder / module.KEY_FILE, foreign, passphrase=None)
    save_certificates(made.folder / module.CERTIFICATE_FILE, [leaf])
    reasons: list[str] = []
    server = await Bridge(made, reasons.append).open()
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
    writer.write(b"GET /sign-in HTTP/1.1\r\n\r\n")
    assert (await reader.read()).startswith(b"HTTP/1.1 502")
    assert reasons
    writer.close()
    server.close()


async def test_a_certificate_is_renewed_before_its_end(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """For the same key, without a person; too early it is left alone; a workstation that was taken back gets none."""
    made = await site.installed()
    before = made.certificate()
    assert not await made.renew()
    monkeypatch.setattr(module, "renewal_due", lambda *_: True)
    with pytest.raises(EnrolmentRefusedError, match="too early"):
        await made.renew()
    monkeypatch.setattr("hpserver.hosting.devices.renewal_due", lambda *_: True)
    assert await made.renew()
    after = made.certificate()
    assert after.serial_number != before.serial_number
    assert after.public_key() == before.public_key()
    assert (await Browser(site, made.context()).get("/sign-in")).status == 200
    await reset_workstation(site.accounts, site.account)
    with pytest.raises(HPError):
        await made.renew()
