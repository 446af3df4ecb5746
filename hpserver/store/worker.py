"""One thread that owns one database connection. Knows nothing of what it runs."""

import asyncio
import contextlib
from collections.abc import Callable
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, TypeVar

T = TypeVar("T")

_Job = tuple[Callable[[], Any], asyncio.AbstractEventLoop, "asyncio.Future[Any]"]


class Worker:
    """Runs calls one after the other in its own thread; started by the first one.

    `after` runs in the thread once the caller has its answer. `idle` runs there when nothing was asked for
    `idle_after` seconds, once until the next call. Neither may raise.
    """

    def __init__(
        self,
        name: str,
        after: Callable[[], None] = lambda: None,
        idle: Callable[[], None] = lambda: None,
        idle_after: float = 2.0,
    ) -> None:
        self._name, self._after, self._idle, self._idle_after = name, after, idle, idle_after
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._thread: Thread | None = None

    async def run(self, call: Callable[[], T]) -> T:
        """Run `call` in the thread: one hand-over there, one back. A cancelled caller does not stop it."""
        if self._thread is None:
            # A daemon: killed in the middle of a transaction it loses nothing that was promised.
            self._thread = Thread(target=self._work, name=self._name, daemon=True)
            self._thread.start()
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._jobs.put((call, loop, future))
        return await future

    def stop(self) -> None:
        """Let the thread end after what was asked before, and wait for it. Safe twice and before `run`."""
        if self._thread is not None:
            self._jobs.put(None)
            self._thread.join()
            self._thread = None

    def _work(self) -> None:
        tired = False
        while True:
            try:
                job = self._jobs.get(timeout=None if tired else self._idle_after)
            except Empty:
                tired = True
                self._idle()
                continue
            if job is None:
                return
            tired = False
            _carry_out(job)
            del job
            self._after()


def _carry_out(job: _Job) -> None:
    call, loop, future = job
    answer: Any = None
    failure: BaseException | None = None
    try:
        answer = call()
    except BaseException as error:  # noqa: BLE001 - it is the caller's, and is raised there
        failure = error
    with contextlib.suppress(RuntimeError):  # the loop was closed: nobody waits for the answer any more
        loop.call_soon_threadsafe(_settle, future, answer, failure)


def _settle(future: "asyncio.Future[Any]", answer: object, failure: BaseException | None) -> None:
    if future.done():
        return
    if failure is None:
        future.set_result(answer)
    else:
        future.set_exception(failure)
