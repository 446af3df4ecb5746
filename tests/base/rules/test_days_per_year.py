from hypothesis import given
from hypothesis import strategies as st

from hpserver.base.changes import Change, create
from hpserver.base.rules import barriers
from tests.rules import EXAMPLES, a_base, activities, constraints, naive_days, starts_of, told


@EXAMPLES
@given(activities(), st.integers(0, 4), st.data())
def test_the_days_are_those_counted_by_hand(some: list[Change], limit: int, data: st.DataObject) -> None:
    """All weeks of the constraint together, line by line."""
    constraint = data.draw(constraints("days_per_year", st.just({"limit": limit})))
    planning = a_base(*some, constraint)
    days: dict[tuple[str, int], int] = {}
    for line, _, _ in naive_days(planning):
        days[line] = days.get(line, 0) + 1
    found = {(one.kind, one.key): one.amount for one in told(planning, "days_per_year")}
    assert found == {line: count for line, count in days.items() if count > limit}


def test_a_start_is_bad_when_the_whole_activity_there_is_too_much() -> None:
    """Three weeks on a new day are too many; on a day that is taken in two of them, one more is not."""
    planning = a_base(
        create("activity", 1, instructors=[1], weeks=7),
        create("activity", 2, instructors=[1], weeks=3, place=0),
        create("constraint", 1, rule="days_per_year", instructors=[1], parameters=[("limit", 3)]),
    )
    bad = starts_of(barriers(planning, 1), "days_per_year")
    assert {week for place, week in bad if place == 0} == set()
    assert {week for place, week in bad if place == 8} == {0, 1, 2}
