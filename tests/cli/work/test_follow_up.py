"""Booking requests, oral exams and averages from a shell, on a stopped base."""

import asyncio
from typing import Any

import pytest

from hpserver.base.changes import create
from hpserver.hosting.editing import edit_offline
from tests.cli.desks import Desk
from tests.cli.shell import WEEKS, Shell


@pytest.fixture
def desk(shell: Shell) -> Shell:
    """A stopped base with a request, an oral exam of one panel, and a gradebook with a mark."""
    shell.ok("base", "create", "planning01", "Base", *WEEKS)
    shell.ok("planning", "stop", "planning01", "--no-wait")
    (path,) = (shell.state / "bases").rglob("Base.hpbase")
    rows = [
        *(create("room", key, name=f"A{key}") for key in (1, 2)), create("subject", 1, name="Algèbre"),
        create("instructor", 1, name="Curie", first_name="Marie"), create("cohort", 1, name="M1"),
        *(create("student", key, name=name) for key, name in ((1, "Durand"), (2, "Blanc"))),
        *(create("membership", key, student=key, cohort=1) for key in (1, 2)),
        create("activity", 1, subject=1, duration=2, weeks=1, place=0, instructors=[1]),
        create("booking_request", 1, asked_by="Marie", activity=1, rooms=[1], weeks=1),
        create("booking_request", 2, asked_by="Paul", rooms=[1], place=0, weeks=1, steps=2),
        create("oral_exam", 1, name="Grand oral"), create("oral_panel", 1, exam=1, activity=1),
        create("gradebook", 1, name="Algèbre M1"), create("assessment", 1, gradebook=1, name="DS1"),
        create("grade", 1, assessment=1, student=1, points=1_250),
    ]  # fmt: skip
    asyncio.run(edit_offline(path, rows))
    return shell


def edit(desk: Shell, *words: str) -> Any:
    """Run a command that must succeed."""
    return desk.json("base", "edit", *words)


def test_requests_are_listed_and_answered(desk: Shell) -> None:
    """What is booked is in the timetable; what clashes with it afterwards is refused."""
    rows = edit(desk, "request", "list", "Base", "--status", "pending")
    assert [(row["asked_by"], row["activity"], row["rooms"]) for row in rows] == [
        ("Marie", "Algèbre", "A1"), ("Paul", "", "A1"),
    ]  # fmt: skip
    done = desk.ok("base", "edit", "request", "answer", "Base", "1", "validate", "--comment", "volontiers")
    assert done.out.startswith("Request 1 validated (revision ")
    assert edit(desk, "get", "Base", "activity", "1")["fields"]["rooms"] == [1]
    refused = desk.hp("base", "edit", "request", "answer", "Base", "2", "validate")
    assert (refused.status, "Room A1 already in" in refused.err) == (5, True), refused
    assert edit(desk, "request", "answer", "Base", "2", "reassign", "--room", "A2")["created"] == [2]
    told = {row["key"]: (row["status"], row["given"]) for row in edit(desk, "request", "list", "Base")}
    assert told == {1: ("validated", "A1"), 2: ("reassigned", "A2")}


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (("1", "refuse", "--room", "A1"), 2), (("1", "reassign"), 2), (("9", "refuse"), 3), (("1", "accept"), 2),
        (("1", "validate", "--room", "A2"), 2), (("1", "validate", "--room", "A9"), 3),
    ],
)  # fmt: skip
def test_an_answer_that_makes_no_sense_is_refused(desk: Shell, words: tuple[str, ...], status: int) -> None:
    """Nothing is answered by mistake."""
    done = desk.hp("base", "edit", "request", "answer", "Base", *words)
    assert (done.status, done.out) == (status, ""), done
    assert len(edit(desk, "request", "list", "Base", "--status", "pending")) == 2


def test_students_of_a_cohort_get_their_turns(desk: Shell) -> None:
    """By name, one after the other; the running order says when and before whom."""
    assert len(edit(desk, "orals", "fill", "Base", "Grand oral", "--cohort", "M1")["created"]) == 2
    rows = edit(desk, "orals", "show", "Base", "1")
    assert [(row["student_name"], row["start"], row["instructors"]) for row in rows] == [
        ("Blanc", "08:00", "Marie Curie"), ("Durand", "08:20", "Marie Curie"),
    ]  # fmt: skip
    assert rows[0]["date"] == "Monday 2026-08-31"
    edit(desk, "set", "Base", "oral_turn", "2", "position=0")
    assert "turns 1 and 2 are at the same time" in desk.ok("base", "edit", "orals", "show", "Base", "1").err
    assert desk.hp("base", "edit", "orals", "fill", "Base", "1").status == 2


def test_averages_are_out_of_twenty(desk: Shell) -> None:
    """One line per student, and the average of all."""
    edit(desk, "add", "Base", "grade", "assessment=DS1", "student=Blanc", "points=8,5")
    rows = edit(desk, "grades", "Base", "Algèbre M1")
    assert [(row["name"], row["average"]) for row in rows] == [("Durand", "12.50"), ("Blanc", "8.50")]
    assert desk.ok("base", "edit", "grades", "Base", "1").out.splitlines()[-1].split() == ["Average", "10.50"]


@pytest.mark.slow
def test_a_request_is_answered_in_a_planning_in_service(alice: Desk) -> None:
    """The same through a session."""
    asked = ("asked_by=Marie", "rooms=1", "place=fri 19:00", "weeks=1", "steps=30 min")
    (key,) = alice.json("add", "planning01", "booking_request", *asked)["created"]
    done = alice.house.hp(
        *("--output", "json", "client", "request", "answer", "planning01", str(key), "refuse", *alice.signing)
    )
    assert done.returncode == 0, done
    assert alice.json("get", "planning01", "booking_request", str(key))["fields"]["status"] == "refused"
