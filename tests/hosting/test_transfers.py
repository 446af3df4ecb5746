"""Bases taken in and copied at length: within bounds, and nothing is left of what did not end."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple

import pytest
import pytest_asyncio

from hpserver.directory.model import Account
from hpserver.errors import (
    AlreadyExistsError,
    DeadlineExceededError,
    HPError,
    InvalidNameError,
    NotFoundError,
    QuotaExceededError,
    StoreFullError,
)
from hpserver.exports.format import MAX_FILE
from hpserver.exports.packing import pack
from hpserver.exports.writing import lines
from hpserver.hosting import transfers as module
from hpserver.hosting.accounts import Accounts
from hpserver.hosting.bases import bases_in, create_base
from hpserver.hosting.tasks import Task
from hpserver.hosting.transfers import Arrival, Transfers, is_for
from hpserver.hosting.works import Works
from hpserver.identity.actor import OPERATOR, Actor
from tests.exports.documents import a_history
from tests.schools import a_school

pytestmark = pytest.mark.slow

RAW = b"".join(pack(lines(a_history())))

HALF = """
import asyncio, sys
from pathlib import Path
from hpserver.config import Paths, Settings
from hpserver.hosting.accounts import Accounts
from hpserver.hosting.transfers import Transfers
from hpserver.hosting.works import Works
from hpserver.identity.actor import OPERATOR
from hpserver.store.sqlite_directory import SqliteDirectory

async def main(state, data):
    paths = Paths(state, state / "run")
    directory = SqliteDirectory(paths.directory)
    await directory.open()
    accounts = Accounts(directory, paths, Settings())
    account = await accounts.account()
    works = Works(paths, account.number, directory)
    transfers = Transfers(accounts, account, works)
    task = await transfers.receive(OPERATOR, "planning01", "B", 1 << 20)
    await transfers.arrival(task.key).give(data)
    if sys.argv[3] == "all":
        await transfers.arrival(task.key).give(None)
    while not any(paths.uploads.glob("*/*.part")):
        await asyncio.sleep(0.01)
    print(task.key, flush=True)
    await asyncio.sleep(60)

asyncio.run(main(Path(sys.argv[1]), Path(sys.argv[2]).read_bytes()))
"""


SLOW = """
import os, sys, time
from pathlib import Path
from hpserver import sender

async def slow(base, out):
    out.write_bytes(b"half")
    out.with_name("sender.pid").write_text(str(os.getpid()))
    time.sleep(60)

sender.proved_copy = slow
sender.main(sys.argv[1:])
"""
"""The process that copies a base, in which it takes a minute."""

COPY = """
import asyncio, sys
from pathlib import Path
from hpserver.config import Paths, Settings
from hpserver.hosting import transfers
from hpserver.hosting.accounts import Accounts
from hpserver.hosting.works import Works
from hpserver.identity.actor import OPERATOR
from hpserver.store.sqlite_directory import SqliteDirectory

async def main(state, base):
    transfers.PROGRAM = (sys.executable, "-I", "-c", sys.argv[3])
    paths = Paths(state, state / "run")
    directory = SqliteDirectory(paths.directory)
    await directory.open()
    accounts = Accounts(directory, paths, Settings())
    account = await accounts.account()
    works = Works(paths, account.number, directory)
    task = await transfers.Transfers(accounts, account, works).copy(OPERATOR, "planning01", base)
    while not any(paths.tasks.glob("*/sender.pid")):
        await asyncio.sleep(0.01)
    print(task.key, flush=True)
    await asyncio.sleep(60)

asyncio.run(main(Path(sys.argv[1]), Path(sys.argv[2])))
"""


class Place(NamedTuple):
    """The transfers of one account."""

    accounts: Accounts
    account: Account
    works: Works
    transfers: Transfers

    def left(self) -> list[str]:
        """Return what is on the disk of what did not end."""
        uploads = self.accounts.paths.uploads / self.account.number
        begun = self.bases.glob(".*.new") if self.bases.is_dir() else ()
        kept = self.works.tasks.folder.glob("*") if self.works.tasks.folder.is_dir() else ()
        words = (
            [] if bases_in(self.bases) == ["B"] else uploads.glob("*")
        )  # who sent what became a base is known for a day
        found = [*uploads.glob("*.part"), *words, *begun, *(one for one in kept if one.suffix != ".task")]
        return sorted(one.name for one in found if one.name != ".lock")

    @property
    def bases(self) -> Path:
        """The folder of the bases."""
        return self.accounts.paths.bases / self.account.number

    async def ended(self, task: Task) -> Task:
        """Wait for an end."""
        return await self.works.finished(task.key)


@pytest_asyncio.fixture
async def place(accounts: Accounts) -> AsyncIterator[Place]:
    """An account without bases."""
    account = await accounts.account()
    works = Works(accounts.paths, account.number, accounts.directory)
    place = Place(accounts, account, works, Transfers(accounts, account, works))
    yield place
    await works.close()


async def test_a_base_is_taken_in_piece_by_piece(place: Place) -> None:
    """Each is on the disk before the next; in the end the base is there, and nothing else."""
    task = await place.transfers.receive(OPERATOR, "planning01", "B", len(RAW) + 500)
    way = place.transfers.arrival(task.key)
    for at in range(0, len(RAW), 7):
        await way.give(RAW[at : at + 7])
    await way.give(None)
    ended = await place.ended(task)
    assert (ended.state, [one.step for one in ended.lines]) == ("done", ["receiving", "checking", "ready"])
    assert (bases_in(place.bases), place.left()) == (["B"], [])
    await way.give(b"late")
    with pytest.raises(NotFoundError):
        place.transfers.arrival(task.key)


@pytest.mark.parametrize(
    ("base", "size", "error"),
    [
        ("A", 5, AlreadyExistsError), ("../A", 5, InvalidNameError), ("B", 1 << 50, HPError), ("", 5, InvalidNameError),
        ("B", MAX_FILE + 1, QuotaExceededError),
    ],
)  # fmt: skip
async def test_s05_what_cannot_be_is_refused_before_its_bytes(
    place: Place, base: str, size: int, error: type[HPError]
) -> None:
    """Nothing is written."""
    await create_base(place.bases / "A.hpbase", "A", a_school(12))
    with pytest.raises(error):
        await place.transfers.receive(OPERATOR, "planning01", base, size)
    assert (bases_in(place.bases), place.left()) == (["A"], [])


async def test_s05_more_bytes_than_were_announced_are_refused(place: Place) -> None:
    """Whoever says one and sends two has neither."""
    task = await place.transfers.receive(OPERATOR, "planning01", "B", 10)
    way = place.transfers.arrival(task.key)
    for _ in range(20):
        await way.give(RAW)
    assert (await place.ended(task)).state == "failed"
    assert place.left() == []


async def test_w03_who_stops_sending_holds_nothing(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """A minute, and it is over."""
    monkeypatch.setattr(module, "PIECE_SECONDS", 0.05)
    task = await place.transfers.receive(OPERATOR, "planning01", "B", 1 << 20)
    await place.transfers.arrival(task.key).give(RAW)
    ended = await place.ended(task)
    assert (ended.state, ended.code, place.left()) == ("failed", DeadlineExceededError.code, [])


async def test_s05_a_full_disk_is_said_before_anything_begins(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """For what comes and for what goes: there is room for those who work."""
    await create_base(place.bases / "A.hpbase", "A", a_school(12))
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(100, 90, 10))
    with pytest.raises(StoreFullError):
        await place.transfers.receive(OPERATOR, "planning01", "B", 5)
    with pytest.raises(StoreFullError):
        await place.transfers.copy(OPERATOR, "planning01", place.bases / "A.hpbase")
    assert place.works.tasks.listed() == []


async def test_a_copy_is_for_who_asked(place: Place) -> None:
    """And there are only so many."""
    await create_base(place.bases / "A.hpbase", "A", a_school(12))
    task = await place.ended(await place.transfers.copy(OPERATOR, "planning01", place.bases / "A.hpbase"))
    assert (task.state, task.file) == ("done", True)
    assert task.lines[0].step == "writing"
    assert is_for(task, OPERATOR)
    assert not is_for(task, Actor(0, "543968468753", "manager"))
    assert not is_for(task, Actor(7, "ada", "superadmin"))
    for _ in range(module.COPIES_AT_ONCE - 1):
        await place.transfers.copy(OPERATOR, "planning01", place.bases / "A.hpbase")
    with pytest.raises(QuotaExceededError):
        await place.transfers.copy(OPERATOR, "planning01", place.bases / "A.hpbase")


async def test_a_copy_of_a_base_that_is_damaged_fails_and_leaves_nothing(place: Place) -> None:
    """It is said that the base does not pass its checks."""
    place.bases.mkdir(parents=True, exist_ok=True)
    (place.bases / "A.hpbase").write_bytes(b"SQLite format 3\0" + bytes(5000))
    task = await place.ended(await place.transfers.copy(OPERATOR, "planning01", place.bases / "A.hpbase"))
    assert task.state == "failed"
    assert place.left() == []


async def test_a_copy_is_cancelled(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its process is gone, and so is what it wrote."""
    code = "import json, sys, time; open(json.loads(sys.argv[1])['out'], 'w').write('x'); time.sleep(60)"
    monkeypatch.setattr(module, "PROGRAM", (sys.executable, "-I", "-c", code))
    await create_base(place.bases / "A.hpbase", "A", a_school(12))
    task = await place.transfers.copy(OPERATOR, "planning01", place.bases / "A.hpbase")
    async with asyncio.timeout(30):
        while not place.works.tasks.path(task.key, ".hpx").exists():  # noqa: ASYNC110  another process writes it
            await asyncio.sleep(0.02)
    place.works.tasks.cancel(task)
    ended = await place.ended(task)
    assert (ended.state, ended.file, place.left()) == ("cancelled", False, [])


@pytest.mark.parametrize("much", ["half", "all"])
async def test_a_process_that_is_killed_leaves_no_half_base(place: Place, tmp_path: Path, much: str) -> None:
    """While bytes come, or while the base is made: the task is told as interrupted, and its room is free again."""
    (tmp_path / "raw").write_bytes(RAW if much == "all" else RAW[:100])
    words = (sys.executable, "-c", HALF, str(place.accounts.paths.state), str(tmp_path / "raw"), much)
    child = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)  # noqa: ASYNC220  it is awaited on the next line
    assert child.stdout is not None
    key = (await asyncio.to_thread(child.stdout.readline)).strip()
    os.kill(child.pid, signal.SIGKILL)
    await asyncio.to_thread(child.wait)
    child.stdout.close()
    task = next(one for one in await place.works.listed() if one.key == key)
    if much == "half":
        assert (task.state, bases_in(place.bases)) == ("interrupted", [])
    for base in bases_in(place.bases):  # the kill came after the base was whole
        await place.ended(await place.transfers.copy(OPERATOR, "planning01", place.bases / f"{base}.hpbase"))
        place.works.tasks.folder.joinpath(f"{place.works.tasks.listed()[0].key}.hpx").unlink()
    assert place.left() == []


async def test_a_copy_ends_with_who_began_it(place: Place) -> None:
    """Killed in the middle: the process that copies is gone too, and nothing is offered or left."""
    await create_base(place.bases / "A.hpbase", "A", a_school(12))
    words = (sys.executable, "-c", COPY, str(place.accounts.paths.state), str(place.bases / "A.hpbase"), SLOW)
    child = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)  # noqa: ASYNC220  it is awaited on the next line
    assert child.stdout is not None
    key = (await asyncio.to_thread(child.stdout.readline)).strip()
    os.kill(child.pid, signal.SIGKILL)
    await asyncio.to_thread(child.wait)
    child.stdout.close()
    note = place.works.tasks.folder / "sender.pid"
    async with asyncio.timeout(30):
        while _runs(int(note.read_text())):  # noqa: ASYNC110  the kernel ends it
            await asyncio.sleep(0.01)
    note.unlink()
    (task,) = await place.works.listed()
    assert (task.key, task.state, task.file, place.left()) == (key, "interrupted", False, [])


def _runs(pid: int) -> bool:
    """Whether a process is there and has not ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


async def test_who_hands_pieces_over_waits_for_who_writes_but_not_for_one_that_is_gone() -> None:
    """Nothing is kept in memory, and nobody hangs."""
    way = Arrival()
    for _ in range(module.ARRIVING):
        await way.give(b"x")
    async with asyncio.TaskGroup() as group:
        waiting = group.create_task(way.give(b"y"))
        await asyncio.sleep(0)
        assert not waiting.done()
        way.end()
    await way.give(b"z")
