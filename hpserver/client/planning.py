"""A planning opened for reading and editing: a replica kept true, edits that survive a broken line. Knows no screen."""

import asyncio
import random
import secrets
from collections.abc import AsyncIterator, Sequence
from types import TracebackType
from typing import Final, Self

import msgspec

from hpserver.base.changes import Change, encode_changes
from hpserver.base.clashes import Clash
from hpserver.base.timetable import Item
from hpserver.client.line import NEW, A, Line, Progress
from hpserver.client.replica import Replica
from hpserver.client.school import School
from hpserver.errors import (
    BusyError,
    ClashError,
    ConflictError,
    ConnectionLostError,
    DeadlineExceededError,
    GoingAwayError,
    HPError,
    PlanningNotInServiceError,
    RemoteProtocolError,
    ResyncNeededError,
    SessionEndedError,
    TicketRefusedError,
)
from hpserver.net.dial import backoff
from hpserver.protocol import messages as m
from hpserver.protocol.limits import OPERATION_BYTES, REPLICA_BYTES
from hpserver.protocol.states import Role

COMES_BACK: Final = (
    ConnectionLostError,
    DeadlineExceededError,
    GoingAwayError,
    PlanningNotInServiceError,
    TicketRefusedError,
    BusyError,
)
"""After these the session connects again; anything else ends it."""

_clashes: msgspec.msgpack.Decoder[tuple[Clash, ...]] = msgspec.msgpack.Decoder(tuple[Clash, ...])
_items: msgspec.msgpack.Decoder[tuple[Item, ...]] = msgspec.msgpack.Decoder(tuple[Item, ...])
_places: msgspec.msgpack.Decoder[dict[int, int]] = msgspec.msgpack.Decoder(dict[int, int])


class ClashesError(ClashError):
    """The edit would clash; `clashes` say with whom, where and in which weeks."""

    def __init__(self, clashes: tuple[Clash, ...]) -> None:
        super().__init__(f"{len(clashes)} clashes", clashes=len(clashes))
        self.clashes = clashes


class ConflictsError(ConflictError):
    """Others changed the same fields meanwhile; `conflicts` have both values."""

    def __init__(self, conflicts: tuple[m.FieldConflict, ...]) -> None:
        fields = ", ".join(f"{one.kind} {one.key} {one.field}".strip() for one in conflicts)
        super().__init__(f"changed by others meanwhile: {fields}", conflicts=len(conflicts))
        self.conflicts = conflicts


class PlanningSession:
    """One user in one planning: `async with PlanningSession(school, "planning01") as planning`.

    While it is entered, a broken line is made anew with growing pauses, the replica resumes from its revision, and
    edits that wait for their answer are sent again with the same operation id: each is done once.
    """

    def __init__(self, school: School, planning: str, *, direct: bool = False) -> None:
        self._school, self._planning, self._direct = school, planning, direct
        self.replica: Replica | None = None
        self.entered: m.Entered | None = None
        self.failure: HPError | None = None
        """Why the session ended for good, when it did."""
        self.reconnections = 0
        self._name = secrets.token_bytes(REPLICA_BYTES)
        self._line: Line | None = None
        self._ready = asyncio.Event()
        self._waiters: list[tuple[int, asyncio.Future[None]]] = []
        self._events: list[asyncio.Queue[m.Message | None]] = []
        self._pushes: list[m.Message] = []
        self._following = False
        self._stale = False
        self._tasks: asyncio.TaskGroup | None = None
        self._keeper: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Enter and take a replica. Raises as the controller and the planning answer."""
        await self._enter()
        self._tasks = asyncio.TaskGroup()
        await self._tasks.__aenter__()
        self._keeper = self._tasks.create_task(self._keep_entered())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave."""
        assert self._tasks is not None
        assert self._keeper is not None
        self._keeper.cancel()
        if self._line is not None:
            await self._line.close()
        self._end(None)
        await self._tasks.__aexit__(None, None, None)

    # --- reading --------------------------------------------------------------------------------------------

    async def timetable(self, kind: str, key: int, week: int) -> tuple[Item, ...]:
        """The meetings of a resource in a week (index from 0), asked of the server."""
        answer = await self._ask(m.GetTimetable(NEW, 0, kind, key, week), m.Timetable)
        return _items.decode(answer.items)

    async def free_places(self, activity: int) -> dict[int, int]:
        """Where an activity could be: place to set of weeks."""
        answer = await self._ask(m.GetFreePlaces(NEW, 0, activity), m.FreePlaces)
        return _places.decode(answer.places)

    async def objects(self, kind: str, keys: Sequence[int]) -> m.Objects:
        """Rows by key, undecoded."""
        return await self._ask(m.GetObjects(NEW, 0, kind, tuple(keys)), m.Objects)

    async def presence(self) -> tuple[m.Present, ...]:
        """Who is here; from then on Came, Left and HoldsChanged are among the events."""
        return (await self._ask(m.GetPresence(NEW, 0), m.Presence)).present

    async def hold(self, kind: str, key: int) -> int:
        """Say that we work on an object; the session that holds it, ours or who came first."""
        return (await self._ask(m.Hold(NEW, 0, kind, key), m.Held)).holder

    async def release(self, kind: str, key: int) -> None:
        """Let an object go."""
        await self._ask(m.Release(NEW, 0, kind, key), m.Released)

    # --- editing --------------------------------------------------------------------------------------------

    async def edit(
        self, changes: Sequence[Change], *, force: bool = False, why: str = "", seen: int | None = None
    ) -> m.Committed:
        """Do all of the changes or nothing; returns once they are on the server's disk.

        A line that breaks meanwhile is waited for, and the same operation is sent again. `seen` is the revision the
        edit was made on, that of the replica by default.

        Raises:
            ClashesError: it would clash, and was not forced.
            ConflictsError: others changed the same fields.
            HPError: whatever else the server answers, or why the session ended.
        """
        request = self._transaction(changes, force=force, dry_run=False, why=why, seen=seen)
        while True:
            try:
                answer = await self._ask(request, m.Committed, m.Clashed, m.Conflicted)
            except (ConnectionLostError, DeadlineExceededError, GoingAwayError):
                await self._wait_ready()
                continue
            if isinstance(answer, m.Clashed):
                raise ClashesError(_clashes.decode(answer.clashes))
            if isinstance(answer, m.Conflicted):
                raise ConflictsError(answer.conflicts)
            assert isinstance(answer, m.Committed)
            return answer

    async def weigh(self, changes: Sequence[Change]) -> tuple[Clash, ...]:
        """The clashes that an edit would cause; nothing is done. Raises ConflictsError."""
        request = self._transaction(changes, force=False, dry_run=True, why="", seen=None)
        answer = await self._ask(request, m.Weighed, m.Conflicted)
        if isinstance(answer, m.Conflicted):
            raise ConflictsError(answer.conflicts)
        assert isinstance(answer, m.Weighed)
        return _clashes.decode(answer.clashes)

    # --- following ------------------------------------------------------------------------------------------

    async def wait_revision(self, revision: int) -> Replica:
        """The replica, once it has that revision. Raises why the session ended."""
        if self.failure is None and (self.replica is None or self.replica.revision < revision):
            future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiters.append((revision, future))
            await future
        if self.failure is not None:
            raise self.failure
        assert self.replica is not None
        return self.replica

    async def events(self) -> AsyncIterator[m.Message]:
        """Every push from now on, after the replica took it; ends with the session."""
        queue: asyncio.Queue[m.Message | None] = asyncio.Queue()
        self._events.append(queue)
        try:
            while (message := await queue.get()) is not None:
                yield message
        finally:
            self._events.remove(queue)

    # --- within ---------------------------------------------------------------------------------------------

    async def _ask(self, request: m.Request, *answers: type[A]) -> A:
        if not self._ready.is_set():
            await self._wait_ready()
        assert self._line is not None
        return await self._line.ask(request, *answers)

    def _transaction(
        self, changes: Sequence[Change], *, force: bool, dry_run: bool, why: str, seen: int | None
    ) -> m.Transact:  # fmt: skip
        assert self.replica is not None
        known = self.replica.revision if seen is None else seen
        operation = secrets.token_bytes(OPERATION_BYTES)
        return m.Transact(NEW, 0, operation, known, msgspec.Raw(encode_changes(changes)), force, dry_run, why)

    async def _wait_ready(self) -> None:
        if self._line is not None and not self._line.is_open:
            self._ready.clear()
        await self._ready.wait()
        if self.failure is not None:
            raise self.failure

    async def _enter(self, progress: Progress | None = None) -> None:
        opened = await self._school.open(self._planning)
        endpoint = opened.direct if self._direct else opened.endpoint
        self._pushes.clear()
        line = await Line.connect(
            endpoint.host, endpoint.port, self._school.credentials.context(), endpoint.server_name, Role.PLANNING,
            pushed=self._pushed,
        )  # fmt: skip
        try:
            await self._catch_up(line, opened, progress)
        except BaseException:
            line.abort()
            raise
        self._line = line
        self._ready.set()

    async def _catch_up(self, line: Line, opened: m.PlanningOpened, progress: Progress | None) -> None:
        replica = None if self._stale else self.replica
        epoch, revision = (replica.epoch, replica.revision) if replica is not None else (0, 0)
        self._following = False
        entered = await line.ask(m.Enter(NEW, 0, self._planning, opened.ticket, epoch, revision, self._name), m.Entered)
        self.entered = entered
        if replica is None or not entered.resumed:
            await self._take_snapshot(line, progress)
        self._following, self._stale = True, False
        self._wake()
        for message in list(self._pushes):
            self._take(message)
        self._pushes.clear()

    async def _take_snapshot(self, line: Line, progress: Progress | None) -> None:
        started, payload = await line.fetch(m.FetchSnapshot(NEW, 0), progress)
        self.replica = Replica.of_snapshot(payload, started.epoch, started.revision)
        await line.ask(m.Follow(NEW, 0, started.revision), m.Following)

    async def _keep_entered(self) -> None:
        while True:
            assert self._line is not None
            reason = await asyncio.shield(self._line.lost)  # our end must not look like the line's
            self._ready.clear()
            if not isinstance(reason, COMES_BACK):
                self._end(reason)
                return
            try:
                await self._come_back()
            except HPError as error:
                self._end(error)
                return

    async def _come_back(self) -> None:
        attempt = 0
        while True:
            await asyncio.sleep(backoff(attempt, random.random()))  # noqa: S311 - jitter, no secret
            try:
                await self._enter()
            except COMES_BACK:
                attempt += 1
            else:
                self.reconnections += 1
                return

    def _end(self, error: HPError | None) -> None:
        self.failure = error or self.failure or SessionEndedError("The session was left.")
        self._ready.set()
        for queue in self._events:
            queue.put_nowait(None)
        self._wake()

    def _pushed(self, message: m.Message) -> None:
        if self._following:
            self._take(message)
        else:
            self._pushes.append(message)

    def _take(self, message: m.Message) -> None:
        if isinstance(message, m.Delta):
            self._apply(message)
        elif isinstance(message, m.Behind) and self._tasks is not None:
            self._tasks.create_task(self._follow_again())
        for queue in self._events:
            queue.put_nowait(message)

    def _apply(self, delta: m.Delta) -> None:
        assert self.replica is not None
        try:
            self.replica.apply(delta)
        except (ResyncNeededError, RemoteProtocolError):
            self._stale = True
            if self._line is not None:
                self._line.abort()
            return
        self._wake()

    async def _follow_again(self) -> None:
        assert self._line is not None
        assert self.replica is not None
        try:
            await self._line.ask(m.Follow(NEW, 0, self.replica.revision), m.Following)
        except ResyncNeededError:
            await self._take_snapshot(self._line, None)
        except HPError:
            self._line.abort()

    def _wake(self) -> None:
        """Let go who waited for what the replica has now, or for nothing more."""
        reached = self.replica.revision if self.replica is not None else 0
        waiters, self._waiters = self._waiters, []
        for revision, future in waiters:
            if self.failure is None and revision > reached:
                self._waiters.append((revision, future))
            elif not future.done():
                future.set_result(None)
