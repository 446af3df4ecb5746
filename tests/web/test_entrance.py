"""Who comes in at the socket: by a name that is served, through the gate."""

import asyncio
import ssl
from contextlib import suppress

import pytest

from hpserver.hosting.keyring import server_names, utc_now
from tests.web.site import Browser, Site


async def test_a_name_that_nobody_serves_gets_nothing(site: Site) -> None:
    """No certificate is shown for it, nor without any name."""
    context = site.workstation().context()
    context.check_hostname = False
    for name in ("console.autre.example", "monecole.example", "127.0.0.1"):
        with pytest.raises((ConnectionError, ssl.SSLError)):
            await asyncio.open_connection("127.0.0.1", site.port, ssl=context, server_hostname=name)
    reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
    writer.write(b"GET / HTTP/1.1\r\n\r\n")
    with suppress(ConnectionError):
        assert await reader.read() == b""
    writer.close()
    assert site.entrance.gate.unfinished == 0


async def test_only_tls_1_3_is_spoken(site: Site) -> None:
    """And no session is resumed: a ticket would skip the certificate."""
    context = site.workstation().context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with pytest.raises((ConnectionError, ssl.SSLError)):
        await asyncio.open_connection("127.0.0.1", site.port, ssl=context, server_hostname=site.name)
    assert (await Browser(site, site.workstation().context()).get("/static/icon.svg")).status == 200


async def test_every_place_is_given_back(site: Site, manager: Browser) -> None:
    """However connections end, the gate counts to nothing again."""
    context = site.workstation().context()
    for _ in range(5):
        _, writer = await asyncio.open_connection("127.0.0.1", site.port)
        writer.close()
        _, writer = await asyncio.open_connection("127.0.0.1", site.port, ssl=context, server_hostname=site.name)
        writer.transport.abort()
        assert (await manager.get("/state")).status == 200
    async with asyncio.timeout(10):
        while site.entrance.gate.opened:  # noqa: ASYNC110  nobody rings when a place is given back
            await asyncio.sleep(0.02)
    assert site.entrance.gate.unfinished == 0
    assert not site.entrance.state.connections


async def test_the_gate_refuses_when_there_are_too_many(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the limit a connection is closed before a byte is read."""
    monkeypatch.setattr(site.entrance.gate, "_most", 0)
    with pytest.raises((ConnectionError, ssl.SSLError, OSError)):
        await Browser(site, site.workstation().context()).open()


async def test_an_old_installation_s_console_is_reached_once_its_name_is_certified(site: Site) -> None:
    """Its certificate was made before there was a console: believed by nobody there, until it is certified again."""
    account, accounts = site.account, site.accounts
    named = server_names(account.zone, [one.name for one in await accounts.plannings(account)])
    of_before = [one for one in named if one != site.name]
    accounts.keyring.ensure_server(account.number, of_before, utc_now(), anew=True)
    browser = Browser(site, site.workstation().context())

    async def takes_up() -> None:
        await site.console.refresh()
        site.entrance.contexts = site.console.contexts

    await takes_up()
    with pytest.raises(ssl.SSLCertVerificationError):
        await browser.get("/static/icon.svg")
    await accounts.issuing.certify_servers(account.number)  # what the signer does when it looks
    await takes_up()
    assert (await browser.get("/static/icon.svg")).status == 200
