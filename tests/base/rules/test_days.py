from hypothesis import given
from hypothesis import strategies as st

from hpserver.base.rules import days

BITS = 6
COLUMNS = st.lists(st.integers(0, (1 << BITS) - 1), max_size=9)


def value(count: days.Count, bit: int) -> int:
    """Return the number that a count has in a bit."""
    return sum((digit >> bit & 1) << place for place, digit in enumerate(count))


@given(COLUMNS, COLUMNS, st.integers(-1, 9))
def test_counters_count(one: list[int], two: list[int], limit: int) -> None:
    """Sums, differences and comparisons are those of plain numbers, in every bit."""
    first, second = days.tally(one), days.tally(two)
    both, greater = days.plus(first, second), days.more(first, second)
    for bit in range(BITS):
        here, there = (sum(bits >> bit & 1 for bits in some) for some in (one, two))
        assert (value(first, bit), value(second, bit)) == (here, there)
        assert value(both, bit) == here + there
        assert value(days.minus(both, second), bit) == here
        assert bool(greater >> bit & 1) == (here > there)
        assert bool(days.above(first, limit) >> bit & 1) == (here > limit)


@given(COLUMNS)
def test_levels_tell_each_value_once(one: list[int]) -> None:
    """Every bit is at one level: its own."""
    count = days.tally(one)
    found = list(days.levels(count, (1 << BITS) - 1))
    assert sorted(number for number, _ in found) == [number for number, _ in found]
    for bit in range(BITS):
        assert [number for number, bits in found if bits >> bit & 1] == [value(count, bit)]


@given(st.integers(0, (1 << 64 * 7 * 3) - 1))
def test_a_mask_is_cut_and_put_together(mask: int) -> None:
    """Nothing is lost, and a column has its step on every day."""
    cut = days.columns(mask, 3)
    assert days.mask_of(cut, 3) == mask
    assert cut[1] & (1 << 64) - 1 == mask >> 64 & (1 << 64) - 1


def test_a_week_is_the_sum_of_its_days() -> None:
    """And the other days are the week without the day itself."""
    count = days.tally([1, 1 | 1 << 64, 1 << 64 * 6])
    assert value(days.week_total(count), 0) == 4
    assert [value(days.other_days(count), 64 * day) for day in range(7)] == [2, 3, 4, 4, 4, 4, 3]


def test_one_can_be_taken_from_a_count() -> None:
    """Where there is one at least."""
    assert value(days.take(days.tally([1, 1, 1, 1]), 1), 0) == 3
    assert days.any_of([1, 4]) == 5
