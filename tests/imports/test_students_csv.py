from pathlib import Path

import pytest

from hpserver.base.model import CombinedGroup, Group, Student
from hpserver.base.planning import Planning
from hpserver.errors import ImportRefusedError
from hpserver.imports.sheet_plan import SheetPlan
from hpserver.imports.students_csv import is_students, plan_students
from hpserver.imports.students_csv_export import FILE, write_students
from hpserver.imports.table_text import read_text
from tests.schools import a_grid, a_school

TITLES = "Nom,Prénom,Adresse e-mail,Né(e) le,Sexe,Promotions,TD,Regroupements,Options,Famille\n"
MARTIN = 'MARTIN,Zoë,z@x,28/02/2001,Féminin,A1,< A1 > gr1,"[ A1 gr4] ,  [ A1 gr5]",< A1 > Latin,Boursier : Oui\n'
PETIT = "PETIT,Léo,l@x,,Masculin,A1,< A1 > gr2,[ A1 gr4],,\n"


def plan(text: str | bytes, base: Planning) -> SheetPlan:
    """Return what a list would do."""
    return plan_students(read_text(text if isinstance(text, bytes) else text.encode()), base)


def done(text: str | bytes, base: Planning) -> SheetPlan:
    """Do it."""
    found = plan(text, base)
    base.apply(found.changes)
    base.validate()
    return found


def actions(found: SheetPlan) -> list[str]:
    """Return what becomes of each row."""
    return [outcome.action for outcome in found.outcomes]


def test_a_student_comes_with_all_that_is_said() -> None:
    """Who it is, and every membership; what is missing is made."""
    base = Planning(a_grid())
    found = done(TITLES + MARTIN + PETIT, base)
    assert actions(found) == ["create", "create"]
    row = base.get("student", 1)
    assert isinstance(row, Student)
    assert (row.name, row.first_name, row.email, row.born_on, row.sex) == (
        "MARTIN",
        "Zoë",
        "z@x",
        "2001-02-28",
        "Féminin",
    )
    assert row.categories == (1,)
    expected = {
        "cohort": 1,
        "group": 3,
        "combined_group": 2,
        "student": 2,
        "membership": 8,
        "category": 1,
        "category_value": 1,
    }
    assert found.made == expected
    groups = [row for row in base.rows("group").values() if isinstance(row, Group)]
    assert [(one.name, one.partition, one.elective, one.size) for one in groups] == [
        ("gr1", "TD", False, 1), ("Latin", "Latin", True, 1), ("gr2", "TD", False, 1)
    ]  # fmt: skip


def test_combined_groups_are_made_of_the_groups_of_their_students() -> None:
    """So their activities clash with those of these groups."""
    base = Planning(a_grid())
    done(TITLES + MARTIN.replace("< A1 > Latin", "") + PETIT, base)
    rows = [row for row in base.rows("combined_group").values() if isinstance(row, CombinedGroup)]
    assert [(row.name, row.groups) for row in rows] == [("A1 gr4", (1, 2)), ("A1 gr5", (1,))]


def test_the_second_import_does_nothing() -> None:
    """Idempotent, whatever there was before."""
    base = a_school(20)
    done(TITLES + MARTIN + PETIT, base)
    again = plan(TITLES + PETIT + MARTIN, base)
    assert (again.changes, actions(again)) == ((), ["same", "same"])


def test_a_student_who_is_there_is_completed() -> None:
    """New values and memberships; what the list does not say stays, and is told."""
    base = Planning(a_grid())
    done(TITLES + MARTIN + PETIT, base)
    moved = PETIT.replace("gr2", "gr1").replace("l@x", "leo@x")
    found = done(TITLES + moved, base)
    assert actions(found) == ["update"]
    assert (base.counts()["student"], base.counts()["membership"]) == (2, 9)
    assert "still belongs to what the list does not say" in [remark.what for remark in found.remarks]


def test_homonyms_are_told_apart_or_left_out() -> None:
    """By e-mail, then by date of birth; what cannot be known is not guessed."""
    base = Planning(a_grid())
    twins = "A,B,1@x,01/01/2001,,A1,,,,\nA,B,2@x,02/01/2001,,A1,,,,\n"
    assert actions(done(TITLES + twins, base)) == ["create", "create"]
    assert actions(plan(TITLES + twins, base)) == ["same", "same"]
    assert actions(plan(TITLES + "A,B,3@x,02/01/2001,,A1,,,,\n", base)) == ["update"]
    found = plan(TITLES + "A,B,,,,A1,,,,\n", base)
    assert (actions(found), [(one.line, one.column) for one in found.wrong()]) == (["skip"], [(2, 1)])
    assert found.changes == ()
    assert actions(plan(TITLES + PETIT + PETIT, base)) == ["create", "skip"]


@pytest.mark.parametrize(
    ("row", "place"),
    [
        (",B,,,,A1,,,,\n", (2, 1)),
        ("A,B,,31/02/2001,,A1,,,,\n", (2, 4)),
        ("A,B,,,,,gr1,,,\n", (2, 7)),
        ('A,B,,,,"A1,A2",gr1,,,\n', (2, 7)),
        ("A,B,,,,A1,,,,,plus\n", (2, 11)),
        ("A" * 201 + ",B,,,,A1,,,,\n", (2, 1)),
    ],
)
def test_a_wrong_row_says_where(row: str, place: tuple[int, int]) -> None:
    """And what only it names is not made."""
    found = plan(TITLES + row + PETIT, Planning(a_grid()))
    assert [(one.line, one.column) for one in found.wrong()] == [place]
    assert found.made["cohort"] == 1


@pytest.mark.parametrize("text", ["Nom,Prénom\nA,B\n", "Nom,Prénom,Promotions,TD,td\nA,B,,,\n", ""])
def test_another_table_is_refused(text: str) -> None:
    """It is not guessed what it may be."""
    with pytest.raises(ImportRefusedError):
        plan(text, Planning(a_grid()))


def test_the_titles_tell_the_list() -> None:
    """Whatever their case."""
    assert is_students(read_text(TITLES.upper().encode()))
    assert not is_students(read_text(b"Nom,Code\n"))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_the_list_of_a_real_school_comes_in_whole(shared_data: Path, encoding: str) -> None:
    """147 students, and every membership that a plain reading of the file counts."""
    data = (shared_data / "hyperplanning" / "hp-students-export-sample.csv").read_text("utf-8").encode(encoding)
    base = Planning(a_grid())
    found = done(data, base)
    rows = read_text(data).rows[1:]
    memberships = len(rows) + sum(row.at(6) != "" for row in rows) + sum(row.at(7).count("[") for row in rows)
    assert found.counts() == {"create": 147}
    assert found.made == {"cohort": 4, "group": 22, "combined_group": 39, "student": 147, "membership": memberships}
    assert all(row.groups for row in base.rows("combined_group").values() if isinstance(row, CombinedGroup))
    again = Planning(a_grid())
    done(write_students(base).files[FILE], again)
    assert again == base
