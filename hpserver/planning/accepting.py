"""What becomes of a wish: tried on the base in memory, remembered, on its way to the journal. Knows no gate, no disk.

A refused wish leaves nothing behind. An accepted one waits in `waiting` for the disk, and in `undurable` to be taken
back should the disk refuse it.
"""

from collections import deque
from collections.abc import Sequence
from hashlib import sha256
from typing import Protocol

import msgspec

from hpserver.base.changes import Applied, Change, Delete, decode_changes, encode_changes
from hpserver.base.planning import Planning
from hpserver.base.texts import repaired
from hpserver.errors import (
    BusyError,
    InvalidChangeError,
    NothingToUndoError,
    OperationReusedError,
    ResyncNeededError,
)
from hpserver.planning import journal, queries, undo
from hpserver.planning.effects import Draft
from hpserver.planning.forcing import marked
from hpserver.planning.history import Done, History
from hpserver.planning.judging import MAX_BREACHES, verdict
from hpserver.planning.limits import MAX_CHANGES_BYTES, MAX_FACTS_BYTES, MAX_UNDURABLE, MAX_WHOLE_BYTES
from hpserver.planning.merge import WHOLE, Others, touched_fields
from hpserver.planning.pace import Pace
from hpserver.planning.rights import Access, redacted
from hpserver.planning.stimuli import Recalled
from hpserver.protocol import messages as m


class Wisher(Protocol):
    """Who wishes: a session, or a program that has the base for itself (session 0)."""

    @property
    def number(self) -> int:
        """Of the session."""

    @property
    def login(self) -> str:
        """Who it is."""

    @property
    def author(self) -> str:
        """The replica, for merges."""

    @property
    def profile(self) -> str:
        """What they may do."""

    @property
    def access(self) -> Access:
        """The same, ready to be checked."""

    @property
    def thumbprint(self) -> bytes:
        """Of the certificate."""


class Wish(msgspec.Struct, frozen=True, gc=False):
    """A request to change the base: what the journal says of it, and whether clashes keep it from being done."""

    request: m.Transact | m.Undo | m.Redo | m.RestoreObject | m.AcceptBranch
    digest: bytes
    link: journal.Link = journal.NO_LINK
    dry_run: bool = False


class Accepting:
    """Tries wishes on one base, one after the other, for one owner of it."""

    def __init__(self, planning: Planning, history: History, epoch: int) -> None:
        self.planning, self.history, self.epoch = planning, history, epoch
        self.undurable: deque[Applied] = deque()
        self.waiting: deque[Draft] = deque()
        self.pace = Pace()
        self.last_entry_ms = history.newest_ms

    def maybe_done(self, wisher: Wisher, request: m.Request) -> m.Message | None:
        """The answer to an operation that was done already. Raises OperationReusedError: for another wish."""
        done = self.history.done.get(request.operation) if isinstance(request, undo.WISHES) else None
        if done is None:
            return None
        if done.user != wisher.login or done.wish != digest_of(request):
            raise OperationReusedError("this operation id was used for another transaction: draw a new one")
        return _committed(request, done)

    def learn(self, done: Done, request: m.Request) -> None:
        """Remember an operation that is in the journal, and was too old to be remembered."""
        if isinstance(request, undo.WISHES):
            self.history.done[request.operation] = done

    def check(self, wisher: Wisher, *, force: bool = False) -> None:
        """Raises BusyError when too many wait for the disk, NotAllowedError when that profile does not do that."""
        if len(self.undurable) >= MAX_UNDURABLE:
            raise BusyError("The disk does not keep up: try again in a moment.", seconds=1)
        wisher.access.may_wish(force=force)

    def transact(self, wisher: Wisher, request: m.Transact, durable: int, at_ms: int) -> m.Message:
        """Do what a client asks for, in the light of what others did since it last looked. Raises HPError."""
        digest = digest_of(request)
        answer = self.maybe_done(wisher, request)
        if answer is not None:
            return answer
        self.check(wisher, force=request.force and not request.dry_run)
        if len(bytes(request.changes)) > MAX_CHANGES_BYTES:
            raise InvalidChangeError(f"a transaction has at most {MAX_CHANGES_BYTES} bytes of changes")
        wish = Wish(request, digest, dry_run=request.dry_run)
        return self._merge(wisher, wish, request.seen, decode_changes(bytes(request.changes)), durable, at_ms)

    def is_outdated(self, wisher: Wisher, recalled: Recalled) -> bool:
        """Whether what was read in the journal no longer tells enough: read it again.

        What somebody did last is another transaction once they, or who took theirs back, did more.
        """
        request = recalled.request
        if recalled.until < self.history.floor:
            return True
        newer = self.history.written_after(recalled.until)
        if isinstance(request, m.RestoreObject):
            return any((request.kind, request.key, WHOLE) in one.fields for one in newer)
        if recalled.past is None or not isinstance(request, m.Undo | m.Redo) or request.revision:
            return False
        target = recalled.past.target.revision
        return any(one.user == wisher.login or one.reverses == target for one in newer)

    def conclude(self, wisher: Wisher, recalled: Recalled, durable: int, at_ms: int) -> m.Message:
        """Do, or answer, what the journal was needed for. Raises HPError."""
        request = recalled.request
        if recalled.answer is not None:
            return self._redacted(wisher, recalled.answer)
        answer = self.maybe_done(wisher, request)
        if answer is not None:
            return answer
        if isinstance(request, m.AcceptBranch):
            return self._take_over(wisher, request, recalled, at_ms)
        assert isinstance(request, m.Undo | m.Redo | m.RestoreObject)
        self.check(wisher, force=request.force)
        if isinstance(request, m.RestoreObject):
            changes = self._restoring(wisher, request, recalled.rows)
            return self._merge(wisher, Wish(request, digest_of(request)), request.seen, changes, durable, at_ms)
        assert recalled.past is not None
        return self._reverse(wisher, request, recalled.past, at_ms)

    # --- within ---------------------------------------------------------------------------------------------

    def _restoring(
        self, wisher: Wisher, request: m.RestoreObject, rows: Sequence[Sequence[journal.Fact]]
    ) -> tuple[Change, ...]:
        """What makes an object what it was; of what is not seen is said what is said of what never was."""
        try:
            changes = undo.restoring(self.planning, request.kind, request.key, rows)
        except NothingToUndoError:
            changes = (Delete(request.kind, request.key),)
            if wisher.access.may_restore(self.planning, changes):
                raise
        if not wisher.access.may_restore(self.planning, changes):
            raise undo.never_was(request.kind, request.key)
        return changes

    def _take_over(self, wisher: Wisher, request: m.AcceptBranch, recalled: Recalled, at_ms: int) -> m.Message:
        """Do what brings a branch onto the base, as an edit on the revision that it was compared with."""
        assert recalled.branch is not None
        seen, changes = recalled.branch
        self.check(wisher, force=request.force and not request.dry_run)
        if not changes:
            raise InvalidChangeError(f"nothing of {request.branch} is to be taken over")
        wish = Wish(request, digest_of(request), dry_run=request.dry_run)
        return self._merge(wisher, wish, seen, changes, self.history.head, at_ms)

    def _reverse(self, wisher: Wisher, request: m.Undo | m.Redo, past: undo.Past, at_ms: int) -> m.Message:
        """Take a transaction back, unless others changed the same since."""
        wisher.access.may_reverse(self.planning, wisher.login, past.target)
        later = (*self.history.written_after(past.until), *past.later)
        if undo.standing(past.target.revision, later) != past.target.revision:
            raise undo.nothing(past.target.revision)
        changes, conflicts = undo.reversal(self.planning, past, later, wisher.login, force=request.force)
        if conflicts:
            return self._redacted(wisher, m.Conflicted(request.id, self.history.head, conflicts))
        applied = wisher.access.apply(self.planning, changes, complete=False, entered=False)
        with self._undone_on_error(applied):
            swept = () if request.force else self._swept(wisher, past, applied, len(changes))
        return self._keep(wisher, Wish(request, digest_of(request), past.target.link), applied, swept, at_ms)

    def _merge(
        self, wisher: Wisher, wish: Wish, seen: int, wished: Sequence[Change], durable: int, at_ms: int
    ) -> m.Message:
        if not self.history.floor <= seen <= durable:
            raise ResyncNeededError(f"revision {seen} is not within reach: take a snapshot")
        is_entered = isinstance(wish.request, m.Transact)
        if is_entered:
            wisher.access.may_name(self.planning, wished)
        others = Others(self.history, wisher.author, seen)
        changes, conflicts, merged = others.weigh(wished, self.planning)
        if conflicts:
            return self._redacted(wisher, m.Conflicted(wish.request.id, self.history.head, conflicts))
        applied = wisher.access.apply(self.planning, changes, complete=True, entered=is_entered)
        with self._undone_on_error(applied):
            swept = others.swept(applied, len(changes))
        return self._keep(wisher, wish, applied, swept, at_ms, merged=merged)

    def _undone_on_error(self, applied: Applied) -> "_Tried":
        """Take back what was tried whatever is raised: a fault of a rule leaves nothing behind either."""
        return _Tried(self.planning, applied)

    def _swept(self, wisher: Wisher, past: undo.Past, applied: Applied, asked: int) -> tuple[m.FieldConflict, ...]:
        """What others did to the objects that go with those taken back; what is not remembered counts as theirs."""
        known = self.history.floor <= past.target.revision
        return undo.swept(applied, asked, past.target, self.history.touches, wisher.login, known=known)

    def _keep(
        self,
        wisher: Wisher,
        wish: Wish,
        applied: Applied,
        swept: tuple[m.FieldConflict, ...],
        at_ms: int,
        *,
        merged: bool = False,
    ) -> m.Message:
        """Accept what was tried, or take it back and say what speaks against it."""
        with self._undone_on_error(applied):
            answer = self._maybe_against(wish, applied, swept)
            if answer is not None:
                answer = self._redacted(wisher, answer, applied)
            else:
                applied = marked(self.planning, applied, force=wish.request.force)
        if answer is not None:
            self.planning.revert(applied)
            return answer
        done = Done(
            wisher.login, wisher.author, self.epoch, self.history.head + 1, applied.keys, merged, wish.digest,
            wish.link.reverses,
        )  # fmt: skip
        with self._undone_on_error(applied):
            return self._accept(wisher, wish, applied, done, at_ms)

    def _redacted(self, wisher: Wisher, answer: m.Message, own: Applied | None = None) -> m.Message:
        """The answer as its reader may have it."""
        lens = wisher.access.lens(self.planning)
        return answer if lens is None else redacted(lens, answer, own)

    def _maybe_against(self, wish: Wish, applied: Applied, swept: tuple[m.FieldConflict, ...]) -> m.Message | None:
        """What speaks against keeping it, or was asked for instead; None when it may be accepted."""
        request, head = wish.request, self.history.head
        if swept:
            return m.Conflicted(request.id, head, swept)
        if request.force and not wish.dry_run:
            return None  # nobody is told of clashes and breaches: they are only marked
        clashes = self.planning.new_clashes(applied)
        found = verdict(self.planning, applied, soft=wish.dry_run)
        if wish.dry_run or clashes or found.breaches:
            kind = m.Weighed if wish.dry_run else m.Clashed
            encode, clashes = queries.encode, clashes[:MAX_BREACHES]
            return kind(
                request.id, head, msgspec.Raw(encode(clashes)), msgspec.Raw(encode(found.breaches)), found.cost
            )  # fmt: skip
        return None

    def _accept(self, wisher: Wisher, wish: Wish, applied: Applied, done: Done, at_ms: int) -> m.Message:
        request = wish.request
        raw = msgspec.Raw(encode_changes(applied.changes))
        is_entered = isinstance(request, m.Transact | m.RestoreObject)
        if len(bytes(raw)) > (MAX_FACTS_BYTES if is_entered else MAX_WHOLE_BYTES):
            raise InvalidChangeError("this transaction takes too many exceptions away with it: do it in several")
        why = repaired(request.why, lines=False) if request.why else ""
        transaction = m.Transaction(
            done.revision, request.operation, wisher.number, wisher.login, at_ms, why, raw
        )  # fmt: skip
        device = wisher.thumbprint.hex()[: journal.DEVICE_LETTERS]
        body = journal.write_body(applied, session=wisher.number, why=why, done=done, link=wish.link, device=device)
        draft, fields = Draft(done.revision, request.operation, at_ms, wisher.login, body), touched_fields(applied)
        answer = _committed(request, done)
        self.pace.wrote(wisher.number)
        self.history.add(self.epoch, transaction, done, fields)
        # from here on nothing can fail: it is done
        self.undurable.append(applied)
        self.waiting.append(draft)
        self.last_entry_ms = at_ms
        return answer


class _Tried:
    """A transaction that is taken back when something is raised. A plain class: each edit enters three."""

    __slots__ = ("_applied", "_planning")

    def __init__(self, planning: Planning, applied: Applied) -> None:
        self._planning, self._applied = planning, applied

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None:
            self._planning.revert(self._applied)


def digest_of(request: m.Request) -> bytes:
    """The digest of what a request asks for: the same when it is sent again, for whatever revision was seen."""
    if isinstance(request, m.Transact):
        return sha256(bytes(request.changes)).digest()
    if isinstance(request, m.RestoreObject):
        return sha256(queries.encode(("restore", request.kind, request.key, request.revision))).digest()
    if isinstance(request, m.AcceptBranch):
        return sha256(queries.encode(("branch", request.branch, request.only, request.insist))).digest()
    assert isinstance(request, m.Undo | m.Redo)
    return sha256(queries.encode((type(request).__name__, request.revision))).digest()


def _committed(request: m.Request, done: Done) -> m.Committed:
    keys = {} if isinstance(request, m.AcceptBranch) else done.keys  # of a whole school, they fit no frame
    return m.Committed(request.id, done.epoch, done.revision, keys, done.merged)
