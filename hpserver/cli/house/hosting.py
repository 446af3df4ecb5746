"""`hp hosting`: accounts and what a client needs to reach them."""

import secrets
import time
from pathlib import Path

import click

from hpserver.cli.house import console
from hpserver.cli.house.installation import open_accounts
from hpserver.cli.house.letter import letter_of, numbers_of
from hpserver.cli.house.names import show_dns, show_hosting
from hpserver.cli.house.paper import paper_of
from hpserver.cli.house.removal import delete_account
from hpserver.cli.options import new_file
from hpserver.cli.running import asynchronous, write_file
from hpserver.cli.screen import Screen, colon, complain, desired_word, filled, say, tr
from hpserver.config import Mail
from hpserver.directory.model import Account
from hpserver.errors import HPError
from hpserver.hosting.accounts import Opened
from hpserver.mail.letters import write
from hpserver.mail.relay import hand_over


@click.group()
def hosting() -> None:
    """Hosting accounts: create, list, hand out ParamClient files."""


@hosting.command()
@click.argument("name")
@click.option("--domain", required=True, help="Domain of the controller, for example monecole.example.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=0, help="TCP port of the controller; the next free one by default."
)
@click.option("--email", default="", help="Where mail reaches the hosting manager: the two numbers are sent there.")
@click.option(
    "--letter",
    type=new_file,
    default=None,
    help="File for the letter to the manager, which alone has the password; a page to print and fold if it is a .pdf.",
)
@click.pass_obj
@asynchronous
async def create(screen: Screen, name: str, domain: str, port: int, email: str, letter: Path | None) -> None:
    """Open an account for a school: its numbers, its keys, its ports, its two plannings."""
    async with open_accounts() as accounts:
        opened = await accounts.open_account(name, domain, port, email)
    account, web = opened.account, accounts.settings.web.port
    kept = letter is not None and _keep(letter, opened, web)
    mailed = await _mail_numbers(accounts.settings.mail, account, web)
    value = {
        "number": account.number,
        "name": account.name,
        "domain": account.domain,
        "invoice": account.invoice,
        "port": account.port,
        **({"letter": str(letter)} if kept else {"console_password": opened.console_password}),
        "mailed": mailed,
        "plannings": [
            {"name": p.name, "publication_name": p.publication_name, "port": p.port} for p in opened.plannings
        ],
        "root_passphrase_file": str(accounts.keyring.passphrase_file),
    }
    lines = [
        tr("Compte d'hébergement créé", "Hosting account created"),
        f"  {tr('Hébergement n° :', 'Hosting number:')} {account.number}",
        f"  {tr('Numéro de facture :', 'Invoice number:')} {account.invoice}",
        tr("  Mot de passe console : dans la lettre, ", "  Console password: in the letter, ") + str(letter)
        if kept
        else tr("  Mot de passe console (montré une fois) : ", "  Console password (shown once): ")
        + opened.console_password,
        f"  {tr('Contrôleur :', 'Controller:')} {account.domain}, port {account.port}",
        *(f"  {p.name}{colon()}{p.publication_name}, port {p.port}" for p in opened.plannings),
        tr(
            f"  Mettez à l'abri, hors de cette machine : {accounts.keyring.passphrase_file}",
            f"  Move to a safe place, off this machine: {accounts.keyring.passphrase_file}",
        ),
    ]
    if mailed:
        lines.append(filled("  Numéros envoyés à {to}", "  Numbers sent to {to}", to=account.email))
    screen.show(value, "\n".join(lines))


def _keep(file: Path, opened: Opened, web: int) -> bool:
    """Write the letter; False when it cannot be, and the password is shown instead."""
    text = letter_of(opened, web)
    try:
        paper = paper_of(text, opened.account.name) if file.suffix.lower() == ".pdf" else text.encode()
        write_file(file, paper, private=True)
    except OSError as error:
        say(filled("{file} : lettre non écrite ({why})", "{file}: no letter ({why})", file=file, why=error.strerror))
        return False
    return True


async def _mail_numbers(settings: Mail, account: Account, web: int) -> bool:
    """Send the numbers now: the controller, which sends what waits, does not run yet. What fails is said."""
    if not (settings.host and account.email):
        return False
    letter = numbers_of(account, web, settings.language, account.email)
    try:
        await hand_over(settings, write(letter, settings.sender, secrets.token_hex(16), time.time()))
    except HPError as error:
        say(
            tr(
                "Les numéros ne sont pas partis : donnez-les autrement.",
                "The numbers were not sent: tell them otherwise.",
            )
        )
        complain(error)
        return False
    return True


@hosting.command("list")
@click.pass_obj
@asynchronous
async def list_(screen: Screen) -> None:
    """List the accounts."""
    async with open_accounts() as accounts:
        rows = [
            {"number": one.number, "name": one.name, "domain": one.domain, "port": one.port, "desired": one.desired}
            for one in await accounts.accounts()
        ]
    titles = {
        "number": tr("Numéro", "Number"),
        "name": tr("Nom", "Name"),
        "domain": tr("Domaine", "Domain"),
        "port": "Port",
        "desired": tr("Souhaité", "Desired"),
    }
    told = rows if screen.json else [row | {"desired": desired_word(str(row["desired"]))} for row in rows]
    screen.table(told, titles)


hosting.add_command(show_hosting)
hosting.add_command(show_dns)
hosting.add_command(delete_account)
for _one in console.COMMANDS:
    hosting.add_command(_one)


@hosting.command("param-client")
@click.option("--account", default="", help="Number or domain, when there are several accounts.")
@click.option("--uses", type=click.IntRange(1, 500), default=1, help="Devices that may enrol with this file.")
@click.option("--minutes", type=click.IntRange(1, 7 * 1440), default=15, help="Life of the ticket inside.")
@click.option("--host", default="", help="Address to connect to; the listening one by default.")
@click.option(
    "--out", type=click.Path(path_type=Path), default=Path("ParamClient"), help="File to write; - for standard output."
)
@click.pass_obj
@asynchronous
async def param_client(screen: Screen, account: str, uses: int, minutes: int, host: str, out: Path) -> None:
    """Write a ParamClient file: what a client needs to find the controller and enrol a device."""
    async with open_accounts() as accounts:
        found = await accounts.account(account)
        content = await accounts.param_client(found, uses=uses, seconds=minutes * 60.0, host=host)
    write_file(out, content, private=True)
    text = filled(
        "{out} : {uses} appareil(s), pendant {minutes} min. Gardez-le secret jusque-là.",
        "{out}: {uses} device(s), for {minutes} min. Keep it secret until then.",
        out=out, uses=uses, minutes=minutes,
    )  # fmt: skip
    if str(out) == "-":
        say(text)
    else:
        screen.show({"file": str(out), "uses": uses, "minutes": minutes}, text)
