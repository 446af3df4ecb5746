"""`hp ca`: the certificates of an account, how they are, replaced, revoked. The root's key is used here alone."""

import asyncio
import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

import click
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding

from hpserver.cli.house.installation import open_accounts
from hpserver.cli.options import account_option, in_file
from hpserver.cli.running import ask_secret, asynchronous, read_secret, write_file
from hpserver.cli.screen import Screen, day, filled, say, told_value, tr
from hpserver.directory.model import Account, Device
from hpserver.hosting.accounts import Accounts
from hpserver.hosting.audit import About, Audit
from hpserver.hosting.devices import named_device
from hpserver.hosting.devices import revoke as revoke_device
from hpserver.hosting.house_ca import Ending, standing, warnings_of
from hpserver.hosting.keyring import SETTLE_SECONDS, utc_now
from hpserver.identity.actor import OPERATOR
from hpserver.reaching import forget


@click.group()
def ca() -> None:
    """The certificates of an account: how they are, renew, replace, revoke."""


@ca.command()
@account_option
@click.pass_obj
@asynchronous
async def status(screen: Screen, account: str) -> None:
    """Say until when root, authority, servers and devices are good, and what ends soon."""
    async with open_accounts() as accounts:
        found = await accounts.account(account)
        now = utc_now()
        told = await standing(accounts.directory, accounts.keyring, found, now)
        warnings = await warnings_of(accounts.directory, accounts.keyring, found, now)
    value = {
        "root": told.root.until, "root_sha256": told.root_sha256,
        "intermediates": [{"serial": one.what, "until": one.until} for one in told.intermediates],
        "overlap_until": told.overlap_until, "server": told.server.until, "server_names": list(told.server_names),
        "devices": told.devices, "devices_of_former": told.of_former, "devices_expired": told.expired,
        "revoked": told.revoked, "warnings": [{"what": one.what, "until": one.until} for one in warnings],
    }  # fmt: skip
    lines = [
        filled("Racine : jusqu'au {day}", "Root: until {day}", day=_day(told.root.until)),
        filled("  empreinte SHA-256 {sum}", "  SHA-256 {sum}", sum=told.root_sha256),
        filled("Autorité : jusqu'au {day}", "Authority: until {day}", day=_day(told.intermediates[0].until)),
        filled("Serveurs : jusqu'au {day}", "Servers: until {day}", day=_day(told.server.until)),
        filled(
            "Appareils : {good} ; à réinscrire : {expired} ; numéros révoqués : {revoked}",
            "Devices: {good}; to enrol again: {expired}; serials revoked: {revoked}",
            good=told.devices, expired=told.expired, revoked=told.revoked,
        ),
    ]  # fmt: skip
    if told.overlap_until:
        lines.insert(3, filled(
            "  l'ancienne autorité reste acceptée jusqu'au {day} : appareils qui en dépendent : {count}",
            "  the former authority is trusted until {day}: devices that depend on it: {count}",
            day=_day(told.overlap_until), count=told.of_former,
        ))  # fmt: skip
    screen.show(value, "\n".join(lines))
    warn(warnings)


@ca.command()
@account_option
@click.pass_obj
@asynchronous
async def devices(screen: Screen, account: str) -> None:
    """List the devices, with what `hp ca revoke` takes."""
    async with open_accounts() as accounts:
        found = await accounts.directory.list(Device, account=(await accounts.account(account)).number)
    titles = {
        "device": tr("N°", "No."), "name": tr("Nom", "Name"), "until": tr("Jusqu'au", "Until"),
        "seen": tr("Vu le", "Seen"), "revoked": tr("Révoqué le", "Revoked"), "serial": tr("Numéro de série", "Serial"),
    }  # fmt: skip
    rows = [
        {"device": one.key, "name": one.name, "until": day(one.expires), "seen": day(one.last_seen),
         "revoked": day(one.revoked_at), "serial": one.serial}
        for one in found
    ]  # fmt: skip
    screen.table(rows, titles)


@ca.command()
@click.option("--passphrase-file", type=in_file, help="Passphrase of the root, when it was taken off this machine.")
@click.option("--at-once", is_flag=True, help="Trust nothing of the former authority: every device enrols again.")
@account_option
@click.pass_obj
@asynchronous
async def rotate(screen: Screen, passphrase_file: Path | None, at_once: bool, account: str) -> None:
    """Give the account another authority. Devices and servers take certificates of it by themselves."""
    async with open_accounts() as accounts:
        found = await accounts.account(account)
        passphrase = read_secret(passphrase_file)
        if not passphrase and not accounts.keyring.passphrase_file.exists():
            passphrase = ask_secret(tr("Phrase secrète de la racine", "Passphrase of the root"), "--passphrase-file")
        await _tell(accounts, found, "ca.rotated", {"at_once": at_once})
        made = await asyncio.to_thread(accounts.rotate, found, passphrase.encode(), at_once=at_once)
        await asyncio.sleep(SETTLE_SECONDS + 0.1)  # servers trust it before anybody shows what it signed
        await accounts.issuing.certify_servers(found.number)
    text = filled(
        "Nouvelle autorité jusqu'au {day}.", "New authority, until {day}.",
        day=told_value(made.not_valid_after_utc.date()),
    )  # fmt: skip
    screen.show({"serial": f"{made.serial_number:x}", "until": made.not_valid_after_utc.isoformat()}, text)


@ca.command()
@click.argument("device")
@click.option("--reason", default="", help="Kept with the revocation.")
@account_option
@click.pass_obj
@asynchronous
async def revoke(screen: Screen, device: str, reason: str, account: str) -> None:
    """Trust a device no longer, by its number or the serial of its certificate; its sessions are closed on return."""
    async with open_accounts() as accounts:
        found = await accounts.account(account)
        chosen = await named_device(accounts.directory, found.number, device)
        await _tell(accounts, found, "device.revoked", {"device": chosen.key, "serial": chosen.serial})
        thumbprints = await revoke_device(accounts.directory, chosen, time.time(), reason)
        closed = await forget(accounts, found, thumbprints=thumbprints)
    value = {"device": chosen.key, "name": chosen.name, "serial": chosen.serial, "closed": closed}
    text = filled(
        "{name} n'est plus accepté ; sessions fermées : {closed}.",
        "{name} is no longer trusted; sessions closed: {closed}.",
        name=chosen.name, closed=closed,
    )  # fmt: skip
    screen.show(value, text)


@ca.command("renew-servers")
@account_option
@click.pass_obj
@asynchronous
async def renew_servers(screen: Screen, account: str) -> None:
    """Give the servers of the account another key and certificate now; sessions go on."""
    async with open_accounts() as accounts:
        found = await accounts.account(account)
        await _tell(accounts, found, "ca.servers_renewed", {})
        await accounts.issuing.certify_servers(found.number, anew=True)
        told = await standing(accounts.directory, accounts.keyring, found, utc_now())
    text = filled("Serveurs : jusqu'au {day}", "Servers: until {day}", day=_day(told.server.until))
    screen.show({"until": told.server.until, "names": list(told.server_names)}, text)


@ca.command("export-root")
@click.argument("file", type=click.Path(path_type=Path))
@click.pass_obj
@asynchronous
async def export_root(screen: Screen, file: Path) -> None:
    """Write the root's certificate to a file, `-` for standard output, and say its digest: what devices trust."""
    async with open_accounts() as accounts:
        root: x509.Certificate = accounts.keyring.root()
    write_file(file, root.public_bytes(Encoding.PEM))
    value = {"file": str(file), "sha256": _digest(root), "until": root.not_valid_after_utc.isoformat()}
    text = f"SHA-256 {value['sha256']}"
    if str(file) == "-":
        say(text)
    else:
        screen.show(value, text)


def warn(endings: Sequence[Ending]) -> None:
    """Say on standard error what ends soon, and what to do."""
    for one in endings:
        kind = one.what.partition(" ")[0]
        say(filled(
            "Attention : {what} prend fin le {day}. {remedy}", "Warning: {what} ends on {day}. {remedy}",
            what=one.what, day=_day(one.until), remedy=tr(*_REMEDIES[kind]),
        ))  # fmt: skip


_REMEDIES: Final = {
    "root": ("Préparez une nouvelle installation.", "Prepare a new installation."),
    "intermediate": ("Lancez `hp ca rotate`.", "Run `hp ca rotate`."),
    "server": ("Le signataire tourne-t-il ? `hp ca renew-servers`.", "Does the signer run? `hp ca renew-servers`."),
    "device": ("Une connexion depuis l'appareil le renouvelle.", "A sign-in from the device renews it."),
}


async def _tell(accounts: Accounts, account: Account, event: str, about: About) -> None:
    await Audit(accounts.paths, accounts.keyring, account.number).tell(event, OPERATOR.login, about)


def _day(until: str) -> str:
    return told_value(datetime.fromisoformat(until).date())


def _digest(certificate: x509.Certificate) -> str:
    return certificate.fingerprint(hashes.SHA256()).hex()
