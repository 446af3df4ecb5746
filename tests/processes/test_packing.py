"""A planning server packs what is old in its base by itself, is killed over it, and nothing of the past is lost."""

import asyncio
from pathlib import Path

import apsw
import msgspec
import pytest

from hpserver.base.changes import encode_changes, update
from hpserver.hosting.bases import open_base
from hpserver.hosting.editing import Program, an_operation
from hpserver.hosting.keeping import Keeping
from hpserver.planning.accepting import Accepting
from hpserver.protocol import messages as m
from hpserver.store import chunks, policy
from hpserver.store.sqlite import SqliteStore
from tests.house import SWIFT_AGENT, House, a_house, wait_until
from tests.processes.test_kill import journal_of

pytestmark = [pytest.mark.slow, pytest.mark.uvloop_only]

YEAR_2020_MS = 1_600_000_000_000
CHUNKS = 6


async def grown_old(path: Path) -> int:
    """Write edits of years ago into a base, as many as stay plain and some chunks more; its newest revision."""
    store = SqliteStore(path)
    opened = await open_base(store)
    keeping = Keeping(store, opened.epoch)
    accepting = Accepting(opened.planning, opened.history, opened.epoch)
    ada = Program(login="ada", author="ada")
    while opened.history.head < policy.PLAIN_ROWS + CHUNKS * chunks.CHUNK_ROWS:
        durable = opened.history.head
        for number in range(200):
            raw = msgspec.Raw(encode_changes([update("activity", 1, memo=f"{durable + number}")]))
            wish = m.Transact(1, 0, an_operation(), durable, raw)
            assert isinstance(accepting.transact(ada, wish, durable, YEAR_2020_MS + durable), m.Committed)
        await keeping.write(tuple(accepting.waiting))
        accepting.waiting.clear()
        accepting.undurable.clear()
    await store.close()
    return opened.history.head


def packed(path: Path) -> int:
    """Return how many chunks there are in a base, looking beside its server."""
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    connection.set_busy_timeout(5_000)
    count: int = connection.execute("SELECT count(*) FROM chunk").get
    connection.close()
    return count


def with_a_past(house: House) -> tuple[Path, int]:
    """Give planning01 a base with an old past, in service again; its file, and its newest revision."""
    house.wish("planning01", "down")
    path = house.accounts.base_path(house.account, "Base planning01")
    head = house.run(grown_old(path))
    house.wish("planning01", "up")
    return path, head


async def test_s02_a_server_killed_while_it_packs_loses_nothing_and_goes_on(tmp_path: Path) -> None:
    """The next one packs the rest, people edit meanwhile, the log says so, and every row is there once."""
    with a_house(tmp_path, agent=SWIFT_AGENT) as house:
        path, head = await asyncio.to_thread(with_a_past, house)
        async with house.inside("alice") as alice:
            await asyncio.to_thread(wait_until, lambda: packed(path) > 0)
            pid = await asyncio.to_thread(house.kill, "planning01")
            await asyncio.to_thread(house.wait_live, "planning01", after=pid)
            done = await alice.edit([update("activity", 2, memo="aujourd'hui")])
            assert done.revision == head + 1
            left = CHUNKS - packed(path)
            assert left
            (told,) = await asyncio.to_thread(wait_until, lambda: house.log("base.packed"))
            assert told["rows"] == left * chunks.CHUNK_ROWS
        await asyncio.to_thread(house.wish, "planning01", "down")
        base, rows = await journal_of(house, "planning01")
        assert packed(path) == CHUNKS
        assert [row.revision for row in rows] == list(range(1, head + 2))
        assert b"aujourd'hui" in rows[-1].body
        assert base.activity(2).memo == "aujourd'hui"
