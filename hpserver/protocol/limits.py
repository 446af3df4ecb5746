"""Every limit of the conversation, named once, with its source. Knows numbers, nothing else."""

from typing import Final

PROTOCOL_VERSIONS: Final = (1,)
"""Versions this program speaks, best last; N and N-1 are kept together."""

FEATURES: Final = ("zstd",)
"""Optional abilities, agreed in Hello and Welcome. `zstd`: transfers may be compressed."""

MAX_FRAME_BEFORE_LOGIN: Final = 4 << 10
"""Bytes of a body before login (NATS control line 4 KiB; CVE-2021-32675)."""

MAX_FRAME: Final = 1 << 20
"""Bytes of a body after login (NATS payload 1 MiB)."""

MAX_IN_FLIGHT: Final = 64
"""Requests of one connection waiting for their answer; reading pauses above."""

CHUNK_BYTES: Final = 256 << 10
"""Bytes of one `Chunk` at most: a transfer never blocks the other messages for long."""

MAX_TRANSFER: Final = 256 << 20
"""Bytes of one transfer on the wire."""

UPLOAD_WINDOW: Final = 4
"""Chunks of one upload that may wait for the disk: they are in memory, 1 MiB in all."""

DIGEST_BYTES: Final = 32
"""Bytes of a SHA-256 digest."""

COMPRESS_ABOVE: Final = 1 << 10
"""Smaller transfers grow or gain nothing when compressed (measured)."""

MAX_EXPANSION: Final = 50
"""Times a compressed transfer may grow; above it is refused as a bomb (OWASP ASVS 5.2.3)."""

OUTPUT_BEFORE_LOGIN: Final = 8 << 10
"""Bytes that may wait unread before login. CVE-2025-21605 suggests 1 KiB; a certificate chain needs 4."""

OUTPUT_SOFT: Final = 2 << 20
"""Bytes that may wait unread for `OUTPUT_SOFT_SECONDS` (Redis pubsub, NATS)."""

OUTPUT_SOFT_SECONDS: Final = 10.0
"""See `OUTPUT_SOFT`."""

OUTPUT_HARD: Final = 8 << 20
"""Bytes that may never wait unread: the connection is closed (Redis pubsub)."""

PING_SECONDS: Final = 30
"""Silence after which the server asks whether the peer is there (NATS waits 2 min; ours frees holds sooner)."""

MISSED_PINGS: Final = 2
"""Unanswered pings after which the connection is closed."""

TLS_HANDSHAKE_SECONDS: Final = 5.0
"""Absolute: dripping bytes does not extend it (NATS 2 s, Teleport 15 s)."""

LOGIN_SECONDS: Final = 30.0
"""From the end of the handshake to a valid login (sshd 120 s, PostgreSQL 60 s)."""

PIN_SECONDS: Final = 120.0
"""For the step of the PIN or of the choice of a measure: a person types."""

TICKET_SECONDS: Final = 30.0
"""Life of a planning ticket (RFC 8705 idea; OWASP ASVS 7.2.3)."""

TICKET_BYTES: Final = 32
"""256-bit tickets and enrolment tickets."""

OPERATION_BYTES: Final = 16
"""128-bit operation ids, drawn by the client."""

MAX_LEASE_SECONDS: Final = 60
"""Longest hold that ends by itself: a drag takes seconds, and whoever goes on asks again."""

SIGHT_BYTES: Final = 16
"""Bytes that name what a profile lets see of a base."""

REPLICA_BYTES: Final = 16
"""128-bit names of replicas, drawn by the client."""

MAX_PASSWORD_BYTES: Final = 1024
"""UTF-8 bytes of a password, refused before hashing (hash DoS)."""

MAX_NAME: Final = 200
"""Characters of a name, a login, a reason."""

MAX_REQUEST_BYTES: Final = 2 << 10
"""Bytes of a certificate request: a P-256 one takes 300."""
