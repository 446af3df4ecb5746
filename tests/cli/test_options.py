"""What commands share."""

from pathlib import Path

import pytest

from tests.cli.shell import Shell


@pytest.mark.parametrize("command", [("base", "history", "Base"), ("profile", "list", "planning01"), ("user", "list")])
def test_an_account_that_is_not_there_is_told_alike(shell: Shell, command: tuple[str, ...]) -> None:
    """Whatever the subject, it is the same option with the same refusal."""
    assert shell.hp(*command, "--account", "nowhere.example").status == 3


def test_no_command_overwrites_a_file_that_it_makes(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is refused before anything is done, in the reader's language; a dash is standard output."""
    kept = tmp_path / "kept"
    kept.write_text("of another")
    shell.hp("hosting", "create", "École", "--domain", "ecole.example")
    for command in (
        ("user", "export", str(kept)), ("user", "import", str(kept), "--passwords", str(kept)),
        ("user", "data", "pmartin", str(kept)), ("audit", "export", str(kept)),
        ("hosting", "create", "Autre", "--domain", "autre.example", "--letter", str(kept)),
        ("base", "export", "Base", "--out", str(kept)), ("base", "as-of", "Base", "1", "--out", str(kept)),
        ("base", "table", "Base", "room", "--out", str(kept)), ("base", "ics", "Base", "--out", str(kept)),
        ("base", "backup-key", str(kept), str(tmp_path / "public")), ("client", "download", "p", "--out", str(kept)),
    ):  # fmt: skip
        refused = shell.hp(*command)
        assert refused.status == 2, command
        assert "exists already: give another name" in refused.err, command
    monkeypatch.setenv("HP_LANG", "fr")
    assert "existe déjà : donnez un autre nom" in shell.hp("user", "export", str(kept)).err
    assert kept.read_text() == "of another"
    assert shell.hp("user", "export", "-").status == 0
    assert "autre.example" not in shell.hp("hosting", "list").out


def test_a_day_is_written_as_either_language_does(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """And a word that is none is refused without a programmer's format."""
    shell.hp("hosting", "create", "École", "--domain", "ecole.example")
    days = ("--first-monday", "31/08/2026", "--last-sunday", "2027-07-04")
    assert shell.json("base", "create", "planning01", "Base", *days)["base"] == "Base"
    assert "is no day: write it as 2026-08-31" in shell.hp("base", "create", "p", "B", "--first-monday", "soon").err
    monkeypatch.setenv("HP_LANG", "fr")
    assert "n'est pas un jour : écrivez-le comme" in shell.hp("base", "create", "p", "B", "--first-monday", "soon").err
