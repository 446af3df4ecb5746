"""What sessions read of a base: its answers, its snapshot, its transactions. Knows no session.

One feed for all who see everything, and one for each sight of others, which has a base of its own.
"""

from collections.abc import Callable, Iterator
from typing import Final

import msgspec

from hpserver.base.changes import Applied, encode_changes
from hpserver.base.planning import Planning
from hpserver.base.snapshot import encode_snapshot
from hpserver.errors import BusyError, ResyncNeededError
from hpserver.planning.history import History
from hpserver.planning.limits import CATCH_UP_BYTES, DELTA_BYTES, MAX_FACTS_BYTES, SNAPSHOT_LAG
from hpserver.planning.projection import Sight, blanks_in, news, projected
from hpserver.planning.queries import Answers
from hpserver.protocol import messages as m
from hpserver.protocol.catalogue.history import MAX_ROWS

MAX_VIEWS: Final = 16
"""Sights served at once beside that of who sees everything: each has a copy of what it sees, brought up to date with
every transaction."""

_NOTHING: Final = msgspec.Raw(b"\x90")


class Feed:
    """A base and its history, as some sessions read them."""

    def __init__(self, planning: Planning, history: History, epoch: int, digest: bytes = b"") -> None:
        self.planning, self.history, self.epoch, self.digest = planning, history, epoch, digest
        self.answers = Answers(planning)
        self._snapshot: tuple[int, bytes] | None = None

    def may_resume(self, digest: bytes, epoch: int, revision: int, announced: int) -> bool:
        """Whether a replica at (epoch, revision), which was fed by the sight of that digest, can be brought to now."""
        known = digest == self.digest and self.history.may_resume(epoch, revision)
        return known and self.within_reach(revision, announced)

    def within_reach(self, revision: int, announced: int) -> bool:
        """Whether what came after a revision can be pushed at once."""
        known = self.history
        near = known.floor <= revision <= announced and known.fits(revision, announced, CATCH_UP_BYTES)
        return near and self.is_told(revision, announced)

    def is_told(self, since: int, until: int) -> bool:
        """Whether each transaction after `since` up to `until` fits a Delta: a branch taken over may not."""
        return all(len(bytes(one.changes)) <= MAX_FACTS_BYTES for one in self.history.since(since, until))

    def deltas(self, since: int, until: int) -> list[m.Delta]:
        """The transactions after `since` up to `until`, both within what is known."""
        return [m.Delta(self.epoch, told) for told in self.history.parcels(since, until, DELTA_BYTES)]

    def recent_snapshot(self) -> tuple[int, bytes]:
        """A snapshot from which one can follow, and its revision."""
        kept, head = self._snapshot, self.history.head
        oldest = max(head - SNAPSHOT_LAG, self.history.floor)
        if kept is None or kept[0] < oldest or not self.history.fits(kept[0], head, CATCH_UP_BYTES // 2):
            kept = self.new_snapshot()
        return kept

    def new_snapshot(self) -> tuple[int, bytes]:
        """A snapshot of what is in memory, and its revision."""
        self._snapshot = (self.history.head, encode_snapshot(self.planning))
        return self._snapshot

    def forget_after(self, revision: int) -> None:
        """Forget what was kept of revisions that never came to be."""
        self.answers.forget()
        if self._snapshot is not None and self._snapshot[0] > revision:
            self._snapshot = None


class View(Feed):
    """The base as one sight has it."""

    def __init__(self, planning: Planning, sight: Sight, revision: int, epoch: int) -> None:
        super().__init__(projected(planning, sight), History(revision, epoch), epoch, sight.digest)
        self._sight = sight
        self._blanks = blanks_in(planning, self.planning, sight)

    def changes(self, request: m.GetChanges) -> m.Changes:
        """The next transactions as this sight has them, each with what it changes here.

        Raises ResyncNeededError: what came so long ago was never told to this sight, or another past was.
        """
        known, head = self.history, self.history.head
        since = request.since
        if not known.may_resume(request.epoch, since):
            raise ResyncNeededError(f"what this profile sees is known from revision {known.floor} on: take a snapshot")
        until = min(head, since + min(request.limit, MAX_ROWS))
        if not self.is_told(since, min(until, since + 1)):
            raise ResyncNeededError(f"revision {since + 1} fits no answer: take a snapshot")
        (told, *_) = *known.parcels(since, until, DELTA_BYTES), ()
        rows = tuple(_row(self.epoch, one) for one in told)
        return m.Changes(request.id, self.epoch, head, rows, since + len(rows) < head)

    def follow(self, planning: Planning, applied: Applied, transaction: m.Transaction) -> None:
        """Take what a transaction, just applied to `planning`, changes here: often nothing, which is a revision too.

        Who did what is said of what is seen; the reason given may name anything, and is not.
        """
        touched = ((change.kind, change.key) for change in applied.changes)
        changes = news(self.planning, self._blanks, planning, self._sight, touched)
        raw = msgspec.Raw(encode_changes(self.planning.replay(changes).changes)) if changes else _NOTHING
        user = transaction.user if changes else ""
        told = msgspec.structs.replace(transaction, user=user, why="", changes=raw)
        self.history.tell(self.epoch, told)

    def start_again(self, planning: Planning, revision: int) -> None:
        """See the base anew: what came after a revision was taken back."""
        if self.history.floor > revision:
            self.history = History(revision, self.epoch)
        self.history.drop_after(revision)
        self.forget_after(revision)
        self.planning = projected(planning, self._sight)
        self.answers = Answers(self.planning)
        self._blanks = blanks_in(planning, self.planning, self._sight)


def _row(epoch: int, told: m.Transaction) -> m.HistoryRow:
    """A transaction of a view in the form of the journal: what would name who is not seen is empty."""
    return m.HistoryRow(
        told.revision, epoch, told.operation, told.session if told.user else 0, told.user, "", "", told.at_ms, told.why,
        0, 0, told.changes,
    )  # fmt: skip


class Feeds:
    """The feeds of one base. A view is kept for who comes back, until its place is needed."""

    def __init__(self, whole: Feed) -> None:
        self.whole = whole
        self._views: dict[Sight, View] = {}

    def __iter__(self) -> Iterator[Feed]:
        yield self.whole
        yield from self._views.values()

    def of(self, sight: Sight | None, used: set[Feed]) -> Feed:
        """The feed for a sight, made when there is none; those in `used` stay. Raises BusyError: too many are."""
        if sight is None:
            return self.whole
        if sight not in self._views:
            self._make_room(used)
            self._views[sight] = View(self.whole.planning, sight, self.whole.history.head, self.whole.epoch)
        view = self._views[sight] = self._views.pop(sight)  # the last one is the one used last
        return view

    def follow(self, applied: Applied) -> dict[Feed, Exception]:
        """Tell the views of the newest transaction, which did `applied`. Those that failed are gone, and returned."""
        if not self._views:
            return {}
        head = self.whole.history.head
        (transaction,) = self.whole.history.since(head - 1, head)
        return self._each(lambda view: view.follow(self.whole.planning, applied, transaction))

    def start_again(self, revision: int) -> dict[Feed, Exception]:
        """What came after a revision was taken back. Views that failed are gone, and returned."""
        self.whole.forget_after(revision)
        return self._each(lambda view: view.start_again(self.whole.planning, revision))

    def _each(self, work: Callable[[View], None]) -> dict[Feed, Exception]:
        failed: dict[Feed, Exception] = {}
        for sight, view in list(self._views.items()):
            try:
                work(view)
            except Exception as error:  # noqa: BLE001 - a view is a copy: what its owner did stands, with or without it
                failed[view] = error
                del self._views[sight]
        return failed

    def _make_room(self, used: set[Feed]) -> None:
        if len(self._views) < MAX_VIEWS:
            return
        for sight, view in self._views.items():
            if view not in used:
                del self._views[sight]
                return
        raise BusyError(f"At most {MAX_VIEWS} profiles with a sight of their own are served at once.", seconds=60)
