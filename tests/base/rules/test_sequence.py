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

PARAMETERS: st.SearchStrategy[dict[str, int]] = st.just({})


@EXAMPLES
@given(activities(), constraints("sequence", PARAMETERS))
def test_a_start_is_bad_just_where_it_would_break_the_rule(some: list[Change], constraint: Change) -> None:
    """What is shown while dragging is what is said once it is there; also between subjects."""
    assert_barriers_tell_breaches(a_base(*some, constraint), "sequence")


@EXAMPLES
@given(activities(), st.permutations([1, 2, 3, 4]), PARAMETERS)
def test_the_pairs_that_disagree_are_those_found_by_hand(
    some: list[Change], named: list[int], parameters: dict[str, int]
) -> None:
    """Each pair once, in each week that both are in."""
    fields = {"rule": "sequence", "activities": named, "parameters": list(parameters.items())}
    planning = a_base(*some, create("constraint", 1, **fields))

    def agree(first: Position, second: Position) -> bool:
        return (first[0], first[2]) <= (second[0], second[1])

    assert excess(planning, "sequence") == naive_pairs(planning, agree)


def test_the_wrong_order_is_told() -> None:
    """What is named first comes first."""
    planning = a_base(
        create("activity", 1, duration=2, weeks=3, place=2),
        create("activity", 2, duration=2, weeks=6, place=0),
        create("constraint", 1, rule="sequence", weight=10, activities=[1, 2]),
    )
    (breach,) = told(planning, "sequence")
    assert (breach.activities, breach.weeks, breach.place, breach.cost) == ((1, 2), 2, 2, 10)


def test_over_the_year_all_of_the_first_is_before_any_of_the_second() -> None:
    """A course that is still going on when the next one starts is told, in the weeks that are too late."""
    planning = a_base(
        create("activity", 1, duration=1, weeks=7, place=0),
        create("activity", 2, duration=1, weeks=6, place=8),
        create("constraint", 1, rule="sequence", activities=[1, 2], parameters=[("across", 1)]),
    )
    (breach,) = told(planning, "sequence")
    assert (breach.activities, breach.weeks) == ((1, 2), 0b100)
