"""The consoles of a copied installation, in the test's own loop over real TLS; and a browser without a screen."""

import asyncio
import re
import socket
import ssl
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from urllib.parse import quote, urlencode

import msgspec
from cryptography.hazmat.primitives.serialization import Encoding

from hpserver.client.console import Workstation
from hpserver.directory.model import Account, Status, User
from hpserver.hosting.accounts import Accounts
from hpserver.hosting.keyring import console_name
from hpserver.protocol.console import Address
from hpserver.web.app import Console
from hpserver.web.entrance import Entrance
from hpserver.web.receipt import settings

PASSWORD = "Lune-4-Papier-77"
CONSOLE_PASSWORD = "abcdEFGH2345jk"


class Answer(msgspec.Struct):
    """What came back."""

    status: int
    headers: dict[str, str]
    text: str

    @property
    def to(self) -> str:
        """Where a browser is sent, or ""."""
        return self.headers.get("location", "")

    def says(self, text: str) -> bool:
        """Whether the page has these words."""
        return text in re.sub(r"\s+", " ", self.text.replace("&#39;", "'"))


class Site:
    """One process's consoles. `number` and `invoice` are those of the one account."""

    def __init__(self, accounts: Accounts, account: Account, entrance: Entrance, port: int, folder: Path) -> None:
        self.accounts, self.account, self.entrance = accounts, account, entrance
        self.port, self.folder = port, folder
        self.console: Console
        self.name = console_name(account.domain)

    @property
    def address(self) -> bytes:
        """The file that a host gives with the letter."""
        root = self.accounts.keyring.root().public_bytes(Encoding.PEM).decode()
        return msgspec.json.encode(Address(1, self.account.number, "127.0.0.1", self.port, self.name, root))

    def workstation(self, name: str = "poste") -> Workstation:
        """A machine that knows where the console is."""
        made = Workstation(self.folder / name)
        made.keep(self.address)
        return made

    async def installed(self, name: str = "poste") -> Workstation:
        """The machine of the hosting manager, with its certificate."""
        made = self.workstation(name)
        await made.install(self.account.number, CONSOLE_PASSWORD, self.account.invoice, "Bureau")
        return made

    async def manager(self, *, licence: bool = True) -> "Browser":
        """A browser in which the hosting manager is signed in."""
        browser = Browser(self, (await self.installed()).context())
        fields = {"role": "manager", "name": self.account.number, "password": CONSOLE_PASSWORD}
        assert (await browser.post("/sign-in", fields)).status == 303
        if licence:
            await browser.post("/licence", {"agreed": "yes", "answer": "accept"})
        return browser

    async def user(self, login: str, status: Status = "superadmin") -> User:
        """Add a user who may use the console."""
        return await self.accounts.add_user(
            self.account, login, name=login.title(), password=PASSWORD, status=status, measure="none",
            email=f"{login}@ecole.example", console=True,
        )  # fmt: skip

    async def sign_in(self, login: str, context: ssl.SSLContext) -> "Browser":
        """A browser in which a user is signed in."""
        browser = Browser(self, context)
        answer = await browser.post("/sign-in", {"role": "user", "name": login, "password": PASSWORD})
        assert answer.status == 303, answer.text
        return browser


class Browser:
    """Keeps cookies and speaks HTTP/1.1, a connection each time."""

    def __init__(self, site: Site, context: ssl.SSLContext, language: str = "fr") -> None:
        self.site, self.context, self.language = site, context, language
        self.cookies: dict[str, str] = {}
        self.host = f"{site.name}:{site.port}"

    async def get(self, path: str, headers: Mapping[str, str] | None = None) -> Answer:
        """Ask for a page."""
        return await self.ask("GET", path, b"", headers)

    async def post(
        self, path: str, fields: Mapping[str, str | Sequence[str]], headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Send a form."""
        told = {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"}
        return await self.ask("POST", path, urlencode(fields, doseq=True).encode(), told | dict(headers or {}))

    async def ask(
        self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> Answer:  # fmt: skip
        """Ask for anything."""
        told = {
            "Host": self.host, "Accept": "text/html", "Accept-Language": self.language, "Connection": "close",
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()), **(headers or {}),
        }  # fmt: skip
        if body or method == "POST":
            told["Content-Length"] = str(len(body))
        head = "".join(f"{name}: {value}\r\n" for name, value in told.items() if value)
        return await self.raw(f"{method} {quote(path, safe='/?=&%.')} HTTP/1.1\r\n{head}\r\n".encode() + body)

    async def open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Return a connection."""
        return await asyncio.open_connection(
            "127.0.0.1", self.site.port, ssl=self.context, server_hostname=self.site.name, limit=1 << 22
        )

    async def raw(self, data: bytes) -> Answer:
        """Send bytes as they are, and read what comes until the end."""
        reader, writer = await self.open()
        writer.write(data)
        text = b""
        try:
            while more := await reader.read(1 << 16):
                text += more
        except (ConnectionError, ssl.SSLError):
            pass
        finally:
            writer.close()
            with suppress(ConnectionError, ssl.SSLError, TimeoutError):
                await writer.wait_closed()
        return self._read(text)

    def _read(self, data: bytes) -> Answer:
        head, _, body = data.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        headers: dict[str, str] = {}
        for line in lines[1:]:
            name, _, value = line.partition(": ")
            if name.lower() == "set-cookie":
                self._keep(value)
            headers[name.lower()] = value
        if headers.get("transfer-encoding") == "chunked":
            body = b"".join(re.split(rb"(?:^|\r\n)[0-9a-f]+\r\n", body))
        return Answer(int(lines[0].split()[1]) if lines[0] else 0, headers, body.decode("utf-8", "replace"))

    def _keep(self, cookie: str) -> None:
        name, _, rest = cookie.partition("=")
        value = rest.partition(";")[0].strip('"')
        if value:
            self.cookies[name] = value
        else:
            self.cookies.pop(name, None)


@asynccontextmanager
async def a_site(accounts: Accounts, folder: Path) -> AsyncIterator[Site]:
    """Serve the consoles of an installation until the block ends."""
    account = (await accounts.accounts())[0]
    hashed = accounts.hash_secret(CONSOLE_PASSWORD, "superadmin")
    await accounts.directory.change(Account, account.number, console_hash=hashed)
    await accounts.issuing.certify_servers(account.number)
    listening = socket.create_server(("127.0.0.1", 0))
    console = Console(accounts)
    await console.refresh()
    async with asyncio.TaskGroup() as group:
        entrance = Entrance([listening], settings(console.application), console.gate)
        entrance.contexts = console.contexts
        entrance.open(group)
        site = Site(accounts, account, entrance, listening.getsockname()[1], folder)
        site.console = console
        try:
            yield site
        finally:
            console.leave()
            await entrance.close(1.0)
            console.close()
            listening.close()
