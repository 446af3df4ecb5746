import pytest

from hpserver.base.changes import create
from hpserver.base.rules import RULES, Barrier, Breach, Rule, barriers, breaches
from hpserver.base.rules.wording import quantity, say
from tests.rules import a_base

BASE = a_base(
    create("activity", 1, subject=1, instructors=[1], duration=3, weeks=3, place=0),
    create("activity", 2, subject=2, instructors=[1], duration=3, weeks=6, place=4),
    create("constraint", 1, rule="daily_maximum", instructors=[1], parameters=[("minutes", 150)]),
)


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("rule", list(RULES.values()), ids=list(RULES))
def test_every_rule_has_words_in_both_languages(rule: Rule, language: str) -> None:
    """Labels, parameters, and sentences that need nothing but what there is."""
    assert rule.fr
    assert rule.en
    assert rule.about
    assert all(one.fr and one.en and one.least <= one.default <= one.most for one in rule.parameters)
    breach = Breach(rule.name, 0, True, 1, "instructor", 1, (1, 2), 3, 0, 90, 60)
    barrier = Barrier(rule.name, 0, True, 1, "instructor", 1, 2, 1)
    for sentence in (say(BASE, breach, language), say(BASE, barrier, language)):
        assert sentence
        assert "{" not in sentence


def test_a_breach_is_told_with_names_hours_and_weeks() -> None:
    """In the words of the rule."""
    (breach,) = breaches(BASE)
    assert say(BASE, breach, "fr") == ("Enseignant Enseignant 1 : 3 h le lundi au lieu de 2 h 30 au plus, semaines [2]")
    assert say(BASE, breach, "en") == ("Instructor Enseignant 1: 3 h on Monday instead of 2 h 30 at most, weeks [2]")


def test_a_barrier_is_told_with_what_the_constraint_asks() -> None:
    """The parameters are those of the constraint, not the defaults."""
    (barrier,) = barriers(BASE, 1)
    assert say(BASE, barrier, "fr") == "Enseignant Enseignant 1 : plus de 2 h 30 dans la journée, semaines [2]"


def test_what_is_gone_is_called_by_its_key() -> None:
    """A breach of a moment ago can still be told; of many activities the number is."""
    breach = Breach("room_pool", 0, True, 0, "room_pool", 9, (1, 2, 7, 8), 3, 0, 3, 2)
    assert say(BASE, breach, "de").startswith("Room pool 9: 3 rooms needed instead of 2 on Monday")
    many = Breach("working_days", 0, True, 0, "activity", 1, (1, 2, 7, 8), 3, None, 1, 2)
    assert say(BASE, many, "fr").startswith("4 cours : sur 1 jour")


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (90, "minutes", "1 h 30"),
        (60, "minutes", "1 h"),
        (5, "minutes", "5 min"),
        (690, "clock", "11:30"),
        (3, "count", "3"),
    ],
)
def test_a_number_is_written_as_its_unit(value: int, unit: str, text: str) -> None:
    """As on a timetable."""
    assert quantity(value, unit, "fr") == text  # type: ignore[arg-type] # one of the units


def test_a_truth_is_yes_or_no() -> None:
    """In the language asked for."""
    assert (quantity(1, "truth", "fr"), quantity(0, "truth", "en")) == ("oui", "no")
