"""Codes by mail, through a real relay, on a real directory."""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from hpserver.config import Mail, Paths
from hpserver.directory.model import Account, Device, Registration, User
from hpserver.errors import LockedError, NotAllowedError
from hpserver.hosting.code_pace import CODES_OF_DEVICE, CODES_OF_SOURCE
from hpserver.hosting.codes import CODE_SECONDS, Codes
from hpserver.hosting.notices import Notices
from hpserver.identity.ladder import CODE_TRIES, HOUR, codes_sent_key
from hpserver.mail.outbox import Outbox
from hpserver.mail.post import Post
from hpserver.store.sqlite_directory import SqliteDirectory
from tests.mail.relays import a_relay
from tests.pki import Pki

ACCOUNT = "123456789012"
RELAY = Mail(host="relay.example", sender="hp@ecole.example", language="en")
PEPPER = bytes(32)
DEVICE, HERE = 3, "192.0.2.1"


class Desk:
    """Anne, whose school sends codes; the clock of ladders in the test's hand."""

    def __init__(self, folder: Path, settings: Mail = RELAY) -> None:
        self.directory, self.now = SqliteDirectory.in_memory(), 1000.0
        self.paths, self.settings = Paths(folder, folder / "run"), settings
        self.outbox = Outbox(self.paths.outbox / ACCOUNT)

    async def build(self) -> None:
        """Add the rows."""
        await self.directory.open()
        row = Account(number=ACCOUNT, name="E", domain="e.example", invoice="1" * 10, port=21_200, codes=True)
        self.account = await self.directory.add(row)
        self.anne = (await self.directory.add(User(account=ACCOUNT, login="durand", email="anne@ecole.example"))).key
        self.codes = self.restarted()

    def restarted(self) -> Codes:
        """Return the codes of a controller that begins."""
        notices = Notices(self.directory, self.paths, self.settings, self.account)
        return Codes(self.directory, ACCOUNT, PEPPER, notices, clock=lambda: self.now)

    def told(self) -> str:
        """Take the letter that waits, and return its code."""
        (one,) = self.outbox.waiting()
        self.outbox.remove(one)
        return code_in(one.letter.text)

    async def wrong(self, code: str) -> list[bool]:
        """Guess as often as a code bears."""
        other = f"{(int(code) + 1) % 10**6:06}"
        return [await self.codes.check(self.anne, 7, other) for _ in range(CODE_TRIES)]


def code_in(text: str) -> str:
    """Return the code that a letter holds."""
    found = re.findall(r"\b\d{6}\b", text)
    assert len(found) == 1
    return str(found[0])


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    """Anne at a desk."""
    desk = Desk(tmp_path)
    await desk.build()
    yield desk
    await desk.directory.close()


async def test_a15_a_code_is_good_once_on_the_session_that_asked(desk: Desk) -> None:
    """Another connection, another user and a second use get nothing from it."""
    assert await desk.codes.send(desk.anne, 7, DEVICE, HERE) == CODE_SECONDS
    code = desk.told()
    assert not await desk.codes.check(desk.anne, 8, code)
    assert not await desk.codes.check(desk.anne + 1, 7, code)
    assert await desk.codes.check(desk.anne, 7, code)
    assert not await desk.codes.check(desk.anne, 7, code)


async def test_a15_a_code_ends_after_five_guesses(desk: Desk) -> None:
    """The sixth is the right one, and too late."""
    await desk.codes.send(desk.anne, 7, DEVICE, HERE)
    code = desk.told()
    assert not any(await desk.wrong(code))
    assert not await desk.codes.check(desk.anne, 7, code)


async def test_another_code_has_five_guesses_of_its_own(desk: Desk) -> None:
    """Who spent those of the first gets in with the second."""
    await desk.codes.send(desk.anne, 7, DEVICE, HERE)
    await desk.wrong(desk.told())
    await desk.codes.send(desk.anne, 7, DEVICE, HERE)
    assert await desk.codes.check(desk.anne, 7, desk.told())


async def test_a15_codes_are_six_digits_of_chance(desk: Desk) -> None:
    """Of thirty sent one after the other no two are alike, and each digit is somewhere: chance fails once in 1,000."""
    codes = []
    for _ in range(30):
        await desk.codes.send(desk.anne, 7, DEVICE, HERE)
        codes.append(desk.told())
        assert await desk.codes.check(desk.anne, 7, codes[-1])
    assert len(set(codes)) >= 29
    assert set("".join(codes)) == set("0123456789")


async def test_a15_guesses_at_the_same_time_are_counted_one_by_one(desk: Desk) -> None:
    """Of a thousand right ones at once one is taken; of as many wrong ones five are compared."""
    await desk.codes.send(desk.anne, 7, DEVICE, HERE)
    code = desk.told()
    assert sum(await asyncio.gather(*(desk.codes.check(desk.anne, 7, code) for _ in range(50)))) == 1
    await desk.codes.send(desk.anne, 7, DEVICE, HERE)
    code = desk.told()
    await asyncio.gather(*(desk.wrong(code) for _ in range(10)))
    assert not await desk.codes.check(desk.anne, 7, code)


@pytest.mark.parametrize("after", [CODE_SECONDS, CODE_SECONDS * 9])
async def test_a15_a_code_is_good_for_ten_minutes(desk: Desk, after: float) -> None:
    """By a clock that nobody sets; the letter leaves not after them either."""
    await desk.codes.send(desk.anne, 7, DEVICE, HERE)
    assert desk.outbox.waiting()[0].expires == pytest.approx(time.time() + CODE_SECONDS, abs=60)
    desk.now += after
    assert not await desk.codes.check(desk.anne, 7, desk.told())


async def test_a15_the_last_code_alone_is_good(desk: Desk) -> None:
    """Who asks again, from there or elsewhere, ends the one before."""
    await desk.codes.send(desk.anne, 7, DEVICE, HERE)
    first = desk.told()
    await desk.codes.send(desk.anne, 8, DEVICE, HERE)
    second = desk.told()
    assert not await desk.codes.check(desk.anne, 7, first)
    assert await desk.codes.check(desk.anne, 8, second)


async def test_a15_three_codes_then_one_an_hour_whatever_restarts(desk: Desk) -> None:
    """The count is on disk; a right code gives them back."""
    for _ in range(3):
        await desk.codes.send(desk.anne, 7, DEVICE, HERE)
        desk.told()
    desk.codes = desk.restarted()
    with pytest.raises(LockedError) as refused:
        await desk.codes.send(desk.anne, 7, DEVICE, HERE)
    assert refused.value.details == {"seconds": int(HOUR)}
    assert desk.outbox.waiting() == []
    desk.now += HOUR
    await desk.codes.send(desk.anne, 7, DEVICE, HERE)
    assert await desk.codes.check(desk.anne, 7, desk.told())
    await desk.codes.send(desk.anne, 7, DEVICE, HERE)


async def test_a15_codes_for_many_are_refused_at_their_address_alone(desk: Desk) -> None:
    """Forty letters left unanswered fill an address; neither who registered a device nor who is elsewhere waits."""
    rows = [User(account=ACCOUNT, login=f"u{one}", email="x@ecole.example") for one in range(CODES_OF_SOURCE)]
    users = [(await desk.directory.add(row)).key for row in rows]
    for one, user in enumerate(users):
        await desk.codes.send(user, 100 + one, 100 + one, HERE)
        desk.told()
    with pytest.raises(LockedError):
        await desk.codes.send(desk.anne, 7, DEVICE, HERE)
    assert desk.outbox.waiting() == []
    assert (await desk.directory.attempts(codes_sent_key(ACCOUNT, desk.anne))).count == 0
    await desk.codes.send(desk.anne, 7, DEVICE, "192.0.2.2")
    assert await desk.codes.check(desk.anne, 7, desk.told())
    device = (await desk.directory.add(Device(account=ACCOUNT, name="Salle", thumbprint=b"s" * 32, serial="1f"))).key
    await desk.directory.add(Registration(device=device, user=users[0], name="Salle", at=0.0))
    for _ in range(2 * CODES_OF_DEVICE):
        await desk.codes.send(desk.anne, 7, device, HERE)
        assert await desk.codes.check(desk.anne, 7, desk.told())


async def test_a15_a_code_that_was_refused_is_not_counted_where_it_was_asked_for(desk: Desk) -> None:
    """Nobody keeps an address waiting with codes that were never sent."""
    for _ in range(3):
        await desk.codes.send(desk.anne, 7, DEVICE, HERE)
    for _ in range(CODES_OF_DEVICE):
        with pytest.raises(LockedError):
            await desk.codes.send(desk.anne, 7, DEVICE, HERE)
    other = await desk.directory.add(User(account=ACCOUNT, login="autre", email="x@ecole.example"))
    assert await desk.codes.send(other.key, 7, DEVICE, HERE) == CODE_SECONDS


async def test_a15_a_code_ends_with_the_controller(desk: Desk) -> None:
    """It was for a connection that is no more."""
    await desk.codes.send(desk.anne, 7, DEVICE, HERE)
    assert not await desk.restarted().check(desk.anne, 7, desk.told())


async def _no_codes(desk: Desk) -> None:
    await desk.directory.change(Account, ACCOUNT, codes=False)


async def _no_address(desk: Desk) -> None:
    await desk.directory.change(User, desk.anne, email="")


async def _disabled(desk: Desk) -> None:
    await desk.directory.change(User, desk.anne, enabled=False)


@pytest.mark.parametrize("change", [_no_codes, _no_address, _disabled])
async def test_a15_no_code_is_sent_where_none_may_be(desk: Desk, change: Callable[[Desk], Awaitable[None]]) -> None:
    """The school decides, and a letter needs an address; nothing is counted."""
    await change(desk)
    for _ in range(4):
        with pytest.raises(NotAllowedError):
            await desk.codes.send(desk.anne, 7, DEVICE, HERE)
    assert desk.outbox.waiting() == []


@pytest.mark.slow
async def test_a15_the_code_that_a_real_relay_took_is_the_one(tmp_path: Path) -> None:
    """From the desk through TLS to the box of the user, in French, and back."""
    with a_relay(Pki.create(tmp_path)) as (relay, settings):
        desk = Desk(tmp_path / "state", settings)
        await desk.build()
        await desk.codes.send(desk.anne, 7, DEVICE, HERE)
        assert await Post(settings, desk.outbox).send_due(time.time()) == 1
        (letter,) = relay.taken
        assert letter.rcpt_tos == ["anne@ecole.example"]
        assert isinstance(letter.content, bytes)
        body = letter.content.decode()
        assert await desk.codes.check(desk.anne, 7, code_in(body.partition("Votre code est")[2].partition(".")[0]))
        await desk.directory.close()
