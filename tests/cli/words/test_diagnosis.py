"""What the commands of the diagnosis print, without a command."""

import pytest

from hpserver.base.changes import create
from hpserver.base.diagnosis.grid import MOST_REASONS
from hpserver.base.diagnosis.repairs import Repairs
from hpserver.base.diagnosis.report import report
from hpserver.cli.words.diagnosis import (
    diagnosis_shown,
    repairs_shown,
    report_shown,
    resource_of,
    rooms_shown,
    slots_shown,
    steps_of,
    weeks_of,
)
from hpserver.errors import InvalidChangeError, NotFoundError
from tests.base.diagnosis.naive import a_planning
from tests.histories import GRID


def test_nothing_wrong_and_nothing_found_are_said() -> None:
    """An empty answer is a sentence too."""
    planning = a_planning(create("activity", 1))
    assert report_shown(planning, report(planning), (), "en")[1] == "no clash, no rule broken"
    assert report_shown(planning, report(planning), (), "fr")[1] == "aucun conflit, aucune contrainte enfreinte"
    assert repairs_shown(planning, Repairs((), complete=False, tries=3), "en")[1].splitlines() == [
        "no repair was found",
        "the search was cut short: there may be others",
    ]
    assert rooms_shown(planning, (), "fr", 0b111)[1] == "aucune salle n'est libre dans toutes les semaines [1..3]"
    assert slots_shown(planning, {}, "fr") == ({"places": {}}, "")
    assert "no place" in diagnosis_shown(planning, 1, (), None, "en")[1]


def test_the_easiest_place_is_told_when_nothing_is_free() -> None:
    """With what would have to be lifted there."""
    busy = [create("activity", 10 + place, instructors=[1], weeks=1, place=place) for place in (0, 6, 24)]
    planning = a_planning(create("activity", 1, instructors=[1], duration=6, weeks=1), *busy)
    value, text = diagnosis_shown(planning, 1, (), None, "fr")
    assert value["easiest"] == 0
    assert text.splitlines()[-1].startswith("le plus facile, lundi 08:00 : lever ")


def test_a_crowd_of_reasons_ends_with_their_number() -> None:
    """In both languages; a program reads the number."""
    others = [create("activity", key, place=2, weeks=1) for key in range(2, MOST_REASONS + 14)]
    named = list(range(1, MOST_REASONS + 14))
    planning = a_planning(
        create("activity", 1, weeks=1), *others, create("constraint", 1, rule="not_overlapping", activities=named)
    )
    value, text = diagnosis_shown(planning, 1, (), 2, "en")
    assert (len(value["reasons"]), value["more"]) == (MOST_REASONS, 12)
    assert "  … and 12 more" in text.splitlines()
    assert "  … et 12 de plus" in diagnosis_shown(planning, 1, (), 2, "fr")[1].splitlines()
    assert "more" not in diagnosis_shown(planning, 1, (), 0, "en")[1]


def test_lengths_weeks_and_resources_as_they_are_written() -> None:
    """Minutes in whole steps, week sets of the grid, a kind and a name."""
    assert (steps_of(GRID, 0), steps_of(GRID, 90)) == (2, 3)
    assert (weeks_of(GRID, ""), weeks_of(GRID, "[1..2]"), weeks_of(GRID, "1-2")) == (0b1111, 0b0011, 0b0011)
    planning = a_planning()
    assert resource_of(planning, "room:room 2") == ("room", 2)
    for wrong in (lambda: steps_of(GRID, 45), lambda: weeks_of(GRID, "[9]"), lambda: resource_of(planning, "what:1")):
        with pytest.raises(InvalidChangeError):
            wrong()
    with pytest.raises(NotFoundError):
        resource_of(planning, "room:nowhere")
