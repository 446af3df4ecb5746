"""Users in turn, each in order."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from hpserver.errors import BusyError
from hpserver.planning.fair_queue import MOST_WAITING, FairQueue
from hpserver.protocol.limits import MAX_IN_FLIGHT


def test_p04_who_asks_for_much_has_no_more_turns_than_who_asks_once() -> None:
    """Sixty questions of one user stand before no other's first."""
    queue = FairQueue[str]()
    for number in range(60):
        queue.put(1, f"one {number}")
    queue.put(2, "two")
    queue.put(3, "three")
    assert [queue.take() for _ in range(4)] == ["one 0", "two", "three", "one 1"]


@given(some.lists(some.tuples(some.integers(0, 3), some.booleans()), max_size=200))
def test_nothing_is_lost_and_nobody_has_two_turns_while_another_waits(steps: list[tuple[int, bool]]) -> None:
    """Whatever comes and goes, each user's own come in their order, and nobody waits for two of another user."""
    queue = FairQueue[tuple[int, int]]()
    waiting: dict[int, list[int]] = {}
    passed: dict[int, set[int]] = {}

    def take() -> None:
        who, what = queue.take()
        assert waiting[who].pop(0) == what
        if not waiting[who]:
            del waiting[who]
        passed[who] = set()
        for other in waiting.keys() - {who}:
            assert who not in passed[other]
            passed[other].add(who)

    for number, (user, takes) in enumerate(steps):
        if takes and queue:
            take()
        elif len(waiting.get(user, ())) < MOST_WAITING:
            queue.put(user, (user, number))
            if user not in waiting:
                passed[user] = set()
            waiting.setdefault(user, []).append(number)
    while queue:
        take()
    assert not waiting


def test_p04_a_user_may_let_as_many_wait_as_a_connection_has_in_flight() -> None:
    """More, from many connections, is refused with a time; others are not concerned."""
    assert MOST_WAITING == MAX_IN_FLIGHT
    queue = FairQueue[int]()
    for number in range(MOST_WAITING):
        queue.put(1, number)
    with pytest.raises(BusyError):
        queue.put(1, 99)
    queue.put(2, 1)
