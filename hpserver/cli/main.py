"""The entry point: finds the command, imports only what it needs, turns an error into a sentence and an exit status."""

import asyncio
import importlib
import sys
from typing import Any, Final

import click

from hpserver import __version__
from hpserver.cli import screen
from hpserver.errors import (
    AgentRunningError,
    AgentUnreachableError,
    AlreadyExistsError,
    BadCredentialsError,
    BadPinError,
    BaseInUseError,
    BusyError,
    CertificateRefusedError,
    ClashError,
    ConfigurationError,
    ConflictError,
    ConnectionLostError,
    DeadlineExceededError,
    EnrolmentRefusedError,
    HPError,
    InvalidNameError,
    LockedError,
    NotAllowedError,
    NotFoundError,
    PlanningNotInServiceError,
    StillReferencedError,
    UnknownObjectError,
    WeakSecretError,
)

EXIT_FAILED: Final = 1
EXIT_USAGE: Final = 2
EXIT_NOT_FOUND: Final = 3
EXIT_REFUSED: Final = 4
EXIT_CONFLICT: Final = 5
EXIT_UNREACHABLE: Final = 6
EXIT_TEMPORARY: Final = 75
EXIT_CONFIGURATION: Final = 78
EXIT_INTERRUPTED: Final = 130
"""The documented exit statuses (docs/operations.md); 75 and 78 are those of sysexits.h."""

EXIT_OF: Final[dict[type[HPError], int]] = {
    NotFoundError: EXIT_NOT_FOUND,
    UnknownObjectError: EXIT_NOT_FOUND,
    BadCredentialsError: EXIT_REFUSED,
    BadPinError: EXIT_REFUSED,
    LockedError: EXIT_REFUSED,
    NotAllowedError: EXIT_REFUSED,
    EnrolmentRefusedError: EXIT_REFUSED,
    CertificateRefusedError: EXIT_REFUSED,
    ClashError: EXIT_CONFLICT,
    ConflictError: EXIT_CONFLICT,
    AgentRunningError: EXIT_CONFLICT,
    AlreadyExistsError: EXIT_CONFLICT,
    StillReferencedError: EXIT_CONFLICT,
    BaseInUseError: EXIT_CONFLICT,
    PlanningNotInServiceError: EXIT_CONFLICT,
    ConnectionLostError: EXIT_UNREACHABLE,
    AgentUnreachableError: EXIT_UNREACHABLE,
    DeadlineExceededError: EXIT_TEMPORARY,
    BusyError: EXIT_TEMPORARY,
    ConfigurationError: EXIT_CONFIGURATION,
    InvalidNameError: EXIT_USAGE,
    WeakSecretError: EXIT_USAGE,
}

COMMANDS: Final = {
    "agent": ("hpserver.cli.agent", "agent"),
    "hosting": ("hpserver.cli.hosting", "hosting"),
    "controller": ("hpserver.cli.service", "controller"),
    "planning": ("hpserver.cli.service", "planning"),
    "base": ("hpserver.cli.bases", "base"),
    "import": ("hpserver.cli.bases", "import_"),
    "user": ("hpserver.cli.users", "user"),
    "client": ("hpserver.cli.clients", "client"),
    "demo": ("hpserver.cli.demo", "demo"),
}
"""Command -> (module, name): nothing is imported before it is asked for."""


class LazyGroup(click.Group):
    """A group whose commands are imported when they are used: `hp --version` stays quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Name every command."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        """Import one command."""
        if cmd_name not in COMMANDS:
            return None
        module, name = COMMANDS[cmd_name]
        command: Any = getattr(importlib.import_module(module), name)
        assert isinstance(command, click.Command)
        return command


@click.command(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--output", type=click.Choice(["text", "json"]), default="text", help="How results are printed.")
@click.version_option(__version__, prog_name="hp")
@click.pass_context
def hp(ctx: click.Context, output: str) -> None:
    """Host timetables: accounts, controllers, plannings, bases, users; and connect to them.

    \b
    hp agent                                     keep everything running (leave it in a terminal or a service)
    hp hosting create "Mon école" --domain monecole.example
    hp base create planning01 "Base 2026" --first-monday 2026-08-31 --last-sunday 2027-07-04
    hp controller start; hp planning start planning01; hp planning status
    """  # noqa: D301 - \b is click's mark for a paragraph that keeps its lines
    ctx.obj = screen.Screen(json=output == "json")


def main() -> None:
    """Run `hp` and exit with the documented status."""
    try:
        status = hp.main(standalone_mode=False)
    except click.exceptions.Exit as ended:
        sys.exit(ended.exit_code)
    except (click.Abort, KeyboardInterrupt, asyncio.CancelledError):
        sys.exit(EXIT_INTERRUPTED)
    except click.ClickException as error:
        error.show()
        sys.exit(EXIT_USAGE)
    except HPError as error:
        screen.complain(error)
        sys.exit(exit_status(error))
    sys.exit(status if isinstance(status, int) else 0)


def exit_status(error: HPError) -> int:
    """The documented exit status of an error."""
    for kind in type(error).__mro__:
        if kind in EXIT_OF:
            return EXIT_OF[kind]
    return EXIT_FAILED
