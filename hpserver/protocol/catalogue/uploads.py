"""Messages about files that become bases: sent in pieces, opened behind walls, kept by name. Knows no file format."""

from typing import Annotated, Literal

import msgspec

from hpserver.protocol.catalogue.fields import (
    Answer,
    ChunkData,
    Digest,
    Id,
    Message,
    Name,
    Operation,
    Request,
    Revision,
    Word,
)


class Reading(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """How the file of another program is to be read.

    Attributes:
        file: its name, which says what it is: a calendar, FET, ITC-2007, ITC-2019, a zip of Untis, a base.
        year: of the first Monday of September, for files without dates; 0 for none.
        kind: of a table (CSV, XLSX), what its rows are; nothing for other files.
        columns: what its columns are, by title or number, where their titles do not say so.
        similar: a name near one that is there: hold its row back, make a new object, or take the one.
        identical: what rows are that say all the same: one object or several.
        partial: whether the good rows are taken even if some are wrong.
    """

    file: Name
    year: Annotated[int, msgspec.Meta(ge=0, le=2200)] = 0
    kind: Word = ""
    columns: Annotated[dict[Name, Word], msgspec.Meta(max_length=256)] = {}
    similar: Literal["ask", "create", "match"] = "ask"
    identical: Literal["one", "several"] = "one"
    partial: bool = False


class StartUpload(Request, frozen=True, tag=110):
    """Client: a file is to be sent.

    A document of a base becomes a base beside those of the account, for the profile Administration. With `reading`,
    for who may import and sees everything, the file of another program becomes changes, and they a branch of the base
    that is loaded; nothing is done to that base.

    Said again with the same operation, by the same user to the same planning, it goes on where it stopped. Answered by
    UploadReady, or Failed: QuotaExceededError, AlreadyExistsError for the name, OperationReusedError.

    Attributes:
        base: name of the new base, or of the branch. None of that name is ever replaced.
        bytes: of the file, 1 to 268435456.
        sha256: SHA-256 digest of the file, 32 bytes.
        operation: 16 random bytes: names this upload, for a day after its last byte.
        reading: how it is to be read, once, to become a branch; nothing for a document that becomes a base.
    """

    base: Name
    bytes: Revision
    sha256: Digest
    operation: Operation
    reading: Annotated[tuple[Reading, ...], msgspec.Meta(max_length=1)] = ()


class UploadReady(Answer, frozen=True, tag=111):
    """Server: send the bytes from `received` on.

    Attributes:
        upload: number of the upload, for what follows; good until it is finished, cancelled, or the server restarts.
        chunk_bytes: bytes of one UploadChunk at most.
        window: chunks that may wait for their answer; one more is refused with BusyError.
        received: bytes that are there already.
    """

    upload: Id
    chunk_bytes: int
    window: int
    received: int


class UploadChunk(Request, frozen=True, tag=112):
    """Client: bytes of an upload, in order. What is there already is passed over.

    Answered by UploadReceived, or Failed: InvalidChangeError for a gap or a byte too many (its detail `received` says
    where to go on), NotFoundError for an upload that is not known here: start it again.

    Attributes:
        upload: of UploadReady.
        offset: bytes of the file before these.
        data: the bytes, 262144 at most.
    """

    upload: Id
    offset: Revision
    data: ChunkData


class UploadReceived(Answer, frozen=True, tag=113):
    """Server: the bytes are there.

    Attributes:
        received: bytes of the file that are there, all from the first on.
    """

    received: int


class FinishUpload(Request, frozen=True, tag=114):
    """Client: all bytes are there; check them, open the file, make the base. UploadProgress is pushed meanwhile.

    Answered by Uploaded, or Failed; then, unless it may be tried again, nothing of the upload is left. Asked again
    after it was answered, and after another StartUpload, the answer is the same.

    Attributes:
        upload: of UploadReady.
    """

    upload: Id


class Uploaded(Answer, frozen=True, tag=115):
    """Server: the base is there, loaded nowhere.

    Attributes:
        base: its name.
        revision: number of transactions of its history that were kept.
        counts: number of objects by kind.
        notes: what the base does not hold as the file says it, each `[line, what, detail]`; the first hundred.
        noted: how many there are of each `what`.
        branch_of: of a branch, the base it was forked from; its `revision` is the one it was forked at, and its
            `counts` are of the objects that the file makes.
        changed: each `[kind, number]` of objects that are there and that the file changes.
        changes: what was done on the branch, to be looked at: as in Transact; empty beyond 524288 bytes.
    """

    base: str
    revision: int
    counts: dict[str, int]
    notes: tuple[tuple[int, str, str], ...]
    noted: dict[str, int]
    branch_of: str = ""
    changed: tuple[tuple[str, int], ...] = ()
    changes: bytes = b""


class CancelUpload(Request, frozen=True, tag=116):
    """Client: forget an upload, what was received of it too. A base that was made stays.

    Attributes:
        upload: of UploadReady.
    """

    upload: Id


class UploadCancelled(Answer, frozen=True, tag=117):
    """Server: nothing is left of it."""


class UploadProgress(Message, frozen=True, tag=118):
    """Server, push to who asked to finish: the file is being opened, every second.

    Attributes:
        upload: of UploadReady.
        seconds: since it began.
    """

    upload: Id
    seconds: int


class ListBases(Request, frozen=True, tag=130):
    """Client, profile Administration: which bases does the account have? Answered by Bases or Failed."""


class Bases(Answer, frozen=True, tag=131):
    """Server: the bases of the account.

    Attributes:
        names: in order.
    """

    names: tuple[str, ...]
