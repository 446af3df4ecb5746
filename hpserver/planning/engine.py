"""A planning as a pure machine: a stimulus in, a list of effects out. Knows no socket, clock or database.

Durable before visible: a transaction is tried on the base in memory, then waits for the disk together with every
answer that could have seen it (the gate). What the disk has kept is acknowledged first, then told to everybody.
"""

from collections import deque
from collections.abc import Callable
from typing import Final

from hpserver.base.planning import Planning
from hpserver.errors import (
    ForeignPlanningError,
    GoingAwayError,
    HPError,
    InternalError,
    NotAllowedError,
    ResyncNeededError,
    SessionEndedError,
)
from hpserver.identity.tickets import Admission, TicketBook
from hpserver.planning import queries
from hpserver.planning.accepting import Accepting
from hpserver.planning.effects import (
    Broadcast,
    Checkpoint,
    Close,
    Effect,
    Gather,
    Mishap,
    Persist,
    Read,
    Receive,
    Send,
    Transfer,
    WakeAt,
)
from hpserver.planning.feed import Feed, Feeds, View
from hpserver.planning.history import History
from hpserver.planning.limits import CHECKPOINT_EVERY, COALESCE_SECONDS, MAX_BATCH
from hpserver.planning.presence import Presence
from hpserver.planning.rights import access_of
from hpserver.planning.session import Session
from hpserver.planning.stimuli import (
    Admitted,
    CaughtUp,
    Closed,
    Drained,
    FellBehind,
    Forgotten,
    Gathered,
    Heard,
    NotPersisted,
    Persisted,
    Recalled,
    Stimulus,
    Ticked,
)
from hpserver.planning.undo import WISHES
from hpserver.protocol import messages as m
from hpserver.protocol.refusal import refusal


class Engine:
    """One planning in service: its base, its sessions, its history. `now` is monotonic seconds, `at_ms` UTC."""

    def __init__(self, planning: Planning, history: History, *, account: str, name: str, base: str, epoch: int) -> None:
        self.planning, self.history = planning, history
        self.presence, self.tickets = Presence(), TicketBook(account, name, epoch)
        self.account, self.name, self.base, self.epoch = account, name, base, epoch
        self.durable = self.announced = self._checkpointed = self._viewed = history.head
        self.accepting = Accepting(planning, history, epoch)
        self._feeds, self._pace = Feeds(Feed(planning, history, epoch)), self.accepting.pace
        self._undurable, self._waiting = self.accepting.undurable, self.accepting.waiting
        self._gate: deque[tuple[int, Heard | None, list[Effect]]] = deque()
        self._writing = self._gathering = self._patient = self._wake_asked = self._leaving = False
        self._flushed_at = float("-inf")
        self._mishaps = 0

    @property
    def head(self) -> int:
        """The newest revision in memory; the disk may still be writing it."""
        return self.history.head

    @property
    def last_entry_ms(self) -> int:
        """UTC milliseconds of the last accepted transaction, 0 for none."""
        return self.accepting.last_entry_ms

    def handle(self, stimulus: Stimulus, now: float, at_ms: int) -> list[Effect]:
        """What is to be done about it, in order."""
        effects: list[Effect] = self._HANDLERS[type(stimulus)](self, stimulus, now, at_ms)
        if self._waiting and not self._writing:
            effects += self._gather(now)
        return effects

    def maybe_answer(self, session: int, message: m.Message) -> m.Answer | None:
        """The answer to a question of a session that was asked before, if no disk is waited for; else see `handle`."""
        asking = None if self._undurable else self.presence.sessions.get(session)
        return None if asking is None else asking.feed.answers.maybe_kept(self.history.head, message)

    # --- sessions -------------------------------------------------------------------------------------------

    def _heard(self, heard: Heard, now: float, at_ms: int) -> list[Effect]:
        message = heard.message
        session = self.presence.sessions.get(heard.session)
        try:
            if session is None:
                return self._enter(heard, now)
            session.access.may_ask(self.planning, message)
            if type(message) in self._ASKS:
                return self._through_gate(heard, self._answer(session, message, at_ms))
            return self._STEPS[type(message)](self, session, message, now)
        except HPError as error:
            return [Send(heard.session, refusal(getattr(message, "id", 0), error))]
        except Exception as error:  # noqa: BLE001 - a fault that one request brings to light is no reason to leave all
            return self._mishap(heard.session, message, error)

    def _mishap(self, session: int, message: object, error: Exception) -> list[Effect]:
        """A fault of the program: logged under a number, which is all that who asked is told."""
        noted = self._noted(session, type(message).__name__, error)
        told = InternalError(f"internal error, number {noted.number}: nothing was changed", number=noted.number)
        return [noted, Send(session, refusal(getattr(message, "id", 0), told))]

    def _noted(self, session: int, request: str, error: Exception) -> Mishap:
        self._mishaps += 1
        return Mishap(f"{self.epoch}-{self._mishaps}", session, request, error)

    def _enter(self, heard: Heard, now: float) -> list[Effect]:
        request = heard.message
        if not isinstance(request, m.Enter):
            raise NotAllowedError("enter the planning first")
        if request.planning != self.name:
            raise ForeignPlanningError(f"this server serves {self.name}, not {request.planning}", planning=self.name)
        if self._leaving:
            raise GoingAwayError("this server is leaving: ask the controller again")
        bearer = self.tickets.spend(request.ticket, heard.thumbprint, request.planning, now)
        author = request.replica.hex() or f"{self.epoch}.{heard.session}"
        access = access_of(bearer.profile, bearer.rights)
        feed = self._feeds.of(access.sight, {one.feed for one in self.presence.sessions.values()})
        session = Session(heard.session, bearer, f"{bearer.login}/{author}", access, feed)
        effects = self._flush(now) + self.presence.came(session)
        resumed = feed.may_resume(request.sight, request.epoch, request.revision, self.announced)
        here = (session.number, self.epoch, self.announced, self.name, self.base)
        answer = m.Entered(request.id, *here, session.profile, resumed, feed.digest)
        effects.append(Send(session.number, answer))
        return effects + self._catch_up(session, request.revision) if resumed else effects

    def _closed(self, closed: Closed, *_: object) -> list[Effect]:
        return self.presence.left(closed.session)

    def _admitted(self, admitted: Admitted, now: float, *_: object) -> list[Effect]:
        self.tickets.admit(admitted.admission, now)
        return []

    def bearers(self) -> list[Session | Admission]:
        """Return who is inside, and who holds a ticket."""
        return [*self.presence.sessions.values(), *self.tickets.waiting()]

    def concerned(self, gone: Forgotten) -> list[Session]:
        """Return the sessions that are to end."""
        who = self.presence.of(user=gone.user, thumbprint=gone.thumbprint, but=gone.but)
        return [one for one in who if gone.session in {0, one.number}]

    def _forgotten(self, forgotten: Forgotten, _now: float, _at_ms: int) -> list[Effect]:
        if not forgotten.session:
            self.tickets.forget(forgotten.user, forgotten.thumbprint, forgotten.but)
        error = SessionEndedError(forgotten.why or "this user or device is no longer trusted here")
        return [Close(session.number, error) for session in self.concerned(forgotten)]

    def _drained(self, drained: Drained, now: float, _at_ms: int) -> list[Effect]:
        self._leaving = True
        bye = m.GoAway(GoingAwayError.code, GoingAwayError.__name__, drained.delay_ms)
        return [*self._flush(now), *(Send(session, bye) for session in self.presence.sessions)]

    # --- following ------------------------------------------------------------------------------------------

    def _follow(self, session: Session, request: m.Follow, now: float) -> list[Effect]:
        effects = self._flush(now)
        if not session.feed.within_reach(request.revision, self.announced):  # what was flushed is to be told
            late = ResyncNeededError(f"revision {request.revision} is not within reach: take a snapshot")
            return [*effects, Send(session.number, refusal(request.id, late))]
        following = Send(session.number, m.Following(request.id, request.revision))
        return [*effects, following, *self._catch_up(session, request.revision)]

    def _catch_up(self, session: Session, revision: int) -> list[Effect]:
        self.presence.follow(session)
        return [Send(session.number, delta) for delta in session.feed.deltas(revision, self.announced)]

    def _fell_behind(self, behind: FellBehind, _now: float, _at_ms: int) -> list[Effect]:
        session = self.presence.sessions.get(behind.session)
        if session is not None and session.following:
            self.presence.unfollow(session)
            session.behind, session.heard = True, self.announced
        return []

    def _caught_up(self, caught_up: CaughtUp, _now: float, _at_ms: int) -> list[Effect]:
        session = self.presence.sessions.get(caught_up.session)
        if session is None or not session.behind:
            return []
        session.behind = False
        return [Send(session.number, m.Behind(session.heard))]

    def _ticked(self, _ticked: Ticked, now: float, _at_ms: int) -> list[Effect]:
        self._wake_asked = False
        return self._flush(now) + self.presence.expire(now)

    def _announce(self, now: float) -> list[Effect]:
        if now - self._flushed_at >= COALESCE_SECONDS:
            return self._flush(now)
        if self._wake_asked:
            return []
        self._wake_asked = True
        return [WakeAt(self._flushed_at + COALESCE_SECONDS)]

    def _flush(self, now: float) -> list[Effect]:
        if self.announced == self.durable:
            return []
        since, self.announced, self._flushed_at = self.announced, self.durable, now
        effects = list[Effect]()
        for feed, those in self.presence.audiences():
            if feed.is_told(since, self.durable):
                effects += [Broadcast(those, delta) for delta in feed.deltas(since, self.durable)]
            else:
                effects += self._left_behind(those, since)
        return effects

    def _left_behind(self, those: tuple[int, ...], since: int) -> list[Effect]:
        """What was done fits no frame: who follows asks to follow again, and is told to take a snapshot."""
        for number in those:
            self.presence.unfollow(self.presence.sessions[number])
        return [Broadcast(those, m.Behind(since))]

    # --- asking and changing --------------------------------------------------------------------------------

    def _through_gate(self, heard: Heard, effects: list[Effect]) -> list[Effect]:
        if not self._undurable:
            return effects
        self._gate.append((self.head, heard, effects))
        return []

    def _answer(self, session: Session, message: m.Message | Recalled, at_ms: int) -> list[Effect]:
        """What was asked for, or the refusal: both may come of what the disk has not kept yet."""
        try:
            return self._ASKS[type(message)](self, session, message, at_ms)
        except HPError as error:
            return [Send(session.number, refusal(getattr(message, "id", 0), error))]
        except Exception as error:  # noqa: BLE001 - as in `_heard`; what an edit had tried was taken back
            return self._mishap(session.number, message, error)

    def _query(self, session: Session, request: m.Request, _at_ms: int) -> list[Effect]:
        return [Send(session.number, session.feed.answers.answer(self.head, request))]

    def _fetch(self, session: Session, request: m.FetchSnapshot, _at_ms: int) -> list[Effect]:
        return [Transfer(session.number, request.id, self.epoch, *session.feed.recent_snapshot())]

    def _transact(self, session: Session, request: m.Transact, at_ms: int) -> list[Effect]:
        return self._told(session, self.accepting.transact(session, request, self.durable, at_ms))

    def _read(self, session: Session, request: m.Request, _at_ms: int) -> list[Effect]:
        """Look it up in the journal, once the disk has all that there is now."""
        if isinstance(request, m.GetChanges) and isinstance(session.feed, View):
            return [Send(session.number, session.feed.changes(request))]
        done = self.accepting.maybe_done(session, request)
        return [Send(session.number, done) if done else Read(session.number, request, session.login, self.head)]

    def _recalled(self, recalled: Recalled, _now: float, at_ms: int) -> list[Effect]:
        session = self.presence.sessions.get(recalled.session)
        if session is None:
            return []
        if recalled.done is not None:
            self.accepting.learn(recalled.done, recalled.request)
        heard = Heard(session.number, session.thumbprint, recalled.request)
        return self._through_gate(heard, self._answer(session, recalled, at_ms))

    def _conclude(self, session: Session, recalled: Recalled, at_ms: int) -> list[Effect]:
        """Answer what the journal was needed for; ask it again when too much was done meanwhile."""
        if recalled.error is not None:
            raise recalled.error
        if self.accepting.is_outdated(session, recalled):
            return [Read(session.number, recalled.request, session.login, self.head)]
        return self._told(session, self.accepting.conclude(session, recalled, self.durable, at_ms))

    def _receive(self, session: Session, request: m.Request, _now: float) -> list[Effect]:
        return [Receive(session.number, session.user, request)]

    def _told(self, session: Session, answer: m.Message) -> list[Effect]:
        """The answer to a wish, once the views know what it did."""
        if self.head > self._viewed:
            self._viewed = self.head
            return [*self._unseen(self._feeds.follow(self._undurable[-1])), Send(session.number, answer)]
        return [Send(session.number, answer)]

    def _unseen(self, failed: dict[Feed, Exception]) -> list[Effect]:
        """Log the views that failed and send away who read them: who comes back reads a new one."""
        effects: list[Effect] = []
        for feed, error in failed.items():
            noted = self._noted(0, type(feed).__name__, error)
            told = InternalError(f"internal error, number {noted.number}: open the planning again")
            effects.append(noted)
            effects += [Close(one.number, told) for one in self.presence.sessions.values() if one.feed is feed]
        return effects

    # --- the disk -------------------------------------------------------------------------------------------

    def _gather(self, now: float) -> list[Effect]:
        """Ask to be told when to begin a batch; begin once everybody is there who was waited for."""
        patience = self._pace.patience(now)
        if self._gathering:
            return [self._next_batch(now)] if self._patient and not patience else []
        self._gathering, self._patient = True, patience > 0
        return [Gather(patience)]

    def _gathered(self, _gathered: Gathered, now: float, _at_ms: int) -> list[Effect]:
        return [self._next_batch(now)] if self._waiting and not self._writing else []

    def _next_batch(self, now: float) -> Persist:
        self._writing, self._gathering = True, False
        self._pace.started(now)
        return Persist(tuple(self._waiting.popleft() for _ in range(min(len(self._waiting), MAX_BATCH))))

    def _persisted(self, persisted: Persisted, now: float, _at_ms: int) -> list[Effect]:
        while self.durable < persisted.revision:
            self._undurable.popleft()
            self.durable += 1
        self._writing, effects = False, list[Effect]()
        while self._gate and self._gate[0][0] <= self.durable:
            effects += self._gate.popleft()[2]
        self._pace.ended(now)
        if self._waiting and not self._pace.patience(now):
            effects.append(self._next_batch(now))
        effects += self._announce(now)
        if self.durable - self._checkpointed >= CHECKPOINT_EVERY:
            try:
                checkpoint = self.checkpoint()
            except Exception as error:  # noqa: BLE001 - the journal alone says everything
                return [*effects, self._noted(0, "checkpoint", error)]
            if self._undurable:  # writers never pause: it is kept when the disk has all that is in it
                self._gate.append((checkpoint.revision, None, [checkpoint]))
            else:
                effects.append(checkpoint)
        return effects

    def checkpoint(self) -> Checkpoint:
        """A snapshot of what is in memory; to be kept once the disk has all of it."""
        self._checkpointed = self.head
        return Checkpoint(*self._feeds.whole.new_snapshot())

    def _not_persisted(self, refused: NotPersisted, now: float, at_ms: int) -> list[Effect]:
        """Take back everything tried since, then answer each of those again, in order, as if just heard."""
        while self._undurable:
            self.planning.revert(self._undurable.pop())
        self.history.drop_after(self.durable)
        effects = self._unseen(self._feeds.start_again(self.durable))
        self._viewed = self.durable
        heard = [gated[1] for gated in self._gate if gated[1] is not None]
        self._checkpointed = min(self._checkpointed, self.durable)
        self._gate.clear()
        self._waiting.clear()
        self._writing = False
        if refused.done is not None:
            self.history.done[refused.operation] = refused.done
        for one in heard:
            if isinstance(one.message, WISHES) and refused.done is None:
                effects.append(Send(one.session, refusal(one.message.id, refused.error)))
            elif one.session in self.presence.sessions:
                effects += self._heard(one, now, at_ms)
        return effects

    _HANDLERS: Final[dict[type[Stimulus], Callable[..., list[Effect]]]] = {
        Heard: _heard,
        Closed: _closed,
        Admitted: _admitted,
        Gathered: _gathered,
        Persisted: _persisted,
        NotPersisted: _not_persisted,
        Recalled: _recalled,
        FellBehind: _fell_behind,
        CaughtUp: _caught_up,
        Ticked: _ticked,
        Forgotten: _forgotten,
        Drained: _drained,
    }

    _ASKS: Final[dict[type, Callable[..., list[Effect]]]] = {
        **dict.fromkeys(queries.ANSWERS, _query),
        m.FetchSnapshot: _fetch,
        m.Transact: _transact,
        Recalled: _conclude,
        **dict.fromkeys((m.Undo, m.Redo, m.RestoreObject, m.AcceptBranch, m.GetTimeline, m.GetChanges), _read),
    }

    _STEPS: Final[dict[type[m.Message], Callable[..., list[Effect]]]] = {
        m.Follow: _follow,
        m.GetPresence: lambda self, session, request, _now: self.presence.look(session, request),
        m.Hold: lambda self, session, request, now: self.presence.hold(session, request, now),
        m.Release: lambda self, session, request, _now: self.presence.release(session, request),
        **dict.fromkeys((m.StartUpload, m.UploadChunk, m.FinishUpload, m.CancelUpload, m.ListBases), _receive),
        **dict.fromkeys((m.ListBranches, m.CompareBranch, m.UpdateBranch, m.DropBranch), _receive),
    }
