"""What may happen to a planning. Facts, in the past tense; knows no carrier."""

import msgspec

from hpserver.base.changes import Change
from hpserver.errors import HPError
from hpserver.identity.tickets import Admission
from hpserver.planning.history import Done
from hpserver.planning.journal import Fact
from hpserver.planning.undo import Past
from hpserver.protocol.messages import Answer, Message, Request


class Stimulus(msgspec.Struct, frozen=True, gc=False):
    """Something that happened."""


class Admitted(Stimulus, frozen=True):
    """The controller vouched for the bearer of a ticket, and our own rights table gave the profile."""

    admission: Admission


class Heard(Stimulus, frozen=True):
    """A connected client said something legal in its state. `thumbprint` is its certificate's SHA-256."""

    session: int
    thumbprint: bytes
    message: Message


class Closed(Stimulus, frozen=True):
    """The connection of that session is gone."""

    session: int


class FellBehind(Stimulus, frozen=True):
    """The client reads too slowly: its queue passed the soft limit."""

    session: int


class CaughtUp(Stimulus, frozen=True):
    """The queue of a client that was behind is empty again."""

    session: int


class Gathered(Stimulus, frozen=True):
    """All that had arrived was heard, and the time asked for with `Gather` has passed."""


class Persisted(Stimulus, frozen=True):
    """Everything up to that revision is on disk."""

    revision: int


class NotPersisted(Stimulus, frozen=True):
    """The store refused the batch and kept nothing of it.

    When one of its operations is in the journal already, `operation` names it and `done` is what it did there;
    otherwise `error` refuses them all.
    """

    error: HPError
    operation: bytes = b""
    done: Done | None = None


class Recalled(Stimulus, frozen=True):
    """What the journal says, up to revision `until`, for a request that was asked of it with `Read`.

    One of: the `answer` itself; the `past` of what is to be taken back; `rows` that touched the object to be restored,
    newest first; what brings a `branch` onto the base, as it was at a revision; what the operation did when it is in
    the journal already (`done`); or the `error` that refuses it, which may be a fault of the program.
    """

    session: int
    request: Request
    until: int
    answer: Answer | None = None
    past: Past | None = None
    rows: tuple[tuple[Fact, ...], ...] = ()
    done: Done | None = None
    error: Exception | None = None
    branch: tuple[int, tuple[Change, ...]] | None = None

    @property
    def id(self) -> int:
        """Of the request."""
        return self.request.id


class Ticked(Stimulus, frozen=True):
    """The moment asked for with `WakeAt` has come."""


class Forgotten(Stimulus, frozen=True):
    """A user (when not 0) or a certificate (when not empty) is no longer trusted, or has other rights (`why`).

    On the device with the certificate `but` all goes on. With `session`, only the one of that number ends.
    """

    user: int
    thumbprint: bytes
    why: str = ""
    but: bytes = b""
    session: int = 0


class Drained(Stimulus, frozen=True):
    """The agent asks to leave: say so to everybody, once."""

    delay_ms: int
