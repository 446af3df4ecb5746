"""What the operator of this machine administers: the deeds of the office, as the commands of `hp`.

A wish of the operator is carried out by the controller while it runs, since it knows who is there, and by this process
otherwise.
"""

import asyncio
from collections.abc import Iterable
from typing import Any, Final

import click

from hpserver.administration.office import NobodyHere, Office
from hpserver.cli.house.installation import open_accounts, reach
from hpserver.cli.office.audit import AUDIT
from hpserver.cli.office.deed import Deed
from hpserver.cli.office.devices import DEVICES
from hpserver.cli.office.personal_data import PERSONAL_DATA
from hpserver.cli.office.profiles import PROFILES
from hpserver.cli.office.security import SECURITY
from hpserver.cli.office.sessions import SESSIONS
from hpserver.cli.office.templates import TEMPLATES
from hpserver.cli.office.users import USERS
from hpserver.cli.options import account_option
from hpserver.cli.running import asynchronous
from hpserver.cli.screen import Screen
from hpserver.directory.model import Account
from hpserver.errors import HPError
from hpserver.hosting.accounts import Accounts
from hpserver.identity.actor import OPERATOR
from hpserver.protocol import internal
from hpserver.protocol.messages import AnyOutcome, AnyWish
from hpserver.protocol.refusal import error_of

CARRY_SECONDS: Final = 60.0
"""How long the controller may take for one wish: a page of new users is a hundred password hashes on two threads."""


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


@click.group(commands=commands(AUDIT))
def audit() -> None:
    """The audit log of an account: who came in, what was administered."""


@click.group(commands=commands(TEMPLATES))
def template() -> None:
    """Templates: who has which profile, to be given again in another planning."""


async def carry_out(accounts: Accounts, account: Account, wish: AnyWish) -> AnyOutcome:
    """Have a wish of the operator carried out, by the controller of the account when it runs. Raises what it says."""
    loop = asyncio.get_running_loop()
    try:
        link = await reach(accounts.paths.controller_socket(account.number), loop)
    except HPError:
        return await Office(accounts, account, NobodyHere()).carry_out(OPERATOR, wish)
    try:
        carried = await link.request(internal.CarryOut(0, wish), internal.CarriedOut, CARRY_SECONDS)
    finally:
        link.close()
    if carried.failed is not None:
        raise error_of(carried.failed)
    assert carried.outcome is not None
    return carried.outcome
