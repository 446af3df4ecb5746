"""Ladders: how long a secret may not be tried."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from hpserver.identity import ladder
from hpserver.identity.ladder import DAY, HOUR, MINUTE, OFF

LADDERS = [ladder.PASSWORD, ladder.PASSWORD_IN_ALL, ladder.PIN]


def test_a04_the_pin_ladder_is_the_one_promised() -> None:
    """1 to 3 free; 1, 5, 15 minutes; three times an hour; the tenth turns it off."""
    waits = [ladder.wait(ladder.PIN, count) for count in range(1, 12)]
    assert waits == [0, 0, 0, MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, HOUR, HOUR, OFF, OFF]


def test_a01_the_password_ladder_is_the_one_promised() -> None:
    """1 to 4 free; 30 s, 1, 5, 15, 30 minutes; 20 in a lane close it for a day."""
    waits = [ladder.wait(ladder.PASSWORD, count) for count in (1, 4, 5, 6, 7, 8, 9, 19, 20, 21)]
    assert waits == [0, 0, 30, MINUTE, 5 * MINUTE, 15 * MINUTE, 30 * MINUTE, 30 * MINUTE, DAY, DAY]


def test_a01_the_hundredth_in_all_needs_a_reset() -> None:
    """NIST 800-63B allows no more than 100 consecutive failures."""
    assert ladder.wait(ladder.PASSWORD_IN_ALL, 99) == 0
    assert ladder.wait(ladder.PASSWORD_IN_ALL, 100) == OFF


@pytest.mark.parametrize("steps", LADDERS)
def test_nothing_tried_is_nothing_to_wait(steps: ladder.Ladder) -> None:
    """A user who never failed is never locked."""
    assert ladder.wait(steps, 0) == 0


@given(some.sampled_from(LADDERS), some.integers(0, 200), some.integers(0, 200))
def test_a_ladder_only_climbs(steps: ladder.Ladder, one: int, other: int) -> None:
    """One more failure never shortens the wait."""
    assert ladder.wait(steps, min(one, other)) <= ladder.wait(steps, max(one, other))


@given(
    some.sampled_from(LADDERS),
    some.integers(1, 200),
    some.floats(0, 1e10),
    some.floats(-1e9, 1e9),
)
def test_s07_no_clock_shortens_a_wait(steps: ladder.Ladder, count: int, last_at: float, jump: float) -> None:
    """A clock that jumps back starts the step again; only time that passed counts."""
    left = ladder.remaining(steps, count, last_at, last_at + jump)
    step = ladder.wait(steps, count)
    assert 0 <= left <= step
    if jump < 0:
        assert left == step
    elif jump > step + 1:
        assert left == 0


@given(some.lists(some.floats(0, 1e5), max_size=400))
def test_a04_never_more_than_ten_pins_are_compared(pauses: list[float]) -> None:
    """However long somebody waits between tries: 10 between two successes, at most 0.1 % of the PINs."""
    assert _compared(ladder.PIN, pauses) <= ladder.PIN_TRIES


@given(some.lists(some.floats(0, 1e4), max_size=400))
def test_a01_few_passwords_are_compared_in_an_hour(pauses: list[float]) -> None:
    """Sustained guessing in one lane stays below 30 an hour."""
    now, compared = 0.0, 0
    count, last = 0, 0.0
    for pause in pauses:
        now += pause
        if now > HOUR:
            break
        if ladder.remaining(ladder.PASSWORD, count, last, now) == 0:
            count, last, compared = count + 1, now, compared + 1
    assert compared <= 30


def test_a08_each_registered_device_has_its_own_lane() -> None:
    """A stranger who fails on purpose locks the strangers' lane, not the user's own machine."""
    mine, other = ladder.lane(3, registered=True), ladder.lane(9, registered=False)
    assert mine != other
    assert ladder.lane(4, registered=False) == other
    assert ladder.password_key("1", "durand", mine) != ladder.password_key("1", "durand", other)
    assert len({ladder.password_in_all_key("1", "durand"), ladder.pin_key("1", 2)}) == 2


def _compared(steps: ladder.Ladder, pauses: list[float]) -> int:
    now, count, last = 0.0, 0, 0.0
    for pause in pauses:
        now += pause
        if ladder.remaining(steps, count, last, now) == 0:
            count, last = count + 1, now
    return count
