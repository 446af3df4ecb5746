"""The decision: facts about who knocks -> granted, one more question, or why not. It looks nothing up."""

from dataclasses import dataclass, replace
from typing import Final, Literal

from hpserver.errors import (
    BadCodeError,
    BadCredentialsError,
    BadPinError,
    HPError,
    LockedError,
    NotAllowedError,
    PasswordOverError,
)
from hpserver.identity import pins
from hpserver.identity.ageing import Age

Measure = Literal["", "none", "notification", "pin"]
"""What protects a user on a device that is not registered; "" is not chosen yet."""

MEASURES: Final[tuple[Measure, ...]] = ("none", "notification", "pin")
"""What a user may choose from, unless the school allows less."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known once the password was compared, and what the user has done about it since.

    `known` and `enabled` are the user's; `password_right` is that of the dummy hash for an unknown one. `registered`
    is of this device for this user. `pin_off` says that the PIN's ladder has ended. `age` is what a right password is
    worth. `failures` is how many guesses there were since the last sign-in,
    and of the PIN since it was right. `codes`: a code may be sent to the user.
    `held` is the measure that was kept when the password was compared: another one since is not chosen over.
    """

    known: bool
    enabled: bool
    password_right: bool
    measure: Measure
    registered: bool
    pin_off: bool
    allowed: tuple[Measure, ...] = MEASURES
    age: Age = "good"
    failures: int = 0
    pin_proved: bool = False
    measure_is_new: bool = False
    codes: bool = False
    held: Measure = ""

    def after_pin(self) -> "Facts":
        """Return the facts once the PIN was right."""
        return replace(self, pin_proved=True)

    def after_code(self) -> "Facts":
        """Return the facts once a code sent by mail was right: it stands for the PIN, and another measure is chosen."""
        return replace(self, measure="")

    def after_password(self) -> "Facts":
        """Return the facts once the user has another password."""
        return replace(self, age="good")

    def after_measure(self, measure: Measure) -> "Facts":
        """Return the facts once the user has chosen."""
        return replace(self, measure=measure, measure_is_new=True)


@dataclass(frozen=True, slots=True)
class Granted:
    """Come in. With `notify`, the user is told of a sign-in from a device that is not registered."""

    registered: bool
    notify: bool


@dataclass(frozen=True, slots=True)
class AskPin:
    """The password is right, the device is not registered: the PIN is asked."""


@dataclass(frozen=True, slots=True)
class AskPassword:
    """The password is right, and was given to be changed, or is too old: another one is asked."""


@dataclass(frozen=True, slots=True)
class AskMeasure:
    """First sign-in: the user chooses one of these."""

    measures: tuple[Measure, ...]


@dataclass(frozen=True, slots=True)
class Refuse:
    """Stay out, for that reason."""

    error: HPError


Decision = Granted | AskPin | AskPassword | AskMeasure | Refuse


def decide(facts: Facts) -> Decision:
    """Decide what comes next: after the password, and after each thing that was asked since.

    1. Who is unknown, disabled, or gives a wrong password is refused, in the same words.
    2. So is who has a one-time password that is over, in words of its own: the password was right.
    3. With a PIN it is asked, but on a registered device, and unless too many were wrong: then an administrator helps.
    4. A password that must be changed is changed now; nobody does that for a user whose PIN they do not know.
    5. Who has chosen no measure, or one the school no longer allows, chooses one now.
    6. Nothing more is asked; on a device that is not registered, the user is told, unless the measure is `none`.
    """
    if not (facts.known and facts.enabled and facts.password_right):
        return Refuse(bad_credentials())
    if facts.age == "over":
        return Refuse(PasswordOverError("The password was good for a time that is over: ask for another one."))
    if facts.measure == "pin" and not (facts.registered or facts.pin_proved or facts.measure_is_new):
        return Refuse(pin_off()) if facts.pin_off and not facts.codes else AskPin()
    if facts.age == "change":
        return AskPassword()
    if facts.measure not in facts.allowed:
        return AskMeasure(facts.allowed)
    known = facts.registered or facts.measure_is_new
    return Granted(facts.registered, notify=not known and facts.measure != "none")


def bad_pin() -> BadPinError:
    """Return the refusal of a PIN whose attempt was spent before it was compared."""
    return BadPinError("The PIN is not right.")


def bad_code() -> BadCodeError:
    """Return the refusal of a code: wrong, spent, too old, or sent for another sign-in. Which one is not said."""
    return BadCodeError("The code is not right, or no longer.")


def allowed_measures(words: str) -> tuple[Measure, ...]:
    """Return the measures of an account, kept with a blank between; those this program does not know are left out.

    None is never the answer: a PIN protects best, and is what an administrator imposes by leaving it alone.
    """
    held = words.split()
    return tuple(one for one in MEASURES if one in held) or ("pin",)


def check_measure(measure: str, pin: str, allowed: tuple[Measure, ...] = MEASURES) -> Measure:
    """Return the measure a user chose, when it may be chosen; the PIN goes with `pin` alone.

    Raises:
        NotAllowedError: the measure is not among those allowed.
        WeakSecretError: the PIN is not 4 to 12 digits, or one of those tried first.
    """
    for one in allowed:
        if one == measure:
            if one == "pin":
                pins.check_pin(pin)
            return one
    raise NotAllowedError("The school does not allow this measure.")


def measure_taken() -> NotAllowedError:
    """Return the refusal of a first choice when one was made meanwhile, elsewhere or by an administrator."""
    return NotAllowedError("A measure was chosen for this account meanwhile: sign in again.")


def bad_credentials() -> BadCredentialsError:
    """Return the one refusal of login and password: the same bytes whatever was wrong."""
    return BadCredentialsError("The login or the password is not right.")


def locked(seconds: float) -> LockedError:
    """Return the refusal while a ladder says wait: whole seconds, 0 until an administrator resets it."""
    return LockedError("Too many failures.", seconds=int(seconds + 0.999) if seconds < float("inf") else 0)


def pin_off() -> LockedError:
    """Return the refusal once the PIN is off."""
    return locked(float("inf"))
