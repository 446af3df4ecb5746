"""What the commands of `hp client` share: who signs in from which device, and how secrets are asked for."""

import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

import click
import msgspec

from hpserver.cli.running import in_file, read_secret
from hpserver.cli.screen import tr
from hpserver.client import Credentials, PlanningSession, School
from hpserver.errors import ConfigurationError

F = TypeVar("F", bound=Callable[..., Any])


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
        raise ConfigurationError(f"{signing.device} holds no certificate: run `hp client enrol ParamClient` first.")
    password = read_secret(signing.password_file) or click.prompt(
        tr("Mot de passe", "Password"), hide_input=True, err=True
    )  # fmt: skip

    async def pin() -> str:
        return read_secret(signing.pin_file) or str(click.prompt(tr("Code PIN", "PIN"), hide_input=True, err=True))

    async def choose(measures: tuple[str, ...]) -> tuple[str, str]:
        chosen = "pin" if signing.pin_file else click.prompt(
            tr("Mesure de sécurité", "Security measure"), type=click.Choice(measures), err=True
        )  # fmt: skip
        return chosen, (await pin() if chosen == "pin" else "")

    async with School(credentials) as school:
        await school.log_in(signing.login, password, pin=pin, choose=choose)
        yield school


@asynccontextmanager
async def inside(signing: Signing, planning: str) -> AsyncIterator[PlanningSession]:
    """The user in a planning."""
    async with signed_in(signing) as school, PlanningSession(school, planning) as session:
        yield session
