import pytest

from tests.cli.desks import Desk
from tests.cli.shell import Shell
from tests.house import PASSWORD


def test_a_device_that_is_not_enrolled_is_said_before_a_secret_is_asked(bare: Shell) -> None:
    """Nobody types a password for nothing."""
    refused = bare.hp("client", "list", "--login", "ada", "--device", bare.folder / "none")
    assert (refused.status, "hp client enrol" in refused.err, "Password" in refused.err) == (78, True, False)
    assert bare.hp("client", "list", "--device", bare.folder / "none").status == 2
    assert bare.hp("client", "list", "--login", "a", "--device", bare.file("file", "x")).status == 2


@pytest.mark.slow
def test_the_first_sign_in_chooses_a_measure_and_the_next_asks_for_it(alice: Desk) -> None:
    """With files nothing is asked; a wrong PIN is 4, and a registered device needs none."""
    house = alice.house
    added = house.hp(
        "user", "add", "zoe", "--name", "Zola", "--initial-password-file", "pw", "--profile", "planning01=Consultation"
    )
    assert added.returncode == 0, added
    (house.folder / "pin").write_text("48273\n")
    (house.folder / "other-pin").write_text("91827\n")
    zoe = Desk(house, ("--login", "zoe", *alice.signing[2:]))
    assert "not registered" in zoe.ok("login", "--pin-file", "pin")
    assert zoe.client("login", "--pin-file", "other-pin").returncode == 4
    assert zoe.client("login", "--pin-file", "pw").returncode == 2, "a password is no PIN: it is not even sent"
    assert "device registered" in zoe.ok("login", "--pin-file", "pin", "--register", "Bureau")
    assert "device registered" in zoe.ok("login")
    assert PASSWORD not in zoe.ok("login")
    assert zoe.client("place", "planning01", "1", "5").returncode == 4
