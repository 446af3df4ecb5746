"""One SQLite connection in one thread, with the errors of the house. Knows no table."""

import contextlib
from collections.abc import Callable
from typing import TypeVar

import apsw

from hpserver.errors import HPError, OutcomeUnknownError, StoreError
from hpserver.store import sqlite_file
from hpserver.store.worker import Worker

T = TypeVar("T")


class SqliteThread:
    """Runs calls against a connection in its own thread, and keeps its WAL low between them.

    After a failure of the disk, or damage, every call raises `OutcomeUnknownError`, and closing writes nothing.
    """

    def __init__(self, name: str) -> None:
        self._connection: apsw.Connection | None = None
        self._tide: sqlite_file.Tide | None = None
        self._failure: HPError | None = None
        self._worker = Worker(name, after=self._ebb, idle=self._drain)

    async def run(self, call: Callable[[], T]) -> T:
        """Run `call` in the thread; its database and operating system errors become ours."""
        return await self._worker.run(lambda: self._guarded(call))

    async def stop(self, last: Callable[[], None] = lambda: None) -> None:
        """Close the connection, run `last`, end the thread. Safe twice and before `run`."""

        def finish() -> None:
            try:
                self._close()
            finally:
                last()

        try:
            await self._worker.run(finish)
        finally:
            self._worker.stop()

    # --- for the calls, in the thread ---------------------------------------------------------------------

    @property
    def is_open(self) -> bool:
        """Whether a connection was adopted and not closed."""
        return self._connection is not None

    @property
    def connection(self) -> apsw.Connection:
        """The adopted connection. Raises StoreError when there is none."""
        if self._connection is None:
            raise StoreError("the store is not open")
        return self._connection

    def adopt(self, connection: apsw.Connection) -> None:
        """Own an open connection from now on."""
        self._connection, self._tide = connection, sqlite_file.Tide(connection)

    def _guarded(self, call: Callable[[], T]) -> T:
        if self._failure is not None:
            raise OutcomeUnknownError(f"the store stopped: {self._failure.text}")
        try:
            return call()
        except apsw.Error as error:
            raise self._noted(sqlite_file.translated(error)) from error
        except OSError as error:
            raise self._noted(sqlite_file.translated_os(error)) from error
        except HPError as error:
            self._noted(error)
            raise

    def _noted(self, failure: HPError) -> HPError:
        if sqlite_file.is_fatal(failure):
            self._failure = failure
        return failure

    def _close(self) -> None:
        connection, self._connection, self._tide = self._connection, None, None
        if connection is None:
            return
        if self._failure is None:
            with contextlib.suppress(apsw.Error):  # no room to empty the WAL: it keeps what was promised
                connection.close()
        sqlite_file.abandon(connection)

    def _ebb(self) -> None:
        if self._tide is not None:
            self._keep_low(self._tide.ebb)

    def _drain(self) -> None:
        if self._tide is not None:
            self._keep_low(self._tide.drain)

    def _keep_low(self, work: Callable[[], None]) -> None:
        if self._failure is None:
            try:
                work()
            except apsw.Error as error:
                self._noted(sqlite_file.translated(error))
