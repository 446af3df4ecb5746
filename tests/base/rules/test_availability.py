import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpserver.base.changes import Change, create, update
from hpserver.base.integrity import are_rivals, naive_cells
from hpserver.base.rules import barriers
from tests.rules import EXAMPLES, GRID, a_base, activities, assert_barriers_tell_breaches, places, told


@st.composite
def wishes(draw: st.DrawFn) -> list[Change]:
    """Draw a few availabilities of anybody and anything."""
    return [
        create(
            "availability",
            key,
            level=draw(st.sampled_from(["impossible", "unwanted", "wanted"])),
            place=draw(places(3)),
            steps=draw(st.integers(1, 3)),
            weeks=draw(st.integers(1, GRID.all_weeks)),
            **{
                draw(st.sampled_from(["instructor", "cohort", "group", "room", "subject"])): draw(
                    st.sampled_from([1, 2])
                )
            },
        )
        for key in (1, 2, 3)
    ]


@EXAMPLES
@given(activities(), wishes())
def test_a_start_is_bad_just_where_it_would_break_the_rule(some: list[Change], asked: list[Change]) -> None:
    """What is shown while dragging is what is said once it is there."""
    assert_barriers_tell_breaches(a_base(*some, *asked), "availability")


@EXAMPLES
@given(activities(), st.sampled_from(["instructor", "cohort", "group", "room"]), places(2), st.integers(1, 7))
def test_what_is_taken_when_it_is_impossible_is_what_is_found_by_hand(
    some: list[Change], kind: str, place: int, weeks: int
) -> None:
    """Cell by cell, for all who share its students."""
    fields = {"level": "impossible", "place": place, "steps": 2, "weeks": weeks, kind: 1}
    planning = a_base(*some, create("availability", 1, **fields))
    expected = {
        (activity, week)
        for activity, cells in naive_cells(planning).items()
        for resource, step, week in cells
        if step in {place, place + 1} and weeks >> week & 1 and are_rivals(planning, resource, (kind, 1))
    }
    found = {
        (breach.activities[0], week)
        for breach in told(planning, "availability")
        for week in range(GRID.weeks)
        if breach.weeks >> week & 1
    }
    assert found == expected


@pytest.mark.parametrize(
    ("level", "hard", "cost"), [("impossible", True, 0), ("unwanted", False, 4), ("wanted", False, 2)]
)
def test_a_level_says_whether_it_forbids_and_what_it_costs(level: str, hard: bool, cost: int) -> None:
    """An unwanted time costs in each week; so does any other where one is wanted."""
    at = 8 if level == "wanted" else 0
    planning = a_base(
        create("activity", 1, instructors=[1], weeks=3, place=0),
        create("availability", 5, instructor=1, level=level, place=at, weeks=7),
    )
    (breach,) = told(planning, "availability")
    assert (breach.constraint, breach.hard, breach.cost, breach.weeks) == (5, hard, cost, 3)


def test_a_changed_wish_is_seen_at_once() -> None:
    """What is remembered about availabilities is forgotten when one changes."""
    planning = a_base(
        create("activity", 1, instructors=[1], weeks=1),
        create("availability", 1, instructor=1, level="impossible", place=0, weeks=1),
    )
    (before,) = barriers(planning, 1)
    planning.apply([update("availability", 1, place=1)])
    (after,) = barriers(planning, 1)
    assert after.starts == before.starts << 64
