"""The decision after the password, after the PIN, and the choice of a measure."""

import itertools
import math
from typing import Any, get_args

import pytest

from hpserver.errors import (
    BadCredentialsError,
    BadPinError,
    LockedError,
    NotAllowedError,
    PasswordOverError,
    WeakSecretError,
)
from hpserver.identity import login
from hpserver.identity.login import AskMeasure, AskPassword, AskPin, Facts, Granted, Measure, Refuse

MEASURES: tuple[Measure, ...] = get_args(Measure)


def facts(**changed: Any) -> Facts:
    """Return the facts of a user with a PIN, on a device that is not registered."""
    usual: dict[str, Any] = {
        "known": True,
        "enabled": True,
        "password_right": True,
        "measure": "pin",
        "registered": False,
        "pin_off": False,
    }
    return Facts(**usual | changed)


def test_the_pin_is_asked_on_an_unregistered_device() -> None:
    """A stolen password alone opens nothing."""
    assert login.decide(facts()) == AskPin()


def test_a_registered_device_asks_nothing_more() -> None:
    """`J'ajoute cet appareil` spares the PIN, even when the PIN is off."""
    assert login.decide(facts(registered=True, pin_off=True)) == Granted(registered=True, notify=False)


@pytest.mark.parametrize(("measure", "notify"), [("none", False), ("notification", True)])
def test_other_measures_let_in_and_may_tell(measure: str, notify: bool) -> None:
    """The user decided what protects an unregistered device."""
    assert login.decide(facts(measure=measure)) == Granted(registered=False, notify=notify)


def test_a_measure_is_chosen_at_the_first_sign_in() -> None:
    """No choice is not the choice of none."""
    assert login.decide(facts(measure="")) == AskMeasure(("none", "notification", "pin"))


def test_a_school_may_leave_the_pin_as_the_only_choice() -> None:
    """Who had chosen none before the school decided chooses again."""
    assert login.decide(facts(measure="none", allowed=("pin",))) == AskMeasure(("pin",))


def test_a04_a_pin_that_is_off_locks_out() -> None:
    """After ten failures only an administrator helps: seconds is 0."""
    decision = login.decide(facts(pin_off=True))
    assert isinstance(decision, Refuse)
    assert isinstance(decision.error, LockedError)
    assert decision.error.details == {"seconds": 0}


@pytest.mark.parametrize(
    ("known", "enabled", "right", "measure", "registered", "pin_off"),
    list(itertools.product([True, False], [True, False], [True, False], MEASURES, [True, False], [True, False])),
)
def test_a07_every_other_reason_is_one_refusal(
    *, known: bool, enabled: bool, right: bool, measure: Measure, registered: bool, pin_off: bool
) -> None:
    """Unknown, disabled or wrong: the same words, and nobody comes in without all three."""
    decision = login.decide(
        facts(
            known=known, enabled=enabled, password_right=right, measure=measure, registered=registered, pin_off=pin_off
        )
    )
    if known and enabled and right:
        assert not (isinstance(decision, Refuse) and isinstance(decision.error, BadCredentialsError))
        return
    assert isinstance(decision, Refuse)
    assert isinstance(decision.error, BadCredentialsError)
    assert (decision.error.text, decision.error.details) == (login.bad_credentials().text, {})


def test_a_right_pin_lets_in_and_tells() -> None:
    """The sign-in was from a device that is not registered."""
    assert login.decide(facts().after_pin()) == Granted(registered=False, notify=True)
    assert isinstance(login.bad_pin(), BadPinError)


def test_a17_the_pin_comes_before_the_password_is_changed() -> None:
    """Who knows the password alone cannot make it theirs."""
    known = facts(age="change")
    assert login.decide(known) == AskPin()
    assert login.decide(known.after_pin()) == AskPassword()
    assert login.decide(known.after_pin().after_password()) == Granted(registered=False, notify=True)


def test_a17_a_password_that_was_given_is_changed_before_the_measure() -> None:
    """First sign-in: password, then measure, then in; nobody is told of what they just chose."""
    known = facts(measure="", age="change")
    assert login.decide(known) == AskPassword()
    known = known.after_password()
    assert login.decide(known) == AskMeasure(("none", "notification", "pin"))
    assert login.decide(known.after_measure("pin")) == Granted(registered=False, notify=False)


@pytest.mark.parametrize("measure", ["none", "notification", "pin"])
def test_who_chose_a_moment_ago_is_in(measure: Measure) -> None:
    """The new PIN is not asked at once, and nobody tells people what they do."""
    assert login.decide(facts(measure="").after_measure(measure)) == Granted(registered=False, notify=False)


def test_a_password_that_is_over_is_told_to_who_knows_it_alone() -> None:
    """A wrong one gets the usual words."""
    decision = login.decide(facts(age="over", registered=True))
    assert isinstance(decision, Refuse)
    assert isinstance(decision.error, PasswordOverError)
    wrong = login.decide(facts(age="over", password_right=False))
    assert isinstance(wrong, Refuse)
    assert isinstance(wrong.error, BadCredentialsError)


def test_an_old_password_lets_in() -> None:
    """The school only wishes it were another."""
    assert login.decide(facts(age="old", registered=True)) == Granted(registered=True, notify=False)


@pytest.mark.parametrize(
    ("words", "allowed"),
    [
        ("none notification pin", ("none", "notification", "pin")),
        ("pin none", ("none", "pin")),
        ("pin", ("pin",)),
        ("face", ("pin",)),
        ("", ("pin",)),
    ],
)
def test_the_measures_of_an_account(words: str, allowed: tuple[Measure, ...]) -> None:
    """What is not known is not offered; nothing at all means the safest."""
    assert login.allowed_measures(words) == allowed


@pytest.mark.parametrize(("measure", "pin"), [("none", ""), ("notification", "1234"), ("pin", "4827")])
def test_a_measure_may_be_chosen(measure: str, pin: str) -> None:
    """A PIN matters to the measure of that name only."""
    assert login.check_measure(measure, pin) == measure


@pytest.mark.parametrize("measure", ["", "None", "password", "pin "])
def test_another_measure_may_not(measure: str) -> None:
    """What is not in the list is refused, the empty one first."""
    with pytest.raises(NotAllowedError):
        login.check_measure(measure, "4827")


def test_a_weak_pin_may_not() -> None:
    """The measure does not protect when everybody tries its PIN first."""
    with pytest.raises(WeakSecretError):
        login.check_measure("pin", "1234")


@pytest.mark.parametrize(("seconds", "told"), [(0.0, 0), (0.2, 1), (30.0, 30), (59.5, 60), (math.inf, 0)])
def test_a_lock_tells_whole_seconds(seconds: float, told: int) -> None:
    """Who waits what was told is never refused for the same reason again."""
    assert login.locked(seconds).details == {"seconds": told}


def test_a_choice_that_was_made_meanwhile_is_told() -> None:
    """And what to do."""
    assert isinstance(login.measure_taken(), NotAllowedError)
    assert "sign in again" in login.measure_taken().text
