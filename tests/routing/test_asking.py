"""What is asked of the world for a message."""

from hashlib import sha256
from typing import get_args

from hpserver.identity.actor import PROOF_SECONDS
from hpserver.protocol import messages as m
from hpserver.protocol.catalogue import administration as w
from hpserver.protocol.states import TRANSITIONS, Role, Side, State, states_of
from hpserver.routing import asking
from hpserver.routing import effects as fx
from hpserver.routing.session import Session
from hpserver.routing.stimuli import Person

WISH = w.ListUsers()


def signed_in(now: float) -> Session:
    """A session of ada, who gave her password at `now`."""
    session = Session(1, Role.CONTROLLER, 3, b"t" * 32, 0.0)
    session.state, session.person = State.HOME, Person(5, "ada", status="superadmin")
    session.proved_until = now + PROOF_SECONDS
    return session


def test_a_wish_carries_who_asks_and_whether_the_password_is_fresh() -> None:
    """What is sensitive is decided by the office, from this and nothing the client says."""
    for now, proved in ((0.0, True), (PROOF_SECONDS - 1, True), (PROOF_SECONDS, False)):
        session = signed_in(0.0)
        message = m.Administer(7, 0, WISH)
        assert session.hears(message)
        [effect] = asking.hear(session, message, now)
        assert isinstance(effect, fx.Administer)
        asks = effect.actor
        assert (asks.user, asks.status, asks.proved, asks.thumbprint) == (5, "superadmin", proved, b"t" * 32)


def test_whatever_may_be_said_to_a_controller_is_answered_or_needs_none() -> None:
    """No message of the table is passed over by mistake."""
    said = {kind for role in (Role.CONTROLLER, Role.ENROLMENT) for state in states_of(role)
            for kind in TRANSITIONS[state, Side.CLIENT]}  # fmt: skip
    assert said - set(asking._ASKED) == {m.Ping, m.Pong, m.Cancel}
    assert set(asking._ASKED) <= set(get_args(m.FromClient))


def test_a_device_renews_the_certificate_it_connects_with() -> None:
    """Another device's is refused before anybody is asked to sign."""
    session = signed_in(0.0)
    session.thumbprint = sha256(b"certificate").digest()
    message = m.RenewCertificate(7, 0, b"certificate", b"csr")
    assert session.hears(message)
    assert asking.hear(session, message, 0.0) == [fx.Renew(1, 7, b"certificate", b"csr")]
    other = m.RenewCertificate(8, 0, b"another", b"csr")
    assert session.hears(other)
    [said] = asking.hear(session, other, 0.0)
    assert isinstance(said, fx.Send)
    assert isinstance(said.message, m.Failed)
    assert said.message.details == {"cause": "other_certificate"}


def test_a10_a_proof_is_compared_for_who_is_here() -> None:
    """Under their own login, on their own device; a huge one is refused unhashed."""
    session = signed_in(0.0)
    for number, password in ((1, "Lune-4-Papier"), (2, "x" * 1025)):
        message = m.Prove(number, 0, password)
        assert session.hears(message)
        [effect] = asking.hear(session, message, 0.0)
        if number == 1:
            assert isinstance(effect, fx.ProvePassword)
            assert (effect.login, effect.password, effect.device) == ("ada", "Lune-4-Papier", 3)
        else:
            assert isinstance(effect, fx.Send)
            assert isinstance(effect.message, m.Failed)
            assert effect.message.name == "BadCredentialsError"
