"""`hp base upload` and `download`: a base sent to the account, a copy taken from it, as the console does."""

import asyncio
import shutil
import sys
from pathlib import Path
from typing import Any, Final

import click

from hpserver.administration.office import NobodyHere, Office
from hpserver.cli.client.files import Meter
from hpserver.cli.house.installation import open_accounts
from hpserver.cli.options import account_option, in_file, new_file, said_of_taken
from hpserver.cli.running import asynchronous
from hpserver.cli.screen import Screen, filled, tr
from hpserver.cli.words.tasks import STEPS, progress
from hpserver.errors import CancelledRequestError, InternalError
from hpserver.hosting.tasks import COPY, Task
from hpserver.protocol.catalogue import administration as w
from hpserver.protocol.limits import CHUNK_BYTES
from hpserver.reaching import carry_out

LOOK_SECONDS: Final = 0.1
"""Between two looks at how far it is."""


@click.command()
@click.argument("planning")
@click.argument("file", type=in_file)
@click.argument("name")
@account_option
@click.pass_obj
@asynchronous
async def upload(screen: Screen, planning: str, file: Path, name: str, account: str) -> None:
    """Make a base of an exported one or of a backup, with its history; it is loaded nowhere. Ctrl+C leaves nothing."""
    size = _size(file)
    async with open_accounts() as accounts:
        found = await accounts.account(account)
        office = Office(accounts, found, NobodyHere())
        begun: Any = await carry_out(accounts, found, w.UploadBase(planning, name, max(1, size)), office=office)
        async with asyncio.TaskGroup() as group:
            giving = group.create_task(_give(office, begun.task, file))
            task = await _ended(office, begun.task)
            giving.cancel()
    screen.show(
        {"base": task.base, "bytes": size},
        filled(
            "{base} : {size} octet(s). Pour la charger : {load}",
            "{base}: {size} byte(s). To load it: {load}",
            base=task.base, size=size, load=f"hp base load {planning} {task.base!r}",
        ),
    )  # fmt: skip


@click.command()
@click.argument("planning")
@click.option("--base", "name", default="", help="Another base of the account than the one that is loaded.")
@click.option("--out", type=new_file, default=None, help="File to write; the name of the base, with .hpx, by default.")
@account_option
@click.pass_obj
@asynchronous
async def download(screen: Screen, planning: str, name: str, out: Path | None, account: str) -> None:
    """Take a copy of the base of a planning, in service or not; it was proved by rebuilding it. Ctrl+C gives up."""
    async with open_accounts() as accounts:
        found = await accounts.account(account)
        base = name or (await accounts.planning(found, planning)).base
        target = out or Path(f"{base}.hpx")
        if out is None and (taken := said_of_taken(target)):
            raise click.UsageError(f"{taken} (--out)")
        office = Office(accounts, found, NobodyHere())
        begun: Any = await carry_out(accounts, found, w.ExportBase(planning, name), office=office)
        task = await _ended(office, begun.task)
        size = await asyncio.to_thread(_take, office, task, target)
    if str(target) != "-":
        screen.show(
            {"file": str(target), "bytes": size, "base": task.base},
            filled("{file} : {size} octet(s)", "{file}: {size} byte(s)", file=target, size=size),
        )


async def _give(office: Office, key: str, file: Path) -> None:
    arrival = office.transfers.arrival(key)
    opened = await asyncio.to_thread(file.open, "rb")
    try:
        while piece := await asyncio.to_thread(opened.read, CHUNK_BYTES):
            await arrival.give(piece)
    finally:
        opened.close()
    await arrival.give(None)


async def _ended(office: Office, key: str) -> Task:
    """Show how far it is until it has ended. Raises what it failed with."""
    meter = Meter()
    try:
        while (task := office.works.tasks.get(key)).state == "running":
            meter.say(f"{tr(*STEPS[task.lines[-1].step])} {progress(task.done, task.of)}")
            await asyncio.sleep(LOOK_SECONDS)
        await office.works.finished(key)
    finally:
        await office.works.close()
        meter.end()
    if task.state == "done":
        return task
    if task.state == "cancelled":
        raise CancelledRequestError("It was cancelled: nothing of it is left.")
    raise task.error() or InternalError("It was interrupted: do it again.")


def _take(office: Office, task: Task, target: Path) -> int:
    copy = office.works.tasks.path(task.key, COPY)
    size = _size(copy)
    if str(target) == "-":
        with copy.open("rb") as file:
            shutil.copyfileobj(file, sys.stdout.buffer)
        copy.unlink()
    else:
        shutil.move(copy, target)
    return size


def _size(file: Path) -> int:
    return file.stat().st_size


COMMANDS: Final = (upload, download)
"""What `hp base` has from here."""
