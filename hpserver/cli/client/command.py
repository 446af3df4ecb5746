"""`hp client`: this machine as a client of a school: enrol, sign in, list, open."""

import platform
from pathlib import Path

import click
import msgspec

from hpserver.cli.client.access import ACCESS
from hpserver.cli.client.branches import branch
from hpserver.cli.client.files import download
from hpserver.cli.client.history import PAST_COMMANDS
from hpserver.cli.client.planning import show, watch
from hpserver.cli.client.session import Signing, device_option, inside, signed_in, signing_options, tell_last_sign_in
from hpserver.cli.client.uploads import COMMANDS as UPLOADS
from hpserver.cli.office.audit import AUDIT
from hpserver.cli.office.devices import DEVICES
from hpserver.cli.office.personal_data import PERSONAL_DATA
from hpserver.cli.office.profiles import PROFILES
from hpserver.cli.office.security import SECURITY
from hpserver.cli.office.sessions import SESSIONS
from hpserver.cli.office.templates import TEMPLATES
from hpserver.cli.office.users import USERS
from hpserver.cli.options import in_file
from hpserver.cli.running import asynchronous
from hpserver.cli.screen import Screen, language, say, tr
from hpserver.cli.words.telling import counted
from hpserver.cli.work.activities import ACTIVITIES
from hpserver.cli.work.diagnose import DIAGNOSES
from hpserver.cli.work.edits import EDITS
from hpserver.cli.work.follow_up import GRADES, GROUPS
from hpserver.cli.work.objects import OBJECTS
from hpserver.client import enrol


@click.group()
def client() -> None:
    """Connect to a school as a client."""


@client.command("enrol")
@click.argument("param_client", type=in_file)
@click.option("--name", default=platform.node, show_default="this machine's", help="Name of this device.")
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
@click.option("--register", default="", metavar="NAME", help="Remember this device under that name: no PIN any more.")
@signing_options
@click.pass_obj
@asynchronous
async def log_in(screen: Screen, signing: Signing, register: str) -> None:
    """Sign in once: check the password and PIN, choose a measure the first time, register this device."""
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


@client.command("list")
@signing_options
@click.pass_obj
@asynchronous
async def list_plannings(screen: Screen, signing: Signing) -> None:
    """List the plannings in service that the user may open."""
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


@client.command("open")
@click.argument("planning")
@signing_options
@click.pass_obj
@asynchronous
async def open_planning(screen: Screen, signing: Signing, planning: str) -> None:
    """Open a planning and say what is in it."""
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
    screen.show(value, f"{entered.base} @{replica.revision}: {counts}\n{here}{', '.join(present)}")


@client.group()
def admin() -> None:
    """Administer the school, with the rights of who signs in."""


for command in (branch, show, watch, download, *ACCESS, *UPLOADS, *PAST_COMMANDS):
    client.add_command(command)
for order in (ACTIVITIES, *DIAGNOSES, *OBJECTS, *EDITS, GRADES):
    client.add_command(order.live())
for subject, deeds in (
    ("user", (*USERS, *PERSONAL_DATA)), ("profile", PROFILES), ("template", TEMPLATES), ("audit", AUDIT),
    ("session", SESSIONS), ("device", DEVICES), ("security", SECURITY),
):  # fmt: skip
    admin.add_command(click.Group(subject, help=f"See `hp {subject}`.", commands=[deed.live() for deed in deeds]))
for name, words, orders in GROUPS:
    client.add_command(click.Group(name, help=words, commands=[order.live() for order in orders]))
