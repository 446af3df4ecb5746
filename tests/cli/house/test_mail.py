"""`hp mail` as an operator types it."""

from hpserver.mail.letters import Letter
from hpserver.mail.outbox import Outbox
from tests.cli.shell import Shell


def test_without_a_relay_an_operator_is_told_so(shell: Shell) -> None:
    """A test letter that cannot leave is an error of the settings, never a success."""
    assert shell.json("mail", "show")["host"] == ""
    done = shell.hp("mail", "test", "me@ecole.example")
    assert done.status == 78
    assert "[mail]" in done.err


def test_what_waits_is_told_with_its_age(shell: Shell) -> None:
    """How many, since when, and that nobody sends them."""
    box = shell.state / "outbox" / "123456789012"
    Outbox(box).put(Letter("zoe@ecole.example", "test", "s", "t"), now=5.0)
    shown = shell.json("mail", "show")
    assert shown["waiting"] == {"123456789012": 1}
    assert shown["outboxes"] == {"123456789012": {"waiting": 1, "failing": 0, "oldest": 5.0, "next_try": 0.0}}
    said = shell.ok("mail", "show").out
    assert "1 waiting since 1970-01-01 00:00:05 UTC" in said
    assert "nobody sends them" in said
