"""The audit log, from a shell."""

import json

from tests.cli.shell import Shell


def test_what_was_administered_is_shown_exported_and_verified(shell: Shell) -> None:
    """An auditor reads it as JSON, a person as a table."""
    shell.ok("user", "add", "ada", "--name", "Lovelace")
    shell.ok("user", "disable", "ada")
    shell.ok("user", "enable", "ada")
    shown = shell.json("audit", "show")
    assert [(one["event"], one["about"]) for one in shown[-2:]] == [
        ("user.enabled_set", "login=ada enabled=False"),
        ("user.enabled_set", "login=ada enabled=True"),
    ]
    assert shell.json("audit", "show", "--limit", "1") == shown[-1:]
    assert shell.json("audit", "show", "--after", "0") == shown
    assert shell.json("audit", "verify")["entries"] == len(shown)
    exported = [json.loads(line) for line in shell.ok("audit", "export", "-").out.splitlines()]
    assert [one["number"] for one in exported] == [one["number"] for one in shown]
    assert shell.json("audit", "prune", "--days", "30") == {"forgotten": 0}


def test_a_changed_log_is_said_to_be_broken(shell: Shell) -> None:
    """With the number of the first event that is not as it was."""
    shell.ok("user", "add", "ada", "--name", "Lovelace")
    shell.ok("user", "disable", "ada")
    [file] = shell.state.glob("audit/*.log")
    file.write_bytes(file.read_bytes().replace(b"ada", b"eve"))
    assert "1" in shell.hp("audit", "verify").err


def test_what_failed_is_one_line_that_says_so(shell: Shell) -> None:
    """An auditor does not read that something was done which was not."""
    assert shell.hp("user", "disable", "nobody").status == 3
    [shown] = shell.json("audit", "show")
    assert (shown["event"], shown["about"], shown["result"]) == (
        "user.enabled_set", "login=nobody enabled=False", "failed: NotFoundError",
    )  # fmt: skip
    assert len(shell.ok("audit", "export", "-").out.splitlines()) == 2
