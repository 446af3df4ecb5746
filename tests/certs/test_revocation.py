import random

from hypothesis import given
from hypothesis import strategies as st

from hpserver.certs.revocation import NONE_REVOKED, RevokedSerials

SERIALS = st.integers(min_value=1, max_value=(1 << 159) - 1)


@given(st.sets(SERIALS), st.lists(SERIALS, max_size=5), SERIALS)
def test_the_set_holds_what_was_revoked_and_nothing_else(before: set[int], added: list[int], asked: int) -> None:
    """A serial is revoked once it was said so, whichever way it came in."""
    revoked = RevokedSerials.of(before).adding(*added)
    assert (asked in revoked) == (asked in before or asked in added)
    assert len(revoked) == len(before.union(added))


def test_a_set_never_changes() -> None:
    """A connection that asks while a revocation is on its way sees the set before or after, never between."""
    first = RevokedSerials.of([1])
    second = first.adding(2)
    assert 2 not in first
    assert 1 in second
    assert 2 in second
    assert first == RevokedSerials.of([1])


def test_nothing_is_revoked_at_first() -> None:
    """The empty set refuses nobody."""
    assert len(NONE_REVOKED) == 0
    assert 1 not in NONE_REVOKED


def test_a_hundred_thousand_serials_are_told_apart() -> None:
    """The size a large installation reaches in years holds, without a false answer."""
    draw = random.Random(7)
    serials = {draw.getrandbits(159) for _ in range(100_000)}
    revoked = RevokedSerials.of(serials)
    assert len(revoked) == len(serials)
    assert all(serial in revoked for serial in serials)
    assert not any(draw.getrandbits(159) in revoked for _ in range(1_000))
