from hypothesis import given
from hypothesis import strategies as st

from hpserver.base.changes import Change, create
from tests.rules import (
    EXAMPLES,
    Position,
    a_base,
    activities,
    assert_barriers_tell_breaches,
    constraints,
    excess,
    naive_pairs,
    told,
)

PARAMETERS: st.SearchStrategy[dict[str, int]] = st.fixed_dictionaries(
    {"within": st.integers(0, 2), "noon": st.just(720)}
)


@EXAMPLES
@given(activities(), constraints("subjects_apart", PARAMETERS))
def test_a_start_is_bad_just_where_it_would_break_the_rule(some: list[Change], constraint: Change) -> None:
    """What is shown while dragging is what is said once it is there; also between subjects."""
    assert_barriers_tell_breaches(a_base(*some, constraint), "subjects_apart")


@EXAMPLES
@given(activities(), st.permutations([1, 2, 3, 4]), PARAMETERS)
def test_the_pairs_that_disagree_are_those_found_by_hand(
    some: list[Change], named: list[int], parameters: dict[str, int]
) -> None:
    """Each pair once, in each week that both are in."""
    fields = {"rule": "subjects_apart", "activities": named, "parameters": list(parameters.items())}
    planning = a_base(*some, create("constraint", 1, **fields))

    def agree(first: Position, second: Position) -> bool:
        return apart(first, second, parameters["within"])

    assert excess(planning, "subjects_apart") == naive_pairs(planning, agree)


def test_two_on_one_day_are_told() -> None:
    """The same day is too close by default."""
    planning = a_base(
        create("activity", 1, duration=2, weeks=3, place=0),
        create("activity", 2, duration=2, weeks=6, place=4),
        create("constraint", 1, rule="subjects_apart", weight=10, activities=[1, 2]),
    )
    (breach,) = told(planning, "subjects_apart")
    assert (breach.activities, breach.weeks, breach.place, breach.cost) == ((1, 2), 2, 0, 10)


def apart(first: Position, second: Position, within: int) -> bool:
    """Say by hand whether two are far enough: 0 another half day, 1 another day, 2 a day between them."""
    if within == 0 and first[0] == second[0]:
        return {step >= 4 for step in range(*first[1:])}.isdisjoint({step >= 4 for step in range(*second[1:])})
    return abs(first[0] - second[0]) >= max(within, 1)
