"""Branches and next year from a shell, in words that a planner reads."""

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from hpserver.base.changes import Change, create, update
from hpserver.hosting import branches
from hpserver.hosting.bases import open_base
from hpserver.hosting.editing import edit_offline
from hpserver.store.sqlite import SqliteStore
from tests.cli.desks import Desk
from tests.cli.shell import WEEKS, Shell

NEXT = ("--first-monday", "2027-08-30", "--last-sunday", "2028-07-02")

FOUNDED: Sequence[Change] = (
    create("room", 1, name="A1", capacity=20),
    create("room", 2, name="A2"),
    create("subject", 1, name="Algèbre"),
    create("activity", 1, subject=1, duration=2, weeks=15, place=0, rooms=[1]),
)


@pytest.fixture
def folder(shell: Shell) -> Path:
    """A base with something in it, that nobody serves, and a branch of it."""
    shell.ok("base", "create", "planning01", "Base", *WEEKS)
    (path,) = (shell.state / "bases").rglob("Base.hpbase")
    edited(path, FOUNDED)
    assert shell.json("base", "branch", "create", "Base", "Essai")["revision"] == 1
    return path.parent


def edited(path: Path, changes: Sequence[Change]) -> None:
    """Change a base that nobody serves."""
    asyncio.run(edit_offline(path, changes, force=True))


def test_a_branch_is_made_compared_taken_over_and_forgotten(shell: Shell, folder: Path) -> None:
    """From the fork to the end, while the base goes on."""
    edited(folder / "Essai.hpbase", [create("room", 3, name="Neuve"), update("activity", 1, rooms=[3], place=4)])
    edited(folder / "Base.hpbase", [update("activity", 1, place=6), update("room", 1, capacity=30)])
    told = shell.ok("base", "branch", "diff", "Essai").out
    assert "+ Room 3  Neuve" in told
    assert "Rooms: A1 → Neuve" in told
    assert "! Activity 1 Algèbre, Place: branch Monday 10:00, base Monday 11:00" in told
    assert shell.json("base", "branch", "list", "Base") == [{"branch": "Essai", "base": "Base", "revision": 1}]
    part = shell.json("base", "branch", "accept", "Essai", "--only", "room:Neuve")
    assert (part["changes"], part["conflicts"], part["left"]) == (1, 0, 1)
    rest = shell.json("base", "branch", "accept", "Essai")
    assert rest["left"] == 0
    assert "No difference" in shell.ok("base", "branch", "diff", "Essai").out
    shell.ok("planning", "stop", "planning01", "--no-wait")
    shell.ok("base", "load", "planning01", "Essai")
    assert shell.hp("base", "branch", "drop", "Essai").status == 5, "a planning has it"
    shell.ok("base", "load", "planning01", "Base")
    shell.ok("base", "branch", "drop", "Essai")
    assert shell.json("base", "branch", "list") == []


def test_a_branch_learns_of_a_takeover_that_was_interrupted(shell: Shell, folder: Path) -> None:
    """The refusal names the command; what was taken leaves the branch, what was not stays on it."""
    edited(folder / "Essai.hpbase", [create("room", 3, name="Neuve"), update("room", 2, name="B2")])
    work = asyncio.run(branches.look(folder, "Essai"))
    asyncio.run(branches.take_over(folder, "Essai", work.rebased(only=[("room", 3)])))
    assert "branch refresh --revision 2" in shell.hp("base", "branch", "accept", "Essai").err
    done = shell.json("base", "branch", "refresh", "Essai", "--revision", "2", "--only", "room:3")
    assert (done["conflicts"], done["left"]) == (0, 1)
    told = shell.ok("base", "branch", "diff", "Essai").out
    assert "Neuve" not in told
    assert "A2 → B2" in told
    assert shell.json("base", "branch", "refresh", "Essai", "--revision", "2")["left"] == 1, "asked again"
    assert shell.hp("base", "branch", "refresh", "Essai", "--revision", "9").status == 3


def test_a_branch_is_brought_up_to_date(shell: Shell, folder: Path) -> None:
    """What others did meanwhile is there; the work is still a difference."""
    edited(folder / "Essai.hpbase", [update("room", 2, capacity=7)])
    edited(folder / "Base.hpbase", [update("room", 1, capacity=30)])
    assert shell.json("base", "branch", "update", "Essai") == {"branch": "Essai", "differences": 1, "revision": 2}
    value = shell.json("base", "branch", "diff", "Essai")
    (one,) = value["differences"]
    assert (one["kind"], one["key"], one["fields"][0]["after"]) == ("room", 2, 7)


def test_what_cannot_be_is_refused(shell: Shell, folder: Path) -> None:
    """With the status of its reason."""
    assert shell.hp("base", "branch", "diff", "Base").status == 3
    assert shell.hp("base", "branch", "create", "Base", "Essai").status == 5
    assert shell.hp("base", "branch", "accept", "Essai", "--only", "nothing:1").status == 2
    edited(folder / "Essai.hpbase", [update("room", 2, capacity=7)])
    assert asyncio.run(accepted_while_served(shell, folder)) == 5


async def accepted_while_served(shell: Shell, folder: Path) -> int:
    """Return how taking a branch over ends while somebody has the base."""
    store = SqliteStore(folder / "Base.hpbase")
    try:
        await open_base(store)
        done = await asyncio.to_thread(shell.hp, "base", "branch", "accept", "Essai")
        assert "accept-live" in done.err
        return done.status
    finally:
        await store.close()


@pytest.mark.parametrize("words", ["room:²", "wall:1", f"room:{'9' * 5000}", ":", "room"])
def test_an_object_that_is_none_is_told_in_one_line(shell: Shell, folder: Path, words: str) -> None:
    """Whatever was typed for it."""
    assert folder.exists()
    told = shell.hp("base", "branch", "accept", "Essai", "--only", words)
    assert (told.status, told.err.count("\n")) == (3 if words.startswith("room") else 2, 1)


@pytest.mark.usefixtures("folder")
def test_next_year_is_prepared(shell: Shell) -> None:
    """A base of its own, with rooms and without meetings."""
    value = shell.json("base", "next-year", "Base", "Année suivante", *NEXT)
    assert (value["counts"]["room"], value["counts"]["activity"]) == (2, 0)
    value = shell.json("base", "next-year", "Base", "Avec cours", *NEXT, "--activities", "--division", "4")
    assert value["counts"]["activity"] == 1
    assert shell.hp("base", "next-year", "Base", "Avec cours", *NEXT).status == 5


@pytest.mark.slow
def test_a_branch_is_taken_over_among_people_who_work(alice: Desk) -> None:
    """In service: the work of the branch comes as edits, live."""
    base = alice.json("open", "planning01")["base"]
    house = alice.house
    assert house.hp("base", "branch", "create", base, "Essai").returncode == 0
    (path,) = house.paths.bases.rglob("Essai.hpbase")
    edited(path, [create("room", -1, name="Salle de la branche")])
    done = house.hp("--output", "json", "base", "branch", "accept-live", "Essai", "planning01", *alice.signing)
    value = json.loads(done.stdout)
    assert (value["conflicts"], value["left"]) == (0, 0)
    assert "Salle de la branche" in alice.ok("find", "planning01", "room", "Salle de la")
