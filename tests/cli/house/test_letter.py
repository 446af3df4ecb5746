"""The letter to a hosting manager."""

import re
from pathlib import Path

import pytest

from tests.cli.house.test_paper import written
from tests.cli.shell import Shell
from tests.mail.relays import a_relay
from tests.pki import Pki

pytestmark = pytest.mark.slow

CREATE = ("hosting", "create", "Lycée", "--domain", "lycee.example")


@pytest.mark.parametrize(("language", "word"), [("fr", "Numéro de facture"), ("en", "Invoice number")])
def test_the_letter_has_what_opens_the_console(
    bare: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, language: str, word: str
) -> None:
    """Number, invoice, password and address, for its reader alone; the password is nowhere else."""
    monkeypatch.setenv("HP_LANG", language)
    file = tmp_path / "letter.txt"
    told = bare.json(*CREATE, "--letter", str(file))
    text = file.read_text()
    assert word in text
    for value in ("console.lycee.example", "lycee.example, port"):
        assert value in text
    for number in (told["number"], told["invoice"]):
        assert number in text.replace(" ", "")
    assert re.search(r"(Password|Mot de passe) +\w{14}\n", text)
    assert (told["letter"], "console_password" in told) == (str(file), False)
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_letter_on_paper_says_the_same(bare: Shell, tmp_path: Path) -> None:
    """A page to print and fold, for its reader alone; who looks at the screen does not see the password."""
    file = tmp_path / "letter.pdf"
    shown = bare.ok(*CREATE, "--letter", str(file)).out
    lines = [text for _, text in written(file.read_bytes())]
    (password,) = [line.split()[-1] for line in lines if re.fullmatch(r" +Password +\w{14}", line)]
    assert any(re.fullmatch(r" +Hosting number +\d{4} \d{4} \d{4}", line) for line in lines)
    assert password not in shown
    assert f"Console password: in the letter, {file}" in shown
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_letter_that_cannot_be_written_is_shown_instead(bare: Shell, tmp_path: Path) -> None:
    """The account is open by then: nobody is left without a password."""
    done = bare.hp(*CREATE, "--letter", str(tmp_path / "nowhere" / "letter.pdf"))
    assert done.status == 0
    assert "no letter" in done.err
    assert re.search(r"Console password \(shown once\): \w{14}", done.out)


def test_the_numbers_go_by_mail_and_the_password_does_not(
    bare: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One mail, over TLS, when there is a relay; what does not leave is said, and the account is open all the same."""
    file = tmp_path / "letter.txt"
    assert bare.json(*CREATE, "--email", "chef@lycee.example")["mailed"] is False
    with a_relay(Pki.create(tmp_path)) as (relay, told):
        monkeypatch.setenv("HP_MAIL__HOST", told.host)
        monkeypatch.setenv("HP_MAIL__PORT", str(told.port))
        monkeypatch.setenv("HP_MAIL__SENDER", told.sender)
        monkeypatch.setenv("HP_MAIL__CA_FILE", told.ca_file)
        sent = ("hosting", "create", "Lycée 2", "--domain", "b.example", "--email", "chef@lycee.example")
        made = bare.json(*sent, "--letter", str(file))
        assert made["mailed"] is True
        relay.answer = "451 later"
        refused = bare.hp(*(word.replace("b.example", "c.example") for word in sent))
    (envelope,) = relay.taken
    content = envelope.content.decode() if isinstance(envelope.content, bytes) else str(envelope.content)
    assert envelope.rcpt_tos == ["chef@lycee.example"]
    for number in (made["number"], made["invoice"]):
        assert number in content.replace(" ", "")
    (password,) = re.findall(r"Password +(\w{14})", file.read_text())
    assert password not in content
    assert (refused.status, "The numbers were not sent" in refused.err) == (0, True)
