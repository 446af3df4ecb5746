"""The decision: facts about who knocks -> granted, one more question, or why not. It looks nothing up."""

from dataclasses import dataclass
from typing import Final, Literal

from hpserver.errors import BadCredentialsError, BadPinError, HPError, LockedError, NotAllowedError
from hpserver.identity import pins

Measure = Literal["", "none", "notification", "pin"]
"""What protects a user on a device that is not registered; "" is not chosen yet."""

MEASURES: Final[tuple[Measure, ...]] = ("none", "notification", "pin")
"""What a user may choose from, unless the school allows less."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known once the password was compared.

    `known` and `enabled` are the user's; `password_right` is that of the dummy hash for an unknown one.
    `registered` is of this device for this user. `pin_off` says that the PIN's ladder has ended.
    """

    known: bool
    enabled: bool
    password_right: bool
    measure: Measure
    registered: bool
    pin_off: bool
    allowed: tuple[Measure, ...] = MEASURES


@dataclass(frozen=True, slots=True)
class Granted:
    """Come in. With `notify`, the user is told of a sign-in from a device that is not registered."""

    registered: bool
    notify: bool


@dataclass(frozen=True, slots=True)
class AskPin:
    """The password is right, the device is not registered: the PIN is asked."""


@dataclass(frozen=True, slots=True)
class AskMeasure:
    """First sign-in: the user chooses one of these."""

    measures: tuple[Measure, ...]


@dataclass(frozen=True, slots=True)
class Refuse:
    """Stay out, for that reason."""

    error: HPError


Decision = Granted | AskPin | AskMeasure | Refuse


def decide(facts: Facts) -> Decision:
    """Decide after the password.

    1. Who is unknown, disabled, or gives a wrong password is refused, in the same words.
    2. Who has chosen no measure, or one the school no longer allows, chooses one now.
    3. A registered device asks nothing more.
    4. Without a measure nothing more is asked; with a notification the user is told.
    5. With a PIN it is asked, unless too many were wrong: then an administrator helps.
    """
    if not (facts.known and facts.enabled and facts.password_right):
        return Refuse(bad_credentials())
    if facts.measure not in facts.allowed:
        return AskMeasure(facts.allowed)
    if facts.registered:
        return Granted(registered=True, notify=False)
    if facts.measure == "pin":
        return Refuse(pin_off()) if facts.pin_off else AskPin()
    return Granted(registered=False, notify=facts.measure == "notification")


def decide_pin(*, right: bool) -> Granted | Refuse:
    """Decide after the PIN, whose attempt was spent before it was compared."""
    return Granted(registered=False, notify=True) if right else Refuse(BadPinError("The PIN is not right."))


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


def bad_credentials() -> BadCredentialsError:
    """Return the one refusal of login and password: the same bytes whatever was wrong."""
    return BadCredentialsError("The login or the password is not right.")


def locked(seconds: float) -> LockedError:
    """Return the refusal while a ladder says wait: whole seconds, 0 until an administrator resets it."""
    return LockedError("Too many failures.", seconds=int(seconds + 0.999) if seconds < float("inf") else 0)


def pin_off() -> LockedError:
    """Return the refusal once the PIN is off."""
    return locked(float("inf"))
