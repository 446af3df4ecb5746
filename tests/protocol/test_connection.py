"""Conversations as people and programs have them, and as nobody should."""

from itertools import pairwise
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpserver.errors import (
    CancelledRequestError,
    FrameTooBigError,
    GoingAwayError,
    LocalProtocolError,
    MalformedMessageError,
    TooManyRequestsError,
    TooSlowError,
    UnexpectedMessageError,
    UnsupportedVersionError,
)
from hpserver.protocol import connection as module
from hpserver.protocol import messages as m
from hpserver.protocol.codec import encode, encode_body
from hpserver.protocol.connection import Connection
from hpserver.protocol.frames import frame
from hpserver.protocol.limits import CHUNK_BYTES, MAX_FRAME, MAX_FRAME_BEFORE_LOGIN, MAX_IN_FLIGHT
from hpserver.protocol.refusal import refusal
from hpserver.protocol.silence import Idle
from hpserver.protocol.states import Role, Side, State
from hpserver.protocol.transfers import TransferReceiver, chunks, start
from tests.conversation import ENROL, ENTER, ENTERED, HELLO, LOGGED_IN, LOGIN, Conversation, at, inside, logged_in
from tests.protocol.samples import CLASH, CONFLICT, HERE, OPERATION, PLACED, TICKET, TRANSACTION

CHUNKS = pytest.mark.parametrize("chunk", [None, 1, 7])


def ask(request_id: int, deadline_ms: int = 0) -> m.GetTimetable:
    """Return a small request."""
    return m.GetTimetable(request_id, deadline_ms, "room", 5, 3)


def told(request_id: int) -> m.Timetable:
    """Return its answer."""
    return m.Timetable(request_id, 1, msgspec.Raw(b"\x90"))


# --- flows --------------------------------------------------------------------------------------------------


@CHUNKS
def test_a_device_enrols(chunk: int | None) -> None:
    """The first conversation of a device: a ticket for a certificate, then nothing more."""
    talk = Conversation(chunk, Role.ENROLMENT).greet() >> ENROL << m.Enrolled(1, 17, (b"\x30\x01", b"\x30\x02"))
    assert talk.states == (State.CLOSED, State.CLOSED)


def test_a_device_has_one_try_per_connection() -> None:
    """Guessing tickets costs a handshake each."""
    talk = (
        Conversation(role=Role.ENROLMENT).greet()
        >> ENROL
        << m.Failed(1, 0x0208, "EnrolmentRefusedError", False, "", {})
    )
    assert talk.states == (State.CLOSED, State.CLOSED)


@CHUNKS
def test_a_user_logs_in_opens_a_planning_and_leaves(chunk: int | None) -> None:
    """The usual visit to a controller."""
    talk = (
        logged_in(chunk)
        >> m.ListPlannings(2, 0)
        << m.Plannings(2, (m.PlanningListed("EDT", "Emploi du temps", "Modification", "live", "EDT 2026"),))
        >> m.OpenPlanning(3, 5000, "EDT")
        << m.PlanningOpened(3, HERE, HERE, TICKET, 3, 30_000)
        >> m.Logout(4, 0)
        << m.LoggedOut(4)
    )
    assert talk.states == (State.CLOSED, State.CLOSED)


@CHUNKS
def test_a_user_proves_the_pin_and_registers_the_device(chunk: int | None) -> None:
    """From a device the user has not registered: a wrong PIN, then the right one."""
    talk = (
        Conversation(chunk).greet()
        >> LOGIN
        << m.PinNeeded(1)
        >> m.ProvePin(2, 0, "000000")
        << m.Failed(2, 0x0202, "BadPinError", False, "no", {})
        >> m.ProvePin(3, 0, "482913")
        << m.LoggedIn(3, 7, "durand", "Durand", "Alice", "user", registered=False)
        >> m.RegisterDevice(4, 0, "Portable")
        << m.DeviceRegistered(4)
    )
    assert talk.states == (State.HOME, State.HOME)


def test_a_user_chooses_a_measure_at_first_sign_in() -> None:
    """The choice stands between the password and the session; a weak PIN may be chosen again."""
    talk = (
        Conversation().greet()
        >> LOGIN
        << m.MeasureNeeded(1, ("none", "pin"))
        >> m.ChooseMeasure(2, 0, "pin", "0000")
        << m.Failed(2, 0x0207, "WeakSecretError", False, "", {})
        >> m.ChooseMeasure(3, 0, "pin", "482913")
        << m.LoggedIn(3, 7, "durand", "Durand", "Alice", "user", registered=True)
    )
    assert talk.states == (State.HOME, State.HOME)


def test_a_wrong_password_may_be_typed_again() -> None:
    """A refusal of the login leads back to where it may be tried, not to the session."""
    refused = m.Failed(1, 0x0201, "BadCredentialsError", False, "", {})
    talk = Conversation().greet() >> LOGIN << refused >> LOGIN << LOGGED_IN
    assert talk.states == (State.HOME, State.HOME)


@CHUNKS
def test_a_planner_reads_edits_follows_and_is_seen(chunk: int | None) -> None:
    """The life of a session in a planning, every exchange once."""
    clash = m.Clashed(5, 1021, CLASH)
    talk = (
        inside(chunk)
        >> m.Follow(2, 0, 5)
        << m.Following(2, 5)
        >> m.GetPresence(3, 0)
        << m.Presence(3, ())
        << m.Came(m.Present(8, "martin", "Jean Martin", "Modification", ()))
        >> m.Hold(4, 0, "activity", 12)
        << m.Held(4, 1)
        << m.HoldsChanged(8, (("room", 5),))
        >> m.Transact(5, 0, OPERATION, 5, PLACED)
        << clash
        >> m.Transact(6, 0, OPERATION, 5, PLACED, dry_run=True)
        << m.Weighed(6, 5, CLASH)
        >> m.Transact(7, 0, OPERATION, 5, PLACED)
        << m.Conflicted(7, 5, (CONFLICT,))
        >> m.Transact(8, 0, OPERATION, 6, PLACED, force=True)
        << m.Committed(8, 3, 6, {})
        << m.Delta(3, (TRANSACTION,))
        >> m.GetTimetable(9, 0, "room", 5, 3)
        << told(9)
        >> m.GetObjects(10, 0, "room", (5,))
        << m.Objects(10, 6, msgspec.Raw(b"\x90"))
        >> m.GetFreePlaces(11, 0, 12)
        << m.FreePlaces(11, 6, msgspec.Raw(b"\x80"))
        >> m.Release(12, 0, "activity", 12)
        << m.Released(12)
        << m.Left(8)
        << m.Behind(6)
        >> m.Follow(13, 0, 6)
        << m.Following(13, 6)
    )
    assert talk.states == (State.INSIDE, State.INSIDE)
    assert talk.server.in_flight == talk.client.in_flight == 0


@CHUNKS
def test_a_snapshot_comes_in_chunks_between_other_messages(chunk: int | None) -> None:
    """A long answer does not keep the others waiting."""
    talk = inside(None) >> m.FetchSnapshot(2, 0) >> ask(3)
    snapshot = bytes(range(256)) * 3000
    started, data = start(2, snapshot, epoch=3, revision=5, may_compress=False)
    first, *rest = chunks(2, data)
    _ = talk << started << first << told(3)
    receiver = TransferReceiver(started)
    receiver.add(first)
    talk.chunk = chunk and chunk * 1000
    for piece in rest:
        _ = talk << piece
        receiver.add(piece)
    assert len(first.data) == CHUNK_BYTES
    assert receiver.result() == snapshot
    assert talk.server.in_flight == 0


def test_an_empty_transfer_ends_with_its_announcement() -> None:
    """Zero bytes need no chunk, and the request is over."""
    talk = inside() >> m.FetchSnapshot(2, 0) << start(2, b"", epoch=1, revision=0, may_compress=True)[0]
    assert talk.server.in_flight == talk.client.in_flight == 0


# --- agreement ----------------------------------------------------------------------------------------------


def test_the_best_common_version_and_features_are_agreed() -> None:
    """What only one end has is not used."""
    talk = Conversation() >> m.Hello((3, 1, 7), ("brotli", "zstd"), "client")
    agreed = talk.server.welcome(server="s", time_ms=0)
    assert (agreed.version, agreed.features) == (1, ("zstd",))
    _ = talk << agreed
    assert talk.client.agreed == talk.server.agreed == agreed
    assert talk.client.has_feature("zstd")
    assert not talk.client.has_feature("brotli")


def test_without_a_common_version_the_server_says_so_and_closes() -> None:
    """An old client learns why, in a message of the one version all know."""
    (said,) = Conversation().refuses(m.Hello((2, 3), (), "client"), UnsupportedVersionError)
    assert isinstance(said, m.Failed)
    assert (said.id, said.name) == (0, "UnsupportedVersionError")


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (m.Welcome(2, (), "s", "controller", 0, MAX_FRAME, 64, 30), UnsupportedVersionError),
        (m.Welcome(1, ("brotli",), "s", "controller", 0, MAX_FRAME, 64, 30), UnsupportedVersionError),
        (m.Welcome(1, (), "s", "planning", 0, MAX_FRAME, 64, 30), UnexpectedMessageError),
    ],
)
def test_a_client_refuses_what_it_did_not_offer(answer: m.Welcome, error: type[Exception]) -> None:
    """Nobody is led to a version, a feature or a kind of server that was not asked for."""
    talk = Conversation() >> HELLO
    with pytest.raises(error):
        talk.read(talk.client, encode(answer))


def test_welcome_needs_a_hello() -> None:
    """A shell that answers what was not said has a bug."""
    with pytest.raises(LocalProtocolError):
        Conversation().server.welcome(server="s", time_ms=0)


# --- limits -------------------------------------------------------------------------------------------------


def test_p01_before_login_a_frame_of_4_kib_is_the_largest() -> None:
    """Nobody unknown has large buffers filled for him."""
    said = Conversation().refuses((MAX_FRAME_BEFORE_LOGIN + 1).to_bytes(4, "big"), FrameTooBigError)
    assert isinstance(said[0], m.Failed)


def test_p01_after_login_a_frame_of_1_mib_is_the_largest() -> None:
    """The limit grows with login, once, and holds."""
    talk = inside()
    big = m.Transact(2, 0, OPERATION, 5, msgspec.Raw(b"\xc6" + (900_000).to_bytes(4, "big") + bytes(900_000)))
    _ = talk >> big
    talk.refuses((MAX_FRAME + 1).to_bytes(4, "big"), FrameTooBigError)


def test_what_is_too_big_for_the_peer_is_not_said() -> None:
    """We never send what the other end must refuse; the request is not in flight afterwards."""
    talk = Conversation().greet()
    with pytest.raises(LocalProtocolError):
        talk.client.send(m.Login(1, 0, "durand", "x" * 5000))
    _ = talk >> LOGIN << LOGGED_IN


def test_an_answer_that_is_too_big_may_be_replaced() -> None:
    """The request is still in flight after the refusal, so that Failed can be said instead."""
    talk = inside() >> ask(2)
    with pytest.raises(LocalProtocolError):
        talk.server.send(m.Timetable(2, 1, msgspec.Raw(b"\xc6" + (1 << 20).to_bytes(4, "big") + bytes(1 << 20))))
    _ = talk << told(2)


def test_p06_reading_pauses_with_64_requests_in_flight_and_goes_on_with_the_answers() -> None:
    """What was read before the pause waits inside; nothing is lost and nothing is doubled."""
    talk = inside()
    data = b"".join(encode(ask(number)) for number in range(2, 202))
    heard = talk.server.receive_data(data, 0.0)
    assert len(heard) == MAX_IN_FLIGHT
    assert not talk.server.may_read
    assert not talk.server.has_waiting
    seen = []
    while heard:
        for message in heard:
            assert isinstance(message, m.GetTimetable)
            seen.append(message.id)
            talk.server.send(told(message.id))
        heard = talk.server.receive_data(b"", 0.0)
        assert talk.server.in_flight <= MAX_IN_FLIGHT
    assert seen == list(range(2, 202))
    assert talk.server.may_read
    assert len(talk.server.data_to_send()) == 200


def test_p06_each_answer_lets_one_more_request_in() -> None:
    """The limit counts what is in flight, not what was ever asked."""
    talk = inside()
    talk.server.receive_data(b"".join(encode(ask(number)) for number in range(2, 70)), 0.0)
    talk.server.send(told(2))
    assert talk.server.has_waiting
    (heard,) = talk.server.receive_data(b"", 0.0)
    assert heard == ask(66)
    assert not talk.server.has_waiting


def test_p06_a_shell_that_reads_on_is_stopped_by_a_limit() -> None:
    """What waits in a paused connection is bounded in bytes."""
    talk = inside()
    data = b"".join(encode(ask(number)) for number in range(2, 10_000)) * 24
    talk.server.receive_data(data[: 1 << 20], 0.0)
    with pytest.raises(TooManyRequestsError):
        talk.server.receive_data(data[1 << 20 :], 0.0)
    assert talk.server.state is State.CLOSED


def test_p06_a_client_does_not_pause_and_cannot_ask_too_much() -> None:
    """It reads on, for answers are what it waits for; the 65th request is a bug."""
    talk = inside()
    for number in range(2, 2 + MAX_IN_FLIGHT):
        talk.client.send(ask(number))
    assert talk.client.may_read
    with pytest.raises(LocalProtocolError):
        talk.client.send(ask(2000))


def test_p06_an_id_in_use_is_refused() -> None:
    """Two requests of one id would share an answer."""
    talk = inside() >> ask(2)
    talk.refuses(ask(2), TooManyRequestsError)
    other = inside() >> ask(2)
    with pytest.raises(LocalProtocolError):
        other.client.send(ask(2))


def test_p06_an_id_may_serve_again_once_answered() -> None:
    """Unique among those in flight is all that is asked."""
    _ = inside() >> ask(2) << told(2) >> ask(2) << told(2)


# --- answers ------------------------------------------------------------------------------------------------


def test_an_answer_to_nothing_is_refused_on_both_sides() -> None:
    """Every request is answered once; a second answer is a bug of the server."""
    talk = inside() >> ask(2) << told(2)
    with pytest.raises(LocalProtocolError):
        talk.server.send(told(2))
    with pytest.raises(UnexpectedMessageError):
        talk.read(talk.client, encode(told(2)))


def test_an_answer_of_another_type_is_refused_on_both_sides() -> None:
    """A timetable is no answer to a login, though both are legal in their place."""
    talk = inside() >> ask(2)
    with pytest.raises(LocalProtocolError):
        talk.server.send(m.Released(2))
    with pytest.raises(UnexpectedMessageError):
        talk.read(talk.client, encode(m.Released(2)))


@pytest.mark.parametrize(
    "wrong",
    [
        m.Chunk(2, 1, b"x"),
        m.Chunk(2, 0, b""),
        m.Chunk(2, 0, b"x" * 11),
        m.TransferStarted(2, 10, 10, "", bytes(32), 0, 0),
    ],
)
def test_the_chunks_of_a_transfer_come_in_order_and_fit(wrong: m.Message) -> None:
    """No gap, no overlap, no more than announced, on both sides."""
    talk = inside() >> m.FetchSnapshot(2, 0) << m.TransferStarted(2, 10, 10, "", bytes(32), 0, 0)
    with pytest.raises(LocalProtocolError):
        talk.server.send(wrong)
    with pytest.raises(UnexpectedMessageError):
        talk.read(talk.client, encode(wrong))


def test_a_chunk_needs_its_announcement() -> None:
    """Nobody allocates for bytes of unknown size."""
    talk = inside() >> m.FetchSnapshot(2, 0)
    with pytest.raises(LocalProtocolError):
        talk.server.send(m.Chunk(2, 0, b"x"))


def test_a_transfer_may_fail_halfway() -> None:
    """The client is told, and the id is free again."""
    talk = inside() >> m.FetchSnapshot(2, 0) << m.TransferStarted(2, 10, 10, "", bytes(32), 0, 0) << m.Chunk(2, 0, b"x")
    _ = talk << refusal(2, GoingAwayError("later")) >> m.FetchSnapshot(2, 0)


# --- cancel, deadlines, silence, leaving --------------------------------------------------------------------


def test_a_cancelled_request_is_answered_and_the_client_does_not_hear_it() -> None:
    """The server learns it once; whatever it answers is dropped on arrival and frees the id."""
    talk = inside() >> ask(2) >> m.Cancel(2)
    assert talk.server.is_cancelled(2)
    assert not talk.server.is_wanted(2)
    talk.client.send(m.Cancel(2))
    assert talk.to_server() == []
    talk.server.send(refusal(2, CancelledRequestError()))
    assert talk.to_client() == []
    assert talk.client.in_flight == talk.server.in_flight == 0
    assert not talk.server.is_cancelled(2)
    _ = talk >> ask(2) << told(2)


def test_a_late_answer_of_a_cancelled_request_is_dropped() -> None:
    """The answer and the Cancel may cross on the way."""
    talk = inside() >> ask(2)
    talk.server.send(told(2))
    talk.client.send(m.Cancel(2))
    assert talk.to_client() == []
    assert talk.to_server() == []


def test_a_cancelled_transfer_stops_without_breaking_the_rest() -> None:
    """A download the user gave up ends with Failed; the session goes on."""
    talk = inside() >> m.FetchSnapshot(2, 0) << m.TransferStarted(2, 10, 10, "", bytes(32), 0, 0)
    _ = talk >> m.Cancel(2)
    talk.server.send(refusal(2, CancelledRequestError()))
    assert talk.to_client() == []
    _ = talk >> ask(3) << told(3)


def test_deadlines_are_data() -> None:
    """Counted from when the request was read, on the shell's clock; the shell decides what to do about it."""
    talk = inside()
    talk.server.receive_data(encode(ask(2, deadline_ms=1500)) + encode(ask(3)), 50.0)
    assert talk.server.deadline_of(2) == 51.5
    assert talk.server.deadline_of(3) is None
    assert talk.server.deadline_of(4) is None
    assert talk.server.expired(51.4) == []
    assert talk.server.expired(51.5) == [2]


def test_a_silent_peer_is_asked_twice_then_given_up() -> None:
    """30, 60 and 90 seconds; an answer starts anew."""
    talk = inside()
    assert talk.server.idle(talk.now + 29) is Idle.FINE
    assert talk.server.idle(talk.now + 30) is Idle.PINGED
    assert talk.server.idle(talk.now + 31) is Idle.FINE
    assert talk.server.idle(talk.now + 60) is Idle.PINGED
    assert talk.server.idle(talk.now + 89) is Idle.FINE
    assert talk.server.idle(talk.now + 90) is Idle.DEAD


def test_a_peer_that_answers_is_not_given_up() -> None:
    """Ping is answered inside: neither shell hears of it."""
    talk = inside()
    assert talk.server.idle(talk.now + 60) is Idle.PINGED
    assert talk.to_client() == []
    talk.now += 61
    assert talk.to_server() == []
    assert talk.server.idle(talk.now + 29) is Idle.FINE


def test_silence_that_we_caused_does_not_count() -> None:
    """A connection whose reading is paused cannot hear the peer."""
    talk = inside()
    talk.server.receive_data(b"".join(encode(ask(number)) for number in range(2, 66)), talk.now)
    assert talk.server.idle(talk.now + 1000) is Idle.FINE
    assert at(State.FRESH).server.idle(1e9) is Idle.FINE


def test_after_goaway_old_requests_are_answered_and_new_ones_refused() -> None:
    """Nobody loses an answer because a server is upgraded."""
    talk = inside() >> ask(2) << m.GoAway(0x010B, "GoingAwayError", 500, HERE)
    assert talk.client.leaving
    assert talk.server.leaving
    with pytest.raises(GoingAwayError):
        talk.client.send(ask(3))
    assert talk.read(talk.server, encode(ask(3))) == []  # said before the client had heard GoAway
    (refused,) = talk.server.data_to_send()
    assert b"GoingAwayError" in refused
    _ = talk << told(2)


# --- failures -----------------------------------------------------------------------------------------------


def test_after_a_failure_input_is_discarded_and_output_dropped() -> None:
    """One Failed is the last thing said; a late answer of the shell is no error."""
    talk = inside() >> ask(2)
    (said,) = talk.refuses(frame(b"\xc1"), MalformedMessageError)
    assert isinstance(said, m.Failed)
    assert said.id == 0
    assert isinstance(talk.server.failure, MalformedMessageError)
    assert talk.server.receive_data(encode(ask(3)), 0.0) == []
    talk.server.send(told(2))
    talk.server.send_raw(encode(m.Left(3)), m.Left)
    talk.server.fail(TooSlowError())
    assert talk.server.data_to_send() == []
    assert not talk.server.may_read


def test_a_shell_may_end_the_conversation_with_a_reason() -> None:
    """A login that takes too long, a revoked certificate: the client learns why."""
    talk = Conversation().greet()
    talk.server.fail(TooSlowError("30 seconds to log in"))
    (said,) = talk.to_client()
    assert isinstance(said, m.Failed)
    assert (said.id, said.name, talk.client.state) == (0, "TooSlowError", State.CLOSED)


def test_a_client_that_fails_says_nothing() -> None:
    """There is no Failed from a client."""
    talk = inside()
    with pytest.raises(MalformedMessageError):
        talk.read(talk.client, frame(b"\xc1"))
    assert talk.client.data_to_send() == []


def test_t08_an_unknown_message_after_login_is_answered_and_the_session_goes_on() -> None:
    """A client of a later version finds out what this server lacks."""
    talk = inside()
    assert talk.read(talk.server, frame(msgspec.msgpack.encode([126, 41, "later"]))) == []
    (frame_said,) = talk.server.data_to_send()
    assert b"UnknownMessageError" in frame_said
    _ = talk >> ask(2) << told(2)


@pytest.mark.parametrize("state", sorted(set(State) - {State.CLOSED, State.HOME, State.INSIDE, State.LEAVING}, key=str))
def test_t08_an_unknown_message_before_login_closes(state: State) -> None:
    """Who is not known yet has no later version to try."""
    at(state).refuses(frame(msgspec.msgpack.encode([126, 41])), UnexpectedMessageError)


def test_t08_an_unknown_message_that_cannot_be_answered_closes() -> None:
    """Without an id, or with one in use, the answer would mislead."""
    inside().refuses(frame(msgspec.msgpack.encode([126, "x"])), UnexpectedMessageError)
    (inside() >> ask(2)).refuses(frame(msgspec.msgpack.encode([126, 2])), TooManyRequestsError)


def test_t08_a_client_passes_over_messages_of_a_later_server() -> None:
    """A push that this version does not know changes nothing here."""
    talk = inside()
    assert talk.read(talk.client, frame(msgspec.msgpack.encode([126, 41]))) == []
    _ = talk >> ask(2) << told(2)


# --- encode once --------------------------------------------------------------------------------------------


def test_a_push_encoded_once_reaches_everybody() -> None:
    """The same bytes for all, checked against each one's state."""
    delta = m.Delta(3, (TRANSACTION,))
    framed = encode(delta)
    for talk in (inside(), inside(1)):
        talk.server.send_raw(framed, m.Delta)
        (queued,) = talk.server.data_to_send()
        assert queued is framed
        assert talk.read(talk.client, queued) == [delta]


def test_only_pushes_are_sent_raw_and_only_where_they_may_be_said() -> None:
    """What changes a connection, or answers, goes through `send`."""
    with pytest.raises(LocalProtocolError):
        logged_in().server.send_raw(encode(m.Left(3)), m.Left)
    with pytest.raises(LocalProtocolError):
        inside().server.send_raw(encode(m.GoAway(0, "", 0)), m.GoAway)
    with pytest.raises(LocalProtocolError):
        inside().server.send_raw(b"x" * (MAX_FRAME + 5), m.Delta)


# --- any cuts -----------------------------------------------------------------------------------------------


@given(st.lists(st.integers(0, 400), max_size=8))
def test_p01_a_conversation_is_the_same_however_it_is_cut(cuts: list[int]) -> None:
    """Hello, Enter and requests, cut at any bytes, bring the same messages in the same order."""
    server = Connection(Side.SERVER, Role.PLANNING)
    said: list[m.Message] = [HELLO, m.Ping(1), ENTER, ask(2), m.Cancel(2), ask(3)]
    heard: list[m.Message] = []
    for message in said:
        data = encode(message)
        edges = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
        for a, b in pairwise(edges):
            heard += server.receive_data(data[a:b], 0.0)
        if message is HELLO:
            server.send(server.welcome(server="s", time_ms=0))
        if message is ENTER:
            server.send(ENTERED)
    assert heard == [message for message in said if not isinstance(message, m.Ping)]


def test_the_core_has_no_clock() -> None:
    """Time comes in as an argument: the module names no way to read it."""
    source = Path(module.__file__).read_text()
    assert "import time" not in source
    assert encode_body(HELLO)


def test_awaits_tells_whether_an_answer_may_still_be_said() -> None:
    """Wanted or not, once; the connection itself may always fail."""
    talk = inside() >> ask(2) >> m.Cancel(2)
    assert talk.server.awaits(2)
    assert talk.server.awaits(0)
    talk.server.send(told(2))
    assert not talk.server.awaits(2)
