from hypothesis import given
from hypothesis import strategies as st

from hpserver.base.changes import Change, create
from tests.rules import EXAMPLES, a_base, activities, assert_barriers_tell_breaches, constraints, told


@EXAMPLES
@given(activities(), constraints("subject_per_day", st.fixed_dictionaries({"limit": st.integers(0, 2)})))
def test_a_start_is_bad_just_where_it_would_break_the_rule(some: list[Change], constraint: Change) -> None:
    """What is shown while dragging is what is said once it is there."""
    assert_barriers_tell_breaches(a_base(*some, constraint), "subject_per_day")


def test_the_same_students_do_not_have_a_subject_twice_a_day() -> None:
    """A lecture and the tutorial of a group are two; tutorials of two groups are one for each student."""
    planning = a_base(
        create("activity", 1, subject=1, cohorts=[1], weeks=1, place=0),
        create("activity", 2, subject=1, groups=[1], weeks=3, place=2),
        create("activity", 3, subject=1, groups=[2], weeks=2, place=2),
        create("constraint", 1, rule="subject_per_day", subjects=[1], weight=4),
    )
    (breach,) = told(planning, "subject_per_day")
    assert (breach.kind, breach.key, breach.activities, breach.weeks) == ("group", 1, (1, 2), 1)
    assert (breach.amount, breach.limit, breach.cost) == (2, 1, 4)
