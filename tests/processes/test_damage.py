"""A planning whose base was damaged long before what it serves: it may serve for a moment, and keeps nothing."""

import asyncio
from pathlib import Path

import apsw
import pytest

from hpserver.base.changes import update
from hpserver.hosting.editing import edit_offline
from hpserver.protocol.internal import ProcessStatus
from hpserver.reaching import wake_agent
from hpserver.store.sqlite import SqliteStore
from tests.house import House, a_house, wait_until

pytestmark = [pytest.mark.slow, pytest.mark.uvloop_only]

IMPATIENT_AGENT = (
    "import sys; from hpserver.supervision import backoff; backoff.DELAYS = (0.01,);"
    "from hpserver.agent import run_agent; sys.exit(run_agent())"
)
"""It starts again once."""

OLD = 3


def with_damage(house: House) -> Path:
    """Alter an old row of planning01, which nobody serves then and the newest snapshot has; its file."""
    house.wish("planning01", "down")
    path = house.accounts.base_path(house.account, "Base planning01")
    house.run(_grown(path))
    connection = apsw.Connection(str(path))
    connection.execute("UPDATE journal SET user = 'nobody' WHERE revision = ?", (OLD,))
    connection.close()
    return path


async def _grown(path: Path) -> None:
    for number in range(2 * OLD):
        await edit_offline(path, [update("activity", 1, memo=f"{number}")])
    store = SqliteStore(path)
    try:
        epoch = await store.open()
        loaded = await store.load()
        await store.checkpoint(epoch, loaded.tail[-1].revision, loaded.snapshot)
    finally:
        await store.close()


async def test_s04_a_base_with_an_old_damage_is_given_up_loudly(tmp_path: Path) -> None:
    """What was put off at its start ends its server, the agent says why, and not a byte of its journal is new."""
    with a_house(tmp_path, agent=IMPATIENT_AGENT, may_complain=True) as house:
        path = await asyncio.to_thread(with_damage, house)
        await asyncio.to_thread(
            house.run, house.accounts.wish_planning(house.account, house.plannings["planning01"], "up")
        )
        await asyncio.to_thread(house.run, wake_agent(house.paths))

        def given_up() -> ProcessStatus | None:
            row = house.status("planning01")
            return row if row is not None and row.state == "failed" else None

        assert "is not as it was written" in (await asyncio.to_thread(wait_until, given_up)).reason
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    assert connection.execute("SELECT max(revision) FROM journal").get == 2 * OLD
    connection.close()
