"""The Directory in one SQLite file that several processes write, through apsw."""

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Self, TypeVar

import apsw

from hpserver.directory.model import (
    Account,
    Address,
    Attempts,
    Desired,
    Device,
    Endpoint,
    Enrolment,
    Entity,
    Observed,
    Planning,
    User,
    controller_subject,
    planning_subject,
)
from hpserver.errors import AlreadyExistsError, EnrolmentRefusedError, HPError, LockedError, NotFoundError
from hpserver.store import ladders, nodes, sqlite_file
from hpserver.store.entities import checked, table
from hpserver.store.obstacles import opening
from hpserver.store.sqlite_thread import SqliteThread

KIND = "directory"
APPLICATION_ID = 0x68704431
"""`hpD1`: what `file` and SQLite see in the header of a directory."""

E = TypeVar("E", bound=Entity)
T = TypeVar("T")

_UNCOUNTED: dict[type[Entity], set[str]] = {Device: {"last_seen"}, User: {"last_sign_in"}, Address: {"at"}}
"""Fields that change all the time and wake no watcher."""

_SPEND = (
    "UPDATE enrolment SET uses = uses - 1, spent_at = ?"
    " WHERE ticket_hash = ? AND uses > 0 AND expires > ? AND (account = ? OR ? = '')"
)


class SqliteDirectory:
    """A `Directory` in the file `path`; see `hpserver.directory.api` for the promises.

    `clock` gives the Unix time by which nodes live and die; all processes of one machine share it.
    """

    def __init__(self, path: Path, *, vfs: str = "", clock: Callable[[], float] = time.time) -> None:
        self._path, self._vfs, self._clock = path, vfs, clock
        self._on_disk = not vfs and str(path) != ":memory:"
        self._thread = SqliteThread(f"directory {path.name}")

    @classmethod
    def in_memory(cls, clock: Callable[[], float] = time.time) -> Self:
        """Make one that keeps nothing and that nobody shares, for tests."""
        return cls(Path(":memory:"), clock=clock)

    async def open(self) -> None:
        """See `Directory.open`."""
        await self._thread.run(self._open)

    async def close(self) -> None:
        """See `Directory.close`."""
        await self._thread.stop()

    # --- what is hosted -----------------------------------------------------------------------------------

    async def add(self, entity: E) -> E:
        """See `Directory.add`."""
        return await self._write(lambda connection: _add(connection, entity))

    async def add_all(self, entities: Sequence[Entity]) -> tuple[Entity, ...]:
        """See `Directory.add_all`."""
        return await self._write(lambda connection: tuple(_add(connection, entity) for entity in entities))

    async def get(self, kind: type[E], *identity: str | int | bytes) -> E:
        """See `Directory.get`."""
        return await self._read(lambda connection: _get(connection, kind, identity))

    async def list(self, kind: type[E], **equal: str | int | bytes) -> tuple[E, ...]:
        """See `Directory.list`."""
        where = table(kind).select_equal(tuple(equal))
        values = tuple(equal.values())
        return await self._read(
            lambda connection: tuple(table(kind).entity(kind, row) for row in connection.execute(where, values))
        )

    async def change(self, kind: type[E], *identity: str | int | bytes, **fields: Any) -> E:
        """See `Directory.change`."""
        counted = not fields.keys() <= _UNCOUNTED.get(kind, set())
        return await self._write(lambda connection: _change(connection, kind, identity, fields), counted=counted)

    async def remove(self, kind: type[Entity], *identity: str | int | bytes) -> None:
        """See `Directory.remove`."""
        await self._write(lambda connection: _remove(connection, kind, identity))

    # --- secrets that may be spent ------------------------------------------------------------------------

    async def spend_enrolment(self, ticket_hash: bytes, now: float, account: str = "") -> Enrolment:
        """See `Directory.spend_enrolment`."""
        return await self._write(lambda connection: _spend(connection, ticket_hash, now, account))

    async def spend_attempt(
        self, keys: Mapping[str, Sequence[float]], now: float, tag: bytes = b""
    ) -> tuple[Attempts, ...]:  # fmt: skip
        """See `Directory.spend_attempt`."""
        spent = await self._write(lambda connection: ladders.spend(connection, keys, now, tag), counted=False)
        if isinstance(spent, LockedError):  # raised here: what was written must stay
            raise spent
        return spent

    async def reset_attempts(self, *keys: str) -> None:
        """See `Directory.reset_attempts`."""
        await self._write(lambda connection: ladders.reset(connection, keys), counted=False)

    async def attempts(self, key: str) -> Attempts:
        """See `Directory.attempts`."""
        return await self._read(lambda connection: ladders.read(connection, key))

    async def tried(self) -> tuple[tuple[str, float], ...]:
        """See `Directory.tried`."""
        return await self._read(ladders.tried)

    # --- what should run, and what runs -------------------------------------------------------------------

    async def set_desired(self, subject: str, desired: Desired) -> None:
        """See `Directory.set_desired`."""
        room, _, name = subject.partition(":")
        if room == "controller":
            await self.change(Account, name, desired=desired)
        elif room == "planning" and name.isdecimal():
            await self.change(Planning, int(name), desired=desired)
        else:
            raise NotFoundError(f"nothing can be started as {subject!r}", subject=subject)

    async def desired(self) -> dict[str, Desired]:
        """See `Directory.desired`."""

        def read(connection: apsw.Connection) -> dict[str, Desired]:
            with connection:  # one moment for both tables
                accounts = list(connection.execute("SELECT number, desired FROM account ORDER BY number"))
                plannings = list(connection.execute("SELECT key, desired FROM planning ORDER BY key"))
            return {
                **{controller_subject(number): wish for number, wish in accounts},
                **{planning_subject(key): wish for key, wish in plannings},
            }

        return await self._read(read)

    async def observe(self, *observed: Observed) -> None:
        """See `Directory.observe`."""

        def write(connection: apsw.Connection) -> None:
            for one in observed:
                _observe(connection, one)

        await self._write(write, counted=False)

    async def observed(self) -> dict[str, Observed]:
        """See `Directory.observed`."""
        return {one.subject: one for one in await self.list(Observed)}

    async def version(self) -> int:
        """See `Directory.version`."""
        return await self._read(_version)

    # --- nodes and who serves what ------------------------------------------------------------------------

    async def register_node(self, name: str, address: str = "127.0.0.1") -> int:
        """See `Directory.register_node`."""
        return await self._write(lambda connection: nodes.register(connection, name, address, self._clock()))

    async def heartbeat(self, name: str, incarnation: int) -> None:
        """See `Directory.heartbeat`."""
        await self._write(
            lambda connection: nodes.heartbeat(connection, name, incarnation, self._clock()), counted=False
        )

    async def claim(self, planning: int, name: str, incarnation: int) -> int:
        """See `Directory.claim`."""
        return await self._write(lambda connection: nodes.claim(connection, planning, name, incarnation, self._clock()))

    async def release(self, planning: int, epoch: int) -> None:
        """See `Directory.release`."""
        await self._write(lambda connection: nodes.release(connection, planning, epoch))

    async def reap(self) -> tuple[int, ...]:
        """See `Directory.reap`."""

        def work(connection: apsw.Connection) -> tuple[int, ...]:
            freed = nodes.reap(connection, self._clock())
            if freed:
                _count(connection)
            return freed

        return await self._write(work, counted=False)

    async def lookup(self, planning: int) -> Endpoint | None:
        """See `Directory.lookup`."""
        return await self._read(lambda connection: nodes.lookup(connection, planning, self._clock()))

    # --- everything below runs in the thread --------------------------------------------------------------

    async def _read(self, call: Callable[[apsw.Connection], T]) -> T:
        return await self._thread.run(lambda: call(self._thread.connection))

    async def _write(self, call: Callable[[apsw.Connection], T], *, counted: bool = True) -> T:
        def work() -> T:
            connection = self._thread.connection
            try:
                with sqlite_file.writing(connection):
                    answer = call(connection)
                    if counted:
                        _count(connection)
            except apsw.ConstraintError as error:
                raise _refusal(error) from error
            return answer

        return await self._thread.run(work)

    def _open(self) -> None:
        if self._thread.is_open:
            return
        if not self._on_disk:
            self._thread.adopt(self._connect())
            return
        with opening(self._path):
            sqlite_file.prepare(self._path)
            # Two processes that make one file at the same moment would find it busy or half made.
            with sqlite_file.locked(self._path.with_name(self._path.name + ".lock")):
                self._thread.adopt(self._connect())
                sqlite_file.sync_directory(self._path)

    def _connect(self) -> apsw.Connection:
        connection = sqlite_file.connect(self._path, vfs=self._vfs)
        try:
            sqlite_file.check_file(connection)
            with sqlite_file.writing(connection):
                sqlite_file.migrate(connection, KIND, APPLICATION_ID)
        except BaseException:
            sqlite_file.abandon(connection)
            raise
        return connection


def _add(connection: apsw.Connection, entity: E) -> E:
    kind = type(entity)
    made = checked(entity, {})
    connection.execute(table(kind).insert, table(kind).values(made))
    if table(kind).numbered:
        return _get(connection, kind, (connection.last_insert_rowid(),))
    return made


def _get(connection: apsw.Connection, kind: type[E], identity: tuple[str | int | bytes, ...]) -> E:
    row = connection.execute(table(kind).select_one, identity).fetchone()
    if row is None:
        raise NotFoundError(f"there is no such {table(kind).name}", kind=table(kind).name)
    return table(kind).entity(kind, row)


def _change(
    connection: apsw.Connection,
    kind: type[E],
    identity: tuple[str | int | bytes, ...],
    fields: dict[str, Any],
) -> E:
    changed = checked(_get(connection, kind, identity), fields)
    if fields:
        values = [table(kind).value(name, getattr(changed, name)) for name in fields]
        connection.execute(table(kind).update(tuple(fields)), (*values, *identity))
    return changed


def _remove(connection: apsw.Connection, kind: type[Entity], identity: tuple[str | int | bytes, ...]) -> None:
    connection.execute(table(kind).delete, identity)
    if connection.changes() == 0:
        raise NotFoundError(f"there is no such {table(kind).name}", kind=table(kind).name)


def _spend(connection: apsw.Connection, ticket_hash: bytes, now: float, account: str) -> Enrolment:
    connection.execute(_SPEND, (now, ticket_hash, now, account, account))
    if connection.changes() != 1:
        raise EnrolmentRefusedError("the enrolment ticket is unknown, spent or too old")
    return _get(connection, Enrolment, (ticket_hash,))


def _observe(connection: apsw.Connection, observed: Observed) -> None:
    rows = table(Observed)
    before = connection.execute(rows.select_one, (observed.subject,)).fetchone()
    made = checked(observed, {})
    connection.execute(rows.replace, rows.values(made))
    if before is None or _story(rows.entity(Observed, before)) != _story(made):
        _count(connection)


def _story(observed: Observed) -> tuple[str, int, int, str]:
    return observed.state, observed.pid, observed.epoch, observed.reason


def _count(connection: apsw.Connection) -> None:
    connection.execute("UPDATE version SET number = number + 1")


def _version(connection: apsw.Connection) -> int:
    return int(connection.execute("SELECT number FROM version").get)


def _refusal(error: apsw.ConstraintError) -> Exception:
    code = getattr(error, "extendedresult", 0)
    if code == apsw.SQLITE_CONSTRAINT_FOREIGNKEY:
        return _named(NotFoundError, error)
    if code in {
        apsw.SQLITE_CONSTRAINT_UNIQUE,
        apsw.SQLITE_CONSTRAINT_PRIMARYKEY,
        apsw.SQLITE_CONSTRAINT_ROWID,
        apsw.SQLITE_CONSTRAINT_TRIGGER,
    }:
        return AlreadyExistsError(_taken(str(error)), what=str(error).rpartition(": ")[2])
    return ValueError(str(error))


def _taken(text: str) -> str:
    """Say what SQLite found twice as people do: of `user.account, user.login`, the login."""
    columns = [one.rpartition(".")[2] for one in text.rpartition(": ")[2].split(", ")]
    return f"the {' and '.join(columns[1:] or columns)} is taken already"


def _named(kind: type[HPError], error: apsw.ConstraintError) -> HPError:
    return kind(str(error), what=str(error).rpartition(": ")[2])
