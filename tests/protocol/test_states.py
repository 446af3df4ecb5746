"""The table of who may say what, when: walked whole, in both directions, at both ends."""

from typing import get_args

import msgspec
import pytest

from hpserver.errors import LocalProtocolError, RemoteProtocolError, UnexpectedMessageError
from hpserver.protocol.codec import encode
from hpserver.protocol.connection import Connection
from hpserver.protocol.messages import Answer, Chunk, FromClient, FromServer, Message, Request, TransferStarted
from hpserver.protocol.states import ANSWERS, FATAL, START, TRANSITIONS, Role, Side, State, mermaid, states_of
from tests.conversation import at, welcome
from tests.protocol.samples import sample

SAID = {Side.CLIENT: get_args(FromClient), Side.SERVER: get_args(FromServer)}
EVERY = sorted({*SAID[Side.CLIENT], *SAID[Side.SERVER]}, key=lambda kind: int(kind.__struct_config__.tag))


def prepared(end: Connection, kind: type[Message]) -> Message:
    """Return a sample that is wrong in nothing but perhaps the moment: what it answers is in flight."""
    message = sample(kind)
    if kind.__name__ == "Welcome":
        return welcome(end.role)
    if not isinstance(message, Answer):
        return msgspec.structs.replace(message, id=99) if isinstance(message, Request) else message
    asked = next(request for request, answers in ANSWERS.items() if kind in answers)
    if not len(end._flights):
        end._flights.open(msgspec.structs.replace(_request(asked), id=99), 0.0)
    (request_id,) = end._flights.wishes
    end._flights.wishes[request_id] = (ANSWERS[asked], None)
    if kind is Chunk:
        assert isinstance(message, Chunk)
        end._flights.settle(TransferStarted(request_id, 8, 8, "", bytes(32), 0, 0))
        return Chunk(request_id, 0, message.data)
    return msgspec.structs.replace(message, id=request_id)


def _request(kind: type[Message]) -> Request:
    message = sample(kind)
    assert isinstance(message, Request)
    return message


@pytest.mark.parametrize("state", State, ids=lambda state: state.name)
def test_a17_the_server_hears_what_the_table_has_and_nothing_else(state: State) -> None:
    """Every message type said by a client in every state: only the table's pairs reach the server's rules."""
    for kind in EVERY:
        server = at(state).server
        message = prepared(server, kind) if kind in SAID[Side.CLIENT] else sample(kind)
        after = TRANSITIONS[state, Side.CLIENT].get(kind)
        if state is State.CLOSED:
            assert server.receive_data(encode(message), 0.0) == []
        elif after is None:
            with pytest.raises(RemoteProtocolError):
                server.receive_data(encode(message), 0.0)
            assert server.state is State.CLOSED
            assert len(server.data_to_send()) == 1  # the Failed that says why
        else:
            server.receive_data(encode(message), 0.0)
            assert server.state is after


@pytest.mark.parametrize("state", State, ids=lambda state: state.name)
def test_a17_the_client_hears_what_the_table_has_and_nothing_else(state: State) -> None:
    """A server that skips a step is not believed either."""
    for kind in EVERY:
        client = at(state).client
        message = prepared(client, kind) if kind in SAID[Side.SERVER] else sample(kind)
        after = TRANSITIONS[state, Side.SERVER].get(kind)
        if state is State.CLOSED:
            assert client.receive_data(encode(message), 0.0) == []
        elif after is None:
            with pytest.raises(UnexpectedMessageError):
                client.receive_data(encode(message), 0.0)
            assert client.state is State.CLOSED
        else:
            client.receive_data(encode(message), 0.0)
            assert client.state is after


@pytest.mark.parametrize("side", Side, ids=lambda side: side.value)
@pytest.mark.parametrize("state", State, ids=lambda state: state.name)
def test_a17_an_end_cannot_say_what_the_table_lacks(state: State, side: Side) -> None:
    """A bug of ours stops here, before the peer sees it, and changes nothing."""
    for kind in EVERY:
        talk = at(state)
        end = talk.client if side is Side.CLIENT else talk.server
        message = prepared(end, kind)
        after = TRANSITIONS[state, side].get(kind)
        if state is State.CLOSED:
            end.send(message)
            assert end.data_to_send() == []
        elif after is None:
            with pytest.raises(LocalProtocolError):
                end.send(message)
            assert (end.state, end.data_to_send()) == (state, [])
        else:
            if isinstance(message, Request):
                end._flights.clear()
            end.send(message)
            assert end.state is after


def test_a17_nothing_but_ping_pong_and_cancel_is_heard_while_a_step_is_pending() -> None:
    """Between a wish that decides the next state and its answer, the client waits."""
    for state in (State.LOGGING_IN, State.PROVING, State.CHOOSING, State.ENTERING, State.ENROLLING, State.LEAVING):
        assert {kind.__name__ for kind in TRANSITIONS[state, Side.CLIENT]} == {"Ping", "Pong", "Cancel"}


def test_a17_edits_are_heard_inside_only_and_plannings_opened_at_home_only() -> None:
    """No road leads to a right without its steps."""
    heard: dict[str, set[State]] = {}
    for (state, side), moves in TRANSITIONS.items():
        if side is Side.CLIENT:
            for kind in moves:
                heard.setdefault(kind.__name__, set()).add(state)
    assert heard["Transact"] == heard["FetchSnapshot"] == heard["Follow"] == {State.INSIDE}
    assert heard["OpenPlanning"] == heard["ListPlannings"] == {State.HOME}
    assert heard["Login"] == {State.GREETED}
    assert heard["Enrol"] == {State.GREETED_ENROLMENT}


def test_a17_before_the_greeting_there_is_hello_and_nothing_else() -> None:
    """Not even Ping: an unknown peer gets no work done for it."""
    for state in START.values():
        assert [kind.__name__ for kind in TRANSITIONS[state, Side.CLIENT]] == ["Hello"]


def test_t08_every_message_is_half_supported_nowhere() -> None:
    """A type of the catalogue has a place in the table, on the side that says it and on no other."""
    for side, kinds in SAID.items():
        in_table = {kind for (_, who), moves in TRANSITIONS.items() if who is side for kind in moves}
        assert in_table == set(kinds)


def test_every_request_has_an_answer_the_server_may_give_at_once() -> None:
    """A request heard in a state can be answered in the state that follows it."""
    for (_, side), moves in TRANSITIONS.items():
        for kind, after in moves.items():
            if side is Side.CLIENT and kind in ANSWERS:
                assert set(TRANSITIONS[after, Side.SERVER]) & ANSWERS[kind]


@pytest.mark.parametrize("role", Role, ids=lambda role: role.value)
def test_the_diagram_names_every_state_of_the_role(role: Role) -> None:
    """The documentation's drawing is the table."""
    drawn = mermaid(role)
    for state in states_of(role):
        assert f" {state.name} " in drawn or f"> {state.name}" in drawn
    assert f"[*] --> {START[role].name}" in drawn


def test_the_three_roles_share_nothing_but_the_end() -> None:
    """A certificate that may enrol can never log in on the same connection."""
    reached = [set(states_of(role)) for role in Role]
    assert set.intersection(*reached) == {State.CLOSED}
    assert set.union(*reached) == set(State)
    assert set(State) - {State.CLOSED} == FATAL
