"""Processes killed without warning under writing clients: what was acknowledged is there, once, whole.

`HP_KILLS` says how many times the planning server is killed; `HP_SEED` repeats a run.
"""

import asyncio
import os
from contextlib import AsyncExitStack
from pathlib import Path
from random import Random

import msgspec
import pytest

from hpserver.base.changes import update
from hpserver.base.planning import Planning
from hpserver.client import PlanningSession
from hpserver.hosting.bases import open_base
from hpserver.store.api import JournalRow
from hpserver.store.sqlite import SqliteStore
from tests.house import ACTIVITIES, SWIFT_AGENT, House, a_house, a_seed, base_of

pytestmark = [pytest.mark.slow, pytest.mark.uvloop_only]

KILLS = int(os.environ.get("HP_KILLS", "8"))
WRITERS = 8
TRIO = ACTIVITIES // WRITERS // 2
"""Activities of one writer's own, all written by each of their transactions."""

PAUSE = 0.2
"""Most seconds between the first acknowledgement of a server and its death."""


class Writer:
    """One client that writes without end: each transaction writes its number to every activity of its own."""

    def __init__(self, number: int, session: PlanningSession) -> None:
        self.number, self.session = number, session
        self.keys = range(1 + number * TRIO, 1 + (number + 1) * TRIO)
        self.acknowledged: dict[str, int] = {}
        """Text to revision."""
        self.stopping = False

    async def write(self) -> None:
        """Write until told to stop; the last wish is waited for too."""
        while not self.stopping:
            text = f"w{self.number}-{len(self.acknowledged)}"
            done = await self.session.edit([update("activity", key, memo=text) for key in self.keys], why=text)
            self.acknowledged[text] = done.revision

    def check(self, base: Planning) -> None:
        """Check that a base has the last acknowledged transaction of this writer, whole."""
        assert {base.activity(key).memo for key in self.keys} == {list(self.acknowledged)[-1]}


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let clients come back at once: a minute between attempts is for real servers and real outages."""
    monkeypatch.setattr("hpserver.client.reconnecting.FIRST_SECONDS", 0.1)
    monkeypatch.setattr("hpserver.client.reconnecting.MOST_SECONDS", 0.2)


async def journal_of(house: House, name: str) -> tuple[Planning, tuple[JournalRow, ...]]:
    """Open the base of a stopped planning as a server would; what is in it, and all of its journal."""
    path = house.accounts.base_path(house.account, f"Base {name}")
    store = SqliteStore(path)
    try:
        opened = await open_base(store)
        return opened.planning, await store.tail(0, 1_000_000)
    finally:
        await store.close()


def check_journal(rows: tuple[JournalRow, ...], writers: list[Writer]) -> None:
    """Check: no revision is missing or twice, no operation twice, every acknowledgement is there, nothing else is."""
    assert [row.revision for row in rows] == list(range(1, len(rows) + 1))
    assert len({row.operation for row in rows}) == len(rows)
    promised = {revision: text for one in writers for text, revision in one.acknowledged.items()}
    assert len(promised) == sum(len(one.acknowledged) for one in writers) == len(rows)
    for row in rows:
        assert promised[row.revision].encode() in row.body
    assert [row.epoch for row in rows] == sorted(row.epoch for row in rows)


async def let_in(house: House, stack: AsyncExitStack, planning: str = "planning01") -> list[Writer]:
    """Sign the writers in, each a user on a device of their own."""
    writers = []
    for number in range(WRITERS):
        session = await stack.enter_async_context(house.inside(f"writer{number}", planning))
        writers.append(Writer(number, session))
    return writers


@pytest.mark.timeout(60 + KILLS * 2)
async def test_d1_nothing_acknowledged_is_lost_when_the_planning_server_is_killed(tmp_path: Path) -> None:
    """Eight planners write through the controller while their server is killed again and again, at any moment."""
    random = Random(a_seed())
    back: list[float] = []
    with a_house(tmp_path, agent=SWIFT_AGENT) as house:
        for number in range(WRITERS):
            house.add_user(f"writer{number}")
        async with AsyncExitStack() as stack:
            writers = await let_in(house, stack)
            async with asyncio.TaskGroup() as group:
                for one in writers:
                    group.create_task(one.write())
                for _ in range(KILLS):
                    await more(writers)
                    await asyncio.sleep(random.random() * PAUSE)
                    back.append(await killed(house, "planning01"))
                await more(writers)
                for one in writers:
                    one.stopping = True
            last = max(revision for one in writers for revision in one.acknowledged.values())
            for one in writers:
                await one.session.wait_revision(last)
                one.check(base_of(one.session))
        await asyncio.to_thread(house.wish, "planning01", "down")
        base, rows = await journal_of(house, "planning01")
        check_journal(rows, writers)
        for one in writers:
            one.check(base)
        again = sum(one.session.reconnections for one in writers)
        worst = sorted(back)[int(len(back) * 0.99)]
        print(f"{KILLS} kills, {len(rows)} acknowledged, 0 lost, {again} reconnections, back in {worst:.2f} s (p99)")  # noqa: T201  figures of the run
        assert back
        assert rows[-1].epoch > KILLS


async def more(writers: list[Writer]) -> None:
    """Wait until some writer has had another acknowledgement: the server is at work again."""
    before = sum(len(one.acknowledged) for one in writers)
    while sum(len(one.acknowledged) for one in writers) == before:  # noqa: ASYNC110  several tasks make it so
        await asyncio.sleep(0.005)


async def killed(house: House, name: str) -> float:
    """Kill a process, wait for its successor; the seconds that took."""
    loop = asyncio.get_running_loop()
    pid = await asyncio.to_thread(house.kill, name)
    began = loop.time()
    await asyncio.to_thread(lambda: house.wait_live(name, after=pid))
    return loop.time() - began


async def test_d1_killed_controller_disturbs_nobody_inside(tmp_path: Path) -> None:
    """Who is in a planning goes on without noticing; who wants in comes in as soon as it is back."""
    with a_house(tmp_path, agent=SWIFT_AGENT) as house:
        async with house.inside("alice") as alice:
            pid = await asyncio.to_thread(house.pid, "planning01")
            for number in range(3):
                wait = asyncio.to_thread(house.wait_live, "controller", after=house.kill("controller"))
                done, _ = await asyncio.gather(alice.edit([update("activity", 1, memo=f"tour {number}")]), wait)
                async with house.inside("bruno") as bruno:
                    assert (await bruno.wait_revision(done.revision)).planning.activity(1).memo == f"tour {number}"
            assert alice.reconnections == 0
            assert house.pid("planning01") == pid
            assert alice._line is not None
            alice._line.abort()  # its controller's line is long gone: it signs in again by itself
            await alice.edit([update("activity", 1, memo="fin")])


async def test_d1_killed_agent_takes_everybody_along_and_loses_nothing(tmp_path: Path) -> None:
    """Agent, controller and planning servers die at once under writers; a new agent brings all of it back."""
    random = Random(a_seed())
    with a_house(tmp_path) as house:
        for number in range(WRITERS):
            house.add_user(f"writer{number}")
        async with AsyncExitStack() as stack:
            writers = await let_in(house, stack)
            async with asyncio.TaskGroup() as group:
                for one in writers:
                    group.create_task(one.write())
                for _ in range(2):
                    await asyncio.sleep(0.1 + random.random() * PAUSE)
                    await asyncio.to_thread(house.kill_agent)
                    await asyncio.to_thread(house.start)
                for one in writers:
                    one.stopping = True
        await asyncio.to_thread(house.wish, "planning01", "down")
        base, rows = await journal_of(house, "planning01")
        check_journal(rows, writers)
        for one in writers:
            one.check(base)


@pytest.mark.timeout(60 + KILLS * 2)
async def test_d1_what_is_taken_back_is_taken_back_once_over_kills(tmp_path: Path) -> None:
    """Edits and Undos of one person while the server is killed: each answered one is in the journal once."""
    random = Random(a_seed())
    done: dict[int, int] = {}
    told: list[str] = []
    with a_house(tmp_path, agent=SWIFT_AGENT) as house:
        async with house.inside("alice") as alice:
            stopping = asyncio.Event()

            async def work() -> None:
                while not stopping.is_set():
                    text = f"edit {len(told)}"
                    kept = await alice.edit([update("activity", 1, memo=text)])
                    undone = await alice.undo()
                    done[undone.revision] = kept.revision
                    await alice.redo()
                    told.append(text)

            async with asyncio.TaskGroup() as group:
                group.create_task(work())
                for _ in range(max(2, KILLS // 3)):
                    known = len(told)
                    while len(told) == known:  # noqa: ASYNC110  another task makes it so
                        await asyncio.sleep(0.005)
                    await asyncio.sleep(random.random() * PAUSE)
                    await killed(house, "planning01")
                stopping.set()
        await asyncio.to_thread(house.wish, "planning01", "down")
        base, rows = await journal_of(house, "planning01")
    links = {row.revision: msgspec.json.decode(row.body) for row in rows}
    assert {revision: body["undoes"] for revision, body in links.items() if "undoes" in body} == done
    assert sorted(body["redoes"] for body in links.values() if "redoes" in body) == sorted(done)
    assert len(rows) == 3 * len(told)
    assert base.activity(1).memo == told[-1]
