from collections.abc import Callable

import pytest

from hpserver.base.integrity import are_rivals, check, naive_clashes
from hpserver.base.model import Activity
from hpserver.base.planning import Planning
from tests.histories import GRID, founding


def founded() -> Planning:
    """Return a planning with a few of everything."""
    planning = Planning(GRID)
    planning.apply(founding())
    return planning


def test_a_sound_planning_passes() -> None:
    """The check itself asks nothing impossible."""
    check(founded())


def test_each_kind_of_damage_is_seen() -> None:
    """An index that is not what the rows say, a row that breaks a rule, a key that would be given twice."""
    damages: tuple[Callable[[Planning], object], ...] = (
        lambda planning: planning._occupancy.put({1: {}}),
        lambda planning: planning._occupancy._more.clear(),
        lambda planning: planning._meeting_weeks.clear(),
        lambda planning: planning._references._by["activity", "room"].clear(),
        lambda planning: planning._tables["activity"].update({1: Activity(weeks=1 << 60)}),
        lambda planning: planning._tables["activity"].update({1: Activity(weeks=3, place=5, duration=2)}),
        lambda planning: planning._next_keys.update(room=1),
    )
    for damage in damages:
        planning = founded()
        planning.derived()
        damage(planning)
        with pytest.raises(AssertionError):
            check(planning)


def test_the_naive_count_sees_both_sides() -> None:
    """A clash is one of either activity."""
    found = naive_clashes(founded())
    assert found
    assert {(b, two, a, one, place, week) for a, one, b, two, place, week in found} == found


def test_the_rule_for_students_is_as_told() -> None:
    """The check has its own words for it."""
    planning = founded()
    assert are_rivals(planning, ("cohort", 1), ("group", 3))
    assert are_rivals(planning, ("group", 3), ("cohort", 1))
    assert not are_rivals(planning, ("group", 3), ("cohort", 2))
    assert not are_rivals(planning, ("group", 2), ("group", 3))
    assert are_rivals(planning, ("group", 1), ("group", 3))
    assert not are_rivals(planning, ("room", 1), ("instructor", 1))
