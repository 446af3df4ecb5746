"""The long actions of an account, from a shell: how they go, what they say, and their end."""

import asyncio
from typing import Any, Final

import click
import msgspec

from hpserver.cli.office.deed import Ask, Deed, every_row
from hpserver.cli.screen import Screen, instant, is_french, told_value, tr
from hpserver.cli.words.tasks import KINDS, STATES, STEPS, failure, progress
from hpserver.errors import NotFoundError
from hpserver.protocol.catalogue import administration as w

LOOKS: Final = 40
"""How often it is looked whether a task that was cancelled has ended: for ten seconds."""

LOOK_SECONDS: Final = 0.25


async def list_tasks(screen: Screen, ask: Ask, *, everything: bool) -> None:
    """List the long actions that are under way; with --all those that ended within a week too."""
    rows = [one for one in await _every(ask) if everything or one.state == "running"]
    if screen.json:
        screen.table([msgspec.structs.asdict(one) for one in rows], {})
        return
    titles = {
        "key": tr("Tâche", "Task"), "kind": tr("Quoi", "What"), "planning": "Planning", "base": "Base",
        "who": tr("Qui", "Who"), "began": tr("Depuis", "Since"), "state": tr("État", "State"),
        "progress": tr("Avancement", "Progress"),
    }  # fmt: skip
    screen.table([_shown(one) for one in rows], titles)


async def show_task(screen: Screen, ask: Ask, task: str) -> None:
    """Show one long action: who began it, what it came to, and its end."""
    one = await _one(ask, task)
    lines = [f"{told_value(instant(at / 1000))}  {tr(*STEPS[step])}" for at, step in one.lines]
    shown = _shown(one)
    if one.ended:
        lines.append(f"{told_value(instant(one.ended / 1000))}  {shown['state']}")
    title = f"{shown['kind']}  {one.planning} {one.base}".rstrip()
    screen.show(msgspec.structs.asdict(one), "\n".join([title, *lines]))


async def cancel_task(screen: Screen, ask: Ask, task: str) -> None:
    """Cancel a long action; nothing of it is left."""
    await ask(w.CancelTask(task))
    for _ in range(LOOKS):
        one = await _one(ask, task)
        if one.state != "running":
            break
        await asyncio.sleep(LOOK_SECONDS)
    screen.show({"task": task, "state": one.state}, str(_shown(one)["state"]))


async def _every(ask: Ask) -> list[w.TaskRow]:
    found: list[w.TaskRow] = await every_row(ask, lambda last: w.ListTasks(last.key if last else ""))
    return found


async def _one(ask: Ask, task: str) -> w.TaskRow:
    for one in await _every(ask):
        if one.key == task:
            return one
    raise NotFoundError(f"There is no task {task!r}, or no more: `hp task list --all` shows those there are.")


def _shown(one: w.TaskRow) -> dict[str, Any]:
    why = failure(one.code, one.text, one.details, french=is_french())
    state = tr(*STATES[one.state]) + (f" ({why})" if why else "")
    return msgspec.structs.asdict(one) | {
        "kind": tr(*KINDS.get(one.kind, (one.kind, one.kind))), "began": instant(one.began / 1000), "state": state,
        "progress": progress(one.done, one.of) if one.state == "running" else "",
    }  # fmt: skip


_task = click.argument("task")

TASKS: Final = (
    Deed(
        "list",
        list_tasks,
        (click.option("--all", "everything", is_flag=True, help="Those that ended within a week too."),),
    ),
    Deed("show", show_task, (_task,)),
    Deed("cancel", cancel_task, (_task,)),
)
"""What `hp task` has."""
