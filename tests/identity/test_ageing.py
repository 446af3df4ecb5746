"""How long a password is good."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from hpserver.identity import ageing
from hpserver.identity.ageing import DAY, Age, Renewal, Written

NOW = 1_800_000_000.0
WISHES: list[Renewal] = ["none", "notify", "force"]


@pytest.mark.parametrize(
    ("renewal", "days", "age"),
    [
        ("none", 10_000, "good"),
        ("notify", 89.99, "good"),
        ("notify", 90, "old"),
        ("force", 89.99, "good"),
        ("force", 90, "change"),
    ],
)
def test_the_school_decides_what_becomes_of_an_old_password(renewal: Renewal, days: float, age: Age) -> None:
    """At 90 days: nothing, a word at each sign-in, or a new one at once."""
    assert ageing.age(Written(NOW - days * DAY), NOW, renewal, 90) == age


@pytest.mark.parametrize("renewal", WISHES)
def test_a_password_that_was_given_is_changed(renewal: Renewal) -> None:
    """Whatever the school wishes of old ones."""
    assert ageing.age(Written(NOW, must_change=True), NOW, renewal) == "change"
    assert ageing.age(Written(NOW, one_time_until=NOW + 1), NOW, renewal) == "change"


@given(some.floats(0, 1e9), some.booleans(), some.sampled_from(WISHES))
def test_a_one_time_password_ends_at_its_instant(left: float, must_change: bool, renewal: Renewal) -> None:
    """Seven days, and not a moment more (ASVS 6.4.1)."""
    written = Written(NOW - 1, must_change, one_time_until=NOW)
    assert ageing.age(written, NOW + left, renewal, 1) == "over"
    assert ageing.age(written, NOW - 1 - left, renewal, 1) == "change"


@given(some.floats(-1e9, 1e9))
def test_using_a_one_time_password_never_prolongs_it(left: float) -> None:
    """At its first use ten minutes are left, or less."""
    until = ageing.used(Written(NOW, one_time_until=NOW + left), NOW)
    assert until <= NOW + left
    assert until <= NOW + ageing.ONE_TIME_USE_SECONDS
    assert until in {NOW + left, NOW + 600}


def test_the_lives_are_those_promised() -> None:
    """A week, and ten minutes from the first use; a school may ask for a day to ten years."""
    assert (ageing.ONE_TIME_SECONDS, ageing.ONE_TIME_USE_SECONDS) == (7 * 86_400, 600)
    assert (ageing.MIN_DAYS, ageing.MAX_DAYS) == (1, 3650)
