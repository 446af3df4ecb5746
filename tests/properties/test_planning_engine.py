"""A planning at work under every order of events: people edit, the disk keeps or refuses, lines break, servers die.

What is on the disk is the truth; everything that anybody is told is held against it. The store, the keeper of the
journal and the opening of a base are the real ones, in memory.
"""

from collections.abc import Coroutine
from typing import Any, TypeVar

import msgspec
import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from hpserver.base.changes import Change, Create, Delete, create, delete, update
from hpserver.base.model import meeting_key, values_of
from hpserver.base.planning import Planning
from hpserver.base.registry import KINDS
from hpserver.base.snapshot import decode_snapshot, encode_snapshot
from hpserver.client.replica import Replica
from hpserver.errors import ResyncNeededError, StoreFullError
from hpserver.hosting import bases
from hpserver.hosting.bases import open_base
from hpserver.hosting.keeping import Keeping
from hpserver.hosting.recalling import objects_told
from hpserver.planning import engine as engine_module
from hpserver.planning import feed as feed_module
from hpserver.planning import history as history_module
from hpserver.planning.effects import Broadcast, Checkpoint, Effect, Read, Send, Transfer, WakeAt
from hpserver.planning.engine import Engine
from hpserver.planning.journal import read_body
from hpserver.planning.stimuli import CaughtUp, Closed, FellBehind, NotPersisted, Stimulus, Ticked
from hpserver.protocol import messages as m
from hpserver.store.memory import MemoryBase, MemoryStore
from tests.desk import ACCOUNT, NAME, Desk
from tests.histories import GRID, KEYS, PLACES, PlainBase, founding, plain, transactions

PATIENCE = 4
"""Edits under way at most: fewer than what is kept in memory."""

WHO = st.integers(0, 2)
AGE = st.integers(0, 4)
"""How many revisions before the newest one of the replica were seen."""

DISK = st.sampled_from(["", "keeps one", "keeps all"])
EXCEPTIONS = st.sampled_from([meeting_key(1, 2), meeting_key(3, 0)])
LIKELY: st.SearchStrategy[Change] = st.one_of(
    st.builds(lambda memo: update("activity", 1, memo=memo), st.sampled_from("xyz")),
    st.builds(lambda place: update("activity", 1, place=place), PLACES),
    st.builds(lambda rooms: update("activity", 1, rooms=rooms), st.sampled_from([(1,), (2,)])),
    st.builds(lambda key, place: create("meeting", key, place=place), EXCEPTIONS, st.integers(0, 2)),
    st.builds(lambda key, rooms: update("meeting", key, rooms=rooms), EXCEPTIONS, st.sampled_from([(1,), (2,)])),
    st.builds(lambda key: delete("meeting", key), EXCEPTIONS),
    st.builds(lambda weeks: update("activity", 1, weeks=weeks), st.sampled_from([15, 11])),
    st.builds(lambda key: delete("activity", key), st.sampled_from([1, 2, 3])),
)
"""Edits of the same few fields, possible most of the time."""

T = TypeVar("T")


def now_(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run what never waits: the store is in memory."""
    try:
        coroutine.send(None)
    except StopIteration as done:
        result: T = done.value
        return result
    raise AssertionError("it waited")


class Client:
    """Somebody with a replica, which outlives lines and servers."""

    def __init__(self, login: str) -> None:
        self.login = login
        self.name = login.encode().ljust(16, b"-")
        self.author = f"{login}/{self.name.hex()}"
        self.replica: Replica | None = None
        self.session = 0
        self.following = self.behind = False
        self.requests = 0
        self.asked: dict[int, m.Request] = {}

    def number(self) -> int:
        """The id of the next request."""
        self.requests += 1
        return self.requests


class Wish(msgspec.Struct, frozen=True):
    """A transaction as it was asked for first."""

    login: str
    request: m.Transact | m.Undo | m.Redo
    changes: tuple[Change, ...]


class Lines:
    """What each person can take back and do again: two stacks, and what each transaction wrote."""

    def __init__(self) -> None:
        self.done: dict[str, list[int]] = {}
        self.undone: dict[str, list[int]] = {}
        self.rows: list[tuple[str, tuple[Change, ...], int]] = [("", (), 0)]

    def learn(self, user: str, facts: tuple[Change, ...], reverses: int, request: object) -> None:
        """Take over what was done; what was taken back was there to be, and not yet."""
        revision, done, undone = len(self.rows), self.done.setdefault(user, []), self.undone.setdefault(user, [])
        assert bool(reverses) == isinstance(request, m.Undo | m.Redo)
        if isinstance(request, m.Undo):
            done.remove(reverses)
            undone.append(revision)
        elif isinstance(request, m.Redo):
            undone.remove(reverses)
            done.append(revision)
        else:
            done.append(revision)
            undone.clear()
        self.rows.append((user, facts, reverses))

    def live_after(self, target: int) -> list[tuple[str, tuple[Change, ...]]]:
        """Who did what later, without what was taken back later."""
        gone = set[int]()
        live = []
        for revision in range(len(self.rows) - 1, target, -1):
            user, facts, reverses = self.rows[revision]
            if revision in gone:
                continue
            if reverses:
                gone.add(reverses)
            if reverses <= target:
                live.append((user, facts))
        return live


class Truth:
    """What the disk says, and by whom each field was written last, worked out in the plainest way."""

    def __init__(self) -> None:
        self.planning = Planning(GRID)
        self.planning.apply(founding())
        self.plain = PlainBase()
        self.plain.apply(founding())
        self.states = [encode_snapshot(self.planning)]
        self._decoded: dict[int, Planning] = {}
        self.authors = [""]
        self.lines = Lines()
        self.writes: dict[tuple[str, int], dict[str, tuple[int, str, bool]]] = {}

    def at(self, revision: int) -> Planning:
        """The base as it was; not to be changed."""
        if revision not in self._decoded:
            self._decoded[revision] = decode_snapshot(self.states[revision])
        return self._decoded[revision]

    def learn(self, revision: int, author: str, facts: tuple[Change, ...], wish: Wish, reverses: int = 0) -> None:
        """Judge an accepted transaction by what was there, then take it over."""
        if isinstance(wish.request, m.Transact):
            self._judge_all(author, facts, wish.changes, wish.request.seen)
        elif not wish.request.force:
            self._judge_reversal(wish.login, facts, reverses)
        self.lines.learn(wish.login, facts, reverses, wish.request)
        assert self.plain.apply(list(facts))
        self.planning.replay(facts)
        self.states.append(encode_snapshot(self.planning))
        self.authors.append(author)
        for change in facts:
            self._write(revision, author, change)

    def _judge_all(
        self, author: str, facts: tuple[Change, ...], wished: tuple[Change, ...], seen: int
    ) -> None:  # fmt: skip
        for change in wished:
            self._judge(change, author, seen)
        known = {(one.kind, one.key) for one in wished}
        for change in facts:
            if isinstance(change, Delete) and (change.kind, change.key) not in known:
                self._judge(change, author, seen)

    def _judge_reversal(self, user: str, facts: tuple[Change, ...], target: int) -> None:
        """What a transaction did is as it was before, and nothing that others did since was touched."""
        before = rows_of(self.at(target - 1))
        theirs = [(other, change) for other, done in self.lines.live_after(target) for change in done if other != user]
        for change in facts:
            ident, was = (change.kind, change.key), before.get((change.kind, change.key))
            there = self.plain.objects.get(ident)
            touching = [one for _, one in theirs if (one.kind, one.key) == ident]
            if isinstance(change, Delete):
                assert not touching, f"{user} took {ident} away, which others changed"
                continue
            fields = msgspec.msgpack.decode(change.fields)
            fields.pop("forced", None)  # a mark, worked out anew from what clashes now
            assert was is not None
            assert {name: was[name] for name in fields} == plain(fields)
            for one in touching:
                assert not isinstance(one, Delete), f"{user} brought {ident} back, which others deleted"
                wrote = fields if isinstance(one, Create) else msgspec.msgpack.decode(one.fields)
                for name in fields.keys() & wrote.keys():
                    assert there is not None
                    assert there[name] == was[name], f"{user} overwrote {name} of {ident}"

    def _judge(self, change: Change, author: str, seen: int) -> None:
        """Nobody overwrites what another wrote since, unless it is the same or nothing was said."""
        ident = (change.kind, change.key)
        row = self.plain.objects.get(ident)
        if row is None:
            return
        last = self.writes.get(ident, {})
        fields = dict.fromkeys(row) if isinstance(change, Delete) else msgspec.msgpack.decode(change.fields)
        for field, value in fields.items():
            revision, other, born = last.get(field, (0, "", False))
            if revision > seen and other != author:
                assert not isinstance(change, Delete), f"{author} deleted {ident}, of which {other} wrote {field}"
                unsaid = born and row[field] == _default(change.kind, field)
                assert unsaid or value == row[field], f"{author} overwrote {field} of {ident} of {other}"

    def _write(self, revision: int, author: str, change: Change) -> None:
        ident = (change.kind, change.key)
        if isinstance(change, Delete):
            self.writes.pop(ident, None)
        elif isinstance(change, Create):
            self.writes[ident] = dict.fromkeys(KINDS[change.kind].by_name, (revision, author, True))
        else:
            written = dict.fromkeys(msgspec.msgpack.decode(change.fields), (revision, author, False))
            self.writes.setdefault(ident, {}).update(written)


def _default(kind: str, field: str) -> Any:
    return plain(next(one.default for one in msgspec.structs.fields(KINDS[kind].row) if one.name == field))


def rows_of(planning: Planning) -> dict[tuple[str, int], dict[str, Any]]:
    """Every field of every object, in plain values."""
    return {(kind, key): plain(values_of(row)) for kind in KINDS for key, row in planning.rows(kind).items()}


class Watched(Desk):
    """A desk whose disk is a store, and which holds every word against that disk."""

    def __init__(self, truth: Truth) -> None:
        self.truth = truth
        self.wishes: dict[bytes, Wish] = {}
        self.base = MemoryBase()
        now_(MemoryStore(self.base).create("Base", truth.states[0]))
        self.wake: float | None = None
        super().__init__(Planning(GRID))
        self.open()

    def open(self) -> None:
        """Start a server on what the disk has."""
        store = MemoryStore(self.base)
        opened = now_(open_base(store))
        self.keeping = Keeping(store, opened.epoch)
        self.engine = Engine(
            opened.planning, opened.history, account=ACCOUNT, name=NAME, base="Base", epoch=opened.epoch
        )
        self.waiting = self.wake = None
        self.reads: list[Read] = []
        self._sessions = 0
        self._inbox.clear()
        self._transfers.clear()

    @property
    def kept(self) -> int:
        """The newest revision on the disk."""
        return len(self.base.rows)

    def feed(self, stimulus: Stimulus) -> list[Effect]:
        """Give a stimulus; nothing that comes out may tell of what the disk does not have."""
        effects = super().feed(stimulus)
        for effect in effects:
            if isinstance(effect, Send | Broadcast):
                self._check_said(effect.message)
            elif isinstance(effect, Transfer | Checkpoint):
                payload = effect.payload if isinstance(effect, Transfer) else effect.snapshot
                assert effect.revision <= self.kept
                assert decode_snapshot(payload) == self.truth.at(effect.revision)
            elif isinstance(effect, WakeAt):
                assert self.wake is None
                self.wake = effect.moment
        for effect in effects:
            if isinstance(effect, Checkpoint):
                now_(self.keeping.keep(effect))
        return effects

    def _do(self, effect: Effect) -> None:
        if isinstance(effect, Read):
            assert effect.until <= self.kept
            self.reads.append(effect)
        else:
            super()._do(effect)

    def look_up(self) -> None:
        """Let the oldest question to the journal be answered."""
        self.feed(now_(self.keeping.recall(self.reads.pop(0))))

    def keep(self) -> None:
        """Let the disk write what waits; the truth learns of it before anybody else."""
        assert self.waiting is not None
        batch, self.waiting = self.waiting, None
        self.write(batch.drafts)
        self.feed(self.outcome)
        if self.engine.durable > self.engine.announced + 1:
            self.pass_time(0.02)  # no disk keeps more within that time than is kept in memory

    def write(self, drafts: tuple[Any, ...]) -> None:
        """Commit a batch, and note what became of it."""
        self.outcome = now_(self.keeping.write(drafts))
        for row in self.base.rows[len(self.truth.states) - 1 :]:
            _, done, facts = read_body(
                row.body, epoch=row.epoch, revision=row.revision, operation=row.operation, user=row.user, at_ms=row.at
            )
            self.truth.learn(row.revision, done.author, facts, self.wishes[row.operation], done.reverses)

    def pass_time(self, seconds: float) -> None:
        """Let time pass; what waited for a moment is done then."""
        self.now += seconds
        if self.wake is not None and self.wake <= self.now:
            self.wake = None
            self.feed(Ticked())

    def fill(self) -> None:
        """Let the disk refuse the batch."""
        assert self.waiting is not None
        self.waiting = None
        self.feed(NotPersisted(StoreFullError("no space left")))
        self.engine.planning.validate()

    def _check_said(self, message: m.Message) -> None:
        revision = getattr(message, "revision", 0)
        assert revision <= self.kept, message
        if isinstance(message, m.Delta):
            for transaction in message.transactions:
                assert transaction.revision <= self.kept
                assert transaction.operation == self.base.rows[transaction.revision - 1].operation


class PlanningAtWork(RuleBasedStateMachine):
    """Three replicas of two people (the third is of the first) on one planning."""

    def __init__(self) -> None:
        super().__init__()
        self.patched = pytest.MonkeyPatch()
        for module, name, value in (
            (engine_module, "CHECKPOINT_EVERY", 3),
            (feed_module, "SNAPSHOT_LAG", 4),
            (engine_module, "MAX_BATCH", 3),
            (feed_module, "DELTA_BYTES", 300),
            (history_module, "KEPT_TRANSACTIONS", 6),
            (bases, "REMEMBERED", 3),
        ):
            self.patched.setattr(module, name, value)
        self.truth = Truth()
        self.desk = Watched(self.truth)
        self.clients = [Client("ada"), Client("bob"), Client("ada")]
        self.clients[2].name = b"the other of ada"
        self.clients[2].author = f"ada/{self.clients[2].name.hex()}"
        self.acknowledged: dict[bytes, int] = {}

    def teardown(self) -> None:
        """Everybody is served to the end, then the real limits hold again."""
        try:
            self.settle()
        finally:
            self.patched.undo()

    # --- what happens -------------------------------------------------------------------------------------------

    @initialize()
    def begin(self) -> None:
        """Two are inside from the start."""
        self.come()
        self.come()

    @precondition(lambda self: self.under_way < PATIENCE)
    @rule(who=WHO, changes=transactions, age=AGE, force=st.booleans(), dry_run=st.booleans())
    def wish_anything(self, who: int, changes: list[Change], age: int, force: bool, dry_run: bool) -> None:
        """Ask for what may be impossible."""
        self._transact(self.clients[who], changes, age, force=force, dry_run=dry_run)

    @precondition(lambda self: self.under_way < PATIENCE)
    @rule(who=WHO, change=LIKELY, age=AGE, force=st.booleans(), disk=DISK)
    def edit(self, who: int, change: Change, age: int, force: bool, disk: str) -> None:
        """Ask for what others ask for too, having seen everything or not."""
        self._transact(self.clients[who], [change], age, force=force, dry_run=False)
        self._disk(disk)

    @precondition(lambda self: self.under_way < PATIENCE)
    @rule(who=WHO, one=LIKELY, two=LIKELY, age=AGE, disk=DISK)
    def edit_twice(self, who: int, one: Change, two: Change, age: int, disk: str) -> None:
        """Two edits of one replica at once, the second with no more seen than the first."""
        for change in (one, two):
            self._transact(self.clients[who], [change], age, force=True, dry_run=False)
        self._disk(disk)

    @precondition(lambda self: self.under_way < PATIENCE)
    @rule(who=WHO, disk=DISK)
    def found(self, who: int, disk: str) -> None:
        """Make an object whose key the server gives, and use it at once."""
        changes: list[Change] = [create("room", -1, name="new"), update("activity", 1, rooms=[-1])]
        self._transact(self.clients[who], changes, 0, force=True, dry_run=False)
        self._disk(disk)

    @precondition(lambda self: self.desk.wishes and self.under_way < PATIENCE)
    @rule(who=WHO, data=st.data(), other=st.booleans(), fresh=st.booleans())
    def repeat(self, who: int, data: st.DataObject, other: bool, fresh: bool) -> None:
        """Send an operation again, as after a lost answer; or use its id for another wish, which is refused."""
        client = self.clients[who]
        if not client.session:
            return
        operation = data.draw(st.sampled_from(list(self.desk.wishes)))
        wish = self.desk.wishes[operation]
        again: Any = msgspec.structs.replace(wish.request, id=client.number())
        if not isinstance(again, m.Transact):
            other = False
        elif fresh and client.replica is not None and operation in self.acknowledged:
            again = msgspec.structs.replace(again, seen=client.replica.revision)
            self._forget(operation)
        if other:
            again = msgspec.structs.replace(again, changes=self.desk.transact(0, update("room", 1, name="no")).changes)
        if (other or wish.login != client.login) and operation not in self.acknowledged:
            return  # an id that nothing was done under yet may be used for anything
        client.asked[again.id] = again
        self.desk.tell(client.session, again)

    @precondition(lambda self: self.under_way < PATIENCE)
    @rule(who=WHO, redo=st.booleans(), force=st.sampled_from([False, False, False, True]), disk=DISK)
    def take_back(self, who: int, redo: bool, force: bool, disk: str) -> None:
        """Take back the last edit of a person, or do the last one again."""
        client = self.clients[who]
        if not client.session:
            return
        operation = self.desk.transact(0).operation
        request = (m.Redo if redo else m.Undo)(client.number(), 0, operation, 0, force)
        self.desk.wishes[operation] = Wish(client.login, request, ())
        client.asked[request.id] = request
        self.desk.tell(client.session, request)
        if disk:
            self._disk(disk)
            self._look_up()
            self._disk(disk)

    @precondition(lambda self: self.desk.reads)
    @rule()
    def journal(self) -> None:
        """The journal answers a question."""
        self.desk.look_up()

    @rule(who=WHO, kind=st.sampled_from(["activity", "room"]), key=KEYS, since=st.integers(0, 5))
    def ask_the_past(self, who: int, kind: str, key: int, since: int) -> None:
        """Read what was done, while edits are under way or not."""
        client = self.clients[who]
        if client.session:
            self._ask(client, m.GetTimeline(client.number(), 0, kind, key))
            self._ask(client, m.GetChanges(client.number(), 0, min(since, self.desk.kept)))

    @rule(who=WHO, kind=st.sampled_from(["room", "instructor", "cohort"]), key=KEYS)
    def ask(self, who: int, kind: str, key: int) -> None:
        """Read, while edits are under way or not."""
        client = self.clients[who]
        if client.session:
            for request in (
                m.GetTimetable(client.number(), 0, kind, key, 1),
                m.GetObjects(client.number(), 0, kind, (key, 1)),
                m.GetFreePlaces(client.number(), 0, key),
            ):
                client.asked[request.id] = request
                self.desk.tell(client.session, request)

    @precondition(lambda self: self.desk.waiting is not None)
    @rule(what=st.sampled_from(["keeps one", "keeps all", "is full"]))
    def disk(self, what: str) -> None:
        """The disk ends a batch; one that holds an old operation it refuses by itself."""
        self._disk(what)

    @rule(seconds=st.sampled_from([0.001, 0.02, 1.0]))
    def time_passes(self, seconds: float) -> None:
        """What waited for a moment is told then."""
        self.desk.pass_time(seconds)

    @precondition(lambda self: not all(client.session for client in self.clients))
    @rule()
    def come(self) -> None:
        """Enter, with the replica there is."""
        client = next(client for client in self.clients if not client.session)
        epoch, revision = (client.replica.epoch, client.replica.revision) if client.replica else (0, 0)
        client.requests = 1
        client.session = self.desk.enter(client.login, epoch=epoch, revision=revision, replica=client.name)

    @precondition(lambda self: any(client.session for client in self.clients))
    @rule(who=WHO)
    def leave(self, who: int) -> None:
        """The line breaks; what was under way may happen or not."""
        client = self.clients[who]
        if client.session:
            self.desk.feed(Closed(client.session))
            self._lost(client)

    @precondition(lambda self: any(client.following and not client.behind for client in self.clients))
    @rule(who=WHO)
    def fall_behind(self, who: int) -> None:
        """Read too slowly."""
        client = self.clients[who]
        if client.following and not client.behind:
            client.behind = True
            self.desk.feed(FellBehind(client.session))

    @precondition(lambda self: any(client.behind for client in self.clients))
    @rule(who=WHO)
    def catch_up(self, who: int) -> None:
        """Have read everything."""
        client = self.clients[who]
        if client.behind:
            client.behind = client.following = False
            self.desk.feed(CaughtUp(client.session))

    @rule(written=st.booleans(), now=st.sampled_from([True, False, False]))
    def die(self, written: bool, now: bool) -> None:
        """The server is killed, before or after its disk has written; another one opens the base."""
        if not now:
            return
        if written and self.desk.waiting is not None:
            self.desk.write(self.desk.waiting.drafts)
        now_(self.desk.keeping.close())
        self.desk.open()
        for client in self.clients:
            self._lost(client)
        assert self.desk.engine.planning == self.truth.planning

    # --- what must be true --------------------------------------------------------------------------------------

    @invariant()
    def everything_said_is_true(self) -> None:
        """Replicas are beginnings of what the disk has; what was acknowledged is there exactly once."""
        for client in self.clients:
            self._listen(client)
            if client.replica is not None:
                assert client.replica.planning == self.truth.at(client.replica.revision)
        operations = [row.operation for row in self.desk.base.rows]
        assert len(set(operations)) == len(operations)
        for operation, revision in self.acknowledged.items():
            assert operations[revision - 1] == operation

    @invariant()
    def engine_is_sound(self) -> None:
        """The base in memory keeps its invariants, and is the disk's when nothing is under way."""
        engine = self.desk.engine
        assert engine.durable == self.desk.kept
        assert engine.announced <= engine.durable <= engine.head
        if engine.head == engine.durable:
            assert engine.planning == self.truth.planning

    @property
    def under_way(self) -> int:
        """Edits that the disk has not kept."""
        return self.desk.engine.head - self.desk.engine.durable

    def settle(self) -> None:
        """With a disk that works and time that passes, everybody who follows has everything."""
        while self.desk.waiting is not None or self.desk.reads:
            if self.desk.waiting is not None:
                self.desk.keep()
            self._look_up()
            self.everything_said_is_true()
        self.time_passes(1.0)
        self.everything_said_is_true()
        self.desk.engine.planning.validate()
        assert rows_of(self.desk.engine.planning) == self.truth.plain.objects
        for client in self.clients:
            if client.following and not client.behind:
                assert client.replica is not None
                assert client.replica.revision == self.desk.kept
                assert client.replica.planning == self.desk.engine.planning
            assert not client.asked, "a request was never answered"

    def _forget(self, operation: bytes) -> None:
        """Make the server forget an operation that is on the disk, as if it were too old to be remembered."""
        known = self.desk.engine.history.done
        if operation in known and known[operation].revision == self.acknowledged[operation]:
            del known[operation]

    def _look_up(self) -> None:
        for _ in range(len(self.desk.reads)):
            self.desk.look_up()

    def _disk(self, what: str) -> None:
        if what == "is full" and self.desk.waiting is not None:
            self.desk.fill()
        while what.startswith("keeps") and self.desk.waiting is not None:
            self.desk.keep()
            if what == "keeps one":
                return

    # --- clients ------------------------------------------------------------------------------------------------

    def _transact(self, client: Client, changes: list[Change], age: int, *, force: bool, dry_run: bool) -> None:
        if not client.session or client.replica is None:
            return
        seen = max(0, client.replica.revision - age)
        request = self.desk.transact(client.number(), *changes, seen=seen, force=force, dry_run=dry_run)
        self.desk.wishes[request.operation] = Wish(client.login, request, tuple(changes))
        client.asked[request.id] = request
        self.desk.tell(client.session, request)

    def _lost(self, client: Client) -> None:
        self.desk.heard(client.session)
        self.desk.transfers(client.session)
        client.session, client.following, client.behind = 0, False, False
        client.asked.clear()

    def _listen(self, client: Client) -> None:
        """Take in what was said until there is nothing more to answer to."""
        while client.session and ((told := self.desk.heard(client.session)) or self._received(client)):
            for message in told:
                self._take(client, message)

    def _take(self, client: Client, message: m.Message) -> None:
        request = client.asked.pop(getattr(message, "id", 0), None)
        if isinstance(message, m.Delta):
            assert client.replica is not None
            client.replica.apply(message)
        elif isinstance(message, m.Entered):
            client.following = message.resumed
            if not message.resumed:
                self._ask(client, m.FetchSnapshot(client.number(), 0))
        elif isinstance(message, m.Behind):
            assert client.replica is not None
            assert message.revision <= client.replica.revision
            self._ask(client, m.Follow(client.number(), 0, client.replica.revision))
        elif isinstance(message, m.Following):
            client.following = True
        else:
            self._take_answer(client, message, request)

    def _take_answer(self, client: Client, message: m.Message, request: m.Request | None) -> None:
        assert request is not None, message
        if isinstance(message, m.Failed) and isinstance(request, m.Follow):
            assert message.code == ResyncNeededError.code
            self._ask(client, m.FetchSnapshot(client.number(), 0))
        elif isinstance(request, m.Transact | m.Undo | m.Redo):
            self._take_outcome(client, message, request)
        elif isinstance(message, m.Changes | m.Timeline):
            self._take_past(message, request)

    def _take_past(self, message: m.Changes | m.Timeline, request: m.Request) -> None:
        """What is told of the past is the journal's, in order and without a gap."""
        found = [row.revision for row in message.rows]
        for row in message.rows:
            assert row.operation == self.desk.base.rows[row.revision - 1].operation
        if isinstance(request, m.GetChanges):
            assert found == list(range(request.since + 1, request.since + 1 + len(found)))
        elif isinstance(request, m.GetTimeline):
            rows = self.truth.lines.rows[: message.revision + 1]
            facts = {n: {(one.kind, one.key) for one in row[1]} for n, row in enumerate(rows)}
            wanted = set(objects_told(request.kind, request.key))
            assert found == sorted((n for n in facts if facts[n] & wanted), reverse=True)

    def _take_outcome(self, client: Client, message: m.Message, request: m.Transact | m.Undo | m.Redo) -> None:
        if isinstance(message, m.Committed):
            assert not isinstance(request, m.Transact) or not request.dry_run
            assert self.acknowledged.setdefault(request.operation, message.revision) == message.revision
        elif isinstance(message, m.Conflicted) and isinstance(request, m.Transact):
            for conflict in message.conflicts:
                assert request.seen < conflict.revision <= message.revision
                assert self.truth.authors[conflict.revision] != client.author

    def _received(self, client: Client) -> bool:
        transfers = self.desk.transfers(client.session)
        for transfer in transfers:
            del client.asked[transfer.id]
            client.replica = Replica.of_snapshot(transfer.payload, transfer.epoch, transfer.revision)
            self._ask(client, m.Follow(client.number(), 0, transfer.revision))
        return bool(transfers)

    def _ask(self, client: Client, request: m.Request) -> None:
        client.asked[request.id] = request
        self.desk.tell(client.session, request)


TestPlanningAtWork = PlanningAtWork.TestCase
