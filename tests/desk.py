"""A planning at work without network or disk: an Engine whose disk answers when the test says so.

desk = Desk(a_school(30))
ada = desk.enter("ada")
desk.tell(ada, transact(1, update("activity", 4, memo="x")))
desk.sync()                       # the disk has kept everything
desk.heard(ada)                   # what she was told since the last call
"""

from collections import defaultdict
from collections.abc import Coroutine
from hashlib import sha256
from typing import Any, NoReturn, TypeVar

import msgspec

from hpserver.base.changes import Change, decode_changes, encode_changes
from hpserver.base.planning import Planning
from hpserver.errors import HPError, NotFoundError
from hpserver.hosting.recalling import recall
from hpserver.identity.profiles import Rights, built_in
from hpserver.identity.tickets import Admission, ticket_hash
from hpserver.planning.effects import (
    Broadcast,
    Checkpoint,
    Close,
    Draft,
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
from hpserver.planning.engine import Engine
from hpserver.planning.feed import Feed
from hpserver.planning.history import History
from hpserver.planning.rights import Access
from hpserver.planning.session import Session
from hpserver.planning.stimuli import Admitted, Gathered, Heard, Persisted, Recalled, Stimulus
from hpserver.protocol import messages as m
from hpserver.store.api import JournalRow
from hpserver.store.memory import MemoryBase, MemoryStore
from tests.histories import GRID

T = TypeVar("T")

ACCOUNT, NAME, EPOCH = "123456789012", "planning01", 3


class Desk:
    """Drives one engine. `disk` holds what was persisted, `waiting` the batch the disk is writing."""

    def __init__(self, planning: Planning, *, revision: int = 0, epoch: int = EPOCH) -> None:
        history = History(revision, epoch)
        self.engine = Engine(planning, history, account=ACCOUNT, name=NAME, base="Base", epoch=epoch)
        self.now = 100.0
        self.disk: list[Draft] = []
        self.waiting: Persist | None = None
        self.effects: list[Effect] = []
        self.closed: dict[int, HPError] = {}
        self.checkpoints: list[Checkpoint] = []
        self._inbox: defaultdict[int, list[m.Message]] = defaultdict(list)
        self._transfers: defaultdict[int, list[Transfer]] = defaultdict(list)
        self._sessions = 0
        self._operations = 0

    def feed(self, stimulus: Stimulus) -> list[Effect]:
        """Give a stimulus and carry out what can be: the disk waits for `sync`."""
        effects = self.engine.handle(stimulus, self.now, int(self.now * 1000))
        self.effects += effects
        for effect in effects:
            self._do(effect)
        return effects

    def admit(
        self, login: str, *, profile: str = "Modification", user: int = 0, ttl: float = 30.0,
        rights: Rights | None = None,
    ) -> bytes:  # fmt: skip
        """Admit somebody with a fresh ticket, which is returned. Her certificate is `thumbprint(login)`."""
        self._sessions += 1
        ticket = sha256(f"{login}{self._sessions}".encode()).digest()
        number = user or self._sessions
        expires = self.now + ttl
        admission = Admission(
            ticket_hash(ticket), thumbprint(login), ACCOUNT, number, login, login.title(), NAME,
            self.engine.epoch, expires, profile, rights or built_in(profile),
        )  # fmt: skip
        self.feed(Admitted(admission))
        return ticket

    def enter(
        self,
        login: str,
        *,
        profile: str = "Modification",
        epoch: int = 0,
        revision: int = 0,
        user: int = 0,
        replica: bytes = b"",
        rights: Rights | None = None,
        sight: bytes = b"",
    ) -> int:
        """Let somebody in and return the session."""
        ticket = self.admit(login, profile=profile, user=user, rights=rights)
        session = self._sessions
        self.feed(Heard(session, thumbprint(login), m.Enter(1, 0, NAME, ticket, epoch, revision, replica, sight)))
        return session

    def follow(self, login: str, *, profile: str = "Modification", rights: Rights | None = None) -> int:
        """Let somebody in who follows from now on, and forget the answers."""
        session = self.enter(login, profile=profile, rights=rights)
        self.tell(session, m.Follow(2, 0, self.engine.announced))
        self.heard(session)
        return session

    def tell(self, session: int, message: m.Message) -> list[Effect]:
        """Have an entered session say something."""
        present = self.engine.presence.sessions.get(session)
        print_of = present.thumbprint if present is not None else b""
        return self.feed(Heard(session, print_of, message))

    def transact(
        self, request: int, *changes: Change, seen: int | None = None, force: bool = False, dry_run: bool = False,
        operation: bytes = b"", why: str = "",
    ) -> m.Transact:  # fmt: skip
        """A request to change, having seen everything unless said otherwise."""
        self._operations += 1
        drawn = operation or sha256(f"operation{self._operations}".encode()).digest()[:16]
        raw = msgspec.Raw(encode_changes(changes))
        known = self.engine.durable if seen is None else seen
        return m.Transact(request, 0, drawn, known, raw, force, dry_run, why)

    def sync(self) -> None:
        """Let the disk finish all that waits, batch after batch."""
        while self.waiting is not None:
            self.keep()

    def keep(self) -> None:
        """Let the disk finish the batch it is writing."""
        assert self.waiting is not None, "the disk is idle"
        batch, self.waiting = self.waiting, None
        self.disk += batch.drafts
        self.feed(Persisted(batch.drafts[-1].revision))

    def heard(self, session: int) -> list[m.Message]:
        """What was said to a session since the last call."""
        return self._inbox.pop(session, [])

    def transfers(self, session: int) -> list[Transfer]:
        """The transfers to a session since the last call."""
        return self._transfers.pop(session, [])

    def recall(self, read: Read) -> Recalled:
        """What the disk says for a request; a desk begins with an empty journal."""
        base = MemoryBase()
        base.snapshots[0] = b""
        drafts = enumerate(self.disk, start=1)
        base.rows = [JournalRow(n, self.engine.epoch, d.operation, d.at_ms, d.user, 1, d.body) for n, d in drafts]
        store = MemoryStore(base)
        at_once(store.open())
        return at_once(recall(store, read, self.engine.epoch, _no_branch))

    def _do(self, effect: Effect) -> None:
        if isinstance(effect, Gather):
            self.feed(Gathered())
        elif isinstance(effect, Persist):
            assert self.waiting is None, "one batch at a time"
            self.waiting = effect
        elif isinstance(effect, Read):
            self.feed(self.recall(effect))
        elif isinstance(effect, Send):
            self._inbox[effect.session].append(effect.message)
        elif isinstance(effect, Broadcast):
            for session in effect.sessions:
                self._inbox[session].append(effect.message)
        elif isinstance(effect, Transfer):
            self._transfers[effect.session].append(effect)
        elif isinstance(effect, Close):
            self.closed[effect.session] = effect.error
        elif isinstance(effect, Checkpoint):
            self.checkpoints.append(effect)
        else:
            assert isinstance(effect, WakeAt | Receive | Mishap)


async def _no_branch(request: m.AcceptBranch) -> NoReturn:
    raise NotFoundError(f"there is no branch {request.branch!r}")


def at_once(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run what never waits: the store is in memory."""
    try:
        coroutine.send(None)
    except StopIteration as done:
        result: T = done.value
        return result
    raise AssertionError("it waited")


def a_session(number: int, bearer: Admission, author: str) -> Session:
    """Somebody who spent a ticket, on a base without rows."""
    access = Access(bearer.profile, built_in(bearer.profile))
    return Session(number, bearer, author, access, NO_FEED)


NO_FEED = Feed(Planning(GRID), History(0, EPOCH), EPOCH)


def thumbprint(login: str) -> bytes:
    """The digest that stands for somebody's certificate."""
    return sha256(login.encode()).digest()


def replay(planning: Planning, deltas: list[m.Message]) -> None:
    """Apply to a replica what was pushed to it."""
    for delta in deltas:
        if isinstance(delta, m.Delta):
            for transaction in delta.transactions:
                planning.replay(decode_changes(bytes(transaction.changes)))
