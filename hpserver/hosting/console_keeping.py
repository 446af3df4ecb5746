"""What the operator does about the console of an account: another password, another workstation, a rest."""

import asyncio
import secrets
import time

import msgspec
from cryptography.hazmat.primitives.serialization import Encoding

from hpserver.certs.files import load_certificates
from hpserver.directory import hosting
from hpserver.directory.model import (
    Account,
    ConsoleSession,
    Device,
    Planning,
    controller_subject,
    planning_subject,
)
from hpserver.errors import NotFoundError
from hpserver.hosting.accounts import Accounts
from hpserver.hosting.audit import About, Audit
from hpserver.hosting.devices import revoke
from hpserver.hosting.keyring import console_name
from hpserver.hosting.notices import Notices
from hpserver.hosting.turns import turn_of
from hpserver.identity import ladder
from hpserver.identity.actor import OPERATOR
from hpserver.protocol.console import ADDRESS_FORMAT, Address


async def reset_password(accounts: Accounts, account: Account) -> str:
    """Give the console another password, told this once; whoever is signed in as its manager is signed out."""
    password = hosting.console_password(secrets.token_bytes(hosting.PASSWORD_BYTES))
    async with turn_of(accounts.paths, account.number).taken():
        await _tell(accounts, account, "console.password_reset", {})
        hashed = await asyncio.to_thread(accounts.hash_secret, password, "superadmin")
        await accounts.directory.change(Account, account.number, console_hash=hashed)
        await close_sessions(accounts, account, user=0)
        workstations = [one.key for one in await _devices(accounts, account)]
        keys = [ladder.console_key(account.number, device) for device in (0, *workstations)]
        await accounts.directory.reset_attempts(*keys)
    await Notices(accounts.directory, accounts.paths, accounts.settings.mail, account).tell_manager(
        "console.password_reset"
    )
    return password


async def reset_workstation(accounts: Accounts, account: Account) -> int:
    """Take the certificate of the manager's workstation back, so that another can be installed; how many there were."""
    async with turn_of(accounts.paths, account.number).taken():
        found = [one for one in await _devices(accounts, account) if not one.revoked_at]
        await _tell(accounts, account, "console.workstation_reset", {"devices": len(found)})
        now = time.time()
        for one in found:
            await revoke(accounts.directory, one, now, "workstation reset")
        await close_sessions(accounts, account, user=0)
        await accounts.directory.reset_attempts(ladder.invoice_key(account.number))
    return len(found)


async def suspend(accounts: Accounts, account: Account) -> None:
    """Stop everything of an account, and let nobody put it in service or sign in at its console. Nothing is lost."""
    async with turn_of(accounts.paths, account.number).taken():
        await _tell(accounts, account, "hosting.suspended", {})
        await accounts.directory.change(Account, account.number, suspended=True)
        await accounts.directory.set_desired(controller_subject(account.number), "down")
        for planning in await accounts.directory.list(Planning, account=account.number):
            await accounts.directory.set_desired(planning_subject(planning.key), "down")
        await close_sessions(accounts, account)


async def resume(accounts: Accounts, account: Account) -> None:
    """Let an account be put in service again; nothing starts by itself."""
    async with turn_of(accounts.paths, account.number).taken():
        await _tell(accounts, account, "hosting.resumed", {})
        await accounts.directory.change(Account, account.number, suspended=False)


async def close_sessions(accounts: Accounts, account: Account, user: int | None = None, *, but: int = 0) -> int:
    """End the console sessions of an account, all or those of one user, `but` on that device; how many there were."""
    rows = await accounts.directory.list(ConsoleSession, account=account.number)
    gone = [one for one in rows if user in {None, one.user} and one.device != but]
    for one in gone:
        try:
            await accounts.directory.remove(ConsoleSession, one.hash)
        except NotFoundError:
            continue
    return len(gone)


def address_file(accounts: Accounts, account: Account, host: str) -> bytes:
    """Return the file that tells a workstation where the console is, and which root vouches for it. No secret."""
    root = load_certificates(accounts.keyring.folder / "root.pem")[0]
    pem = root.public_bytes(Encoding.PEM).decode()
    port, name = accounts.settings.web.port, console_name(account.zone)
    told = Address(ADDRESS_FORMAT, account.number, host, port, name, pem)
    return msgspec.json.format(msgspec.json.encode(told), indent=2) + b"\n"


async def _devices(accounts: Accounts, account: Account) -> list[Device]:
    return [one for one in await accounts.directory.list(Device, account=account.number) if one.console]


async def _tell(accounts: Accounts, account: Account, event: str, about: About) -> None:
    await Audit(accounts.paths, accounts.keyring, account.number).tell(event, OPERATOR.login, about)
