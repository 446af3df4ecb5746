"""`hp mail`: the relay that letters leave by, tried out. The settings are those of the file."""

import secrets
import time
from typing import Final

import click
import msgspec

from hpserver.cli.running import asynchronous
from hpserver.cli.screen import Screen, filled, instant, told_value, tr
from hpserver.config import find_paths, read_settings
from hpserver.mail.letters import Letter, write
from hpserver.mail.outbox import Outbox, Tally
from hpserver.mail.relay import hand_over

LATE_SECONDS: Final = 120.0
"""A letter that is due for longer is in nobody's hands: a running controller looks every two seconds."""


@click.group()
def mail() -> None:
    """Mail: the relay that letters leave by, and what waits."""


@mail.command()
@click.pass_obj
def show(screen: Screen) -> None:
    """Say which relay the settings name, how many letters wait, since when, and when they are tried next."""
    paths = find_paths()
    told = read_settings(paths).mail
    folders = sorted(paths.outbox.iterdir()) if paths.outbox.is_dir() else []
    outboxes = {one.name: Outbox(one).tally() for one in folders}
    value = {
        "host": told.host, "port": told.port, "security": told.security, "sender": told.sender, "user": told.user,
        "language": told.language, "waiting": {account: one.waiting for account, one in outboxes.items()},
        "outboxes": {account: msgspec.structs.asdict(one) for account, one in outboxes.items()},
    }  # fmt: skip
    lines = [
        filled("Relais : {host}:{port} ({security})", "Relay: {host}:{port} ({security})", **_named(value))
        if told.host
        else tr("Aucun relais : voir [mail] dans les réglages.", "No relay: see [mail] in the settings."),
        *(_told(account, one) for account, one in outboxes.items()),
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


def _told(account: str, one: Tally) -> str:
    if not one.waiting:
        return filled("{account} : aucun courriel en attente", "{account}: no letter waits", account=account)
    told = filled(
        "{account} : {waiting} en attente depuis {oldest}, dont {failing} déjà tentés ; prochain essai {next_try}",
        "{account}: {waiting} waiting since {oldest}, {failing} of them tried already; next try {next_try}",
        account=account, waiting=one.waiting, failing=one.failing, oldest=_at(one.oldest), next_try=_at(one.next_try),
    )  # fmt: skip
    late = time.time() - max(one.next_try, one.oldest)
    if late < LATE_SECONDS:
        return told
    return told + tr(
        " ; personne ne les envoie : le contrôleur est arrêté, ou sans relais",
        "; nobody sends them: the controller is stopped, or has no relay",
    )


def _at(at: float) -> str:
    return told_value(instant(at)) if at else tr("maintenant", "now")


def _named(value: dict[str, object]) -> dict[str, object]:
    return {name: value[name] for name in ("host", "port", "security")}
