"""One session moves by the table of the protocol, and by nothing else."""

import pytest

from hpserver.protocol import messages as m
from hpserver.protocol.states import Role, State
from hpserver.routing.session import Session


def test_a_session_moves_by_the_table() -> None:
    """What is heard and said in order moves it."""
    session = Session(1, Role.CONTROLLER, 3, b"", 30.0)
    assert session.hears(m.Hello((1,), (), "test"))
    session.says(m.Welcome)
    assert session.state is State.GREETED
    assert session.may_say(m.GoAway)


def test_a17_what_is_not_in_the_table_does_not_move_it() -> None:
    """Default deny: no rule, no step."""
    session = Session(1, Role.CONTROLLER, 3, b"", 30.0)
    assert not session.hears(m.ListPlannings(1, 0))
    assert (session.state, session.asked) == (State.FRESH, {})


def test_an_id_in_use_is_refused() -> None:
    """Two requests of one id would get one another's answer."""
    session = Session(1, Role.CONTROLLER, 3, b"", 30.0)
    session.state = State.HOME
    assert session.hears(m.ListPlannings(1, 0))
    assert not session.hears(m.RegisterDevice(1, 0, "Bureau"))


def test_the_server_cannot_say_what_the_table_does_not_allow() -> None:
    """A bug here is loud, and never an answer out of place."""
    with pytest.raises(KeyError):
        Session(1, Role.CONTROLLER, 3, b"", 30.0).says(m.LoggedIn)
