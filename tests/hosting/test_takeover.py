"""Branches as a planning server reads them."""

import asyncio
from pathlib import Path

import pytest

from hpserver.base.changes import create, update
from hpserver.base.planning import Planning
from hpserver.errors import ConflictError, NotFoundError
from hpserver.hosting import branches
from hpserver.hosting.bases import create_base
from hpserver.hosting.editing import edit_offline
from hpserver.hosting.takeover import Takeovers, answered, onto_base
from hpserver.protocol import messages as m
from tests.schools import a_grid

WISH = m.AcceptBranch(1, 0, bytes(16), "Essai")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A base, and a branch of it with a new room and another name of an old one."""

    async def made() -> None:
        await create_base(tmp_path / "Base.hpbase", "Base", Planning(a_grid(10)))
        await edit_offline(tmp_path / "Base.hpbase", [create("room", 1, name="A")])
        await branches.fork(tmp_path, "Base", "Essai")
        await edit_offline(tmp_path / "Essai.hpbase", [create("room", -1, name="N"), update("room", 1, name="B")])

    asyncio.run(made())
    return tmp_path


def test_what_is_created_gets_its_key_when_it_is_done(folder: Path) -> None:
    """Others create objects meanwhile: keys are given by the base, in the order of what is done."""
    seen, changes = asyncio.run(onto_base(folder, "Base", WISH))
    assert (seen, [one.key for one in changes]) == (1, [-1, 1])


def test_a_branch_knows_what_was_taken_over_of_it(folder: Path) -> None:
    """Read from the journal, twice if need be; a transaction that was something else is none of it."""
    _, changes = asyncio.run(onto_base(folder, "Base", WISH))
    asyncio.run(edit_offline(folder / "Base.hpbase", [update("room", 1, capacity=5)]))
    with pytest.raises(ConflictError):
        asyncio.run(answered(folder, "Base", m.UpdateBranch(1, 0, "Essai", 2)))
    with pytest.raises(NotFoundError):
        asyncio.run(answered(folder, "Base", m.UpdateBranch(1, 0, "Essai", 9)))
    asyncio.run(edit_offline(folder / "Base.hpbase", changes, why=branches.reason_of("Essai")))
    for _ in range(2):
        assert asyncio.run(answered(folder, "Base", m.UpdateBranch(1, 0, "Essai", 3))) == m.BranchUpdated(1, 0, 0)


async def test_who_asks_again_before_the_answer_waits_and_is_told_the_same(folder: Path) -> None:
    """A line breaks, the client asks again on the next one, and the thread of the first question has the branch."""
    takeovers = Takeovers(folder / "Base.hpbase")
    await edit_offline(folder / "Base.hpbase", [update("room", 1, name="C")])
    _, changes = await takeovers.bring(WISH)
    await edit_offline(folder / "Base.hpbase", changes, why=branches.reason_of("Essai"))
    request = m.UpdateBranch(1, 0, "Essai", 3)
    answers = await asyncio.gather(*(takeovers.answer(request) for _ in range(3)), takeovers.answer(request))
    assert answers == [m.BranchUpdated(1, 1, 1)] * 4


def test_a_branch_of_another_base_is_refused(folder: Path) -> None:
    """Who serves one base does nothing to the branches of another."""
    with pytest.raises(ConflictError):
        asyncio.run(answered(folder, "Autre", m.DropBranch(1, 0, "Essai")))
    assert asyncio.run(answered(folder, "Autre", m.ListBranches(1, 0))) == m.Branches(1, ())
