"""What commands share."""

import pytest

from tests.cli.shell import Shell


@pytest.mark.parametrize("command", [("base", "history", "Base"), ("profile", "list", "planning01"), ("user", "list")])
def test_an_account_that_is_not_there_is_told_alike(shell: Shell, command: tuple[str, ...]) -> None:
    """Whatever the subject, it is the same option with the same refusal."""
    assert shell.hp(*command, "--account", "nowhere.example").status == 3
