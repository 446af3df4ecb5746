"""Branches of a base in service, from a desk."""

import asyncio
import subprocess

import pytest

from hpserver.client.line import NEW
from hpserver.client.writing import an_operation
from hpserver.protocol import messages as m
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


@pytest.mark.slow
def test_a_branch_that_was_not_told_is_settled_from_a_desk(alice: Desk) -> None:
    """Who is killed before the branch knows is told at which revision it was taken over, and takes nothing twice."""
    base, house = alice.json("open", "planning01")["base"], alice.house
    assert house.hp("base", "branch", "create", base, "Coupée").returncode == 0
    assert house.hp("base", "edit", "add", "Coupée", "room", "name=Salle reprise").returncode == 0

    async def take_over() -> int:
        async with house.inside("alice") as inside:
            wish = m.AcceptBranch(NEW, 0, an_operation(), "Coupée", (), ())
            return (await inside.accept_branch(wish)).revision

    def branch(*words: str) -> subprocess.CompletedProcess[str]:
        return house.hp("client", "branch", words[0], "planning01", "Coupée", *words[1:], *alice.signing)

    revision = asyncio.run(take_over())
    refused = branch("accept")
    assert refused.returncode == 5, refused
    assert f"revision {revision}" in refused.stderr
    settled = branch("refresh", "--revision", str(revision))
    assert (settled.returncode, "0 objects left" in settled.stdout) == (0, True), settled
    assert "No difference" in branch("diff").stdout
    assert len(alice.json("find", "planning01", "room", "Salle reprise")) == 1
    assert branch("delete").returncode == 0
