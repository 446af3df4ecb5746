"""S03: whatever step of an operation fails, it is done or not at all, said, and done again on a disk that is well."""

import asyncio
import os
import re
import shutil
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from hpserver.cli.main import EXIT_FAILED, EXIT_TEMPORARY, exit_status
from hpserver.errors import HPError, OutcomeUnknownError
from tests.faults.installing import INSTALLING
from tests.faults.moving_bases import MOVING
from tests.faults.operations import OPERATIONS, Operation
from tests.faults.system_calls import FAULTS, Disk, Fault, Killed, failing

ALL = OPERATIONS | MOVING | INSTALLING

STEPS = int(os.environ.get("HP_STEPS", "0"))
"""Steps of an operation that each fault meets, about: `HP_STEPS=1000` has it meet all of them."""

EITHER = {EXIT_FAILED, EXIT_TEMPORARY}
TOLD = {"full": {EXIT_TEMPORARY}, "quota": {EXIT_TEMPORARY}, "broken": EITHER, "short": EITHER}
"""The documented status of a command whose disk is full, or fails: of that one it may be said that it may pass."""


async def before_of(operation: Operation, folder: Path) -> None:
    """Prepare a folder."""
    folder.mkdir()  # noqa: ASYNC240 - a test waits for nobody
    await operation.prepare(folder)


async def tried(work: Callable[[Path], Awaitable[None]], folder: Path, disk: Disk) -> BaseException | None:
    """Do it on that disk; what was raised."""
    with failing(disk):
        try:
            await work(folder)
        except (Exception, Killed) as error:  # noqa: BLE001 - what it raises is looked at
            return error
    return None


async def fails_at(
    operation: Operation, started: Path, folder: Path, fault: Fault, after: Any, names: Counter[str]
) -> list[str]:  # fmt: skip
    """Have one step fail; what is wrong with what is there then, and after it was done again."""
    shutil.copytree(started, folder)
    before = await operation.state(folder)
    disk = Disk(folder)
    disk.fault = fault
    error = await tried(operation.run, folder, disk)
    wrong = []
    where = f"{fault.name} at {fault.at} {disk.steps[fault.at : fault.at + 1]}"
    try:
        state = await operation.state(folder)
    except Exception as problem:  # noqa: BLE001 - it is what the test looks for
        return [f"{where}: {problem!r} after {error!r}"]
    if state not in (before, after) or (error is None and state != after):
        wrong.append(f"{where}: neither before nor after: {error!r} {str(state)[-300:]}")
    if error is not None and not isinstance(error, (HPError, Killed)) and fault.name != "read-only":
        wrong.append(f"{where}: raised {error!r}")
    unknown = isinstance(error, OutcomeUnknownError)
    if (
        isinstance(error, HPError)
        and not unknown
        and exit_status(error) not in TOLD.get(fault.name, {exit_status(error)})
    ):
        wrong.append(f"{where}: status {exit_status(error)} of {error!r}")
    if state != after or operation.again:
        try:
            await (operation.again or operation.run)(folder)
        except Exception as problem:  # noqa: BLE001 - it is what the test looks for
            return [*wrong, f"{where}: again: {problem!r}"]
    if (state := await operation.state(folder)) != after:
        wrong.append(f"{where}: again: not as it should be: {str(state)[-300:]}")
    if operation.sweep:
        await operation.sweep(folder)
    if left := names_in(folder) - names:
        wrong.append(f"{where}: left {sorted(left)} after {error!r}")
    shutil.rmtree(folder)
    return wrong


def names_in(folder: Path) -> Counter[str]:
    """The files and folders of a folder: numbers in their names are drawn, or tell the time."""
    found = [str(one.relative_to(folder)) for one in folder.rglob("*")]
    return Counter(
        re.sub(r"[0-9a-f]{8,}", "#", one)
        for one in found
        if not (one.endswith(("-wal", "-shm")) and one[:-4] in found)  # SQLite's own, gone when it is opened again
    )


def telling(steps: list[tuple[str, str]]) -> list[int]:
    """Of steps in a row of one kind on one file, the first and the last: those between find and leave the same."""
    edges = [None, *steps, None]
    return [at for at, step in enumerate(steps) if not edges[at] == step == edges[at + 2]]


@pytest.mark.slow
@pytest.mark.parametrize("name", ALL)
def test_s03_each_step_may_fail(tmp_path: Path, name: str) -> None:
    """All or nothing, said in words of ours, and done when it is asked for again."""
    asyncio.run(_check(tmp_path, ALL[name]))


async def _check(folder: Path, operation: Operation) -> None:
    started, done = folder / "started", folder / "done"
    await before_of(operation, started)
    shutil.copytree(started, done)
    disk = Disk(done)
    assert await tried(operation.run, done, disk) is None
    after = await operation.state(done)
    if operation.sweep:
        await operation.sweep(done)
    names = names_in(done)
    if operation.again:
        await operation.again(done)
        names |= names_in(done)
    places = telling(disk.steps)
    apart = len(places) // (STEPS or operation.few) + 1
    wrong: list[str] = []
    for number, fault in enumerate(FAULTS):
        for at in places[number % apart :: apart]:
            one = msgspec.structs.replace(fault, at=at)
            wrong += await fails_at(operation, started, folder / "run", one, after, names)
            shutil.rmtree(folder / "run", ignore_errors=True)
    assert not wrong, "\n".join(wrong)
