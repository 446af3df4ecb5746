"""`hp user`: who may come in."""

import click

from hpserver.cli.office.users import USERS


@click.group(commands=[deed.local() for deed in USERS])
def user() -> None:
    """Users of an account."""
