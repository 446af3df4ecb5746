"""T10: how much is signed at once, and in a minute."""

import asyncio

import pytest

from hpserver.errors import BusyError, EnrolmentRefusedError
from hpserver.hosting.signing_pace import CONCURRENT, MAX_QUEUED, MINUTE, PER_MINUTE, SigningPace


class Clock:
    """A clock that a test sets."""

    now = 1000.0

    def __call__(self) -> float:
        """Say what it is set to."""
        return self.now


def test_t10_the_limits_are_those_promised() -> None:
    """Ten at once, 64 waiting, sixty in a minute."""
    assert (CONCURRENT, MAX_QUEUED, PER_MINUTE, MINUTE) == (10, 64, 60, 60.0)


async def signed(pace: SigningPace, account: str = "a") -> None:
    """Take a turn, and nothing else."""
    async with pace.turn(account):
        pass


async def test_t10_sixty_in_any_minute_and_then_busy_with_a_time() -> None:
    """A sliding minute: the sixty-first comes in when the first is a minute old. Other schools do not notice."""
    clock = Clock()
    pace = SigningPace(clock)
    for number in range(PER_MINUTE):
        clock.now = 1000.0 + number / 2
        await signed(pace)
    with pytest.raises(BusyError) as refused:
        await signed(pace)
    assert refused.value.details == {"seconds": 31}
    await signed(pace, "b")
    clock.now = 1000.0 + MINUTE
    await signed(pace)
    with pytest.raises(BusyError):
        await signed(pace)


async def test_t10_at_most_ten_at_once_and_a_bounded_queue() -> None:
    """The eleventh waits, the seventy-fifth is told to come back; who waited is served."""
    pace, gate = SigningPace(), asyncio.Event()
    inside = most = 0

    async def sign(number: int) -> None:
        nonlocal inside, most
        async with pace.turn(f"school {number}"):
            inside += 1
            most = max(most, inside)
            await gate.wait()
            inside -= 1

    async with asyncio.TaskGroup() as group:
        for number in range(CONCURRENT + MAX_QUEUED):
            group.create_task(sign(number))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        with pytest.raises(BusyError):
            await signed(pace, "one more")
        gate.set()
    assert (most, inside) == (CONCURRENT, 0)
    await signed(pace)


async def test_t10_a_refused_ticket_uses_up_nothing() -> None:
    """Whoever guesses tickets cannot keep a school from enrolling."""
    pace = SigningPace(Clock())
    for _ in range(3 * PER_MINUTE):
        with pytest.raises(EnrolmentRefusedError):
            async with pace.turn("a"):
                raise EnrolmentRefusedError
    await signed(pace)


async def test_t10_who_gives_up_waiting_leaves_its_place() -> None:
    """A cancelled request does not fill the queue for ever."""
    pace, gate = SigningPace(), asyncio.Event()

    async def hold(account: str) -> None:
        async with pace.turn(account):
            await gate.wait()

    async with asyncio.TaskGroup() as group:
        for number in range(CONCURRENT):
            group.create_task(hold(f"school {number}"))
        waiting = [group.create_task(hold("patient")) for _ in range(MAX_QUEUED - 4)]
        await asyncio.sleep(0)
        for task in waiting:
            task.cancel()
        await asyncio.sleep(0)
        gate.set()
    await signed(pace, "next")
