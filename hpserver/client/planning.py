"""A planning opened for reading and editing: a replica kept true, edits that survive a broken line. Knows no screen."""

import asyncio
import secrets
import weakref
from collections.abc import Sequence
from functools import partial
from types import TracebackType
from typing import Final, Self

import msgspec

from hpserver.base.changes import Change, encode_changes
from hpserver.base.clashes import Clash
from hpserver.base.rules.api import Breach
from hpserver.base.timetable import Item
from hpserver.client.events import Events, Revisions
from hpserver.client.line import NEW, A, Line, Progress
from hpserver.client.reconnecting import announced, comes_back, pause
from hpserver.client.refusals import ClashesError, ConflictsError, Judgement
from hpserver.client.replica import Replica
from hpserver.client.school import School
from hpserver.client.uploading import Uploading
from hpserver.client.writing import Writing, an_operation, draw
from hpserver.errors import (
    ConnectionLostError,
    GoingAwayError,
    HPError,
    RemoteProtocolError,
    ResyncNeededError,
    SessionEndedError,
)
from hpserver.protocol import messages as m
from hpserver.protocol.limits import REPLICA_BYTES
from hpserver.protocol.states import Role

_OF_THE_LINE: Final = (ConnectionLostError, GoingAwayError)
"""What keeps any request from being answered, whatever it asks."""

_clashes: msgspec.msgpack.Decoder[tuple[Clash, ...]] = msgspec.msgpack.Decoder(tuple[Clash, ...])
_breaches: msgspec.msgpack.Decoder[tuple[Breach, ...]] = msgspec.msgpack.Decoder(tuple[Breach, ...])
_items: msgspec.msgpack.Decoder[tuple[Item, ...]] = msgspec.msgpack.Decoder(tuple[Item, ...])
_places: msgspec.msgpack.Decoder[dict[int, int]] = msgspec.msgpack.Decoder(dict[int, int])


__all__ = ["ClashesError", "ConflictsError", "Judgement", "PlanningSession"]


class PlanningSession(Writing, Uploading):
    """One user in one planning: `async with PlanningSession(school, "planning01") as planning`.

    While it is entered, a broken line is made anew with growing pauses, the replica resumes from its revision, and
    edits that wait for their answer are sent again with the same operation id: each is done once. A call waits as long
    as the planning is away: put it in `asyncio.timeout` to give up earlier.

    `replica` is another object after a snapshot had to be taken again: ask the session for it each time. `progress` is
    told the bytes received and the bytes in all while a snapshot comes. `direct` uses the planning's own port.
    """

    def __init__(
        self, school: School, planning: str, *, direct: bool = False, progress: Progress | None = None
    ) -> None:  # fmt: skip
        self._school, self._planning, self._direct, self._progress = school, planning, direct, progress
        self.replica: Replica | None = None
        self.entered: m.Entered | None = None
        self.failure: HPError | None = None
        """Why the session ended for good, when it did."""
        self.reconnections = 0
        self._author = secrets.token_bytes(REPLICA_BYTES)
        self._line: Line | None = None
        self._elsewhere: m.Endpoint | None = None
        self._ready = asyncio.Event()
        self._news = asyncio.Event()
        self._revisions = Revisions()
        self._events: weakref.WeakSet[Events] = weakref.WeakSet()
        self._early: list[m.Message] | None = None
        self._round = 0
        self._stale = self._behind = self._sees_others = False
        self._holds: set[tuple[str, int]] = set()
        self._tasks: asyncio.TaskGroup | None = None
        self._keeper: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Enter and take a replica. Raises as the controller and the planning answer; a session is entered once."""
        if self._tasks is not None or self.failure is not None:
            raise SessionEndedError("a planning session is entered once: make another one")
        await self._enter()
        self._tasks = asyncio.TaskGroup()
        await self._tasks.__aenter__()
        self._keeper = self._tasks.create_task(self._keep_entered(), name=f"keep {self._planning}")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave."""
        await self.aclose()

    async def aclose(self) -> None:
        """Leave: what still waits is told SessionEndedError. Safe to repeat, and before entering."""
        if self._keeper is not None:
            self._keeper.cancel()
        self._end(SessionEndedError("The session was left."))
        tasks, self._tasks = self._tasks, None
        line, self._line = self._line, None
        try:
            if line is not None:
                await line.close()
        finally:
            if tasks is not None:
                await tasks.__aexit__(None, None, None)

    @property
    def profile(self) -> str:
        """The user's profile in this planning. Raises why the session ended before it was entered."""
        if self.entered is None:
            raise self.failure or SessionEndedError("enter the planning first")
        return self.entered.profile

    @property
    def sees_everything(self) -> bool:
        """Whether the replica is the whole base, not what the profile lets see of it."""
        return self.entered is not None and not self.entered.sight

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

    async def ask(self, request: m.Request, *answers: type[A]) -> A:
        """Ask what has no method here, such as `Searches`: again on the next line when one breaks."""
        return await self._ask(request, *answers)

    async def presence(self) -> tuple[m.Present, ...]:
        """Who is here; from then on Came, Left and HoldsChanged are among the events.

        After a broken line a whole `Presence` is among them: sessions have other numbers then.
        """
        self._sees_others = True
        return (await self._ask(m.GetPresence(NEW, 0), m.Presence)).present

    async def hold(self, kind: str, key: int, *, seconds: int = 0) -> int:
        """Say that we work on an object; the session that holds it, ours or who came first.

        It is asked for again after a broken line, until it is released; with `seconds` (1 to 60) it ends by itself.
        """
        (self._holds.discard if seconds else self._holds.add)((kind, key))
        return (await self._ask(m.Hold(NEW, 0, kind, key, seconds), m.Held)).holder

    async def release(self, kind: str, key: int) -> None:
        """Let an object go."""
        self._holds.discard((kind, key))
        await self._ask(m.Release(NEW, 0, kind, key), m.Released)

    # --- editing --------------------------------------------------------------------------------------------

    async def edit(
        self, changes: Sequence[Change], *, force: bool = False, why: str = "", seen: int | None = None
    ) -> m.Committed:
        """Do all of the changes or nothing; returns once they are on the server's disk.

        A line that breaks meanwhile is waited for, and the same operation is sent again. `seen` is the revision the
        edit was made on, that of the replica by default. A call that is cancelled may have been done all the same.

        Raises:
            ClashesError: it would clash, and was not forced.
            ConflictsError: others changed the same fields.
            HPError: whatever else the server answers, or why the session ended.
        """
        return await self._write(self._transaction(changes, force=force, dry_run=False, why=why, seen=seen))

    async def weigh(self, changes: Sequence[Change]) -> tuple[Clash, ...]:
        """The clashes that an edit would cause; nothing is done. Raises ConflictsError."""
        return (await self.judge(changes)).clashes

    async def judge(self, changes: Sequence[Change]) -> Judgement:
        """The clashes, broken rules and cost that an edit would cause; nothing is done. Raises ConflictsError."""
        request = self._transaction(changes, force=False, dry_run=True, why="", seen=None)
        answer = await self._ask(request, m.Weighed, m.Conflicted)
        if isinstance(answer, m.Conflicted):
            raise ConflictsError(answer.conflicts)
        assert isinstance(answer, m.Weighed)
        return Judgement(_clashes.decode(answer.clashes), _breaches.decode(answer.breaches), answer.cost)

    # --- following ------------------------------------------------------------------------------------------

    async def wait_revision(self, revision: int) -> Replica:
        """The replica, once it has that revision. Raises why the session ended."""
        if self.failure is None and (self.replica is None or self.replica.revision < revision):
            await self._revisions.wait(revision)
        if self.failure is not None:
            raise self.failure
        assert self.replica is not None
        return self.replica

    def events(self) -> Events:
        """Every push from now on, after the replica took it; ends with the session."""
        events = Events()
        if self.failure is not None:
            events.end()
        else:
            self._events.add(events)
        return events

    # --- within ---------------------------------------------------------------------------------------------

    async def _ask(self, request: m.Request, *answers: type[A]) -> A:
        """Ask once there is a line, and again on the next one when it breaks: nothing here is harmed by that."""
        while True:
            line = await self._entered_line()
            try:
                return await line.ask(request, *answers)
            except HPError as error:
                if not comes_back(error) or (line.is_open and not isinstance(error, _OF_THE_LINE)):
                    raise
                if line.is_open:
                    await asyncio.sleep(pause(0, draw()))

    async def _entered_line(self) -> Line:
        """The line, once there is one. Raises why the session ended."""
        while self.failure is None:
            if self._line is not None and self._line.is_open:
                return self._line
            self._ready.clear()
            self._news.set()
            await self._ready.wait()
        raise self.failure

    def _seen(self) -> int:
        if self.replica is None:
            raise self.failure or SessionEndedError("enter the planning first")
        return self.replica.revision

    def _transaction(
        self, changes: Sequence[Change], *, force: bool, dry_run: bool, why: str, seen: int | None
    ) -> m.Transact:  # fmt: skip
        known = self._seen() if seen is None else seen
        return m.Transact(NEW, 0, an_operation(), known, msgspec.Raw(encode_changes(changes)), force, dry_run, why)

    # --- coming in ------------------------------------------------------------------------------------------

    async def _enter(self) -> None:
        opened = await self._school.open(self._planning)
        usual = opened.direct if self._direct else opened.endpoint
        endpoint, self._elsewhere = self._elsewhere or usual, None  # tried once: then it is the controller who knows
        self._early, self._round, self._behind = [], self._round + 1, False
        line = await Line.connect(
            endpoint.host, endpoint.port, self._school.context, endpoint.server_name, Role.PLANNING,
            pushed=partial(self._pushed, self._round),
        )  # fmt: skip
        try:
            await self._catch_up(line, opened)
        except BaseException:
            self._elsewhere = line.leave.endpoint if line.leave is not None else None
            line.abort()
            raise
        if self.failure is not None:
            line.abort()
            raise self.failure
        self._line = line
        line.lost.add_done_callback(lambda _: self._news.set())
        self._ready.set()
        self._news.set()

    async def _catch_up(self, line: Line, opened: m.PlanningOpened) -> None:
        replica = None if self._stale else self.replica
        epoch, revision, sight = (replica.epoch, replica.revision, replica.sight) if replica else (0, 0, b"")
        wish = m.Enter(NEW, 0, self._planning, opened.ticket, epoch, revision, self._author, sight)
        before, self.entered = self.entered, await line.ask(wish, m.Entered)
        other = before is not None and before.base != self.entered.base  # another one was loaded meanwhile
        if replica is None or other or not self.entered.resumed:
            await self._take_snapshot(line)
        self._stale = False
        await self._show_again(line)
        early, self._early = self._early or [], None
        assert self.replica is not None
        self._revisions.reached(self.replica.revision)
        for message in early:
            self._take(message)

    async def _take_snapshot(self, line: Line) -> None:
        started, payload = await line.fetch(m.FetchSnapshot(NEW, 0), self._progress)
        assert self.entered is not None
        self.replica = Replica.of_snapshot(payload, started.epoch, started.revision, self.entered.sight)
        await line.ask(m.Follow(NEW, 0, started.revision), m.Following)

    async def _show_again(self, line: Line) -> None:
        """Ask again for what ended with the last session: to see the others, and what we hold."""
        if self._sees_others:
            present = await line.ask(m.GetPresence(NEW, 0), m.Presence)
            for events in list(self._events):
                events.put(present)
        for kind, key in sorted(self._holds):
            await line.ask(m.Hold(NEW, 0, kind, key), m.Held)

    # --- staying in -----------------------------------------------------------------------------------------

    async def _keep_entered(self) -> None:
        """Until the end: come back when the line is gone or the server leaves, follow again when we were too slow."""
        try:
            while self.failure is None:
                await self._news.wait()
                self._news.clear()
                line = self._line
                if line is None:
                    return
                if not line.is_open:
                    await self._leave(line)
                    await self._come_back()
                elif self._stale:
                    line.abort()
                elif self._behind:
                    await self._follow_again(line)
        except HPError as error:
            self._end(error)

    async def _leave(self, line: Line) -> None:
        """Wait until a line is gone, or for as long as a leaving server wishes. Raises what ends the session."""
        self._ready.clear()
        if line.leave is not None and not line.lost.done():
            self._elsewhere = line.leave.endpoint
            await asyncio.sleep(line.back_at - asyncio.get_running_loop().time())
        await line.close()
        reason = line.lost.result()
        if line.leave is None and not comes_back(reason):
            raise reason

    async def _come_back(self) -> None:
        attempt, asked = 0, 0.0
        while True:
            await asyncio.sleep(pause(attempt, draw(), asked))
            try:
                await self._enter()
            except HPError as error:
                if not comes_back(error):
                    raise
                self._stale = self._stale or isinstance(error, ResyncNeededError)
                attempt, asked = attempt + 1, announced(error)
            else:
                self.reconnections += 1
                return

    async def _follow_again(self, line: Line) -> None:
        assert self.replica is not None
        self._behind = False
        try:
            await line.ask(m.Follow(NEW, 0, self.replica.revision), m.Following)
        except HPError as error:
            self._stale = isinstance(error, ResyncNeededError)
            line.abort()

    def _end(self, error: HPError) -> None:
        self.failure = self.failure or error
        self._ready.set()
        self._news.set()
        for events in list(self._events):
            events.end()
        self._revisions.end()

    # --- what is pushed -------------------------------------------------------------------------------------

    def _pushed(self, number: int, message: m.Message) -> None:
        if number != self._round or self.failure is not None:
            return  # of a line that was left
        if self._early is not None:
            self._early.append(message)
        else:
            self._take(message)

    def _take(self, message: m.Message) -> None:
        if isinstance(message, m.Delta):
            self._apply(message)
        elif isinstance(message, m.Behind | m.GoAway):
            self._behind = self._behind or isinstance(message, m.Behind)
            self._news.set()
        for events in list(self._events):
            events.put(message)

    def _apply(self, delta: m.Delta) -> None:
        assert self.replica is not None
        if self._stale:
            return
        try:
            self.replica.apply(delta)
        except (ResyncNeededError, RemoteProtocolError):
            self._stale = True
            self._news.set()
            return
        self._revisions.reached(self.replica.revision)
