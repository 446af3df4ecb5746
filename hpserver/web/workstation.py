"""How the program that opens the console has its machine certified: once with the letter, then with the certificate."""

from typing import TypeVar

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from starlette.responses import Response

from hpserver.errors import BadCredentialsError, HPError, LockedError, ProtocolError
from hpserver.hosting.devices import Certified
from hpserver.net.gate import PENALTY_BAD_CREDENTIALS
from hpserver.protocol.console import Answered, Installation, Renewal
from hpserver.protocol.refusal import CONNECTION, refusal
from hpserver.web.page import status_of
from hpserver.web.visit import Visit

T = TypeVar("T")


async def install(visit: Visit) -> Response:
    """Certify a workstation: `Installation` in, `Answered` out."""
    try:
        asked = await _heard(visit, Installation)
        made = await visit.served.door.install(visit.account.number, asked)
    except HPError as error:
        if isinstance(error, BadCredentialsError | LockedError):  # there is no device yet whose guesses are watched
            state, now = visit.request.scope["state"], visit.served.loop.time()
            state["gate"].penalize(visit.source, PENALTY_BAD_CREDENTIALS, now)
        return _refused(error)
    return _certified(visit, made)


async def renew(visit: Visit) -> Response:
    """Certify the key of the certificate that asks once more: `Renewal` in, `Answered` out."""
    certificate = visit.request.scope["state"]["certificate"]
    try:
        asked = await _heard(visit, Renewal)
        made = await visit.served.accounts.issuing.renew(visit.account.number, certificate, asked.request)
        await visit.served.tell("device.renewed", "", {"device": made.device, "serial": made.serial})
    except HPError as error:
        return _refused(error)
    return _certified(visit, made)


async def _heard(visit: Visit, kind: type[T]) -> T:
    """Return what a launcher says. Raises ProtocolError."""
    try:
        return msgspec.json.decode(await visit.request.body(), type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise ProtocolError(f"This is not what a launcher says: {error}") from error


def _refused(error: HPError) -> Response:
    return _json(Answered(failed=refusal(CONNECTION, error)), status_of(error))


def _certified(visit: Visit, made: Certified) -> Response:
    chain = tuple(x509.load_der_x509_certificate(one).public_bytes(Encoding.PEM).decode() for one in made.chain)
    return _json(Answered(chain, visit.account.domain, visit.account.name))


def _json(answer: Answered, status: int = 200) -> Response:
    return Response(msgspec.json.encode(answer), status, media_type="application/json")
