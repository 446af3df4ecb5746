"""The report of a whole base has every clash once, and every breach."""

from typing import Any

from hypothesis import given

from hpserver.base.changes import Change, create
from hpserver.base.clashes import Clash
from hpserver.base.diagnosis.report import _blocks, all_clashes, report, sweep, troubles
from hpserver.base.integrity import naive_clashes
from hpserver.base.planning import Planning
from hpserver.base.rules import breaches
from hpserver.base.weeks import each_week
from hpserver.errors import HPError
from tests.base.diagnosis.naive import a_planning
from tests.histories import GRID, founding, histories
from tests.schools import a_school


def cells_of(clashes: list[Clash]) -> list[tuple[int, tuple[str, int], int, tuple[str, int], int, int]]:
    """Return clashes cell by cell."""
    return [
        (one.activity, (one.kind, one.key), one.other, (one.other_kind, one.other_key), place, week)
        for one in clashes
        for place in range(one.place, one.place + one.steps)
        for week in each_week(one.weeks)
    ]


@given(histories)
def test_every_clash_is_told_once(history: list[list[Change]]) -> None:
    """Compared with a search cell by cell, which sees each clash from both sides."""
    planning = Planning(GRID)
    planning.apply(founding())
    for changes in history:
        try:
            planning.apply(changes)
        except HPError:
            continue
    cells = cells_of(list(all_clashes(planning)))
    assert len(cells) == len(set(cells))
    expected = {one for one in naive_clashes(planning) if one[0] < one[2]}
    assert set(cells) == expected
    found = report(planning)
    assert found.clashes == sum(one.clash_count for one in found.resources) == len(list(all_clashes(planning)))
    assert found.breaches == len(list(breaches(planning)))
    assert found.listed == len(list(troubles(planning)))


def test_a_limit_bounds_what_is_listed_not_what_is_counted() -> None:
    """A report of a thousand clashes may name ten."""
    planning = a_school(200)
    every = report(planning, 10_000)
    some = report(planning, 10)
    assert every.clashes > 10
    assert (some.clashes, some.meetings, some.breaches) == (every.clashes, every.meetings, every.breaches)
    assert some.listed == sum(len(one.clashes) + len(one.breaches) for one in some.resources) == 10
    assert len(some.resources) <= 10
    assert [one.clash_count for one in every.resources] == sorted(
        (one.clash_count for one in every.resources), reverse=True
    )


def test_breaches_stand_beside_clashes() -> None:
    """Somebody taken at an impossible time is told under that person."""
    planning = a_planning(
        create("activity", 1, instructors=[1], weeks=0b11, place=0),
        create("activity", 2, instructors=[1], weeks=0b01, place=0),
        create("availability", 1, instructor=1, level="impossible", place=0, steps=1, weeks=0b10),
    )
    found = report(planning)
    (trouble,) = found.resources
    assert (trouble.kind, trouble.key, trouble.clash_count, trouble.breach_count) == ("instructor", 1, 1, 1)
    assert trouble.clashes == (Clash("instructor", 1, "instructor", 1, 1, 2, 0b01, 0, 1),)
    assert (found.meetings, found.hard, found.cost) == (1, 1, 0)


class _Counting(list[Any]):
    """Counts what is looked at: the work of a sweep."""

    looked = 0

    def __getitem__(self, index: Any) -> Any:
        """See `list`."""
        self.looked += 1
        return super().__getitem__(index)


def test_p04_a_base_five_times_as_large_is_five_times_the_work() -> None:
    """Those who share students are few wherever a base is large: nobody is compared with all others."""

    def looked(activities: int) -> int:
        planning, found = a_school(activities), 0
        for cohort in planning.rows("cohort"):
            family, rivals = planning.students.family(cohort)
            blocks = _Counting(_blocks(planning, family))
            for _ in sweep(blocks, family, rivals):
                pass
            found += blocks.looked
        return found

    few, many = looked(160), looked(800)
    assert 4 * few < many < 6.5 * few
