from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpserver.base.rules import measures
from hpserver.base.rules.days import Count

STEPS = 7
DAYS = st.lists(st.integers(0, 1), min_size=STEPS, max_size=STEPS)
"""One day in one week: a bit per step."""

PAIRS: list[tuple[Callable[[list[int]], Count], Callable[[list[int], int], list[Count]]]] = [
    (measures.load, measures.load_with_block),
    (measures.gaps, measures.gaps_with_block),
    (measures.presence, measures.presence_with_block),
    (lambda busy: measures.half_days(busy, 3), lambda busy, steps: measures.half_days_with_block(busy, steps, 3)),
]


def number(count: Count) -> int:
    """Return what a count is in the first bit."""
    return sum((digit & 1) << place for place, digit in enumerate(count))


def with_block(busy: list[int], start: int, duration: int) -> list[int]:
    """Return a day with a block in it."""
    return [1 if start <= step < start + duration else bit for step, bit in enumerate(busy)]


@pytest.mark.parametrize("pair", PAIRS, ids=["load", "gaps", "presence", "half days"])
@given(busy=DAYS, duration=st.integers(1, STEPS))
def test_a_block_counts_as_if_it_were_there(
    pair: tuple[Callable[[list[int]], Count], Callable[[list[int], int], list[Count]]], busy: list[int], duration: int
) -> None:
    """Whatever the start: the quick way and the slow way agree."""
    measure, quick = pair
    counts = [number(count) for count in quick(busy, duration)]
    assert counts == [number(measure(with_block(busy, start, duration))) for start in range(STEPS - duration + 1)]


@given(DAYS, st.integers(1, STEPS), st.integers(0, STEPS))
def test_a_run_is_too_long_where_a_block_makes_it_so(busy: list[int], duration: int, limit: int) -> None:
    """Just where the overrun grows."""
    before = number(measures.overrun(busy, limit))
    bad = [bool(bits & 1) for bits in measures.overruns_with_block(busy, duration, limit)]
    days = [with_block(busy, start, duration) for start in range(STEPS - duration + 1)]
    assert bad == [number(measures.overrun(day, limit)) > before for day in days]


@given(DAYS, st.integers(1, STEPS), st.integers(0, 3), st.integers(3, STEPS), st.integers(1, 3))
def test_breaks_left_are_those_that_a_block_leaves(
    busy: list[int], duration: int, first: int, last: int, length: int
) -> None:
    """Within the window."""
    left = [bool(bits & 1) for bits in measures.breaks_with_block(busy, duration, first, last, length)]
    days = [with_block(busy, start, duration) for start in range(STEPS - duration + 1)]
    assert left == [bool(measures.breaks_left(day, first, last, length) & 1) for day in days]
