"""slowhttptest against the console: slow heads, slow bodies, slow readers; others are served all the while."""

import asyncio
import shutil
import ssl

import pytest

from tests.web.site import Browser, Site

SLOW = shutil.which("slowhttptest")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(120),
    pytest.mark.uvloop_only,
    pytest.mark.skipif(SLOW is None, reason="WITHOUT slowhttptest: apt-get install slowhttptest"),
]

MODES = {
    "heads": ("-H", "-i", "1"),
    "bodies": ("-B", "-i", "1", "-s", "8192"),
    "readers": ("-X", "-w", "1", "-y", "2", "-n", "1", "-z", "1", "-k", "3"),
}
"""Its three attacks, a hundred connections each."""


@pytest.mark.parametrize("mode", MODES)
async def test_w03_the_console_serves_while_others_are_slow(site: Site, mode: str) -> None:
    """The attacker speaks TLS through a relay that adds nothing; the page comes, and every connection ends."""
    context = site.workstation().context()

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there, back = await asyncio.open_connection(
                "127.0.0.1", site.port, ssl=context, server_hostname=site.name
            )  # fmt: skip
        except (OSError, ssl.SSLError):
            writer.close()
            return

        async def carry(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
            try:
                while data := await source.read(4096):
                    target.write(data)
                    await target.drain()
            except (OSError, ssl.SSLError):
                pass
            finally:
                target.close()

        await asyncio.gather(carry(reader, back), carry(there, writer))

    server = await asyncio.start_server(relay, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    words = ("-c", "100", "-r", "50", "-l", "12", "-p", "3", "-u", f"http://127.0.0.1:{port}/static/htmx-4.0.1.min.js")
    assert SLOW is not None
    attack = await asyncio.create_subprocess_exec(
        SLOW, *MODES[mode], *words, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL
    )
    served = 0
    browser = Browser(site, context)
    while attack.returncode is None:
        async with asyncio.timeout(10):
            assert (await browser.get("/static/icon.svg")).status == 200
        served += 1
        await asyncio.sleep(0.3)
    assert served > 5
    server.close()
    async with asyncio.timeout(60):
        while site.entrance.state.connections:  # noqa: ASYNC110  nobody rings when one is cut
            await asyncio.sleep(0.1)
