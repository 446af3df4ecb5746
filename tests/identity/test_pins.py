"""PINs: which may be chosen."""

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
