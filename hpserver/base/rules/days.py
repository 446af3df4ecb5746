"""Weeks cut by the step of the day, and counters that count in every day and week at once. Knows no rule.

A column is one step of the day on all seven days in all weeks: seven lanes side by side, one int. A count is a number
in every bit of a column: its binary digits, lowest first, one int each; adding a bit to it is a ripple of carries.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias

from hpserver.base.grid import DAYS_IN_WEEK
from hpserver.base.occupancy import LANE, LANE_MASK, lanes

Columns: TypeAlias = Sequence[int]
"""One int per step of the day: lane = day, bit in it = week."""
Count: TypeAlias = tuple[int, ...]
"""Digits of a number per bit, lowest first."""

ONE = lanes(DAYS_IN_WEEK)
"""A 1 in the lane of each day: times a week set, these weeks on every day."""
ALL = ONE * LANE_MASK
"""Every day of every week."""
_BYTES = LANE // 8
ZERO: Count = ()


def columns(mask: int, steps_per_day: int) -> list[int]:
    """Return a mask of places cut in columns."""
    words = memoryview(mask.to_bytes(DAYS_IN_WEEK * steps_per_day * _BYTES, "little")).cast("Q")
    return [int.from_bytes(words[step::steps_per_day].tobytes(), "little") for step in range(steps_per_day)]


def mask_of(cut: Columns, steps_per_day: int) -> int:
    """Return columns put together to a mask of places; missing columns are empty."""
    words = memoryview(bytearray(DAYS_IN_WEEK * steps_per_day * _BYTES)).cast("Q")
    for step, column in enumerate(cut):
        if column:
            words[step::steps_per_day] = memoryview(column.to_bytes(DAYS_IN_WEEK * _BYTES, "little")).cast("Q")
    return int.from_bytes(words.cast("B"), "little")


def add(count: Count, bits: int) -> Count:
    """Return a count one higher where `bits` are."""
    digits = []
    for digit in count:
        digits.append(digit ^ bits)
        bits &= digit
    return (*digits, bits) if bits else tuple(digits)


def take(count: Count, bits: int) -> Count:
    """Return a count one lower where `bits` are; it is at least one there."""
    digits = []
    for digit in count:
        digits.append(digit ^ bits)
        bits &= ~digit
    return tuple(digits)


def tally(some: Iterable[int]) -> Count:
    """Return how many of `some` have each bit."""
    count = ZERO
    for bits in some:
        if bits:
            count = add(count, bits)
    return count


def plus(one: Count, two: Count) -> Count:
    """Return the sum of two counts."""
    if len(one) < len(two):
        one, two = two, one
    digits, carry = [], 0
    for place, digit in enumerate(one):
        other = two[place] if place < len(two) else 0
        half = digit ^ other
        digits.append(half ^ carry)
        carry = digit & other | half & carry
    return (*digits, carry) if carry else tuple(digits)


def minus(one: Count, two: Count) -> Count:
    """Return the difference of two counts, of which the first is nowhere lower."""
    digits, borrow = [], 0
    for place, digit in enumerate(one):
        other = two[place] if place < len(two) else 0
        half = digit ^ other
        digits.append(half ^ borrow)
        borrow = ~digit & other | ~half & borrow
    return tuple(digits)


def above(count: Count, limit: int) -> int:
    """Return where a count exceeds a limit; for a negative limit, everywhere (-1)."""
    if limit < 0:
        return -1
    if limit >> len(count):
        return 0
    greater, equal = 0, -1
    for place in reversed(range(len(count))):
        if limit >> place & 1:
            equal &= count[place]
        else:
            greater |= equal & count[place]
            equal &= ~count[place]
    return greater


def more(one: Count, two: Count) -> int:
    """Return where the first count exceeds the second."""
    greater, equal = 0, -1
    for place in reversed(range(max(len(one), len(two)))):
        digit = one[place] if place < len(one) else 0
        other = two[place] if place < len(two) else 0
        greater |= equal & digit & ~other
        equal &= ~(digit ^ other)
    return greater


def levels(count: Count, within: int) -> Iterator[tuple[int, int]]:
    """Yield each value that a count takes within some bits, with these bits, in order of value."""
    found = [(0, within)] if within else []
    for place in reversed(range(len(count))):
        split = [(value << 1 | bit, bits) for value, group in found for bit, bits in _halves(group, count[place])]
        found = [(value, bits) for value, bits in split if bits]
    yield from sorted(found)


def week_total(count: Count) -> Count:
    """Return the sum over the days of the week: a count of one lane."""
    for lanes_left in (4, 2, 1):  # folded in the middle: seven, four, two, one
        width = lanes_left * LANE
        low = (1 << width) - 1
        count = plus(tuple(digit & low for digit in count), tuple(digit >> width for digit in count))
    return count


def other_days(count: Count) -> Count:
    """Return for each day the sum over the other days of the week."""
    return minus(tuple(digit * ONE for digit in week_total(count)), count)


def any_of(cut: Iterable[int]) -> int:
    """Return where any column has a bit."""
    found = 0
    for column in cut:
        found |= column
    return found


def _halves(group: int, digit: int) -> tuple[tuple[int, int], tuple[int, int]]:
    return (0, group & ~digit), (1, group & digit)
