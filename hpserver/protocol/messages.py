"""The catalogue: one frozen Struct per message, in tag order. Knows shapes; no order, no meaning of a base.

A body is the MessagePack array `[tag, field, field, ...]`. Fields are only ever appended, with a default; a tag is
never used again. A reader ignores fields beyond those it knows, and gives missing ones their default.

Every request opens with `id` (chosen by the client, unique among its requests in flight, 1 to 2**53-1) and
`deadline_ms` (milliseconds the client will still wait, 0 for no limit). Every answer opens with the `id` it answers.
A message without `id` is a push. Values of the base travel as `msgspec.Raw`: the protocol does not open them.
"""

from typing import Annotated

import msgspec

from hpserver.protocol.limits import (
    CHUNK_BYTES,
    MAX_NAME,
    MAX_PASSWORD_BYTES,
    MAX_REQUEST_BYTES,
    OPERATION_BYTES,
    TICKET_BYTES,
)

Id = Annotated[int, msgspec.Meta(ge=1, lt=2**53)]
DeadlineMs = Annotated[int, msgspec.Meta(ge=0, le=3_600_000)]
Key = Annotated[int, msgspec.Meta(gt=-(2**53), lt=2**53)]
Revision = Annotated[int, msgspec.Meta(ge=0, lt=2**53)]
Name = Annotated[str, msgspec.Meta(max_length=MAX_NAME)]
Word = Annotated[str, msgspec.Meta(max_length=64)]
Secret = Annotated[str, msgspec.Meta(max_length=MAX_PASSWORD_BYTES)]
Ticket = Annotated[bytes, msgspec.Meta(min_length=TICKET_BYTES, max_length=TICKET_BYTES)]
Operation = Annotated[bytes, msgspec.Meta(min_length=OPERATION_BYTES, max_length=OPERATION_BYTES)]


class Message(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Anything said on the wire."""


class Request(Message, frozen=True):
    """Something a client asks; it gets one answer, or several `Chunk`s, or `Failed`."""

    id: Id
    deadline_ms: DeadlineMs


class Answer(Message, frozen=True):
    """What a server answers to the request of that `id`."""

    id: Id


class Endpoint(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Where to connect: a host and port, and the server name to ask for in TLS."""

    host: Name
    port: Annotated[int, msgspec.Meta(ge=1, le=65535)]
    server_name: Name


# --- the link -----------------------------------------------------------------------------------------------


class Hello(Message, frozen=True, tag=1):
    """Client, first. `versions` it speaks, optional `features`, its own name and version, its language."""

    versions: Annotated[tuple[int, ...], msgspec.Meta(min_length=1, max_length=16)]
    features: Annotated[tuple[Word, ...], msgspec.Meta(max_length=16)]
    client: Name
    locale: Word = "fr"


class Welcome(Message, frozen=True, tag=2):
    """Server, in answer to Hello: what was agreed, who answers, and the limits that hold.

    `role` is `enrolment`, `controller` or `planning`; `time_ms` is the server's UTC time in milliseconds since 1970;
    `max_frame` counts the bytes of a body after login; `ping_seconds` is the silence it bears.
    """

    version: int
    features: tuple[str, ...]
    server: str
    role: str
    time_ms: int
    max_frame: int
    max_in_flight: int
    ping_seconds: int


class Ping(Message, frozen=True, tag=3):
    """Either side, at any time after Welcome: are you there? The other answers `Pong` with the same token."""

    token: Annotated[int, msgspec.Meta(ge=0, lt=2**53)]


class Pong(Message, frozen=True, tag=4):
    """Either side: I am."""

    token: Annotated[int, msgspec.Meta(ge=0, lt=2**53)]


class GoAway(Message, frozen=True, tag=5):
    """Server: it will close. Connect again after `delay_ms`, to `endpoint` when it is given.

    `code` is the number of an error and `reason` its name; no new request is accepted, those in flight are answered.
    """

    code: int
    reason: str
    delay_ms: int
    endpoint: Endpoint | None = None


class Cancel(Message, frozen=True, tag=6):
    """Client: the answer to `id` is no longer wanted. It gets `Failed` with CancelledRequestError, or its answer."""

    id: Id


class Failed(Answer, frozen=True, tag=7):
    """Server: the request was not done. `code` and `name` are stable; `retry` says that trying again may work.

    `text` is English, for logs; people are shown a translation by `code`. `details` are short values.
    `id` is 0 when the whole connection failed: it is closed next.
    """

    id: Annotated[int, msgspec.Meta(ge=0, lt=2**53)]  # 0: the connection itself
    code: int
    name: str
    retry: bool
    text: str
    details: dict[str, str | int]


class TransferStarted(Answer, frozen=True, tag=8):
    """Server: the answer to `id` follows in `Chunk`s, `size` bytes in all.

    `encoding` is empty or `zstd`; decoded, it is `raw_size` bytes with digest `sha256`, true at `revision`.
    """

    size: int
    raw_size: int
    encoding: str
    sha256: bytes
    epoch: Revision
    revision: Revision


class Chunk(Answer, frozen=True, tag=9):
    """Server: bytes of a transfer from `offset` on. The last one ends at the announced `size`."""

    offset: int
    data: Annotated[bytes, msgspec.Meta(max_length=CHUNK_BYTES)]


# --- enrolment ----------------------------------------------------------------------------------------------


class Enrol(Request, frozen=True, tag=20):
    """Client without a certificate: a single-use ticket, a PKCS#10 request in DER, a name for the device."""

    ticket: Ticket
    request: Annotated[bytes, msgspec.Meta(max_length=MAX_REQUEST_BYTES)]
    device_name: Name


class Enrolled(Answer, frozen=True, tag=21):
    """Server: the device's certificate first, then its issuers, in DER; the server closes next."""

    device: int
    certificates: tuple[bytes, ...]


# --- login --------------------------------------------------------------------------------------------------


class Login(Request, frozen=True, tag=22):
    """Client: who I am. Answered by LoggedIn, PinNeeded, MeasureNeeded or Failed."""

    login: Name
    password: Secret


class LoggedIn(Answer, frozen=True, tag=23):
    """Server: the session is open. `registered` tells whether this device is registered for the user."""

    user: int
    login: str
    name: str
    first_name: str
    status: str
    registered: bool


class PinNeeded(Answer, frozen=True, tag=24):
    """Server: the device is not registered; send ProvePin."""


class ProvePin(Request, frozen=True, tag=25):
    """Client: the user's PIN. Answered by LoggedIn or Failed."""

    pin: Annotated[str, msgspec.Meta(max_length=12)]


class MeasureNeeded(Answer, frozen=True, tag=26):
    """Server: first sign-in; the user chooses one of `measures` (`none`, `notification`, `pin`)."""

    measures: tuple[str, ...]


class ChooseMeasure(Request, frozen=True, tag=27):
    """Client: the user's choice, with the PIN (4 to 12 digits) when it is `pin`. Answered by LoggedIn or Failed."""

    measure: Word
    pin: Annotated[str, msgspec.Meta(max_length=12)] = ""


class RegisterDevice(Request, frozen=True, tag=28):
    """Client, logged in: remember this device for this user, under a name the user gives."""

    name: Name


class DeviceRegistered(Answer, frozen=True, tag=29):
    """Server: done; the PIN is not asked on this device any more."""


# --- the controller -----------------------------------------------------------------------------------------


class ListPlannings(Request, frozen=True, tag=30):
    """Client: which plannings may I open?"""


class PlanningListed(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One planning: its name, the name people see, the user's profile there, its state, the loaded base."""

    name: str
    publication_name: str
    profile: str
    state: str
    base: str


class Plannings(Answer, frozen=True, tag=31):
    """Server: the plannings in service where the user has a profile."""

    plannings: tuple[PlanningListed, ...]


class OpenPlanning(Request, frozen=True, tag=32):
    """Client: let me into the planning of that name."""

    planning: Name


class PlanningOpened(Answer, frozen=True, tag=33):
    """Server: connect to `endpoint` and send Enter with `ticket` within `expires_ms`.

    `endpoint` is the controller's own port (the server name routes); `direct` is the planning's own port.
    """

    endpoint: Endpoint
    direct: Endpoint
    ticket: Ticket
    epoch: Revision
    expires_ms: int


class Logout(Request, frozen=True, tag=34):
    """Client: end the session."""


class LoggedOut(Answer, frozen=True, tag=35):
    """Server: ended; it closes next."""


# --- the planning -------------------------------------------------------------------------------------------


class Enter(Request, frozen=True, tag=50):
    """Client: spend the ticket. `epoch` and `revision` of the replica to resume, 0 and 0 without one."""

    planning: Name
    ticket: Ticket
    epoch: Revision
    revision: Revision


class Entered(Answer, frozen=True, tag=51):
    """Server: the session is open at `revision`. When `resumed`, Deltas follow from the client's revision on.

    Otherwise the client sends FetchSnapshot, then Follow with the revision of the snapshot.
    """

    session: int
    epoch: Revision
    revision: Revision
    planning: str
    base: str
    profile: str
    resumed: bool


class FetchSnapshot(Request, frozen=True, tag=52):
    """Client: the whole base. Answered by TransferStarted and Chunks."""


class Follow(Request, frozen=True, tag=53):
    """Client: push me every transaction after `revision`."""

    revision: Revision


class Following(Answer, frozen=True, tag=54):
    """Server: Deltas follow, the first with transaction `revision` + 1."""

    revision: Revision


class Transaction(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One accepted transaction: its revision, operation id, author, UTC milliseconds, reason and changes."""

    revision: Revision
    operation: bytes
    session: int
    user: str
    at_ms: int
    why: str
    changes: msgspec.Raw


class Delta(Message, frozen=True, tag=55):
    """Server, push: transactions in order, without a gap."""

    epoch: Revision
    transactions: tuple[Transaction, ...]


class Behind(Message, frozen=True, tag=56):
    """Server, push: this client reads too slowly; Deltas stopped after `revision`. Send Follow to go on."""

    revision: Revision


class Transact(Request, frozen=True, tag=57):
    """Client: do all of `changes` or nothing.

    `operation` is drawn at random once and kept when the request is sent again after a lost answer: the transaction
    is done once. `seen` is the revision of the client's replica. With `force`, clashes do not refuse. With
    `dry_run`, nothing is kept. Answered by Committed, Clashed, Conflicted, Weighed or Failed.
    """

    operation: Operation
    seen: Revision
    changes: msgspec.Raw
    force: bool = False
    dry_run: bool = False
    why: Name = ""


class Committed(Answer, frozen=True, tag=58):
    """Server: on disk, as transaction `revision` of `epoch`. `keys` gives the key of each placeholder.

    `merged` tells that others had changed other fields of the same objects since `seen`.
    """

    epoch: Revision
    revision: Revision
    keys: dict[int, int]
    merged: bool = False


class Clashed(Answer, frozen=True, tag=59):
    """Server: nothing was done, it would cause these clashes (array of Clash of the base)."""

    revision: Revision
    clashes: msgspec.Raw


class FieldConflict(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A field that somebody else changed since: the wish, what stands now, and whose it is.

    `field` is empty when the object itself was deleted.
    """

    kind: str
    key: int
    field: str
    yours: msgspec.Raw
    theirs: msgspec.Raw
    revision: Revision
    user: str


class Conflicted(Answer, frozen=True, tag=60):
    """Server: nothing was done, these fields were changed by others since `seen`."""

    revision: Revision
    conflicts: tuple[FieldConflict, ...]


class Weighed(Answer, frozen=True, tag=61):
    """Server: what a dry run would have caused; nothing was done."""

    revision: Revision
    clashes: msgspec.Raw


class GetTimetable(Request, frozen=True, tag=62):
    """Client: what has that resource in that week (0 is the first of the base)?"""

    kind: Word
    key: Key
    week: Annotated[int, msgspec.Meta(ge=0, lt=64)]


class Timetable(Answer, frozen=True, tag=63):
    """Server: the meetings, by place (array of Item of the base), true at `revision`."""

    revision: Revision
    items: msgspec.Raw


class GetObjects(Request, frozen=True, tag=64):
    """Client: the objects of a kind, by key."""

    kind: Word
    keys: Annotated[tuple[Key, ...], msgspec.Meta(max_length=1000)]


class Objects(Answer, frozen=True, tag=65):
    """Server: `[key, row]` of each that exists, true at `revision`."""

    revision: Revision
    rows: msgspec.Raw


class GetFreePlaces(Request, frozen=True, tag=66):
    """Client: where could this activity be?"""

    activity: Key


class FreePlaces(Answer, frozen=True, tag=67):
    """Server: a map from place to the set of weeks in which all of its resources are free there."""

    revision: Revision
    places: msgspec.Raw


class Hold(Request, frozen=True, tag=68):
    """Client: I am working on this object; the others see it. Holds end with the session."""

    kind: Word
    key: Key


class Held(Answer, frozen=True, tag=69):
    """Server: `holder` is the session that holds it: yours, or that of who came first."""

    holder: int


class Release(Request, frozen=True, tag=70):
    """Client: I am done with this object."""

    kind: Word
    key: Key


class Released(Answer, frozen=True, tag=71):
    """Server: nobody of this session holds it."""


class Present(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Somebody in the planning: the session, who it is, the profile, the objects held as `[kind, key]`."""

    session: int
    user: str
    name: str
    profile: str
    holds: tuple[tuple[str, int], ...]


class GetPresence(Request, frozen=True, tag=72):
    """Client: who is here? From then on Came, Left and HoldsChanged are pushed."""


class Presence(Answer, frozen=True, tag=73):
    """Server: everybody who is here."""

    present: tuple[Present, ...]


class Came(Message, frozen=True, tag=74):
    """Server, push: somebody entered."""

    present: Present


class Left(Message, frozen=True, tag=75):
    """Server, push: that session ended; what it held is free."""

    session: int


class HoldsChanged(Message, frozen=True, tag=76):
    """Server, push: what that session holds now."""

    session: int
    holds: tuple[tuple[str, int], ...]


FromClient = (
    Hello | Ping | Pong | Cancel | Enrol | Login | ProvePin | ChooseMeasure | RegisterDevice | ListPlannings
    | OpenPlanning | Logout | Enter | FetchSnapshot | Follow | Transact | GetTimetable | GetObjects | GetFreePlaces
    | Hold | Release | GetPresence
)  # fmt: skip

FromServer = (
    Welcome | Ping | Pong | GoAway | Failed | TransferStarted | Chunk | Enrolled | LoggedIn | PinNeeded
    | MeasureNeeded | DeviceRegistered | Plannings | PlanningOpened | LoggedOut | Entered | Following | Delta | Behind
    | Committed | Clashed | Conflicted | Weighed | Timetable | Objects | FreePlaces | Held | Released | Presence
    | Came | Left | HoldsChanged
)  # fmt: skip
