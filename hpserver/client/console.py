"""The hosting console as a workstation reaches it: installed once, then carried from a browser over mutual TLS.

Nothing of what is carried is read: the browser speaks HTTP with this machine, and the bytes go on inside TLS.
"""

import asyncio
import http.client
import os
import socket
import ssl
from collections.abc import Callable, Coroutine
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from hpserver.certs.authority import renewal_due
from hpserver.certs.contexts import web_client_context
from hpserver.certs.files import load_certificates, load_key, make_directory, save_certificates, save_key, save_secret
from hpserver.certs.requests import make_key, make_request
from hpserver.client.credentials import CERTIFICATE_FILE as DEVICE_CERTIFICATE
from hpserver.client.credentials import KEY_FILE as DEVICE_KEY
from hpserver.errors import AlreadyExistsError, CertificateRefusedError, ConfigurationError, ConnectionLostError
from hpserver.protocol.console import Address, Answered, Installation, Renewal
from hpserver.protocol.refusal import error_of

ADDRESS_FILE: Final = "Console"
KEY_FILE: Final = "console.key"
CERTIFICATE_FILE: Final = "console.pem"

INSTALL_SECONDS: Final = 30.0
"""For the whole conversation of an installation."""

CHUNK: Final = 64 << 10
MOST_CARRIED: Final = 64
"""Connections of a browser at once: it opens six, and one for what is new."""

MAX_ANSWER: Final = 64 << 10


def read_address(data: bytes) -> Address:
    """Read the file that the host gives with the letter. Raises ConfigurationError."""
    try:
        address = msgspec.json.decode(data, type=Address)
        x509.load_pem_x509_certificate(address.root.encode())
    except (msgspec.MsgspecError, ValueError) as error:
        raise ConfigurationError(f"This is not a file of a hosting console: {error}") from error
    return address


class Workstation:
    """What a folder holds: where the console is, and once installed the key and certificate of this machine."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._certificate, self._key = folder / CERTIFICATE_FILE, folder / KEY_FILE

    @property
    def is_installed(self) -> bool:
        """Whether this machine has a certificate."""
        return self._certificate.exists()

    def address(self) -> Address:
        """Where the console is. Raises ConfigurationError: nobody told this machine."""
        try:
            return read_address((self.folder / ADDRESS_FILE).read_bytes())
        except OSError as error:
            raise ConfigurationError("This machine knows no console: give the file your host sent you.") from error

    def keep(self, address: bytes) -> None:
        """Remember where the console is; another installation's file is not taken for it."""
        new = read_address(address)
        known = (self.folder / ADDRESS_FILE).exists()
        if known and self.is_installed and self.address().root != new.root:
            raise ConfigurationError(f"This file is of another installation: if that is right, remove {self.folder}.")
        make_directory(self.folder)
        save_secret(self.folder / ADDRESS_FILE, address)

    def context(self) -> ssl.SSLContext:
        """Return the TLS settings of this machine, with its certificate once it has one."""
        root = self.root()
        if not self.is_installed:
            return web_client_context(root)
        return web_client_context(root, self._certificate, self._key)

    def use_device(self, folder: Path) -> None:
        """Show the certificate of a client enrolled at the same school. Raises ConfigurationError: there is none."""
        self._certificate, self._key = folder / DEVICE_CERTIFICATE, folder / DEVICE_KEY
        if not self.is_installed:
            raise ConfigurationError(f"{folder} has no certificate: enrol this device with a ParamClient file first.")

    def root(self) -> x509.Certificate:
        """Return the root that vouches for the console."""
        return x509.load_pem_x509_certificate(self.address().root.encode())

    def certificate(self) -> x509.Certificate:
        """Return the certificate of this machine."""
        return load_certificates(self._certificate)[0]

    def key(self) -> ec.EllipticCurvePrivateKey:
        """Return the key of this machine."""
        return load_key(self._key, passphrase=None)

    async def install(self, number: str, password: str, invoice: str, name: str) -> None:
        """Get a certificate for a key made here; the key never leaves this machine.

        Raises what the console says: BadCredentialsError, LockedError, AlreadyExistsError and others;
        ConnectionLostError, CertificateRefusedError: it cannot be reached, or is not the one of the file.
        AlreadyExistsError too when this machine has a certificate: its key stays as it is.
        """
        if self.is_installed:
            raise AlreadyExistsError("The console is installed on this machine already.")
        key = make_key()
        save_key(self._key, key, passphrase=None)
        asked = Installation(number, password, invoice, make_request(key), name)
        self._adopt(await asyncio.to_thread(self._post, "/install", asked), key)

    async def renew(self) -> bool:
        """Get the next certificate for the same key when that is due; whether it was.

        Raises as `install`, and CertificateRefusedError: the console takes this machine's certificate no more.
        """
        if not renewal_due(self.certificate(), datetime.now(UTC)):
            return False
        key = self.key()
        self._adopt(await asyncio.to_thread(self._post, "/renew", Renewal(make_request(key))), key)
        return True

    def _adopt(self, answer: bytes, key: ec.EllipticCurvePrivateKey) -> None:
        """Keep the certificate of an answer. Raises what the answer says instead."""
        try:
            told = msgspec.json.decode(answer, type=Answered)
        except msgspec.MsgspecError as error:
            raise ConnectionLostError("The console's answer is none: check the address in its file.") from error
        if told.failed is not None:
            raise error_of(told.failed)
        certificates = [x509.load_pem_x509_certificate(one.encode()) for one in told.certificates]
        if not certificates or certificates[0].public_key() != key.public_key():
            raise CertificateRefusedError("The certificate is not for this machine's key.", cause="other_key")
        save_certificates(self._certificate, certificates[:1])

    def _post(self, path: str, asked: Installation | Renewal) -> bytes:
        address = self.address()
        try:
            with (
                socket.create_connection((address.host, address.port), INSTALL_SECONDS) as raw,
                self.context().wrap_socket(raw, server_hostname=address.name) as tls,
            ):
                connection = http.client.HTTPConnection(address.name, timeout=INSTALL_SECONDS)
                connection.sock = tls
                connection.request("POST", path, msgspec.json.encode(asked), {"Content-Type": "application/json"})
                return connection.getresponse().read(MAX_ANSWER)
        except ssl.SSLCertVerificationError as error:
            told = "The console is not the one of the file."
            raise CertificateRefusedError(told, cause=error.verify_message) from error
        except (OSError, http.client.HTTPException) as error:
            raise ConnectionLostError(f"The console does not answer at {address.host}:{address.port}.") from error


class Bridge:
    """Carries the bytes of this user's browser to the console, and back.

    Whoever is on this machine can reach a loopback port: where the system tells whose a connection is (Linux), only
    this user's are carried. What they would find is a page that asks for a password all the same.

    `told` hears why a connection could not be carried.
    """

    def __init__(self, workstation: Workstation, told: Callable[[str], None] = lambda _: None) -> None:
        self._address, self._context = workstation.address(), workstation.context()
        self._told, self._carried = told, 0

    async def open(self, port: int = 0) -> asyncio.Server:
        """Listen on the loopback address. Raises ConfigurationError: the port is taken."""
        try:
            return await asyncio.start_server(self._carry, "127.0.0.1", port, limit=CHUNK)
        except OSError as error:
            raise ConfigurationError(f"Port {port} of this machine cannot be had: {error.strerror}.") from error

    async def _carry(self, browser: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        self._carried += 1
        try:
            ends = back.get_extra_info("peername"), back.get_extra_info("sockname")
            if self._carried > MOST_CARRIED or not is_ours(*ends):
                return
            console, there = await asyncio.open_connection(
                self._address.host, self._address.port, ssl=self._context, server_hostname=self._address.name,
                limit=CHUNK,
            )  # fmt: skip
            try:
                await _carry_both(browser, there, console, back)
            finally:
                there.close()
        except OSError as error:  # of TLS too: a certificate that was taken back is refused after the handshake
            self._told(str(error))
            with suppress(OSError):
                back.write(b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
                await back.drain()
        finally:
            self._carried -= 1
            back.close()


async def _carry_both(
    browser: asyncio.StreamReader,
    there: asyncio.StreamWriter,
    console: asyncio.StreamReader,
    back: asyncio.StreamWriter,
) -> None:
    """Carry both ways until one of them ends: HTTP/1.1 closes both. Raises OSError when nothing came back but that."""
    failed: list[OSError] = []
    answered = 0

    async def ask() -> None:
        while data := await browser.read(CHUNK):
            there.write(data)
            await there.drain()

    async def answer() -> None:
        nonlocal answered
        while data := await console.read(CHUNK):
            back.write(data)
            answered += len(data)
            await back.drain()

    async def kept(way: Coroutine[Any, Any, None]) -> None:
        try:
            await way
        except OSError as error:
            failed.append(error)

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(kept(way)) for way in (ask(), answer())]
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            task.cancel()
    if failed and not answered:
        raise failed[0]


def is_ours(peer: tuple[str, int], here: tuple[str, int], table: Path = Path("/proc/net/tcp")) -> bool:
    """Say whether a loopback connection was opened by this user; yes where the system does not tell (proc(5))."""
    try:
        lines = table.read_text().splitlines()[1:]
    except OSError:
        return True
    wanted = (_hex(peer), _hex(here))
    for fields in map(str.split, lines):
        if tuple(fields[1:3]) == wanted:
            return int(fields[7]) == os.getuid()
    return False


def _hex(address: tuple[str, int]) -> str:
    return f"{int.from_bytes(socket.inet_aton(address[0]), 'little'):08X}:{address[1]:04X}"
