"""What a command does at length, told where everybody looks (`hp task list`, the console), and cancelled from there."""

import asyncio
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from hpserver.cli.running import interruptible
from hpserver.config import find_paths, read_settings
from hpserver.directory.model import Account
from hpserver.errors import HPError
from hpserver.hosting.accounts import Accounts
from hpserver.hosting.tasks import Kind, Running, Step, Tasks
from hpserver.identity.actor import OPERATOR

LOOK_SECONDS: Final = 0.25
"""Between two looks whether somebody wants it to stop."""


@contextmanager
def told(
    tasks: Tasks | None, kind: Kind, *, planning: str = "", base: str = "", step: Step = "writing", keep: bool = True
) -> Iterator[None]:
    """Tell what is done inside the block, if it is of an account; a cancel ends it as Ctrl+C does, and leaves nothing.

    Without `keep`, what ended well is not told any more.
    """
    if tasks is None:
        yield
        return
    running = tasks.begin(kind, OPERATOR, planning=planning, base=base, step=step)
    over = threading.Event()
    watching = threading.Thread(target=_watch, args=(running, over), daemon=True)
    try:
        with interruptible():
            watching.start()
            yield
    except HPError as error:
        running.end("failed", error)
        raise
    except (KeyboardInterrupt, asyncio.CancelledError):
        running.end("cancelled")
        raise
    except BaseException:
        running.end("interrupted")
        raise
    else:
        running.end("done")
        if not keep:
            tasks.forget(running.task)
    finally:
        over.set()
        watching.join()


def tasks_of(accounts: Accounts, account: Account) -> Tasks:
    """Return the tasks of an account."""
    return Tasks(accounts.paths.tasks / account.number)


def tasks_of_backup(file: Path) -> Tasks | None:
    """Return the tasks of the account whose backup a file is; None when it is none of this installation's."""
    with suppress(HPError, OSError, ValueError):
        paths = find_paths()
        chosen = read_settings(paths).backups.folder
        folder = (Path(chosen) if chosen else paths.backups).resolve()
        return Tasks(paths.tasks / file.resolve().relative_to(folder).parts[0])
    return None


def _watch(running: Running, over: threading.Event) -> None:
    while not over.wait(LOOK_SECONDS):
        if running.is_cancelled:
            os.kill(os.getpid(), signal.SIGINT)
            return
