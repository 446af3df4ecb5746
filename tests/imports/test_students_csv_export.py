from hpserver.base.changes import create
from hpserver.base.planning import Planning
from hpserver.imports.students_csv import plan_students
from hpserver.imports.students_csv_export import FILE, TITLES, write_students
from hpserver.imports.table_text import read_text
from tests.schools import a_grid


def a_base() -> Planning:
    """Return two students with everything that the list has a word for."""
    base = Planning(a_grid())
    base.apply(
        [
            create("category", 1, name="Boursier", kinds=["student"]),
            create("category_value", 1, category=1, name="Oui"),
            create("cohort", 1, name="A1", size=2),
            create("group", 1, cohort=1, name="gr1", partition="TD", size=1),
            create("group", 2, cohort=1, name="Latin", partition="Latin", elective=True, size=1),
            create("combined_group", 1, name="A1 gr4", groups=[1, 2]),
            create("student", 1, name="MARTIN", first_name="Zoë", email="z@x", born_on="2001-02-28", categories=[1]),
            create("student", 2, name="=PETIT", first_name="Léo, Jr"),
            create("membership", 1, student=1, cohort=1),
            create("membership", 2, student=1, group=1),
            create("membership", 3, student=1, group=2),
            create("membership", 4, student=1, combined=1),
            create("membership", 5, student=2, cohort=1),
        ]
    )
    return base


def test_the_list_is_written_as_hyperplanning_does() -> None:
    """Title for title, sign for sign."""
    rows = read_text(write_students(a_base()).files[FILE]).rows
    assert rows[0].cells == TITLES
    assert rows[1].cells == (
        "MARTIN", "Zoë", "z@x", "28/02/2001", "", "A1", "< A1 > gr1", "[ A1 gr4]", "< A1 > Latin", "Boursier : Oui",
    )  # fmt: skip


def test_what_is_exported_imports_as_the_same_base() -> None:
    """Onto itself nothing changes; into an empty base, the same students, groups and memberships."""
    base = a_base()
    table = read_text(write_students(base, ";").files[FILE])
    assert plan_students(table, base).changes == ()
    other = Planning(a_grid())
    other.apply(plan_students(table, other).changes)
    for kind in ("student", "cohort", "group", "membership", "category_value", "combined_group"):
        assert other.rows(kind) == base.rows(kind), kind


def test_what_the_list_does_not_say_is_counted() -> None:
    """Weeks of a membership, phones and numbers of students."""
    base = a_base()
    base.apply([create("student", 3, name="X", code="7", phone="1")])
    base.apply([create("membership", 6, student=3, cohort=1, weeks=3)])
    left = {"membership with weeks": 1, "student with a number": 1, "student with a phone": 1}
    assert write_students(base).left_out == left
