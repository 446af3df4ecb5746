import pytest

from hpserver.base.changes import create
from hpserver.base.planning import Planning
from hpserver.imports.pending import Pending
from hpserver.imports.sheet_names import Cell, Names, Similar, split_name
from hpserver.imports.sheet_plan import Remarks
from tests.schools import a_grid


def made(similar: Similar = "ask") -> tuple[Names, Pending, Remarks]:
    """Return the names of a small base."""
    planning = Planning(a_grid())
    planning.apply(
        [
            create("cohort", 1, name="L1"), create("cohort", 2, name="L2"), create("room", 1, name="B 101"),
            create("room", 2, name="Amphi, grand"), create("group", 1, cohort=1, name="TD1"),
            create("group", 2, cohort=2, name="TD1"), create("category", 1, name="Étage"),
            create("category_value", 1, category=1, name="Bas"), create("student", 1, name="A", first_name="B"),
            create("student", 2, name="A", first_name="B"),
        ]
    )  # fmt: skip
    pending, remarks = Pending(planning), Remarks()
    return Names(pending, remarks, similar), pending, remarks


CELL = Cell(3, 2)


def test_a_list_of_names_is_cut_at_commas_unless_a_name_has_one() -> None:
    """Both separators, each object once."""
    names, _, remarks = made()
    assert names.many("room", "Amphi, grand", CELL) == (2,)
    assert names.many("room", "B 101; Amphi; B 101", CELL) == (1, -1)
    assert not remarks.list


def test_a_new_name_makes_an_object_of_the_kinds_that_a_name_is_enough_for() -> None:
    """A student is never made by being named."""
    names, pending, remarks = made()
    assert names.maybe_one("instructor", "DURAND Paul", CELL) == -1
    assert pending.fields("instructor", -1) == {"name": "DURAND", "first_name": "Paul"}
    assert names.maybe_one("student", "Inconnu", CELL) is None
    assert [(one.line, one.column, one.wrong) for one in remarks.list] == [(3, 2, True)]


@pytest.mark.parametrize(("similar", "key"), [("ask", None), ("match", 1), ("create", -1)])
def test_a_near_name_is_held_back_taken_or_made(similar: Similar, key: int | None) -> None:
    """What the person wishes; without a wish, nothing is made twice."""
    names, _, remarks = made(similar)
    assert names.maybe_one("room", "B101", CELL) == key
    assert any(one.wrong for one in remarks.list) == (similar == "ask")


def test_a_group_is_found_in_its_cohort() -> None:
    """Said in the cell, or by the cohorts of the row; the same name in two cohorts is not guessed."""
    names, _, remarks = made()
    assert names.many("group", "< L2 > TD1", CELL) == (2,)
    assert names.many("group", "TD1", CELL, (1,)) == (1,)
    assert names.many("group", "TD9", CELL, (1,)) == (-1,)
    assert not remarks.list
    assert names.many("group", "TD1", CELL) == ()
    assert names.many("group", "TD1", CELL, (1, 2)) == ()
    assert all(one.wrong for one in remarks.list)


def test_a_category_value_is_written_with_its_category() -> None:
    """Or alone, when only one category has it."""
    names, _, remarks = made()
    assert names.many("category_value", "bas, Étage : Haut", CELL) == (1, -1)
    assert not remarks.list
    assert names.many("category_value", "Ailleurs", CELL) == ()
    assert remarks.list[0].wrong


def test_homonyms_are_not_guessed() -> None:
    """The row is held back."""
    names, _, remarks = made()
    assert names.maybe_one("student", "B A", CELL) is None
    assert "several" in remarks.list[0].what


def test_words_in_capitals_are_the_name() -> None:
    """As French lists write people."""
    assert split_name("DE LA TOUR Anne Marie") == {"name": "DE LA TOUR", "first_name": "Anne Marie"}
    assert split_name("Anne Marie") == {"name": "Anne Marie"}
    assert split_name("DURAND") == {"name": "DURAND"}
