"""`hp session` where nobody is there; with people see tests/processes/test_live_sessions.py."""

from tests.cli.shell import Shell


def test_nobody_is_there_while_nothing_runs(shell: Shell) -> None:
    """An empty list, and nothing to close."""
    shell.ok("user", "add", "ada", "--name", "L")
    assert shell.json("session", "list") == []
    assert shell.json("session", "close", "ada") == {"closed": 0}
    assert shell.hp("session", "close", "ada", "--number", "3").status == 3
    assert shell.hp("session", "close", "bob").status == 3
