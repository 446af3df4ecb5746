"""Objects of every kind from a shell, on a stopped base."""

import asyncio
from typing import Any

import pytest

from hpserver.base.registry import KINDS
from hpserver.base.weeks import all_weeks
from hpserver.hosting.bases import open_base
from hpserver.store.sqlite import SqliteStore
from tests.cli.shell import WEEKS, Shell


@pytest.fixture
def desk(shell: Shell) -> Shell:
    """An installation with a stopped base."""
    shell.ok("base", "create", "planning01", "Base", *WEEKS)
    shell.ok("planning", "stop", "planning01", "--no-wait")
    return shell


def edit(desk: Shell, command: str, *words: str) -> Any:
    """Run an edit that must succeed."""
    return desk.json("base", "edit", command, "Base", *words)


def test_an_object_is_made_seen_changed_and_deleted(desk: Shell) -> None:
    """With names in place of keys, and labels in place of field names."""
    edit(desk, "add", "site", "name=Nord")
    assert edit(desk, "add", "Salle", "Nom=A101", "capacity=40", "site=Nord")["created"] == [1]
    shown = desk.ok("base", "edit", "get", "Base", "room", "A101").out.splitlines()
    assert {"Room 1", "capacity = 40", "site = Nord"} <= set(shown)
    assert edit(desk, "set", "room", "A101", "capacity=45", "site=Nord")["fields"] == ["capacity"]
    assert edit(desk, "set", "room", "A101", "capacity=45")["revision"] == 0
    assert edit(desk, "find", "room", "--where", "capacity=45", "--field", "site") == [
        {"key": 1, "name": "A101", "site": "Nord"}
    ]
    assert edit(desk, "find", "room", "--where", "capacity=40") == []
    refused = desk.hp("base", "edit", "delete", "Base", "site", "Nord")
    assert (refused.status, "room 1" in refused.err) == (5, True)
    again = desk.ok("base", "edit", "add", "Base", "room", "name=A101", "capacity=20")
    assert "Of that name already: 1 (key 1)" in again.err
    edit(desk, "delete", "room", "1", "2")
    edit(desk, "delete", "site", "Nord")
    assert edit(desk, "find", "site") == []


def test_absences_roll_calls_and_constraints_are_objects_too(desk: Shell) -> None:
    """Whatever the registry declares can be typed in."""
    edit(desk, "add", "student", "name=Durand", "first_name=Zoé")
    edit(desk, "add", "activity", "weeks=1-4", "duration=1h30", "place=mar 10:00")
    edit(desk, "add", "absence", "student=Zoé Durand", "week=2", "place=mar 10:00", "steps=1h30", "justified=non")
    edit(desk, "add", "roll_call", "activity=1", "week=2", "absent=Zoé Durand", "done=oui")
    edit(desk, "add", "instructor", "name=Curie")
    edit(desk, "add", "constraint", "rule=daily_maximum", "parameters=minutes=360", "instructors=Curie")
    assert desk.ok("base", "edit", "get", "Base", "absence", "1").out.splitlines()[:5] == [
        "Absence 1", "student = Zoé Durand", "week = 2", "place = Tuesday 10:00", "steps = 1h30",
    ]  # fmt: skip
    assert edit(desk, "get", "constraint", "1")["fields"]["parameters"] == [["minutes", 360]]


@pytest.mark.parametrize(
    ("words", "status", "why"),
    [
        (("add", "Base", "teacher", "name=x"), 2, "one of category"), (("add", "Base", "room"), 2, "needs name"),
        (("add", "Base", "availability", "level=wanted", "place=0"), 2, "exactly one of instructor"),
        (("add", "Base", "meeting", "cancelled=oui"), 2, "use cancel"), (("get", "Base", "room", "A1"), 3, "A1"),
        (("set", "Base", "room", "A1", "capacity=4"), 3, "A1"), (("delete", "Base", "room"), 2, "KEY"),
        (("add", "Base", "constraint", "rule=unheard"), 2, "unheard"),
    ],
)  # fmt: skip
def test_mistakes_are_sentences(desk: Shell, words: tuple[str, ...], status: int, why: str) -> None:
    """What is wrong, and what is accepted."""
    done = desk.hp("base", "edit", *words)
    assert (done.status, why in done.err) == (status, True), done


def test_every_kind_can_be_listed(desk: Shell) -> None:
    """No kind is left out."""
    for kind in KINDS:
        assert edit(desk, "find", kind) == []


def test_a_base_in_service_is_read_and_not_changed(desk: Shell) -> None:
    """The server has it: one is told what to do."""
    (path,) = (desk.state / "bases").rglob("Base.hpbase")

    async def hold() -> SqliteStore:
        store = SqliteStore(path)
        await open_base(store)
        return store

    with asyncio.Runner() as runner:
        store = runner.run(hold())
        assert edit(desk, "find", "room") == []
        assert desk.hp("base", "edit", "add", "Base", "room", "name=A1").status == 5
        runner.run(store.close())


def test_an_activity_is_in_every_week_unless_it_is_said(shell: Shell) -> None:
    """In none it would be placed without a word, and never taught."""
    shell.ok("base", "create", "planning01", "Toutes", *WEEKS)
    shell.ok("planning", "stop", "planning01", "--no-wait")
    shell.ok("base", "edit", "add", "Toutes", "activity", "duration=1h")
    assert shell.json("base", "edit", "get", "Toutes", "activity", "1")["fields"]["weeks"] == all_weeks(44)
