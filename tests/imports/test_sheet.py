from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpserver.base.planning import Planning
from hpserver.base.registry import KINDS
from hpserver.base.snapshot import encode_snapshot
from hpserver.errors import HPError, ImportRefusedError, InvalidChangeError
from hpserver.imports.sheet import plan_table
from hpserver.imports.sheet_plan import SheetPlan
from hpserver.imports.table_text import read_text
from tests.schools import a_grid, a_school

TITLES = "Matière\tEnseignant\tPromotion\tSalle\tJour\tHeure\tDurée\tSemaines\n"
ALGEBRA = "Algèbre\tDURAND Paul\tA1\tB 101\tLundi\t8h00\t1h30\t1-4,6\n"


def plan(text: str, kind: str, base: Planning | None = None, **options: Any) -> SheetPlan:
    """Return what a table would do."""
    return plan_table(read_text(text.encode()), base or Planning(a_grid()), kind, **options)


def done(text: str, kind: str, base: Planning, **options: Any) -> SheetPlan:
    """Do it."""
    found = plan(text, kind, base, **options)
    base.apply(found.changes)
    base.validate()
    return found


def actions(found: SheetPlan) -> list[str]:
    """Return what becomes of each row."""
    return [outcome.action for outcome in found.outcomes]


def wrong(found: SheetPlan) -> list[tuple[int, int]]:
    """Return where something is wrong."""
    return [(one.line, one.column) for one in found.wrong()]


def test_activities_come_in_with_all_that_they_name() -> None:
    """Pasted from a spreadsheet: what is missing is made."""
    base = Planning(a_grid())
    found = done(TITLES + ALGEBRA, "activity", base)
    row = base.activity(1)
    assert (row.duration, row.weeks, row.place) == (3, 0b101111, 0)
    assert (row.subject, row.instructors, row.cohorts, row.rooms) == (1, (1,), (1,), (1,))
    assert found.made == {"subject": 1, "instructor": 1, "cohort": 1, "room": 1, "activity": 1}


def test_the_second_import_does_nothing() -> None:
    """Nothing is ever there twice."""
    base = Planning(a_grid())
    text = TITLES + ALGEBRA + ALGEBRA.replace("Lundi", "Mardi")
    done(text, "activity", base, similar="create")
    assert plan(text, "activity", base).changes == ()
    assert actions(plan(text, "activity", base)) == ["same", "same"]


def test_identical_rows_are_one_activity_or_as_many_as_asked() -> None:
    """In both cases once and for all."""
    base = Planning(a_grid())
    assert actions(plan(TITLES + ALGEBRA * 2, "activity", base)) == ["create", "skip"]
    done(TITLES + ALGEBRA * 3, "activity", base, identical="several")
    assert base.counts()["activity"] == 3
    assert plan(TITLES + ALGEBRA * 3, "activity", base, identical="several").changes == ()
    assert actions(plan(TITLES + ALGEBRA * 4, "activity", base, identical="several"))[-1] == "create"


def test_near_spellings_are_held_back_with_a_suggestion() -> None:
    """A slip never makes a second teacher silently."""
    base = Planning(a_grid())
    done(TITLES + ALGEBRA, "activity", base)
    slip = ALGEBRA.replace("DURAND", "DURANT").replace("B 101", "B101").replace("Lundi", "Mardi")
    found = plan(TITLES + slip, "activity", base)
    assert wrong(found) == [(2, 2), (2, 4)]
    assert "Paul DURAND" in found.wrong()[0].detail
    assert found.changes == ()
    assert done(TITLES + slip, "activity", base, similar="match").made == {}
    assert base.counts()["instructor"] == 1


def test_an_activity_that_was_moved_in_the_base_is_not_made_again() -> None:
    """It is shown; the person decides."""
    base = Planning(a_grid())
    done(TITLES + ALGEBRA, "activity", base)
    moved = ALGEBRA.replace("Lundi", "Jeudi")
    assert actions(plan(TITLES + moved, "activity", base)) == ["skip"]
    assert actions(plan(TITLES + moved, "activity", base, similar="match")) == ["update"]
    assert actions(plan(TITLES + moved, "activity", base, similar="create")) == ["create"]


@pytest.mark.parametrize(
    ("row", "place"),
    [
        ("Algèbre\t\t\t\tLundi\t8h00\t1h30\t1\n", (2, 0)),
        ("Algèbre\tX\t\t\tLundi\t8h00\t1h31\t1\n", (2, 7)),
        ("Algèbre\tX\t\t\tLundi\t8h07\t1h30\t1\n", (2, 6)),
        ("Algèbre\tX\t\t\tLune\t8h00\t1h30\t1\n", (2, 5)),
        ("Algèbre\tX\t\t\tLundi\t\t1h30\t1\n", (2, 6)),
        ("Algèbre\tX\t\t\tLundi\t8h00\t1h30\t99\n", (2, 8)),
        ("Algèbre\tX\t\t\tLundi\t8h00\t1h30\t1\tplus\n", (2, 9)),
    ],
)
def test_a_wrong_row_says_where_and_leaves_nothing(row: str, place: tuple[int, int]) -> None:
    """Line and column; what only it names is not made."""
    found = plan(TITLES + row + ALGEBRA, "activity")
    assert wrong(found) == [place]
    assert actions(found) == ["skip", "create"]
    assert found.made["subject"] == 1
    assert found.made["instructor"] == 1
    with pytest.raises(ImportRefusedError):
        found.require_whole()


def test_objects_are_completed_by_name_code_or_key() -> None:
    """An empty cell leaves what is there; the code comes before the name."""
    base = Planning(a_grid())
    done("Nom;Code;Capacité\nB1;R1;30\nB2;R2;\n", "room", base)
    found = done("Clé;Nom;Code;Capacité\n;b1;;40\n;Amphi;R2;\n1;;;45\n", "room", base)
    assert actions(found)[:2] == ["update", "update"]
    assert [(row.name, row.code, row.capacity) for row in base.rows("room").values()] == [  # type: ignore[attr-defined] # rows of rooms
        ("B1", "R1", 40), ("Amphi", "R2", 0)
    ]  # fmt: skip
    assert wrong(found) == [(4, 0)]
    assert wrong(plan("Clé;Nom\n9;x\n", "room", base)) == [(2, 1)]


def test_homonyms_are_told_and_left_out() -> None:
    """Which of the two is meant is for a person to say."""
    base = Planning(a_grid())
    done("Nom,Prénom,Numéro\nA,B,1\nA,B,2\n", "student", base)
    assert base.counts()["student"] == 2
    assert wrong(plan("Nom,Prénom,Sexe\nA,B,F\n", "student", base)) == [(2, 1)]
    assert actions(plan("Nom,Prénom,Numéro\nA,B,2\n", "student", base)) == ["same"]


def test_rows_that_are_about_one_thing_of_several() -> None:
    """Exactly one is needed; the weeks are all of them unless said."""
    base = a_school(20)
    first = "Niveau,Place,Durée,Enseignant,Salle\n"
    assert actions(done(first + "impossible,lundi 8h00,2h,Nom1,\n", "availability", base)) == ["create"]
    assert wrong(plan(first + "impossible,lundi 8h00,2h,Nom1,Salle 1\n", "availability", base)) == [(2, 0)]
    assert wrong(plan(first + ",mardi 8h00,2h,Nom1,\n", "availability", base)) == [(2, 1)]
    assert plan(first + "impossible,lundi 8h00,2h,Nom1,\n", "availability", base).changes == ()


def test_what_the_base_refuses_is_told_by_line() -> None:
    """Rules that only the whole base knows are tried on a copy."""
    base = a_school(20)
    before = encode_snapshot(base)
    with pytest.raises(ImportRefusedError) as caught:
        plan("Règle,Paramètres\ndaily_maximum,minutes=60\nno_such_rule,\n", "constraint", base)
    assert caught.value.details["line"] == 3
    assert encode_snapshot(base) == before
    with pytest.raises(InvalidChangeError):
        plan("Mémo\nx\n", "meeting", base)
    with pytest.raises(InvalidChangeError):
        plan("Mémo\nx\n", "nothing", base)


CELLS = (
    *("", "x", "1", "1h30", "lundi 8h00", "oui", "A, B", "<A> b", "é", "1-4", "c : d", "impossible", "01/02/2003"),
    *("-1", "9" * 30),
)
ROWS = st.lists(st.lists(st.sampled_from(CELLS), min_size=3, max_size=3), max_size=4)


@given(st.sampled_from([kind for kind in KINDS if kind != "meeting"]), ROWS, st.data())
def test_any_table_is_understood_or_refused(kind: str, rows: list[list[str]], data: st.DataObject) -> None:
    """Whatever is in the cells: a plan whose changes the base takes, or an error of the house."""
    labels = st.sampled_from([field.fr for field in KINDS[kind].fields()])
    titles = data.draw(st.lists(labels, min_size=3, max_size=3))
    text = "\n".join("\t".join(row) for row in [titles, *rows])
    base = Planning(a_grid())
    before = encode_snapshot(base)
    try:
        found = plan(text, kind, base, similar="create")
    except HPError:
        assert encode_snapshot(base) == before
        return
    assert encode_snapshot(base) == before
    base.apply(found.changes)
    base.validate()


def test_a_field_may_be_called_as_what_python_calls_its_own() -> None:
    """A custom field says of which kind of objects it is."""
    base = Planning(a_grid())
    base.apply(plan("Nom\tGenre\nBadge\troom\n", "custom_field", base).changes)
    assert base.get("custom_field", 1).kind == "room"  # type: ignore[attr-defined] # a custom field
