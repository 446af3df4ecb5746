import pytest

from hpserver.base.changes import create
from hpserver.base.model import meeting_key
from hpserver.base.planning import Planning
from hpserver.errors import ExportRefusedError
from hpserver.imports.fet_export_weeks import held, patterns_of, weeks_of
from tests.schools import a_grid


def planning_of(*weeks: int) -> Planning:
    """Return a base with an activity per set of weeks."""
    planning = Planning(a_grid(4))
    planning.apply([create("activity", key, duration=1, weeks=some) for key, some in enumerate(weeks, 1)])
    return planning


def test_what_repeats_is_a_cycle() -> None:
    """Every week, every other week; else the week with most, the first of those."""
    assert weeks_of(planning_of(0b1111, 0b1111, 0), None).patterns == (0b1111,)
    assert weeks_of(planning_of(0b0101, 0b1010), None).patterns == patterns_of(a_grid(4), 2) == (0b0101, 0b1010)
    mixed = weeks_of(planning_of(0b1111, 0b1010, 0b0100), None)
    assert (mixed.patterns, mixed.chosen) == ((0b10,), 1)
    assert weeks_of(planning_of(0b1111), 2).patterns == (0b100,)
    with pytest.raises(ExportRefusedError):
        weeks_of(planning_of(0b1111), 4)


def test_weeks_are_said_whole_or_not_at_all() -> None:
    """Of a cycle, all the weeks of a row; of a week that was chosen, that one."""
    cycle = weeks_of(planning_of(0b0101, 0b1010), None)
    assert [cycle.says(weeks) for weeks in (0b0101, 0b1111, 0b0001, 0b1101)] == [True, True, False, False]
    assert cycle.within(0b1111) == [0, 1]
    chosen = weeks_of(planning_of(0b1111), 2)
    assert [chosen.says(weeks) for weeks in (0b0100, 0b1111, 0b0001)] == [True, True, False]


def test_a_week_is_held_as_its_meetings_say() -> None:
    """A base with meetings is no cycle; what has no weeks at all stays."""
    planning = planning_of(0b1111, 0b1111, 0, 0b0001)
    planning.apply(
        [create("meeting", meeting_key(1, 1), place=3), create("meeting", meeting_key(2, 1), cancelled=True)]
    )
    assert weeks_of(planning, None).chosen == 0
    rows, others = held(planning, weeks_of(planning, 1))
    assert {key: row.place for key, row in rows.items()} == {1: 3, 3: None}
    assert others == 0
    assert held(planning, weeks_of(planning, 0))[1] == 2
