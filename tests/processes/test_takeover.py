"""A branch larger than any edit taken over in a base in service: all of it or nothing, whoever is killed."""

import asyncio
from functools import partial
from pathlib import Path
from random import Random

import pytest

from hpserver.base.changes import create, update
from hpserver.base.model import values_of
from hpserver.client import PlanningSession
from hpserver.client.line import NEW
from hpserver.client.writing import an_operation
from hpserver.errors import NotAllowedError, NotFoundError
from hpserver.hosting import branches
from hpserver.hosting.editing import edit_offline
from hpserver.protocol import messages as m
from tests.house import SWIFT_AGENT, House, a_house, a_seed, base_of

pytestmark = [pytest.mark.slow, pytest.mark.uvloop_only]

ROOMS = 12_000
"""More than one edit may have, in changes and in bytes."""

PAD = "x" * 80


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let clients come back at once."""
    monkeypatch.setattr("hpserver.client.reconnecting.FIRST_SECONDS", 0.1)
    monkeypatch.setattr("hpserver.client.reconnecting.MOST_SECONDS", 0.2)


async def branched(house: House) -> Path:
    """Make a branch of the base in service, with more work on it than any edit may have."""
    path = house.accounts.base_path(house.account, "Base planning01")
    await branches.fork(path.parent, path.stem, "Essai")
    rooms = [create("room", -1 - n, name=f"Salle neuve {n} {PAD}") for n in range(ROOMS)]
    await edit_offline(path.parent / "Essai.hpbase", [*rooms, update("activity", 1, memo="branche")], force=True)
    return path.parent


def wish(**options: bool) -> m.AcceptBranch:
    """All of it."""
    return m.AcceptBranch(NEW, 0, an_operation(), "Essai", (), (), **options)


def fresh(session: PlanningSession) -> int:
    """How many rooms of the branch are there."""
    return sum(values_of(room)["name"].startswith("Salle neuve") for room in base_of(session).rows("room").values())


async def test_d1_a_branch_taken_over_is_one_transaction_for_everybody(tmp_path: Path) -> None:
    """Weighed, refused to who may not, done at once, seen by who follows, known to the branch, and taken back."""
    with a_house(tmp_path, agent=SWIFT_AGENT) as house:
        await branched(house)
        async with house.inside("alice") as alice, house.inside("bruno") as bruno, house.inside("david") as david:
            with pytest.raises(NotAllowedError):
                await david.accept_branch(wish())
            compared = await alice.ask(m.CompareBranch(NEW, 0, "Essai"), m.BranchCompared)
            assert (compared.count, compared.conflicting) == (ROOMS + 1, 0)
            assert (await alice.ask(wish(dry_run=True), m.Weighed)).cost == 0
            assert base_of(alice).activity(1).memo != "branche"
            done = await alice.accept_branch(wish())
            for one in (alice, bruno, david):
                await one.wait_revision(done.revision)
                assert (fresh(one), base_of(one).activity(1).memo) == (ROOMS, "branche")
            left = await alice.ask(m.UpdateBranch(NEW, 0, "Essai", done.revision), m.BranchUpdated)
            assert left == m.BranchUpdated(left.id, 0, 0)
            back = await alice.undo(revision=done.revision)
            assert back.revision == done.revision + 1
            await bruno.wait_revision(back.revision)
            assert fresh(bruno) == 0
            await alice.ask(m.DropBranch(NEW, 0, "Essai"), m.BranchDropped)
            with pytest.raises(NotFoundError):
                await alice.ask(m.CompareBranch(NEW, 0, "Essai"), m.BranchCompared)


async def test_d1_what_both_sides_wrote_stays_as_the_base_has_it(tmp_path: Path) -> None:
    """It is told as a conflict, and remains on the branch; who insists has the branch's side."""
    with a_house(tmp_path, agent=SWIFT_AGENT) as house:
        await branched(house)
        async with house.inside("alice") as alice:
            await alice.edit([update("activity", 1, memo="base")])
            only = (("activity", 1),)
            done = await alice.accept_branch(wish())
            left = await alice.ask(m.UpdateBranch(NEW, 0, "Essai", done.revision), m.BranchUpdated)
            assert (left.left, left.conflicts) == (1, 1)
            insisting = m.AcceptBranch(NEW, 0, an_operation(), "Essai", only, only)
            again = await alice.accept_branch(insisting)
            await alice.wait_revision(again.revision)
            assert base_of(alice).activity(1).memo == "branche"


async def test_d1_a_branch_is_taken_over_wholly_or_not_at_all_when_the_server_is_killed(tmp_path: Path) -> None:
    """Killed at any moment: once it is answered it is there, whole and once; before, there is all of it or nothing."""
    random = Random(a_seed())
    with a_house(tmp_path, agent=SWIFT_AGENT) as house:
        await branched(house)
        async with house.inside("alice") as alice, asyncio.TaskGroup() as group:
            taking = group.create_task(alice.accept_branch(wish()))
            for _ in range(4):
                await asyncio.sleep(random.random())
                pid = await asyncio.to_thread(house.kill, "planning01")
                await asyncio.to_thread(partial(house.wait_live, "planning01", after=pid))
                async with house.inside("bruno") as bruno:
                    assert fresh(bruno) in {0, ROOMS}
            done = await taking
            await alice.wait_revision(done.revision)
            assert (fresh(alice), base_of(alice).activity(1).memo) == (ROOMS, "branche")
