"""What a planning may ask of the world. Wishes, carried out in the order they are given."""

import msgspec

from hpserver.errors import HPError
from hpserver.protocol.messages import Message, Request


class Effect(msgspec.Struct, frozen=True, gc=False):
    """Something the shell must do."""


class Draft(msgspec.Struct, frozen=True, gc=False):
    """A transaction on its way to the journal: `body` is its JSON, `at_ms` UTC milliseconds."""

    revision: int
    operation: bytes
    at_ms: int
    user: str
    body: bytes


class Gather(Effect, frozen=True):
    """Answer Gathered once all that has arrived was heard, and `seconds` have passed: a crowd shares a commit."""

    seconds: float


class Persist(Effect, frozen=True):
    """Write all of these in one durable commit, then answer Persisted or NotPersisted. One at a time."""

    drafts: tuple[Draft, ...]


class Read(Effect, frozen=True):
    """Look up in the journal, up to revision `until`, what this request of a user needs, then answer Recalled."""

    session: int
    request: Request
    user: str
    until: int


class Receive(Effect, frozen=True):
    """Do what this request of a user says about an upload or the bases of the account, and answer it."""

    session: int
    user: int
    request: Request


class Send(Effect, frozen=True):
    """Say this to one session."""

    session: int
    message: Message


class Broadcast(Effect, frozen=True):
    """Say this to those sessions: encoded once, the same bytes for all."""

    sessions: tuple[int, ...]
    message: Message


class Transfer(Effect, frozen=True):
    """Send these bytes to one session in chunks, as the answer to request `id`; true at `revision`."""

    session: int
    id: int
    epoch: int
    revision: int
    payload: bytes


class Checkpoint(Effect, frozen=True):
    """Keep this snapshot beside the journal: the next start replays from `revision` on."""

    revision: int
    snapshot: bytes


class Close(Effect, frozen=True):
    """End that session, telling it why."""

    session: int
    error: HPError


class Mishap(Effect, frozen=True):
    """Log a fault of this program, which a request brought to light; who asked is told its `number` only."""

    number: str
    session: int
    request: str
    error: Exception


class WakeAt(Effect, frozen=True):
    """Answer Ticked at that moment of the monotonic clock, in seconds."""

    moment: float
