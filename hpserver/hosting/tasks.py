"""The long actions of an account: each is a file that says how it goes, beside a lock of who does it. Knows none.

The kernel lets go of the lock however its holder ends: what is said to run and has no holder was interrupted, and
whoever looks next says so. Nothing else remembers what runs, so no two faces can differ.
"""

import contextlib
import fcntl
import os
import re
import secrets
import time
from pathlib import Path
from typing import Final, Literal, TypeAlias

import msgspec

from hpserver.directory.model import Desired
from hpserver.directory.model import State as Service
from hpserver.errors import HPError, NotFoundError
from hpserver.hosting.staging import system_errors
from hpserver.identity.actor import Actor
from hpserver.store.sqlite_file import DIRECTORY_MODE, FILE_MODE

Kind: TypeAlias = Literal[
    "controller.start", "controller.stop", "plannings.start", "plannings.stop", "bases.create", "bases.load",
    "bases.upload", "bases.export", "bases.import", "bases.restore", "bases.transfer", "bases.backup", "bases.verify",
]  # fmt: skip
State: TypeAlias = Literal["running", "done", "failed", "cancelled", "interrupted"]
Step: TypeAlias = Literal["wished", "receiving", "checking", "writing", "ready"]

KEPT_SECONDS: Final = 7 * 86_400.0
"""For how long what has ended is told: whoever comes back after a week asks the audit log."""

MOST_KEPT: Final = 200
"""Actions that are told of one account; of more the oldest are forgotten."""

COPY_SECONDS: Final = 3_600.0
"""For how long a copy waits to be fetched: it is all that is known of a school."""

PROGRESS_SECONDS: Final = 0.5
"""Between two writings of how far it is: pages look four times a second."""

MOST_LINES: Final = 100
"""Lines of what one action says of itself."""

STAMP_NS: Final = 50_000_000
"""How much older than now a stamp is before it says that nothing was told since: a folder's clock ticks at 4 ms."""

TASK: Final = ".task"
LOCK: Final = ".lock"
CANCEL: Final = ".cancel"
COPY: Final = ".hpx"

_KEY: Final = re.compile(r"[0-9a-f]{14}-[0-9a-f]{8}")


class Line(msgspec.Struct, frozen=True, array_like=True):
    """What an action came to, and when, in Unix seconds."""

    at: float
    step: Step


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """One long action, as it is told. Instants are Unix seconds.

    `done` of `of` are bytes. With a `subject` the process of that name does it, and the agent says how it ended. Of a
    failure, `code` and `text` are those of the error.
    """

    key: str
    kind: Kind
    user: int
    who: str
    began: float
    planning: str = ""
    base: str = ""
    subject: str = ""
    cancellable: bool = True
    state: State = "running"
    ended: float = 0.0
    done: int = 0
    of: int = 0
    code: int = 0
    text: str = ""
    details: dict[str, str | int] = msgspec.field(default_factory=dict)
    lines: tuple[Line, ...] = ()
    file: bool = False

    def error(self) -> HPError | None:
        """Return why it failed, None when it did not."""
        if not self.code and not self.text:
            return None
        error = HPError.by_code.get(self.code, HPError)(self.text)
        error.details = dict(self.details)
        return error


_tasks: Final = msgspec.json.Decoder(Task)


class Tasks:
    """The actions of one account, in `folder`; all processes of the machine share it. Calls are short, and block."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._seen: tuple[int, list[Task]] = (0, [])

    def begin(
        self, kind: Kind, actor: Actor, *, planning: str = "", base: str = "", subject: str = "",
        cancellable: bool = True, step: Step = "wished",
    ) -> "Running":  # fmt: skip
        """Tell of an action from now on. Raises StoreFullError, StoreError."""
        now = time.time()
        key = f"{int(now * 1_000_000):014x}-{secrets.token_hex(4)}"
        task = Task(
            key=key, kind=kind, user=actor.user, who=actor.login, began=now, planning=planning, base=base,
            subject=subject, cancellable=cancellable, lines=(Line(now, step),),
        )  # fmt: skip
        with system_errors():
            self.folder.mkdir(mode=DIRECTORY_MODE, parents=True, exist_ok=True)
            self._forget_old(now)
            return Running(self, task)

    def listed(self) -> list[Task]:
        """Return what is told, the newest first; read again when anything was told since."""
        stamp = self.stamp()
        if stamp and stamp == self._seen[0]:
            return list(self._seen[1])
        files = self.folder.glob(f"*{TASK}") if stamp else ()
        found = [one for file in files if (one := self._maybe(file.name.removesuffix(TASK))) is not None]
        found.sort(key=lambda one: one.key, reverse=True)
        if time.time_ns() > stamp + STAMP_NS:
            self._seen = (stamp, found)
        return list(found)

    def get(self, key: str) -> Task:
        """Return one. Raises NotFoundError."""
        found = self._maybe(key) if _KEY.fullmatch(key) else None
        if found is None:
            raise NotFoundError(f"There is no task {key!r}, or no more: `hp task list` shows those there are.")
        return found

    def cancel(self, task: Task) -> None:
        """Have who does it stop, and leave nothing of it; nothing happens to what has ended."""
        if task.state == "running" and self.path(task.key, LOCK).exists():
            with system_errors():
                self.path(task.key, CANCEL).touch(FILE_MODE)

    def forget(self, task: Task) -> None:
        """Tell no more of what has ended."""
        self.leave_nothing(task)
        for suffix in (LOCK, CANCEL, TASK):
            self.path(task.key, suffix).unlink(missing_ok=True)

    def settle(self) -> list[Task]:
        """Say of what nobody does any more that it was interrupted, and remove copies nobody fetched; return those."""
        found, now = [], time.time()
        for task in self.listed():
            if task.state == "running" and not task.subject and (gone := self._maybe_abandoned(task, now)):
                found.append(gone)
            elif task.file and (task.ended < now - COPY_SECONDS or not self.path(task.key, COPY).exists()):
                self.path(task.key, COPY).unlink(missing_ok=True)
                self.keep(msgspec.structs.replace(task, file=False))
        return found

    def stamp(self) -> int:
        """Return a number that is another one when anything was told since: cheap enough to ask every moment."""
        with contextlib.suppress(FileNotFoundError):
            return self.folder.stat().st_mtime_ns
        return 0

    def path(self, key: str, suffix: str) -> Path:
        """Name a file of an action."""
        return self.folder / f"{key}{suffix}"

    def keep(self, task: Task) -> None:
        """Write what is told of an action: all of it, or what was told before."""
        file = self.path(task.key, TASK)
        aside = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
        with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, FILE_MODE), "wb") as opened:
            opened.write(msgspec.json.encode(task))
        aside.replace(file)

    def leave_nothing(self, task: Task) -> None:
        """Remove what an action that made nothing had begun to write."""
        copy = self.path(task.key, COPY)
        for file in (copy, copy.with_name(f".{copy.name}.new")):
            file.unlink(missing_ok=True)

    # --- within ---------------------------------------------------------------------------------------------

    def _maybe(self, key: str) -> Task | None:
        with contextlib.suppress(FileNotFoundError, msgspec.MsgspecError):
            return _tasks.decode(self.path(key, TASK).read_bytes())
        return None

    def _maybe_abandoned(self, task: Task, now: float) -> Task | None:
        """Write that it was interrupted when nobody has its lock: whoever ends it writes first, then lets go."""
        lock = self.path(task.key, LOCK)
        with contextlib.ExitStack() as held:
            with contextlib.suppress(FileNotFoundError):
                descriptor = os.open(lock, os.O_RDONLY | os.O_CLOEXEC)
                held.callback(os.close, descriptor)
                try:
                    fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
                except BlockingIOError:
                    return None
            last = self._maybe(task.key)
            if last is None or last.state != "running":
                return None
            gone = msgspec.structs.replace(last, state="interrupted", ended=now)
            self.leave_nothing(gone)
            self.keep(gone)
            for suffix in (LOCK, CANCEL):
                self.path(task.key, suffix).unlink(missing_ok=True)
            return gone

    def _forget_old(self, now: float) -> None:
        ended = [one for one in self.listed() if one.state != "running"]
        for at, one in enumerate(ended):
            if at >= MOST_KEPT or one.ended < now - KEPT_SECONDS:
                self.forget(one)


class Running:
    """One action, for who does it. It is over with `end`, or with this process."""

    def __init__(self, tasks: Tasks, task: Task) -> None:
        self.tasks, self.task = tasks, task
        self._written = time.monotonic()
        self._lock = -1
        if not task.subject:
            mode = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
            self._lock = os.open(tasks.path(task.key, LOCK), mode, FILE_MODE)
            fcntl.flock(self._lock, fcntl.LOCK_EX)
        tasks.keep(task)

    @property
    def copy(self) -> Path:
        """Where what it makes for others to fetch is."""
        return self.tasks.path(self.task.key, COPY)

    @property
    def is_cancelled(self) -> bool:
        """Whether somebody wants it to stop."""
        return self.tasks.path(self.task.key, CANCEL).exists()

    def step(self, step: Step) -> None:
        """Say what it came to."""
        lines = (*self.task.lines, Line(time.time(), step))[-MOST_LINES:]
        self._told(done=0, of=0, lines=lines)

    def progress(self, done: int, of: int) -> None:
        """Say how far it is; not each time is written."""
        if time.monotonic() >= self._written + PROGRESS_SECONDS:
            self._told(done=done, of=of)

    def end(self, state: State, error: HPError | None = None, *, file: bool = False) -> Task:
        """Say how it ended, and let go of it."""
        if self.task.state != "running":
            return self.task
        if not file:
            self.tasks.leave_nothing(self.task)
        failed = error if state == "failed" else None
        told = {"code": failed.code, "text": failed.text, "details": dict(failed.details)} if failed is not None else {}
        self._told(state=state, ended=time.time(), file=file, **told)
        for suffix in (LOCK, CANCEL):
            self.tasks.path(self.task.key, suffix).unlink(missing_ok=True)
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1
        return self.task

    def _told(self, **fields: object) -> None:
        self.task = msgspec.structs.replace(self.task, **fields)
        self._written = time.monotonic()
        self.tasks.keep(self.task)


def served(task: Task, wish: Desired, state: Service) -> State | None:
    """Return how an action on a process ended by what is wished and what is; None while it goes on."""
    starts = task.kind.endswith(".start")
    if starts != (wish == "up"):
        return "cancelled"
    if state == "failed":
        return "failed" if starts else "done"
    return "done" if state == ("live" if starts else "stopped") else None
