"""`hp user data` and `hp user erase`: what is known of a person, and what stays of one."""

import json

from tests.cli.shell import PASSWORD, Shell


def test_all_that_is_known_of_a_person_is_written_without_secrets(shell: Shell) -> None:
    """What others did to the user is there too; what is about others alone is not."""
    file = shell.file("pw", PASSWORD + "\n")
    shell.ok("user", "add", "ada", "--name", "Lovelace", "--initial-password-file", file)
    shell.ok("user", "add", "bob", "--name", "B")
    out = shell.folder / "ada.json"
    assert shell.json("user", "data", "ada", out)["audit"] >= 1
    data = json.loads(out.read_bytes())
    assert (data["user"]["name"], data["devices"], data["sessions"]) == ("Lovelace", [], [])
    assert {one["about"]["login"] for one in data["audit"]} == {"ada"}
    assert "hash" not in out.read_text()
    assert out.stat().st_mode & 0o077 == 0


def test_who_is_erased_is_gone_and_what_stays_is_said(shell: Shell) -> None:
    """The audit log and the history are proof: they stay, and the person is told."""
    shell.ok("user", "add", "ada", "--name", "L")
    assert set(shell.json("user", "erase", "ada")["stays"]) == {"audit", "history", "backups", "devices"}
    assert shell.json("user", "list") == []
    assert shell.hp("user", "erase", "ada").status == 3
