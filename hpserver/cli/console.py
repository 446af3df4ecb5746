"""`hp console`: the hosting console, from the workstation of who manages a hosting account."""

import asyncio
import platform
import signal
import sys
import webbrowser
from pathlib import Path
from typing import Any, Final

import click
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12

from hpserver.cli.options import in_file, new_file
from hpserver.cli.running import ask_secret, asynchronous, read_secret, write_file
from hpserver.cli.screen import Screen, say, tr
from hpserver.errors import ConfigurationError

ROLES: Final = ("manager", "superadmin", "base_admin")


def default_folder() -> Path:
    """Where this user's workstation keeps its key: XDG configuration."""
    from hpserver.cli.client.signing import default_folder as device  # noqa: PLC0415 - the help needs no client

    return device().with_name("console")


@click.command()
@click.argument("file", type=in_file, required=False)
@click.option(
    "--as", "role", type=click.Choice(ROLES), default=None, help="Who you are; asked on a terminal, else the manager."
)
@click.option("--number", default="", help="Hosting number; asked for when the certificate is installed.")
@click.option("--password-file", type=in_file, default=None, help="File with the password of the console.")
@click.option("--invoice", default="", help="Invoice number; asked for when the certificate is installed.")
@click.option("--name", default=platform.node() or "Poste", help="Name of this workstation.")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Port on this machine; a free one by default.")
@click.option("--no-browser", is_flag=True, help="Print the address, and open no browser.")
@click.option("--install-only", is_flag=True, help="Install the certificate, and stop there.")
@click.option("--p12", type=new_file, default=None, help="Write certificate and key for a browser.")
@click.option("--folder", type=click.Path(path_type=Path, file_okay=False), default=default_folder,
              help="Folder of this workstation's certificate; ~/.config/hp/console by default.")  # fmt: skip
@click.option("--device", type=click.Path(path_type=Path, file_okay=False), default=None,
              help="For administrators: folder of an enrolled client; ~/.config/hp/device by default.")  # fmt: skip
@click.pass_obj
@asynchronous
async def console(
    screen: Screen, file: Path | None, role: str | None, number: str, password_file: Path | None, invoice: str,
    name: str, port: int, no_browser: bool, install_only: bool, p12: Path | None, folder: Path, device: Path | None,
) -> None:  # fmt: skip
    """Open the hosting console in a browser of this machine.

    FILE is the one your host sent with the letter, the first time. Hosting number, password and invoice number are
    asked for once, to install the certificate of this workstation; then the password, in the browser.
    """
    from hpserver.client.console import Bridge, Workstation  # noqa: PLC0415 - the help needs no client

    workstation = Workstation(folder)
    role = role or _asked_role()
    if role != "manager":
        workstation.use_device(device or default_folder().with_name("device"))
    if file is not None:
        workstation.keep(file.read_bytes())
    if not workstation.is_installed:
        await _install(screen, workstation, number, password_file, invoice, name)
    elif role == ROLES[0] and await workstation.renew():
        until = workstation.certificate().not_valid_after_utc
        say(tr(f"Certificat renouvelé jusqu'au {until:%d/%m/%Y}", f"Certificate renewed until {until:%Y-%m-%d}"))
    if p12 is not None:
        _write_p12(screen, workstation, p12)
    if install_only or p12 is not None:
        return
    bridge = Bridge(workstation, _unreachable)
    server = await bridge.open(port)
    address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    screen.show(
        {"address": address},
        tr(f"Console : {address} (Ctrl+C pour fermer)", f"Console: {address} (Ctrl+C to close)"),
    )
    if not no_browser:
        await asyncio.to_thread(webbrowser.open, address)
    stop = asyncio.Event()
    for one in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(one, stop.set)
    await stop.wait()
    server.close()


def _unreachable(why: str) -> None:
    say(tr(f"La console ne répond pas : {why}", f"The console does not answer: {why}"))


def _asked_role() -> str:
    """Ask who it is, as the product does, when somebody is there to answer."""
    if not sys.stdin.isatty():
        return ROLES[0]
    said = (
        tr("responsable de l'hébergement", "hosting manager"),
        tr("superadministrateur", "superadministrator"),
        tr("administrateur de base", "base administrator"),
    )
    for number, one in enumerate(said, 1):
        say(f"  {number}. {one}")
    label = tr("Je me connecte en tant que", "I sign in as")
    return ROLES[click.prompt(label, type=click.IntRange(1, len(ROLES)), default=1, err=True) - 1]


async def _install(
    screen: Screen, workstation: Any, number: str, password_file: Path | None, invoice: str, name: str
) -> None:  # fmt: skip
    address = workstation.address()
    mark = workstation.root().fingerprint(hashes.SHA256()).hex(":", 2)
    say(tr(f"Console {address.name}, racine {mark}", f"Console {address.name}, root {mark}"))
    if not number:
        number = click.prompt(
            tr("Numéro d'hébergement (12 chiffres)", "Hosting number (12 digits)"), err=True, default=address.number
        )
    password = read_secret(password_file) or ask_secret(
        tr("Mot de passe de la console", "Password of the console"), "--password-file"
    )
    if not invoice:
        invoice = click.prompt(tr("Numéro de facture (10 chiffres)", "Invoice number (10 digits)"), err=True)
    await workstation.install(number, password, invoice, name)
    until = workstation.certificate().not_valid_after_utc
    screen.show(
        {"installed": str(workstation.folder), "until": until.isoformat()},
        tr(f"Certificat installé jusqu'au {until:%d/%m/%Y}", f"Certificate installed until {until:%Y-%m-%d}"),
    )


def _write_p12(screen: Screen, workstation: Any, out: Path) -> None:
    """Write what a browser imports to reach the console itself, sealed with a passphrase."""
    secret = ask_secret(tr("Phrase de passe du fichier", "Passphrase of the file"), "--p12", twice=True)
    if not secret:
        raise ConfigurationError(tr("Il faut une phrase de passe.", "A passphrase is needed."))
    content = pkcs12.serialize_key_and_certificates(
        b"hpserver", workstation.key(), workstation.certificate(), [workstation.root()],
        BestAvailableEncryption(secret.encode()),
    )  # fmt: skip
    write_file(out, content, private=True)
    address = workstation.address()
    url = f"https://{address.name}:{address.port}/"
    screen.show({"file": str(out), "address": url}, tr(f"{out}, pour {url}", f"{out}, for {url}"))
