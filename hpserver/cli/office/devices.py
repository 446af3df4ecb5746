"""Devices of an account, and who trusts them, from a shell."""

from pathlib import Path
from typing import Final

import click
import msgspec

from hpserver.cli.office.deed import Ask, Deed, every_row
from hpserver.cli.office.sessions import all_option
from hpserver.cli.running import write_file
from hpserver.cli.screen import Screen, day, tr
from hpserver.protocol.catalogue import administration as w

device_argument = click.argument("number", metavar="DEVICE", type=click.IntRange(min=1))
user_option = click.option("--user", "login", default="", help="For whom it is registered; yourself by default.")


async def list_devices(screen: Screen, ask: Ask, login: str, *, everybody: bool) -> None:
    """List the devices registered for a user: for you when no login is given; all of them for the operator."""
    found = await all_devices(ask, login, everybody=everybody)
    titles = {
        "device": tr("Numéro", "Number"), "name": tr("Nom", "Name"), "registered": tr("Enregistré", "Registered"),
        "last_seen": tr("Vu le", "Seen"), "expires": tr("Fin", "Ends"), "revoked_at": tr("Révoqué", "Revoked"),
    }  # fmt: skip
    screen.table([_shown(one, json=screen.json) for one in found], titles)


async def rename_device(screen: Screen, ask: Ask, number: int, name: str, login: str) -> None:
    """Give a registered device another name."""
    await ask(w.RenameDevice(number, name, login))
    screen.show({"device": number, "name": name}, tr("Appareil renommé.", "Device renamed."))


async def revoke_device(screen: Screen, ask: Ask, number: int, reason: str) -> None:
    """Let a device connect no more, ever: lost or stolen. Its sessions are closed at once, everywhere."""
    done: w.Done = await ask(w.RevokeDevice(number, reason))
    told = tr(
        f"Appareil révoqué ; sessions fermées : {done.closed}.", f"Device revoked; sessions closed: {done.closed}."
    )
    screen.show({"device": number, "closed": done.closed}, told)


async def forget_device(screen: Screen, ask: Ask, number: int, login: str) -> None:
    """Register a device no longer: the PIN is asked on it again."""
    await ask(w.ForgetDevice(number, login))
    told = tr("Appareil oublié : le code PIN y sera redemandé.", "Device forgotten: the PIN is asked on it again.")
    screen.show({"device": number}, told)


async def enrol_devices(screen: Screen, ask: Ask, uses: int, hours: int, file: Path) -> None:
    """Write a ParamClient file, which enrols devices; `-` for standard output."""
    letter: w.Letter = await ask(w.EnrolDevices(uses, hours))
    write_file(file, letter.content, private=True)
    if str(file) != "-":
        screen.show({"file": str(file), "uses": uses, "hours": hours}, str(file))


async def all_devices(ask: Ask, login: str, *, everybody: bool = False) -> list[w.DeviceRow]:
    """Every device, page by page."""
    found: list[w.DeviceRow] = await every_row(
        ask, lambda last: w.ListDevices(login, everybody, last.device if last else 0)
    )
    return found


def _shown(one: w.DeviceRow, *, json: bool) -> dict[str, object]:
    value = msgspec.structs.asdict(one)
    if json:
        return value
    registered = ", ".join(f"{login} ({name})" for login, name, _ in one.registered)
    moments = {name: day(getattr(one, name) / 1000) for name in ("last_seen", "expires", "revoked_at")}
    return value | moments | {"registered": registered}


DEVICES: Final = (
    Deed("list", list_devices, (click.argument("login", default=""), all_option)),
    Deed("rename", rename_device, (device_argument, click.argument("name"), user_option)),
    Deed("revoke", revoke_device, (device_argument, click.option("--reason", default="", help="For the record."))),
    Deed("forget", forget_device, (device_argument, user_option)),
    Deed(
        "enrolment",
        enrol_devices,
        (
            click.option(
                "--uses", type=click.IntRange(1, 1000), default=1, show_default=True, help="How many devices."
            ),
            click.option("--hours", type=click.IntRange(1, 720), default=1, show_default=True, help="For how long."),
            click.option("--out", "file", type=click.Path(path_type=Path), default=Path("ParamClient")),
        ),
    ),
)
