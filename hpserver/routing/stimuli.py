"""What may happen to a controller. Facts, in the past tense; knows no carrier and no database."""

import msgspec

from hpserver.errors import HPError
from hpserver.identity.login import Facts, Measure
from hpserver.protocol.messages import AnyOutcome, Message, PlanningListed
from hpserver.protocol.states import Role


class Stimulus(msgspec.Struct, frozen=True, gc=False):
    """Something that happened. `session` is the shell's number, above 0, never given twice."""


class Person(msgspec.Struct, frozen=True, gc=False):
    """A user, as far as a session needs to know: no hash, no secret."""

    user: int
    login: str
    name: str = ""
    first_name: str = ""
    status: str = "user"
    last_sign_in: float = 0.0
    last_source: str = ""
    new_address: bool = False


class Place(msgspec.Struct, frozen=True, gc=False):
    """Where a planning is served: the controller's host and port route to it, its own port is direct."""

    planning: int
    name: str
    epoch: int
    host: str
    port: int
    direct_host: str
    direct_port: int
    server_name: str


class SessionOpened(Stimulus, frozen=True):
    """The handshake with a client is done. Without a certificate (enrolment), `device` is 0 and `thumbprint` empty.

    `source` is the address it comes from.
    """

    session: int
    role: Role
    device: int = 0
    thumbprint: bytes = b""
    source: str = ""


class Heard(Stimulus, frozen=True):
    """A client said something."""

    session: int
    message: Message


class SessionClosed(Stimulus, frozen=True):
    """The connection of that session is gone."""

    session: int


class PasswordChecked(Stimulus, frozen=True):
    """Answer to CheckPassword: what is known of who knocks; `person` is None when nobody has that login."""

    session: int
    request: int
    person: Person | None
    facts: Facts


class PinChecked(Stimulus, frozen=True):
    """Answer to CheckPin."""

    session: int
    request: int
    right: bool


class CodeSent(Stimulus, frozen=True):
    """Answer to SendCode: the letter is on disk; the code is good for so many seconds."""

    session: int
    request: int
    seconds: float


class CodeChecked(Stimulus, frozen=True):
    """Answer to CheckCode."""

    session: int
    request: int
    right: bool


class MeasureSaved(Stimulus, frozen=True):
    """Answer to SaveMeasure or ChangeMeasure: it is on disk."""

    session: int
    request: int
    measure: Measure


class PasswordChanged(Stimulus, frozen=True):
    """Answer to ChangePassword: it is on disk, and the user's other sessions are closed."""

    session: int
    request: int


class DeviceSaved(Stimulus, frozen=True):
    """Answer to SaveDevice: the registration is on disk."""

    session: int
    request: int


class PlanningsFound(Stimulus, frozen=True):
    """Answer to FindPlannings: those in service where the user has a profile."""

    session: int
    request: int
    plannings: tuple[PlanningListed, ...]


class PlanningFound(Stimulus, frozen=True):
    """Answer to FindPlanning: the user may open it, there; `ticket` is 32 fresh random bytes."""

    session: int
    request: int
    place: Place
    ticket: bytes


class AdmissionAnswered(Stimulus, frozen=True):
    """A planning server answered the admission of that number: in which epoch, or why not.

    One that did not answer has the epoch 0.
    """

    planning: int
    admission: int
    epoch: int
    refused: HPError | None = None


class PlanningLost(Stimulus, frozen=True):
    """The line to the server of that planning broke: what was asked of it has no answer."""

    planning: int


class Certified(Stimulus, frozen=True):
    """Answer to Certify: the ticket is spent, the device known, its certificate signed."""

    session: int
    request: int
    device: int
    certificates: tuple[bytes, ...]


class CertificateRenewed(Stimulus, frozen=True):
    """Answer to Renew: the device's next certificate is signed."""

    session: int
    request: int
    certificates: tuple[bytes, ...]


class PasswordProved(Stimulus, frozen=True):
    """Answer to ProvePassword: the password was compared."""

    session: int
    request: int
    right: bool


class Carried(Stimulus, frozen=True):
    """Answer to Administer: it is done, whoever had to go is gone."""

    session: int
    request: int
    outcome: AnyOutcome


class AskFailed(Stimulus, frozen=True):
    """Answer to any effect that asks: it was not done, for that reason."""

    session: int
    request: int
    error: HPError


class Forgotten(Stimulus, frozen=True):
    """A user (when not 0) or a certificate (when not empty) is no longer trusted; on the device `but` all goes on."""

    user: int = 0
    thumbprint: bytes = b""
    but: bytes = b""


class Drained(Stimulus, frozen=True):
    """The agent asks to leave: everybody is told once, and nobody new comes in."""

    delay_ms: int


class Ticked(Stimulus, frozen=True):
    """The moment of `Router.next_deadline` has come."""
