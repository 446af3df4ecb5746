"""Users, from a shell."""

from tests.cli.shell import Shell


def test_a_user_is_shut_out_and_let_in_again(shell: Shell) -> None:
    """Where no controller runs, the command does it itself."""
    shell.ok("user", "add", "ada", "--name", "Lovelace")
    assert shell.json("user", "disable", "ADA") == {"login": "ADA", "enabled": False, "closed": 0}
    assert [one["enabled"] for one in shell.json("user", "list")] == [False]
    shell.ok("user", "enable", "ada")
    assert [one["enabled"] for one in shell.json("user", "list")] == [True]
    assert shell.hp("user", "disable", "bob").status == 3
