"""The hosting console against a bare Starlette page of the same size: time to the first byte, and what open pages cost.

Run with `python -m bench.console [ROUNDS]`. Both serve over TLS 1.3 with the same certificate, in a process of their
own; each request is on a connection that is there already.
"""

import asyncio
import os
import ssl
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

import msgspec

from bench import machine, report
from bench.figures import Figure, Samples
from bench.house import House, opened
from hpserver.client.console import Workstation, read_address
from hpserver.hosting import console_keeping
from hpserver.reaching import agent_status

PORT: Final = 31500
WEB: Final = PORT + 40
PEER: Final = PORT + 41
REQUESTS: Final = 200
"""Of each page in each round."""

LINES: Final = 200
"""Pages open at once, each with its line for what is new."""

PAGES: Final = ("/configuration", "/controller?tab=users", "/plannings", "/client", "/security", "/state")

BARE: Final = """
import sys, uvicorn
from starlette.applications import Starlette
from starlette.responses import HTMLResponse
from starlette.routing import Route
page = "x" * int(sys.argv[4])
async def answer(request):
    return HTMLResponse(page)
app = Starlette(routes=[Route("/{path:path}", answer)])
uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), ssl_certfile=sys.argv[2], ssl_keyfile=sys.argv[3],
            log_level="error", http="httptools", loop="uvloop", access_log=False)
"""
"""What the same libraries do with a page that is a constant."""


class Line:
    """One connection of a browser that is signed in."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, host: str, cookie: str = "") -> None:
        self._reader, self._writer, self._host, self.cookie = reader, writer, host, cookie

    async def ask(self, path: str, method: str = "GET", body: str = "") -> tuple[float, bytes, bytes]:
        """Return the milliseconds to the first byte, the head and the body."""
        lines = [f"{method} {path} HTTP/1.1", f"Host: {self._host}", f"Cookie: {self.cookie}", "Accept: text/html"]
        if method == "POST":
            lines += [f"Content-Length: {len(body)}", "Content-Type: application/x-www-form-urlencoded"]
        began = time.perf_counter()
        self._writer.write(("\r\n".join(lines) + "\r\n\r\n" + body).encode())
        head = await self._reader.readuntil(b"\r\n\r\n")
        took = (time.perf_counter() - began) * 1000
        size = next((int(one[15:]) for one in head.lower().split(b"\r\n") if one.startswith(b"content-length:")), 0)
        return took, head, await self._reader.readexactly(size)

    def close(self) -> None:
        """End it."""
        self._writer.transport.abort()


async def line(port: int, name: str, context: ssl.SSLContext, cookie: str = "") -> Line:
    """Open a connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context, server_hostname=name, limit=1 << 22)
    return Line(reader, writer, f"{name}:{port}", cookie)


async def signed_in(house: House, folder: Path) -> tuple[Workstation, str]:
    """Install the manager's workstation and sign in; returns it with the cookie."""
    password = await console_keeping.reset_password(house.accounts, house.account)
    told = read_address(console_keeping.address_file(house.accounts, house.account, "127.0.0.1"))
    workstation = Workstation(folder)
    workstation.keep(msgspec.json.encode(msgspec.structs.replace(told, port=WEB)))
    await workstation.install(house.account.number, password, house.account.invoice, "Banc")
    one = await line(WEB, told.name, workstation.context())
    form = f"role=manager&name={house.account.number}&password={password}"
    _, head, _ = await one.ask("/sign-in", "POST", form)
    cookie = next(part[12:].split(b";")[0] for part in head.split(b"\r\n") if part.lower().startswith(b"set-cookie: "))
    one.cookie = cookie.decode()
    await one.ask("/licence", "POST", "answer=accept&agreed=yes")
    one.close()
    return workstation, one.cookie


async def measure(rounds: int, samples: Samples, folder: Path) -> list[Figure]:
    """Return the figures: each page by the bare one, and the memory of 200 open pages."""
    os.environ["HP_WEB__PORT"] = str(WEB)
    async with opened(PORT) as house:
        workstation, cookie = await signed_in(house, folder)
        name = workstation.address().name
        ours = await line(WEB, name, workstation.context(), cookie)
        size = len((await ours.ask("/plannings"))[2])
        chain, key = house.accounts.keyring.server_files(house.account.number)
        peer = subprocess.Popen([sys.executable, "-c", BARE, str(PEER), str(chain), str(key), str(size)])  # noqa: ASYNC220  once
        try:
            await asyncio.sleep(2.0)
            theirs = await line(PEER, name, workstation.context())
            for _ in range(rounds):
                for path in PAGES:
                    samples.add(f"ours {path} ms", await first_byte(ours, path))
                    samples.add(f"bare {path} ms", await first_byte(theirs, path))
            theirs.close()
        finally:
            peer.kill()
            peer.wait()
        figures = [
            samples.ratio(31, f"first byte of {path}", f"ours {path} ms", f"bare {path} ms", "at most", None)
            for path in PAGES
        ]
        pid = next(one.pid for one in (await agent_status(house.accounts.paths)).processes if one.subject == "web")
        before = resident(pid)
        lines = [await line(WEB, name, workstation.context(), cookie) for _ in range(LINES)]
        for one in lines:
            await one.ask("/live/plannings")
        await asyncio.sleep(1.0)
        samples.add("200 open pages MiB", resident(pid) - before)
        for one in (ours, *lines):
            one.close()
    return figures


async def first_byte(one: Line, path: str) -> float:
    """Return the median of the milliseconds to the first byte."""
    took = sorted([(await one.ask(path))[0] for _ in range(REQUESTS)])
    return took[len(took) // 2]


def resident(pid: int) -> float:
    """Return the memory of a process that is its own, in MiB."""
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    return sum(int(row.split()[1]) for row in rollup.splitlines() if row.startswith("Private_")) / 1024


def main(rounds: int) -> None:
    """Print the figures and keep them."""
    samples = Samples()
    with tempfile.TemporaryDirectory() as folder:
        figures = asyncio.run(measure(rounds, samples, Path(folder) / "poste"))
    print(report.table(figures))
    for name, value in samples.medians().items():
        print(f"  {name:44}{value:9.2f}")
    print(report.write(machine.facts(), figures, {"console": samples.medians()}))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
