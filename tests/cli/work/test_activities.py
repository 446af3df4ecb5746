"""The list of activities from a shell."""

import pytest

from hpserver.base.changes import create, update
from hpserver.base.edits.commands import cancel
from hpserver.base.planning import Planning
from hpserver.cli.work.activities import WIDTH, Wanted, activity_row, chosen, listed
from tests.cli.desks import Desk
from tests.cli.shell import WEEKS, Shell
from tests.schools import a_grid


@pytest.fixture
def base() -> Planning:
    """Two lectures of one subject for two cohorts, and a tutorial of a group that has no place."""
    base = Planning(a_grid())
    base.apply([
        create("subject", 1, name="Algèbre"), create("instructor", 1, name="Durand", first_name="Anne"),
        create("instructor", 2, name="Curie", first_name="Marie"), create("room", 1, name="A1"),
        *(create("cohort", key, name=f"L{key}") for key in (1, 2)), create("group", 1, cohort=1, name="TD1"),
        create("activity", 1, subject=1, duration=3, weeks=0b111, place=4, instructors=[1], cohorts=[1], rooms=[1]),
        create("activity", 2, subject=1, duration=2, weeks=0b11, place=2, instructors=[2], cohorts=[2], locked=True),
        create("activity", 3, duration=2, weeks=0b1, instructors=[1, 2], groups=[1]),
    ])  # fmt: skip
    return base


@pytest.mark.parametrize(
    ("wanted", "keys"),
    [
        (Wanted(), [3, 2, 1]),
        (Wanted(subject=1), [2, 1]),
        (Wanted(instructor=2), [3, 2]),
        (Wanted(cohort=1), [3, 1]),
        (Wanted(group=1), [3, 1]),
        (Wanted(room=1), [1]),
        (Wanted(unplaced=True), [3]),
        (Wanted(instructor=1, unplaced=True), [3]),
        (Wanted(subject=1, unplaced=True), []),
    ],
)
def test_those_that_have_all_that_is_asked(base: Planning, wanted: Wanted, keys: list[int]) -> None:
    """By subject, then by place; a cohort is taught what its groups are, a group what its cohort is."""
    assert chosen(base, wanted) == keys


def test_a_line_stays_within_the_screen() -> None:
    """A lecture for sixty groups is one line of the list; all of them are told when they are asked for."""
    names = [f"Promotion {number}" for number in range(60)]
    short = listed(names, full=False)
    assert short == "Promotion 0, Promotion 1, Promotion 2, +57"
    assert len(short) <= WIDTH + len(", +57")
    assert listed(names, full=True).count(",") == 59
    assert listed(["x" * 64], full=False) == "x" * 64
    assert listed([], full=False) == ""


def test_who_where_and_when(base: Planning, monkeypatch: pytest.MonkeyPatch) -> None:
    """All that tells two activities of one subject apart, in the person's language."""
    base.apply(cancel(base, 1, 0b10))
    monkeypatch.setenv("HP_LANG", "fr")
    first = activity_row(base, 1, "fr")
    assert first | {"key": 1, "name": "Algèbre", "who": ["L1"], "instructors": ["Anne Durand"]} == first
    assert first | {"rooms": ["A1"], "at": "lundi 10:00", "minutes": 90, "weeks": "[1..3]"} == first
    assert (first["cancelled"], first["remark"]) == ("[2]", "annulé [2]")
    base.apply([update("activity", 1, forced=0b1)])
    monkeypatch.setenv("HP_LANG", "en")
    assert activity_row(base, 1, "en")["remark"] == "forced, cancelled [2]"
    third = activity_row(base, 3, "en")
    assert (third["name"], third["who"], third["at"]) == ("activity 3", ["L1 TD1"], "unplaced")


@pytest.mark.parametrize(
    ("language", "head", "line", "total"),
    [
        ("en", "Key  Activity    Attended by  Instructors  Rooms  When", "1    activity 1", "Activities: 1, 1 of them"),
        ("fr", "Clé  Cours    Public  Enseignants  Salles  Quand", "1    cours 1", "1 cours, dont 1 sans place."),
    ],
)
def test_a_base_on_disk_is_listed(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, language: str, head: str, line: str, total: str
) -> None:
    """As a table under its titles, or as JSON; what is counted is no data."""
    shell.ok("base", "create", "planning01", "Base", *WEEKS)
    shell.ok("planning", "stop", "planning01", "--no-wait")
    shell.ok("base", "edit", "add", "Base", "activity", "duration=1h30", "weeks=1-4")
    monkeypatch.setenv("HP_LANG", language)
    told = shell.ok("base", "activities", "Base", "--unplaced")
    assert (told.out.splitlines()[0][: len(head)], told.err.startswith(total)) == (head, True)
    assert told.out.splitlines()[1].startswith(line)
    (row,) = shell.json("base", "activities", "Base")
    assert (row["key"], row["place"], row["minutes"], row["who"]) == (1, None, 90, [])
    assert shell.hp("base", "activities", "Base", "--subject", "Nothing").status == 3


@pytest.mark.slow
def test_a_planning_in_service_is_listed(alice: Desk) -> None:
    """The same list, as this user sees it."""
    rows = alice.json("activities", "planning01")
    assert rows
    one = next(row for row in rows if row["rooms"])
    assert one["key"] in {row["key"] for row in alice.json("activities", "planning01", "--room", one["rooms"][0])}
