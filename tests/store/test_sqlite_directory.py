"""A directory in a SQLite file that several processes share."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from hpserver.directory.model import Account, Enrolment, User
from hpserver.errors import AlreadyExistsError, EnrolmentRefusedError
from hpserver.store.sqlite_directory import SqliteDirectory

NUMBER = "123456789012"
LEAVERS = 120
"""Enough for pages of their own, which are free when they are gone."""

SPEND = """
import asyncio, sys
from pathlib import Path
from hpserver.errors import EnrolmentRefusedError
from hpserver.store.sqlite_directory import SqliteDirectory

async def main():
    directory = SqliteDirectory(Path(sys.argv[1]))
    await directory.open()
    won = 0
    for number in range(50):
        try:
            await directory.spend_enrolment(number.to_bytes(32), 1.0)
            won += 1
        except EnrolmentRefusedError:
            pass
    await directory.close()
    print(won)

asyncio.run(main())
"""


async def account(directory: SqliteDirectory) -> None:
    """Add an account."""
    await directory.add(Account(number=NUMBER, name="e", domain="e.org", invoice="1" * 10, port=21200))


async def test_two_openers_share_one_directory(tmp_path: Path) -> None:
    """What one process writes, the other sees at once; a name is taken for both."""
    one, two = SqliteDirectory(tmp_path / "d"), SqliteDirectory(tmp_path / "d")
    await asyncio.gather(one.open(), two.open())
    before = await two.version()
    await account(one)
    assert await two.version() != before
    assert (await two.get(Account, NUMBER)).name == "e"
    with pytest.raises(AlreadyExistsError):
        await account(two)
    await one.close()
    await account_is_kept(two)
    await two.close()


async def account_is_kept(directory: SqliteDirectory) -> None:
    """Check that the account is there."""
    assert [one.number for one in await directory.list(Account)] == [NUMBER]


async def test_it_is_kept(tmp_path: Path) -> None:
    """A restart finds what was there."""
    directory = SqliteDirectory(tmp_path / "d")
    await directory.open()
    await account(directory)
    await directory.close()
    await directory.open()
    await account_is_kept(directory)
    await directory.close()


async def test_t07_two_openers_have_one_winner(tmp_path: Path) -> None:
    """Two controllers that get one ticket at the same instant issue one certificate."""
    openers = [SqliteDirectory(tmp_path / "d") for _ in range(3)]
    for opener in openers:
        await opener.open()
    await account(openers[0])
    await openers[0].add(Enrolment(ticket_hash=b"t" * 32, account=NUMBER, expires=9.0))
    results = await asyncio.gather(
        *(opener.spend_enrolment(b"t" * 32, 1.0) for opener in openers), return_exceptions=True
    )
    for opener in openers:
        await opener.close()
    assert sum(isinstance(result, Enrolment) for result in results) == 1
    assert sum(isinstance(result, EnrolmentRefusedError) for result in results) == 2


@pytest.mark.slow
async def test_t07_processes_share_out_tickets_without_a_double(tmp_path: Path) -> None:
    """Four processes race for fifty tickets: fifty winners in all, and nobody fails."""
    directory = SqliteDirectory(tmp_path / "d")
    await directory.open()
    await account(directory)
    await directory.add_all([Enrolment(ticket_hash=n.to_bytes(32), account=NUMBER, expires=9.0) for n in range(50)])
    racers = [
        await asyncio.create_subprocess_exec(sys.executable, "-c", SPEND, str(tmp_path / "d"), stdout=subprocess.PIPE)
        for _ in range(4)
    ]
    won = [int((await racer.communicate())[0]) for racer in racers]
    await directory.close()
    assert sum(won) == 50


def raw(folder: Path) -> bytes:
    """Return all that its files hold, in lower case."""
    return b"".join(file.read_bytes() for file in folder.iterdir()).lower()


@pytest.mark.parametrize("erased", [1, LEAVERS])
async def test_nothing_of_who_was_erased_is_left_in_the_files(tmp_path: Path, erased: int) -> None:
    """Who was erased is in no page that others share, in none that is free now, and not in the WAL."""
    directory = SqliteDirectory(tmp_path / "d")
    await directory.open()
    await account(directory)
    users = [User(account=NUMBER, login=f"leaver{number:03}", name=f"Leaver{number:03}") for number in range(LEAVERS)]
    kept = User(account=NUMBER, login="stayer", name="Stayer")
    added = await directory.add_all([*users, kept])
    for user in added[:erased]:
        assert isinstance(user, User)
        await directory.change(User, user.key, email=f"{user.login}@example.org")
        await directory.remove(User, user.key)
    await directory.close()
    found = raw(tmp_path)
    assert b"stayer" in found
    assert not [user.login for user in users[:erased] if user.login.encode() in found]
