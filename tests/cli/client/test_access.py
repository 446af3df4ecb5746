"""What a person changes of their own access, and how a password that was given is changed."""

import pytest

from tests.cli.desks import Desk
from tests.cli.shell import Shell

NEW = "Brume-7-Sable"


def test_without_a_device_no_secret_is_asked(bare: Shell) -> None:
    """Nobody types a password for nothing."""
    for command in (["password"], ["measure", "pin"]):
        refused = bare.hp("client", *command, "--login", "ada", "--device", bare.folder / "none")
        assert (refused.status, "hp client enrol" in refused.err, "Password" in refused.err) == (78, True, False)


@pytest.mark.slow
def test_a_password_and_a_pin_are_changed(alice: Desk) -> None:
    """The old one opens nothing any more; a weak one changes nothing."""
    folder = alice.house.folder
    for name, text in (("weak", "Soleil-2026!!"), ("next", NEW), ("pin", "48273")):
        (folder / name).write_text(text + "\n")
    weak = alice.client("password", "--new-password-file", "weak")
    assert (weak.returncode, "WeakSecret" in weak.stderr) == (2, True), weak
    assert "changed" in alice.ok("password", "--new-password-file", "next")
    assert alice.client("list").returncode == 4
    renewed = Desk(alice.house, tuple("next" if word == "pw" else word for word in alice.signing))
    assert "PIN" in renewed.ok("measure", "pin", "--new-pin-file", "pin")
    assert renewed.json("login", "--pin-file", "pin")["login"] == "alice"
    assert "changed" in renewed.ok("password", "--new-password-file", "pw", "--pin-file", "pin")
    assert "enough" in alice.ok("measure", "none", "--pin-file", "pin")
