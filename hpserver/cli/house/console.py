"""`hp hosting reset-password`, `suspend` and their like: what the operator does about the console of an account."""

from pathlib import Path
from typing import Final

import click

from hpserver.cli.house.installation import open_accounts
from hpserver.cli.options import account_option, yes_option
from hpserver.cli.running import asynchronous, confirm, write_file
from hpserver.cli.screen import Screen, colon, filled, say, tr
from hpserver.hosting import console_keeping
from hpserver.reaching import wake_agent

HERE: Final = frozenset({"127.0.0.1", "::1", "localhost"})
"""Addresses that lead nowhere from another machine."""


@click.command("reset-password")
@account_option
@click.pass_obj
@asynchronous
async def reset_password(screen: Screen, account: str) -> None:
    """Give the console of an account another password, shown this once; tell it by another way than its number."""
    async with open_accounts() as accounts:
        found = await accounts.account(account)
        password = await console_keeping.reset_password(accounts, found)
    text = filled(
        "Mot de passe console de {number} (montré une fois) : {password}",
        "Console password of {number} (shown once): {password}", number=found.number, password=password,
    )  # fmt: skip
    screen.show({"number": found.number, "console_password": password}, text)


@click.command("reset-workstation")
@yes_option
@account_option
@click.pass_obj
@asynchronous
async def reset_workstation(screen: Screen, yes: bool, account: str) -> None:
    """Take the certificate of the hosting manager's workstation back: another one can be installed, once."""
    async with open_accounts() as accounts:
        found = await accounts.account(account)
        what = tr("Le poste actuel ne pourra plus se connecter.", "The present workstation will connect no more.")
        confirm(found.number, what, yes=yes)
        gone = await console_keeping.reset_workstation(accounts, found)
    text = tr(f"Postes révoqués : {gone}", f"Workstations revoked: {gone}")
    screen.show({"number": found.number, "revoked": gone}, text)


@click.command("suspend")
@yes_option
@account_option
@click.pass_obj
@asynchronous
async def suspend(screen: Screen, yes: bool, account: str) -> None:
    """Stop everything of an account, and keep it stopped until `resume`; nothing is lost."""
    async with open_accounts() as accounts:
        found = await accounts.account(account)
        what = tr("Le contrôleur et les plannings s'arrêtent.", "The controller and the plannings stop.")
        confirm(found.number, what, yes=yes)
        await console_keeping.suspend(accounts, found)
        await wake_agent(accounts.paths)
    _told(screen, found.number, suspended=True)


@click.command("resume")
@account_option
@click.pass_obj
@asynchronous
async def resume(screen: Screen, account: str) -> None:
    """Let a suspended account be put in service again; start what is wanted with `hp controller start` and so on."""
    async with open_accounts() as accounts:
        found = await accounts.account(account)
        await console_keeping.resume(accounts, found)
    _told(screen, found.number, suspended=False)


@click.command("console-file")
@click.option("--host", default="", help="Address to connect to; the listening one by default.")
@click.option("--out", type=click.Path(path_type=Path), default=Path("Console"), help="File to write; - for output.")
@account_option
@click.pass_obj
@asynchronous
async def console_file(screen: Screen, host: str, out: Path, account: str) -> None:
    """Write the file that tells `hp console` where the console is, and whom to trust: it goes with the letter."""
    async with open_accounts() as accounts:
        found, address = await accounts.account(account), host or accounts.settings.listen.host
        content = console_keeping.address_file(accounts, found, address)
    write_file(out, content)
    if address in HERE:
        say(filled(
            "{address} est cette machine : pour un autre poste, donnez --host, et [listen] host dans les réglages.",
            "{address} is this machine: for another workstation give --host, and [listen] host in the settings.",
            address=address,
        ))  # fmt: skip
    if str(out) != "-":
        screen.show({"file": str(out)}, tr(f"{out} : à donner avec la lettre", f"{out}: give it with the letter"))


def _told(screen: Screen, number: str, *, suspended: bool) -> None:
    how = tr("suspendu", "suspended") if suspended else tr("repris", "resumed")
    screen.show({"number": number, "suspended": suspended}, f"{number}{colon()}{how}")


COMMANDS = (reset_password, reset_workstation, suspend, resume, console_file)
