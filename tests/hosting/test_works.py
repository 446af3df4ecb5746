"""What a process does at length: it ends as it ended, whatever that is, and it is told."""

import asyncio

import pytest

from hpserver.directory.model import Observed, controller_subject
from hpserver.errors import AlreadyExistsError
from hpserver.hosting import works as module
from hpserver.hosting.accounts import Accounts
from hpserver.hosting.tasks import Running, Task
from hpserver.hosting.works import Works
from hpserver.identity.actor import OPERATOR


async def works_of(accounts: Accounts) -> Works:
    """Those of the one account."""
    return Works(accounts.paths, (await accounts.account()).number, accounts.directory)


async def good(*, file: bool = False) -> bool:
    """Do it."""
    return file


async def wrong(error: Exception) -> bool:
    """Fail."""
    raise error


def begun(works: Works) -> Running:
    """Begin one."""
    return works.tasks.begin("bases.export", OPERATOR)


async def test_it_ends_as_it_ended(accounts: Accounts) -> None:
    """Done, failed with what the house says, failed with what only the log says."""
    works = await works_of(accounts)
    assert (await works.finished(works.start(begun(works), good()).key)).state == "done"
    failed = await works.finished(works.start(begun(works), wrong(AlreadyExistsError("taken"))).key)
    assert (failed.state, failed.text) == ("failed", "taken")
    broken = await works.finished(works.start(begun(works), wrong(ValueError("secret"))).key)
    assert (broken.state, "secret" in broken.text) == ("failed", False)
    assert [one.state for one in await works.listed()].count("failed") == 2


async def test_a_cancel_ends_it_and_comes_too_late_for_what_is_done(
    accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever does it may tidy up first."""
    monkeypatch.setattr(module, "LOOK_SECONDS", 0.01)
    works, tidied = await works_of(accounts), asyncio.Event()

    async def long(*, late: bool) -> bool:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            tidied.set()
            if not late:
                raise
        return False

    for late, state in ((False, "cancelled"), (True, "done")):
        tidied.clear()
        task = works.start(begun(works), long(late=late))
        works.tasks.cancel(task)
        assert (await works.finished(task.key)).state == state
        assert tidied.is_set()


async def test_who_leaves_interrupts_what_it_does(accounts: Accounts) -> None:
    """And waits until nothing of it is left."""
    works = await works_of(accounts)
    task = works.start(begun(works), asyncio.sleep(60, result=False))
    await asyncio.sleep(0)
    await works.close()
    await works.close()
    assert works.tasks.get(task.key).state == "interrupted"


async def test_what_is_done_at_once_is_told_too(accounts: Accounts) -> None:
    """With its end, and why."""
    works = await works_of(accounts)
    async with works.told("bases.create", OPERATOR, planning="p", base="B"):
        pass
    with pytest.raises(AlreadyExistsError):
        async with works.told("bases.load", OPERATOR, planning="p", base="B"):
            raise AlreadyExistsError("taken")
    assert [(one.state, one.text, one.cancellable) for one in await works.listed()] == [
        ("failed", "taken", False), ("done", "", False)
    ]  # fmt: skip


async def test_a_wish_of_a_process_is_over_when_it_is_so(accounts: Accounts) -> None:
    """As the directory says, with the reason of a failure."""
    works, account = await works_of(accounts), await accounts.account()
    subject = controller_subject(account.number)

    async def after(state: str, reason: str = "") -> Task:
        await accounts.directory.observe(Observed(subject=subject, state=state, reason=reason))  # type: ignore[arg-type]
        return (await works.listed())[0]

    await accounts.wish_controller(account, "up")
    works.wished("controller.start", OPERATOR, subject)
    works.wished("controller.start", OPERATOR, subject)
    assert [one.state for one in await works.listed()] == ["running"]
    assert (await after("starting")).state == "running"
    failed = await after("failed", "the port is taken")
    assert (failed.state, failed.text) == ("failed", "the port is taken")
    works.wished("controller.start", OPERATOR, subject)
    assert (await after("live")).state == "done"


async def test_whoever_makes_room_hears_of_what_was_interrupted(accounts: Accounts) -> None:
    """Once: who holds nothing of it any more has nothing to tidy up."""
    works, heard = await works_of(accounts), list[Task]()
    works.interrupted = heard.extend
    running = begun(works)
    works.tasks.path(running.task.key, ".lock").unlink()
    for _ in range(2):
        await works.settle()
    assert [one.key for one in heard] == [running.task.key]
