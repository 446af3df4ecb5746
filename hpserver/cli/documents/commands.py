"""docs/commands.md, from the commands themselves; the statuses are those of `main`."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

import click

from hpserver.cli import main
from hpserver.cli.documents.target import DOCS, write_or_check

TARGET: Final = DOCS / "commands.md"

STATUSES: Final = {
    0: "done",
    main.EXIT_FAILED: "failed; a process that does not come into service, a damaged base, a file that is refused",
    main.EXIT_USAGE: "the words of the command are wrong: an unknown option, a name, date or secret outside the rules",
    main.EXIT_NOT_FOUND: "an account, planning, base, user or object is not there, or not for this user",
    main.EXIT_REFUSED: "login, PIN, certificate, ticket or profile refused; the session was ended",
    main.EXIT_CONFLICT: "a clash, a conflict, a name that is taken, a base or planning in another state, another agent",
    main.EXIT_UNREACHABLE: "nobody answers: no agent on this machine, no controller at that address",
    main.EXIT_TEMPORARY: "no answer in time, busy, disk full: the same command may work later",
    main.EXIT_CONFIGURATION: "a setting, a file or a permission is not as it must be",
    main.EXIT_INTERRUPTED: "interrupted by Ctrl+C, or by Ctrl+D where a secret was asked for",
    main.EXIT_PIPE: "whoever read the output has gone (`hp ... | head`)",
}
"""What each exit status means."""

HEAD: Final = """# Commands

Made from the commands themselves by `./run docs`; do not edit.

Data goes to standard output, everything else to standard error.
`hp --output json COMMAND` prints every result as one JSON document, and one per line for `hp client watch`.
French or English by `HP_LANG`, else by the usual variables (`LC_ALL`, `LC_MESSAGES`, `LANG`).
A password or a PIN is never a word of a command: it is asked for, piped in, or read from a file of one line.
An error is one line: what, why, what to do next, and its name in brackets; `HP_DEBUG=1` adds where it came from.
`HP_STATE` says which installation is meant.
"""


def commands() -> str:
    """Return the document."""
    lines = [HEAD, "## Exit statuses", "", "| status | meaning |", "|---|---|"]
    lines += [f"| {status} | {meaning} |" for status, meaning in STATUSES.items()]
    names = ", ".join(f"`{name}`" for name in main.COMMANDS)
    lines += ["", f"## The commands: {names}", ""]
    lines += [line for path, command in _leaves("hp", main.hp) for line in _section(path, command)]
    return "\n".join(lines).rstrip() + "\n"


def write(arguments: Sequence[str]) -> int:
    """Write the document, or with `--check` say whether it is up to date. Return the exit code."""
    return write_or_check(TARGET, commands(), arguments)


def _leaves(path: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
    if not isinstance(command, click.Group):
        yield path, command
        return
    context = click.Context(command, info_name=path)
    for name in command.list_commands(context):
        inner = command.get_command(context, name)
        assert inner is not None
        yield from _leaves(f"{path} {name}", inner)


def _section(path: str, command: click.Command) -> list[str]:
    words = [
        param.make_metavar(click.Context(command)) for param in command.params if isinstance(param, click.Argument)
    ]
    help_text = re.sub(r"\s+", " ", command.help or "").strip()
    lines = [f"### `{' '.join([path, *words])}`", "", help_text, ""]
    options = [option for option in command.params if isinstance(option, click.Option)]
    if options:
        lines += ["| option | meaning |", "|---|---|", *map(_option, options), ""]
    return lines


def _option(option: click.Option) -> str:
    context = click.Context(click.Command("hp"))
    names = " / ".join(option.opts + option.secondary_opts)
    metavar = "" if option.is_flag else " " + option.make_metavar(context)
    meaning = [option.help or ""]
    if option.multiple:
        meaning.append("May be given several times.")
    if option.required:
        meaning.append("Required.")
    elif _is_told(option):
        meaning.append(f"`{option.default}` by default.")
    written = f"`{names}{metavar}`".replace("|", "\\|")
    return f"| {written} | {' '.join(filter(None, meaning)).replace('|', chr(92) + '|')} |"


def _is_told(option: click.Option) -> bool:
    """Whether the default is a value that says something, and is not said in words already."""
    says = isinstance(option.default, str | int) and not option.is_flag and "default" not in (option.help or "")
    return says and option.default not in {"", 0}
