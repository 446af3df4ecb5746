"""The whole grid at once says what every cell says alone."""

from collections.abc import Iterable

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hpserver.base.changes import Change, create, update
from hpserver.base.diagnosis.grid import (
    CROWD,
    MOST_BARRIERS,
    MOST_REASONS,
    TAKEN,
    PlaceDiagnosis,
    Reason,
    Standing,
    diagnose,
)
from hpserver.base.diagnosis.smallest import smallest_of_all
from hpserver.base.model import meeting_key
from hpserver.base.planning import Planning
from hpserver.base.rules import RULES
from hpserver.base.rules.api import Barrier
from hpserver.base.weeks import each_week
from hpserver.errors import HPError, UnknownObjectError
from tests import rules
from tests.base.diagnosis.naive import a_planning, clashes_at, needed, places_for
from tests.histories import GRID, founding, histories

NAMED = sorted(name for name, rule in RULES.items() if not rule.built_in)
"""Rules that a constraint may name."""


@given(histories)
def test_the_grid_is_what_every_cell_says(history: list[list[Change]]) -> None:
    """Free and impossible weeks and who is in the way, place by place, as a plain search finds them."""
    planning = Planning(GRID)
    planning.apply(founding())
    for changes in history:
        try:
            planning.apply(changes)
        except HPError:
            continue
    for activity in planning.rows("activity"):
        found = diagnose(planning, activity)
        places = found.places()
        weeks = needed(planning, activity)
        wanted = places_for(planning, planning.activity(activity).duration) if weeks else []
        assert list(places) == wanted
        for place in wanted:
            here, every = found.at(place), sum(1 << week for week in weeks)
            hard = _weeks(one for one in here.reasons if one.hard)
            soft = _weeks(one for one in here.reasons if not one.hard) & ~hard
            assert places[place] == here.standing == found.standing(place)
            assert here.standing == Standing(every & ~hard & ~soft, soft, hard)
            told = {
                ((one.kind, one.key), (one.other_kind, one.other_key), one.other, week)
                for one in here.reasons
                for week in each_week(one.weeks)
                if one.rule == TAKEN
            }
            assert told == clashes_at(planning, activity, place)
            free = every & ~_weeks(one for one in here.reasons if one.rule == TAKEN)
            assert planning.free_places(activity).get(place, 0) == free


def _weeks(reasons: Iterable[Reason]) -> int:
    weeks = 0
    for one in reasons:
        weeks |= one.weeks
    return weeks


def test_who_is_in_the_way_is_named_with_the_weeks() -> None:
    """The room by one activity in two weeks, students through a group by another in one."""
    planning = a_planning(
        create("activity", 1, rooms=[1], cohorts=[1], duration=2, weeks=0b1111),
        create("activity", 2, rooms=[1], duration=1, weeks=0b0011, place=1),
        create("activity", 3, groups=[2], duration=3, weeks=0b0010, place=0),
    )
    found = diagnose(planning, 1).at(0)
    assert found.standing == Standing(0b1100, 0, 0b0011)
    assert found.reasons == (
        Reason(TAKEN, 0, True, 0, "room", 1, "room", 1, 2, 0b0011),
        Reason(TAKEN, 0, True, 0, "cohort", 1, "group", 2, 3, 0b0010),
    )
    assert found.standing.verdict == "partly"
    assert diagnose(planning, 1).standing(2).verdict == "partly"
    assert diagnose(planning, 1).standing(6).verdict == "free"


def test_what_is_impossible_and_what_is_only_unwanted_are_apart() -> None:
    """A hard time blocks, an unwanted one costs; a week that is both is blocked."""
    planning = a_planning(
        create("activity", 1, instructors=[1], duration=1, weeks=0b0111),
        create("availability", 1, instructor=1, level="impossible", place=0, steps=1, weeks=0b0001),
        create("availability", 2, instructor=1, level="unwanted", place=0, steps=2, weeks=0b0011),
    )
    found = diagnose(planning, 1)
    assert found.standing(0) == Standing(0b0100, 0b0010, 0b0001)
    assert found.standing(0).verdict == "soft"
    here = found.at(0)
    assert [(one.rule, one.constraint, one.hard, one.weeks) for one in here.reasons] == [
        ("availability", 1, True, 0b0001),
        ("availability", 2, False, 0b0011),
    ]
    assert here.cost == 2 * here.reasons[1].cost
    assert found.possible()[0] == 0b0110


def test_an_answer_tells_the_first_reasons_and_how_many_more_there_are() -> None:
    """Weeks and cost stay those of all; nothing is said to be missing where nothing is."""
    reasons = tuple(
        Reason("sequence", 1, False, 2, "activity", 1, "activity", 1, other, 0b11)
        for other in range(2, 414 + MOST_REASONS)
    )
    whole = PlaceDiagnosis(7, Standing(0, 0b11, 0), 4 * len(reasons), reasons)
    assert whole.told() == PlaceDiagnosis(7, whole.standing, whole.cost, reasons[:MOST_REASONS], 412)
    assert whole.told().told(10) == PlaceDiagnosis(7, whole.standing, whole.cost, reasons[:10], 402 + MOST_REASONS)
    assert whole.told(len(reasons)) == whole


@settings(deadline=None)
@given(rules.activities(), st.data())
def test_a_budget_of_barriers_changes_nothing_that_is_said(some: list[Change], data: st.DataObject) -> None:
    """Whatever may be kept: the same grid, the same reasons and costs at every place, the same fewest causes."""
    chosen = data.draw(st.lists(st.sampled_from(NAMED), min_size=1, max_size=4))
    named = [data.draw(rules.constraints(name, st.just({}))) for name in chosen]
    planning = rules.a_base(*some, *(msgspec.structs.replace(one, key=key) for key, one in enumerate(named, 1)))
    how = st.fixed_dictionaries({"hard": st.booleans(), "weight": st.integers(0, 5)})
    planning.apply([update("constraint", key, **data.draw(how)) for key in planning.rows("constraint")])
    whole, most = diagnose(planning, 1, most=1_000), data.draw(st.integers(0, 3))
    few = diagnose(planning, 1, most=most)
    assert few.places() == whole.places()
    assert few.opposed == whole.opposed == len(whole.barriers)
    assert _against(few.barriers) == _against(whole.barriers)
    assert [few.at(place) for place in few.places()] == [whole.at(place) for place in whole.places()]
    assert smallest_of_all(planning, few) == smallest_of_all(planning, whole)
    kept = [barrier for barrier in few.barriers if barrier.rule not in {CROWD, TAKEN}]
    assert len(kept) <= most, "what is kept of the rules is bounded"
    crowds = [(one.hard, one.kind, one.key) for one in few.barriers if one.rule == CROWD]
    assert len(crowds) == len(set(crowds)), "the rest is one for all that are about the same"


def _against(barriers: Iterable[Barrier]) -> dict[tuple[bool, str, int], int]:
    """Return all starts spoken against, by whom it is about."""
    found: dict[tuple[bool, str, int], int] = {}
    for one in barriers:
        whom = one.hard, one.kind, one.key
        found[whom] = found.get(whom, 0) | one.starts
    return found


def test_a_crowd_is_kept_as_one_barrier() -> None:
    """As many are named as one constraint may: what is kept does not grow, and each of them is still a reason."""
    named = list(range(1, 2_000))
    planning = a_planning(
        *(create("activity", key, weeks=1, place=key % 6) for key in named),
        create("constraint", 1, rule="not_overlapping", activities=named, hard=False, weight=2),
    )
    found = diagnose(planning, 1)
    assert (found.opposed, len(found.barriers)) == (len(named) - 1, MOST_BARRIERS + 1)
    assert found.barriers[-1].rule == CROWD
    others = {one.other for one in found.at(2).reasons}
    assert others == {key for key in named[1:] if key % 6 == 2}
    assert found.at(2).cost == 2 * len(others)


def test_other_rooms_may_be_asked_about() -> None:
    """As if it took these in every week; a room that does not exist is refused."""
    planning = a_planning(
        create("activity", 1, rooms=[1], weeks=0b11),
        create("activity", 2, rooms=[2], weeks=0b01, place=0),
    )
    assert diagnose(planning, 1).standing(0).verdict == "free"
    assert diagnose(planning, 1, [2]).standing(0) == Standing(0b10, 0, 0b01)
    with pytest.raises(UnknownObjectError):
        diagnose(planning, 1, [9])
    with pytest.raises(UnknownObjectError):
        diagnose(planning, 9)


def test_an_activity_without_weeks_has_no_place() -> None:
    """All its meetings cancelled, it needs none."""
    planning = a_planning(
        create("activity", 1, rooms=[1], weeks=0b01), create("meeting", meeting_key(1, 0), cancelled=True)
    )
    assert diagnose(planning, 1).places() == {}
    assert diagnose(planning, 1).standing(0).verdict == "impossible"
    planning.apply([update("activity", 1, weeks=0b11)])
    assert diagnose(planning, 1).weeks == 0b10
