"""What was done lately: for clients that resume, for merges, for operations sent twice. Knows no session."""

from collections import deque
from collections.abc import Iterable, Iterator
from itertools import islice

import msgspec

from hpserver.base.epochs import has_seen
from hpserver.protocol.messages import Transaction

KEPT_TRANSACTIONS = 20_000
"""Transactions kept in memory: a client away for longer takes a snapshot, as large as these by then."""

ENVELOPE_BYTES = 64
"""Bytes of a transaction in a Delta besides its texts and its changes, at most: numbers, operation id and headers."""

_UTF8 = 4
"""Bytes of a character at most."""


class Done(msgspec.Struct, frozen=True, gc=False):
    """An accepted transaction as its author was, or will be, told. `wish` is the digest of what was asked.

    `author` names the replica that wished it, as `Session.author` does: a person may have several. `reverses` is the
    revision it took back, 0 for none.
    """

    user: str
    author: str
    epoch: int
    revision: int
    keys: dict[int, int]
    merged: bool
    wish: bytes
    reverses: int = 0


class Touch(msgspec.Struct, frozen=True, gc=False):
    """Who wrote a field last, and when."""

    revision: int
    author: str
    user: str


Field = tuple[str, int, str]
"""Kind, key and field; `merge` has fields that stand for the whole object and for its creation."""


class Written(msgspec.Struct, frozen=True, gc=False):
    """What one transaction wrote, by whom; `reverses` is the revision it took back, 0 for none."""

    revision: int
    user: str
    reverses: int
    fields: tuple[Field, ...]


def told_bytes(transaction: Transaction) -> int:
    """Bytes that a transaction takes in a Delta, at most: thousands of small ones are more envelope than changes."""
    texts = _UTF8 * (len(transaction.user) + len(transaction.why))
    return len(bytes(transaction.changes)) + texts + ENVELOPE_BYTES


class History:
    """The last accepted transactions, in order and without a gap, newest last.

    Everything after revision `floor`, itself of `floor_epoch`, is known: who touched which field, by which operation.
    """

    def __init__(self, floor: int, floor_epoch: int) -> None:
        self.floor, self.floor_epoch = floor, floor_epoch
        self.head = floor
        """The newest revision."""
        self.done: dict[bytes, Done] = {}
        self.touches: dict[Field, Touch] = {}
        self._transactions: deque[tuple[int, Transaction, tuple[Field, ...], Done]] = deque()

    @property
    def newest_ms(self) -> int:
        """UTC milliseconds of the newest transaction, 0 when none is known."""
        return self._transactions[-1][1].at_ms if self._transactions else 0

    def add(self, epoch: int, transaction: Transaction, done: Done, fields: Iterable[Field]) -> None:
        """Remember the next transaction; forget the oldest above `KEPT_TRANSACTIONS`."""
        touched = tuple(fields)
        self._transactions.append((epoch, transaction, touched, done))
        self.head += 1
        self.done[transaction.operation] = done
        touch = Touch(transaction.revision, done.author, transaction.user)
        for field in touched:
            self.touches[field] = touch
        if len(self._transactions) > KEPT_TRANSACTIONS:
            self._forget_oldest()

    def tell(self, epoch: int, transaction: Transaction) -> None:
        """Remember the next transaction as it is told to who sees a part: nobody merges with it."""
        unasked = Done("", "", epoch, transaction.revision, {}, merged=False, wish=b"")
        self.add(epoch, transaction, unasked, ())

    def drop_after(self, revision: int) -> None:
        """Take back all that came later, which was never kept on disk. Earlier touches of its fields are restored."""
        dropped: set[Field] = set()
        while self.head > revision:
            _, transaction, fields, _ = self._transactions.pop()
            self.head -= 1
            self.done.pop(transaction.operation, None)
            dropped.update(fields)
        for field in dropped:
            del self.touches[field]
        for _, earlier, touched, done in self._transactions:
            for field in dropped.intersection(touched):
                self.touches[field] = Touch(earlier.revision, done.author, earlier.user)

    def may_resume(self, epoch: int, revision: int) -> bool:
        """Whether a replica at (epoch, revision) is a beginning of our history, and all after it is known.

        Epoch 0 is no replica: whoever has nothing needs a snapshot, even at revision 0.
        A restored base has a newer epoch from the point of restoration on, so a replica that saw what was lost
        since finds an epoch above its own at its revision; a replica of another base finds one of another line.
        """
        if not epoch or not self.floor <= revision <= self.head:
            return False
        last = self.floor_epoch if revision == self.floor else self._transactions[revision - self.floor - 1][0]
        return has_seen(epoch, last)

    def since(self, revision: int, until: int) -> Iterator[Transaction]:
        """Transactions after `revision` up to `until`, both within what is known."""
        for _, transaction, _, _ in islice(self._transactions, revision - self.floor, until - self.floor):
            yield transaction

    def written_after(self, revision: int) -> Iterator[Written]:
        """What was written after `revision`, which is within what is known, newest first."""
        for _, transaction, fields, done in islice(reversed(self._transactions), self.head - revision):
            yield Written(transaction.revision, transaction.user, done.reverses, fields)

    def parcels(self, revision: int, until: int, size: int) -> Iterator[tuple[Transaction, ...]]:
        """The same in order, in parcels of at most `size` bytes, or of one transaction that is larger alone."""
        parcel: list[Transaction] = []
        left = size
        for transaction in self.since(revision, until):
            left -= told_bytes(transaction)
            if parcel and left < 0:
                yield tuple(parcel)
                parcel, left = [], size - told_bytes(transaction)
            parcel.append(transaction)
        if parcel:
            yield tuple(parcel)

    def fits(self, revision: int, until: int, size: int) -> bool:
        """Whether what came after `revision` up to `until`, both within what is known, is told in `size` bytes."""
        for transaction in self.since(revision, until):
            size -= told_bytes(transaction)
            if size < 0:
                return False
        return True

    def _forget_oldest(self) -> None:
        self.floor_epoch, transaction, fields, _ = self._transactions.popleft()
        self.floor = transaction.revision
        self.done.pop(transaction.operation, None)
        for field in fields:
            touch = self.touches.get(field)
            if touch is not None and touch.revision <= self.floor:
                del self.touches[field]
