"""Number, password, invoice: guessed at, raced, mistyped, on a real directory with real hashes and a real signer."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from hpserver.certs.requests import make_request
from hpserver.config import Paths, Settings
from hpserver.directory.model import Account, Device
from hpserver.errors import (
    AlreadyExistsError,
    BadCredentialsError,
    EnrolmentRefusedError,
    HPError,
    LockedError,
    NotAllowedError,
)
from hpserver.hosting.accounts import Accounts
from hpserver.hosting.console_door import ConsoleDoor
from hpserver.hosting.hashing import Hashing
from hpserver.identity import ladder, passwords
from hpserver.identity.passwords import Cost
from hpserver.protocol.console import Installation
from hpserver.store.sqlite_directory import SqliteDirectory

CHEAP = Cost(8, 1, 1)
DAY = 86_400.0


class Door:
    """One account, its letter, and the clock of the ladders."""

    def __init__(self, accounts: Accounts, account: Account, password: str) -> None:
        self.accounts, self.account, self.password = accounts, account, password
        self.now, self.hashing = 5_000.0, Hashing()
        self.door = self.another()
        self.guesses = itertools.count()

    def another(self) -> ConsoleDoor:
        """Return the door of a process that was started again."""
        return ConsoleDoor(self.accounts, self.hashing, clock=lambda: self.now)

    async def guess(self, number: str = "", device: int = 0, password: str = "") -> HPError:
        """Try another wrong password, and return the refusal."""
        with pytest.raises(HPError) as caught:
            await self.check(password or f"faux-{next(self.guesses)}", device, number or self.account.number)
        return caught.value

    async def check(self, password: str = "", device: int = 0, number: str = "") -> Account:
        """Sign in with what is in the letter, or with something else."""
        own = self.account.number
        return await self.door.check(own, number or own, password or self.password, device)

    async def install(
        self, invoice: str = "", password: str = "", name: str = "Bureau", request: bytes = b""
    ) -> Device:
        """Install the console on a workstation."""
        key = ec.generate_private_key(ec.SECP256R1())
        told = password or self.password, invoice or self.account.invoice
        asked = Installation(self.account.number, *told, request or make_request(key), name)
        made = await self.door.install(self.account.number, asked)
        return await self.accounts.directory.get(Device, made.device)


@pytest.fixture
async def door(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Door]:
    """An installation with one account."""
    for module in ("console_door", "accounts"):
        monkeypatch.setattr(f"hpserver.hosting.{module}.SUPERADMINS", CHEAP)
    paths = Paths(tmp_path / "state", tmp_path / "run")
    paths.make()
    directory = SqliteDirectory(paths.directory)
    await directory.open()
    accounts = Accounts(directory, paths, Settings())
    opened = await accounts.open_account("École", "monecole.example")
    made = Door(accounts, opened.account, opened.console_password)
    try:
        yield made
    finally:
        made.hashing.close()
        await directory.close()


@pytest.mark.parametrize("written", ["{} {} {}", " {}-{}.{}\n", "{}{}{}"])
async def test_a14_number_and_password_open_however_they_are_written(door: Door, written: str) -> None:
    """A number is read from a letter in groups; the account comes back."""
    number = door.account.number
    spaced = written.format(number[:4], number[4:8], number[8:])
    assert (await door.check(number=spaced)).number == number


OTHER_NUMBERS = ("999999999999", "12", "abcdefghijkl", "٣٣٣٣٣٣٣٣٣٣٣٣")


@pytest.mark.parametrize("number", ["", *OTHER_NUMBERS])
async def test_a14_no_oracle_on_the_number(door: Door, number: str) -> None:
    """Unknown, malformed and known numbers, and a neighbour's: the same words, as often, for the same ladder."""
    neighbour = await door.accounts.open_account("Voisine", "voisine.example")
    other = neighbour.account.number
    for tried in (number, other):
        door.now += DAY
        await door.check()
        for _ in range(5):
            error = await door.guess(tried)
            assert (type(error), error.text) == (
                BadCredentialsError,
                "The hosting number or the password is not right.",
            )
        assert isinstance(await door.guess(tried), LockedError)
        assert isinstance(await door.guess(), LockedError)
    assert (await door.door.check(other, other, neighbour.console_password)).name == "Voisine"


@pytest.mark.parametrize("number", OTHER_NUMBERS)
async def test_a14_the_right_password_with_another_number_opens_nothing(door: Door, number: str) -> None:
    """Nor is it told apart from a wrong one, which it counts as."""
    for _ in range(2):
        assert isinstance(await door.guess(number, password=door.password), BadCredentialsError)
    assert (await door.accounts.directory.attempts(ladder.console_key(door.account.number, 0))).count == 1


@pytest.mark.slow
async def test_a14_five_in_a_quarter_twenty_in_a_day(door: Door) -> None:
    """However they are spread, and through restarts of the process, a day evaluates no more than 20 guesses."""
    end, evaluated = door.now + DAY, 0
    while door.now < end:
        door.door = door.another()
        error = await door.guess()
        evaluated += isinstance(error, BadCredentialsError)
        door.now += 0.0 if isinstance(error, BadCredentialsError) else 60.0
    assert evaluated == 20
    quarter = [ladder.wait(ladder.CONSOLE, n) for n in range(1, 21)]
    assert quarter[4::5] == [900.0, 900.0, 900.0, DAY]


async def test_a14_guesses_at_once_are_counted_one_by_one(door: Door) -> None:
    """A crowd at one instant gets no more than five evaluated."""
    errors = await asyncio.gather(*(door.guess() for _ in range(8)))
    assert sum(isinstance(error, BadCredentialsError) for error in errors) == 5


async def test_a14_who_guesses_does_not_lock_the_workstation_out(door: Door) -> None:
    """Without the certificate one has a lane of one's own: the manager signs in during the attack."""
    device = await door.install()
    for _ in range(6):
        await door.guess()
    assert isinstance(await door.guess(), LockedError)
    assert (await door.check(device=device.key)).number == door.account.number


async def test_a14_a_right_password_forgets_what_was_wrong_and_the_same_wrong_one_counts_once(door: Door) -> None:
    """Somebody whose keyboard is another one is not locked out for holding a key."""
    for _ in range(12):
        assert isinstance(await door.guess(password="Clavier-anglais"), BadCredentialsError)
    await door.check()
    for _ in range(4):
        assert isinstance(await door.guess(), BadCredentialsError)


async def test_a14_the_letter_alone_installs_nothing(door: Door) -> None:
    """Who read number and invoice in a mail, and has no password, gets no certificate and no word about the invoice."""
    with pytest.raises(BadCredentialsError, match="number or the password"):
        await door.install(password="devine")
    assert await door.door.workstations(door.account) == []


async def test_a14_five_invoice_numbers_in_all(door: Door) -> None:
    """Then the operator helps; no clock opens it again."""
    for guess in range(5):
        with pytest.raises(BadCredentialsError, match="invoice"):
            await door.install(invoice=f"10000000{guess:02}")
    door.now += 400 * DAY
    with pytest.raises(LockedError):
        await door.install()
    assert await door.door.workstations(door.account) == []


async def test_a14_one_workstation_whoever_is_first(door: Door) -> None:
    """Of several at one instant one is certified; it is told as the console's."""
    done = await asyncio.gather(*(door.install(name=f"Poste {n}") for n in range(4)), return_exceptions=True)
    made = [one for one in done if isinstance(one, Device)]
    assert len(made) == 1
    assert made[0].console
    assert {type(one) for one in done if not isinstance(one, Device)} == {AlreadyExistsError}
    assert [one.key for one in await door.door.workstations(door.account)] == [made[0].key]


async def test_an_unsound_request_spends_no_workstation(door: Door) -> None:
    """What is broken on the way can be sent again."""
    with pytest.raises(EnrolmentRefusedError):
        await door.install(request=b"rien")
    assert (await door.install()).console


async def test_suspended_is_told_after_the_password_alone(door: Door) -> None:
    """The state of an account is nobody's business who cannot sign in."""
    await door.accounts.directory.change(Account, door.account.number, suspended=True)
    assert isinstance(await door.guess(), BadCredentialsError)
    assert isinstance(await door.guess(password=door.password), NotAllowedError)


def test_the_ladders_say_what_the_door_promises() -> None:
    """Five free of the same day, then quarters, then days; five invoices for ever."""
    assert passwords.SUPERADMINS.memory_kib == 65_536
    assert ladder.wait(ladder.INVOICE, 5) == ladder.OFF
    assert ladder.wait(ladder.CONSOLE, 30) == DAY
