"""Ladders: how long a secret may not be tried."""

import itertools

import apsw
import pytest
from hypothesis import given
from hypothesis import strategies as some

from hpserver.errors import LockedError
from hpserver.identity import ladder
from hpserver.identity.ladder import DAY, HOUR, MINUTE, OFF
from hpserver.store import ladders

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


def test_the_first_attempt_may_cost_time_too() -> None:
    """The ladder of a console that nobody types at by hand."""
    assert [ladder.wait((5.0, 6.0), count) for count in (-1, 0, 1, 2, 3)] == [0, 0, 5, 6, 6]
    assert (MINUTE, HOUR, DAY) == (60, 3600, 86_400)


@given(some.sampled_from(LADDERS), some.integers(0, 200), some.integers(0, 200))
def test_a_ladder_only_climbs(steps: ladder.Ladder, one: int, other: int) -> None:
    """One more failure never shortens the wait."""
    assert ladder.wait(steps, min(one, other)) <= ladder.wait(steps, max(one, other))


def compared(steps: ladder.Ladder, pauses: list[float]) -> int:
    """Return how many of the attempts, each after a pause (a clock may start again), are let through."""
    connection, now, allowed = apsw.Connection(":memory:"), 1e6, 0
    connection.execute(
        "CREATE TABLE attempts (key TEXT PRIMARY KEY, count INT, last_at REAL, locked_until REAL, tag BLOB)"
    )
    for pause in pauses:
        now += pause
        allowed += not isinstance(ladders.spend(connection, {"pin": steps}, now, b""), LockedError)
    return allowed


@given(some.lists(some.floats(-1e6, 1e6), max_size=400))
def test_a04_never_more_than_ten_pins_are_compared(pauses: list[float]) -> None:
    """However long somebody waits, and however the clock jumps: 10 between two successes, 0.1 % of the PINs."""
    assert compared(ladder.PIN, pauses) <= ladder.PIN_TRIES


@given(some.lists(some.floats(0, ladder.HOUR), max_size=400))
def test_a01_few_passwords_are_compared_in_an_hour(pauses: list[float]) -> None:
    """Sustained guessing in one lane stays below 30 an hour."""
    within = [pause for pause, until in zip(pauses, itertools.accumulate(pauses), strict=True) if until <= HOUR]
    assert compared(ladder.PASSWORD, within) <= 30


@given(some.lists(some.floats(0, 1e7), min_size=100, max_size=300))
def test_a01_never_more_than_a_hundred_passwords_are_compared(pauses: list[float]) -> None:
    """Over all lanes, until somebody resets the account."""
    assert compared(ladder.PASSWORD_IN_ALL, pauses) == ladder.PASSWORD_TRIES_IN_ALL


@pytest.mark.parametrize("jump", [-400 * DAY, -1.0])
def test_s07_no_clock_shortens_a_wait(jump: float) -> None:
    """A clock that starts again starts the step again; only time that passed counts."""
    failed = [1.0] * 4
    assert compared(ladder.PIN, [*failed, jump, MINUTE - 1]) == 4
    assert compared(ladder.PIN, [*failed, jump, MINUTE]) == 5
    assert compared(ladder.PIN, [*failed, MINUTE]) == 5


def test_a08_each_registered_device_has_its_own_lane() -> None:
    """A stranger who fails on purpose locks the strangers' lane, not the user's own machine."""
    mine, other = ladder.lane(3, registered=True), ladder.lane(9, registered=False)
    assert mine != other
    assert ladder.lane(4, registered=False) == other
    assert ladder.password_key("1", "durand", mine) != ladder.password_key("1", "durand", other)
    assert len({ladder.password_in_all_key("1", "durand"), ladder.pin_key("1", 2)}) == 2


def test_a_counter_says_whose_password_it_counts() -> None:
    """Of one account, and by strangers' devices: a device that somebody registered is of a user there is."""
    others = ladder.lane(3, registered=False)
    for login in ("zoe", "x:others", "a:b"):
        assert ladder.login_of("12", ladder.password_key("12", login, others)) == login
        assert ladder.login_of("12", ladder.password_in_all_key("12", login)) == login
        assert ladder.login_of("1", ladder.password_in_all_key("12", login)) is None
    assert ladder.login_of("12", ladder.password_key("12", "zoe", ladder.lane(3, registered=True))) is None
    assert ladder.login_of("12", ladder.pin_key("12", 3)) is None


def test_the_console_takes_five_tries_in_a_quarter_and_twenty_in_a_day() -> None:
    """Then one a day; of the invoice number five for ever; of codes three, then one an hour."""
    waits = [ladder.wait(ladder.CONSOLE, count) for count in range(1, 23)]
    assert waits == [*(*(0.0,) * 4, 900.0) * 3, *(0.0,) * 4, *(86_400.0,) * 3]
    assert [ladder.wait(ladder.INVOICE, count) for count in range(1, 7)] == [*(0.0,) * 4, ladder.OFF, ladder.OFF]
    assert [ladder.wait(ladder.CODES_SENT, count) for count in range(1, 5)] == [0.0, 0.0, 3_600.0, 3_600.0]
    assert [ladder.wait(ladder.CODE, count) for count in range(1, 7)] == [*(0.0,) * 4, ladder.OFF, ladder.OFF]
    assert (ladder.CONSOLE_TOLD, ladder.CODE_TRIES) == (5, 5)
    assert ladder.code_key("123456789012", 3) == "code:123456789012:3"
    assert ladder.codes_sent_key("123456789012", 3) == "codes:123456789012:3"
    assert ladder.console_key("123456789012", 7) == "console:123456789012:7"
    assert ladder.invoice_key("123456789012") == "invoice:123456789012"
