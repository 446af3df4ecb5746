"""Every error of the house: its stable code, its retry flag, whose fault it is. Imports nothing.

A concrete error has one code, for ever; a code in use twice fails at import. The code, the class name and the
retry flag travel in `Failed`; the text is for logs and is translated at the edge by code.

0x00xx the program itself, 0x01xx the conversation, 0x02xx who may come in, 0x03xx hosting and routing, 0x04xx the base,
0x05xx the store, 0x06xx imports, 0x07xx configuration and processes.
"""

from typing import ClassVar


class HPError(Exception):
    """Root of the house.

    `details` holds short values for the reader of the message (names, numbers), never a secret.
    """

    by_code: ClassVar[dict[int, type["HPError"]]] = {}
    code: ClassVar[int] = 0x0000
    retry: ClassVar[bool] = False

    def __init_subclass__(cls, *, code: int = 0, retry: bool = False) -> None:
        """Give the class its `code`; without one it is its parent's, carrying more than can travel.

        Raises TypeError when another class has the code already.
        """
        super().__init_subclass__()
        if not code:
            return
        taken = HPError.by_code.setdefault(code, cls)
        if taken is not cls:
            raise TypeError(f"{cls.__name__} reuses code {code:#06x} of {taken.__name__}")
        cls.code, cls.retry = code, retry

    def __init__(self, text: str = "", **details: str | int) -> None:
        super().__init__(text)
        self.text = text
        self.details: dict[str, str | int] = details


class InternalError(HPError, code=0x0001):
    """A fault of the program: what was asked was not done. `number` says where it is in the server's log."""


# --- the conversation ---------------------------------------------------------------------------------------


class ProtocolError(HPError, code=0x0100):
    """The rules of the conversation were broken."""


class LocalProtocolError(ProtocolError, code=0x0101):
    """We were about to break the rules: a bug here."""


class RemoteProtocolError(ProtocolError, code=0x0102):
    """The peer broke the rules: the connection is closed."""


class FrameTooBigError(RemoteProtocolError, code=0x0103):
    """A frame announces more bytes than the state of the session allows, or none at all."""


class MalformedMessageError(RemoteProtocolError, code=0x0104):
    """The body of a frame is not a message of the catalogue."""


class UnexpectedMessageError(RemoteProtocolError, code=0x0105):
    """The message exists, but not for this side in this state."""


class UnknownMessageError(ProtocolError, code=0x0106):
    """A well-formed message with a tag this version does not know; the session goes on."""


class UnsupportedVersionError(RemoteProtocolError, code=0x0107):
    """The two ends share no protocol version."""


class TooManyRequestsError(RemoteProtocolError, code=0x0108):
    """More requests in flight than agreed, or a request id in use twice."""


class DeadlineExceededError(HPError, code=0x0109, retry=True):
    """The request's deadline passed before it was answered; a write may or may not have happened."""


class CancelledRequestError(HPError, code=0x010A):
    """The client cancelled the request before it was answered."""


class GoingAwayError(HPError, code=0x010B, retry=True):
    """The server is leaving: connect again after the delay it gave."""


class TooSlowError(HPError, code=0x010C, retry=True):
    """The peer did not read its answers, or did not speak, within the limits."""


class ConnectionLostError(HPError, code=0x010D, retry=True):
    """The line broke; what was in flight has an unknown outcome."""


# --- who may come in ----------------------------------------------------------------------------------------


class CertificateRefusedError(HPError, code=0x0200):
    """The peer's certificate is not, or no longer, accepted here."""


class BadCredentialsError(HPError, code=0x0201):
    """Login and password do not open a session; which of the two is never said."""


class BadPinError(HPError, code=0x0202):
    """The PIN is not the user's."""


class LockedError(HPError, code=0x0203, retry=True):
    """Too many failures: wait `seconds`, or ask an administrator when 0."""


class BusyError(HPError, code=0x0204, retry=True):
    """The server has too much of this to do right now: try again in `seconds`."""


class TicketRefusedError(HPError, code=0x0205):
    """The ticket was used, is too old, or belongs to another certificate, planning or epoch."""


class NotAllowedError(HPError, code=0x0206):
    """The user's profile does not allow this."""


class WeakSecretError(HPError, code=0x0207):
    """The password or PIN does not meet the rules."""


class EnrolmentRefusedError(HPError, code=0x0208):
    """The enrolment ticket was used, is too old or unknown, or the request is not sound."""


class ProofNeededError(HPError, code=0x020A, retry=True):
    """The password is asked for again before this: prove it, then ask again."""


class PasswordOverError(HPError, code=0x020B):
    """The password was right, and was good for a time or a use that is over: somebody must give another one."""


class NoPlaceError(HPError, code=0x020C, retry=True):
    """All `places` of the profile, or of the planning, are taken by `holders`: wait until one leaves."""


class BadCodeError(HPError, code=0x020D):
    """The code sent by mail is wrong, spent, too old, or was sent for another sign-in."""


class NotVouchedError(BadCredentialsError, code=0x020E):
    """The identity provider vouches for nobody, or for nobody who may come in: which one is not said."""


class ProviderUnreachableError(HPError, code=0x020F, retry=True):
    """The identity provider did not answer in time, is not who it should be, or answers nonsense; `cause` says which.

    Nothing is known of who asks.
    """


class SessionEndedError(HPError, code=0x0209):
    """The session was closed by an administrator, by its user elsewhere, or by its limits."""


# --- hosting and routing ------------------------------------------------------------------------------------


class NotFoundError(HPError, code=0x0300):
    """Nothing here has that name or key."""


class PlanningNotInServiceError(HPError, code=0x0301, retry=True):
    """The planning exists but is not in service now."""


class AlreadyExistsError(HPError, code=0x0302):
    """The name, number or port is taken."""


class InvalidNameError(HPError, code=0x0303):
    """The name does not follow the rules for names of its kind."""


class NoPortLeftError(HPError, code=0x0304):
    """Every port of the range is allocated."""


class ForeignPlanningError(HPError, code=0x0305):
    """The request is for another planning than the one this server serves."""


class ControllerInServiceError(HPError, code=0x0307):
    """How people sign in changes only while the controller is stopped."""


class QuotaExceededError(HPError, code=0x0306):
    """The account has no room left for this: fewer bytes, fewer uploads at once, or more quota."""


# --- the base -----------------------------------------------------------------------------------------------


class InvalidGridError(HPError, code=0x0400):
    """The parameters of the grid do not describe a timetable."""


class InvalidChangeError(HPError, code=0x0401):
    """A change names a field, a value or a reference that cannot be."""


class UnknownObjectError(HPError, code=0x0402):
    """The object does not exist in this base, or no longer."""


class StillReferencedError(HPError, code=0x0403):
    """The object cannot be deleted: others refer to it."""


class ClashError(HPError, code=0x0404):
    """The change would put somebody or some room in two places at once."""


class ConflictError(HPError, code=0x0405):
    """Somebody else changed the same field since the revision the client had seen."""


class ResyncNeededError(HPError, code=0x0406, retry=True):
    """The revision is too old to continue from: take a snapshot."""


class OperationReusedError(HPError, code=0x0407):
    """The operation id was used before for another transaction."""


class AnswerTooBigError(HPError, code=0x0408):
    """The answer would not fit in a frame: ask for less at a time."""


class NothingToUndoError(HPError, code=0x0409):
    """There is nothing to take back, to do again or to restore; `revision` names what was taken back already."""


# --- the store ----------------------------------------------------------------------------------------------


class StoreError(HPError, code=0x0500):
    """The store could not do what was asked."""


class FencedError(StoreError, code=0x0501):
    """A newer epoch owns the base: this server must stop."""


class OutcomeUnknownError(StoreError, code=0x0502, retry=True):
    """The commit may or may not be on disk: stop, read the disk again, then look the operation up."""


class StoreFullError(StoreError, code=0x0503, retry=True):
    """No space left: nothing was written, reads go on."""


class CorruptBaseError(StoreError, code=0x0504):
    """The base does not pass its checks: it is not served; restore the last good backup."""


class AuditBrokenError(StoreError, code=0x0508):
    """The audit log is not as it was written, from the event `number` on: somebody changed it, or the disk did."""


class StoreVersionError(StoreError, code=0x0505):
    """The store was written by a newer program, or the SQLite library is too old to be safe."""


class DuplicateOperationError(StoreError, code=0x0506):
    """The journal already holds this operation id."""


class BaseInUseError(StoreError, code=0x0507):
    """Another process serves this base."""


# --- imports ------------------------------------------------------------------------------------------------


class ImportRefusedError(HPError, code=0x0600):
    """The file cannot be read as its kind; `line` and `column` say where. Nothing was imported."""


class ExportRefusedError(HPError, code=0x0601):
    """The base holds something that the format has no way to say; `kind` and `key` say what. Nothing was written."""


# --- configuration and processes ----------------------------------------------------------------------------


class ConfigurationError(HPError, code=0x0700):
    """A setting, a file or a permission is not as it must be."""


class AgentUnreachableError(HPError, code=0x0701, retry=True):
    """No agent answers on this machine: start it with `hp agent`."""


class AgentRunningError(HPError, code=0x0702):
    """Another agent, of that `pid`, looks after this installation."""


class MailNotSentError(HPError, code=0x0703, retry=True):
    """The relay could not be reached, is not trusted, or did not take the letter now; `reason` says why."""


class MailRefusedError(HPError, code=0x0704):
    """The letter will never leave: no such address can be written to, or the relay refused it for good."""


def first_error(group: BaseException) -> BaseException:
    """Return an error out of the groups it is wrapped in, one of ours before others."""
    while isinstance(group, BaseExceptionGroup):
        group = next((one for one in group.exceptions if isinstance(one, HPError)), group.exceptions[0])
    return group
