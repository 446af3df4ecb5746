"""Delegated sign-in, from a shell: who elsewhere says who somebody is."""

from pathlib import Path
from typing import Any, Final

import click
import msgspec

from hpserver.cli.office.deed import Ask, Deed
from hpserver.cli.screen import Screen, tr, word
from hpserver.protocol.catalogue import administration as w

LOCAL: Final = ("always", "superadmins")


async def list_providers(screen: Screen, ask: Ask) -> None:
    """List the configurations of delegated sign-in, and which one is active."""
    _show(screen, await ask(w.ListProviders()))


async def add_provider(screen: Screen, ask: Ask, name: str, address: str, **said: Any) -> None:
    """Add a configuration: NAME as people read it, ADDRESS of the CAS service (https://…). It is not active yet."""
    _show(screen, await ask(w.AddProvider(name, address, **_said(said))))


async def change_provider(screen: Screen, ask: Ask, name: str, **said: Any) -> None:
    """Change a configuration; what is not said stays. Who came in by it signs in again."""
    _show(screen, await ask(w.ChangeProvider(name, **_said(said))))


async def remove_provider(screen: Screen, ask: Ask, name: str) -> None:
    """Remove a configuration. Who came in by it signs in again."""
    _show(screen, await ask(w.RemoveProvider(name)))


async def activate_provider(screen: Screen, ask: Ask, name: str) -> None:
    """Have people sign in at the console by a configuration, and by no other."""
    _show(screen, await ask(w.ActivateProvider(name)))


async def deactivate_provider(screen: Screen, ask: Ask, name: str) -> None:
    """End the sign-in by a configuration: passwords of this server are for everybody again."""
    _show(screen, await ask(w.ActivateProvider(name, active=False)))


def _said(typed: dict[str, Any]) -> dict[str, Any]:
    """Return what was said, with the certificates for the name of their file; an empty one is none of them."""
    said = {name: value for name, value in typed.items() if value is not None}
    if path := said.pop("ca", None):
        said["authority"] = Path(path).read_text(encoding="utf-8")
    return said


def _show(screen: Screen, found: w.Providers) -> None:
    titles = {
        "name": tr("Nom", "Name"),
        "active": tr("Active", "Active"),
        "protocol": tr("Protocole", "Protocol"),
        "address": tr("Adresse", "Address"),
        "authority": tr("Autorité", "Authority"),
        "attribute": tr("Attribut", "Attribute"),
        "local": tr("Mot de passe d'ici", "Password of ours"),
    }
    if screen.json:
        screen.table([msgspec.structs.asdict(one) for one in found.rows], titles)
        return
    rows = [
        msgspec.structs.asdict(one)
        | {
            "active": tr("oui", "yes") if one.active else tr("non", "no"),
            "authority": tr("donnée", "given") if one.authority else tr("celles du système", "the system's"),
            "attribute": one.attribute or tr("utilisateur", "user"),
            "local": word(one.local),
        }
        for one in found.rows
    ]
    screen.table(rows, titles)


name_argument = click.argument("name")
authority = click.option(
    "--ca", type=click.Path(exists=True, dir_okay=False), help="Certificates (PEM) that its own is issued by one of."
)
attribute = click.option("--attribute", default=None, help="What identifies a person there; the user without it.")
local = click.option("--local", type=click.Choice(LOCAL), default=None, help="Who may use a password of this server.")

PROVIDERS: Final = (
    Deed("list", list_providers),
    Deed("add", add_provider, (name_argument, click.argument("address"), authority, attribute, local)),
    Deed(
        "change",
        change_provider,
        (
            name_argument,
            click.option("--name", "new_name", default=None, help="As people read it from now on."),
            click.option("--address", default=None, help="Of the CAS service, https://…"),
            authority,
            click.option("--system-ca", "authority", flag_value="", default=None, help="Those the system trusts."),
            attribute,
            local,
        ),
    ),
    Deed("remove", remove_provider, (name_argument,)),
    Deed("activate", activate_provider, (name_argument,)),
    Deed("deactivate", deactivate_provider, (name_argument,)),
)
