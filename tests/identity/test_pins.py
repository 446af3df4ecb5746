"""PINs: which may be chosen."""

import datetime as dt
import itertools
import zlib

import pytest

from hpserver.errors import WeakSecretError
from hpserver.identity import pins


@pytest.mark.parametrize("pin", ["123", "", "1234567890123", "12a4", "12 4", "١٢٣٤", "²³⁴⁵"])
def test_a_pin_is_4_to_12_digits(pin: str) -> None:
    """Other scripts have digits too; nobody could type them on another keyboard."""
    with pytest.raises(WeakSecretError) as refused:
        pins.check_pin(pin)
    assert refused.value.details["rule"] == "digits"


@pytest.mark.parametrize(
    "pin",
    [
        "0000",
        "1234",
        "4321",
        "7890",
        "2468",
        "1212",
        "1221",
        "1122",
        "2580",
        "1998",
        "2026",
        "1407",
        "2902",
        "140789",
        "19980714",
        "07141998",
        "147258",
        "123123",
        "111111",
        "112233",
        "123456789",
        "0000000",
    ],
)
def test_a04_a_pin_that_is_tried_first_is_not_set(pin: str) -> None:
    """Dates, years, runs, repetitions and figures on the keys."""
    with pytest.raises(WeakSecretError) as refused:
        pins.check_pin(pin)
    assert refused.value.details["rule"] == "common"


@pytest.mark.parametrize("pin", ["4827", "9053", "482917", "90538172", "735190264817"])
def test_another_pin_is_set(pin: str) -> None:
    """The list leaves nine of ten."""
    pins.check_pin(pin)


def test_a04_the_list_holds_about_a_thousand() -> None:
    """Fewer would be guessed, more would annoy without being safer (S&P 2020, Markert)."""
    assert 900 <= sum(pins.is_blocked(f"{number:04}") for number in range(10_000)) <= 1100


def days() -> set[tuple[int, int]]:
    """Return every day of a leap year, as the calendar has them: (day, month)."""
    first = dt.date(2024, 1, 1)
    return {(one.day, one.month) for one in (first + dt.timedelta(number) for number in range(366))}


def otherwise_blocked(pin: str) -> bool:
    """Whether a PIN is refused for another reason than being a date."""
    return pins._is_repetition(pin) or pins._is_run(pin) or pin in pins._KEYPAD


def test_a04_every_day_of_the_calendar_is_blocked_and_no_other() -> None:
    """DDMM; DDMMYY, MMDDYY and YYMMDD; with a year of 1930 to 2039 DDMMYYYY, MMDDYYYY and YYYYMMDD."""
    known = days()
    for one, other in itertools.product(range(40), range(14)):
        first, second = f"{one:02}", f"{other:02}"
        is_day, is_american = (one, other) in known, (other, one) in known
        if not otherwise_blocked(first + second) and not 1930 <= int(first + second) <= 2039:
            assert pins.is_blocked(first + second) is is_day, first + second
        for pin, blocked in (
            (f"{first}{second}53", is_day or is_american),
            (f"53{second}{first}", is_day),
            (f"{first}{second}1953", is_day or is_american),
            (f"1953{second}{first}", is_day),
        ):
            if not otherwise_blocked(pin) and not (len(pin) == 6 and pins._is_date(pin) and not blocked):
                assert pins.is_blocked(pin) is blocked, pin


@pytest.mark.parametrize(("year", "blocked"), [(1929, False), (1930, True), (2039, True), (2040, False)])
def test_a04_years_that_people_take_are_blocked(year: int, *, blocked: bool) -> None:
    """Alone, and behind or before a day."""
    assert pins.is_blocked(str(year)) is (blocked or otherwise_blocked(str(year)))
    assert pins.is_blocked(f"2709{year}") is blocked
    assert pins.is_blocked(f"{year}0927") is blocked


@pytest.mark.parametrize(
    ("pin", "blocked"),
    [
        *(("1111", True), ("1212", True), ("4774", True), ("4477", True), ("7778", True), ("8777", True)),
        *(("47470", False), ("474747", True), ("474474", True), ("474475", False), ("447788", True), ("447789", False)),
        *(("4567", True), ("9012", True), ("4680", True), ("4681", False), ("98765", True), ("98764", False)),
        *(("47774", True), ("4774774", True), ("47774775", False), ("77758", False), ("2580", True), ("147258", True)),
    ],
)
def test_a04_repetitions_runs_and_figures_are_blocked(pin: str, *, blocked: bool) -> None:
    """Periods, pairs, palindromes, three in a row of four, steps round the clock, lines on the keys."""
    assert pins.is_blocked(pin) is blocked


def test_a04_the_list_changes_only_on_purpose() -> None:
    """Its sum, and that of a hundredth of the PINs of six digits."""
    short = [f"{number:04}" for number in range(10_000)]
    long = [f"{number:06}" for number in range(0, 1_000_000, 101)]
    sums = [zlib.crc32(" ".join(filter(pins.is_blocked, some)).encode()) for some in (short, long)]
    assert sums == [574175379, 1248767264]


@pytest.mark.parametrize(
    ("pin", "fits"),
    [
        ("123", False),
        ("1234", True),
        ("1" * 12, True),
        ("1" * 13, False),
        ("12a4", False),
        ("\u0661234", False),
        ("", False),
    ],
)
def test_what_a_pin_is_made_of(pin: str, *, fits: bool) -> None:
    """Four to twelve of the ten digits."""
    assert pins.is_well_formed(pin) is fits
