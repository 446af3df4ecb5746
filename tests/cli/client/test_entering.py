import pytest

from tests.cli.desks import Desk
from tests.house import PASSWORD

pytestmark = pytest.mark.slow


def test_from_the_shell_into_the_planning(alice: Desk) -> None:
    """Sign in, list, open: text for people, JSON for programs, no key of the protocol among it."""
    assert "device registered" in alice.ok("login", "--register", "Bureau")
    assert alice.json("login")["login"] == "alice"
    assert [one["name"] for one in alice.json("list")] == ["planning01"]
    assert "planning01" in alice.ok("list")
    opened = alice.json("open", "planning01")
    assert (opened["profile"], opened["present"]) == ("Modification", ["alice"])
    assert "here: alice" in alice.ok("open", "planning01")


def test_a_password_may_be_typed(alice: Desk) -> None:
    """It is asked for when there is no file."""
    signing = [word for word in alice.signing if word not in {"--password-file", "pw"}]
    done = alice.house.hp("client", "list", *signing, given=f"{PASSWORD}\n")
    assert done.returncode in {0, 130}, done  # without a terminal, some systems refuse to ask
    assert PASSWORD not in done.stdout + done.stderr


def test_mistakes_have_their_status(alice: Desk) -> None:
    """4 for who may not come in, 3 for what is not there, 78 for a device that is none."""
    (alice.house.folder / "wrong").write_text("wrong password here")
    words = [*alice.signing[:2], "--password-file", "wrong", *alice.signing[4:]]
    assert alice.house.hp("client", "list", *words).returncode == 4
    assert alice.client("open", "planning02").returncode == 3
    assert alice.house.hp("client", "enrol", "PC", "--device", alice.signing[-1]).returncode == 78
    used = alice.house.hp("client", "enrol", "PC", "--device", "other")
    assert (used.returncode, "EnrolmentRefused" in used.stderr) == (4, True)
    assert alice.house.hp("client", "enrol", "pw", "--device", "other").returncode == 78
    nobody = alice.house.hp("client", "list", *alice.signing[:4], "--device", "nothing")
    assert (nobody.returncode, "hp client enrol" in nobody.stderr) == (78, True)


def test_a_controller_that_is_away_is_unreachable(alice: Desk) -> None:
    """Status 6, and what to look at."""
    assert alice.house.hp("controller", "stop").returncode == 0
    away = alice.client("list")
    assert (away.returncode, "controller" in away.stderr) == (6, True)
    assert alice.house.hp("controller", "start").returncode == 0
    assert alice.client("list").returncode == 0


def test_who_has_no_profile_is_told_why_nothing_is_listed(alice: Desk) -> None:
    """An empty list says nothing to a new user, whatever their status: who can change it is named."""
    house = alice.house
    (house.folder / "new.pw").write_text(PASSWORD + "\n")
    added = house.hp("user", "add", "newcomer", "--name", "N", "--initial-password-file", "new.pw", "--measure", "none")
    assert added.returncode == 0, added
    done = house.hp("client", "list", "--login", "newcomer", "--password-file", "new.pw", *alice.signing[-2:])
    assert (done.returncode, "an administrator gives you a profile" in done.stderr) == (0, True), done
