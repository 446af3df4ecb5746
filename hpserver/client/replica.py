"""The local copy of a base, kept true by Deltas. Knows no connection."""

from hpserver.base.changes import MAX_FACTS, decode_changes
from hpserver.base.planning import Planning
from hpserver.base.snapshot import decode_snapshot
from hpserver.errors import HPError, RemoteProtocolError, ResyncNeededError
from hpserver.protocol.messages import Delta, Transaction


class Replica:
    """A base as its server had it at (`epoch`, `revision`), or what `sight` lets see of it; empty is all."""

    def __init__(self, planning: Planning, epoch: int, revision: int, sight: bytes = b"") -> None:
        self.planning = planning
        self.epoch = epoch
        self.revision = revision
        self.sight = sight

    @classmethod
    def of_snapshot(cls, payload: bytes, epoch: int, revision: int, sight: bytes = b"") -> "Replica":
        """Read a snapshot. Raises CorruptBaseError."""
        return cls(decode_snapshot(payload), epoch, revision, sight)

    def apply(self, delta: Delta) -> list[Transaction]:
        """Apply what is new in a Delta and return it.

        Raises:
            ResyncNeededError: transactions are missing in between.
            RemoteProtocolError: what was pushed does not fit this copy: take a snapshot.
        """
        news = [transaction for transaction in delta.transactions if transaction.revision > self.revision]
        for transaction in news:
            if transaction.revision != self.revision + 1:
                raise ResyncNeededError(f"transaction {self.revision + 1} is missing")
            try:
                self.planning.replay(decode_changes(bytes(transaction.changes), MAX_FACTS))
            except HPError as error:
                raise RemoteProtocolError(f"transaction {transaction.revision} does not fit: {error.text}") from error
            self.revision = transaction.revision
        self.epoch = max(self.epoch, delta.epoch)
        return news
