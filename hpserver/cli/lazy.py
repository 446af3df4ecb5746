"""Groups whose commands are imported when they are used. Knows no command."""

import importlib
from collections.abc import Mapping, Sequence
from typing import Any

import click


class LazyGroup(click.Group):
    """A group with commands of other modules, each of which lists its own as `COMMANDS`.

    `modules`: module of `hpserver.cli` -> the names of its commands, each with its line of help if that shall be told
    without an import; a test holds them to be the same.
    """

    def __init__(self, *args: Any, modules: Mapping[str, Sequence[str] | Mapping[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.modules = modules

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name every command, without importing any."""
        return sorted({*super().list_commands(ctx), *(name for names in self.modules.values() for name in names)})

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands from what is written here, where it is."""
        lines = dict(pair for names in self.modules.values() if isinstance(names, Mapping) for pair in names.items())
        if len(lines) < len(self.list_commands(ctx)):
            super().format_commands(ctx, formatter)
            return
        with formatter.section("Commands"):
            formatter.write_dl(sorted(lines.items()))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command."""
        for module, names in self.modules.items():
            if cmd_name in names:
                found: Sequence[click.Command] = importlib.import_module(f"hpserver.cli.{module}").COMMANDS
                return next(one for one in found if one.name == cmd_name)
        return super().get_command(ctx, cmd_name)
