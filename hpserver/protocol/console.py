"""What a launcher and a hosting console tell each other, in JSON: programs on both ends, no browser."""

from typing import Final

import msgspec

from hpserver.protocol.messages import Failed

ADDRESS_FORMAT: Final = 1
"""Of the file that tells a workstation where the console is."""


class Address(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a console is: host and port to connect to, the name it has in TLS, the root that vouches for it (PEM)."""

    format: int
    number: str
    host: str
    port: int
    name: str
    root: str


class Installation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a launcher says: what is in the letter, its certificate request (DER), the workstation's name."""

    number: str
    password: str
    invoice: str
    request: bytes
    name: str


class Renewal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a launcher says later: its certificate request again (DER), with the same key."""

    request: bytes


class Answered(msgspec.Struct, frozen=True):
    """What the console answers to both: the certificate and its issuer's (PEM), domain and name of the school.

    Or why not: then nothing but `failed` is there.
    """

    certificates: tuple[str, ...] = ()
    domain: str = ""
    name: str = ""
    failed: Failed | None = None
