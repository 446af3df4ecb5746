"""Messages about files that become bases: sent in pieces, opened behind walls, kept by name. Knows no file format."""

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
)


class StartUpload(Request, frozen=True, tag=110):
    """Client, profile Administration: a document of a base is to be sent, to become a base beside those of the account.

    Said again with the same operation, by the same user to the same planning, it goes on where it stopped. Answered by
    UploadReady, or Failed: QuotaExceededError, AlreadyExistsError for the name, OperationReusedError.

    Attributes:
        base: name of the new base. None of that name is ever replaced.
        bytes: of the file, 1 to 268435456.
        sha256: SHA-256 digest of the file, 32 bytes.
        operation: 16 random bytes: names this upload, for a day after its last byte.
    """

    base: Name
    bytes: Revision
    sha256: Digest
    operation: Operation


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
    """

    base: str
    revision: int
    counts: dict[str, int]
    notes: tuple[tuple[int, str, str], ...]
    noted: dict[str, int]


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
