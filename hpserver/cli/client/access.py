"""`hp client password` and `hp client measure`: what a person changes of their own access."""

from pathlib import Path

import click

from hpserver.cli.client.session import MEASURES, ask_new_password, ask_new_pin, own_password, signed_in
from hpserver.cli.client.signing import Signing, signing_options
from hpserver.cli.options import in_file
from hpserver.cli.running import asynchronous, read_secret
from hpserver.cli.screen import Screen, tr


@click.command("password")
@signing_options
@click.pass_obj
@asynchronous
async def change_password(screen: Screen, signing: Signing) -> None:
    """Change one's own password; sessions on other devices end."""
    old = own_password(signing)
    async with signed_in(signing, old) as school:
        new = read_secret(signing.new_password_file) or ask_new_password(signing.login)
        await school.change_password(old, new)
    screen.show({"login": signing.login}, tr("Mot de passe changé.", "Password changed."))


@click.command("measure")
@click.option("--new-pin-file", type=in_file, help="One line; asked for by default.")
@click.argument("measure", type=click.Choice(list(MEASURES)))
@signing_options
@click.pass_obj
@asynchronous
async def change_measure(screen: Screen, signing: Signing, measure: str, new_pin_file: Path | None) -> None:
    """Choose what protects one's account on devices that are not registered, or another PIN."""
    password = own_password(signing)
    async with signed_in(signing, password) as school:
        pin = ""
        if measure == "pin":
            pin = read_secret(new_pin_file) or ask_new_pin(tr("Nouveau code PIN", "New PIN"), "--new-pin-file")
        await school.change_measure(measure, pin, password)
    screen.show({"login": signing.login, "measure": measure}, tr(*MEASURES[measure]))


COMMANDS = (change_password, change_measure)
"""Commands of `hp client`."""
