"""`hp client admin`: the school administered from here, by who may."""

import click

from hpserver.cli.office.audit import AUDIT
from hpserver.cli.office.devices import DEVICES
from hpserver.cli.office.personal_data import PERSONAL_DATA
from hpserver.cli.office.profiles import PROFILES
from hpserver.cli.office.providers import PROVIDERS
from hpserver.cli.office.security import SECURITY
from hpserver.cli.office.sessions import SESSIONS
from hpserver.cli.office.tasks import TASKS
from hpserver.cli.office.templates import TEMPLATES
from hpserver.cli.office.users import USERS


@click.group()
def admin() -> None:
    """Administer the school, with the rights of who signs in."""


for subject, deeds in (
    ("user", (*USERS, *PERSONAL_DATA)), ("profile", PROFILES), ("template", TEMPLATES), ("audit", AUDIT),
    ("session", SESSIONS), ("device", DEVICES), ("security", SECURITY), ("task", TASKS), ("provider", PROVIDERS),
):  # fmt: skip
    admin.add_command(click.Group(subject, help=f"See `hp {subject}`.", commands=[deed.live() for deed in deeds]))

COMMANDS = (admin,)
