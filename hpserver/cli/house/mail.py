"""`hp mail`: the relay that letters leave by, tried out. The settings are those of the file."""

import secrets
import time

import click

from hpserver.cli.running import asynchronous
from hpserver.cli.screen import Screen, filled, tr
from hpserver.config import find_paths, read_settings
from hpserver.mail.letters import Letter, write
from hpserver.mail.outbox import Outbox
from hpserver.mail.relay import hand_over


@click.group()
def mail() -> None:
    """Mail: the relay that letters leave by, and what waits."""


@mail.command()
@click.pass_obj
def show(screen: Screen) -> None:
    """Say which relay the settings name, and how many letters wait."""
    paths = find_paths()
    told = read_settings(paths).mail
    folders = sorted(paths.outbox.iterdir()) if paths.outbox.is_dir() else []
    waiting = {one.name: len(Outbox(one).waiting()) for one in folders}
    value = {
        "host": told.host, "port": told.port, "security": told.security, "sender": told.sender, "user": told.user,
        "language": told.language, "waiting": waiting,
    }  # fmt: skip
    lines = [
        filled("Relais : {host}:{port} ({security})", "Relay: {host}:{port} ({security})", **_named(value))
        if told.host
        else tr("Aucun relais : voir [mail] dans les réglages.", "No relay: see [mail] in the settings."),
        *(f"{account}: {count}" for account, count in waiting.items()),
    ]
    screen.show(value, "\n".join(lines))


@mail.command()
@click.argument("address")
@click.pass_obj
@asynchronous
async def test(screen: Screen, address: str) -> None:
    """Send a letter to ADDRESS now, and say what the relay answered."""
    settings = read_settings(find_paths()).mail
    subject, text = (
        ("Essai du courriel", "Ce message vérifie que le serveur d'emplois du temps sait envoyer du courriel.\n")
        if settings.language == "fr"
        else ("Mail test", "This message checks that the timetable server can send mail.\n")
    )
    letter = Letter(address, "test", subject, text)
    await hand_over(settings, write(letter, settings.sender or "nobody@invalid", secrets.token_hex(16), time.time()))
    screen.show(
        {"sent": True, "to": address},
        filled("Le relais a pris le message pour {to}.", "The relay took the message for {to}.", to=address),
    )


def _named(value: dict[str, object]) -> dict[str, object]:
    return {name: value[name] for name in ("host", "port", "security")}
