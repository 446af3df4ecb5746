"""What the commands of `hp client` share: who signs in from which device, and how secrets are asked for."""

import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final, TypeVar

import click
import msgspec

from hpserver.base.planning import Planning
from hpserver.cli.options import in_file
from hpserver.cli.running import ask_secret, interruptible, read_secret
from hpserver.cli.screen import say, tr
from hpserver.client import Credentials, PlanningSession, School
from hpserver.errors import ConfigurationError

F = TypeVar("F", bound=Callable[..., Any])

MEASURES: Final = {
    "none": ("rien : le mot de passe suffit", "nothing: the password is enough"),
    "notification": ("laisser entrer et prévenir (pas encore de courriel)", "let in and tell the user (no mail yet)"),
    "pin": ("demander un code PIN, que vous choisissez maintenant", "ask for a PIN, which you choose now"),
}
"""What each measure does, in French and English."""


class Signing(msgspec.Struct, frozen=True):
    """Who signs in, from which device; without files the secrets are asked for, never taken from the command line."""

    device: Path
    login: str
    password_file: Path | None
    pin_file: Path | None


def default_folder() -> Path:
    """Where this user's device keeps its key: XDG configuration."""
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "hp" / "device"


device_option = click.option(
    "--device",
    type=click.Path(path_type=Path, file_okay=False),
    default=default_folder,
    help="Folder of this device's certificate; ~/.config/hp/device by default.",
)


def signing_options(command: F) -> F:
    """Give a command the options of who signs in; it gets them as `signing`."""

    def gather(
        *args: Any, login: str, password_file: Path | None, pin_file: Path | None, device: Path, **kwargs: Any
    ) -> Any:  # fmt: skip
        return command(*args, signing=Signing(device, login, password_file, pin_file), **kwargs)

    gather.__name__, gather.__doc__ = command.__name__, command.__doc__
    for option in (
        device_option,
        click.option("--pin-file", type=in_file, help="One line; asked for by default."),
        click.option("--password-file", type=in_file, help="One line; asked for by default."),
        click.option("--login", required=True, help="Who signs in."),
    ):
        option(gather)
    return gather  # type: ignore[return-value]  # click looks at the name, the help and the options only


@asynccontextmanager
async def signed_in(signing: Signing) -> AsyncIterator[School]:
    """The user at the controller. Raises ConfigurationError, and as `School.log_in`."""
    credentials = Credentials(signing.device)
    if not credentials.is_enrolled:
        raise ConfigurationError(
            tr(
                f"{signing.device} ne contient pas de certificat : lancez d'abord `hp client enrol ParamClient`.",
                f"{signing.device} holds no certificate: run `hp client enrol ParamClient` first.",
            )
        )
    secret = tr("Mot de passe", "Password")
    password = read_secret(signing.password_file) or ask_secret(secret, "--password-file")

    async def pin() -> str:
        return read_secret(signing.pin_file) or ask_secret(tr("Code PIN", "PIN"), "--pin-file")

    async def choose(measures: tuple[str, ...]) -> tuple[str, str]:
        if signing.pin_file:
            return "pin", read_secret(signing.pin_file)
        chosen = _chosen_measure(measures)
        if chosen != "pin":
            return chosen, ""
        new = tr("Choisissez un code PIN (4 à 12 chiffres)", "Choose a PIN (4 to 12 digits)")
        return chosen, ask_secret(new, "--pin-file", twice=True)

    async with School(credentials) as school:
        await school.log_in(signing.login, password, pin=pin, choose=choose)
        yield school


def _chosen_measure(measures: tuple[str, ...]) -> str:
    """Ask a person who comes in for the first time what protects the account on devices that are not registered."""
    say(
        tr(
            "Première connexion : que demander sur un appareil qui n'est pas enregistré ?",
            "First sign-in: what is to be done on a device that is not registered?",
        )
    )
    for measure in measures:
        say(f"  {measure:12}  {tr(*MEASURES[measure])}" if measure in MEASURES else f"  {measure}")
    with interruptible():
        chosen = click.prompt(
            tr("Mesure de sécurité", "Security measure"), type=click.Choice(measures), show_choices=False,
            default="pin" if "pin" in measures else None, err=True, prompt_suffix=tr(" : ", ": "),
        )  # fmt: skip
    return str(chosen)


@asynccontextmanager
async def inside(signing: Signing, planning: str) -> AsyncIterator[PlanningSession]:
    """The user in a planning."""
    async with signed_in(signing) as school, PlanningSession(school, planning) as session:
        yield session


def base_in(session: PlanningSession) -> Planning:
    """Return the base of a session that was entered, as it is here now."""
    assert session.replica is not None
    return session.replica.planning
