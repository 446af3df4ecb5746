"""Which logins exist is told by nothing: not by what is done, not by how long it takes."""

import itertools
import math
import statistics
import time
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest

from hpserver.directory.model import Account, User
from hpserver.errors import LockedError
from hpserver.hosting.hashing import Hashing
from hpserver.hosting.sign_in import SignIn
from hpserver.identity import ladder, login, passwords
from hpserver.identity.passwords import Cost
from hpserver.store.sqlite_directory import SqliteDirectory

ACCOUNT, PEPPER = "123456789012", bytes(range(32))
CHEAP = Cost(1024, 1, 1)
"""A millisecond, a sixtieth of a real one: what the directory does besides is seen all the better."""

KS_AT_1_PERCENT = 1.63
"""Two samples of n and m differ beyond chance (p < 0.01) above this times sqrt((n + m) / (n m))."""


class Watched(SqliteDirectory):
    """A directory that keeps what is asked of it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.done: list[str] = []

    async def list(self, kind: type[Any], **equal: str | int | bytes) -> tuple[Any, ...]:
        """List."""
        self.done.append(f"list {kind.__name__}")
        return await super().list(kind, **equal)

    async def get(self, kind: type[Any], *identity: str | int | bytes) -> Any:
        """Get."""
        self.done.append(f"get {kind.__name__}")
        return await super().get(kind, *identity)

    async def spend_attempt(self, *args: Any) -> Any:
        """Spend."""
        self.done.append("spend")
        return await super().spend_attempt(*args)

    async def attempts(self, key: str) -> Any:
        """Read attempts."""
        self.done.append("attempts")
        return await super().attempts(key)

    async def change(self, kind: type[Any], *identity: Any, **fields: Any) -> Any:
        """Change."""
        self.done.append(f"change {kind.__name__}")
        return await super().change(kind, *identity, **fields)


class School:
    """A thousand people, and a clock."""

    def __init__(self, directory: Watched) -> None:
        self.directory, self.now, self.hashing = directory, 1_000.0, Hashing()
        self.numbers = itertools.count()
        self.sign_in = SignIn(
            *(directory, ACCOUNT, PEPPER, self.hashing), clock=lambda: self.now, costs=(CHEAP, CHEAP)
        )  # fmt: skip

    async def add_users(self, count: int, **fields: Any) -> list[str]:
        """Add users; their logins."""
        hashed = passwords.hash_password("Lune-4-Papier", salt=bytes(16), pepper=PEPPER, cost=CHEAP)
        people = [f"person{next(self.numbers)}" for _ in range(count)]
        await self.directory.add_all(
            [
                User(account=ACCOUNT, login=one, **{"password_hash": hashed, "measure": "none"} | fields)
                for one in people
            ]
        )
        return people

    async def told(self, name: str, secret: str) -> tuple[str, list[str]]:
        """Guess; what is told, and what was done for it."""
        self.directory.done.clear()
        try:
            _, facts = await self.sign_in.check_password(name, secret, 3)
        except LockedError as locked:
            return repr((locked.text, locked.details)), list(self.directory.done)
        decision = login.decide(facts)
        assert isinstance(decision, login.Refuse)
        return repr((decision.error.text, decision.error.details)), list(self.directory.done)


@pytest.fixture
async def school() -> AsyncIterator[School]:
    """An account."""
    directory = Watched.in_memory()
    await directory.open()
    await directory.add(Account(number=ACCOUNT, name="E", domain="e.example", invoice="1" * 10, port=21_200))
    school = School(directory)
    yield school
    school.hashing.close()
    await directory.close()


async def test_a07_the_same_is_done_for_whoever_is_guessed_at(school: School) -> None:
    """Known, unknown, disabled, without a hash, with a PIN: the same steps in the same order, up to the lock."""
    known = await school.add_users(1)
    others = [
        *await school.add_users(1, enabled=False),
        *await school.add_users(1, password_hash=""),
        *await school.add_users(1, measure="pin", pin_hash="x"),
        *await school.add_users(1, measure="", must_change=True, one_time_until=1.0),
        "nobody",
    ]
    wanted = [await school.told(known[0], str(number)) for number in range(8)]
    for name in others:
        assert [await school.told(name, str(number)) for number in range(8)] == wanted, name
    assert "spend" in wanted[0][1]
    assert wanted[0][1].index("spend") < wanted[0][1].index("attempts")
    assert wanted[-1] != wanted[0]


async def test_a07_a_disabled_user_is_no_oracle_for_the_password(school: School) -> None:
    """The right password of who may not come in is told, counted and locked as a wrong one."""
    [gone] = await school.add_users(1, enabled=False)
    assert await school.told(gone, "Lune-4-Papier") == await school.told("nobody", "Lune-4-Papier")
    for number in range(4):
        await school.told(gone, str(number))
        await school.told("nobody", str(number))
    assert await school.told(gone, "Lune-4-Papier") == await school.told("nobody", "Lune-4-Papier")
    assert (await school.directory.attempts(ladder.password_in_all_key(ACCOUNT, gone))).count == 5


async def test_a07_locks_of_unknown_logins_last_as_long(school: School) -> None:
    """Through every step of the ladder, to the second."""
    [known] = await school.add_users(1)
    for number in range(ladder.PASSWORD_TRIES_IN_ALL + 1):
        told = [await school.told(one, str(number)) for one in (known, "nobody")]
        assert told[0] == told[1], number
        step = ladder.wait(ladder.PASSWORD, number + 1)
        if step > 2:
            school.now += step - 1
            told = [await school.told(one, f"early {number}") for one in (known, "nobody")]
            assert told[0] == told[1]
            assert "'seconds': 1}" in told[0][0] or number + 1 >= ladder.PASSWORD_TRIES_IN_ALL
            school.now += 1


def ks(one: Sequence[float], other: Sequence[float]) -> float:
    """Return the largest distance of two empirical distributions, in units of `KS_AT_1_PERCENT`."""
    both = sorted([(value, 0) for value in one] + [(value, 1) for value in other])
    counts, largest = [0, 0], 0.0
    for _, which in both:
        counts[which] += 1
        largest = max(largest, abs(counts[0] / len(one) - counts[1] / len(other)))
    return largest / math.sqrt((len(one) + len(other)) / (len(one) * len(other)))


def test_the_statistic_tells_a_shift_from_none() -> None:
    """A test of enumeration that never fails is worth nothing."""
    same = [(number * 7919 % 1000) / 1000 for number in range(2000)]
    assert ks(same, same[::-1]) < KS_AT_1_PERCENT / 2
    assert ks(same, [value + 0.1 for value in same]) > KS_AT_1_PERCENT


async def timed(school: School, known: list[str], unknown: list[str]) -> tuple[list[float], list[float]]:
    """Return the seconds of one guess at each, interleaved, each first as often as the other."""
    times: tuple[list[float], list[float]] = ([], [])
    for number, pair in enumerate(zip(known, unknown, strict=True)):
        for which in (0, 1) if number % 2 else (1, 0):
            began = time.perf_counter()
            await school.told(pair[which], "wrong")
            times[which].append(time.perf_counter() - began)
    return times


def a_real_hash() -> float:
    """Return the seconds that comparing a password of a user takes on this machine."""
    began = time.perf_counter()
    passwords.verify(passwords.dummy(), "wrong", pepper=PEPPER)
    return time.perf_counter() - began


@pytest.mark.slow
@pytest.mark.uvloop_only
@pytest.mark.timeout(300)
@pytest.mark.parametrize("enabled", [True, False])
async def test_a07_nobody_tells_a_login_by_the_time(school: School, *, enabled: bool) -> None:
    """Two thousand against two thousand, interleaved: medians within 5 %, distributions alike (Kolmogorov-Smirnov).

    The hash here is a hundredth of a real one, so that thousands are tried: what a row costs to read, microseconds, is
    taken off when it is less than a thousandth of a real hash. A machine that others use is judged again, with more
    samples, before a difference is believed.
    """
    count, real = 2_000, a_real_hash()
    for _ in range(4):
        known = await school.add_users(count, enabled=enabled)
        unknown = [f"nobody{next(school.numbers)}" for _ in range(count)]
        times = await timed(school, known, unknown)
        medians = [statistics.median(one) for one in times]
        shift = medians[0] - medians[1]
        level = [one - shift if abs(shift) < real / 1000 else one for one in times[0]]
        if 0.95 < medians[0] / medians[1] < 1.05 and ks(level, times[1]) < KS_AT_1_PERCENT:
            return
        count = count * 3 // 2
    pytest.fail(f"medians {medians}, distance {ks(*times):.2f}")


@pytest.mark.slow
@pytest.mark.uvloop_only
async def test_a07_nobody_tells_a_locked_login_by_the_time(school: School) -> None:
    """No hash hides what a row costs to read, microseconds: they are lost in a hundredth of a real hash."""
    known = await school.add_users(300)
    unknown = [f"nobody{next(school.numbers)}" for _ in range(300)]
    for name in (*known, *unknown):
        for number in range(5):
            await school.told(name, str(number))
    times = await timed(school, known, unknown)
    assert abs(statistics.median(times[0]) - statistics.median(times[1])) < a_real_hash() / 100
