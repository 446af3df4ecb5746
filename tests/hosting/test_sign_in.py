"""Attempts spent, secrets compared, choices kept, on a real directory in memory."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from hpserver.directory.model import Account, Device, Registration, User
from hpserver.errors import BadCredentialsError, BusyError, LockedError
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
WRONG = "Soleil-5-Pluie"


class Desk:
    """One account with Anne, her device, and the clock of the ladders."""

    def __init__(self, directory: SqliteDirectory) -> None:
        self.directory, self.now = directory, 1_000_000.0
        self.hashing = Hashing()
        self.sign_in = self.with_cost(CHEAP)

    def with_cost(self, cost: Cost) -> SignIn:
        """Return checks that ask for hashes of that cost."""
        return SignIn(
            self.directory, ACCOUNT, PEPPER, self.hashing, clock=lambda: self.now, costs=(cost, DEARER)
        )  # fmt: skip

    async def build(self) -> None:
        """Add the rows."""
        domain = "monecole.example"
        await self.directory.add(Account(number=ACCOUNT, name="E", domain=domain, invoice="1" * 10, port=21_200))
        self.anne = await self.directory.add(
            User(account=ACCOUNT, login="durand", password_hash=hashed(PASSWORD), pin_hash=hashed(PIN), measure="pin")
        )
        row = Device(account=ACCOUNT, name="Bureau", thumbprint=b"m" * 32, serial="1f")
        self.device = await self.directory.add(row)

    async def guess(self, login: str = "durand", password: str = WRONG, device: int = 0) -> Facts:
        """Try a password from a device that is not registered, unless another is given."""
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
        known=True, enabled=True, password_right=True, measure="pin", registered=False, pin_off=False
    )  # fmt: skip


async def test_a07_an_unknown_login_is_worked_on_like_a_known_one(desk: Desk) -> None:
    """It is counted and locked alike, and never right: not even with the password of the dummy."""
    for _ in range(5):
        facts = await desk.guess("nobody", PASSWORD)
        assert (facts.known, facts.password_right) == (False, False)
        await desk.guess("durand")
    for login in ("nobody", "durand"):
        with pytest.raises(LockedError) as locked:
            await desk.guess(login, PASSWORD)
        assert locked.value.details == {"seconds": 30}


async def test_a07_some_unknown_logins_take_the_time_of_a_superadmin(desk: Desk) -> None:
    """A slow refusal does not say that the login exists; the same login always takes the same time."""
    costs = [passwords.maybe_cost(desk.sign_in._dummy(f"user{number}")) for number in range(200)]
    assert {CHEAP, DEARER} == set(costs)
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
    assert len(compared) + len(refused) == 40
    assert sum(isinstance(one, BusyError) for one in results) == 40 - MAX_PER_LOGIN
    assert not desk.sign_in._turns


async def test_a01_only_success_starts_the_ladder_anew(desk: Desk) -> None:
    """Four free tries, then the wait; the right password after it forgets them all."""
    for _ in range(4):
        assert not await desk.right("wrong")
    assert await desk.right()
    for _ in range(5):
        assert not await desk.right("wrong")
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
        assert not await desk.right("wrong")
    desk.now += ladder.DAY * 365
    with pytest.raises(LockedError) as locked:
        await desk.right()
    assert locked.value.details == {"seconds": 0}


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
        assert not await desk.sign_in.check_pin(desk.anne.key, "9999")
    desk.now += ladder.DAY
    with pytest.raises(LockedError) as off:
        await desk.sign_in.check_pin(desk.anne.key, PIN)
    assert off.value.details == {"seconds": 0}
    assert (await desk.guess(password=PASSWORD)).pin_off


async def test_a_right_pin_forgets_the_wrong_ones(desk: Desk) -> None:
    """The ladder counts failures in a row."""
    for _ in range(3):
        assert not await desk.sign_in.check_pin(desk.anne.key, "9999")
    assert await desk.sign_in.check_pin(desk.anne.key, PIN)
    assert (await desk.directory.attempts(ladder.pin_key(ACCOUNT, desk.anne.key))).count == 0


async def test_a_user_without_a_pin_has_none_that_is_right(desk: Desk) -> None:
    """An empty hash is no open door."""
    await desk.sign_in.save_measure(desk.anne.key, "none", "")
    assert not await desk.sign_in.check_pin(desk.anne.key, "")
    assert not await desk.sign_in.check_pin(desk.anne.key, PIN)


async def test_a_measure_is_kept_with_its_pin_alone(desk: Desk) -> None:
    """Choosing another measure forgets the PIN; the PIN itself is nowhere."""
    await desk.sign_in.save_measure(desk.anne.key, "pin", "9053")
    user = await desk.directory.get(User, desk.anne.key)
    assert user.measure == "pin"
    assert "9053" not in user.pin_hash
    assert await desk.sign_in.check_pin(desk.anne.key, "9053")
    await desk.sign_in.save_measure(desk.anne.key, "notification", "")
    user = await desk.directory.get(User, desk.anne.key)
    assert (user.measure, user.pin_hash) == ("notification", "")


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
