"""What is found by place, rank and number is what looking at everybody finds."""

from hypothesis import given
from hypothesis import strategies as st

from hpserver.base.changes import create
from hpserver.base.rules.compared import Ladder, Shelf, Tops, families
from tests.rules import a_base, a_constraint

NUMBERS = st.lists(st.integers(-5, 5), max_size=20)


@given(NUMBERS, st.integers(-6, 6), st.integers(0, 21), st.integers(0, 21))
def test_tops_are_those_above_a_limit(numbers: list[int], limit: int, start: int, stop: int) -> None:
    """In order, of the stretch that is asked about."""
    found = list(Tops(numbers).above(limit, start, stop))
    assert found == [at for at, number in enumerate(numbers) if number > limit and start <= at < stop]


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(-5, 5)), max_size=20), st.integers(-1, 5), st.integers(-6, 6))
def test_a_ladder_has_those_of_higher_rank_and_lower_number(
    some: list[tuple[int, int]], rank: int, number: int
) -> None:
    """Those of the same rank are left out, and so is the number itself."""
    ranked = [(one, activity) for activity, (one, _) in enumerate(some)]
    found = Ladder(ranked, {activity: value for activity, (_, value) in enumerate(some)}).below(number, rank)
    assert sorted(found) == [activity for activity, (one, value) in enumerate(some) if one > rank and value < number]


def test_a_shelf_compares_only_where_somebody_disagrees() -> None:
    """Those of a higher rank, in the weeks that both are there; what is where all agree is not looked at."""
    planning = a_base(
        create("activity", 1, place=0, weeks=0b011, duration=1),
        create("activity", 2, place=1, weeks=0b110, duration=1),
        create("activity", 3, place=9, weeks=0b111, duration=1),
        create("activity", 4, place=1, weeks=0b100, duration=2),
    )
    shelf = Shelf(planning.index, [(0, 1), (1, 2), (1, 3), (2, 4)], 0b111)
    found = list(shelf.disagreeing(shelf, lambda one, _: [(one[0] + 1, 1)]))
    assert found == [(1, 2, 0b010, 0)]
    everywhere = list(shelf.disagreeing(shelf, lambda *_: [(0, 80)]))
    assert sorted(everywhere) == [(1, 2, 0b010, 0), (1, 3, 0b011, 0), (2, 4, 0b100, 1), (3, 4, 0b100, 9)]
    later = list(shelf.disagreeing(Shelf(planning.index, [(2, 4)], 0b011), lambda *_: [(0, 80)]))
    assert later == []


def test_who_shares_students_in_two_ways_is_compared_once() -> None:
    """A cohort and one of its groups in both activities: one family keeps the pair."""
    planning = a_base(
        create("activity", 1, subject=1, cohorts=[1], groups=[3], weeks=1, place=0),
        create("activity", 2, subject=2, cohorts=[1], groups=[1], weeks=1, place=0),
    )
    found = list(families(planning.index, a_constraint("sequence", subjects=(1, 2)), lambda _: True))
    kept = [(one, two) for each in found for _, one in each.first for _, two in each.second
            if one < two and each.keeps is not None and each.keeps(one, two)]  # fmt: skip
    assert kept == [(1, 2)]
