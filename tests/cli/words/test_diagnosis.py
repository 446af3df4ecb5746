"""What the commands of the diagnosis print, without a command."""

import pytest

from hpserver.base.changes import create
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
    assert report_shown(planning, report(planning), "en")[1] == "no clash, no rule broken"
    assert report_shown(planning, report(planning), "fr")[1] == "aucun conflit, aucune contrainte enfreinte"
    assert repairs_shown(planning, Repairs((), complete=False, tries=3), "en")[1].splitlines() == [
        "no repair was found",
        "the search was cut short: there may be others",
    ]
    assert rooms_shown(planning, (), "fr")[1] == "aucune salle libre"
    assert slots_shown(planning, {}, "fr") == ({"places": {}}, "")
    assert "no place" in diagnosis_shown(planning, 1, (), None, "en")[1]


def test_the_easiest_place_is_told_when_nothing_is_free() -> None:
    """With what would have to be lifted there."""
    busy = [create("activity", 10 + place, instructors=[1], weeks=1, place=place) for place in (0, 6, 24)]
    planning = a_planning(create("activity", 1, instructors=[1], duration=6, weeks=1), *busy)
    value, text = diagnosis_shown(planning, 1, (), None, "fr")
    assert value["easiest"] == 0
    assert text.splitlines()[-1].startswith("le plus facile, lundi 08:00 : lever ")


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
