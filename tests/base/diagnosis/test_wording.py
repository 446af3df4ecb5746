"""A diagnosis in the words of the product, in French and English."""

import pytest

from hpserver.base.changes import create
from hpserver.base.diagnosis.explained import Named, explain_edit, explain_repair, named
from hpserver.base.diagnosis.grid import Standing, diagnose
from hpserver.base.diagnosis.repairs import Repair
from hpserver.base.diagnosis.targets import Edit
from hpserver.base.diagnosis.wording import (
    VERDICTS,
    WORDS,
    cell,
    say_cause,
    say_edit,
    say_reason,
    say_repair,
    say_standing,
    table,
)
from hpserver.base.planning import Planning
from tests.base.diagnosis.naive import a_planning


@pytest.fixture
def planning() -> Planning:
    """Return an activity with a clash, a shared group, and a time that is not wished."""
    return a_planning(
        create("activity", 1, instructors=[1], cohorts=[1], subject=1, weeks=0b1111),
        create("activity", 2, instructors=[1], subject=2, weeks=0b0011, place=0),
        create("activity", 3, groups=[1], subject=2, weeks=0b0001, place=0),
        create("availability", 1, instructor=1, level="unwanted", place=0, steps=6, weeks=0b1111),
    )


def test_both_languages_have_every_word() -> None:
    """A word missing in one would be missed on a screen only."""
    assert WORDS["fr"].keys() == WORDS["en"].keys()
    assert VERDICTS["fr"].keys() == VERDICTS["en"].keys()


@pytest.mark.parametrize(
    ("standing", "fr", "en", "shown"),
    [
        (Standing(0b111, 0, 0), "libre toutes les semaines (3)", "free in all weeks (3)", "✓"),
        (Standing(0b011, 0, 0b100), "libre 2 semaines sur 3", "free in 2 of 3 weeks", "2"),
        (
            Standing(0b001, 0b010, 0b100),
            "possible 2 semaines sur 3, avec contrainte non respectée (1 semaine)",
            "possible in 2 of 3 weeks, a soft constraint being broken in 1", "2·",
        ),
        (Standing(0, 0, 0b100), "impossible", "impossible", "\N{EN DASH}"),
    ],
)  # fmt: skip
def test_the_four_verdicts(standing: Standing, fr: str, en: str, shown: str) -> None:
    """Free in all weeks, in some, possible with a breach, impossible."""
    assert say_standing(standing, "fr") == fr
    assert say_standing(standing, "en") == say_standing(standing, "de") == en
    assert cell(standing) == shown
    assert cell(None) == "\N{EN DASH}"


def test_a_reason_is_a_sentence(planning: Planning) -> None:
    """Who is taken by what in which weeks; the hard ones are crossed, the soft ones have a cost."""
    reasons = diagnose(planning, 1).at(0).reasons
    assert [say_reason(planning, one, "fr") for one in reasons[:2]] == [
        "✗ Enseignant instructor 1 : en subject 2, 2 semaines [1..2]",
        "✗ Promotion L1 : des étudiants (TD ou option g) en subject 2 (L1 g), 1 semaine [1]",
    ]
    assert say_reason(planning, reasons[0], "en") == "✗ Instructor instructor 1: in subject 2, 2 weeks [1..2]"
    soft = say_reason(planning, reasons[2], "en")
    assert soft.startswith("· Instructor instructor 1: ")
    assert soft.endswith(f"(cost {reasons[2].cost} a week)")


def test_the_grid_is_a_table_of_days_and_hours(planning: Planning) -> None:
    """A line per step, a column per working day, what is possible in each."""
    lines = table(planning.grid, diagnose(planning, 1), "fr")
    assert lines[0].split() == ["lundi", "mardi", "vendredi"]
    assert lines[1].split() == ["08:00", "2·", "✓", "✓"]
    assert lines[2].split()[1:] == ["✓·", "✓", "✓"]
    assert lines[-1].startswith("✓ libre toutes les semaines (4)")
    assert len(lines) == 2 + planning.grid.steps_per_day


def test_repairs_and_causes(planning: Planning) -> None:
    """Whom it disturbs, then what to do."""
    edits = (Edit("move", 2, 0b11, True, 7), Edit("room", 3, 0b1, False, None, (2,)))
    told = explain_repair(planning, Repair(edits, (), 10, 1, 25, 3))
    assert say_repair(told, "fr") == [
        "dérange 10 étudiants et 1 enseignant, 3 séances, 25 personnes ailleurs à la même heure",
        "  déplacer subject 2 du lundi 08:00 au mardi 08:30, toutes ses semaines (2)",
        "  donner à subject 2 (L1 g), lundi 08:00, la salle room 2, semaines [1]",
    ]
    assert say_repair(explain_repair(planning, Repair((), (), 0, 0, 0, 0)), "en") == ["disturbs nobody"]
    given = explain_edit(planning, Edit("instructor", 1, 0b1, False, None, (2,)))
    assert say_edit(given, "en") == "have subject 1 (L1) taught by instructor 2, weeks [1]"
    assert say_cause(named(planning, ("room", 1)), "fr") == "Salle room 1"
    assert say_cause(Named("rule", 0, ""), "en") == "rule"
    assert say_cause(Named("activity", 9, ""), "fr") == "Cours cours 9"
