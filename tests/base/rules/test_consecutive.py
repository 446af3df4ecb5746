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

PARAMETERS: st.SearchStrategy[dict[str, int]] = st.fixed_dictionaries({"either": st.integers(0, 1)})


@EXAMPLES
@given(activities(), constraints("consecutive", PARAMETERS))
def test_a_start_is_bad_just_where_it_would_break_the_rule(some: list[Change], constraint: Change) -> None:
    """What is shown while dragging is what is said once it is there; also between subjects."""
    assert_barriers_tell_breaches(a_base(*some, constraint), "consecutive")


@EXAMPLES
@given(activities(), st.permutations([1, 2, 3, 4]), PARAMETERS)
def test_the_pairs_that_disagree_are_those_found_by_hand(
    some: list[Change], named: list[int], parameters: dict[str, int]
) -> None:
    """Each pair once, in each week that both are in."""
    fields = {"rule": "consecutive", "activities": named, "parameters": list(parameters.items())}
    planning = a_base(*some, create("constraint", 1, **fields))

    def agree(first: Position, second: Position) -> bool:
        either = bool(parameters["either"]) and second[2] == first[1]
        return first[0] == second[0] and (first[2] == second[1] or either)

    assert excess(planning, "consecutive") == naive_pairs(planning, agree)


def test_one_before_the_other_is_told_when_the_order_counts() -> None:
    """The second comes right after the first, not before."""
    planning = a_base(
        create("activity", 1, duration=2, weeks=3, place=2),
        create("activity", 2, duration=2, weeks=6, place=0),
        create("constraint", 1, rule="consecutive", weight=10, activities=[1, 2]),
    )
    (breach,) = told(planning, "consecutive")
    assert (breach.activities, breach.weeks, breach.place, breach.cost) == ((1, 2), 2, 2, 10)
