"""What a command does not need is not imported for it."""

import importlib
import subprocess
import sys
from collections.abc import Iterable

import click
import pytest

from hpserver.cli.base.command import MODULES, base
from hpserver.cli.client.command import MODULES as OF_CLIENT

SPY = """
import sys
from hpserver.cli.main import run
status = run({words!r})
loaded = [name for name in sys.modules if name.startswith(("hpserver", "cryptography", "apsw", "icalendar", "ssl"))]
sys.stderr.write(" ".join([str(status), *loaded]))
"""


def loaded_by(*words: str) -> set[str]:
    """Run a command in a process of its own; what it had imported at its end."""
    done = subprocess.run(
        [sys.executable, "-c", SPY.format(words=list(words))], capture_output=True, text=True, check=True
    )
    status, *loaded = done.stderr.split()
    assert status == "0", done
    return set(loaded)


@pytest.mark.parametrize("module", [*MODULES, *OF_CLIENT])
def test_a_module_has_the_commands_that_are_announced(module: str) -> None:
    """A command that is not announced is not found, one that is not there would be a crash."""
    commands = importlib.import_module(f"hpserver.cli.{module}").COMMANDS
    announced: Iterable[str] = MODULES.get(module) or OF_CLIENT[module]
    assert sorted(one.name for one in commands) == sorted(announced)


@pytest.mark.parametrize("module", OF_CLIENT)
def test_the_line_of_a_command_is_that_of_its_help(module: str) -> None:
    """It is written by hand so that nothing is imported; it may not lie."""
    for command in importlib.import_module(f"hpserver.cli.{module}").COMMANDS:
        line = OF_CLIENT[module][command.name].removesuffix("...").removesuffix(".")
        assert " ".join((command.help or "").split()).startswith(line)


def test_every_command_is_listed_and_found_once() -> None:
    """Also those that the group has by itself."""
    context = click.Context(base)
    names = base.list_commands(context)
    assert {"create", "load", "unload", "list", "history", "edit"} <= set(names)
    assert len(names) == len(set(names)) == 4 + sum(map(len, MODULES.values()))
    assert base.get_command(context, "history") is not None
    assert base.get_command(context, "nothing") is None


@pytest.mark.slow
def test_help_imports_no_command_and_no_room() -> None:
    """`hp --help` and a mistyped word are answered at once: nothing of the house is needed for them."""
    rooms = {name for name in loaded_by("--help") if not name.startswith(("hpserver.cli", "ssl"))}
    assert rooms == {"hpserver", "hpserver.errors", "hpserver.base", "hpserver.base.agreement"}


@pytest.mark.slow
def test_the_help_of_one_command_imports_no_other() -> None:
    """The history of a base reads no calendar and no file of another program, and signs nobody in."""
    loaded = loaded_by("base", "history", "--help")
    assert "hpserver.cli.base.history" in loaded
    assert not {"icalendar", "hpserver.cli.base.tables", "hpserver.cli.client.session"} & loaded


@pytest.mark.slow
@pytest.mark.parametrize("words", [(), ("list",), ("enrol",)])
def test_the_help_of_a_client_imports_no_client(words: tuple[str, ...]) -> None:
    """What can be done from a desk is told at once: no certificate, no base and no wire is needed for it."""
    loaded = loaded_by("client", *words, "--help")
    rooms = {".".join(name.split(".")[:2]) for name in loaded if name.startswith("hpserver.")}
    assert rooms <= {"hpserver.cli", "hpserver.errors", "hpserver.base", "hpserver.log", "hpserver.config"}
    assert not {"cryptography", "hpserver.base.planning", "hpserver.cli.client.session"} & loaded
