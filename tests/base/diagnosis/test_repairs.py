"""A repair, done, leaves the wanted place free and nothing new broken; the search leaves no trace."""

from hypothesis import given
from hypothesis import strategies as st

from hpserver.base.changes import Change, create, update
from hpserver.base.diagnosis.grid import TAKEN, diagnose
from hpserver.base.diagnosis.repairs import Repairs, repairs
from hpserver.base.diagnosis.targets import Edit
from hpserver.base.integrity import naive_clashes
from hpserver.base.model import Activity, meeting_key
from hpserver.base.planning import Planning
from hpserver.base.rules import breaches
from hpserver.base.weeks import each_week
from hpserver.errors import HPError
from tests.base.diagnosis.naive import a_planning, places_for
from tests.histories import GRID, founding, histories


def test_who_is_in_the_way_moves() -> None:
    """One other activity holds the instructor in one week: that meeting alone moves, to the nearest hour first."""
    planning = a_planning(
        create("activity", 1, instructors=[1], weeks=0b11),
        create("activity", 2, instructors=[1], groups=[1], weeks=0b110, place=0),
    )
    found = repairs(planning, 1, 0)
    assert found.complete
    best = found.found[0]
    assert best.edits == (Edit("move", 2, 0b010, False, 6),)
    assert (best.students, best.instructors, best.rehoused, best.meetings) == (10, 1, 0, 1)
    check(planning, 1, 0, found)


def test_another_room_disturbs_nobody() -> None:
    """The wanted activity takes another room as large; or the other one does."""
    planning = a_planning(
        create("activity", 1, rooms=[1], weeks=0b1),
        create("activity", 2, rooms=[1], groups=[1], weeks=0b1, place=0),
    )
    found = repairs(planning, 1, 0)
    assert found.found[0].edits == (Edit("room", 1, 0b1, True, None, (2,)),)
    assert found.found[0].weight == (0, 0, 0, 1)
    assert found.found[1].edits == (Edit("room", 2, 0b1, True, None, (2,)),)
    assert (found.found[1].students, found.found[1].rehoused) == (0, 10)
    check(planning, 1, 0, found)


def test_a_colleague_who_teaches_the_subject_may_stand_in() -> None:
    """As the teaching assignments say."""
    planning = a_planning(
        create("activity", 1, instructors=[1], subject=1, weeks=0b1),
        create("activity", 2, instructors=[1], weeks=0b1, place=0, locked=True),
        create("teaching_assignment", 1, instructor=2, subject=1),
    )
    found = repairs(planning, 1, 0)
    assert [one.edits for one in found.found] == [(Edit("instructor", 1, 0b1, True, None, (2,)),)]
    check(planning, 1, 0, found)


def test_a_chain_of_three() -> None:
    """Every place is taken but the last: each makes room for the one before, no further than three."""
    days = range(6), range(6, 12), range(24, 30)
    busy = [place for day in days for place in day]
    kept = {0: 2, 6: 3, 24: 4}
    changes = [
        create("activity", 100 + place, instructors=[1, 2], rooms=[1, 2], weeks=0b1111, place=place, locked=True)
        for place in busy if place not in {*kept, 29}
    ]  # fmt: skip
    planning = a_planning(
        *changes,
        create("activity", 1, instructors=[1], weeks=0b1),
        create("activity", 2, instructors=[1], rooms=[1], groups=[1], weeks=0b1, place=0),
        create("activity", 3, rooms=[1], groups=[2], weeks=0b1, place=6),
        create("activity", 4, rooms=[1], groups=[2], weeks=0b1, place=24),
        create("activity", 5, instructors=[1], groups=[3], weeks=0b1, place=29),
        create("availability", 1, group=1, level="impossible", place=24, steps=6, weeks=0b1111),
    )
    planning.apply([update("room", 2, capacity=0), update("room", 1, capacity=50, site=None)])
    found = repairs(planning, 1, 0)
    assert found.found
    assert repairs(planning, 1, 0, depth=1).found == ()
    assert [one.activity for one in found.found[0].edits] == [2, 3]
    check(planning, 1, 0, found)


def test_what_is_locked_stays() -> None:
    """An activity or a meeting that is locked is in the way for good."""
    planning = a_planning(
        create("activity", 1, instructors=[1], weeks=0b11),
        create("activity", 2, instructors=[1], weeks=0b11, place=0),
        create("meeting", meeting_key(2, 1), locked=True),
    )
    assert repairs(planning, 1, 0).found == ()
    planning.apply([update("meeting", meeting_key(2, 1), locked=False)])
    assert repairs(planning, 1, 0).found != ()
    planning.apply([update("activity", 2, locked=True)])
    assert repairs(planning, 1, 0).found == ()


def test_nobody_is_left_with_a_gap_that_is_forbidden() -> None:
    """Who moves away from the middle of a day may break a rule there as well as where it arrives."""
    planning = a_planning(
        create("constraint", 1, rule="daily_gaps", hard=True, parameters=(("minutes", 0),), instructors=[2]),
        create("activity", 1, instructors=[1], weeks=0b1),
        create("activity", 2, instructors=[1, 2], weeks=0b1, place=1),
        create("activity", 3, instructors=[2], weeks=0b1, place=0, locked=True),
        create("activity", 4, instructors=[2], weeks=0b1, place=2),
    )
    found = repairs(planning, 1, 1)
    assert found.found
    assert all({edit.activity for edit in one.edits} == {2, 4} for one in found.found)
    check(planning, 1, 1, found)


def test_nothing_to_repair_is_one_repair_of_nothing() -> None:
    """Where it is free, placing it is all."""
    planning = a_planning(create("activity", 1, instructors=[1], weeks=0b11))
    (only,) = repairs(planning, 1, 3).found
    assert only.edits == ()
    assert only.changes == (update("activity", 1, place=3),)


def test_an_impossible_time_cannot_be_repaired() -> None:
    """Moving others does not help an instructor who is away."""
    planning = a_planning(
        create("activity", 1, instructors=[1], weeks=0b11),
        create("availability", 1, instructor=1, level="impossible", place=0, steps=1, weeks=0b01),
    )
    assert repairs(planning, 1, 0) == Repairs((), complete=True, tries=0)


def test_a_search_stops_at_its_tries() -> None:
    """It says that it did not see everything."""
    planning = a_planning(
        create("activity", 1, instructors=[1], weeks=0b11),
        create("activity", 2, instructors=[1], weeks=0b11, place=0),
    )
    found = repairs(planning, 1, 0, tries=1)
    assert (len(found.found), found.complete, found.tries) == (1, False, 1)


@given(histories, st.data())
def test_every_repair_does_what_it_says(history: list[list[Change]], data: st.DataObject) -> None:
    """Done, the place is free, no clash is new, nothing locked moved; the search itself left everything as it was."""
    planning = Planning(GRID)
    planning.apply(founding())
    for changes in history:
        try:
            planning.apply(changes)
        except HPError:
            continue
    activities = sorted(planning.rows("activity"))
    if activities:
        activity = data.draw(st.sampled_from(activities))
        places = places_for(planning, planning.activity(activity).duration)
        if places:
            place = data.draw(st.sampled_from(places))
            check(planning, activity, place, repairs(planning, activity, place, tries=100))


def hard_breaches(planning: Planning) -> set[tuple[str, int, str, int, int]]:
    """Return the hard rules that are broken, week by week."""
    return {
        (one.rule, one.constraint, one.kind, one.key, week)
        for one in breaches(planning)
        if one.hard
        for week in each_week(one.weeks)
    }


def check(planning: Planning, activity: int, place: int, found: Repairs) -> None:
    """Do each repair and look; the planning is as it was before and after."""
    planning.validate()
    before, broken = naive_clashes(planning), hard_breaches(planning)
    assert repairs(planning, activity, place, tries=found.tries + found.complete).found == found.found
    assert [one.weight for one in found.found] == sorted(one.weight for one in found.found)
    for one in found.found:
        locked = {
            key: row for key, row in planning.rows("activity").items() if isinstance(row, Activity) and row.locked
        }
        applied = planning.apply(one.changes)
        here = diagnose(planning, activity)
        assert here.standing(place).blocked == 0
        assert not [reason for reason in here.at(place).reasons if reason.rule == TAKEN]
        news = naive_clashes(planning) - before
        assert not news
        assert hard_breaches(planning) <= broken
        assert all(planning.get("activity", key) == row for key, row in locked.items() if key != activity)
        planning.revert(applied)
    assert naive_clashes(planning) == before
