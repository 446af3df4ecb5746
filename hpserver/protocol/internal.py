"""What our own processes say to each other on Unix sockets. A catalogue apart: no client can ever say these.

One message per SOCK_SEQPACKET packet, the same encoding as the public catalogue, without a length. The other end is
treated as hostile input all the same.
"""

from typing import Annotated

import msgspec

from hpserver.protocol.catalogue.renewal import DeviceCertificate
from hpserver.protocol.messages import (
    AnyOutcome,
    AnyWish,
    CertificateRequest,
    Failed,
    IdOrZero,
    Name,
    Revision,
    Ticket,
    Word,
)

MAX_PACKET = 64 << 10
"""Bytes of one packet: under the kernel's 208 KiB send buffer, above any message of this catalogue."""


class Internal(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Anything one of our processes says to another."""


class Present(Internal, frozen=True, tag=200):
    """First packet of who connects: the secret of this start, and who speaks."""

    secret: Ticket
    role: Word
    name: Name
    pid: int


class Accepted(Internal, frozen=True, tag=201):
    """First packet of who was connected to: the secret was right."""

    name: Name
    epoch: Revision


class Admit(Internal, frozen=True, tag=202):
    """Controller to planning server: let the bearer of this ticket in, once, within `ttl_ms`.

    The session ends after `lasts_ms`, with that of the controller; 0 for as long as any session.
    """

    id: int
    ticket_hash: Annotated[bytes, msgspec.Meta(min_length=32, max_length=32)]
    thumbprint: Annotated[bytes, msgspec.Meta(min_length=32, max_length=32)]
    account: Name
    user: int
    login: Name
    name: Name
    planning: Name
    epoch: Revision
    ttl_ms: int
    lasts_ms: IdOrZero = 0


class Admitted(Internal, frozen=True, tag=203):
    """Planning server to controller: the ticket may be spent here, in that epoch; `failed` says why not."""

    id: int
    epoch: Revision
    failed: Failed | None = None


class HandOver(Internal, frozen=True, tag=204):
    """Controller to planning server: the accepted socket comes with this packet; nothing was read from it."""

    source: Name


class Report(Internal, frozen=True, tag=205):
    """Child to agent: how it is. `state` is starting, live, frozen, draining, stopped or failed."""

    state: Word
    epoch: Revision
    counters: dict[str, int]
    reason: str = ""


class Drain(Internal, frozen=True, tag=206):
    """Agent to child: take leave of the clients within `seconds` (an hour at most), then end."""

    seconds: Annotated[float, msgspec.Meta(ge=0, le=3600)]


class Forget(Internal, frozen=True, tag=207):
    """Controller or CLI to every process: this user, device or certificate is no longer trusted; close now.

    What runs on the device with the certificate `but` goes on. `why` is what people are told, if it is another reason.
    With `session`, only the one of that number ends: its user closed it, or an administrator.
    """

    id: int
    account: Name
    user: int = 0
    thumbprint: bytes = b""
    but: bytes = b""
    why: Name = ""
    session: IdOrZero = 0


class Forgotten(Internal, frozen=True, tag=208):
    """Answer to Forget: that many sessions were closed."""

    id: int
    closed: int


class GetStatus(Internal, frozen=True, tag=209):
    """CLI to agent: what runs?"""

    id: int


class ProcessStatus(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One process: subject as in the directory (`controller:<account>`, `planning:<key>`), wish, state, how it is."""

    subject: str
    desired: str
    state: str
    pid: int
    epoch: int
    restarts: int
    reason: str
    counters: dict[str, int]


class Status(Internal, frozen=True, tag=210):
    """Agent to CLI: every process it looks after, its own pid and version."""

    id: int
    pid: int
    version: str
    processes: tuple[ProcessStatus, ...]


class Wake(Internal, frozen=True, tag=211):
    """CLI to agent: desired state changed, look at once. Answered by Woken when it has looked."""

    id: int


class Woken(Internal, frozen=True, tag=212):
    """Agent to CLI: desired state was read."""

    id: int


class CarryOut(Internal, frozen=True, tag=213):
    """CLI or console to controller: have the office carry out a wish of the operator, or of who is signed in there."""

    id: int
    wish: AnyWish
    user: IdOrZero = 0
    login: Name = "operator"
    status: Name = "operator"
    proved: bool = True
    thumbprint: bytes = b""
    device: IdOrZero = 0


class CarriedOut(Internal, frozen=True, tag=214):
    """Controller to CLI or console: what became of it; `failed` says why nothing did."""

    id: int
    outcome: AnyOutcome | None = None
    failed: Failed | None = None


class GetSessions(Internal, frozen=True, tag=215):
    """Controller to planning server: who is inside, of the sessions after that number?"""

    id: int
    after: IdOrZero = 0


class Inside(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One session: `place` is the planning, "" for the controller; instants are UTC in milliseconds since 1970."""

    place: str
    number: int
    user: int
    login: str
    thumbprint: bytes
    source: str
    since: int
    active: int
    profile: str


class InsideNow(Internal, frozen=True, tag=216):
    """Planning server to controller: those who are inside, as many as fit the packet, and whether others follow."""

    id: int
    rows: tuple[Inside, ...]
    more: bool


class EnrolFor(Internal, frozen=True, tag=220):
    """Controller to signer: spend this ticket of the account, and certify the key of the request."""

    id: int
    account: Name
    ticket: Ticket
    request: CertificateRequest
    device_name: Name


class RenewFor(Internal, frozen=True, tag=221):
    """Controller to signer: the device that showed this certificate asks for the next one, for the same key."""

    id: int
    account: Name
    certificate: DeviceCertificate
    request: CertificateRequest


class CertifyServers(Internal, frozen=True, tag=222):
    """CLI to signer: see to the certificate of the account's servers now; `anew`: replace a good one too."""

    id: int
    account: Name
    anew: bool = False


class SignLetter(Internal, frozen=True, tag=223):
    """Controller or CLI to signer: sign a `ParamClient` file for the account, in JSON, without its signature."""

    id: int
    account: Name
    letter: Annotated[bytes, msgspec.Meta(max_length=32 << 10)]


class Signed(Internal, frozen=True, tag=224):
    """Signer: it is signed and durable; `failed` says why nothing was. `certificates` are DER, leaf first."""

    id: int
    device: int = 0
    serial: Word = ""
    certificates: tuple[bytes, ...] = ()
    letter: bytes = b""
    failed: Failed | None = None


AnyInternal = (
    Present | Accepted | Admit | Admitted | HandOver | Report | Drain | Forget | Forgotten | GetStatus | Status | Wake
    | Woken | CarryOut | CarriedOut | GetSessions | InsideNow | EnrolFor | RenewFor | CertifyServers | SignLetter
    | Signed
)  # fmt: skip
