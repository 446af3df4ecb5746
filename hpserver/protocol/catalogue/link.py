"""Messages of the link itself: greeting, being there, leaving, failing, long transfers. Knows no planning."""

from hpserver.protocol.catalogue.fields import (
    Answer,
    ChunkData,
    Endpoint,
    Features,
    Id,
    IdOrZero,
    Message,
    Name,
    Revision,
    Token,
    Versions,
    Word,
)


class Hello(Message, frozen=True, tag=1):
    """Client, first, and once.

    Attributes:
        versions: the protocol versions the client speaks, in any order.
        features: optional abilities it has; unknown ones are passed over.
        client: its own name and version, for logs.
        locale: language of the texts for people that the client prefers (`fr`, `en`).
    """

    versions: Versions
    features: Features
    client: Name
    locale: Word = "fr"


class Welcome(Message, frozen=True, tag=2):
    """Server, in answer to Hello: what was agreed, who answers, and the limits that hold.

    Attributes:
        version: the highest version both ends speak.
        features: the optional abilities both ends have.
        server: name and version of the program, for logs.
        role: `enrolment`, `controller` or `planning`: which states the session goes through.
        time_ms: the server's UTC time in milliseconds since 1970, to show a wrong clock.
        max_frame: bytes of a body allowed after login; before, 4096.
        max_in_flight: requests that may wait for their answer; the server stops reading at that number.
        ping_seconds: seconds of silence after which the server sends Ping.
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
    """Either side, at any time after Welcome: are you there? The other answers `Pong` with the same token.

    Attributes:
        token: any number; Pong repeats it.
    """

    token: Token


class Pong(Message, frozen=True, tag=4):
    """Either side: I am.

    Attributes:
        token: of the Ping it answers.
    """

    token: Token


class GoAway(Message, frozen=True, tag=5):
    """Server: it will close. No new request is accepted, those in flight are answered.

    Attributes:
        code: number of the error that says why.
        reason: name of that error.
        delay_ms: milliseconds to wait before connecting again.
        endpoint: where to connect then; nil for the same place.
    """

    code: int
    reason: str
    delay_ms: int
    endpoint: Endpoint | None = None


class Cancel(Message, frozen=True, tag=6):
    """Client: an answer is no longer wanted. It still comes: `Failed` with CancelledRequestError, or the answer.

    Attributes:
        id: of the request. It may be used again only once its answer has come. An id not in flight is passed over.
    """

    id: Id


class Failed(Answer, frozen=True, tag=7):
    """Server: the request was not done.

    Attributes:
        id: of the request; 0 when the whole connection failed: the server closes it next.
        code: stable number of the error: what a program decides by, and what people's texts are translated by.
        name: stable name of the error.
        retry: whether trying the same again later may work.
        text: English, for logs; at most 500 characters; never shown as it is.
        details: short values by name (for example `seconds`), different for each error.
    """

    id: IdOrZero
    code: int
    name: str
    retry: bool
    text: str
    details: dict[str, str | int]


class TransferStarted(Answer, frozen=True, tag=8):
    """Server: the answer follows in `Chunk`s. Other messages may come between them.

    Attributes:
        size: bytes of all chunks together, at most 268435456; with 0 no Chunk follows.
        raw_size: bytes once decoded, at most 50 times `size` and at most 268435456.
        encoding: empty for none, or `zstd` (only when that feature was agreed).
        sha256: SHA-256 digest of the decoded bytes, 32 bytes.
        epoch: the epoch of the base at which they are true.
        revision: the revision of the base at which they are true.
    """

    size: int
    raw_size: int
    encoding: str
    sha256: bytes
    epoch: Revision
    revision: Revision


class Chunk(Answer, frozen=True, tag=9):
    """Server: bytes of a transfer, in order and without a gap. The last one ends at the announced `size`.

    Attributes:
        offset: bytes of the transfer sent before this chunk.
        data: at least one byte.
    """

    offset: int
    data: ChunkData
