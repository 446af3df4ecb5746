"""The entry point: finds the command, imports only what it needs, turns an error into a sentence and an exit status."""

import asyncio
import errno
import importlib
import os
import sys
from typing import Any, Final

import click

from hpserver import __version__
from hpserver.cli import screen
from hpserver.errors import (
    AgentRunningError,
    AgentUnreachableError,
    AlreadyExistsError,
    BadCodeError,
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
    GoingAwayError,
    HPError,
    InvalidChangeError,
    InvalidGridError,
    InvalidNameError,
    LockedError,
    MailNotSentError,
    MailRefusedError,
    NotAllowedError,
    NotFoundError,
    NothingToUndoError,
    PlanningNotInServiceError,
    QuotaExceededError,
    SessionEndedError,
    StillReferencedError,
    StoreError,
    StoreFullError,
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
EXIT_PIPE: Final = 141
"""The documented exit statuses (docs/commands.md); 75 and 78 are those of sysexits.h."""

EXIT_OF: Final[dict[type[HPError], int]] = {
    NotFoundError: EXIT_NOT_FOUND,
    NothingToUndoError: EXIT_NOT_FOUND,
    UnknownObjectError: EXIT_NOT_FOUND,
    BadCredentialsError: EXIT_REFUSED,
    BadPinError: EXIT_REFUSED,
    BadCodeError: EXIT_REFUSED,
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
    MailNotSentError: EXIT_TEMPORARY,
    MailRefusedError: EXIT_REFUSED,
    BusyError: EXIT_TEMPORARY,
    QuotaExceededError: EXIT_TEMPORARY,
    ConfigurationError: EXIT_CONFIGURATION,
    InvalidNameError: EXIT_USAGE,
    WeakSecretError: EXIT_USAGE,
    InvalidGridError: EXIT_USAGE,
    InvalidChangeError: EXIT_USAGE,
    SessionEndedError: EXIT_REFUSED,
    GoingAwayError: EXIT_TEMPORARY,
    StoreFullError: EXIT_TEMPORARY,
}

_DISK: Final[dict[int, type[HPError]]] = {
    errno.ENOSPC: StoreFullError, errno.EDQUOT: StoreFullError, errno.EIO: StoreError,
}  # fmt: skip
"""What says something of the disk: anything else that the system refuses is a file or a right."""

COMMANDS: Final = {
    "agent": ("house.agent", "agent", "Keep what should run running, until SIGTERM or Ctrl+C."),
    "status": ("house.service", "status", "Say what every controller and planning of every account is..."),
    "hosting": ("house.hosting", "hosting", "Hosting accounts: create, list, hand out ParamClient files."),
    "controller": ("house.service", "controller", "The controller of an account: its TCP port, who is who."),
    "planning": ("house.service", "planning", "The plannings of an account, each served by one planning..."),
    "base": ("base.command", "base", "Bases: one academic year's timetable each."),
    "import": ("base.tables", "import_", "Make a new base from a file of another program, and put it..."),
    "user": ("house.office", "user", "Users of an account."),
    "session": ("house.office", "session", "Sessions of an account: who is there, in every process."),
    "device": ("house.office", "device", "Devices of an account: who trusts them, which may connect no more."),
    "security": ("house.office", "security", "How an account is protected: measures, age of passwords, limits..."),
    "provider": ("house.office", "provider", "Delegated sign-in: the service elsewhere (CAS) that says who..."),
    "audit": ("house.office", "audit", "The audit log of an account: who came in, what was administered."),
    "template": ("house.office", "template", "Templates: who has which profile, to be given again..."),
    "profile": ("house.office", "profile", "Profiles of a planning: who sees and changes what inside a base."),
    "mail": ("house.mail", "mail", "Mail: the relay that letters leave by, and what waits."),
    "task": ("house.office", "task", "Long actions of an account: under way, ended within a week,..."),
    "ca": ("house.ca", "ca", "The certificates of an account: how they are, renew, replace,..."),
    "console": ("console", "console", "Open the hosting console in a browser of this machine."),
    "client": ("client.command", "client", "Connect to a school as a client."),
    "demo": ("demo.command", "demo", "Show the main job: one school, two plannings in service..."),
}
"""Command -> (module of this package, name, one line): nothing is imported before it is asked for."""


class LazyGroup(click.Group):
    """A group whose commands are imported when they are used: `hp --version` stays quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Name every command."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        """Import one command."""
        if cmd_name not in COMMANDS:
            return None
        module, name, _ = COMMANDS[cmd_name]
        command: Any = getattr(importlib.import_module(f"hpserver.cli.{module}"), name)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        """List the commands from what is written here."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, _, line) in COMMANDS.items()])


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
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run a command and return its exit status; what went wrong is said on standard error."""
    try:
        status = hp.main(arguments, prog_name="hp", standalone_mode=False)
        sys.stdout.flush()
    except click.exceptions.Exit as ended:
        return ended.exit_code
    except (click.Abort, KeyboardInterrupt, asyncio.CancelledError):
        return EXIT_INTERRUPTED
    except click.ClickException as error:
        screen.complain_usage(error)
        return EXIT_USAGE
    except (BrokenPipeError, SystemExit):  # `hp ... | head`: whoever read has seen enough; click exits by itself then
        return _unread()
    except Exception as error:
        known = house_error(error)
        if known is None or os.environ.get("HP_DEBUG"):
            raise
        screen.complain(known)
        return exit_status(known)
    return status if isinstance(status, int) else 0


def _unread() -> int:
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what is left to flush goes nowhere
    return EXIT_PIPE


def house_error(error: BaseException) -> HPError | None:
    """The error of the house in what was raised: itself, in a group of tasks, or what the system said of a file."""
    if isinstance(error, HPError):
        return error
    if isinstance(error, BaseExceptionGroup):
        return next((found for one in error.exceptions if (found := house_error(one)) is not None), None)
    if isinstance(error, OSError) and error.strerror:
        text = f"{error.filename}: {error.strerror}" if error.filename else error.strerror
        return _DISK.get(error.errno or 0, ConfigurationError)(text)
    return None


def exit_status(error: HPError) -> int:
    """The documented exit status of an error."""
    for kind in type(error).__mro__:
        if kind in EXIT_OF:
            return EXIT_OF[kind]
    return EXIT_FAILED
