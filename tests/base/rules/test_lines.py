from hpserver.base.changes import create
from hpserver.base.rules import lines
from tests.rules import a_base, a_constraint

PLANNING = a_base(
    create("activity", 1, cohorts=[1], instructors=[1], weeks=3, place=0),
    create("activity", 2, groups=[1], weeks=6, place=1),
    create("activity", 3, groups=[2], weeks=6, place=8),
)
INDEX = PLANNING.index


def test_a_cohort_stands_for_its_groups() -> None:
    """One line per group; one of its own when it has none."""
    constraint = a_constraint("daily_gaps", cohorts=(1, 2), instructors=(2,), groups=(3,))
    assert lines.lines_of(INDEX, constraint) == [
        ("cohort", 2), ("group", 1), ("group", 2), ("group", 3), ("instructor", 2),
    ]  # fmt: skip


def test_a_line_has_what_its_group_and_its_cohort_do() -> None:
    """And not what another group does."""
    busy = lines.busy(INDEX, ("group", 1))
    assert busy[:2] == [0b011, 0b110]
    assert lines.busy(INDEX, ("group", 1), without=2)[1] == 0
    assert lines.those_in(INDEX, ("group", 1), 0b001) == (1,)
    assert lines.those_in(INDEX, ("group", 1), 0b010) == (1, 2)


def test_an_activity_is_in_the_lines_that_a_constraint_names() -> None:
    """A cohort's in all of its groups', a group's in its own, nobody's in none."""
    constraint = a_constraint("daily_gaps", cohorts=(1,), instructors=(2,))
    assert lines.lines_near(INDEX, constraint, [1]) == [("group", 1), ("group", 2), ("group", 3)]
    assert lines.lines_near(INDEX, constraint, [2]) == [("group", 1)]
    assert lines.lines_near(INDEX, a_constraint("daily_gaps", groups=(2,), instructors=(1,)), [1]) == [
        ("group", 2), ("instructor", 1),
    ]  # fmt: skip


def test_days_are_told_one_by_one() -> None:
    """With their weeks."""
    assert list(lines.each_day(5 | 2 << 64 * 3)) == [(0, 5), (3, 2)]
    assert lines.weeks_on(3, lines.on_day(3, 2)) == 2
