"""Another grid for a base in use, from a shell."""

import asyncio
from pathlib import Path

import pytest

from hpserver.base.changes import create
from hpserver.base.edits.regrid import preview
from hpserver.base.planning import Planning
from hpserver.cli.base.regrid import loss_lines
from hpserver.hosting.editing import edit_offline
from tests.cli.shell import WEEKS, Shell
from tests.schools import a_grid


@pytest.fixture
def base(shell: Shell) -> Path:
    """A stopped base with an activity late in the year and late in the day."""
    shell.ok("base", "create", "planning01", "Base", *WEEKS)
    shell.ok("planning", "stop", "planning01", "--no-wait")
    (path,) = (shell.state / "bases").rglob("Base.hpbase")
    activity = create("activity", 1, duration=3, weeks=1 << 40 | 1, place=20)
    asyncio.run(edit_offline(path, [create("subject", 1, name="Algèbre"), activity]))
    return path


@pytest.mark.usefixtures("base")
def test_finer_steps_and_more_weeks_lose_nothing(shell: Shell) -> None:
    """The usual case: a quarter of an hour is needed, or the year gets longer."""
    words = ("--division", "4", "--last-sunday", "2027-07-25")
    assert "Nothing would be lost" in shell.ok("base", "regrid", "Base", *words, "--preview").out
    value = shell.json("base", "regrid", "Base", *words)
    assert (value["losses"], value["kept"]) == ([], "Base (avant 1)")
    assert (value["grid"]["division"], value["grid"]["weeks"]) == (4, 47)
    assert shell.json("base", "list")[1]["base"] == "Base (avant 1)"


@pytest.mark.usefixtures("base")
def test_losses_are_shown_and_must_be_meant(shell: Shell) -> None:
    """One by one, with the option that accepts them."""
    words = ("base", "regrid", "Base", "--last-sunday", "2026-12-27", "--sequences", "10")
    refused = shell.hp(*words)
    assert refused.status == 2
    assert "activity 1" in refused.out
    assert "--lose" in refused.err
    value = shell.json(*words, "--lose")
    assert {one["what"] for one in value["losses"]} == {"weeks", "place"}
    assert shell.hp("base", "regrid", "Base", "--first-monday", "2026-09-01").status == 2


def test_losses_are_told_in_both_languages() -> None:
    """In words, counted first."""
    planning = Planning(a_grid(10))
    planning.apply([create("activity", 1, weeks=0b1000000000, duration=1)])
    losses = preview(planning, a_grid(4)).losses
    assert next(loss_lines(planning, losses, "fr")) == "1 cours : semaines … perdues"
    assert list(loss_lines(planning, losses, "en"))[1] == "  Activity 1  activity 1: weeks [10] lost"
