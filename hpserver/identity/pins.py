"""Which PINs may be chosen. The list of those tried first is made by rule. It knows no user and no hash."""

import itertools
from typing import Final

from hpserver.errors import WeakSecretError

MIN_DIGITS: Final = 4
MAX_DIGITS: Final = 12

FIRST_YEAR: Final = 1930
LAST_YEAR: Final = 2039
"""Years that people take for a PIN: of birth, of today."""

_DAYS: Final = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_KEYPAD: Final = (
    *("2580", "0852", "1470", "0741", "3690", "0963", "1397", "1379", "7913", "1793", "1937", "9731", "3179", "7931"),
    *("1595", "3575", "1590", "3570", "2468", "8642", "1357", "9753", "2684", "8426", "4862", "6248", "1236", "1478"),
    *("3698", "7896", "9632", "7412", "1254", "2365", "4587", "5698", "4125", "5236", "7458", "8569", "0258", "0147"),
    *("147258", "258369", "147369", "159357", "357159", "123654", "741852", "963852", "789456", "456123", "321654"),
)
"""Lines, corners, crosses and squares on the keys of a telephone."""


def check_pin(pin: str) -> None:
    """Check a PIN that is to be set.

    Raises:
        WeakSecretError: `rule` is `digits` (not 4 to 12 of 0-9) or `common` (a date, a year, a run, a figure).
    """
    if not is_well_formed(pin):
        raise WeakSecretError(f"A PIN is {MIN_DIGITS} to {MAX_DIGITS} digits.", rule="digits")
    if is_blocked(pin):
        raise WeakSecretError("The PIN is one of those tried first: a date, a year, a run, a figure.", rule="common")


def is_well_formed(pin: str) -> bool:
    """Return whether it is 4 to 12 of the digits 0 to 9 (and no other script's)."""
    return MIN_DIGITS <= len(pin) <= MAX_DIGITS and pin.isascii() and pin.isdigit()


def is_blocked(pin: str) -> bool:
    """Return whether a well-formed PIN is among those people take most; some 1,000 of the 10,000 short ones."""
    return _is_repetition(pin) or _is_run(pin) or pin in _KEYPAD or _is_date(pin)


def _is_repetition(pin: str) -> bool:
    """`1111`, `1212`, `123123`, `1221`, `1122`, or a digit three times in a row at either end of four."""
    size = len(pin)
    repeats = any(size % period == 0 and pin == pin[:period] * (size // period) for period in range(1, size // 2 + 1))
    pairs = size % 2 == 0 and all(pin[at] == pin[at + 1] for at in range(0, size, 2))
    threes = size == MIN_DIGITS and (len(set(pin[:3])) == 1 or len(set(pin[1:])) == 1)
    return repeats or pairs or threes or pin == pin[::-1]


def _is_run(pin: str) -> bool:
    """Each digit is the one before plus the same step, round the clock: `1234`, `9876`, `7890`, `2468`."""
    steps = {(int(after) - int(before)) % 10 for before, after in itertools.pairwise(pin)}
    return len(steps) == 1


def _is_date(pin: str) -> bool:
    match len(pin):
        case 4:
            return _is_year(pin) or _is_day(pin[:2], pin[2:])  # the other order would forbid 1,200 of the 10,000
        case 6:
            return _is_day(pin[:2], pin[2:4]) or _is_day(pin[2:4], pin[:2]) or _is_day(pin[4:], pin[2:4])
        case 8:
            european = _is_year(pin[4:]) and (_is_day(pin[:2], pin[2:4]) or _is_day(pin[2:4], pin[:2]))
            return european or (_is_year(pin[:4]) and _is_day(pin[6:], pin[4:6]))
        case _:
            return False


def _is_year(digits: str) -> bool:
    return FIRST_YEAR <= int(digits) <= LAST_YEAR


def _is_day(day: str, month: str) -> bool:
    return 1 <= int(month) <= len(_DAYS) and 1 <= int(day) <= _DAYS[int(month) - 1]
