"""The letter to a hosting manager."""

from pathlib import Path

import pytest

from tests.cli.shell import Shell


@pytest.mark.parametrize(("language", "word"), [("fr", "Numéro de facture"), ("en", "Invoice number")])
def test_the_letter_has_what_opens_the_console(
    bare: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, language: str, word: str
) -> None:
    """Number, invoice, password and address, for its reader alone."""
    monkeypatch.setenv("HP_LANG", language)
    file = tmp_path / "letter.txt"
    told = bare.json("hosting", "create", "Lycée", "--domain", "lycee.example", "--letter", str(file))
    text = file.read_text()
    assert word in text
    for value in (told["console_password"], "console.lycee.example", "lycee.example, port"):
        assert value in text
    for number in (told["number"], told["invoice"]):
        assert number in text.replace(" ", "")
    assert file.stat().st_mode & 0o077 == 0
