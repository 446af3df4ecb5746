"""What all messages share: their bases and the types of their fields. Knows no message."""

from typing import Annotated

import msgspec

from hpserver.protocol.limits import (
    CHUNK_BYTES,
    DIGEST_BYTES,
    MAX_LEASE_SECONDS,
    MAX_NAME,
    MAX_PASSWORD_BYTES,
    MAX_REQUEST_BYTES,
    OPERATION_BYTES,
    REPLICA_BYTES,
    SIGHT_BYTES,
    TICKET_BYTES,
)

Id = Annotated[int, msgspec.Meta(ge=1, lt=2**53)]
IdOrZero = Annotated[int, msgspec.Meta(ge=0, lt=2**53)]
DeadlineMs = Annotated[int, msgspec.Meta(ge=0, le=3_600_000)]
Key = Annotated[int, msgspec.Meta(gt=-(2**53), lt=2**53)]
Revision = Annotated[int, msgspec.Meta(ge=0, lt=2**53)]
Token = Annotated[int, msgspec.Meta(ge=0, lt=2**53)]
Week = Annotated[int, msgspec.Meta(ge=0, lt=64)]
Port = Annotated[int, msgspec.Meta(ge=1, le=65535)]
Name = Annotated[str, msgspec.Meta(max_length=MAX_NAME)]
Word = Annotated[str, msgspec.Meta(max_length=64)]
Pin = Annotated[str, msgspec.Meta(max_length=12)]
Secret = Annotated[str, msgspec.Meta(max_length=MAX_PASSWORD_BYTES)]
Ticket = Annotated[bytes, msgspec.Meta(min_length=TICKET_BYTES, max_length=TICKET_BYTES)]
ReplicaName = Annotated[bytes, msgspec.Meta(max_length=REPLICA_BYTES)]
LeaseSeconds = Annotated[int, msgspec.Meta(ge=0, le=MAX_LEASE_SECONDS)]
SightName = Annotated[bytes, msgspec.Meta(max_length=SIGHT_BYTES)]
Operation = Annotated[bytes, msgspec.Meta(min_length=OPERATION_BYTES, max_length=OPERATION_BYTES)]
CertificateRequest = Annotated[bytes, msgspec.Meta(max_length=MAX_REQUEST_BYTES)]
Digest = Annotated[bytes, msgspec.Meta(min_length=DIGEST_BYTES, max_length=DIGEST_BYTES)]
ChunkData = Annotated[bytes, msgspec.Meta(max_length=CHUNK_BYTES)]
Versions = Annotated[tuple[int, ...], msgspec.Meta(min_length=1, max_length=16)]
Features = Annotated[tuple[Word, ...], msgspec.Meta(max_length=16)]
Keys = Annotated[tuple[Key, ...], msgspec.Meta(max_length=1000)]


class Message(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Anything said on the wire."""


class Request(Message, frozen=True):
    """Something a client asks; it gets one answer, or several `Chunk`s, or `Failed`.

    Attributes:
        id: chosen by the client, unique among its requests in flight; the answer repeats it.
        deadline_ms: milliseconds the client will still wait, 0 for no limit. Past it the answer may be `Failed`
            with DeadlineExceededError; a write may have happened or not.
    """

    id: Id
    deadline_ms: DeadlineMs


class Answer(Message, frozen=True):
    """What a server answers.

    Attributes:
        id: of the request it answers.
    """

    id: Id


class Endpoint(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Where to connect.

    Attributes:
        host: DNS name or IP address.
        port: TCP port.
        server_name: the server name to ask for in TLS (SNI), and the name its certificate must bear.
    """

    host: Name
    port: Port
    server_name: Name
