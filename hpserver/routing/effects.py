"""What a controller may ask of the world. Wishes, carried out in the order they are given.

An effect with a `request` is answered by its stimulus, or by AskFailed with the same session and request.
"""

import msgspec

from hpserver.errors import HPError
from hpserver.identity.actor import Actor
from hpserver.protocol.messages import AnyWish, Message


class Effect(msgspec.Struct, frozen=True, gc=False):
    """Something the shell must do."""


class Send(Effect, frozen=True):
    """Say this to one session."""

    session: int
    message: Message


class Close(Effect, frozen=True):
    """Close the session, once what was said has left; `error` is why, None when all is well."""

    session: int
    error: HPError | None = None


class Greet(Effect, frozen=True):
    """Say Welcome: what it agrees on is the connection's to know."""

    session: int


class CheckPassword(Effect, frozen=True):
    """Spend an attempt, then compare; the same work whether or not somebody has the login."""

    session: int
    request: int
    login: str
    password: str
    device: int
    source: str = ""


class CheckPin(Effect, frozen=True):
    """Spend an attempt, then compare."""

    session: int
    request: int
    user: int
    pin: str


class SendCode(Effect, frozen=True):
    """Send the user a code by mail, good for this session, unless too many were asked for from there."""

    session: int
    request: int
    user: int
    device: int
    source: str = ""


class CheckCode(Effect, frozen=True):
    """Spend a guess of the code that was sent for this session, then compare."""

    session: int
    request: int
    user: int
    code: str


class SaveMeasure(Effect, frozen=True):
    """Keep the measure the user chose over the one `held` before, and the hash of the PIN when there is one."""

    session: int
    request: int
    user: int
    measure: str
    pin: str
    held: str


class ChangePassword(Effect, frozen=True):
    """Spend an attempt, compare the old password, keep the new one, close the user's sessions on other devices."""

    session: int
    request: int
    user: int
    login: str
    old: str
    new: str
    device: int
    thumbprint: bytes


class ChangeMeasure(Effect, frozen=True):
    """Spend an attempt, compare the password, keep the measure and the hash of the PIN."""

    session: int
    request: int
    user: int
    login: str
    password: str
    device: int
    measure: str
    pin: str


class SaveDevice(Effect, frozen=True):
    """Register the device of the session for the user; `thumbprint` is that of its certificate."""

    session: int
    request: int
    user: int
    device: int
    thumbprint: bytes
    name: str


class FindPlannings(Effect, frozen=True):
    """Look up the plannings in service that the user may open."""

    session: int
    request: int
    user: int


class FindPlanning(Effect, frozen=True):
    """Look up one planning that the user may open, and draw a ticket."""

    session: int
    request: int
    user: int
    name: str


class AdmitAt(Effect, frozen=True):
    """Tell the server of a planning whom to let in, and for how long. Only the hash of the ticket goes there."""

    planning: int
    admission: int
    ticket_hash: bytes
    thumbprint: bytes
    user: int
    login: str
    name: str
    planning_name: str
    epoch: int
    ttl_ms: int
    lasts_ms: int


class Certify(Effect, frozen=True):
    """Spend the enrolment ticket, then sign the request's public key."""

    session: int
    request: int
    ticket: bytes
    csr: bytes
    device_name: str


class Renew(Effect, frozen=True):
    """Have the certificate of the session's device renewed."""

    session: int
    request: int
    certificate: bytes
    csr: bytes


class ProvePassword(Effect, frozen=True):
    """Spend an attempt, then compare: who is signed in says again who it is."""

    session: int
    request: int
    login: str
    password: str
    device: int


class Administer(Effect, frozen=True):
    """Have the office carry out a wish, if the actor may."""

    session: int
    request: int
    actor: Actor
    wish: AnyWish


class Notify(Effect, frozen=True):
    """Tell the user that somebody signed in with their password from a device that is not registered."""

    user: int
    device: int


class ForgetEverywhere(Effect, frozen=True):
    """Pass on to every planning server that a user or a certificate is no longer trusted, but on that device."""

    user: int
    thumbprint: bytes
    but: bytes = b""


GUESSES = (CheckPassword, CheckPin, CheckCode, ProvePassword, ChangePassword, ChangeMeasure)
"""Effects that compare a secret: each may be somebody's guess."""
