"""Options and arguments that commands of several subjects take. Knows no command."""

import os
from pathlib import Path
from typing import Any

import click

from hpserver.cli.screen import tr

in_file = click.Path(path_type=Path, exists=True, dir_okay=False)
"""A file that a command reads."""


class NewFile(click.Path):
    """A file that a command makes, or `-`: refused before anything is done when it would overwrite another."""

    def __init__(self) -> None:
        super().__init__(path_type=Path, dir_okay=False)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        """Return the path. Raises click.BadParameter."""
        path = Path(os.fsdecode(super().convert(value, param, ctx)))
        maybe_taken = "" if str(path) == "-" else said_of_taken(path)
        if maybe_taken:
            self.fail(maybe_taken, param, ctx)
        return path


def said_of_taken(path: Path) -> str:
    """What to say when a file of that name is there; nothing when it is not, or is a device or a pipe."""
    if not path.is_file():
        return ""
    return tr(
        f"le fichier '{path}' existe déjà : donnez un autre nom, ou retirez-le d'abord",
        f"File '{path}' exists already: give another name, or remove it first",
    )


new_file = NewFile()
"""A file that a command makes."""


class Day(click.DateTime):
    """A day as either language writes it."""

    def __init__(self) -> None:
        super().__init__(["%Y-%m-%d", "%d/%m/%Y"])

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:  # noqa: ARG002 - click's signature
        """Name it in the help."""
        return "YYYY-MM-DD"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the day, at midnight. Raises click.BadParameter."""
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter:
            self.fail(
                tr(f"{value!r} n'est pas un jour : écrivez-le comme 31/08/2026 ou 2026-08-31",
                   f"{value!r} is no day: write it as 2026-08-31 or 31/08/2026"),
                param, ctx,
            )  # fmt: skip


a_day = Day()
"""A day that a command takes."""

account_option = click.option("--account", default="", help="Number or domain, when there are several accounts.")
yes_option = click.option("--yes", is_flag=True, help="Do not ask for the name again.")
why_option = click.option("--why", default="", help="Kept in the history.")
force_option = click.option("--force", is_flag=True, help="Even if it clashes, or breaks a hard rule.")
overwrite_option = click.option(
    "--force", is_flag=True, help="Even if it clashes, breaks a hard rule, or overwrites what others did since."
)
