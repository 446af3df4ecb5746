"""Diagnosis from a shell: of a base on disk, and live."""

import asyncio
import json

import pytest

from hpserver.base.changes import create
from hpserver.base.diagnosis.grid import diagnose
from hpserver.base.planning import Planning
from hpserver.cli.house.installation import open_accounts
from hpserver.hosting.bases import create_base
from tests.base.diagnosis.naive import a_planning
from tests.cli.desks import Desk
from tests.cli.shell import Shell
from tests.schools import a_school

BASE = "Base 2026"


@pytest.fixture
def school(shell: Shell) -> Planning:
    """Return what is in the base `BASE` of the shell's installation."""
    assert shell.state.is_dir()
    return kept(a_school(120))


def kept(planning: Planning) -> Planning:
    """Make the base `BASE` of it."""

    async def put() -> None:
        async with open_accounts() as accounts:
            found = await accounts.account("")
            await create_base(accounts.base_path(found, BASE), BASE, planning)

    asyncio.run(put())
    return planning


def a_blocked_place(planning: Planning) -> tuple[int, int]:
    """Return an activity and a place where somebody is in its way."""
    return next(
        (activity, place)
        for activity in planning.rows("activity")
        for place, standing in diagnose(planning, activity).places().items()
        if standing.blocked
    )


def at(planning: Planning, place: int) -> str:
    """Return a place as one types it."""
    minutes = planning.grid.minutes_of(place)
    day = ("mon", "tue", "wed", "thu", "fri")[planning.grid.day_and_step(place)[0]]
    return f"{day} {minutes // 60}:{minutes % 60:02}"


def test_the_grid_is_a_table(shell: Shell, school: Planning, monkeypatch: pytest.MonkeyPatch) -> None:
    """A line per step, a column per day; numbers of weeks, ticks and dashes, in both languages."""
    lines = shell.ok("base", "diagnose", BASE, "1").out.splitlines()
    assert lines[1].split() == ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"]
    assert lines[2].split()[0] == "08:00"
    assert len([line for line in lines if line[:2].isdigit()]) == school.grid.steps_per_day
    assert any(line.startswith("✓ free in all weeks") for line in lines)
    monkeypatch.setenv("HP_LANG", "fr")
    assert "lundi" in shell.ok("base", "diagnose", BASE, "1").out
    value = shell.json("base", "diagnose", BASE, "1")
    found = diagnose(school, 1)
    assert {int(place) for place in value["places"]} == found.places().keys()
    assert {one["verdict"] for one in value["places"].values()} == {one.verdict for one in found.places().values()}


@pytest.mark.slow
def test_a_place_tells_who_is_in_the_way_and_what_to_move(shell: Shell, school: Planning) -> None:
    """The reasons, the fewest causes, the repairs."""
    activity, place = a_blocked_place(school)
    told = shell.ok("base", "diagnose", BASE, str(activity), "--at", at(school, place), "--repairs").out
    assert "✗" in told
    assert "it would be enough to lift" in told
    assert "repair 1: " in told
    value = shell.json("base", "diagnose", BASE, str(activity), "--at", at(school, place), "--repairs")
    assert value["place"] == place
    assert len(value["reasons"]) == len(diagnose(school, activity).at(place).reasons)
    assert value["smallest"]
    assert value["repairs"]
    assert shell.hp("base", "diagnose", BASE, "1", "--repairs").status == 2
    assert shell.hp("base", "diagnose", BASE, "nothing such").status == 3
    assert shell.hp("base", "diagnose", "No base", "1").status == 3


def test_a_report_counts_everything_and_lists_some(shell: Shell, school: Planning) -> None:
    """By resource; the rest is a number."""
    assert school.counts()["activity"] == 120
    value = shell.json("base", "report", BASE, "--limit", "3")
    assert value["listed"] == 3 <= value["clashes"]
    told = shell.ok("base", "report", BASE, "--limit", "3").out
    assert told.splitlines()[-1].startswith("…")
    assert "69 clashes, 353 weeks; 14 rules broken" in told


def test_students_in_two_places_are_named(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """The planner reads who, where and when; the report says that there is something to read."""
    together = (create("activity", key, place=0, duration=2, weeks=0b0111, groups=[4 + key]) for key in (1, 2))
    names = (("Durand", "Léa"), ("Martin", "Noé"))
    students = (create("student", key, name=name, first_name=first) for key, (name, first) in enumerate(names, 1))
    members = (
        create("membership", 2 * student + group, student=student, group=4 + group)
        for student in (1, 2)
        for group in (1, 2)
    )
    groups = (create("group", 4 + key, cohort=1, name=f"TP{key}", partition="tp") for key in (1, 2))
    kept(a_planning(*groups, *together, *students, *members))
    told = shell.ok("base", "student-clashes", BASE).out
    assert told.splitlines()[0] == "2 students in two places at once"
    assert "2 students, weeks [1..3]" in told
    assert "Léa" in told
    assert "Martin" in told
    value = shell.json("base", "student-clashes", BASE)
    assert [one["name"] for one in value["clashes"][0]["students"]] == ["Léa Durand", "Noé Martin"]
    assert "2 students in two places at once (student-clashes)" in shell.ok("base", "report", BASE).out
    monkeypatch.setenv("HP_LANG", "fr")
    assert "2 étudiants en deux endroits à la fois" in shell.ok("base", "student-clashes", BASE).out
    assert shell.json("base", "student-clashes", BASE, "--limit", "1")["student_clashes"] == 1


def test_rooms_and_slots_that_are_free(shell: Shell, school: Planning) -> None:
    """With seats enough, of a site, in some weeks; and when several are free together."""
    value = shell.json("base", "free-rooms", BASE, "--at", "mon 8:00", "--weeks", "[1..3]", "--capacity", "30")
    assert value["rooms"]
    assert all(one["spare"] >= 0 for one in value["rooms"])
    assert "30 seats to spare" in shell.ok("base", "free-rooms", BASE, "--at", "mon 8:00", "--site", "Nord").out
    none = shell.ok("base", "free-rooms", BASE, "--at", "mon 8:00", "--weeks", "[1..3]", "--capacity", "9999")
    assert none.out == "no room is free in all of weeks [1..3]\n"
    slots = shell.json("base", "free-slots", BASE, "room:1", "instructor:Prénom1 Nom1", "--minutes", "90")
    assert slots["places"]
    assert "Monday" in shell.ok("base", "free-slots", BASE, "room:1").out
    assert shell.hp("base", "free-rooms", BASE, "--at", "mon 8:00", "--weeks", "[60]").status == 2
    assert shell.hp("base", "free-slots", BASE, "room:1", "--minutes", "7").status == 2
    assert school.grid.weeks == 44


@pytest.mark.slow
def test_a_repair_is_done_live(alice: Desk) -> None:
    """Diagnosed, repaired, and free afterwards."""
    weeks = alice.json("diagnose", "planning01", "7")
    blocked = [one["at"] for one in weeks["places"].values() if one["blocked"] != "[]"]
    for when in blocked:
        found = alice.json("diagnose", "planning01", "7", "--at", when, "--repairs")
        if found["repairs"]:
            break
    assert found["repairs"]
    assert "revision" in alice.json("diagnose", "planning01", "7", "--at", when, "--do", "1")
    after = alice.json("diagnose", "planning01", "7", "--at", when)
    assert after["blocked"] == "[]"
    assert alice.json("report", "planning01", "--limit", "1")["listed"] == 1
    assert alice.json("free-rooms", "planning01", "--at", "mon 8:00")["rooms"]
    assert alice.json("free-slots", "planning01", "room:1")["places"]
    base = json.loads(alice.house.hp("--output", "json", "base", "list").stdout)[0]["base"]
    beside = alice.house.hp("--output", "json", "base", "diagnose", base, "7", "--at", when)
    assert json.loads(beside.stdout)["blocked"] == "[]", "a base in service is read beside its server"
