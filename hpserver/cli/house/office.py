"""What the operator of this machine administers: the deeds of the office, as the commands of `hp`.

A wish of the operator is carried out by the controller while it runs, since it knows who is there, and by this process
otherwise.
"""

from collections.abc import Iterable
from typing import Any

import click

from hpserver.cli.house.installation import open_accounts
from hpserver.cli.office.audit import AUDIT
from hpserver.cli.office.deed import Deed
from hpserver.cli.office.devices import DEVICES
from hpserver.cli.office.personal_data import PERSONAL_DATA
from hpserver.cli.office.profiles import PROFILES
from hpserver.cli.office.providers import PROVIDERS
from hpserver.cli.office.security import SECURITY
from hpserver.cli.office.sessions import SESSIONS
from hpserver.cli.office.tasks import TASKS
from hpserver.cli.office.templates import TEMPLATES
from hpserver.cli.office.users import USERS
from hpserver.cli.options import account_option
from hpserver.cli.running import asynchronous
from hpserver.cli.screen import Screen
from hpserver.reaching import carry_out


def _command(deed: Deed) -> click.Command:
    @click.pass_obj
    @asynchronous
    async def run(screen: Screen, /, account: str, **typed: Any) -> None:
        async with open_accounts() as accounts:
            found = await accounts.account(account)
            await deed.body(screen, lambda wish: carry_out(accounts, found, wish), **typed)

    return deed.command(account_option(run))


def commands(deeds: Iterable[Deed]) -> list[click.Command]:
    """The commands of the operator."""
    return [_command(deed) for deed in deeds]


@click.group(commands=commands((*USERS, *PERSONAL_DATA)))
def user() -> None:
    """Users of an account."""


@click.group(commands=commands(SESSIONS))
def session() -> None:
    """Sessions of an account: who is there, in every process."""


@click.group(commands=commands(DEVICES))
def device() -> None:
    """Devices of an account: who trusts them, which may connect no more."""


@click.group(commands=commands(PROFILES))
def profile() -> None:
    """Profiles of a planning: who sees and changes what inside a base.

    Levels are none, read and edit. Administration, Modification and Consultation are there from the beginning.
    """


@click.group(commands=commands(SECURITY))
def security() -> None:
    """How an account is protected: measures, age of passwords, limits of sessions."""


@click.group(commands=commands(PROVIDERS))
def provider() -> None:
    """Delegated sign-in: the service elsewhere (CAS) that says who somebody is, at the console."""


@click.group(commands=commands(AUDIT))
def audit() -> None:
    """The audit log of an account: who came in, what was administered."""


@click.group(commands=commands(TASKS))
def task() -> None:
    """Long actions of an account: under way, ended within a week, cancelled."""


@click.group(commands=commands(TEMPLATES))
def template() -> None:
    """Templates: who has which profile, to be given again in another planning."""
