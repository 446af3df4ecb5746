import pytest

from hpserver.costs.itc2019_problem import DISTRIBUTIONS, Problem, Time, Weights
from hpserver.costs.itc2019_rules import BY_WEEK, PAIRS, At, broken_pairs, excess

PROBLEM = Problem("x", 2, 5, 24, Weights(), {}, (), {}, (), {})


def at(days: int, start: int, length: int, weeks: int = 0b11) -> At:
    """Return a class without a room."""
    return At(Time(days, start, length, weeks), None)


@pytest.mark.parametrize(
    ("kind", "kept", "broken", "parameters"),
    [
        ("SameStart", [at(1, 4, 2), at(2, 4, 3)], [at(1, 4, 2), at(1, 5, 2)], ()),
        ("SameTime", [at(1, 4, 4), at(2, 5, 2)], [at(1, 4, 4), at(1, 5, 4)], ()),
        ("SameDays", [at(0b101, 4, 2), at(0b100, 4, 2)], [at(0b101, 4, 2), at(0b110, 4, 2)], ()),
        ("Overlap", [at(1, 4, 2), at(1, 5, 2)], [at(1, 4, 2), at(1, 6, 2)], ()),
        ("Precedence", [at(1, 4, 2), at(1, 6, 2)], [at(1, 4, 2, 0b10), at(1, 0, 2, 0b01)], ()),
        ("WorkDay", [at(1, 4, 2), at(1, 8, 2)], [at(1, 4, 2), at(1, 9, 2)], (6,)),
        ("MinGap", [at(1, 4, 2), at(1, 8, 2)], [at(1, 4, 2), at(1, 7, 2)], (2,)),
    ],
)
def test_pairs_break_as_the_format_defines(kind: str, kept: list[At], broken: list[At], parameters: tuple[int]) -> None:
    """One case on each side of the line."""
    assert (broken_pairs(PROBLEM, kind, kept, parameters), broken_pairs(PROBLEM, kind, broken, parameters)) == (0, 1)


def test_days_and_loads_count_what_is_too_much() -> None:
    """Three days where two are allowed; five slots where four are, on each day of each week."""
    classes = [at(0b001, 4, 2), at(0b011, 8, 3), at(0b100, 8, 3, 0b01)]
    assert excess(PROBLEM, "MaxDays", classes, (2,)) == 1
    assert excess(PROBLEM, "MaxDayLoad", classes, (4,)) == 2


def test_blocks_join_over_a_short_break() -> None:
    """A block is two classes or more; a lone one is never too long."""
    classes = [at(1, 0, 9, 1), at(1, 12, 2, 1), at(1, 15, 2, 1), at(1, 20, 2, 1)]
    assert excess(PROBLEM, "MaxBreaks", classes, (1, 1)) == 1
    assert excess(PROBLEM, "MaxBreaks", classes, (1, 3)) == 0
    assert excess(PROBLEM, "MaxBlock", classes, (4, 1)) == 1
    assert excess(PROBLEM, "MaxBlock", classes, (4, 0)) == 0


def test_every_constraint_is_counted_one_way() -> None:
    """Between two, or over all: none is forgotten."""
    assert PAIRS.keys() | BY_WEEK | {"MaxDays"} == DISTRIBUTIONS.keys()
