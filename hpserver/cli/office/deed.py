"""A command that administers: by the operator on this machine, or by a user who signs in. Knows no wish.

The operator's wishes are carried out by the controller while it runs, since it knows who is there, and by this process
otherwise.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeAlias

import click
import msgspec

from hpserver.administration.office import NobodyHere, Office
from hpserver.cli.client.session import Signing, signed_in, signing_options
from hpserver.cli.house.installation import open_accounts, reach
from hpserver.cli.options import account_option
from hpserver.cli.running import ask_secret, asynchronous, read_secret
from hpserver.cli.screen import Screen, tr
from hpserver.directory.model import Account
from hpserver.errors import HPError
from hpserver.hosting.accounts import Accounts
from hpserver.identity.actor import OPERATOR
from hpserver.protocol import internal
from hpserver.protocol.messages import AnyOutcome, AnyWish
from hpserver.protocol.refusal import error_of

CARRY_SECONDS: Final = 60.0
"""How long the controller may take for one wish: a page of new users is a hundred password hashes on two threads."""

Ask: TypeAlias = Callable[[AnyWish], Awaitable[Any]]
"""Has a wish carried out and returns its outcome: the body knows which one that is."""


class Deed(msgspec.Struct, frozen=True):
    """A command to be: its name, its body, which gets the screen, an `Ask` and what was typed, and what it takes."""

    name: str
    body: Callable[..., Awaitable[None]]
    takes: tuple[Callable[[Any], Any], ...] = ()

    def local(self) -> click.Command:
        """The command of the operator."""

        @click.pass_obj
        @asynchronous
        async def run(screen: Screen, /, account: str, **typed: Any) -> None:
            async with open_accounts() as accounts:
                found = await accounts.account(account)
                await self.body(screen, lambda wish: carry_out(accounts, found, wish), **typed)

        return self._command(account_option(run))

    def live(self) -> click.Command:
        """The command of `hp client admin`, for who may."""

        @click.pass_obj
        @asynchronous
        async def run(screen: Screen, /, signing: Signing, **typed: Any) -> None:
            async def password() -> str:
                again = tr("Mot de passe, encore une fois", "Password, once more")
                return read_secret(signing.password_file) or ask_secret(again, "--password-file")

            async with signed_in(signing) as school:
                await self.body(screen, lambda wish: school.administer(wish, password=password), **typed)

        return self._command(signing_options(run))

    def _command(self, run: Callable[..., Any]) -> click.Command:
        for option in reversed(self.takes):
            run = option(run)
        return click.command(self.name, help=self.body.__doc__)(run)


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
