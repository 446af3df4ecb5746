import click
import pytest

from hpserver.cli import main
from hpserver.cli.documents import commands
from hpserver.cli.documents.commands import STATUSES, TARGET


@pytest.mark.slow
def test_the_list_of_commands_is_what_the_commands_say() -> None:
    """After a change of a command, `./run docs` is part of it."""
    assert commands.write(["--check"]) == 0, "docs/commands.md is stale: run ./run docs"


def test_every_status_is_explained() -> None:
    """Whoever writes a script decides by these numbers."""
    known = {value for name, value in vars(main).items() if name.startswith("EXIT_") and isinstance(value, int)}
    assert set(STATUSES) == known | {0}
    text = TARGET.read_text(encoding="utf-8")
    assert all(f"| {status} |" in text for status in STATUSES)


@pytest.mark.slow
def test_every_command_and_option_has_its_words_and_no_secret_is_an_option() -> None:
    """What is on a command line is seen by everybody on the machine."""
    for path, command in commands._leaves("hp", main.hp):
        assert command.help, path
        for option in command.params:
            if isinstance(option, click.Option) and not option.is_flag:  # a flag says nothing but that it is there
                assert option.name not in {"password", "pin", "secret", "ticket"}, path
                takes_secret = {"password", "pin"} & set(str(option.name).split("_"))
                assert not takes_secret or str(option.name).endswith("_file"), path
