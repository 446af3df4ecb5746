"""What a client of a controller says -> what is asked of the world for it. It knows one session, and no other.

The session has heard the message already: what comes here may be said.
"""

from collections.abc import Callable
from hashlib import sha256
from typing import Any, Final

from hpserver.errors import EnrolmentRefusedError, HPError, InvalidNameError
from hpserver.identity import login, names, passwords
from hpserver.identity.actor import Actor
from hpserver.protocol import messages as m
from hpserver.protocol.catalogue.administration import RevokeDevice
from hpserver.protocol.refusal import refusal
from hpserver.routing import effects as fx
from hpserver.routing.session import Session
from hpserver.routing.stimuli import Person

Effects = list[fx.Effect]


def hear(session: Session, message: m.Message, now: float) -> Effects:
    """Return what to do about a message; what asks nothing of a controller is answered with nothing."""
    answer = _ASKED.get(type(message))
    return [] if answer is None else answer(session, message, now)


def say(session: Session, answer: m.Answer) -> Effects:
    """Answer a request that waits."""
    del session.asked[answer.id]
    session.says(type(answer))
    return [fx.Send(session.number, answer)]


def refuse(session: Session, request: int, error: HPError) -> Effects:
    """Answer a request that waits with why not."""
    return say(session, refusal(request, error))


def known(person: Person | None) -> Person:
    """Return who it is, in the states where somebody is known."""
    assert person is not None
    return person


def _hello(session: Session, _message: m.Hello, _now: float) -> Effects:
    session.says(m.Welcome)
    return [fx.Greet(session.number)]


def _enrol(session: Session, message: m.Enrol, _now: float) -> Effects:
    return [fx.Certify(session.number, message.id, message.ticket, message.request, message.device_name)]


def _login(session: Session, message: m.Login, _now: float) -> Effects:
    if not passwords.accepts_length(message.password):
        return refuse(session, message.id, login.bad_credentials())
    key = names.login(message.login)
    return [fx.CheckPassword(session.number, message.id, key, message.password, session.device, session.source)]


def _prove_pin(session: Session, message: m.ProvePin, _now: float) -> Effects:
    return [fx.CheckPin(session.number, message.id, known(session.knocking).user, message.pin)]


def _request_code(session: Session, message: m.RequestCode, _now: float) -> Effects:
    user = known(session.knocking).user
    return [fx.SendCode(session.number, message.id, user, session.device, session.source)]


def _prove_code(session: Session, message: m.ProveCode, _now: float) -> Effects:
    return [fx.CheckCode(session.number, message.id, known(session.knocking).user, message.code)]


def _choose(session: Session, message: m.ChooseMeasure, _now: float) -> Effects:
    assert session.facts is not None, "somebody knocks"
    try:
        measure = login.check_measure(message.measure, message.pin, session.facts.allowed)
    except HPError as error:
        return refuse(session, message.id, error)
    pin = message.pin if measure == "pin" else ""
    user, held = known(session.knocking).user, session.facts.held
    return [fx.SaveMeasure(session.number, message.id, user, measure, pin, held)]


def _register(session: Session, message: m.RegisterDevice, _now: float) -> Effects:
    name = " ".join(message.name.split())
    if not name:
        return refuse(session, message.id, InvalidNameError("A device has a name."))
    user = known(session.person).user
    return [fx.SaveDevice(session.number, message.id, user, session.device, session.thumbprint, name)]


def _list(session: Session, message: m.ListPlannings, _now: float) -> Effects:
    return [fx.FindPlannings(session.number, message.id, known(session.person).user)]


def _open(session: Session, message: m.OpenPlanning, _now: float) -> Effects:
    return [fx.FindPlanning(session.number, message.id, known(session.person).user, message.planning)]


def _administer(session: Session, message: m.Administer, now: float) -> Effects:
    person, proved = known(session.person), now < session.proved_until
    if isinstance(message.wish, RevokeDevice) and message.wish.device == session.device:
        session.revoking = message.id
    actor = Actor(person.user, person.login, person.status, proved, session.thumbprint, session.device)
    return [fx.Administer(session.number, message.id, actor, message.wish)]


def _prove(session: Session, message: m.Prove, _now: float) -> Effects:
    if not passwords.accepts_length(message.password):
        return refuse(session, message.id, login.bad_credentials())
    key = known(session.person).login
    return [fx.ProvePassword(session.number, message.id, key, message.password, session.device)]


def _change_password(session: Session, message: m.ChangePassword, _now: float) -> Effects:
    if not passwords.accepts_length(message.old):
        return refuse(session, message.id, login.bad_credentials())
    who = known(session.person or session.knocking)
    return [
        fx.ChangePassword(
            session.number,
            message.id,
            who.user,
            who.login,
            message.old,
            message.new,
            session.device,
            session.thumbprint,
        )
    ]


def _change_measure(session: Session, message: m.ChangeMeasure, _now: float) -> Effects:
    if not passwords.accepts_length(message.password):
        return refuse(session, message.id, login.bad_credentials())
    who = known(session.person)
    return [
        fx.ChangeMeasure(
            *(session.number, message.id, who.user, who.login, message.password, session.device),
            measure=message.measure,
            pin=message.pin,
        )
    ]


def _renew(session: Session, message: m.RenewCertificate, _now: float) -> Effects:
    if sha256(message.certificate).digest() != session.thumbprint:
        other = EnrolmentRefusedError("A device renews the certificate it connects with.", cause="other_certificate")
        return refuse(session, message.id, other)
    return [fx.Renew(session.number, message.id, message.certificate, message.request)]


def _logout(session: Session, message: m.Logout, _now: float) -> Effects:
    return say(session, m.LoggedOut(message.id))


_ASKED: Final[dict[type[m.Message], Callable[[Session, Any, float], Effects]]] = {
    m.Hello: _hello,
    m.Enrol: _enrol,
    m.Login: _login,
    m.ProvePin: _prove_pin,
    m.RequestCode: _request_code,
    m.ProveCode: _prove_code,
    m.ChooseMeasure: _choose,
    m.RegisterDevice: _register,
    m.ListPlannings: _list,
    m.OpenPlanning: _open,
    m.Administer: _administer,
    m.Prove: _prove,
    m.ChangePassword: _change_password,
    m.ChangeMeasure: _change_measure,
    m.RenewCertificate: _renew,
    m.Logout: _logout,
}
