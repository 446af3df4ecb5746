"""The agent's side of the directory: what it reads, what it claims, what it tells."""

from pathlib import Path

import pytest

from hpserver.config import Log, Paths, Settings, Web
from hpserver.directory.model import Account, Observed, Planning, controller_subject, planning_subject
from hpserver.errors import FencedError, OutcomeUnknownError
from hpserver.ledger import COUNTERS_SECONDS, Ledger
from hpserver.store.sqlite_directory import SqliteDirectory

NUMBER = "123456789012"
PATHS = Paths(Path("/state"), Path("/run/hp"))


class House:
    """A ledger on a directory with one account and one planning."""

    def __init__(self) -> None:
        self.made: list[SqliteDirectory] = []
        self.fenced: list[FencedError] = []
        self.ledger = Ledger(PATHS, self.make, self.fenced.append)
        self.key = 0

    def make(self) -> SqliteDirectory:
        """Make a directory, as the ledger does when the disk has failed."""
        self.made.append(SqliteDirectory.in_memory())
        return self.made[-1]

    @property
    def directory(self) -> SqliteDirectory:
        """The directory in use."""
        return self.made[-1]

    async def fill(self) -> str:
        """Add an account and a planning; the subject of the planning."""
        account = Account(number=NUMBER, name="École", domain="ecole.example", invoice="1" * 10, port=21200)
        await self.directory.add(account)
        row = Planning(account=NUMBER, name="planning01", publication_name="Année", port=21201, desired="up")
        self.key = (await self.directory.add(row)).key
        return planning_subject(self.key)


async def test_wishes_and_tasks_are_those_of_the_directory() -> None:
    """What is started is what is hosted, at its own port."""
    house = House()
    await house.ledger.open()
    subject = await house.fill()
    await house.ledger.read(Settings(log=Log(to="files")), anyway=False)
    wished = {subject: "up", controller_subject(NUMBER): "down"}
    assert house.ledger.wishes == wished | {"web": "up", "signer": "up"}
    assert house.ledger.tasks["web"].port == 21190
    await house.ledger.read(Settings(web=Web(port=0)), anyway=True)
    assert house.ledger.wishes == wished
    await house.ledger.read(Settings(log=Log(to="files")), anyway=True)
    task = house.ledger.tasks[subject]
    assert (task.role, task.host, task.port) == ("planning", "127.0.0.1", 21201)
    assert task.arguments == {"account": NUMBER, "planning": "planning01", "key": str(house.key)}
    assert task.log == f"/state/logs/{NUMBER}-planning01.log"
    assert house.ledger.tasks[controller_subject(NUMBER)].arguments == {"account": NUMBER}
    await house.ledger.close()
    await house.ledger.close()


async def test_claim_is_held_until_the_process_is_gone() -> None:
    """Each process of a planning is an epoch of its own."""
    house = House()
    await house.ledger.open()
    subject = await house.fill()
    await house.ledger.read(Settings(), anyway=True)
    task = house.ledger.tasks[subject]
    await house.ledger.claim(task)
    await house.ledger.claim(task)
    await house.ledger.claim(house.ledger.tasks[controller_subject(NUMBER)])
    await house.ledger.release(but=[subject])
    first = await house.directory.lookup(house.key)
    assert first is not None
    await house.ledger.release(but=[])
    assert await house.directory.lookup(house.key) is None
    await house.ledger.claim(task)
    second = await house.directory.lookup(house.key)
    assert second is not None
    assert second.epoch == first.epoch + 1
    await house.ledger.close()


async def test_change_is_told_at_once_and_numbers_now_and_then() -> None:
    """Screens are right about states at once, about numbers within a moment, and the disk has peace."""
    house = House()
    await house.ledger.open()
    subject = await house.fill()
    await house.ledger.read(Settings(), anyway=False)

    async def told(now: float, state: str = "live", **counters: int) -> Observed:
        row = Observed(subject=subject, state="live" if state == "live" else "frozen", pid=7, counters=counters)
        await house.ledger.write({subject: row}, now)
        return (await house.directory.observed())[subject]

    assert (await told(0.0, sessions=1)).counters == {"sessions": 1}
    assert (await told(COUNTERS_SECONDS / 2, sessions=2)).counters == {"sessions": 1}
    assert (await told(2.0, "frozen", sessions=2)).state == "frozen"
    assert (await told(2.0 + COUNTERS_SECONDS, "frozen", sessions=3)).counters == {"sessions": 3}
    await house.ledger.write({}, 99.0)
    assert (await house.directory.observed())[subject].state == "stopped"
    await house.ledger.close()


async def test_what_a_former_agent_said_is_written_over() -> None:
    """After a crash of the machine, no screen shows processes of before."""
    house = House()
    await house.directory.open()
    subject = await house.fill()
    await house.directory.observe(Observed(subject=subject, state="live", pid=4242))
    await house.ledger.open()
    await house.ledger.read(Settings(), anyway=False)
    await house.ledger.write({}, 0.0)
    assert (await house.directory.observed())[subject].pid == 0
    await house.ledger.close()


async def test_directory_that_fails_is_lived_through_and_opened_anew() -> None:
    """What runs goes on; only another agent in our place makes us stop."""
    house = House()
    await house.ledger.open()
    subject = await house.fill()
    await house.ledger.read(Settings(), anyway=False)
    async with house.ledger.errors():
        raise OutcomeUnknownError("the disk failed")
    assert house.ledger.wishes[subject] == "up"
    await house.ledger.read(Settings(), anyway=False)
    assert len(house.made) == 2, "a directory opened anew"
    assert house.ledger.wishes == {}, "what is on the disk now"
    assert not house.fenced
    await house.ledger.close()


async def test_another_agent_in_our_place_is_noticed() -> None:
    """Two agents of one node would serve everything twice."""
    house = House()
    await house.ledger.open()
    async with house.ledger.errors():
        await house.ledger.beat()
    assert not house.fenced
    other = Ledger(PATHS, lambda: house.directory, house.fenced.append)
    await other.open()
    async with house.ledger.errors():
        await house.ledger.beat()
    assert len(house.fenced) == 1
    with pytest.raises(FencedError):
        await house.ledger.beat()
    await house.ledger.close()
