"""Planning tickets on the side that lets people in: admitted once, spent once. It draws none and knows no clock."""

import hashlib
from dataclasses import dataclass
from typing import Final

from hpserver.errors import BusyError, ForeignPlanningError, TicketRefusedError
from hpserver.identity.profiles import NOTHING, Rights

MAX_TICKETS: Final = 4096
"""Tickets that wait to be spent in one planning; 256 bytes each."""


@dataclass(frozen=True, slots=True)
class Admission:
    """Who may come in with the ticket of that hash, on which certificate, where, and until when (monotonic s).

    `ends` is when the session ends, whatever it does.
    """

    ticket_hash: bytes
    thumbprint: bytes
    account: str
    user: int
    login: str
    name: str
    planning: str
    epoch: int
    expires: float
    profile: str = ""
    rights: Rights = NOTHING
    ends: float = float("inf")


def ticket_hash(ticket: bytes) -> bytes:
    """Return what is told of a ticket to anybody but its bearer. A ticket is 256 random bits: no salt is needed."""
    return hashlib.sha256(ticket).digest()


class TicketBook:
    """The tickets of one planning server in one epoch, each good for one entry.

    An attempt to spend a ticket ends it, whatever the answer: one that is presented with a wrong certificate has
    been stolen, and its owner gets another in a moment.
    """

    def __init__(self, account: str, planning: str, epoch: int, capacity: int = MAX_TICKETS) -> None:
        self.account, self.planning, self.epoch = account, planning, epoch
        self._capacity = capacity
        self._waiting: dict[bytes, Admission] = {}

    def __len__(self) -> int:
        return len(self._waiting)

    def admit(self, admission: Admission, now: float) -> None:
        """Keep an admission until it is spent or late.

        Raises:
            ForeignPlanningError: it is for another account, planning or epoch.
            TicketRefusedError: that ticket waits already.
            BusyError: too many wait.
        """
        if (admission.account, admission.planning, admission.epoch) != (self.account, self.planning, self.epoch):
            raise ForeignPlanningError("The ticket is for another planning or epoch.", epoch=self.epoch)
        self._drop_late(now)
        if admission.ticket_hash in self._waiting:
            raise TicketRefusedError("The ticket is admitted already.")
        if len(self._waiting) >= self._capacity:
            raise BusyError("Too many tickets wait to be spent.", seconds=1)
        self._waiting[admission.ticket_hash] = admission

    def spend(self, ticket: bytes, thumbprint: bytes, planning: str, now: float) -> Admission:
        """Return who the bearer of the ticket is; the ticket is gone.

        Raises:
            TicketRefusedError: unknown, spent, late, or bound to another certificate or planning; which is not said.
        """
        admission = self._waiting.pop(ticket_hash(ticket), None)
        if (
            admission is None
            or now >= admission.expires
            or admission.thumbprint != thumbprint
            or admission.planning != planning
        ):
            raise TicketRefusedError("The ticket was used, is too old, or is not yours.")
        return admission

    def waiting(self) -> tuple[Admission, ...]:
        """Return the admissions whose tickets were not spent yet."""
        return tuple(self._waiting.values())

    def forget(self, user: int = 0, thumbprint: bytes = b"", but: bytes = b"") -> int:
        """Drop the tickets of a user or certificate no longer trusted, but for that certificate; answers how many."""
        gone = [
            key
            for key, one in self._waiting.items()
            if not (but and one.thumbprint == but)
            and ((user and one.user == user) or (thumbprint and one.thumbprint == thumbprint))
        ]
        for key in gone:
            del self._waiting[key]
        return len(gone)

    def _drop_late(self, now: float) -> None:
        for key in [key for key, one in self._waiting.items() if now >= one.expires]:
            del self._waiting[key]
