"""`hp client`: this machine as a client of a school: enrol, sign in, list, open, place, watch."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import click
import msgspec

from hpserver.base.commands import place as place_changes
from hpserver.base.explain import explain
from hpserver.base.wording import say as worded
from hpserver.cli.installation import asynchronous
from hpserver.cli.screen import Screen, is_french, say, tr
from hpserver.client import Credentials, PlanningSession, School, enrol
from hpserver.client.planning import ClashesError
from hpserver.errors import ConfigurationError
from hpserver.protocol import messages as m


def default_folder() -> Path:
    """Where this user's device keeps its key: XDG configuration."""
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "hp" / "device"


device_option = click.option(
    "--device", type=click.Path(path_type=Path), default=default_folder, help="Folder of this device's certificate."
)
login_option = click.option("--login", required=True)
password_option = click.option(
    "--password-file", type=click.Path(path_type=Path, exists=True), help="One line; asked for by default."
)
pin_option = click.option("--pin-file", type=click.Path(path_type=Path, exists=True), help="Asked for by default.")


@click.group()
def client() -> None:
    """Connect to a school as a client."""


@client.command("enrol")
@click.argument("param_client", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--name", default=lambda: os.uname().nodename, help="Name of this device.")
@device_option
@click.pass_obj
@asynchronous
async def enrol_device(screen: Screen, param_client: Path, name: str, device: Path) -> None:
    """Get a certificate for this device with a ParamClient file. The key is made here and never leaves."""
    credentials = await enrol(param_client.read_bytes(), device, name)
    until = credentials.certificate().not_valid_after_utc
    value = {"device": str(device), "valid_until": until.isoformat()}
    screen.show(value, tr(f"Appareil inscrit jusqu'au {until:%d/%m/%Y}", f"Device enrolled until {until:%Y-%m-%d}"))


@client.command("login")
@login_option
@password_option
@pin_option
@click.option("--register", default="", metavar="NAME", help="Remember this device under that name: no PIN any more.")
@device_option
@click.pass_obj
@asynchronous
async def log_in(
    screen: Screen, login: str, password_file: Path | None, pin_file: Path | None, register: str, device: Path
) -> None:
    """Sign in once: check the password and PIN, choose a measure the first time, register this device."""
    async with _signed_in(device, login, password_file, pin_file) as school:
        if register:
            await school.register_device(register)
        assert school.user is not None
        value = msgspec.structs.asdict(school.user)
        name = f"{school.user.first_name} {school.user.name}".strip()
    registered = bool(register) or value["registered"]
    known = (
        tr("appareil reconnu", "device registered")
        if registered
        else tr("appareil non enregistré", "device not registered")
    )
    screen.show({**value, "registered": registered}, f"{name} ({known})")


@client.command("list")
@login_option
@password_option
@pin_option
@device_option
@click.pass_obj
@asynchronous
async def list_plannings(
    screen: Screen, login: str, password_file: Path | None, pin_file: Path | None, device: Path
) -> None:
    """List the plannings in service that the user may open."""
    async with _signed_in(device, login, password_file, pin_file) as school:
        rows = [
            {"name": p.name, "publication": p.publication_name, "profile": p.profile, "base": p.base}
            for p in await school.plannings()
        ]
    screen.table(
        rows,
        {"name": tr("Nom", "Name"), "publication": "Publication", "profile": tr("Profil", "Profile"), "base": "Base"},
    )


@client.command("open")
@click.argument("planning")
@login_option
@password_option
@pin_option
@device_option
@click.pass_obj
@asynchronous
async def open_planning(
    screen: Screen, planning: str, login: str, password_file: Path | None, pin_file: Path | None, device: Path
) -> None:
    """Open a planning and say what is in it."""
    async with (
        _signed_in(device, login, password_file, pin_file) as school,
        PlanningSession(school, planning) as inside,
    ):
        replica = inside.replica
        assert replica is not None
        assert inside.entered is not None
        present = [one.user for one in await inside.presence()]
        value = {
            "planning": planning, "base": inside.entered.base, "profile": inside.entered.profile,
            "epoch": replica.epoch, "revision": replica.revision, "counts": replica.planning.counts(),
            "present": present,
        }  # fmt: skip
    counts = ", ".join(f"{count} {kind}" for kind, count in replica.planning.counts().items() if count)
    here = tr("présents", "here")
    screen.show(value, f"{inside.entered.base} @{replica.revision}: {counts}\n{here}: {', '.join(present)}")


@client.command("place")
@click.argument("planning")
@click.argument("activity", type=int)
@click.argument("place", type=int)
@click.option("--room", "rooms", type=int, multiple=True, help="Key of a room; those it has by default.")
@click.option("--force", is_flag=True, help="Even if somebody is in two places at once.")
@click.option("--dry-run", is_flag=True, help="Say which clashes it would cause, and do nothing.")
@click.option("--why", default="", help="Kept in the history.")
@login_option
@password_option
@pin_option
@device_option
@click.pass_obj
@asynchronous
async def place(
    screen: Screen, planning: str, activity: int, place: int, rooms: tuple[int, ...], force: bool, dry_run: bool,
    why: str, login: str, password_file: Path | None, pin_file: Path | None, device: Path,
) -> None:  # fmt: skip
    """Put an activity at a place (day * steps per day + step)."""
    async with (
        _signed_in(device, login, password_file, pin_file) as school,
        PlanningSession(school, planning) as inside,
    ):
        assert inside.replica is not None
        changes = place_changes(inside.replica.planning, activity, place, list(rooms) or None)
        if dry_run:
            clashes = await inside.weigh(changes)
            _show_clashes(inside, clashes)
            screen.show({"clashes": len(clashes)}, tr(f"{len(clashes)} conflit(s)", f"{len(clashes)} clash(es)"))
            return
        try:
            done = await inside.edit(changes, force=force, why=why)
        except ClashesError as refused:
            _show_clashes(inside, refused.clashes)
            raise
    value = {"epoch": done.epoch, "revision": done.revision, "merged": done.merged}
    screen.show(value, tr(f"Placé, révision {done.revision}", f"Placed, revision {done.revision}"))


@client.command("watch")
@click.argument("planning")
@click.option("--count", type=int, default=0, help="Stop after so many transactions; 0 for never.")
@login_option
@password_option
@pin_option
@device_option
@click.pass_obj
@asynchronous
async def watch(
    screen: Screen, planning: str, count: int, login: str, password_file: Path | None, pin_file: Path | None,
    device: Path,
) -> None:  # fmt: skip
    """Follow a planning: one line per transaction, until Ctrl+C."""
    async with (
        _signed_in(device, login, password_file, pin_file) as school,
        PlanningSession(school, planning) as inside,
    ):
        assert inside.replica is not None
        say(tr(f"Révision {inside.replica.revision}, en attente…", f"Revision {inside.replica.revision}, waiting…"))
        left = count or -1
        async for message in inside.events():
            if not isinstance(message, m.Delta):
                continue
            for transaction in message.transactions:
                screen.show(_line(transaction), f"{transaction.revision} {transaction.user} {transaction.why}".rstrip())
                left -= 1
            if left == 0:
                return


def _line(transaction: m.Transaction) -> dict[str, Any]:
    return {
        "revision": transaction.revision, "user": transaction.user, "at_ms": transaction.at_ms,
        "why": transaction.why, "changes": msgspec.msgpack.decode(transaction.changes),
    }  # fmt: skip


def _show_clashes(inside: PlanningSession, clashes: Any) -> None:
    assert inside.replica is not None
    for clash in clashes:
        say("  " + worded(explain(inside.replica.planning, clash), "fr" if is_french() else "en"))


@asynccontextmanager
async def _signed_in(
    device: Path, login: str, password_file: Path | None, pin_file: Path | None
) -> AsyncIterator[School]:
    password = _read(password_file) or click.prompt(tr("Mot de passe", "Password"), hide_input=True, err=True)

    async def pin() -> str:
        return _read(pin_file) or str(click.prompt(tr("Code PIN", "PIN"), hide_input=True, err=True))

    async def choose(measures: tuple[str, ...]) -> tuple[str, str]:
        chosen = "pin" if pin_file else click.prompt(
            tr("Mesure de sécurité", "Security measure"), type=click.Choice(measures), err=True
        )  # fmt: skip
        return chosen, (await pin() if chosen == "pin" else "")

    credentials = Credentials(device)
    if not credentials.is_enrolled:
        raise ConfigurationError(f"{device} holds no certificate: run `hp client enrol ParamClient` first.")
    async with School(credentials) as school:
        await school.log_in(login, password, pin=pin, choose=choose)
        yield school


def _read(file: Path | None) -> str:
    return file.read_text(encoding="utf-8").strip("\n") if file is not None else ""
