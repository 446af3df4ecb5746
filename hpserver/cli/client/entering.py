"""`hp client enrol`, `login`, `list` and `open`: who comes in from here, and what there is."""

import platform
from pathlib import Path

import click
import msgspec

from hpserver.cli.client.signing import Signing, device_option, signing_options
from hpserver.cli.options import in_file
from hpserver.cli.running import asynchronous
from hpserver.cli.screen import Screen, colon, language, say, tr


@click.command("enrol")
@click.argument("param_client", type=in_file)
@click.option("--name", default=platform.node, show_default="this machine's", help="Name of this device.")
@device_option
@click.pass_obj
@asynchronous
async def enrol_device(screen: Screen, param_client: Path, name: str, device: Path) -> None:
    """Get a certificate for this device with a ParamClient file. The key is made here and never leaves."""
    from hpserver.client import enrol  # noqa: PLC0415 - the help needs no client

    credentials = await enrol(param_client.read_bytes(), device, name)
    until = credentials.certificate().not_valid_after_utc
    value = {"device": str(device), "valid_until": until.isoformat()}
    screen.show(value, tr(f"Appareil inscrit jusqu'au {until:%d/%m/%Y}", f"Device enrolled until {until:%Y-%m-%d}"))


@click.command("login")
@click.option("--register", default="", metavar="NAME", help="Remember this device under that name: no PIN any more.")
@signing_options
@click.pass_obj
@asynchronous
async def log_in(screen: Screen, signing: Signing, register: str) -> None:
    """Sign in once: check the password and PIN, choose a measure the first time, register this device."""
    from hpserver.cli.client.session import signed_in, tell_last_sign_in  # noqa: PLC0415 - the help needs no client

    async with signed_in(signing) as school:
        tell_last_sign_in(school.user)
        if register:
            await school.register_device(register)
        assert school.user is not None
        user = msgspec.structs.replace(school.user, registered=bool(register) or school.user.registered)
    value = {name: item for name, item in msgspec.structs.asdict(user).items() if name != "id"}
    known = (
        tr("appareil reconnu", "device registered")
        if user.registered
        else tr("appareil non enregistré", "device not registered")
    )
    screen.show(value, f"{user.first_name} {user.name}".strip() + f" ({known})")
    if not user.registered:
        say(tr(
            "Si cet appareil n'est qu'à vous : `hp client login --register NOM`, et le code PIN n'y est plus demandé.",
            "If this device is yours alone: `hp client login --register NAME`, and it asks for no PIN any more.",
        ))  # fmt: skip


@click.command("list")
@signing_options
@click.pass_obj
@asynchronous
async def list_plannings(screen: Screen, signing: Signing) -> None:
    """List the plannings in service that the user may open."""
    from hpserver.cli.client.session import signed_in  # noqa: PLC0415 - the help needs no client

    async with signed_in(signing) as school:
        rows = [
            {"name": p.name, "publication": p.publication_name, "profile": p.profile, "base": p.base}
            for p in await school.plannings()
        ]
    if not rows:
        say(
            tr(
                "Aucun planning en service pour vous : un administrateur vous donne un profil dans un planning "
                "(`hp user assign`), même à un superadministrateur.",
                "No planning in service for you: an administrator gives you a profile in a planning "
                "(`hp user assign`), superadmins too.",
            )
        )
    screen.table(
        rows,
        {"name": tr("Nom", "Name"), "publication": "Publication", "profile": tr("Profil", "Profile"), "base": "Base"},
    )


@click.command("open")
@click.argument("planning")
@signing_options
@click.pass_obj
@asynchronous
async def open_planning(screen: Screen, signing: Signing, planning: str) -> None:
    """Open a planning and say what is in it."""
    from hpserver.cli.client.session import inside  # noqa: PLC0415 - the help needs no client
    from hpserver.cli.words.telling import counted  # noqa: PLC0415 - the help needs no client

    async with inside(signing, planning) as session:
        replica, entered = session.replica, session.entered
        assert replica is not None
        assert entered is not None
        present = [one.user for one in await session.presence()]
    value = {
        "planning": planning, "base": entered.base, "profile": entered.profile, "epoch": replica.epoch,
        "revision": replica.revision, "counts": replica.planning.counts(), "present": present,
    }  # fmt: skip
    counts = ", ".join(counted(count, kind, language()) for kind, count in replica.planning.counts().items() if count)
    here = tr("présents : ", "here: ")
    screen.show(value, f"{entered.base} @{replica.revision}{colon()}{counts}\n{here}{', '.join(present)}")


COMMANDS = (enrol_device, log_in, list_plannings, open_planning)
