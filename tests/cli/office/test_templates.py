"""Templates, from a shell."""

from tests.cli.shell import Shell


def test_a_template_is_saved_tried_applied_and_forgotten(shell: Shell) -> None:
    """A dry run tells what would be, and does nothing."""
    shell.ok("user", "add", "ada", "--name", "L", "--profile", "planning01=Consultation")
    shell.ok("template", "save", "planning01", "Équipe")
    assert shell.json("template", "list") == [{"name": "Équipe", "users": 1}]
    tried = shell.json("template", "apply", "planning02", "Équipe", "--dry-run")
    assert (tried["given"], shell.json("user", "show", "ada")["profiles"]) == (1, {"planning01": "Consultation"})
    assert shell.json("template", "apply", "planning02", "Équipe") == tried
    assert "planning02" in shell.json("user", "show", "ada")["profiles"]
    shell.ok("template", "delete", "Équipe")
    assert shell.json("template", "list") == []
