from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpserver.base.changes import create, update
from hpserver.base.model import OralTurn
from hpserver.base.orals import Slot, running_order, slots, spread, troubles, turns_of
from hpserver.base.planning import Planning
from hpserver.errors import InvalidChangeError
from tests.schools import a_grid

EIGHT = 8 * 60


def a_planning(panels: int = 2, students: int = 8, **exam: int) -> Planning:
    """An oral of 20 minutes with panels that sit on Monday from 8:00 to 9:00, in weeks 1 and 3."""
    planning = Planning(a_grid())
    planning.apply([
        create("oral_exam", 1, name="Grand oral", **exam), create("oral_exam", 2, name="Anglais"),
        *(create("student", key, name=f"S{key}") for key in range(1, students + 1)),
        *(create("activity", key, duration=2, weeks=0b101, place=0) for key in range(1, panels + 2)),
        *(create("oral_panel", key, exam=1, activity=key) for key in range(1, panels + 1)),
        create("oral_panel", panels + 1, exam=2, activity=panels + 1),
    ])  # fmt: skip
    return planning


def test_turns_follow_one_another_in_the_weeks_of_the_activity() -> None:
    """Three of twenty minutes in an hour, then those of the next week; with pauses fewer."""
    assert slots(a_planning(), 1) == (
        Slot(0, 0, EIGHT, EIGHT + 20), Slot(0, 0, EIGHT + 20, EIGHT + 40), Slot(0, 0, EIGHT + 40, EIGHT + 60),
        Slot(2, 0, EIGHT, EIGHT + 20), Slot(2, 0, EIGHT + 20, EIGHT + 40), Slot(2, 0, EIGHT + 40, EIGHT + 60),
    )  # fmt: skip
    assert [slot.start for slot in slots(a_planning(pause=10), 1)] == [EIGHT, EIGHT + 30] * 2
    assert slots(a_planning(turn=0), 1) == ()


def test_a_week_that_is_cancelled_or_moved_counts_so() -> None:
    """The running order is that of the meetings as they take place."""
    planning = a_planning()
    planning.apply([create("meeting", 64, cancelled=True), create("meeting", 66, place=26)])
    assert slots(planning, 1)[0] == Slot(2, 1, 9 * 60, 9 * 60 + 20)
    planning.apply([update("activity", 2, place=None)])
    assert slots(planning, 2) == ()


def test_students_are_spread_over_the_panels() -> None:
    """Side by side, in order; who has a turn keeps it."""
    planning = a_planning()
    planning.apply([create("oral_turn", 1, panel=1, student=3, position=0)])
    planning.apply(spread(planning, 1, [1, 2, 3]))
    order = [(turn.student, turn.panel, turn.position) for turn in running_order(planning, 1)]
    assert order == [(3, 1, 0), (1, 2, 0), (2, 1, 1)]
    assert spread(planning, 1, [1, 2, 3]) == ()


def test_nobody_passes_twice_at_once() -> None:
    """Who passes elsewhere at eight passes here later."""
    planning = a_planning()
    planning.apply([create("oral_turn", 1, panel=3, student=1, position=0)])
    planning.apply(spread(planning, 1, [1, 2]))
    (here,) = (turn for turn in running_order(planning, 1) if turn.student == 1)
    assert here.slot == Slot(0, 0, EIGHT + 20, EIGHT + 40)
    assert troubles(planning, 1) == ()
    planning.apply([update("oral_turn", here.turn, position=0)])
    assert {(one.first, one.second) for one in troubles(planning, 1)} >= {(1, here.turn)}


def test_two_students_before_one_panel_are_told() -> None:
    """A panel hears one at a time; a turn after the end has no time."""
    planning = a_planning()
    planning.apply([
        create("oral_turn", 1, panel=1, student=1, position=1), create("oral_turn", 2, panel=1, student=2, position=1),
        create("oral_turn", 3, panel=1, student=3, position=99),
    ])  # fmt: skip
    (found,) = troubles(planning, 1)
    assert (found.first, found.second) == (1, 2)
    assert running_order(planning, 1)[-1].slot is None


def test_too_many_students_are_refused() -> None:
    """All of them or none: nobody is forgotten."""
    with pytest.raises(InvalidChangeError, match="no turn is left for student 7"):
        spread(a_planning(panels=1), 1, range(1, 9))


@given(
    st.integers(1, 3), st.integers(0, 8), st.lists(st.tuples(st.integers(1, 8), st.integers(0, 5)), max_size=6),
    st.permutations(range(1, 9)),
)  # fmt: skip
def test_a_spread_never_makes_trouble(
    panels: int, count: int, elsewhere: list[tuple[int, int]], students: list[int]
) -> None:  # fmt: skip
    """Whatever turns there are in another exam, with as many panels as it takes."""
    planning = a_planning(panels)
    taken = {position: student for student, position in elsewhere}
    planning.apply([
        create("oral_turn", -1 - at, panel=panels + 1, student=student, position=at) for at, student in taken.items()
    ])  # fmt: skip
    try:
        planning.apply(spread(planning, 1, students[:count]))
    except InvalidChangeError:
        assert count > 6 * panels - len(taken)
        return
    made = [cast(OralTurn, planning.get("oral_turn", turn.turn)) for turn in running_order(planning, 1)]
    assert sorted(one.student for one in made) == sorted(students[:count])
    assert troubles(planning, 1) == ()
    assert all(len(turns_of(planning, one.student)) >= 1 for one in made)
