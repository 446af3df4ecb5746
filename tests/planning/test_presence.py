"""Who is here and who holds what."""

import pytest

from hpserver.errors import InvalidChangeError, TooManyRequestsError
from hpserver.identity.tickets import Admission
from hpserver.planning.effects import Broadcast, Effect, Send, WakeAt
from hpserver.planning.presence import Presence
from hpserver.planning.session import MAX_HOLDS, Session
from hpserver.protocol import messages as m
from hpserver.protocol.codec import encode_body
from hpserver.protocol.limits import MAX_FRAME
from tests.desk import NO_FEED, a_session


def session(number: int, login: str, *, user: int = 0) -> Session:
    """Somebody who spent a ticket."""
    bearer = Admission(b"", login.encode(), "", user or number, login, login.title(), "", 1, 0.0, "Modification")
    return a_session(number, bearer, f"{login}/1")


@pytest.fixture
def presence() -> Presence:
    """Nobody yet."""
    return Presence()


def enter(presence: Presence, number: int, login: str, *, user: int = 0) -> Session:
    """Let somebody in."""
    came = session(number, login, user=user)
    presence.came(came)
    return came


def hold(presence: Presence, who: Session, key: int, seconds: int = 0, now: float = 100.0) -> list[Effect]:
    """Take an activity."""
    return presence.hold(who, m.Hold(9, 0, "activity", key, seconds), now)


def test_who_watches_is_told_who_comes_and_goes(presence: Presence) -> None:
    """The others are told once, in one broadcast; who comes is not told of oneself."""
    ada = enter(presence, 1, "ada")
    bob = enter(presence, 2, "bob")
    assert presence.look(ada, m.GetPresence(5, 0)) == [Send(1, m.Presence(5, (ada.present(), bob.present())))]

    eve = session(3, "eve")
    assert presence.came(eve) == [Broadcast((1,), m.Came(eve.present()))]
    assert presence.left(2) == [Broadcast((1,), m.Left(2))]
    assert presence.left(1) == []


def test_who_never_entered_leaves_without_a_word(presence: Presence) -> None:
    """A connection that spent no ticket was never there."""
    presence.look(enter(presence, 1, "ada"), m.GetPresence(5, 0))
    assert presence.left(9) == []


def test_the_first_who_takes_an_object_holds_it(presence: Presence) -> None:
    """The second is told who has it, and gets it once it is free."""
    ada, bob = enter(presence, 1, "ada"), enter(presence, 2, "bob")
    assert hold(presence, ada, 4) == [Send(1, m.Held(9, 1))]
    assert hold(presence, ada, 4) == [Send(1, m.Held(9, 1))]
    assert hold(presence, bob, 4) == [Send(2, m.Held(9, 1))]

    presence.release(bob, m.Release(10, 0, "activity", 4))
    assert hold(presence, bob, 4) == [Send(2, m.Held(9, 1))]
    assert presence.release(ada, m.Release(10, 0, "activity", 4)) == [Send(1, m.Released(10))]
    assert hold(presence, bob, 4) == [Send(2, m.Held(9, 2))]


def test_holds_are_told_and_end_with_the_session(presence: Presence) -> None:
    """A client that dies in the middle of a drag blocks nobody."""
    ada, bob = enter(presence, 1, "ada"), enter(presence, 2, "bob")
    presence.look(bob, m.GetPresence(5, 0))
    assert hold(presence, ada, 4)[1:] == [Broadcast((2,), m.HoldsChanged(1, (("activity", 4),)))]
    assert ada.present().holds == (("activity", 4),)

    assert presence.release(ada, m.Release(10, 0, "activity", 4))[1:] == [Broadcast((2,), m.HoldsChanged(1, ()))]
    hold(presence, ada, 5)
    presence.left(1)
    assert hold(presence, bob, 5) == [Send(2, m.Held(9, 2))]


def test_a_session_holds_so_many_objects(presence: Presence) -> None:
    """Nobody takes a whole base away from the others."""
    ada = enter(presence, 1, "ada")
    for key in range(MAX_HOLDS):
        hold(presence, ada, key)
    with pytest.raises(TooManyRequestsError):
        hold(presence, ada, MAX_HOLDS)
    assert len(ada.holds) == MAX_HOLDS


def test_followers_and_whose_sessions(presence: Presence) -> None:
    """Deltas go to who follows; a revocation finds every session of a user or of a certificate."""
    ada, bob, again = enter(presence, 1, "ada"), enter(presence, 2, "bob"), enter(presence, 3, "ada", user=1)
    assert presence.audiences() == ()
    presence.follow(bob)
    assert presence.audiences() == ((NO_FEED, (2,)),)
    presence.unfollow(bob)
    assert presence.audiences() == ()
    presence.follow(again)
    presence.left(3)
    assert presence.audiences() == ()
    presence.came(again)
    assert list(presence.of(user=1, thumbprint=b"")) == [ada, again]
    assert list(presence.of(user=0, thumbprint=b"bob")) == [bob]
    assert list(presence.of(user=0, thumbprint=b"")) == []


def test_only_objects_that_can_be_are_held(presence: Presence) -> None:
    """What is held is told to everybody: nobody makes the others carry words of their own."""
    ada = enter(presence, 1, "ada")
    with pytest.raises(InvalidChangeError):
        presence.hold(ada, m.Hold(9, 0, "x" * 64, 1), 100.0)
    assert not ada.holds


def test_a_crowd_is_told_as_far_as_an_answer_reaches(presence: Presence) -> None:
    """However many are here, who asks gets an answer that fits a frame."""
    crowd = [enter(presence, number, "\U0001d4d0" * 1000) for number in range(1, 200)]
    [answer] = presence.look(crowd[-1], m.GetPresence(5, 0))
    assert isinstance(answer, Send)
    assert isinstance(answer.message, m.Presence)
    assert answer.message.present[0] == crowd[0].present()
    assert MAX_FRAME // 2 < len(encode_body(answer.message)) < MAX_FRAME


def test_a_lease_ends_by_itself_and_is_told(presence: Presence) -> None:
    """A drag that was forgotten blocks nobody: not one tick later than asked for, even while the client lives."""
    ada, bob = enter(presence, 1, "ada"), enter(presence, 2, "bob")
    presence.look(ada, m.GetPresence(5, 0))
    presence.look(bob, m.GetPresence(5, 0))
    assert hold(presence, ada, 4, 5)[2:] == [WakeAt(105.0)]
    assert presence.expire(104.9) == []
    freed = m.HoldsChanged(1, ())
    assert presence.expire(105.0) == [Broadcast((2,), freed), Send(1, freed)]
    assert presence.expire(106.0) == []
    assert hold(presence, bob, 4)[0] == Send(2, m.Held(9, 2))


def test_a_lease_is_renewed_by_asking_again(presence: Presence) -> None:
    """It lasts from then on; the clock rings once for what is next, and what lasts longer stays."""
    ada, bob = enter(presence, 1, "ada"), enter(presence, 2, "bob")
    hold(presence, ada, 4, 5)
    assert hold(presence, ada, 4, 5, now=103.0) == [Send(1, m.Held(9, 1))]
    assert presence.expire(105.0) == [WakeAt(108.0)]
    assert hold(presence, ada, 4, 0, now=106.0) == [Send(1, m.Held(9, 1))]
    assert presence.expire(108.0) == []
    assert hold(presence, bob, 4, 5, now=200.0) == [Send(2, m.Held(9, 1))]


def test_whoever_asks_after_the_end_gets_it_before_the_clock_rings(presence: Presence) -> None:
    """The end is looked at with every wish: a late clock takes nothing from anybody."""
    ada, bob = enter(presence, 1, "ada"), enter(presence, 2, "bob")
    hold(presence, ada, 4, 1)
    assert hold(presence, bob, 4, 2, now=101.5) == [Send(2, m.Held(9, 2)), WakeAt(103.5)]
    presence.release(bob, m.Release(10, 0, "activity", 4))
    assert presence.expire(103.5) == []


def test_a_hold_that_is_refused_leaves_the_others_alone(presence: Presence) -> None:
    """Above the limit nothing is taken; what is held already may be renewed."""
    ada, bob = enter(presence, 1, "ada"), enter(presence, 2, "bob")
    for key in range(MAX_HOLDS):
        hold(presence, ada, key, 60)
    with pytest.raises(TooManyRequestsError):
        hold(presence, ada, MAX_HOLDS, 60)
    assert hold(presence, ada, 0, 60, now=101.0) == [Send(1, m.Held(9, 1))]
    assert hold(presence, bob, MAX_HOLDS)[0] == Send(2, m.Held(9, 2))
