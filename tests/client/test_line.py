import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from hpserver.client import Credentials
from hpserver.client.line import NEW, Line, error_of
from hpserver.errors import (
    CertificateRefusedError,
    ConnectionLostError,
    DeadlineExceededError,
    GoingAwayError,
    HPError,
    LockedError,
    MalformedMessageError,
    NotFoundError,
    RemoteProtocolError,
    TooSlowError,
)
from hpserver.protocol import messages as m
from hpserver.protocol.connection import Connection
from hpserver.protocol.states import Role
from tests.client.served import PASSWORD, PATIENCE, Served, Talk, a_school_served, until
from tests.desk import NAME
from tests.pki import ACCOUNT

pytestmark = pytest.mark.timeout(PATIENCE)


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    """A school in service."""
    async with a_school_served(tmp_path) as served:
        yield served


async def dial(served: Served, role: Role = Role.CONTROLLER, name: str = ACCOUNT) -> Line:
    """Connect Ada's device."""
    context = served.credentials("ada").context()
    return await Line.connect("127.0.0.1", served.port(role), context, name, role)


@pytest.fixture
async def line(served: Served) -> AsyncIterator[Line]:
    """A line at home: signed in at the controller."""
    line = await dial(served)
    await line.ask(m.Login(NEW, 0, "ada", PASSWORD), m.LoggedIn)
    yield line
    await line.close()


@pytest.fixture
async def inside(served: Served, line: Line) -> AsyncIterator[Line]:
    """A line inside the planning."""
    opened = await line.ask(m.OpenPlanning(NEW, 0, NAME), m.PlanningOpened)
    inside = await dial(served, Role.PLANNING, f"{NAME}.{ACCOUNT}")
    await inside.ask(m.Enter(NEW, 0, NAME, opened.ticket, 0, 0), m.Entered)
    yield inside
    await inside.close()


@pytest.fixture
def talk(served: Served, inside: Line) -> Talk:
    """The server's end of `inside`."""
    assert inside.is_open
    return served.of()[0]


async def test_requests_may_overlap(line: Line) -> None:
    """Each answer finds its request."""
    listed, opened = await asyncio.gather(
        line.ask(m.ListPlannings(NEW, 0), m.Plannings), line.ask(m.OpenPlanning(NEW, 0, NAME), m.PlanningOpened)
    )  # fmt: skip
    assert listed.plannings[0].name == NAME
    assert opened.ticket


async def test_more_requests_than_the_server_takes_wait_for_their_turn(inside: Line) -> None:
    """A program that asks for a thousand things at once is no mistake."""
    answers = await asyncio.gather(*[inside.ask(m.GetFreePlaces(NEW, 0, 1), m.FreePlaces) for _ in range(300)])
    assert len(answers) == 300


async def test_who_waits_for_a_turn_may_be_cancelled(served: Served, inside: Line) -> None:
    """The turn goes to the next one."""
    served.mute.add(m.GetPresence)
    async with asyncio.TaskGroup() as group:
        stuck = [group.create_task(inside.ask(m.GetPresence(NEW, 0), m.Presence)) for _ in range(64)]
        await until(lambda: served.said["GetPresence"] == 64)
        waiting = [group.create_task(inside.ask(m.GetFreePlaces(NEW, 0, 1), m.FreePlaces)) for _ in range(3)]
        await asyncio.sleep(0)
        waiting[0].cancel()
        talk = served.of()[0]
        talk.say(m.Presence(stuck_id := min(inside._asked), ()))
        del stuck_id
        await until(lambda: all(one.done() for one in waiting))
        assert waiting[1].result()
        for one in stuck:
            one.cancel()


async def test_a_request_has_a_deadline(served: Served, line: Line) -> None:
    """A server that does not answer is not waited for for ever, and is told that nobody waits."""
    served.mute.add(m.ListPlannings)
    with pytest.raises(DeadlineExceededError):
        await line.ask(m.ListPlannings(NEW, 0), m.Plannings, seconds=0.02)
    await until(lambda: served.said["Cancel"])
    assert (await line.ask(m.OpenPlanning(NEW, 0, NAME), m.PlanningOpened)).ticket


async def test_a_transfer_that_brings_nothing_has_a_deadline(served: Served, inside: Line) -> None:
    """A stalled snapshot ends; one that is slow but comes does not."""
    served.mute.add(m.FetchSnapshot)
    with pytest.raises(DeadlineExceededError):
        await inside.fetch(m.FetchSnapshot(NEW, 0), stall=0.02)
    await until(lambda: served.said["Cancel"])


async def test_a_refused_transfer_is_an_error(served: Served, inside: Line) -> None:
    """The class of the error is the server's."""
    served.refusing[m.FetchSnapshot] = NotFoundError("gone")
    with pytest.raises(NotFoundError, match="gone"):
        await inside.fetch(m.FetchSnapshot(NEW, 0))
    assert inside.is_open


async def test_damaged_bytes_break_the_line(served: Served, inside: Line, talk: Talk) -> None:
    """A snapshot that is not what was announced is never used."""
    served.mute.add(m.FetchSnapshot)
    fetching = asyncio.gather(inside.fetch(m.FetchSnapshot(NEW, 0)), return_exceptions=True)
    await until(lambda: served.said["FetchSnapshot"])
    number = inside._ids
    talk.say(m.TransferStarted(number, 3, 3, "", bytes(32), 1, 1))
    talk.say(m.Chunk(number, 0, b"abc"))
    assert isinstance((await fetching)[0], MalformedMessageError)
    assert not inside.is_open


async def test_what_waits_when_the_line_breaks_is_told_each_on_its_own(served: Served, inside: Line) -> None:
    """Two callers never share one exception: its traceback would lie."""
    served.mute |= {m.GetPresence, m.FetchSnapshot}
    waiting = asyncio.gather(
        inside.ask(m.GetPresence(NEW, 0), m.Presence), inside.ask(m.GetPresence(NEW, 0), m.Presence),
        inside.fetch(m.FetchSnapshot(NEW, 0)), return_exceptions=True,
    )  # fmt: skip
    await until(lambda: served.said["FetchSnapshot"])
    served.cut()
    told = await waiting
    assert [type(one) for one in told] == [ConnectionLostError] * 3
    assert len({id(one) for one in told}) == 3
    assert isinstance(await inside.wait_lost(), ConnectionLostError)
    with pytest.raises(ConnectionLostError):
        await inside.ask(m.GetPresence(NEW, 0), m.Presence)


async def test_the_end_that_a_server_explains_is_its_own_words(inside: Line, talk: Talk) -> None:
    """`Failed` with id 0 closes; who waits is told why, even when the server never closes."""
    waiting = asyncio.gather(inside.ask(m.Hold(NEW, 0, "activity", 1), m.Held), return_exceptions=True)
    talk.connection.fail(TooSlowError("too slow", queued=7))
    talk.flush()
    await asyncio.gather(waiting)
    reason = await inside.wait_lost()
    assert isinstance(reason, TooSlowError)
    assert reason.details == {"queued": 7}


async def test_nothing_is_asked_of_a_server_that_leaves(inside: Line, talk: Talk) -> None:
    """What is in flight is answered, what is new is refused here, at once."""
    talk.say(m.GoAway(GoingAwayError.code, "GoingAwayError", 250))
    await until(lambda: inside.leave)
    assert not inside.is_open
    assert inside.back_at > asyncio.get_running_loop().time()
    with pytest.raises(GoingAwayError):
        await inside.ask(m.GetPresence(NEW, 0), m.Presence)


async def test_who_waits_for_a_turn_is_told_that_the_server_leaves(served: Served, inside: Line) -> None:
    """Nobody waits for a turn that never comes."""
    served.mute.add(m.GetPresence)
    wishes = [inside.ask(m.GetPresence(NEW, 0), m.Presence) for _ in range(65)]
    waiting = asyncio.gather(*wishes, return_exceptions=True)
    await until(lambda: served.said["GetPresence"] == 64)
    served.leave()
    await until(lambda: inside.leave)
    served.cut()
    told = await waiting
    assert [type(one) for one in told] == [ConnectionLostError] * 64 + [GoingAwayError]


async def test_closing_twice_and_while_cancelled(served: Served) -> None:
    """A line is closed whatever happens to who closes it."""
    line = await dial(served)
    closing = asyncio.gather(line.close())
    await asyncio.sleep(0)
    closing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await closing
    await line.wait_lost()
    await line.close()
    assert not line.is_open


async def test_a_cancelled_waiter_does_not_hide_the_end(inside: Line, served: Served) -> None:
    """Whoever waited for the end and gave up leaves it to be seen by the others."""
    waiting = asyncio.gather(inside.wait_lost())
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    served.cut()
    assert isinstance(await inside.wait_lost(), ConnectionLostError)


async def test_a_server_of_another_role_is_refused(served: Served) -> None:
    """A controller is no planning."""
    with pytest.raises(RemoteProtocolError):
        await Line.connect(
            "127.0.0.1", served.port(Role.CONTROLLER), served.credentials("ada").context(), ACCOUNT, Role.PLANNING
        )  # fmt: skip
    await until(lambda: not served.talks)


async def test_a_server_that_never_greets_is_given_up(served: Served) -> None:
    """A connection that is cancelled while it waits for Welcome is dropped."""
    served.mute.add(m.Hello)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await dial(served)
    await until(lambda: not served.talks)


async def test_nobody_there_and_a_stranger_are_errors_of_the_house(served: Served) -> None:
    """No OSError and no SSLError reaches a caller."""
    context = served.credentials("ada").context()
    await served.shut(Role.PLANNING)
    with pytest.raises(ConnectionLostError):
        await dial(served, Role.PLANNING)
    with pytest.raises(CertificateRefusedError):
        await Line.connect("127.0.0.1", served.port(Role.CONTROLLER), context, "other.example", Role.CONTROLLER)


async def test_a_silent_server_is_asked_and_then_given_up(inside: Line) -> None:
    """A line that died without a word is noticed: the connection's own rule decides, the line obeys."""
    inside.connection = Connection(inside.connection.side, inside.connection.role, now=-1e6)
    inside.connection._move(inside.connection.state)
    inside._look_at_silence()
    assert inside.is_open
    assert inside._look is not None


def test_an_unknown_error_keeps_its_text_and_details() -> None:
    """A newer server may say more than we know; whatever the names of its details."""
    unknown = error_of(m.Failed(1, 0xFFFF, "NewerError", False, "", {"text": "x", "self": 1}))
    assert type(unknown) is HPError
    assert (unknown.text, unknown.details) == ("NewerError", {"text": "x", "self": 1})
    known = error_of(m.Failed(1, LockedError.code, "LockedError", True, "wait", {"seconds": 30}))
    assert isinstance(known, LockedError)
    assert known.details["seconds"] == 30


def test_a_folder_that_is_not_there_is_no_credentials(tmp_path: Path) -> None:
    """Asking is harmless."""
    assert not Credentials(tmp_path / "nothing").is_enrolled
