"""`hp mail` as an operator types it."""

from tests.cli.shell import Shell


def test_without_a_relay_an_operator_is_told_so(shell: Shell) -> None:
    """A test letter that cannot leave is an error of the settings, never a success."""
    assert shell.json("mail", "show")["host"] == ""
    done = shell.hp("mail", "test", "me@ecole.example")
    assert done.status == 78
    assert "[mail]" in done.err
