"""How a session gets from a right password to its plannings: one question at a time. It knows one session.

What is still to be asked is the login's to decide, from facts alone; each answer adds to them, and it decides again.
"""

from hpserver.identity import login
from hpserver.identity.actor import PROOF_SECONDS
from hpserver.identity.login import Facts
from hpserver.protocol import messages as m
from hpserver.protocol.limits import PIN_SECONDS
from hpserver.routing import asking
from hpserver.routing import effects as fx
from hpserver.routing import stimuli as st
from hpserver.routing.asking import Effects
from hpserver.routing.session import Session


def go_on(session: Session, request: int, facts: Facts, now: float) -> Effects:
    """Answer a step by what comes next: another question, home, or the refusal."""
    session.facts = facts
    match login.decide(facts):
        case login.Granted() as granted:
            return _let_in(session, request, granted, facts, now)
        case login.Refuse() as refuse:
            session.knocking = session.facts = None
            return asking.refuse(session, request, refuse.error)
        case login.AskPin():
            answer: m.Answer = m.PinNeeded(request)
        case login.AskPassword():
            answer = m.PasswordNeeded(request)
        case login.AskMeasure() as ask:
            answer = m.MeasureNeeded(request, tuple(ask.measures))
    session.deadline = now + PIN_SECONDS
    return asking.say(session, answer)


def pin_checked(session: Session, stimulus: st.PinChecked, now: float) -> Effects:
    """A wrong PIN may be tried again: the ladder counts."""
    if not stimulus.right:
        return asking.refuse(session, stimulus.request, login.bad_pin())
    return go_on(session, stimulus.request, _facts(session).after_pin(), now)


def code_sent(session: Session, stimulus: st.CodeSent, now: float) -> Effects:
    """There is time to read one's mail."""
    session.deadline = now + stimulus.seconds
    return asking.say(session, m.CodeSent(stimulus.request, int(stimulus.seconds)))


def code_checked(session: Session, stimulus: st.CodeChecked, now: float) -> Effects:
    """A wrong code may be tried again: the ladder counts."""
    if not stimulus.right:
        return asking.refuse(session, stimulus.request, login.bad_code())
    return go_on(session, stimulus.request, _facts(session).after_code(), now)


def password_changed(session: Session, stimulus: st.PasswordChanged, now: float) -> Effects:
    """Who is inside stays there; who had to change it goes on."""
    if session.person is None:
        return go_on(session, stimulus.request, _facts(session).after_password(), now)
    session.proved_until = now + PROOF_SECONDS
    return asking.say(session, m.AccessChanged(stimulus.request))


def measure_saved(session: Session, stimulus: st.MeasureSaved, now: float) -> Effects:
    """The same, for the measure."""
    if session.person is None:
        return go_on(session, stimulus.request, _facts(session).after_measure(stimulus.measure), now)
    return asking.say(session, m.AccessChanged(stimulus.request))


def _let_in(session: Session, request: int, granted: login.Granted, facts: Facts, now: float) -> Effects:
    person = asking.known(session.knocking)
    session.person, session.knocking = person, None
    session.deadline = now + session.lasts
    session.proved_until = now + PROOF_SECONDS
    answer = m.LoggedIn(
        *(request, person.user, person.login, person.name, person.first_name, person.status),
        registered=granted.registered,
        password_is_old=facts.age == "old",
        failures=facts.failures,
        last_sign_in_ms=int(person.last_sign_in * 1000),
        last_source=person.last_source,
        new_address=person.new_address,
    )
    told: Effects = [fx.Notify(person.user, session.device)] if granted.notify else []
    return asking.say(session, answer) + told


def _facts(session: Session) -> Facts:
    assert session.facts is not None, "somebody knocks"
    return session.facts
