"""Wishes about the long actions of an account: how they go, and their end. Knows shapes only."""

from typing import Annotated

import msgspec

from hpserver.protocol.catalogue.administration.wish import MAX_PAGE, Outcome, PageSize, Wish

TaskKey = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f-]*$", max_length=32)]


class ListTasks(Wish, frozen=True, tag="tasks.list"):
    """Which long actions are under way, and which ended within a week? The newest first. Answered by `tasks`.

    A base administrator hears of their own, and of those about plannings they administer.

    Attributes:
        after: the task after which to begin; empty for the newest.
        limit: how many at most.
    """

    after: TaskKey = ""
    limit: PageSize = MAX_PAGE


class CancelTask(Wish, frozen=True, tag="tasks.cancel"):
    """Stop a long action, and leave nothing of it. Answered by `done`, before it has stopped.

    Attributes:
        task: which.
    """

    task: TaskKey


class TaskRow(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One long action.

    Attributes:
        key: what names it.
        kind: the wish that began it, or `bases.import`, `bases.restore`, `bases.transfer`, `bases.backup`,
            `bases.verify` for a command of the server.
        who: the login of who began it, the hosting number for the manager, `operator` for the server's own.
        planning: the planning it is about; empty for none.
        base: the base it is about; empty for none.
        began: when, UTC in milliseconds since 1970.
        state: `running`, `done`, `failed`, `cancelled`, or `interrupted` when the process that did it ended.
        ended: when; 0 while it runs.
        done: bytes that were dealt with in this step.
        of: bytes that there are; 0 when that is not known.
        code: of the error it failed with; 0 for none.
        text: of that error.
        details: of that error.
        lines: what it came to and when, in milliseconds: `wished`, `receiving`, `checking`, `writing`, `ready`.
        cancellable: whether it can be cancelled now.
        file: whether who asks may fetch what it made.
    """

    key: str
    kind: str
    who: str
    planning: str
    base: str
    began: int
    state: str
    ended: int
    done: int
    of: int
    code: int
    text: str
    details: dict[str, str | int]
    lines: tuple[tuple[int, str], ...]
    cancellable: bool
    file: bool


class Tasks(Outcome, frozen=True, tag="tasks"):
    """Long actions of an account.

    Attributes:
        rows: the actions, the newest first.
        more: whether there are others after these.
    """

    rows: tuple[TaskRow, ...]
    more: bool


class Begun(Outcome, frozen=True, tag="begun"):
    """A long action has begun.

    Attributes:
        task: what names it.
    """

    task: str
