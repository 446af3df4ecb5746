"""Branches of a base in service, from a desk."""

import pytest

from tests.cli.desks import Desk


@pytest.mark.slow
def test_a_branch_is_listed_compared_and_forgotten_from_a_desk(alice: Desk) -> None:
    """Nothing of the server is needed there."""
    base = alice.json("open", "planning01")["base"]
    assert alice.house.hp("base", "branch", "create", base, "De loin").returncode == 0

    def ask(*words: str) -> str:
        done = alice.house.hp("client", "branch", *words, *alice.signing)
        assert done.returncode == 0, done
        return done.stdout

    assert "De loin" in ask("list", "planning01")
    assert "No difference" in ask("diff", "planning01", "De loin")
    unknown = alice.house.hp(
        "client", "branch", "refresh", "planning01", "De loin", "--revision", "999999", *alice.signing
    )
    assert (unknown.returncode, "there is no revision 999999" in unknown.stderr) == (3, True), unknown
    assert "forgotten" in ask("delete", "planning01", "De loin")
    assert "De loin" not in ask("list", "planning01")
