"""Who signs in, from which device: the options of every command of `hp client`. Knows no connection."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click
import msgspec

from hpserver.cli.options import in_file

F = TypeVar("F", bound=Callable[..., Any])


class Signing(msgspec.Struct, frozen=True):
    """Who signs in, from which device; without files the secrets are asked for, never taken from the command line."""

    device: Path
    login: str
    password_file: Path | None
    pin_file: Path | None
    new_password_file: Path | None = None
    forgot_pin: bool = False


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
        *args: Any,
        signs_in: str,
        password_file: Path | None,
        pin_file: Path | None,
        new_password_file: Path | None,
        forgot_pin: bool,
        device: Path,
        **kwargs: Any,
    ) -> Any:
        signing = Signing(device, signs_in, password_file, pin_file, new_password_file, forgot_pin)
        return command(*args, signing=signing, **kwargs)

    gather.__name__, gather.__doc__ = command.__name__, command.__doc__
    for option in (
        device_option,
        click.option("--new-password-file", type=in_file, help="One line, where the password must be changed."),
        click.option("--forgot-pin", is_flag=True, help="Have a code sent by mail, and choose another PIN."),
        click.option("--pin-file", type=in_file, help="One line; asked for by default."),
        click.option("--password-file", type=in_file, help="One line; asked for by default."),
        click.option("--login", "signs_in", required=True, help="Who signs in."),
    ):
        option(gather)
    return gather  # type: ignore[return-value]  # click looks at the name, the help and the options only
