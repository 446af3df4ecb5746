"""Messages of who comes in: enrolment of a device, login, PIN, password, measure. Knows no rule of identity."""

from hpserver.protocol.catalogue.fields import Answer, CertificateRequest, Name, Pin, Request, Secret, Ticket, Word


class Enrol(Request, frozen=True, tag=20):
    """Client without a certificate: give this device one. One try per connection.

    Attributes:
        ticket: the single-use enrolment ticket an administrator gave.
        request: PKCS#10 certificate request in DER for a P-256 key. Only its public key is used.
        device_name: a name for the device that people will recognise.
    """

    ticket: Ticket
    request: CertificateRequest
    device_name: Name


class Enrolled(Answer, frozen=True, tag=21):
    """Server: the device has its certificate; the server closes next.

    Attributes:
        device: number of the device in its hosting account.
        certificates: in DER: the device's own first, then its issuers, without the root.
    """

    device: int
    certificates: tuple[bytes, ...]


class Login(Request, frozen=True, tag=22):
    """Client: who I am. Answered by LoggedIn, PinNeeded, PasswordNeeded, MeasureNeeded or Failed.

    Attributes:
        login: the user's login, as people type it.
        password: at most 1024 bytes of UTF-8.
    """

    login: Name
    password: Secret


class LoggedIn(Answer, frozen=True, tag=23):
    """Server: the session is open.

    Attributes:
        user: number of the user in the hosting account.
        login: the user's login, as it is kept.
        name: family name.
        first_name: first name.
        status: what the user is: `superadmin`, `base_admin` or `user`; further words may come.
        registered: whether this device is registered for the user; if not, RegisterDevice may be sent.
        password_is_old: the account wishes that the user changes the password.
        failures: how many guesses were wrong since the last sign-in, from anywhere, and of the PIN since it was right:
            more than one's own are a warning.
        last_sign_in_ms: when that was, in UTC milliseconds since 1970; 0 for never.
        last_source: the address from which the last sign-in came, empty when it is not known.
        new_address: whether the user has never come in from this address, but from others.
    """

    user: int
    login: str
    name: str
    first_name: str
    status: str
    registered: bool
    password_is_old: bool = False
    failures: int = 0
    last_sign_in_ms: int = 0
    last_source: str = ""
    new_address: bool = False


class PinNeeded(Answer, frozen=True, tag=24):
    """Server: the password is right, the device is not registered and the user has a PIN.

    Send ProvePin, or RequestCode where the PIN is forgotten or off.
    """


class ProvePin(Request, frozen=True, tag=25):
    """Client: the user's PIN. Answered by LoggedIn, PasswordNeeded, MeasureNeeded or Failed.

    Attributes:
        pin: 4 to 12 digits.
    """

    pin: Pin


class MeasureNeeded(Answer, frozen=True, tag=26):
    """Server: first sign-in; the user chooses what protects the account on devices that are not registered.

    Attributes:
        measures: those the account allows, of `none`, `notification` and `pin`.
    """

    measures: tuple[str, ...]


class ChooseMeasure(Request, frozen=True, tag=27):
    """Client: the user's choice. Answered by LoggedIn or Failed.

    Attributes:
        measure: one of those offered.
        pin: 4 to 12 digits when the measure is `pin`, otherwise empty.
    """

    measure: Word
    pin: Pin = ""


class RegisterDevice(Request, frozen=True, tag=28):
    """Client, logged in: remember this device for this user.

    Attributes:
        name: what the user calls the device.
    """

    name: Name


class DeviceRegistered(Answer, frozen=True, tag=29):
    """Server: done; the PIN is not asked on this device any more."""


class PasswordNeeded(Answer, frozen=True, tag=36):
    """Server: all was right, and the password must be changed before anything else; send ChangePassword, or Logout."""


class ChangePassword(Request, frozen=True, tag=37):
    """Client: another password. Where it was asked for, answered by LoggedIn, MeasureNeeded or Failed.

    Logged in: answered by AccessChanged or Failed; the user's sessions on other devices end before the answer.

    Attributes:
        old: the password as it is now; a wrong one counts as a failed login.
        new: 12 to 128 characters; a refusal says in `rule` what is missing.
    """

    old: Secret
    new: Secret


class AccessChanged(Answer, frozen=True, tag=38):
    """Server: the password or the measure is what the user wished, on disk."""


class ChangeMeasure(Request, frozen=True, tag=39):
    """Client, logged in: another measure, or another PIN. Answered by AccessChanged or Failed.

    Attributes:
        measure: one of those the account allows.
        pin: 4 to 12 digits when the measure is `pin`, otherwise empty.
        password: the password as it is now; a wrong one counts as a failed login.
    """

    measure: Word
    pin: Pin
    password: Secret


class RequestCode(Request, frozen=True, tag=42):
    """Client, asked for a PIN that is forgotten or off: send me a code by mail. Answered by CodeSent or Failed.

    Only where the school wishes it, for a user with an address: three codes, then one an hour.
    """


class CodeSent(Answer, frozen=True, tag=43):
    """Server: a code is on its way, for this connection alone; send ProveCode. One sent before is good no longer.

    Attributes:
        seconds: how long it is good.
    """

    seconds: int


class ProveCode(Request, frozen=True, tag=44):
    """Client: the code of the letter, in place of the PIN. Answered by PasswordNeeded, MeasureNeeded or Failed.

    The PIN of before stays until another measure is chosen. A code is good once, and for five guesses.

    Attributes:
        code: six digits.
    """

    code: Pin
