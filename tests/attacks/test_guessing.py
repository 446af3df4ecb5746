"""Guessing for months of virtual time, on a real directory: how many secrets are compared, and how often one is right.

The figures are those of docs/security.md. Nothing waits: the clock of the ladders is a number of the test, and hashes
are the cheapest argon2 knows.
"""

import asyncio
import random
from collections.abc import AsyncIterator

import apsw
import pytest

from hpserver.directory.model import Account, Device, Registration, User
from hpserver.errors import BusyError, LockedError
from hpserver.hosting.hashing import Hashing
from hpserver.hosting.sign_in import SignIn
from hpserver.identity import ladder, names, passwords, pins
from hpserver.identity.ladder import DAY, HOUR
from hpserver.identity.passwords import Cost
from hpserver.store import ladders as counters
from hpserver.store import sqlite_file
from hpserver.store.sqlite_directory import SqliteDirectory

ACCOUNT, PEPPER, CHEAP = "123456789012", bytes(range(32)), Cost(8, 1, 1)
PASSWORD, PIN = "Lune-4-Papier", "4827"
MINE, STRANGE = 1, 2
"""Devices: the user's own, which is registered, and the attacker's."""


class Siege:
    """Anne, her device, an attacker with another one, and the clock."""

    def __init__(self, directory: SqliteDirectory) -> None:
        self.directory, self.now = directory, 1_000.0
        self.hashing = Hashing()
        self.sign_in = SignIn(
            *(directory, ACCOUNT, PEPPER, self.hashing), clock=lambda: self.now, costs=(CHEAP, CHEAP)
        )  # fmt: skip
        self.compared = 0

    async def build(self) -> None:
        """Add the rows."""
        await self.directory.add(Account(number=ACCOUNT, name="E", domain="e.example", invoice="1" * 10, port=21_200))
        hashed = [passwords.hash_password(one, salt=bytes(16), pepper=PEPPER, cost=CHEAP) for one in (PASSWORD, PIN)]
        user = User(account=ACCOUNT, login="durand", password_hash=hashed[0], pin_hash=hashed[1], measure="pin")
        self.anne = await self.directory.add(user)
        for serial in ("1a", "1b"):
            await self.directory.add(Device(account=ACCOUNT, name=serial, thumbprint=serial.encode(), serial=serial))
        await self.directory.add(Registration(device=MINE, user=self.anne.key, name="Bureau", at=0.0))

    async def guess(self, secret: str, device: int = STRANGE) -> float:
        """Guess a password; seconds to wait, when it was not compared."""
        try:
            _, facts = await self.sign_in.check_password("durand", secret, device)
        except LockedError as locked:
            return float(locked.details["seconds"]) or float("inf")
        assert facts.password_right == (secret == PASSWORD)
        self.compared += 1
        return 0.0

    def restart_machine(self) -> None:
        """Have the clock of the ladders begin again."""
        self.now = random.Random(self.now).uniform(1.0, 100.0)


@pytest.fixture
async def siege() -> AsyncIterator[Siege]:
    """A siege that has not begun."""
    directory = SqliteDirectory.in_memory()
    await directory.open()
    siege = Siege(directory)
    await siege.build()
    yield siege
    siege.hashing.close()
    await directory.close()


async def test_a01_months_of_guessing_compare_a_hundred_passwords(siege: Siege) -> None:
    """An attacker who comes back at the first instant each lock ends, for as long as it takes; then never again."""
    began, ended = siege.now, 0.0
    for number in range(10_000):
        wait = await siege.guess(f"guess {number}")
        if wait == float("inf"):
            ended = ended or siege.now
            siege.now += 30 * DAY
            if siege.now - ended > 365 * DAY:
                break
        siege.now += 0.0 if wait == float("inf") else wait
    assert siege.compared == ladder.PASSWORD_TRIES_IN_ALL
    assert 80 * DAY < ended - began < 90 * DAY
    assert await siege.guess(PASSWORD) == float("inf")


async def test_a01_the_first_day_compares_twenty_in_one_lane(siege: Siege) -> None:
    """At most thirty an hour, twenty a lane; then the lane is off for a day."""
    began, at = siege.now, list[float]()
    while siege.now - began < DAY:
        wait = await siege.guess(f"guess {len(at)} {siege.now}")
        if wait:
            siege.now += wait
        else:
            at.append(siege.now - began)
    assert len(at) == 20
    assert max(sum(start <= one < start + HOUR for one in at) for start in at) <= 30


async def test_a08_the_user_signs_in_at_first_try_during_the_siege(siege: Siege) -> None:
    """On a registered device, at any moment until the hundredth guess; and each success starts the siege anew."""
    for number in range(300):
        wait = await siege.guess(f"guess {number}")
        assert wait < float("inf")
        siege.now += wait
        if number % 10 == 0:
            user, facts = await siege.sign_in.check_password("durand", PASSWORD, MINE)
            assert user is not None
            assert facts.password_right
            assert facts.failures <= 20


async def test_a01_identical_repeats_lock_nobody_and_win_nothing(siege: Siege) -> None:
    """A phone with the old password saved asks all night; the user's other machine does not notice."""
    for _ in range(200):
        siege.now += 300
        assert await siege.guess("the old password") == 0.0
    attempts = await siege.directory.attempts(ladder.password_in_all_key(ACCOUNT, "durand"))
    assert attempts.count == 1
    assert await siege.guess(PASSWORD) == 0.0


async def test_s07_restarts_of_the_machine_win_nothing(siege: Siege) -> None:
    """A new start of the clock after each guess, a minute and a half ago at most: no longer lock ever ends."""
    for number in range(100):
        await siege.guess(f"guess {number}")
        siege.restart_machine()
    assert [ladder.wait(ladder.PASSWORD, count) for count in (5, 6, 7)] == [30, 60, 300]
    assert siege.compared <= 7


async def test_a06_a_thousand_connections_compare_what_one_does(siege: Siege) -> None:
    """All at one instant, from one lane: four, the fifth locks; nobody else was compared or left waiting."""

    async def guess(number: int) -> str:
        try:
            return "" if await siege.guess(f"guess {number}") == 0.0 else "locked"
        except BusyError:
            return "busy"

    for _ in range(3):
        told = await asyncio.gather(*(guess(number) for number in range(1000)))
        assert set(told) <= {"", "locked", "busy"}
    assert siege.compared == 5
    assert (await siege.directory.attempts(ladder.password_in_all_key(ACCOUNT, "durand"))).count == 5


async def test_a04_however_many_pins_are_tried_ten_are_compared(siege: Siege) -> None:
    """One after the other, waiting out every lock: ten, then off for good."""
    compared = 0
    for number in range(500):
        try:
            assert not await siege.sign_in.check_pin(siege.anne.key, f"{number:04}")
            compared += 1
        except LockedError as locked:
            siege.now += float(locked.details["seconds"]) or DAY
    assert compared == ladder.PIN_TRIES


@pytest.mark.slow
def test_a04_at_most_one_pin_in_a_thousand_is_guessed() -> None:
    """Two thousand accounts with uniform PINs, each attacked for a year with restarts, crashes and repeats.

    The attacker takes PINs in any order. Ten of 10,000 are compared: 0.1 %, which is the bound for uniform PINs.
    """
    draw = random.Random(20261123)
    connection = apsw.Connection(":memory:")
    with sqlite_file.writing(connection):
        sqlite_file.migrate(connection, "directory", 1)
    guessed = compared = 0
    for account in range(2_000):
        secret, order, now = f"{draw.randrange(10_000):04}", draw.sample(range(10_000), 40), draw.uniform(0, 1e6)
        tried = set[str]()
        for number in order:
            pin = f"{number:04}"
            now = draw.uniform(0, 60) if draw.random() < 0.1 else now + draw.uniform(0, 2 * HOUR)
            tag = passwords.tag(pin, str(account), pepper=PEPPER)
            if isinstance(counters.spend(connection, {f"pin:{account}": ladder.PIN}, now, tag), LockedError):
                continue
            if draw.random() < 0.05:  # killed before it is compared: the try is spent, trying the same again is free
                continue
            tried.add(pin)
            if pin == secret:
                break
        compared += len(tried)
        guessed += secret in tried
        assert len(tried) <= ladder.PIN_TRIES
    connection.close()
    assert compared / 10_000 / 2_000 <= 0.001
    assert guessed <= 10  # 2 are expected; 11 or more happen once in 120,000 draws of such a school


def test_a04_who_knows_the_refused_pins_gains_a_ninth() -> None:
    """What cannot be chosen need not be tried: of those that can, ten are 0.11 %, and six digits make it 0.001 %."""
    allowed = sum(not pins.is_blocked(f"{number:04}") for number in range(10_000))
    assert ladder.PIN_TRIES / allowed < 0.00113


@pytest.mark.parametrize(
    "spellings",
    [
        ["durand", "DURAND", " Durand ", "\uff24\uff35\uff32\uff21\uff2e\uff24", "du\u200brand", "d\u00adurand"],
        ["jos\u00e9", "jose\u0301", "JOS\u00c9", "\ufeffJos\u00e9"],
        ["stra\u00dfe", "STRASSE", "strasse"],
    ],
)
async def test_a09_no_spelling_of_a_login_has_tries_of_its_own(siege: Siege, spellings: list[str]) -> None:
    """Case, width, composition, blanks and what cannot be seen: one counter, one user."""
    keys = {names.login(one) for one in spellings}
    assert len(keys) == 1
    for number, one in enumerate(spellings * 2):
        try:
            await siege.sign_in.check_password(names.login(one), f"guess {number}", STRANGE)
        except LockedError:
            break
    [key] = keys
    assert (await siege.directory.attempts(ladder.password_in_all_key(ACCOUNT, key))).count == 5


def test_a10_a_huge_password_is_never_hashed() -> None:
    """Ten megabytes are refused before a hash that would take minutes."""
    for guess in ("\u00e9" * 513, "x" * 10_000_000):
        assert not passwords.accepts_length(guess)
        assert not passwords.verify(passwords.dummy(Cost(1 << 20, 50, 1)), guess, pepper=PEPPER)


async def test_a11_a_flood_of_logins_is_told_when_to_come_back(siege: Siege) -> None:
    """Three hundred at one instant: two are hashed at a time, sixty-four wait, the rest spends no try."""
    told = await asyncio.gather(
        *(siege.sign_in.check_password(f"person{number}", "guess", STRANGE) for number in range(300)),
        return_exceptions=True,
    )
    busy = [number for number, one in enumerate(told) if isinstance(one, BusyError)]
    assert 300 - len(busy) >= 64
    assert all(isinstance(one, BusyError | tuple) for one in told)
    for number in range(300):
        tried = await siege.directory.attempts(ladder.password_in_all_key(ACCOUNT, f"person{number}"))
        assert tried.count == (number not in busy)
