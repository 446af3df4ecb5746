"""What the journal says of what was done, for requests that need more than memory has. Knows the store, no session."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from typing import Any, Final, TypeAlias

import msgspec

from hpserver.base.changes import TAGS, Change
from hpserver.base.epochs import has_seen, line_of
from hpserver.base.model import WEEKS_PER_ACTIVITY, meeting_key
from hpserver.base.references import Ident
from hpserver.base.registry import kind_of
from hpserver.errors import (
    CorruptBaseError,
    HPError,
    InvalidChangeError,
    NotFoundError,
    OutcomeUnknownError,
    ResyncNeededError,
)
from hpserver.hosting.rows import read_row
from hpserver.planning import undo
from hpserver.planning.effects import Read
from hpserver.planning.history import Written
from hpserver.planning.journal import Fact, open_body
from hpserver.planning.queries import MAX_ANSWER
from hpserver.planning.stimuli import Recalled
from hpserver.protocol import messages as m
from hpserver.protocol.catalogue.history import MAX_ROWS
from hpserver.store.api import JournalRow, Store

FIRST_STEPS: Final = 16
"""Transactions of a user that are read first to find the last one; four times as many each time it is not there."""

MOST_STEPS: Final = 4096
"""Transactions of a user among which the last one is looked for: months of work."""

MOST_LATER: Final = 10_000
"""Later transactions on the same objects that are weighed: beyond, restore the objects one by one."""

ENVELOPE_BYTES: Final = 128
"""Bytes of a HistoryRow besides its texts and its changes, at most."""

Bring: TypeAlias = Callable[[m.AcceptBranch], Awaitable[tuple[int, tuple[Change, ...]]]]
"""What brings a branch onto its base, and the revision of the base that it was compared with."""

_encode: Final = msgspec.msgpack.Encoder().encode


async def recall(store: Store, read: Read, epoch: int, bring: Bring | None = None) -> Recalled:
    """Look up what a request needs; `epoch` is the owner's, `bring` reads its branches.

    Raises OutcomeUnknownError and CorruptBaseError only.
    """
    request = read.request
    try:
        if isinstance(request, m.GetTimeline):
            return Recalled(read.session, request, read.until, answer=await _timeline(store, request, read.until))
        if isinstance(request, m.GetChanges):
            return Recalled(read.session, request, read.until, answer=await _changes(store, request, read.until, epoch))
        assert isinstance(request, m.Undo | m.Redo | m.RestoreObject | m.AcceptBranch)
        row = await store.find(request.operation)
        if row is not None:
            _, done, _ = read_row(row)
            return Recalled(read.session, request, read.until, done=done)
        if isinstance(request, m.AcceptBranch):
            assert bring is not None, "only who serves a base takes branches over"
            return await _brought(store, read, request, bring)
        if isinstance(request, m.RestoreObject):
            rows = await _rows_since(store, request, read.until)
            return Recalled(read.session, request, read.until, rows=rows)
        return Recalled(read.session, request, read.until, past=await _past(store, request, read.user, read.until))
    except (OutcomeUnknownError, CorruptBaseError):
        raise
    except Exception as error:  # noqa: BLE001 - whoever asked is told; a fault of one request ends nothing else
        return Recalled(read.session, request, read.until, error=error)


async def _brought(store: Store, read: Read, request: m.AcceptBranch, bring: Bring) -> Recalled:
    """What brings a branch over, or that it was done by who asked the same first while this one waited."""
    try:
        return Recalled(read.session, request, read.until, branch=await bring(request))
    except HPError:
        row = await store.find(request.operation)
        if row is None:
            raise
        return Recalled(read.session, request, read.until, done=read_row(row)[1])


def told(row: JournalRow, only: set[Ident] | None = None) -> m.HistoryRow:
    """A row as clients see it; of its changes only those of some objects, when they are given."""
    body, facts = open_body(row.body, row.revision)
    some = [fact for fact in facts if only is None or (fact.kind, fact.key) in only]
    changes = _encode([_change(fact, whole=True) for fact in some])
    if len(changes) > MAX_ANSWER:
        changes = _encode([_change(fact, whole=False) for fact in some])
    return m.HistoryRow(
        row.revision, row.epoch, row.operation, body.session, row.user, body.author, body.device, row.at, body.why,
        body.undoes, body.redoes, msgspec.Raw(changes),
    )  # fmt: skip


def objects_told(kind: str, key: int) -> list[Ident]:
    """The objects whose changes are the history of one: of an activity, the exceptions of its weeks too."""
    weeks = range(WEEKS_PER_ACTIVITY) if kind_of(kind).name == "activity" else ()
    return [(kind, key), *(("meeting", meeting_key(key, week)) for week in weeks)]


# --- looking back -------------------------------------------------------------------------------------------------


async def _timeline(store: Store, request: m.GetTimeline, until: int) -> m.Timeline:
    objects = objects_told(request.kind, request.key)
    before = min(request.before or until + 1, until + 1)
    wished = min(request.limit, MAX_ROWS)
    found = await store.touching(objects, 0, before, wished + 1)
    rows, whole = _fitting(told(row, set(objects)) for row in found[:wished])
    more = not whole or len(found) > wished
    return m.Timeline(request.id, until, rows, rows[-1].revision if more else 0)


async def _changes(store: Store, request: m.GetChanges, until: int, epoch: int) -> m.Changes:
    if request.epoch and line_of(request.epoch) != line_of(epoch):
        raise ResyncNeededError("this is another base: begin with a snapshot", revision=0)
    stands = await _standing(store, request.since, request.epoch, until)
    if stands != request.since:
        raise ResyncNeededError(
            f"the base was put back: revision {stands} is the last that still stands", revision=stands
        )
    limit = min(request.limit, MAX_ROWS, until - request.since)
    rows, _ = _fitting(map(told, await store.tail(request.since, limit)))
    return m.Changes(request.id, epoch, until, rows, request.since + len(rows) < until)


async def _standing(store: Store, revision: int, epoch: int, until: int) -> int:
    """The newest revision, not above this one, that who was at (epoch, revision) has seen as it is now."""
    low, high = 0, min(revision, until) if epoch else revision
    if not epoch:
        return min(revision, until)
    while low < high:  # epochs never go down from row to row
        middle = (low + high + 1) // 2
        (row,) = await store.tail(middle - 1, 1)
        low, high = (middle, high) if has_seen(epoch, row.epoch) else (low, middle - 1)
    return low


def _fitting(rows: Iterable[m.HistoryRow]) -> tuple[tuple[m.HistoryRow, ...], bool]:
    """The first rows, as many as fit an answer and one at least; whether these are all."""
    kept: list[m.HistoryRow] = []
    left = MAX_ANSWER
    for row in rows:
        left -= len(bytes(row.changes)) + 4 * (len(row.user) + len(row.author) + len(row.why)) + ENVELOPE_BYTES
        if not kept and len(bytes(row.changes)) > MAX_ANSWER:
            text = f"what transaction {row.revision} did fits no answer: take a snapshot, and go on from its revision"
            raise ResyncNeededError(text)
        if kept and left < 0:
            return tuple(kept), False
        kept.append(row)
    return tuple(kept), True


def _change(fact: Fact, *, whole: bool) -> list[Any]:
    """A Change, with what was before when it is told."""
    told: list[Any] = [TAGS[fact.do], fact.kind, fact.key]
    if fact.after is not None:
        told.append(fact.after)
    return [*told, fact.before] if whole and fact.before is not None else told


# --- taking back --------------------------------------------------------------------------------------------------


async def _past(store: Store, request: m.Undo | m.Redo, user: str, until: int) -> undo.Past:
    if request.revision:
        past = await _standing_past(store, request.revision, until, redo=isinstance(request, m.Redo))
        if past is None:
            raise undo.nothing(request.revision)
        return past
    async for revision in _candidates(store, request, user, until):
        past = await _standing_past(store, revision, until, redo=False)
        if past is not None and past.target.facts:
            return past
    raise undo.nothing()


async def _candidates(store: Store, request: m.Undo | m.Redo, user: str, until: int) -> AsyncIterator[int]:
    wanted = undo.to_undo if isinstance(request, m.Undo) else undo.to_redo
    steps, count, tried = list[undo.Step](), FIRST_STEPS, set[int]()
    while count <= MOST_STEPS:
        before = steps[-1].revision if steps else until + 1
        rows = await store.by_user(user, before, count - len(steps))
        for row in rows:
            body, _ = open_body(row.body, row.revision)
            steps.append(undo.Step(row.revision, body.undoes, body.redoes))
        for revision in wanted(steps):
            if revision not in tried:
                tried.add(revision)
                yield revision
        if len(steps) < count:
            return
        count *= 4


async def _standing_past(store: Store, revision: int, until: int, *, redo: bool) -> undo.Past | None:
    """What is needed to take a transaction, or what now stands for it, back; None when it was taken back."""
    target = await _target(store, revision, until)
    if redo and not target.undoes:
        raise InvalidChangeError(f"revision {revision} took nothing back: there is nothing to do again")
    later = await _later(store, target.facts, revision, until)
    stands = undo.standing(revision, later)
    if stands is None:
        return None
    if stands != revision:
        target = await _target(store, stands, until)
        later = tuple(one for one in later if one.revision > stands)
    return undo.Past(target, later, until)


async def _target(store: Store, revision: int, until: int) -> undo.Target:
    rows = await store.tail(revision - 1, 1) if 0 < revision <= until else ()
    if not rows:
        raise NotFoundError(f"there is no revision {revision}", revision=revision)
    body, facts = open_body(rows[0].body, revision)
    return undo.Target(revision, rows[0].user, body.undoes, facts)


async def _later(store: Store, facts: Iterable[Fact], since: int, until: int) -> tuple[Written, ...]:
    rows = await store.touching(undo.objects_of(facts), since, until + 1, MOST_LATER + 1)
    if len(rows) > MOST_LATER:
        raise InvalidChangeError(
            f"more than {MOST_LATER} transactions changed the same since revision {since}: restore the objects instead"
        )
    return tuple(map(_written, rows))


def _written(row: JournalRow) -> Written:
    body, facts = open_body(row.body, row.revision)
    return Written(row.revision, row.user, body.undoes or body.redoes, tuple(undo.fields_of(facts)))


async def _rows_since(store: Store, request: m.RestoreObject, until: int) -> tuple[tuple[Fact, ...], ...]:
    kind_of(request.kind)
    if request.revision > until:
        raise NotFoundError(f"there is no revision {request.revision}", revision=request.revision)
    rows = await store.touching([(request.kind, request.key)], request.revision, until + 1, MOST_LATER + 1)
    if len(rows) > MOST_LATER:
        raise InvalidChangeError(f"more than {MOST_LATER} transactions changed it since revision {request.revision}")
    return tuple(open_body(row.body, row.revision)[1] for row in rows)
