"""Attempts spent, secrets compared, choices kept, on a real directory in memory."""

import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

import pytest

from hpserver.directory.model import Account, Address, Device, Registration, User
from hpserver.errors import BadCredentialsError, BusyError, LockedError, NotAllowedError, WeakSecretError
from hpserver.hosting.hashing import Hashing
from hpserver.hosting.sign_in import MAX_PER_LOGIN, SignIn
from hpserver.identity import ladder, passwords
from hpserver.identity.login import Facts
from hpserver.identity.passwords import Cost
from hpserver.store.sqlite_directory import SqliteDirectory

ACCOUNT = "123456789012"
PEPPER = bytes(range(32))
CHEAP = Cost(8, 1, 1)
DEARER = Cost(16, 1, 1)
PASSWORD = "Lune-4-Papier"
PIN = "4827"
NEW = "Brume-7-Sable"
WRONG = "Soleil-5-Pluie"

T = TypeVar("T")


class Desk:
    """One account with Anne, her device, and the clock of the ladders."""

    def __init__(self, directory: SqliteDirectory) -> None:
        self.directory, self.now, self.today = directory, 1_000.0, 1_800_000_000.0
        self.guesses = itertools.count()
        self.hashing = Hashing()
        self.sign_in = self.with_cost(CHEAP)

    def with_cost(self, cost: Cost) -> SignIn:
        """Return checks that ask for hashes of that cost."""
        return SignIn(
            *(self.directory, ACCOUNT, PEPPER, self.hashing),
            clock=lambda: self.now,
            today=lambda: self.today,
            costs=(cost, DEARER),
        )  # fmt: skip

    async def build(self) -> None:
        """Add the rows."""
        domain = "monecole.example"
        await self.directory.add(Account(number=ACCOUNT, name="E", domain=domain, invoice="1" * 10, port=21_200))
        self.anne = await self.directory.add(
            User(
                account=ACCOUNT,
                login="durand",
                password_hash=hashed(PASSWORD),
                password_set_at=self.today,
                pin_hash=hashed(PIN),
                measure="pin",
            )
        )
        row = Device(account=ACCOUNT, name="Bureau", thumbprint=b"m" * 32, serial="1f")
        self.device = await self.directory.add(row)

    async def guess(self, login: str = "durand", password: str = "", device: int = 0) -> Facts:
        """Try a password, always another wrong one, from a device that is not registered, unless they are given."""
        password = password or f"{WRONG}{next(self.guesses)}"
        _, facts = await self.sign_in.check_password(login, password, device or self.device.key)
        return facts

    async def right(self, password: str = PASSWORD, device: int = 0) -> bool:
        """Tell whether the password is Anne's."""
        return (await self.guess(password=password, device=device)).password_right


def hashed(secret: str) -> str:
    """Return a cheap hash."""
    return passwords.hash_password(secret, salt=bytes(16), pepper=PEPPER, cost=CHEAP)


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    """An account in memory."""
    directory = SqliteDirectory.in_memory()
    await directory.open()
    desk = Desk(directory)
    await desk.build()
    yield desk
    desk.hashing.close()
    await directory.close()


async def test_the_facts_of_a_right_password(desk: Desk) -> None:
    """What the decision needs to know, and no more."""
    user, facts = await desk.sign_in.check_password("durand", PASSWORD, desk.device.key)
    assert user == desk.anne
    assert facts == Facts(
        known=True, enabled=True, password_right=True, measure="pin", registered=False, pin_off=False, held="pin"
    )  # fmt: skip


async def test_a07_an_unknown_login_is_worked_on_like_a_known_one(desk: Desk) -> None:
    """It is counted and locked alike, and never right: not even with the password of the dummy."""
    for _ in range(5):
        facts = await desk.guess("nobody")
        assert (facts.known, facts.password_right) == (False, False)
        await desk.guess("durand")
    for login in ("nobody", "durand"):
        with pytest.raises(LockedError) as locked:
            await desk.guess(login, PASSWORD)
        assert locked.value.details == {"seconds": 30}
    assert not (await desk.guess("another", PASSWORD)).password_right


async def test_a07_some_unknown_logins_take_the_time_of_a_superadmin(desk: Desk) -> None:
    """A slow refusal does not say that the login exists; the same login always takes the same time."""
    costs = [passwords.maybe_cost(desk.sign_in._dummy(f"user{number}")) for number in range(200)]
    assert {CHEAP, DEARER} == set(costs)
    drawn = [passwords.draw(f"user{number}", pepper=PEPPER) for number in range(200)]
    assert costs == [DEARER if one < 32 else CHEAP for one in drawn]
    assert costs.count(DEARER) < costs.count(CHEAP)
    assert desk.sign_in._dummy("user1") == desk.sign_in._dummy("user1")


async def test_a05_an_attempt_is_spent_before_the_compare(desk: Desk) -> None:
    """Who leaves between guess and answer has lost the try."""
    desk.hashing._threads.submit(lambda: None)
    task = asyncio.ensure_future(desk.guess())  # noqa: TID251  cancelled below: a client that leaves
    while (await desk.directory.attempts(_key("others"))).count == 0:  # noqa: ASYNC110  made so by the task
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (await desk.directory.attempts(_key("others"))).count == 1


async def test_a06_parallel_guesses_get_no_more_than_the_ladder_allows(desk: Desk) -> None:
    """However many come at one instant, each sees what the one before has counted."""
    results = await asyncio.gather(*(desk.guess() for _ in range(40)), return_exceptions=True)
    compared = [one for one in results if isinstance(one, Facts)]
    assert len(compared) == 5
    refused = [one for one in results if isinstance(one, BusyError | LockedError)]
    assert {one.details["seconds"] for one in refused if isinstance(one, BusyError)} == {1}
    assert len(compared) + len(refused) == 40
    assert sum(isinstance(one, BusyError) for one in results) == 40 - MAX_PER_LOGIN == 32


async def test_a01_only_success_starts_the_ladder_anew(desk: Desk) -> None:
    """Four free tries, then the wait; the right password after it forgets them all."""
    for _ in range(4):
        assert not await desk.right("")
    assert await desk.right()
    for _ in range(5):
        assert not await desk.right("")
    desk.now += 29
    with pytest.raises(LockedError):
        await desk.right()
    desk.now += 1
    assert await desk.right()
    assert (await desk.directory.attempts(ladder.password_in_all_key(ACCOUNT, "durand"))).count == 0


async def test_a01_a_hundred_in_all_need_a_reset(desk: Desk) -> None:
    """However long one waits between them."""
    for _ in range(ladder.PASSWORD_TRIES_IN_ALL):
        desk.now += ladder.DAY
        assert not await desk.right("")
    desk.now += ladder.DAY * 365
    with pytest.raises(LockedError) as locked:
        await desk.right()
    assert locked.value.details == {"seconds": 0}


async def test_a01_the_same_wrong_password_again_is_counted_once(desk: Desk) -> None:
    """A machine with an old password saved does not lock its user out; the answer stays the same."""
    for _ in range(20):
        assert not await desk.right(WRONG)
    assert (await desk.directory.attempts(_key("others"))).count == 1
    for _ in range(3):
        await desk.guess()
    assert await desk.right()


async def test_a05_who_dies_between_has_paid_for_that_secret_and_for_no_other(desk: Desk) -> None:
    """The tag is written with the count: trying the same one again is free, another costs again."""
    ladders = {_key("others"): ladder.PASSWORD, _in_all(): ladder.PASSWORD_IN_ALL}
    await desk.sign_in._spend(ladders, WRONG, _in_all())  # and the process dies
    assert not await desk.right(WRONG)
    assert (await desk.directory.attempts(_key("others"))).count == 1
    assert not await desk.right("")
    assert (await desk.directory.attempts(_key("others"))).count == 2
    await desk.sign_in._spend(ladders, PASSWORD, _in_all())
    assert await desk.right()


async def test_a01_both_counters_stand_still_when_one_is_locked(desk: Desk) -> None:
    """Nobody is pushed to the hundredth failure by somebody who hammers a lock."""
    for _ in range(5):
        await desk.guess()
    for _ in range(10):
        with pytest.raises(LockedError):
            await desk.guess()
    assert (await desk.directory.attempts(_in_all())).count == 5


async def test_s07_the_clock_of_the_ladders_is_the_machines(desk: Desk) -> None:
    """No setting of the time of day moves it, and sleep counts."""
    sign_in = SignIn(desk.directory, ACCOUNT, PEPPER, desk.hashing, costs=(CHEAP, DEARER))
    before = time.clock_gettime(time.CLOCK_BOOTTIME)
    await sign_in.check_password("durand", WRONG, desk.device.key)
    after = time.clock_gettime(time.CLOCK_BOOTTIME)
    assert before <= (await desk.directory.attempts(_key("others"))).last_at <= after


async def test_a03_who_comes_in_hears_how_many_guesses_there_were(desk: Desk) -> None:
    """From every device together; after it they are forgotten (ASVS 6.3.5)."""
    mine = await desk.directory.add(replace_device(desk.device, b"n" * 32))
    await desk.sign_in.save_device(desk.anne.key, mine.key, "Bureau")
    for _ in range(3):
        await desk.guess()
    assert (await desk.guess(password=PASSWORD, device=mine.key)).failures == 3
    assert (await desk.guess(password=PASSWORD)).failures == 0


async def test_another_password_is_kept_and_the_old_one_opens_nothing(desk: Desk) -> None:
    """It is as old as now, and was chosen by the user."""
    await desk.directory.change(
        User, desk.anne.key, must_change=True, one_time_until=desk.today + 1, password_set_at=1.0
    )
    user = await desk.sign_in.change_password("durand", PASSWORD, NEW, desk.device.key)
    assert (user.must_change, user.one_time_until, user.password_set_at) == (False, 0.0, desk.today)
    assert await desk.right(NEW)
    assert not await desk.right(PASSWORD)


@pytest.mark.parametrize(
    ("new", "rule"),
    [
        (PASSWORD, "same"),
        ("Court-1", "too_short"),
        ("lune-4-papiers", "case"),
        ("Mustang-2026!!", "common"),
        ("Durand-2026!!", "context"),
        ("monecole-2026!A", "context"),
    ],
)
async def test_a03_a_new_password_follows_the_rules(desk: Desk, new: str, rule: str) -> None:
    """The school and its people are known everywhere; the old one is no new one."""
    with pytest.raises(WeakSecretError) as refused:
        await desk.sign_in.change_password("durand", PASSWORD, new, desk.device.key)
    assert refused.value.details == {"rule": rule}
    assert await desk.right()


async def test_a01_a_wrong_old_password_counts_as_a_failed_login(desk: Desk) -> None:
    """Who finds a machine unlocked guesses no faster there."""
    for _ in range(5):
        with pytest.raises(BadCredentialsError):
            await desk.sign_in.change_password("durand", f"{WRONG}{next(desk.guesses)}", NEW, desk.device.key)
    with pytest.raises(LockedError):
        await desk.sign_in.change_measure("durand", PASSWORD, desk.device.key, "none", "")
    assert (await desk.directory.get(User, desk.anne.key)).password_hash == desk.anne.password_hash


async def test_another_pin_needs_the_password_and_forgets_what_was_wrong(desk: Desk) -> None:
    """So does another measure; the account decides which there are."""
    for pin in ("9999", "9998"):
        await desk.sign_in.check_pin(desk.anne.key, pin)
    with pytest.raises(BadCredentialsError):
        await desk.sign_in.change_measure("durand", WRONG, desk.device.key, "pin", "9053")
    assert await desk.sign_in.change_measure("durand", PASSWORD, desk.device.key, "pin", "9053") == "pin"
    assert await desk.sign_in.check_pin(desk.anne.key, "9053")
    assert (await desk.directory.attempts(ladder.pin_key(ACCOUNT, desk.anne.key))).count == 0
    with pytest.raises(WeakSecretError):
        await desk.sign_in.change_measure("durand", PASSWORD, desk.device.key, "pin", "1234")
    await desk.directory.change(Account, ACCOUNT, measures="notification pin")
    with pytest.raises(NotAllowedError):
        await desk.sign_in.change_measure("durand", PASSWORD, desk.device.key, "none", "")
    assert await desk.sign_in.change_measure("durand", PASSWORD, desk.device.key, "notification", "9053")
    assert (await desk.directory.get(User, desk.anne.key)).pin_hash == ""


async def test_a04_a_new_pin_ends_the_lock_of_the_old_one(desk: Desk) -> None:
    """Somebody who is inside, on a registered device, needs no administrator for it."""
    for _ in range(ladder.PIN_TRIES):
        desk.now += ladder.DAY
        await desk.sign_in.check_pin(desk.anne.key, f"99{next(desk.guesses)}")
    assert (await desk.guess(password=PASSWORD)).pin_off
    await desk.sign_in.change_measure("durand", PASSWORD, desk.device.key, "pin", "9053")
    assert not (await desk.guess(password=PASSWORD)).pin_off
    assert await desk.sign_in.check_pin(desk.anne.key, "9053")


async def test_a_one_time_password_ends_soon_after_its_first_use(desk: Desk) -> None:
    """Ten minutes to choose one's own, also when the line breaks; then somebody gives another."""
    await desk.directory.change(User, desk.anne.key, must_change=True, one_time_until=desk.today + 7 * ladder.DAY)
    assert (await desk.guess(password=PASSWORD)).age == "change"
    desk.today += 599
    assert (await desk.guess(password=PASSWORD)).age == "change"
    desk.today += 1
    assert (await desk.guess(password=PASSWORD)).age == "over"
    with pytest.raises(BadCredentialsError):
        await desk.sign_in.change_password("durand", PASSWORD, NEW, desk.device.key)


async def test_a_one_time_password_nobody_used_ends_after_its_week(desk: Desk) -> None:
    """Found in a drawer in the summer, it opens nothing."""
    await desk.directory.change(User, desk.anne.key, must_change=True, one_time_until=desk.today + 7 * ladder.DAY)
    desk.today += 7 * ladder.DAY
    facts = await desk.guess(password=PASSWORD)
    assert (facts.age, facts.password_right) == ("over", True)


@pytest.mark.parametrize(("renewal", "age"), [("none", "good"), ("notify", "old"), ("force", "change")])
async def test_what_the_school_wishes_of_old_passwords(desk: Desk, renewal: str, age: str) -> None:
    """At the day it says, and only then."""
    await desk.directory.change(Account, ACCOUNT, renewal=renewal, renewal_days=90)
    desk.today += 90 * ladder.DAY - 1
    assert (await desk.guess(password=PASSWORD)).age == "good"
    desk.today += 1
    assert (await desk.guess(password=PASSWORD)).age == age


async def test_the_measures_are_those_of_the_account(desk: Desk) -> None:
    """Read at each sign-in: a change of the school's mind needs no restart."""
    await desk.directory.change(Account, ACCOUNT, measures="pin")
    assert (await desk.guess(password=PASSWORD)).allowed == ("pin",)


async def test_a_sign_in_is_kept(desk: Desk) -> None:
    """For the user, who hears when it was, and for who looks for accounts that nobody uses."""
    version = await desk.directory.version()
    await desk.sign_in.signed_in(desk.anne.key)
    assert (await desk.directory.get(User, desk.anne.key)).last_sign_in == desk.today
    assert await desk.directory.version() == version


async def test_a08_a_stranger_does_not_lock_the_users_own_device(desk: Desk) -> None:
    """A registered device has a ladder of its own."""
    mine = replace_device(desk.device, b"n" * 32)
    own = await desk.directory.add(mine)
    await desk.sign_in.save_device(desk.anne.key, own.key, "Bureau")
    for _ in range(5):
        await desk.guess()
    with pytest.raises(LockedError):
        await desk.right()
    assert await desk.right(device=own.key)


async def test_a_disabled_user_is_not_let_in_and_forgets_nothing(desk: Desk) -> None:
    """The right password of a disabled user counts as a failure."""
    await desk.directory.change(User, desk.anne.key, enabled=False)
    facts = await desk.guess(password=PASSWORD)
    assert not facts.enabled
    assert (await desk.directory.attempts(_key("others"))).count == 1
    with pytest.raises(BadCredentialsError):
        await desk.sign_in.check_pin(desk.anne.key, PIN)


async def test_an_old_hash_is_made_anew_at_the_next_login(desk: Desk) -> None:
    """Parameters grow without anybody choosing a new password."""
    sign_in = desk.with_cost(DEARER)
    await sign_in.check_password("durand", PASSWORD, desk.device.key)
    user = await desk.directory.get(User, desk.anne.key)
    assert passwords.maybe_cost(user.password_hash) == DEARER
    assert await desk.right()


async def test_a04_ten_wrong_pins_turn_the_pin_off(desk: Desk) -> None:
    """Ten ever between two successes, whatever the pauses; the password still works, and says so."""
    for _ in range(ladder.PIN_TRIES):
        desk.now += ladder.DAY
        assert not await desk.sign_in.check_pin(desk.anne.key, f"99{next(desk.guesses)}")
    desk.now += ladder.DAY
    with pytest.raises(LockedError) as off:
        await desk.sign_in.check_pin(desk.anne.key, PIN)
    assert off.value.details == {"seconds": 0}
    assert (await desk.guess(password=PASSWORD)).pin_off


async def test_a03_who_comes_in_hears_of_guesses_of_the_pin(desk: Desk) -> None:
    """Who makes them knows the password: they are told on every device until the PIN is right once."""
    for _ in range(2):
        assert not await desk.sign_in.check_pin(desk.anne.key, f"99{next(desk.guesses)}")
    assert (await desk.guess(password=PASSWORD)).failures == 2
    assert (await desk.guess(password=PASSWORD)).failures == 2
    assert await desk.sign_in.check_pin(desk.anne.key, PIN)
    assert (await desk.guess(password=PASSWORD)).failures == 0


async def test_a_right_pin_forgets_the_wrong_ones(desk: Desk) -> None:
    """The ladder counts failures in a row."""
    for pin in ("9999", "9998", "9997"):
        assert not await desk.sign_in.check_pin(desk.anne.key, pin)
    assert await desk.sign_in.check_pin(desk.anne.key, PIN)
    assert (await desk.directory.attempts(ladder.pin_key(ACCOUNT, desk.anne.key))).count == 0


async def test_a_user_without_a_pin_has_none_that_is_right(desk: Desk) -> None:
    """An empty hash is no open door."""
    await desk.sign_in.save_measure(desk.anne.key, "none", "", "pin")
    assert not await desk.sign_in.check_pin(desk.anne.key, "")
    assert not await desk.sign_in.check_pin(desk.anne.key, PIN)


async def test_a_measure_is_kept_with_its_pin_alone(desk: Desk) -> None:
    """Choosing another measure forgets the PIN; the PIN itself is nowhere."""
    await desk.sign_in.save_measure(desk.anne.key, "pin", "9053", "pin")
    user = await desk.directory.get(User, desk.anne.key)
    assert user.measure == "pin"
    assert "9053" not in user.pin_hash
    assert await desk.sign_in.check_pin(desk.anne.key, "9053")
    await desk.sign_in.save_measure(desk.anne.key, "notification", "", "pin")
    user = await desk.directory.get(User, desk.anne.key)
    assert (user.measure, user.pin_hash) == ("notification", "")


async def test_a17_a_measure_that_was_chosen_meanwhile_stays(desk: Desk) -> None:
    """Two knew the one-time password: the first who chose is the one who is protected by it."""
    await desk.directory.change(User, desk.anne.key, measure="", pin_hash="")
    held = (await desk.guess(password=PASSWORD)).held
    await desk.sign_in.save_measure(desk.anne.key, "pin", "9053", held)
    with pytest.raises(NotAllowedError):
        await desk.sign_in.save_measure(desk.anne.key, "none", "", held)
    assert await desk.sign_in.check_pin(desk.anne.key, "9053")


async def test_a_measure_is_kept_for_who_may_still_come_in(desk: Desk) -> None:
    """The answer may come long after the password."""
    await desk.directory.change(User, desk.anne.key, enabled=False)
    with pytest.raises(BadCredentialsError):
        await desk.sign_in.save_measure(desk.anne.key, "none", "", "pin")
    with pytest.raises(BadCredentialsError):
        await desk.sign_in.change_password("durand", PASSWORD, NEW, desk.device.key)
    assert (await desk.directory.get(User, desk.anne.key)).measure == "pin"


async def test_a_device_is_registered_once_under_its_last_name(desk: Desk) -> None:
    """Registering again renames."""
    for name in ("Bureau", "Salle des profs"):
        await desk.sign_in.save_device(desk.anne.key, desk.device.key, name)
    rows = await desk.directory.list(Registration)
    assert [one.name for one in rows] == ["Salle des profs"]
    assert (await desk.guess(password=PASSWORD)).registered


async def test_a_user_of_another_account_has_no_pin_here(desk: Desk) -> None:
    """A key of another school's user opens nothing."""
    with pytest.raises(BadCredentialsError):
        await desk.sign_in.check_pin(desk.anne.key + 1, PIN)


def replace_device(device: Device, thumbprint: bytes) -> Device:
    """Return another device like this one."""
    return Device(account=device.account, name=device.name, thumbprint=thumbprint, serial="2f")


def _key(in_lane: str) -> str:
    return ladder.password_key(ACCOUNT, "durand", in_lane)


def _in_all() -> str:
    return ladder.password_in_all_key(ACCOUNT, "durand")


class Meanwhile(Hashing):
    """Something happens in the directory while the last of `runs` hashes is made."""

    def __init__(self, runs: int, happens: Callable[[], Awaitable[object]]) -> None:
        super().__init__()
        self._runs, self._happens = runs, happens

    async def run(self, work: Callable[[], T]) -> T:
        """See `Hashing`."""
        self._runs -= 1
        if not self._runs:
            await self._happens()
        return await super().run(work)


@asynccontextmanager
async def meanwhile(desk: Desk, runs: int, **fields: object) -> AsyncIterator[SignIn]:
    """Give the checks of a process in which the office changes Anne, or removes her, in the middle of one."""

    async def happens() -> None:
        if fields:
            await desk.directory.change(User, desk.anne.key, **fields)
        else:
            await desk.directory.remove(User, desk.anne.key)

    hashing = Meanwhile(runs, happens)
    yield SignIn(desk.directory, ACCOUNT, PEPPER, hashing, costs=(DEARER, DEARER), today=lambda: desk.today)
    hashing.close()


@pytest.mark.parametrize("fields", [{}, {"enabled": False}, {"password_hash": "another"}])
async def test_a13_who_is_shut_out_while_the_password_is_compared_is_not_let_in(
    desk: Desk, fields: dict[str, object]
) -> None:
    """Sessions were closed before this one came to be: a password is right only if it still is, compared."""
    async with meanwhile(desk, 1, **fields) as sign_in:
        _, facts = await sign_in.check_password("durand", PASSWORD, desk.device.key)
    assert not (facts.enabled and facts.password_right)


async def test_a13_a_password_made_anew_is_not_overwritten_by_a_dearer_hash_of_the_old_one(desk: Desk) -> None:
    """The office has just taken the old one away."""
    async with meanwhile(desk, 2, password_hash="another") as sign_in:
        with pytest.raises(BadCredentialsError):
            await sign_in.check_password("durand", PASSWORD, desk.device.key)
    assert (await desk.directory.get(User, desk.anne.key)).password_hash == "another"


async def test_a13_who_changes_the_password_on_and_on_does_not_undo_a_reset(desk: Desk) -> None:
    """With a stolen password, a change is always under way: the reset of the office wins."""
    await desk.directory.change(User, desk.anne.key, password_hash=dear(PASSWORD))
    async with meanwhile(desk, 2, password_hash="another", must_change=True) as sign_in:
        with pytest.raises(BadCredentialsError):
            await sign_in.change_password("durand", PASSWORD, NEW, desk.device.key)
    anne = await desk.directory.get(User, desk.anne.key)
    assert (anne.password_hash, anne.must_change) == ("another", True)


def dear(secret: str) -> str:
    """Return a hash that need not be made anew."""
    return passwords.hash_password(secret, salt=bytes(16), pepper=PEPPER, cost=DEARER)


async def test_a18_who_is_vouched_for_is_known_by_the_identifier_alone(desk: Desk) -> None:
    """As after a right password: on a device of theirs or another; the age of a password does not matter."""
    await desk.directory.change(User, desk.anne.key, cas="anne@cas", must_change=True)
    assert await desk.sign_in.vouched("", desk.device.key) == (None, await nobody(desk))
    assert await desk.sign_in.vouched("durand", desk.device.key) == (None, await nobody(desk))
    user, facts = await desk.sign_in.vouched("anne@cas", desk.device.key)
    assert user is not None
    assert user.login == "durand"
    assert (facts.password_right, facts.registered, facts.age, facts.held) == (True, False, "good", "pin")
    await desk.sign_in.save_device(user.key, desk.device.key, "Bureau")
    _, facts = await desk.sign_in.vouched("anne@cas", desk.device.key)
    assert facts.registered
    _, facts = await desk.sign_in.vouched("anne@cas", desk.device.key + 1)
    assert not facts.registered


async def nobody(desk: Desk) -> Facts:
    """What is known of somebody whom no service means."""
    _, facts = await desk.sign_in.vouched("another@cas", desk.device.key)
    assert (facts.known, facts.enabled, facts.password_right, facts.registered) == (False,) * 4
    return facts


async def test_where_somebody_came_from_is_known_and_what_is_new(desk: Desk) -> None:
    """The last address, and whether this one never was: nothing is new to who never came in, nor without an address."""
    user = desk.anne.key
    assert await desk.sign_in.addresses(user, "192.0.2.1") == ("", False)
    await desk.sign_in.signed_in(user, "192.0.2.1")
    assert await desk.sign_in.addresses(user, "192.0.2.1") == ("192.0.2.1", False)
    assert await desk.sign_in.addresses(user, "192.0.2.2") == ("192.0.2.1", True)
    assert await desk.sign_in.addresses(user, "") == ("192.0.2.1", False)
    for source in ("192.0.2.2", "192.0.2.1"):
        desk.today += 60
        await desk.sign_in.signed_in(user, source)
        assert await desk.sign_in.addresses(user, source) == (source, False)
    await desk.sign_in.signed_in(user)
    assert len(await desk.directory.list(Address, user=user)) == 2
