"""The router, as scripts: what happens, and what it asks of the world."""

import itertools
import math
from collections.abc import Callable
from typing import Any, Final

import pytest

from hpserver.errors import (
    BadCredentialsError,
    BadPinError,
    BusyError,
    EnrolmentRefusedError,
    GoingAwayError,
    HPError,
    InvalidNameError,
    LockedError,
    NotAllowedError,
    NotFoundError,
    PasswordOverError,
    PlanningNotInServiceError,
    SessionEndedError,
    TooSlowError,
    UnexpectedMessageError,
    WeakSecretError,
)
from hpserver.identity import login
from hpserver.identity.actor import PROOF_SECONDS, Actor
from hpserver.identity.login import Facts
from hpserver.identity.sessions import MOST_HOURS, lasted
from hpserver.identity.tickets import ticket_hash
from hpserver.protocol import messages as m
from hpserver.protocol.catalogue import administration as w
from hpserver.protocol.limits import LOGIN_SECONDS, PIN_SECONDS
from hpserver.protocol.refusal import refusal
from hpserver.protocol.states import TRANSITIONS, Role, Side, State, states_of
from hpserver.routing import effects as fx
from hpserver.routing import stimuli as st
from hpserver.routing.router import ADMISSION_SECONDS, MAX_ADMISSIONS, Router, _Admission
from tests.machine import Playbook

SESSION_SECONDS: Final = MOST_HOURS * 3600.0
SESSION_MS: Final = MOST_HOURS * 3_600_000
MINE: Final = b"m" * 32
TICKET: Final = b"t" * 32
ANNE: Final = st.Person(5, "durand", "Durand", "Anne", "user")
LISTED: Final = m.PlanningListed("planning01", "Lyc\u00e9e", "Modification", "live", "2026-2027")
PLACE: Final = st.Place(11, "planning01", 7, "127.0.0.1", 21200, "127.0.0.1", 21201, "planning01.monecole.example")
HELLO: Final = m.Hello((1,), (), "test")
LOGIN: Final = m.Login(1, 0, " DURAND", "Lune-4-Papier")

Script = Playbook[Router]


def facts(**changed: Any) -> Facts:
    """Return what is known of Anne: right password, PIN chosen, device not registered."""
    usual: dict[str, Any] = {
        "known": True,
        "enabled": True,
        "password_right": True,
        "measure": "pin",
        "registered": False,
        "pin_off": False,
    }
    return Facts(**usual | changed)


def greeted(number: int = 1, role: Role = Role.CONTROLLER) -> Script:
    """Return a router with one session that was greeted."""
    return Playbook(Router()) >> st.SessionOpened(number, role, 3, MINE) >> st.Heard(number, HELLO) << fx.Greet(number)


def knocking() -> Script:
    """Return a router with one session whose password is being checked."""
    return greeted() >> st.Heard(1, LOGIN) << fx.CheckPassword(1, 1, "durand", "Lune-4-Papier", 3)


def logged_in(request: int, *, registered: bool = False) -> fx.Send:
    """Return the answer that lets Anne in."""
    return fx.Send(1, m.LoggedIn(request, 5, "durand", "Durand", "Anne", "user", registered))


def refused(request: int, error: HPError) -> fx.Send:
    """Return the refusal of a request of session 1."""
    return fx.Send(1, refusal(request, error))


def at_home() -> Script:
    """Return a router with Anne inside, on a registered device."""
    return knocking() >> st.PasswordChecked(1, 1, ANNE, facts(registered=True)) << logged_in(1, registered=True)


def opening() -> Script:
    """Return a router that waits for planning01 to admit Anne."""
    return (
        at_home()
        >> st.Heard(1, m.OpenPlanning(2, 0, "planning01"))
        << fx.FindPlanning(1, 2, 5, "planning01")
        >> st.PlanningFound(1, 2, PLACE, TICKET)
        << fx.AdmitAt(11, 1, ticket_hash(TICKET), MINE, 5, "durand", "Anne Durand", "planning01", 7, 30_000, SESSION_MS)
    )


# --- login ----------------------------------------------------------------------------------------------------


def test_a_registered_device_is_let_in() -> None:
    """Certificate and password are enough on a device the user registered."""
    at_home().end()


def test_the_pin_is_asked_then_lets_in() -> None:
    """The user is told of the sign-in from a device that is not registered."""
    (
        knocking()
        >> st.PasswordChecked(1, 1, ANNE, facts())
        << fx.Send(1, m.PinNeeded(1))
        >> st.Heard(1, m.ProvePin(2, 0, "4827"))
        << fx.CheckPin(1, 2, 5, "4827")
        >> st.PinChecked(1, 2, right=True)
        << logged_in(2)
        << fx.Notify(5, 3)
    ).end()


def test_a_wrong_pin_may_be_tried_again() -> None:
    """The session stays where it was; the ladder counts."""
    (
        knocking()
        >> st.PasswordChecked(1, 1, ANNE, facts())
        << fx.Send(1, m.PinNeeded(1))
        >> st.Heard(1, m.ProvePin(2, 0, "4827"))
        << fx.CheckPin(1, 2, 5, "4827")
        >> st.PinChecked(1, 2, right=False)
        << refused(2, BadPinError("The PIN is not right."))
        >> st.Heard(1, m.ProvePin(3, 0, "4828"))
        << fx.CheckPin(1, 3, 5, "4828")
        >> st.AskFailed(1, 3, login.locked(60))
        << refused(3, login.locked(60))
    ).end()


def test_a15_a_code_stands_for_a_pin_that_is_off_until_another_measure_is_chosen() -> None:
    """The PIN goes only when the choice is on disk; a wrong code may be tried again."""
    (
        knocking()
        >> st.PasswordChecked(1, 1, ANNE, facts(pin_off=True, codes=True))
        << fx.Send(1, m.PinNeeded(1))
        >> st.Heard(1, m.RequestCode(2, 0))
        << fx.SendCode(1, 2, 5, 3)
        >> st.CodeSent(1, 2, 600.0)
        << fx.Send(1, m.CodeSent(2, 600))
        >> st.Heard(1, m.ProveCode(3, 0, "719911"))
        << fx.CheckCode(1, 3, 5, "719911")
        >> st.CodeChecked(1, 3, right=False)
        << refused(3, login.bad_code())
        >> st.Heard(1, m.ProveCode(4, 0, "719910"))
        << fx.CheckCode(1, 4, 5, "719910")
        >> st.CodeChecked(1, 4, right=True)
        << fx.Send(1, m.MeasureNeeded(4, ("none", "notification", "pin")))
        >> st.Heard(1, m.ChooseMeasure(5, 0, "pin", "4827"))
        << fx.SaveMeasure(1, 5, 5, "pin", "4827", "")
        >> st.MeasureSaved(1, 5, "pin")
        << logged_in(5)
    ).end()


def test_a15_who_asks_for_a_code_asks_from_a_device_and_an_address() -> None:
    """Both answer for it."""
    (
        Playbook(Router())
        >> st.SessionOpened(1, Role.CONTROLLER, 3, MINE, "192.0.2.1")
        >> st.Heard(1, HELLO)
        << fx.Greet(1)
        >> st.Heard(1, LOGIN)
        << fx.CheckPassword(1, 1, "durand", "Lune-4-Papier", 3, "192.0.2.1")
        >> st.PasswordChecked(1, 1, ANNE, facts(codes=True))
        << fx.Send(1, m.PinNeeded(1))
        >> st.Heard(1, m.RequestCode(2, 0))
        << fx.SendCode(1, 2, 5, 3, "192.0.2.1")
    ).end()


def test_a15_without_codes_a_pin_that_is_off_lets_nobody_ask_for_one() -> None:
    """Where the school sends none, the sign-in ends as before."""
    (
        knocking()
        >> st.PasswordChecked(1, 1, ANNE, facts(pin_off=True))
        << refused(1, login.pin_off())
        >> st.Heard(1, m.RequestCode(2, 0))
        << fx.Close(1, UnexpectedMessageError())
    ).end()


@pytest.mark.parametrize(("measure", "told"), [("none", []), ("notification", [fx.Notify(5, 3)])])
def test_another_measure_lets_in(measure: str, told: list[fx.Effect]) -> None:
    """Nothing more is asked; with a notification the user hears of it."""
    script = knocking() >> st.PasswordChecked(1, 1, ANNE, facts(measure=measure)) << logged_in(1)
    for effect in told:
        script = script << effect
    script.end()


def test_a_measure_is_chosen_at_the_first_sign_in() -> None:
    """The choice is on disk before the session opens."""
    (
        knocking()
        >> st.PasswordChecked(1, 1, ANNE, facts(measure=""))
        << fx.Send(1, m.MeasureNeeded(1, ("none", "notification", "pin")))
        >> st.Heard(1, m.ChooseMeasure(2, 0, "pin", "1234"))
        << refused(2, _weak())
        >> st.Heard(1, m.ChooseMeasure(3, 0, "nothing"))
        << refused(3, NotAllowedError("The school does not allow this measure."))
        >> st.Heard(1, m.ChooseMeasure(4, 0, "pin", "4827"))
        << fx.SaveMeasure(1, 4, 5, "pin", "4827", "")
        >> st.MeasureSaved(1, 4, "pin")
        << logged_in(4)
    ).end()


def test_a17_a_password_that_was_given_is_changed_before_anything_else() -> None:
    """A new password that is weak is asked for again; then the measure, if there is none yet; then home."""
    (
        knocking()
        >> st.PasswordChecked(1, 1, ANNE, facts(measure="", age="change"))
        << fx.Send(1, m.PasswordNeeded(1))
        >> st.Heard(1, m.ChangePassword(2, 0, "before", "weak"))
        << fx.ChangePassword(1, 2, 5, "durand", "before", "weak", 3, MINE)
        >> st.AskFailed(1, 2, WeakSecretError("weak", rule="digit"))
        << refused(2, WeakSecretError("weak", rule="digit"))
        >> st.Heard(1, m.ChangePassword(3, 0, "before", "after"))
        << fx.ChangePassword(1, 3, 5, "durand", "before", "after", 3, MINE)
        >> st.PasswordChanged(1, 3)
        << fx.Send(1, m.MeasureNeeded(3, ("none", "notification", "pin")))
        >> st.Heard(1, m.ChooseMeasure(4, 0, "none"))
        << fx.SaveMeasure(1, 4, 5, "none", "", "")
        >> st.MeasureSaved(1, 4, "none")
        << logged_in(4)
    ).end()


def test_a17_nobody_changes_a_password_for_who_has_a_pin() -> None:
    """The PIN comes first; the user is told of the sign-in all the same."""
    (
        knocking()
        >> st.PasswordChecked(1, 1, ANNE, facts(age="change"))
        << fx.Send(1, m.PinNeeded(1))
        >> st.Heard(1, m.ProvePin(2, 0, "4827"))
        << fx.CheckPin(1, 2, 5, "4827")
        >> st.PinChecked(1, 2, right=True)
        << fx.Send(1, m.PasswordNeeded(2))
        >> st.Heard(1, m.ChangePassword(3, 0, "before", "after"))
        << fx.ChangePassword(1, 3, 5, "durand", "before", "after", 3, MINE)
        >> st.PasswordChanged(1, 3)
        << logged_in(3)
        << fx.Notify(5, 3)
    ).end()


def test_who_will_not_change_the_password_leaves() -> None:
    """Logout is the other thing that may be said there."""
    (asked_for_password() >> st.Heard(1, m.Logout(2, 0)) << fx.Send(1, m.LoggedOut(2)) << fx.Close(1)).end()


def test_who_is_inside_stays_there_with_another_password_or_measure() -> None:
    """And has proved the password by it."""
    script = (
        at_home()
        >> st.Heard(1, m.ChangePassword(2, 0, "before", "after"))
        << fx.ChangePassword(1, 2, 5, "durand", "before", "after", 3, MINE)
        >> st.PasswordChanged(1, 2)
        << fx.Send(1, m.AccessChanged(2))
        >> st.Heard(1, m.ChangeMeasure(3, 0, "pin", "4827", "after"))
        << fx.ChangeMeasure(1, 3, 5, "durand", "after", 3, "pin", "4827")
        >> st.MeasureSaved(1, 3, "pin")
        << fx.Send(1, m.AccessChanged(3))
    )
    for message in (m.ChangePassword(4, 0, "x" * 1025, "y"), m.ChangeMeasure(4, 0, "none", "", "x" * 1025)):
        script = script >> st.Heard(1, message) << refused(4, login.bad_credentials())
    script.end()


def test_a_password_changed_at_home_counts_as_proved() -> None:
    """Sensitive wishes need no third time."""
    script = (
        at_home().later(PROOF_SECONDS + 1)
        >> st.Heard(1, m.ChangePassword(2, 0, "before", "after"))
        << fx.ChangePassword(1, 2, 5, "durand", "before", "after", 3, MINE)
        >> st.PasswordChanged(1, 2)
        << fx.Send(1, m.AccessChanged(2))
    )
    wish = w.ListUsers()
    actor = Actor(5, "durand", "user", proved=True, thumbprint=MINE, device=3)
    (script >> st.Heard(1, m.Administer(3, 0, wish)) << fx.Administer(1, 3, actor, wish)).end()


def test_who_just_signed_in_has_proved_the_password() -> None:
    """For five minutes, and no longer."""
    wish, actor = w.ListUsers(), Actor(5, "durand", "user", proved=True, thumbprint=MINE, device=3)
    script = at_home().later(PROOF_SECONDS - 1) >> st.Heard(1, m.Administer(2, 0, wish))
    script = script << fx.Administer(1, 2, actor, wish)
    later = Actor(5, "durand", "user", proved=False, thumbprint=MINE, device=3)
    (script.later(1) >> st.Heard(1, m.Administer(3, 0, wish)) << fx.Administer(1, 3, later, wish)).end()


@pytest.mark.parametrize("works", [True, False])
def test_who_revokes_the_device_they_sit_on_is_answered_and_then_closed(*, works: bool) -> None:
    """The answer is the last that is said; in between nothing is heard, and the device of another is closed at once."""
    wish = w.RevokeDevice(3, "lost")
    actor = Actor(5, "durand", "user", proved=True, thumbprint=MINE, device=3)
    ended = fx.Close(1, SessionEndedError("No longer trusted."))
    script = at_home() >> st.Heard(1, m.Administer(2, 0, wish)) << fx.Administer(1, 2, actor, wish)
    script = script >> st.Forgotten(thumbprint=MINE) << fx.ForgetEverywhere(0, MINE)
    script = script >> st.Heard(1, m.ListPlannings(3, 0))
    if works:
        script = script >> st.Carried(1, 2, w.Done(2)) << fx.Send(1, m.Administered(2, w.Done(2)))
    else:
        script = script >> st.AskFailed(1, 2, BusyError("x")) << refused(2, BusyError("x"))
    (script << ended).end()
    other = w.RevokeDevice(4, "lost")
    script = at_home() >> st.Heard(1, m.Administer(2, 0, other)) << fx.Administer(1, 2, actor, other)
    (script >> st.Forgotten(thumbprint=MINE) << ended << fx.ForgetEverywhere(0, MINE)).end()


def test_a_password_that_is_over_lets_nobody_in() -> None:
    """Who knows it is told why, and stays where one logs in."""
    (
        knocking()
        >> st.PasswordChecked(1, 1, ANNE, facts(age="over"))
        << refused(1, PasswordOverError("The password was good for a time that is over: ask for another one."))
        >> st.Heard(1, m.Login(2, 0, "durand", "x"))
        << fx.CheckPassword(1, 2, "durand", "x", 3)
    ).end()


def test_a03_who_comes_in_hears_of_guesses_and_of_the_last_time() -> None:
    """And that the school wishes another password (ASVS 6.3.5)."""
    anne = st.Person(5, "durand", "Durand", "Anne", "user", 1_800_000_000.5)
    told = m.LoggedIn(1, 5, "durand", "Durand", "Anne", "user", True, True, 7, 1_800_000_000_500)
    known = facts(registered=True, age="old", failures=7)
    (knocking() >> st.PasswordChecked(1, 1, anne, known) << fx.Send(1, told)).end()


def test_only_measures_that_the_school_allows_are_chosen() -> None:
    """Who had another one chooses anew, from those."""
    (
        knocking()
        >> st.PasswordChecked(1, 1, ANNE, facts(measure="none", allowed=("pin",)))
        << fx.Send(1, m.MeasureNeeded(1, ("pin",)))
        >> st.Heard(1, m.ChooseMeasure(2, 0, "none"))
        << refused(2, NotAllowedError("The school does not allow this measure."))
    ).end()


def test_a_pin_is_kept_for_the_measure_of_that_name_only() -> None:
    """A PIN nobody will ask for is not stored."""
    (
        knocking()
        >> st.PasswordChecked(1, 1, ANNE, facts(measure=""))
        << fx.Send(1, m.MeasureNeeded(1, ("none", "notification", "pin")))
        >> st.Heard(1, m.ChooseMeasure(2, 0, "none", "4827"))
        << fx.SaveMeasure(1, 2, 5, "none", "", "")
    ).end()


@pytest.mark.parametrize(
    ("person", "changed"),
    [
        (None, {"known": False, "enabled": False, "password_right": False, "measure": ""}),
        (None, {"known": False, "password_right": True}),
        (ANNE, {"enabled": False}),
        (ANNE, {"password_right": False}),
        (ANNE, {"password_right": False, "registered": True}),
        (ANNE, {"password_right": False, "measure": "", "pin_off": True}),
    ],
)
def test_a07_unknown_disabled_and_wrong_get_the_same_bytes(person: st.Person | None, changed: dict[str, Any]) -> None:
    """Nobody learns which logins exist."""
    (
        knocking()
        >> st.PasswordChecked(1, 1, person, facts(**changed))
        << refused(1, BadCredentialsError("The login or the password is not right."))
        >> st.Heard(1, m.Login(2, 0, "durand", "x"))
        << fx.CheckPassword(1, 2, "durand", "x", 3)
    ).end()


def test_a10_a_long_password_costs_no_hash() -> None:
    """It is refused like a wrong one, and nobody compares it."""
    long = m.Login(1, 0, "durand", "\u00e9" * 513)
    (greeted() >> st.Heard(1, long) << refused(1, login.bad_credentials())).end()


def test_a11_a_busy_server_says_when_to_come_back() -> None:
    """The session stays: the client need not connect again."""
    busy = BusyError("Too many passwords wait.", seconds=5)
    (
        knocking()
        >> st.AskFailed(1, 1, busy)
        << refused(1, busy)
        >> st.Heard(1, LOGIN)
        << fx.CheckPassword(1, 1, "durand", "Lune-4-Papier", 3)
    ).end()


def test_a04_a_pin_that_is_off_is_told_after_the_password() -> None:
    """Only who knows the password learns that the PIN is off."""
    (
        knocking()
        >> st.PasswordChecked(1, 1, ANNE, facts(pin_off=True))
        << refused(1, LockedError("Too many failures.", seconds=0))
    ).end()


def test_an_answer_nobody_waits_for_is_dropped() -> None:
    """A late or invented answer of the world changes nothing."""
    (
        greeted()
        >> st.PasswordChecked(1, 1, ANNE, facts(registered=True))
        >> st.PinChecked(1, 1, right=True)
        >> st.MeasureSaved(1, 1, "none")
        >> st.DeviceSaved(1, 1)
        >> st.PlanningsFound(1, 1, (LISTED,))
        >> st.PlanningFound(1, 1, PLACE, TICKET)
        >> st.AdmissionAnswered(11, 1, 7)
        >> st.Certified(1, 1, 9, (b"c",))
        >> st.AskFailed(1, 1, BusyError())
        >> st.AskFailed(9, 1, BusyError())
        >> st.Heard(9, LOGIN)
        >> st.SessionClosed(9)
        >> st.PlanningLost(11)
    ).end()


def test_a17_an_answer_to_another_question_lets_nobody_in() -> None:
    """The answer of one check does not stand for another's."""
    (knocking() >> st.PinChecked(1, 1, right=True) >> st.MeasureSaved(1, 1, "none")).end()


# --- at home --------------------------------------------------------------------------------------------------


def test_a12_a_device_is_registered_with_its_certificate() -> None:
    """What is remembered is the certificate of this connection: a copied name is worth nothing elsewhere."""
    (
        at_home()
        >> st.Heard(1, m.RegisterDevice(2, 0, "  Salle  des profs "))
        << fx.SaveDevice(1, 2, 5, 3, MINE, "Salle des profs")
        >> st.DeviceSaved(1, 2)
        << fx.Send(1, m.DeviceRegistered(2))
        >> st.Heard(1, m.RegisterDevice(3, 0, " "))
        << refused(3, InvalidNameError("A device has a name."))
    ).end()


def test_plannings_are_listed() -> None:
    """Those the shell found for this user, and no others."""
    (
        at_home()
        >> st.Heard(1, m.ListPlannings(2, 0))
        << fx.FindPlannings(1, 2, 5)
        >> st.PlanningsFound(1, 2, (LISTED,))
        << fx.Send(1, m.Plannings(2, (LISTED,)))
    ).end()


def test_logout_ends_the_session() -> None:
    """The answer leaves before the door closes."""
    (at_home() >> st.Heard(1, m.Logout(2, 0)) << fx.Send(1, m.LoggedOut(2)) << fx.Close(1)).end()


def test_ping_and_cancel_ask_nothing() -> None:
    """The connection answers them."""
    (at_home() >> st.Heard(1, m.Ping(1)) >> st.Heard(1, m.Pong(1)) >> st.Heard(1, m.Cancel(4))).end()


# --- opening a planning ---------------------------------------------------------------------------------------


def test_r02_the_ticket_is_told_once_the_planning_admits_it() -> None:
    """The client never comes before the planning server knows it."""
    (
        opening()
        >> st.AdmissionAnswered(11, 1, 7)
        << fx.Send(
            1,
            m.PlanningOpened(
                2,
                m.Endpoint("127.0.0.1", 21200, "planning01.monecole.example"),
                m.Endpoint("127.0.0.1", 21201, "planning01.monecole.example"),
                TICKET,
                7,
                30_000,
            ),
        )
    ).end()


OUT: Final = PlanningNotInServiceError("The planning is not in service now.", planning="planning01")


@pytest.mark.parametrize(
    "answer",
    [st.AdmissionAnswered(11, 1, 0), st.AdmissionAnswered(11, 1, 8), st.PlanningLost(11)],
    ids=["refused", "r02_other_epoch", "lost"],
)
def test_a_planning_that_does_not_admit_is_not_in_service(answer: st.Stimulus) -> None:
    """A refusal, another epoch or a broken line: the client may try again."""
    (opening() >> answer << refused(2, OUT) >> answer).end()


def test_a_planning_that_does_not_answer_is_not_in_service() -> None:
    """Nobody waits for a server that hangs."""
    script = opening()
    assert script.machine.next_deadline() == script.now + ADMISSION_SECONDS
    (script.later(ADMISSION_SECONDS) >> st.Ticked() << refused(2, OUT)).end()


def test_r04_another_planning_cannot_answer() -> None:
    """What planning02 says does not let anybody into planning01."""
    (opening() >> st.AdmissionAnswered(12, 1, 7) >> st.AdmissionAnswered(11, 2, 7) >> st.PlanningLost(12)).end()


def test_a_planning_that_may_not_be_opened_is_refused() -> None:
    """The shell says why: unknown, not assigned, not in service."""
    error = NotFoundError("No such planning.", planning="planning09")
    (
        at_home()
        >> st.Heard(1, m.OpenPlanning(2, 0, "planning09"))
        << fx.FindPlanning(1, 2, 5, "planning09")
        >> st.AskFailed(1, 2, error)
        << refused(2, error)
    ).end()


def test_who_leaves_while_a_planning_opens_is_forgotten() -> None:
    """No ticket is told to a session that is gone."""
    (opening() >> st.SessionClosed(1) >> st.AdmissionAnswered(11, 1, 7)).end()


def test_admissions_have_a_bound() -> None:
    """Planning servers that hang cannot fill the controller."""
    router = Router()
    script = Playbook(router)
    waiting = _Admission(9, 9, PLACE, TICKET, math.inf)
    router._admissions.update(dict.fromkeys(range(-MAX_ADMISSIONS, 0), waiting))
    script = script >> st.SessionOpened(1, Role.CONTROLLER, 3, MINE) >> st.Heard(1, HELLO) << fx.Greet(1)
    (
        script
        >> st.Heard(1, LOGIN)
        << fx.CheckPassword(1, 1, "durand", "Lune-4-Papier", 3)
        >> st.PasswordChecked(1, 1, ANNE, facts(registered=True))
        << logged_in(1, registered=True)
        >> st.Heard(1, m.OpenPlanning(2, 0, "planning01"))
        << fx.FindPlanning(1, 2, 5, "planning01")
        >> st.PlanningFound(1, 2, PLACE, TICKET)
        << refused(2, BusyError("Too many are coming in.", seconds=1))
    ).end()


# --- enrolment ------------------------------------------------------------------------------------------------

ENROL: Final = m.Enrol(1, 0, TICKET, b"csr", "Bureau")


def test_a_device_is_enrolled_once() -> None:
    """The certificate leaves, then the door closes."""
    (
        greeted(role=Role.ENROLMENT)
        >> st.Heard(1, ENROL)
        << fx.Certify(1, 1, TICKET, b"csr", "Bureau")
        >> st.Certified(1, 1, 9, (b"leaf", b"issuer"))
        << fx.Send(1, m.Enrolled(1, 9, (b"leaf", b"issuer")))
        << fx.Close(1)
        >> st.Certified(1, 1, 9, (b"leaf", b"issuer"))
    ).end()


def test_t07_a_refused_ticket_closes() -> None:
    """One ticket a connection: guessing costs a handshake each."""
    error = EnrolmentRefusedError("The ticket is not valid.")
    (
        greeted(role=Role.ENROLMENT)
        >> st.Heard(1, ENROL)
        << fx.Certify(1, 1, TICKET, b"csr", "Bureau")
        >> st.AskFailed(1, 1, error)
        << refused(1, error)
        << fx.Close(1)
    ).end()


# --- deadlines, leaving, trust --------------------------------------------------------------------------------


def test_p03_a_silent_connection_is_closed() -> None:
    """The deadline is absolute: it is set once, at the end of the handshake."""
    script = greeted()
    assert script.machine.next_deadline() == script.now + LOGIN_SECONDS
    (script.later(LOGIN_SECONDS - 0.1) >> st.Ticked()).end()
    (script.later(0.1) >> st.Ticked() << fx.Close(1, TooSlowError()) >> st.Ticked()).end()


def test_a_person_has_time_for_the_pin() -> None:
    """Two minutes from the question on, however often it is answered."""
    script = asked_for_pin()
    (script.later(PIN_SECONDS - 1) >> st.Ticked()).end()
    (script.later(1) >> st.Ticked() << fx.Close(1, TooSlowError())).end()


def test_s07_no_session_is_immortal() -> None:
    """Twelve hours after the login the session ends, whatever it does."""
    script = at_home()
    (script.later(SESSION_SECONDS - 1) >> st.Ticked()).end()
    (script.later(1) >> st.Ticked() << fx.Close(1, lasted())).end()
    assert script.machine.next_deadline() is None


@pytest.mark.parametrize(
    ("forgotten", "hit"),
    [
        (st.Forgotten(user=5), True),
        (st.Forgotten(thumbprint=MINE), True),
        (st.Forgotten(user=6), False),
        (st.Forgotten(thumbprint=b"o" * 32), False),
        (st.Forgotten(), False),
    ],
)
def test_a13_who_is_no_longer_trusted_is_closed_everywhere(forgotten: st.Forgotten, *, hit: bool) -> None:
    """The session ends here, and every planning server hears of it."""
    script = at_home() >> forgotten
    if hit:
        script = script << fx.Close(1, SessionEndedError())
    (script << fx.ForgetEverywhere(forgotten.user, forgotten.thumbprint)).end()


def test_a13_who_is_half_way_in_is_closed_too() -> None:
    """Disabling a user counts between the password and the PIN as well."""
    (
        knocking()
        >> st.PasswordChecked(1, 1, ANNE, facts())
        << fx.Send(1, m.PinNeeded(1))
        >> st.Forgotten(user=5)
        << fx.Close(1, SessionEndedError())
        << fx.ForgetEverywhere(5, b"")
    ).end()


def test_a_controller_that_leaves_says_so_once() -> None:
    """Everybody is told, nobody new comes in, who cannot be told yet is closed."""
    away = GoingAwayError()
    (
        at_home()
        >> st.SessionOpened(2, Role.CONTROLLER, 4, MINE)
        >> st.Drained(10_000)
        << fx.Send(1, m.GoAway(GoingAwayError.code, "GoingAwayError", 10_000))
        << fx.Close(2, away)
        >> st.SessionOpened(3, Role.CONTROLLER, 4, MINE)
        << fx.Close(3, away)
        >> st.Drained(10_000)
    ).end()


def test_counters_say_who_is_here() -> None:
    """The screens show connections and sessions."""
    script = opening() >> st.SessionOpened(2, Role.CONTROLLER, 4, MINE)
    assert isinstance(script.machine, Router)
    assert script.machine.counters == {"connections": 2, "sessions": 1, "admissions": 1}


def test_who_is_here_includes_who_is_half_way_in() -> None:
    """A user who is disabled between password and PIN is found too."""
    for script, people in ((greeted(), set()), (asked_for_pin(), {5}), (at_home(), {5})):
        assert script.machine.people() == people


def test_what_is_no_stimulus_is_a_bug() -> None:
    """It is loud, and never ignored."""
    with pytest.raises(TypeError):
        Router().handle(st.Stimulus(), 0.0)


# --- the whole table ------------------------------------------------------------------------------------------

SAID: Final[dict[type[m.Message], m.Message]] = {
    type(one): one
    for one in (
        HELLO,
        m.Ping(1),
        m.Pong(1),
        m.Cancel(1),
        m.Enrol(90, 0, TICKET, b"", ""),
        m.Login(90, 0, "durand", "x"),
        m.ProvePin(90, 0, "4827"),
        m.ChangePassword(90, 0, "before", "after"),
        m.ChooseMeasure(90, 0, "none"),
        m.ChangeMeasure(90, 0, "none", "", "Lune-4-Papier"),
        m.RegisterDevice(90, 0, "Bureau"),
        m.ListPlannings(90, 0),
        m.OpenPlanning(90, 0, "planning01"),
        m.Logout(90, 0),
        m.Enter(90, 0, "planning01", TICKET, 0, 0),
        m.FetchSnapshot(90, 0),
        m.Follow(90, 0, 0),
        m.Hold(90, 0, "activity", 1),
        m.GetPresence(90, 0),
    )
}


def asked_for_pin() -> Script:
    """Return a router that waits for Anne's PIN."""
    return knocking() >> st.PasswordChecked(1, 1, ANNE, facts()) << fx.Send(1, m.PinNeeded(1))


def asked_for_measure() -> Script:
    """Return a router that waits for Anne's choice."""
    needed = m.MeasureNeeded(1, ("none", "notification", "pin"))
    return knocking() >> st.PasswordChecked(1, 1, ANNE, facts(measure="")) << fx.Send(1, needed)


def asked_for_password() -> Script:
    """Return a router that waits for Anne's new password."""
    return knocking() >> st.PasswordChecked(1, 1, ANNE, must_change()) << fx.Send(1, m.PasswordNeeded(1))


def must_change() -> Facts:
    """Return what is known of Anne on a registered device, with a password that was given to her."""
    return facts(registered=True, age="change")


REACHED: Final[dict[State, Callable[[], Script]]] = {
    State.FRESH_ENROLMENT: lambda: Playbook(Router()) >> st.SessionOpened(1, Role.ENROLMENT),
    State.GREETED_ENROLMENT: lambda: greeted(role=Role.ENROLMENT),
    State.ENROLLING: lambda: (
        greeted(role=Role.ENROLMENT) >> st.Heard(1, ENROL) << fx.Certify(1, 1, TICKET, b"csr", "Bureau")
    ),
    State.FRESH: lambda: Playbook(Router()) >> st.SessionOpened(1, Role.CONTROLLER, 3, MINE),
    State.GREETED: greeted,
    State.LOGGING_IN: knocking,
    State.PIN: asked_for_pin,
    State.PROVING: lambda: asked_for_pin() >> st.Heard(1, m.ProvePin(2, 0, "4827")) << fx.CheckPin(1, 2, 5, "4827"),
    State.RENEWAL: asked_for_password,
    State.RENEWING: lambda: (
        asked_for_password()
        >> st.Heard(1, m.ChangePassword(2, 0, "before", "after"))
        << fx.ChangePassword(1, 2, 5, "durand", "before", "after", 3, MINE)
    ),
    State.MEASURE: asked_for_measure,
    State.CHOOSING: lambda: (
        asked_for_measure() >> st.Heard(1, m.ChooseMeasure(2, 0, "none")) << fx.SaveMeasure(1, 2, 5, "none", "", "")
    ),
    State.HOME: at_home,
}
"""Ways into every state a session of a controller can rest in: the others pass within one call."""


@pytest.mark.parametrize(
    ("state", "kind"),
    list(itertools.product(REACHED, SAID)),
    ids=lambda one: one.name if isinstance(one, State) else one.__name__,
)
def test_a17_every_message_in_every_state(state: State, kind: type[m.Message]) -> None:
    """What the table does not allow closes the session and asks nothing; no step can be skipped."""
    script: Script = REACHED[state]()
    assert isinstance(script.machine, Router)
    assert script.machine._sessions[1].state is state
    script = script >> st.Heard(1, SAID[kind])
    if kind in TRANSITIONS[state, Side.CLIENT]:
        assert not any(isinstance(effect, fx.Close) for effect in script.asked) or kind is m.Logout
    else:
        (script << fx.Close(1, UnexpectedMessageError()) >> st.Heard(1, LOGIN)).end()


def test_a17_no_state_was_left_out() -> None:
    """Every state a controller can be in is walked above."""
    known = {*states_of(Role.CONTROLLER), *states_of(Role.ENROLMENT)}
    passing = {State.GREETING, State.GREETING_ENROLMENT, State.LEAVING, State.CLOSED}
    assert known - passing == set(REACHED)


def _weak() -> HPError:
    with pytest.raises(WeakSecretError) as raised:
        login.check_measure("pin", "1234")
    return raised.value


def test_a_lock_for_ever_is_told_as_zero() -> None:
    """An infinite number is no JSON and no MessagePack integer."""
    assert login.locked(math.inf).details == {"seconds": 0}
