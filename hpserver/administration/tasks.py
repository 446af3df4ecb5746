"""The long actions of an account: told to those whom they concern, and cancelled. Knows no work."""

from collections.abc import Mapping
from typing import Final

from hpserver.administration.case import Case, Office
from hpserver.administration.paging import page
from hpserver.directory.model import Assignment
from hpserver.errors import NotAllowedError, NotFoundError
from hpserver.hosting.tasks import Running, Task
from hpserver.hosting.transfers import is_for
from hpserver.identity.actor import Actor
from hpserver.protocol.catalogue import administration as w


async def list_tasks(office: Office, actor: Actor, wish: w.ListTasks) -> w.Tasks:
    """List them, the newest first; those that nobody does any more are told as interrupted from now on."""
    found = [one for one in await seen(office, actor) if not wish.after or one.key < wish.after]
    found = found[: wish.limit + 1]
    logins: dict[int, str] = {}
    if any(not one.who for one in found):  # a planning server knows whose upload it takes in by number
        logins = {one.key: one.login for one in await office.accounts.users(office.account)}
    rows = [_row(one, actor, logins) for one in found[: wish.limit]]
    kept, more = page(rows, wish.limit)
    return w.Tasks(kept, more or len(found) > len(rows))


async def cancel_task(office: Office, actor: Actor, wish: w.CancelTask) -> w.Done:
    """Cancel one; a process that was to start is wished stopped again."""
    task = next((one for one in await seen(office, actor) if one.key == wish.task), None)
    if task is None:
        raise NotFoundError(f"There is no task {wish.task!r}, or no more: `hp task list` shows those there are.")
    if task.state != "running" or not task.cancellable:
        raise NotAllowedError("This task cannot be cancelled: it is over, or nothing of it could be taken back.")
    if not task.subject:
        office.works.tasks.cancel(task)
        return w.Done()
    await office.accounts.directory.set_desired(task.subject, "down")
    Running(office.works.tasks, task).end("cancelled")
    return w.Done()


async def seen(office: Office, actor: Actor) -> list[Task]:
    """Return the actions of the account that concern who asks, the newest first."""
    found = await office.works.listed()
    if actor.may_all:
        return found
    theirs = await office.accounts.directory.list(Assignment, user=actor.user)
    keys = {one.planning for one in theirs if one.profile == "Administration"}
    names = {one.name for one in await office.accounts.plannings(office.account) if one.key in keys}
    return [one for one in found if one.user == actor.user or one.planning in names]


def _row(one: Task, actor: Actor, logins: Mapping[int, str]) -> w.TaskRow:
    return w.TaskRow(
        one.key, one.kind, one.who or logins.get(one.user, ""), one.planning, one.base,
        int(one.began * 1000), one.state, int(one.ended * 1000),
        one.done, one.of, one.code, one.text, dict(one.details),
        tuple((int(line.at * 1000), line.step) for line in one.lines),
        one.cancellable and one.state == "running", is_for(one, actor),
    )  # fmt: skip


CASES: Final[dict[type[w.Wish], Case]] = {
    w.ListTasks: Case(list_tasks, "base_admin", live=False),
    w.CancelTask: Case(cancel_task, "base_admin", event="task.cancelled", live=False),
}
