import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.shell import WEEKS, Shell
from tests.house import House, a_house


def test_without_an_agent_wishes_are_kept_and_shown(shell: Shell) -> None:
    """What is wished is in the directory; the agent will read it."""
    shell.ok("base", "create", "planning01", "Base", *WEEKS)
    started = shell.ok("--output", "json", "controller", "start")
    assert "hp agent" in started.err
    assert (started.value[0]["desired"], started.value[0]["state"]) == ("up", "stopped")
    listed = shell.json("planning", "list")
    assert [(one["name"], one["base"], one["desired"]) for one in listed] == [
        ("planning01", "Base", "up"), ("planning02", "", "down"),
    ]  # fmt: skip
    status = shell.json("status")
    assert [(one["name"], one["desired"]) for one in status] == [
        ("ecole.example", "up"), ("planning01", "up"), ("planning02", "down"),
    ]  # fmt: skip
    assert "Stopped (no agent)" in shell.ok("status").out
    for words in (("controller", "status"), ("planning", "status"), ("planning", "status", "planning01")):
        assert shell.json(*words)
    shell.ok("planning", "stop", "planning01")
    assert shell.json("planning", "list")[0]["desired"] == "down"


def test_mistakes_have_their_status(shell: Shell) -> None:
    """3 for what is not there, 5 for what is taken, 78 for a planning without a base."""
    assert shell.hp("planning", "start", "planning01").status == 78
    for words in (("start", "nope"), ("stop", "nope"), ("status", "nope"), ("list", "--account", "nope")):
        assert shell.hp("planning", *words).status == 3
    assert shell.hp("planning", "create", "planning01", "x").status == 5
    assert shell.hp("planning", "create", "a b", "x").status == 2
    assert shell.json("planning", "create", "planning03", "Troisième")["name"] == "planning03"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A whole installation in service."""
    with a_house(tmp_path_factory.mktemp("service"), may_complain=True) as house:
        yield house


def base_of(house: House) -> Path:
    """The file of the base of the second planning."""
    [file] = [path for path in (house.paths.state / "bases").rglob("*.hpbase") if "planning02" in path.name]
    return file


@pytest.mark.slow
def test_what_failed_is_tried_again_by_start(house: House) -> None:
    """Once its reason is gone, `start` is enough; until then it says why, and ends with 1."""
    assert house.hp("planning", "stop", "planning02").returncode == 0
    file = base_of(house)
    good = file.read_bytes()
    for more in file.parent.glob(f"{file.name}-*"):
        more.unlink()
    file.write_bytes(os.urandom(9000))
    failed = house.hp("planning", "start", "planning02")
    assert (failed.returncode, "Failed" in failed.stdout) == (1, True), failed
    assert "Failed" in house.hp("status").stdout
    file.write_bytes(good)
    repaired = house.hp("planning", "start", "planning02")
    assert (repaired.returncode, "In service" in repaired.stdout) == (0, True), repaired


@pytest.mark.slow
def test_stop_and_start_wait_until_it_is_so(house: House) -> None:
    """The answer is a fact, not a hope."""
    assert "Stopped" in house.hp("controller", "stop").stdout
    assert "In service" in house.hp("controller", "start").stdout
    assert "Stopped" in house.hp("planning", "stop", "planning01").stdout
    assert "In service" in house.hp("planning", "start", "planning01").stdout


@pytest.mark.slow
def test_a_second_agent_ends_with_5(house: House) -> None:
    """And names the first."""
    refused = house.hp("agent")
    assert (refused.returncode, "process" in refused.stderr) == (5, True), refused
