"""The controller as a pure machine: a stimulus in, effects out. Knows who is where; no socket, clock or database.

Legality is the protocol's table: a message without a rule for the state of its session closes it. An answer of the
world counts only while the request it belongs to waits; whatever else comes is dropped.
"""

from typing import Final

from hpserver.errors import (
    BusyError,
    GoingAwayError,
    HPError,
    PlanningNotInServiceError,
    SessionEndedError,
    TooSlowError,
    UnexpectedMessageError,
)
from hpserver.identity import login
from hpserver.identity.actor import PROOF_SECONDS
from hpserver.identity.sessions import MOST_HOURS, lasted
from hpserver.identity.tickets import ticket_hash
from hpserver.protocol import messages as m
from hpserver.protocol.limits import LOGIN_SECONDS, TICKET_SECONDS
from hpserver.protocol.states import State
from hpserver.routing import asking, entering
from hpserver.routing import effects as fx
from hpserver.routing import stimuli as st
from hpserver.routing.asking import Effects
from hpserver.routing.session import Session

ADMISSION_SECONDS: Final = 5.0
"""A planning server that does not answer an admission within this is as good as lost."""

MAX_ADMISSIONS: Final = 4096
"""Admissions that wait for planning servers, in all."""


class _Admission:
    """An OpenPlanning that waits for its planning server."""

    __slots__ = ("deadline", "place", "request", "session", "ticket")

    def __init__(self, session: int, request: int, place: st.Place, ticket: bytes, deadline: float) -> None:
        self.session = session
        self.request = request
        self.place = place
        self.ticket = ticket
        self.deadline = deadline


class Router:
    """Every session of one controller."""

    def __init__(self) -> None:
        self._sessions: dict[int, Session] = {}
        self._admissions: dict[int, _Admission] = {}
        self._next_admission = 1
        self._draining = False
        self.session_seconds = MOST_HOURS * 3600.0
        """Life of a session from its sign-in, as the school wishes it: for those that come from now on."""

    # --- in, then drain -----------------------------------------------------------------------------------------

    def handle(self, stimulus: st.Stimulus, now: float) -> Effects:  # noqa: C901, PLR0912  one case per stimulus
        """Return what to do about something that happened, in order; `now` is monotonic seconds."""
        match stimulus:
            case st.SessionOpened():
                return self._open(stimulus, now)
            case st.Heard():
                return self._hear(stimulus, now)
            case st.SessionClosed():
                return self._drop(stimulus.session)
            case st.PasswordChecked():
                return self._password_checked(stimulus, now)
            case st.PinChecked():
                return self._pin_checked(stimulus, now)
            case st.CodeSent():
                return self._code_sent(stimulus, now)
            case st.CodeChecked():
                return self._code_checked(stimulus, now)
            case st.MeasureSaved():
                return self._measure_saved(stimulus, now)
            case st.PasswordChanged():
                return self._password_changed(stimulus, now)
            case st.DeviceSaved():
                return self._device_saved(stimulus)
            case st.PlanningsFound():
                found = m.Plannings(stimulus.request, stimulus.plannings)
                return self._answer(stimulus.session, stimulus.request, m.ListPlannings, found)
            case st.PlanningFound():
                return self._planning_found(stimulus, now)
            case st.AdmissionAnswered():
                return self._admission_answered(stimulus)
            case st.PlanningLost():
                return self._planning_lost(stimulus.planning)
            case st.CertificateRenewed():
                renewed = m.CertificateRenewed(stimulus.request, stimulus.certificates)
                return self._answer(stimulus.session, stimulus.request, m.RenewCertificate, renewed)
            case st.Certified():
                return self._certified(stimulus)
            case st.PasswordProved():
                return self._password_proved(stimulus, now)
            case st.Carried():
                done = m.Administered(stimulus.request, stimulus.outcome)
                return self._answer(stimulus.session, stimulus.request, m.Administer, done)
            case st.AskFailed():
                return self._ask_failed(stimulus)
            case st.Forgotten():
                return self._forget(stimulus)
            case st.Drained():
                return self._drain(stimulus)
            case st.Ticked():
                return self._tick(now)
        raise TypeError(f"{type(stimulus).__name__} is no stimulus of a controller.")

    def next_deadline(self) -> float | None:
        """Return when to say `Ticked`, None when nothing waits for the clock."""
        waits = [one.deadline for one in self._sessions.values()]
        waits += [one.deadline for one in self._admissions.values()]
        return min(waits, default=None)

    @property
    def counters(self) -> dict[str, int]:
        """How many are here: small numbers for the screens."""
        inside = sum(one.person is not None for one in self._sessions.values())
        return {"connections": len(self._sessions), "sessions": inside, "admissions": len(self._admissions)}

    def people(self) -> set[int]:
        """Return the users who are here, those half way in too."""
        both = (one for session in self._sessions.values() for one in (session.person, session.knocking))
        return {one.user for one in both if one is not None}

    # --- coming and going ---------------------------------------------------------------------------------------

    def _open(self, stimulus: st.SessionOpened, now: float) -> Effects:
        if self._draining:
            return [fx.Close(stimulus.session, GoingAwayError("The controller is leaving: connect again."))]
        self._sessions[stimulus.session] = Session(
            stimulus.session, stimulus.role, stimulus.device, stimulus.thumbprint, now + LOGIN_SECONDS,
            stimulus.source, self.session_seconds,
        )  # fmt: skip
        return []

    def _drop(self, number: int) -> Effects:
        self._sessions.pop(number, None)
        for key in [key for key, one in self._admissions.items() if one.session == number]:
            del self._admissions[key]
        return []

    def _end(self, number: int, error: HPError | None) -> Effects:
        self._drop(number)
        return [fx.Close(number, error)]

    def _forget(self, stimulus: st.Forgotten) -> Effects:
        """Close what the user or certificate holds here, and pass it on (A13, T04)."""
        error, closed = SessionEndedError("No longer trusted."), Effects()
        for one in [one for one in self._sessions.values() if _goes(one, stimulus)]:
            if one.revoking in one.asked:
                one.over = error
            else:
                closed += self._end(one.number, error)
        return [*closed, fx.ForgetEverywhere(stimulus.user, stimulus.thumbprint, stimulus.but)]

    def _drain(self, stimulus: st.Drained) -> Effects:
        if self._draining:
            return []
        self._draining = True
        leaving = m.GoAway(GoingAwayError.code, GoingAwayError.__name__, stimulus.delay_ms)
        told: Effects = []
        for number, session in list(self._sessions.items()):
            if session.may_say(m.GoAway):
                told.append(fx.Send(number, leaving))
            else:
                told += self._end(number, GoingAwayError("The controller is leaving: connect again."))
        return told

    def _tick(self, now: float) -> Effects:
        done: Effects = []
        for key in [key for key, one in self._admissions.items() if now >= one.deadline]:
            late = self._admissions.pop(key)
            done += self._not_in_service(late)
        for number in [number for number, one in self._sessions.items() if now >= one.deadline]:
            signed_in = self._sessions[number].person is not None
            error = lasted() if signed_in else _too_slow()
            done += self._end(number, error)
        return done

    # --- what a client says -------------------------------------------------------------------------------------

    def _hear(self, stimulus: st.Heard, now: float) -> Effects:
        session, message = self._sessions.get(stimulus.session), stimulus.message
        if session is None or session.over is not None:
            return []
        if not session.hears(message):
            error = UnexpectedMessageError(f"{type(message).__name__} may not be said in {session.state.name}")
            return self._end(session.number, error)
        effects = asking.hear(session, message, now)
        return [*effects, *self._end(session.number, None)] if session.state is State.CLOSED else effects

    # --- what the world answers ---------------------------------------------------------------------------------

    def _password_checked(self, stimulus: st.PasswordChecked, now: float) -> Effects:
        session = self._asking(stimulus.session, stimulus.request, m.Login)
        if session is None:
            return []
        session.knocking = stimulus.person
        return entering.go_on(session, stimulus.request, stimulus.facts, now)

    def _pin_checked(self, stimulus: st.PinChecked, now: float) -> Effects:
        session = self._asking(stimulus.session, stimulus.request, m.ProvePin)
        return [] if session is None else entering.pin_checked(session, stimulus, now)

    def _code_sent(self, stimulus: st.CodeSent, now: float) -> Effects:
        session = self._asking(stimulus.session, stimulus.request, m.RequestCode)
        return [] if session is None else entering.code_sent(session, stimulus, now)

    def _code_checked(self, stimulus: st.CodeChecked, now: float) -> Effects:
        session = self._asking(stimulus.session, stimulus.request, m.ProveCode)
        return [] if session is None else entering.code_checked(session, stimulus, now)

    def _password_changed(self, stimulus: st.PasswordChanged, now: float) -> Effects:
        session = self._asking(stimulus.session, stimulus.request, m.ChangePassword)
        return [] if session is None else entering.password_changed(session, stimulus, now)

    def _measure_saved(self, stimulus: st.MeasureSaved, now: float) -> Effects:
        session = self._asking(stimulus.session, stimulus.request, m.ChooseMeasure, m.ChangeMeasure)
        return [] if session is None else entering.measure_saved(session, stimulus, now)

    def _password_proved(self, stimulus: st.PasswordProved, now: float) -> Effects:
        session = self._asking(stimulus.session, stimulus.request, m.Prove)
        if session is None:
            return []
        if not stimulus.right:
            return asking.refuse(session, stimulus.request, login.bad_credentials())
        session.proved_until = now + PROOF_SECONDS
        return asking.say(session, m.Proved(stimulus.request, int(PROOF_SECONDS)))

    def _device_saved(self, stimulus: st.DeviceSaved) -> Effects:
        answer = m.DeviceRegistered(stimulus.request)
        return self._answer(stimulus.session, stimulus.request, m.RegisterDevice, answer)

    def _certified(self, stimulus: st.Certified) -> Effects:
        answer = m.Enrolled(stimulus.request, stimulus.device, stimulus.certificates)
        said = self._answer(stimulus.session, stimulus.request, m.Enrol, answer)
        return said + self._end(stimulus.session, None) if said else []

    def _ask_failed(self, stimulus: st.AskFailed) -> Effects:
        session = self._sessions.get(stimulus.session)
        if session is None or stimulus.request not in session.asked:
            return []
        refused = asking.refuse(session, stimulus.request, stimulus.error)
        if session.state is State.CLOSED:
            return [*refused, *self._end(session.number, None)]
        return self._last(session, refused)

    # --- opening a planning -------------------------------------------------------------------------------------

    def _planning_found(self, stimulus: st.PlanningFound, now: float) -> Effects:
        session = self._asking(stimulus.session, stimulus.request, m.OpenPlanning)
        if session is None:
            return []
        if len(self._admissions) >= MAX_ADMISSIONS:
            return asking.refuse(session, stimulus.request, BusyError("Too many are coming in.", seconds=1))
        number, self._next_admission = self._next_admission, self._next_admission + 1
        place, ticket, person = stimulus.place, stimulus.ticket, asking.known(session.person)
        deadline = now + ADMISSION_SECONDS
        self._admissions[number] = _Admission(session.number, stimulus.request, place, ticket, deadline)
        return [
            fx.AdmitAt(
                planning=place.planning,
                admission=number,
                ticket_hash=ticket_hash(ticket),
                thumbprint=session.thumbprint,
                user=person.user,
                login=person.login,
                name=f"{person.first_name} {person.name}".strip() or person.login,
                planning_name=place.name,
                epoch=place.epoch,
                ttl_ms=int(TICKET_SECONDS * 1000),
                lasts_ms=max(1, int((session.deadline - now) * 1000)),
            )
        ]

    def _admission_answered(self, stimulus: st.AdmissionAnswered) -> Effects:
        """The ticket is told to its bearer only now that the planning server knows it."""
        admission = self._admissions.get(stimulus.admission)
        if admission is None or admission.place.planning != stimulus.planning:
            return []
        del self._admissions[stimulus.admission]
        place = admission.place
        if stimulus.refused is not None:
            session = self._asking(admission.session, admission.request, m.OpenPlanning)
            return [] if session is None else asking.refuse(session, admission.request, stimulus.refused)
        if stimulus.epoch != place.epoch:
            return self._not_in_service(admission)
        answer = m.PlanningOpened(
            admission.request,
            endpoint=m.Endpoint(place.host, place.port, place.server_name),
            direct=m.Endpoint(place.direct_host, place.direct_port, place.server_name),
            ticket=admission.ticket,
            epoch=stimulus.epoch,
            expires_ms=int(TICKET_SECONDS * 1000),
        )
        return self._answer(admission.session, admission.request, m.OpenPlanning, answer)

    def _planning_lost(self, planning: int) -> Effects:
        lost = [key for key, one in self._admissions.items() if one.place.planning == planning]
        return [effect for key in lost for effect in self._not_in_service(self._admissions.pop(key))]

    def _not_in_service(self, admission: _Admission) -> Effects:
        session = self._asking(admission.session, admission.request, m.OpenPlanning)
        error = PlanningNotInServiceError("The planning is not in service now.", planning=admission.place.name)
        return [] if session is None else asking.refuse(session, admission.request, error)

    # --- answering ----------------------------------------------------------------------------------------------

    def _asking(self, number: int, request: int, *kinds: type[m.Request]) -> Session | None:
        """Return the session whose request of one of those kinds still waits for its answer."""
        session = self._sessions.get(number)
        return session if session is not None and session.asked.get(request) in kinds else None

    def _answer(self, number: int, request: int, kind: type[m.Request], answer: m.Answer) -> Effects:
        session = self._asking(number, request, kind)
        return [] if session is None else self._last(session, asking.say(session, answer))

    def _last(self, session: Session, said: Effects) -> Effects:
        """Say that, and end the session when it was the answer that it waited for with its end."""
        if session.over is None or session.revoking in session.asked:
            return said
        return [*said, *self._end(session.number, session.over)]


def _goes(session: Session, forgotten: st.Forgotten) -> bool:
    if forgotten.but and session.thumbprint == forgotten.but:
        return False
    people = (session.person, session.knocking)
    return bool(forgotten.thumbprint and session.thumbprint == forgotten.thumbprint) or any(
        forgotten.user and one is not None and one.user == forgotten.user for one in people
    )


def _too_slow() -> TooSlowError:
    return TooSlowError(f"No valid login within {LOGIN_SECONDS:.0f} s.")
