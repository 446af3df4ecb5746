"""What a command does not need is not imported for it."""

import importlib
import subprocess
import sys

import click
import pytest

from hpserver.cli.base.command import MODULES, base

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


@pytest.mark.parametrize("module", MODULES)
def test_a_module_has_the_commands_that_are_announced(module: str) -> None:
    """A command that is not announced is not found, one that is not there would be a crash."""
    commands = importlib.import_module(f"hpserver.cli.{module}").COMMANDS
    assert tuple(one.name for one in commands) == MODULES[module]


def test_every_command_is_listed_and_found_once() -> None:
    """Also those that the group has by itself."""
    context = click.Context(base)
    names = base.list_commands(context)
    assert {"create", "load", "list", "history", "edit"} <= set(names)
    assert len(names) == len(set(names)) == 3 + sum(map(len, MODULES.values()))
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
