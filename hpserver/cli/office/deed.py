"""A command that administers: one body for the operator of a server and for a user who signs in from a desk.

Knows no wish, and no server: those who sign in have none.
"""

from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

import click
import msgspec

from hpserver.cli.running import ask_secret, asynchronous, read_secret
from hpserver.cli.screen import Screen, tr
from hpserver.protocol.messages import AnyWish

Ask: TypeAlias = Callable[[AnyWish], Awaitable[Any]]
"""Has a wish carried out and returns its outcome: the body knows which one that is."""


class Deed(msgspec.Struct, frozen=True):
    """A command to be: its name, its body, which gets the screen, an `Ask` and what was typed, and what it takes."""

    name: str
    body: Callable[..., Awaitable[None]]
    takes: tuple[Callable[[Any], Any], ...] = ()

    def live(self) -> click.Command:
        """The command of `hp client admin`, for who may."""
        from hpserver.cli.client.session import signed_in  # noqa: PLC0415 - the operator is no client
        from hpserver.cli.client.signing import Signing, signing_options  # noqa: PLC0415 - the operator is no client

        @click.pass_obj
        @asynchronous
        async def run(screen: Screen, /, signing: Signing, **typed: Any) -> None:
            async def password() -> str:
                again = tr("Mot de passe, encore une fois", "Password, once more")
                return read_secret(signing.password_file) or ask_secret(again, "--password-file")

            async with signed_in(signing) as school:
                await self.body(screen, lambda wish: school.administer(wish, password=password), **typed)

        return self.command(signing_options(run))

    def command(self, run: Callable[..., Any]) -> click.Command:
        """The command that runs so, with what the deed takes."""
        for option in reversed(self.takes):
            run = option(run)
        return click.command(self.name, help=self.body.__doc__)(run)


async def every_row(ask: Ask, wish: Callable[[Any], AnyWish]) -> list[Any]:
    """The rows of every page: `wish` asks for those after the last one, after None for the first."""
    found: list[Any] = []
    more = True
    while more:
        page = await ask(wish(found[-1] if found else None))
        found, more = [*found, *page.rows], page.more
    return found
