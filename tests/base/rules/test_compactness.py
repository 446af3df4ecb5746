from hypothesis import given
from hypothesis import strategies as st

from hpserver.base.changes import Change, create
from hpserver.base.rules import barriers
from tests.rules import EXAMPLES, a_base, activities, constraints, excess, naive_starts, starts_of, told


@EXAMPLES
@given(activities(), constraints("compactness", st.just({})))
def test_a_start_is_bad_where_it_would_break_the_rule(some: list[Change], constraint: Change) -> None:
    """As long as nothing overlaps: what touches nothing is alone, and takes nobody out of being alone."""
    planning = a_base(*some, constraint)
    free = {(place, week) for place, weeks in planning.free_places(1).items() for week in range(3) if weeks >> week & 1}
    naive = naive_starts(planning, 1, lambda base: excess(base, "compactness"))
    assert naive & free <= starts_of(barriers(planning, 1), "compactness") & free


def test_what_touches_nothing_is_alone() -> None:
    """In the weeks in which the other takes place it is not."""
    planning = a_base(
        create("activity", 1, cohorts=[2], weeks=7, place=0, duration=2),
        create("activity", 2, cohorts=[2], weeks=3, place=2),
        create("constraint", 1, rule="compactness", cohorts=[2], hard=False, weight=2),
    )
    (breach,) = told(planning, "compactness")
    assert (breach.activities, breach.weeks, breach.cost) == ((1,), 4, 2)
    assert (0, 2) in starts_of(barriers(planning, 1), "compactness")
    assert (0, 0) not in starts_of(barriers(planning, 1), "compactness")
