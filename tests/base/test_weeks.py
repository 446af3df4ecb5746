import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpserver.base.weeks import MAX_WEEKS, all_weeks, each_week, format_weeks, parse_weeks
from hpserver.errors import InvalidChangeError


@pytest.mark.parametrize(
    ("text", "weeks"),
    [
        ("[1..6,12]", 0b1000_0011_1111),
        ("[]", 0),
        ("[62]", 1 << 61),
        (" [ 3 , 1..2 ] ", 0b111),
        ("[1..62]", all_weeks(62)),
    ],
)
def test_a_written_week_set_is_read(text: str, weeks: int) -> None:
    """Week 1 on paper is bit 0 in memory, in whatever order weeks are written."""
    assert parse_weeks(text) == weeks


@pytest.mark.parametrize(
    "text", ["", "1..6", "[0]", "[63]", "[6..1]", "[a]", "[1-6]", "[1..2..3]", "[1", "[" + "1," * 400 + "]"]
)
def test_what_is_no_week_set_is_refused(text: str) -> None:
    """A typing error never becomes another set of weeks."""
    with pytest.raises(InvalidChangeError):
        parse_weeks(text)


def test_runs_are_written_as_ranges() -> None:
    """People read `[1..6,12]`, not seven numbers."""
    assert format_weeks(0b1000_0011_1111) == "[1..6,12]"
    assert format_weeks(0b11) == "[1..2]"
    assert format_weeks(0) == "[]"


@given(st.integers(0, all_weeks(MAX_WEEKS)))
def test_writing_then_reading_is_the_identity(weeks: int) -> None:
    """A week set survives paper, and its weeks are those it is made of."""
    assert parse_weeks(format_weeks(weeks)) == weeks
    assert sum(1 << week for week in each_week(weeks)) == weeks
