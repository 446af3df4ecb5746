"""Messages inside a planning: enter, follow, edit, ask, be seen. Values of the base travel unopened."""

import msgspec

from hpserver.protocol.catalogue.fields import (
    Answer,
    Key,
    Keys,
    LeaseSeconds,
    Message,
    Name,
    Operation,
    ReplicaName,
    Request,
    Revision,
    SightName,
    Ticket,
    Week,
    Word,
)

NONE = msgspec.Raw(b"\x90")
"""An empty array."""


class Enter(Request, frozen=True, tag=50):
    """Client: spend the ticket. Answered by Entered or Failed.

    Attributes:
        planning: the planning the ticket is for.
        ticket: from PlanningOpened.
        epoch: of the replica to resume, 0 without one.
        revision: of the replica to resume, 0 without one.
        replica: name of the replica: 16 bytes drawn at random when the client first enters, and given again when it
            comes back, to any server; what this replica itself wrote is never a conflict for it. Empty for none.
        sight: from the Entered that came with the replica to resume: one that was fed for other rights is not resumed.
    """

    planning: Name
    ticket: Ticket
    epoch: Revision
    revision: Revision
    replica: ReplicaName = b""
    sight: SightName = b""


class Entered(Answer, frozen=True, tag=51):
    """Server: the session is open.

    Attributes:
        session: number of this session in the planning; `Transaction.session` and `Held.holder` name it.
        epoch: raised each time a server takes the base; a revision means something within its epoch. Each base
            counts from a number of its own, drawn when it is made.
        revision: the revision of the base now.
        planning: the name of the planning.
        base: the name of the loaded base.
        profile: the user's profile here.
        resumed: true when Deltas follow from the client's revision on; otherwise send FetchSnapshot, then Follow
            with the revision of the snapshot.
        sight: names what the profile lets see of the base, 16 bytes; empty when that is all of it. A snapshot and
            Deltas are a base without the rest; a Delta says nothing of a transaction that changed only the rest.
    """

    session: int
    epoch: Revision
    revision: Revision
    planning: str
    base: str
    profile: str
    resumed: bool
    sight: bytes = b""


class FetchSnapshot(Request, frozen=True, tag=52):
    """Client: the whole base. Answered by TransferStarted and Chunks, or Failed."""


class Follow(Request, frozen=True, tag=53):
    """Client: push me every transaction after a revision. Answered by Following or Failed.

    Attributes:
        revision: of the client's replica. Too old gives ResyncNeededError: take a snapshot.
    """

    revision: Revision


class Following(Answer, frozen=True, tag=54):
    """Server: Deltas follow.

    Attributes:
        revision: the first transaction pushed is this one + 1.
    """

    revision: Revision


class Transaction(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One accepted transaction.

    Attributes:
        revision: of the base once it is applied; grows by one.
        operation: the operation id its author drew, 16 bytes.
        session: who made it, 0 when not a session of this server's life.
        user: login of the author.
        at_ms: UTC milliseconds since 1970 when it was accepted.
        why: the reason its author gave, or empty.
        changes: array of Change of the base, with final keys.
    """

    revision: Revision
    operation: bytes
    session: int
    user: str
    at_ms: int
    why: str
    changes: msgspec.Raw


class Delta(Message, frozen=True, tag=55):
    """Server, push: transactions in order, without a gap. The client's own are among them.

    Attributes:
        epoch: of the base.
        transactions: the first follows the last one pushed before.
    """

    epoch: Revision
    transactions: tuple[Transaction, ...]


class Behind(Message, frozen=True, tag=56):
    """Server, push: this client reads too slowly and Deltas stopped. Send Follow to go on.

    Attributes:
        revision: the last one pushed.
    """

    revision: Revision


class Transact(Request, frozen=True, tag=57):
    """Client: do all of it or nothing. Answered by Committed, Clashed, Conflicted, Weighed or Failed.

    Attributes:
        operation: drawn at random once, and kept when the same request is sent again after a lost answer: the
            transaction is done once.
        seen: the revision of the client's replica when the user decided.
        changes: array of Change of the base; a negative key is a placeholder for an object created here.
        force: true to accept clashes.
        dry_run: true to learn what it would cause (Weighed); nothing is kept.
        why: a reason for the journal.
    """

    operation: Operation
    seen: Revision
    changes: msgspec.Raw
    force: bool = False
    dry_run: bool = False
    why: Name = ""


class Committed(Answer, frozen=True, tag=58):
    """Server: on disk.

    Attributes:
        epoch: of the base.
        revision: of the transaction.
        keys: the final key of each placeholder.
        merged: whether others had changed other fields of the same objects since `seen`.
    """

    epoch: Revision
    revision: Revision
    keys: dict[int, int]
    merged: bool = False


class Clashed(Answer, frozen=True, tag=59):
    """Server: nothing was done, it would put somebody or some room in two places at once, or break a hard rule.

    Attributes:
        revision: of the base judged by.
        clashes: array of Clash of the base.
        breaches: array of Breach of the base: the hard rules that it would newly break.
        cost: 0, for a dry run only.
    """

    revision: Revision
    clashes: msgspec.Raw
    breaches: msgspec.Raw = NONE
    cost: int = 0


class FieldConflict(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A field that somebody else changed since.

    Attributes:
        kind: of the object.
        key: of the object.
        field: its name; empty when the object itself was deleted.
        yours: the value wished, nil without one.
        theirs: the value that stands now, nil without one.
        revision: of the transaction that changed it.
        user: login of who changed it.
    """

    kind: str
    key: int
    field: str
    yours: msgspec.Raw
    theirs: msgspec.Raw
    revision: Revision
    user: str


class Conflicted(Answer, frozen=True, tag=60):
    """Server: nothing was done, others changed the same fields since `seen`.

    Attributes:
        revision: of the base judged by.
        conflicts: every field concerned.
    """

    revision: Revision
    conflicts: tuple[FieldConflict, ...]


class Weighed(Answer, frozen=True, tag=61):
    """Server: what a dry run would have caused; nothing was done.

    Attributes:
        revision: of the base judged by.
        clashes: array of Clash of the base, empty when there would be none.
        breaches: array of Breach of the base: the rules, hard and soft, that it would newly break.
        cost: by how much the cost of the soft rules would grow; negative when it would shrink.
    """

    revision: Revision
    clashes: msgspec.Raw
    breaches: msgspec.Raw = NONE
    cost: int = 0


class GetTimetable(Request, frozen=True, tag=62):
    """Client: what has that resource in that week? Answered by Timetable or Failed.

    Attributes:
        kind: of the resource.
        key: of the resource.
        week: 0 is the first of the base.
    """

    kind: Word
    key: Key
    week: Week


class Timetable(Answer, frozen=True, tag=63):
    """Server: the meetings of a week.

    Attributes:
        revision: at which it is true.
        items: array of Item of the base, by place.
    """

    revision: Revision
    items: msgspec.Raw


class GetObjects(Request, frozen=True, tag=64):
    """Client: objects of a kind, by key. Answered by Objects or Failed.

    Attributes:
        kind: of the objects.
        keys: those wanted.
    """

    kind: Word
    keys: Keys


class Objects(Answer, frozen=True, tag=65):
    """Server: the objects that exist.

    Attributes:
        revision: at which it is true.
        rows: array of `[key, row]`, a row being the array of the fields of the kind.
    """

    revision: Revision
    rows: msgspec.Raw


class GetFreePlaces(Request, frozen=True, tag=66):
    """Client: where could this activity be? Answered by FreePlaces or Failed.

    Attributes:
        activity: key of the activity.
    """

    activity: Key


class FreePlaces(Answer, frozen=True, tag=67):
    """Server: where all resources of the activity are free.

    Attributes:
        revision: at which it is true.
        places: map from place to week set; a place that is free in no week is left out.
    """

    revision: Revision
    places: msgspec.Raw


class Hold(Request, frozen=True, tag=68):
    """Client: I am working on this object; the others see it. Holds end with the session. Answered by Held or Failed.

    Attributes:
        kind: of the object.
        key: of the object.
        seconds: after which it is free again, from now on, unless asked for again; 0 for when the session ends.
    """

    kind: Word
    key: Key
    seconds: LeaseSeconds = 0


class Held(Answer, frozen=True, tag=69):
    """Server: who holds the object now.

    Attributes:
        holder: number of the session: yours, or that of who came first.
    """

    holder: int


class Release(Request, frozen=True, tag=70):
    """Client: I am done with this object. Answered by Released or Failed.

    Attributes:
        kind: of the object.
        key: of the object.
    """

    kind: Word
    key: Key


class Released(Answer, frozen=True, tag=71):
    """Server: this session does not hold it."""
