"""Messages about what was done: take it back, see it, put an object back, follow it without missing anything."""

from typing import Annotated

import msgspec

from hpserver.protocol.catalogue.fields import Answer, Key, Name, Operation, Request, Revision, Word

MAX_ROWS = 500
"""Transactions in one answer at most; a larger number wished gives as many."""

Rows = Annotated[int, msgspec.Meta(ge=1, le=10_000)]


class Undo(Request, frozen=True, tag=90):
    """Client: take back what I did last, or a transaction. Answered by Committed, Clashed, Conflicted or Failed.

    What it did to fields that others wrote since is in conflict. It is a transaction like any other: journaled, pushed,
    and taken back by Redo.

    Attributes:
        operation: as in Transact.
        revision: of the transaction; 0 for the user's own last one that is not taken back yet, whichever session or
            device it came from.
        force: true to accept clashes, and to overwrite what others wrote since.
        why: a reason for the journal.
    """

    operation: Operation
    revision: Revision = 0
    force: bool = False
    why: Name = ""


class Redo(Request, frozen=True, tag=91):
    """Client: do again what I took back last. Answered by Committed, Clashed, Conflicted or Failed.

    A new edit of the same user ends what there is to do again.

    Attributes:
        operation: as in Transact.
        revision: of the Undo to take back; 0 for the user's last one.
        force: as in Undo.
        why: a reason for the journal.
    """

    operation: Operation
    revision: Revision = 0
    force: bool = False
    why: Name = ""


class RestoreObject(Request, frozen=True, tag=92):
    """Client: put an object back as it was. Answered by Committed, Clashed, Conflicted or Failed.

    With one that was deleted comes back what went with it.

    Attributes:
        operation: as in Transact.
        kind: of the object.
        key: of the object.
        revision: after which it was so.
        seen: the revision of the client's replica when the user decided: what others changed after it is in conflict.
        force: true to accept clashes.
        why: a reason for the journal.
    """

    operation: Operation
    kind: Word
    key: Key
    revision: Revision
    seen: Revision
    force: bool = False
    why: Name = ""


class HistoryRow(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One transaction as the journal keeps it.

    Attributes:
        revision: of the base after it.
        epoch: of the server that accepted it.
        operation: the operation id, 16 bytes.
        session: the number of the session in its server's life, 0 for a program that had the base for itself.
        user: login of the author.
        author: login and name of the replica it was made on, in hexadecimal.
        device: the beginning of the certificate's SHA-256 in hexadecimal, or empty.
        at_ms: UTC milliseconds since 1970 when it was accepted.
        why: the reason its author gave, or empty.
        undoes: the revision that it took back, 0 for none.
        redoes: the revision of the Undo that it took back, 0 for none.
        changes: array of `[do, kind, key, before, after]`: `create`, `update` or `delete`; maps from the fields
            touched to their values, nil where there was, or is, no object.
    """

    revision: Revision
    epoch: Revision
    operation: bytes
    session: int
    user: str
    author: str
    device: str
    at_ms: int
    why: str
    undoes: Revision
    redoes: Revision
    changes: msgspec.Raw


class GetTimeline(Request, frozen=True, tag=93):
    """Client: who changed this object, what and when? Answered by Timeline or Failed.

    Attributes:
        kind: of the object.
        key: of the object, which may be gone.
        before: only what is older than this revision, 0 for the newest; `before` of Timeline gives the next page.
        limit: transactions at most.
    """

    kind: Word
    key: Key
    before: Revision = 0
    limit: Rows = 50


class Timeline(Answer, frozen=True, tag=94):
    """Server: what happened to the object, newest first; of each transaction only what it did to this object.

    Attributes:
        revision: of the base when it was asked.
        rows: array of HistoryRow.
        before: to be given for the next page, 0 when there is none.
    """

    revision: Revision
    rows: tuple[HistoryRow, ...]
    before: Revision


class GetChanges(Request, frozen=True, tag=95):
    """Client: everything that was done since, however long ago that is. Answered by Changes or Failed.

    Keep (epoch, revision) of the last row together with whatever you made of it, in one transaction of your own: each
    row is then taken once, whatever breaks. Go on with `since` until `more` is false, then Follow from there.

    Who sees a part of the base is told what each transaction changed in that part, from the first one on that the
    server remembers for it: before that, ResyncNeededError; begin with (epoch, revision) of a snapshot.

    Attributes:
        since: the revision of the last row taken, 0 for none.
        epoch: `epoch` of the answer it came with, 0 for none. When the base was put back to an earlier state since,
            the answer is ResyncNeededError; its detail `revision` is the last one that still stands. So it is when
            another base was loaded: then that is 0, of a snapshot to begin with.
        limit: rows at most.
    """

    since: Revision
    epoch: Revision = 0
    limit: Rows = 200


class Changes(Answer, frozen=True, tag=96):
    """Server: the next transactions in order, without a gap.

    Attributes:
        epoch: of the base.
        revision: of the base when it was asked.
        rows: array of HistoryRow, the first being `since` + 1.
        more: whether there are others up to `revision`.
    """

    epoch: Revision
    revision: Revision
    rows: tuple[HistoryRow, ...]
    more: bool
