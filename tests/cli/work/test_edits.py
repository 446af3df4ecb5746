"""The edits of a timetable from a shell, on a stopped base: the same bodies as on a planning in service."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from hpserver.base.changes import create
from hpserver.cli.base.stopped import stopped
from hpserver.cli.work.edits import EDITS
from hpserver.hosting.editing import edit_offline
from tests.cli.desks import Desk
from tests.cli.shell import WEEKS, Shell

MONDAY_10 = 4
"""Place of Monday 10:00 where the day begins at 8:00 with steps of half an hour."""


@pytest.fixture
def base(shell: Shell) -> Path:
    """A stopped base: Algèbre (1) on Monday at 8:00 in A1, Chimie (2) on Tuesday at 8:00, one instructor for both."""
    shell.ok("base", "create", "planning01", "Base", *WEEKS)
    shell.ok("planning", "stop", "planning01", "--no-wait")
    (path,) = (shell.state / "bases").rglob("Base.hpbase")
    taught: dict[str, Any] = {"duration": 4, "weeks": 0b1111, "instructors": [1]}
    rows = [
        create("subject", 1, name="Algèbre"), create("subject", 2, name="Chimie"),
        create("instructor", 1, name="Curie", first_name="Marie"), create("instructor", 2, name="Noether"),
        create("room", 1, name="A1"), create("room", 2, name="A2"),
        create("activity", 1, subject=1, place=0, rooms=[1], **taught),
        create("activity", 2, subject=2, place=24, **taught),
    ]  # fmt: skip
    asyncio.run(edit_offline(path, rows))
    return path


def edit(shell: Shell, command: str, *words: str) -> Any:
    """Run an edit that must succeed."""
    return shell.json("base", "edit", command, "Base", *words)


def fields(shell: Shell, kind: str, key: int | str) -> Any:
    """Return an object as it is now."""
    return edit(shell, "get", kind, str(key))["fields"]


@pytest.mark.usefixtures("base")
def test_many_activities_are_cancelled_and_reinstated_at_once(shell: Shell) -> None:
    """One transaction, by key or by name, in some weeks; done twice there is nothing to do."""
    before = shell.json("base", "history", "Base")["revision"]
    done = shell.ok("base", "edit", "cancel", "Base", "Algèbre", "2", "--weeks", "2-3")
    assert done.out == f"Cancelled: Algèbre, Chimie, weeks [2..3] (revision {before + 1})\n"
    assert [fields(shell, "meeting", key)["cancelled"] for key in (65, 66, 129, 130)] == [True] * 4
    assert "Nothing to do" in shell.ok("base", "edit", "cancel", "Base", "1", "--weeks", "2").out
    edit(shell, "reinstate", "1", "2")
    assert edit(shell, "find", "meeting") == []


@pytest.mark.usefixtures("base")
def test_rooms_and_instructors_are_assigned_and_taken(shell: Shell) -> None:
    """For all weeks or some; an empty name takes away."""
    edit(shell, "assign-room", "1", "2", "--room", "A2", "--room", "1")
    assert [fields(shell, "activity", key)["rooms"] for key in (1, 2)] == [[2, 1], [2, 1]]
    edit(shell, "assign-room", "1", "--room", "")
    assert fields(shell, "activity", 1)["rooms"] == []
    edit(shell, "assign-instructor", "Algèbre", "--instructor", "Noether", "--weeks", "4")
    assert (fields(shell, "meeting", 67)["instructors"], fields(shell, "activity", 1)["instructors"]) == ([2], [1])


@pytest.mark.usefixtures("base")
def test_places_change(shell: Shell) -> None:
    """Placed, moved in all or some weeks, exchanged, taken off."""
    edit(shell, "place", "1", "--at", "lundi 10h")
    assert fields(shell, "activity", 1)["place"] == MONDAY_10
    edit(shell, "swap", "1", "2")
    assert [fields(shell, "activity", key)["place"] for key in (1, 2)] == [24, MONDAY_10]
    edit(shell, "move", "2", "--at", "fri 8:00", "--weeks", "3-4")
    assert [fields(shell, "meeting", 128 + week)["place"] for week in (2, 3)] == [96, 96]
    edit(shell, "unplace", "1", "2")
    assert [fields(shell, "activity", key)["place"] for key in (1, 2)] == [None, None]
    assert edit(shell, "find", "meeting") == []


@pytest.mark.usefixtures("base")
def test_an_activity_is_locked_split_and_duplicated(shell: Shell) -> None:
    """What is made has a key, which is told."""
    edit(shell, "lock", "1", "2")
    edit(shell, "unlock", "2", "--weeks", "1")
    assert [fields(shell, "activity", key)["locked"] for key in (1, 2)] == [True, False]
    assert edit(shell, "split", "1", "--weeks", "3-4", "--at", "wed 8:00")["created"] == [3]
    assert (fields(shell, "activity", 3)["weeks"], fields(shell, "activity", 3)["place"]) == (0b1100, 48)
    assert edit(shell, "duplicate", "1", "2")["created"] == [4, 5]


@pytest.mark.usefixtures("base")
def test_a_clash_is_told_before_and_after_and_may_be_forced(shell: Shell) -> None:
    """A dry run does nothing; a refusal says who; `--force` marks the weeks."""
    words = ("base", "edit", "move", "Base", "2", "--at", "mon 8:00")
    dry = shell.ok(*words, "--dry-run")
    assert "Marie Curie" in dry.err
    assert dry.out.startswith("1 clash, 0 broken rules")
    refused = shell.hp(*words)
    assert (refused.status, "Marie Curie" in refused.err, refused.out) == (5, True, "")
    assert fields(shell, "activity", 2)["place"] == 24
    shell.ok(*words, "--force", "--why", "examen")
    assert fields(shell, "activity", 2)["forced"] == 0b1111
    assert "examen" in shell.ok("base", "history", "Base").out


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (("cancel", "Base"), 2), (("cancel", "Base", "9"), 3), (("cancel", "Base", "1", "--weeks", "90"), 2),
        (("swap", "Base", "1", "1", "--weeks", "1"), 2), (("split", "Base", "1", "--weeks", "1-4"), 2),
        (("assign-room", "Base", "1", "--room", "A"), 3), (("move", "Base", "1", "--at", "soon"), 2),
        (("lock", "Elsewhere", "1"), 3), (("place", "Base", "1"), 2),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("base")
def test_no_mistake_of_a_person_is_a_traceback(shell: Shell, words: tuple[str, ...], status: int) -> None:
    """A sentence and a status, whatever is typed."""
    done = shell.hp("base", "edit", *words)
    assert (done.status, done.out) == (status, ""), done


def test_every_edit_is_a_command_of_both_kinds() -> None:
    """Live and offline take the same words."""
    for order in EDITS:
        live, offline = ({one.name for one in command.params} for command in (order.live(), order.offline(stopped)))
        signing = {
            "planning",
            "login",
            "password_file",
            "new_password_file",
            "pin_file",
            "device",
            "signs_in",
            "forgot_pin",
        }
        assert live - signing == offline - {"name", "account"}


@pytest.mark.slow
def test_edits_and_objects_of_a_planning_in_service(alice: Desk) -> None:
    """The same through a session: made, looked at, changed, cancelled, deleted."""
    assert "Created: Activity" in alice.ok("add", "planning01", "activity", "weeks=1-4", "duration=1h", "memo=neuf")
    (found,) = alice.json("find", "planning01", "cours", "--where", "memo=neuf", "--field", "semaines")
    key = str(found["key"])
    assert found["weeks"] == "1-4"
    alice.ok("place", "planning01", key, "--at", "mon 8:00")
    assert alice.json("cancel", "planning01", key, "--weeks", "2")["activities"] == [found["key"]]
    assert alice.json("cancel", "planning01", key, "--weeks", "3", "--dry-run") == {
        "breaches": 0, "clashes": 0, "cost": 0,
    }  # fmt: skip
    alice.ok("set", "planning01", "activity", key, "locked=oui", "mémo=vieux")
    assert alice.json("get", "planning01", "activity", key)["fields"]["memo"] == "vieux"
    alice.ok("delete", "planning01", "activity", key)
    assert alice.client("get", "planning01", "activity", key).returncode == 3
