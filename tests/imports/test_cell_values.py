import datetime as dt
from typing import Any

import pytest

from hpserver.base.grid import Grid
from hpserver.base.registry import KINDS
from hpserver.imports.cell_values import CellError, day_of, form_of, read_cell, write_cell
from tests.schools import a_school

GRID = Grid(dt.date(2026, 8, 31), 44, 0b11111, 12, 60, 4)


@pytest.mark.parametrize(
    ("kind", "field", "text", "value"),
    [
        ("activity", "duration", "1h30", 6),
        ("activity", "duration", "90 min", 6),
        ("activity", "duration", "1:30", 6),
        ("activity", "duration", "2h", 8),
        ("activity", "weeks", "1-4,6", 0b101111),
        ("activity", "weeks", "[1..4,6]", 0b101111),
        ("activity", "weeks", "S1 à S4 ; 6", 0b101111),
        ("activity", "weeks", "toutes", GRID.all_weeks),
        ("activity", "place", "mardi 10h30", 58),
        ("activity", "place", "Tue 10:30", 58),
        ("activity", "locked", "oui", True),
        ("activity", "locked", "No", False),
        ("student", "born_on", "28/02/2001", "2001-02-28"),
        ("student", "born_on", "28/02/01", "2001-02-28"),
        ("student", "born_on", "28.02.98", "1998-02-28"),
        ("student", "born_on", "2001-02-28", "2001-02-28"),
        ("room", "capacity", "1 200", 1200),
        ("room", "hourly_cost", "12,5", 1250),
        ("room", "hourly_cost", "1250", 1250),
        ("availability", "level", "Impossible", "impossible"),
        ("constraint", "parameters", "minutes=360; limit=2", (("minutes", 360), ("limit", 2))),
        ("category", "kinds", "room; student", ("room", "student")),
        ("absence", "week", "3", 2),
        ("oral_exam", "turn", "1h15", 75),
    ],
)
def test_a_cell_says_a_value_as_people_write_it(kind: str, field: str, text: str, value: Any) -> None:
    """In French and in English."""
    assert read_cell(KINDS[kind].by_name[field], text, GRID) == value


@pytest.mark.parametrize(
    ("kind", "field", "text"),
    [
        ("activity", "duration", "1h20"),
        ("activity", "duration", "0"),
        ("activity", "duration", "long"),
        ("activity", "weeks", "45"),
        ("activity", "weeks", "4-1"),
        ("activity", "weeks", "1," * 600),
        ("activity", "place", "mardi"),
        ("activity", "place", "m 10h00"),
        ("activity", "place", "mardi 10h10"),
        ("activity", "place", "mardi 25:99"),
        ("activity", "locked", "peut-être"),
        ("student", "born_on", "31/02/2001"),
        ("student", "born_on", "hier"),
        ("room", "capacity", "-x"),
        ("room", "capacity", "9" * 20),
        ("availability", "level", "jamais"),
        ("constraint", "parameters", "360"),
        ("absence", "week", "0"),
        ("survey_answer", "marks", "a"),
    ],
)
def test_a_cell_that_says_no_value_says_what_it_should_be(kind: str, field: str, text: str) -> None:
    """An error of this module, never another one."""
    with pytest.raises(CellError):
        read_cell(KINDS[kind].by_name[field], text, GRID)


def test_the_first_letters_of_a_day_are_enough_when_they_are_plain() -> None:
    """`ma` is Tuesday, `m` is none, and neither is an empty text."""
    assert [day_of("lu"), day_of("MAR."), day_of("Wednesday")] == [0, 1, 2]
    for text in ("", "m", "xx"):
        with pytest.raises(CellError):
            day_of(text)


def test_every_field_of_every_kind_has_a_form() -> None:
    """What a new field is written as is decided by its declaration."""
    forms = {(kind.name, field.name): form_of(field) for kind in KINDS.values() for field in kind.fields()}
    assert forms["meeting", "rooms"] == "refs"
    assert forms["membership", "weeks"] == "weeks"
    assert forms["instructor", "due"] == "minutes"
    assert forms["room", "site"] == "ref"


def test_what_is_written_is_read_back() -> None:
    """Every value of a school, field by field."""
    planning = a_school(40)
    for kind in KINDS.values():
        for row in planning.rows(kind.name).values():
            for field in kind.fields():
                value = getattr(row, field.name)
                text = write_cell(field, value, planning.grid) if field.ref is None else ""
                if text:
                    assert read_cell(field, text, planning.grid) == value
