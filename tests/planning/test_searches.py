"""Searches asked of a server say what the base says."""

import msgspec
import pytest

from hpserver.base.changes import create, update
from hpserver.base.diagnosis.grid import MOST_REASONS, PlaceDiagnosis, Standing, diagnose
from hpserver.base.diagnosis.repairs import Repair, repairs
from hpserver.base.diagnosis.report import Report, report
from hpserver.base.diagnosis.rooms import RoomFit, Wanted, free_rooms, free_slots
from hpserver.base.diagnosis.smallest import Smallest, smallest, smallest_of_all
from hpserver.base.planning import Planning
from hpserver.errors import InvalidChangeError, UnknownObjectError
from hpserver.planning.limits import SERVED_TRIES
from hpserver.planning.queries import Answers, answer
from hpserver.protocol import messages as m
from tests.base.diagnosis.naive import a_planning
from tests.schools import a_school


@pytest.fixture(scope="module")
def planning() -> Planning:
    """Return a school."""
    return a_school(300)


def test_a_diagnosis_is_the_grid_and_one_place(planning: Planning) -> None:
    """Every place with its three week sets; the reasons of the place asked about, the fewest causes."""
    found = diagnose(planning, 1)
    whole = answer(planning, 7, m.GetDiagnosis(5, 0, 1))
    assert isinstance(whole, m.Diagnosis)
    assert (whole.id, whole.revision, whole.weeks) == (5, 7, found.weeks)
    assert msgspec.msgpack.decode(whole.places, type=dict[int, Standing]) == found.places()
    assert msgspec.msgpack.decode(whole.here) is None
    assert msgspec.msgpack.decode(whole.smallest, type=Smallest) == smallest_of_all(planning, found)
    place = next(place for place, standing in found.places().items() if standing.blocked)
    one = answer(planning, 7, m.GetDiagnosis(5, 0, 1, (), place))
    assert isinstance(one, m.Diagnosis)
    assert msgspec.msgpack.decode(one.here, type=PlaceDiagnosis) == found.at(place)
    assert msgspec.msgpack.decode(one.smallest, type=Smallest) == smallest(planning, found, place)


def test_a_crowd_of_reasons_is_counted_and_not_told() -> None:
    """An answer names the first of them, says how many more there are, and what all of them cost."""
    others = [create("activity", key, place=2, weeks=1) for key in range(2, MOST_REASONS + 12)]
    crowd = a_planning(
        create("activity", 1, weeks=1),
        *others,
        create(
            "constraint", 1, rule="not_overlapping", activities=list(range(1, MOST_REASONS + 12)), hard=False, weight=3
        ),
    )
    found = answer(crowd, 7, m.GetDiagnosis(5, 0, 1, (), 2))
    assert isinstance(found, m.Diagnosis)
    here = msgspec.msgpack.decode(found.here, type=PlaceDiagnosis)
    assert (len(here.reasons), here.more, here.cost) == (MOST_REASONS, 10, 3 * len(others))


def test_repairs_come_with_their_changes(planning: Planning) -> None:
    """What is answered can be sent in a transaction; the base is as it was."""
    place = next(place for place, standing in diagnose(planning, 1).places().items() if standing.blocked)
    given = answer(planning, 7, m.GetRepairs(5, 0, 1, place))
    assert isinstance(given, m.Repairs)
    found = repairs(planning, 1, place, tries=SERVED_TRIES)
    assert given.complete == found.complete
    decoded = msgspec.msgpack.decode(given.found, type=tuple[Repair, ...])
    assert [one.edits for one in decoded] == [one.edits for one in found.found]
    applied = planning.apply(decoded[0].changes)
    assert diagnose(planning, 1).standing(place).blocked == 0
    planning.revert(applied)
    planning.validate()


def test_free_rooms_and_slots(planning: Planning) -> None:
    """As the base finds them."""
    rooms = answer(planning, 7, m.GetFreeRooms(5, 0, 4, 2, 0b111, 30))
    assert isinstance(rooms, m.FreeRooms)
    expected = free_rooms(planning, 4, 2, 0b111, Wanted(30))
    assert msgspec.msgpack.decode(rooms.rooms, type=tuple[RoomFit, ...]) == expected
    slots = answer(planning, 7, m.GetFreeSlots(5, 0, (("room", 1), ("instructor", 1)), 2, 0b111))
    assert isinstance(slots, m.FreeSlots)
    known = free_slots(planning, [("room", 1), ("instructor", 1)], 2, 0b111)
    assert msgspec.msgpack.decode(slots.places, type=dict[int, int]) == known


def test_a_report_is_bounded(planning: Planning) -> None:
    """However many are asked for."""
    given = answer(planning, 7, m.GetReport(5, 0, 10_000))
    assert isinstance(given, m.Report)
    assert msgspec.msgpack.decode(given.report, type=Report) == report(planning)


def test_what_does_not_exist_is_refused(planning: Planning) -> None:
    """An activity, a room, a kind without timetable, a place on a day off."""
    with pytest.raises(UnknownObjectError):
        answer(planning, 7, m.GetDiagnosis(5, 0, 10_000))
    with pytest.raises(UnknownObjectError):
        answer(planning, 7, m.GetFreeSlots(5, 0, (("room", 10_000),), 2, 1))
    with pytest.raises(InvalidChangeError):
        answer(planning, 7, m.GetFreeSlots(5, 0, (("subject", 1),), 2, 1))
    with pytest.raises(InvalidChangeError):
        answer(planning, 7, m.GetFreeRooms(5, 0, 6 * planning.grid.steps_per_day, 2, 1))
    with pytest.raises(InvalidChangeError):
        answer(planning, 7, m.GetRepairs(5, 0, 1, 6 * planning.grid.steps_per_day))


def test_a_report_is_made_once_per_revision() -> None:
    """It looks at the whole base: who asks again gets the same, until an edit or another limit."""
    planning = a_school(120)
    answers = Answers(planning)
    first = answers.answer(7, m.GetReport(5, 0, 10))
    again = answers.answer(7, m.GetReport(6, 0, 10))
    assert isinstance(first, m.Report)
    assert isinstance(again, m.Report)
    assert again.report is first.report
    assert again.id == 6
    assert answers.answer(7, m.GetReport(5, 0, 20)) == answer(planning, 7, m.GetReport(5, 0, 20))
    planning.apply([update("activity", key, place=None) for key in range(1, 60)])
    assert answers.answer(8, m.GetReport(5, 0, 10)) == answer(planning, 8, m.GetReport(5, 0, 10)) != first
