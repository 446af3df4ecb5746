import asyncio
import gc
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from hpserver.base.changes import Change, create, encode_changes, update
from hpserver.base.snapshot import encode_snapshot
from hpserver.client import ClashesError, ConflictsError, PlanningSession, School, writing
from hpserver.client import planning as module
from hpserver.errors import (
    BusyError,
    DeadlineExceededError,
    NotFoundError,
    PlanningNotInServiceError,
    ResyncNeededError,
    SessionEndedError,
    UnknownObjectError,
)
from hpserver.protocol import messages as m
from hpserver.protocol.states import Role
from tests.client.served import PATIENCE, Served, a_school_served, until
from tests.desk import NAME
from tests.pki import ACCOUNT

pytestmark = pytest.mark.timeout(PATIENCE)


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chance draws the shortest pause each time: the server asks for the rest."""
    for one in (module, writing):
        monkeypatch.setattr(one, "draw", lambda: 0.0)


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    """A school in service."""
    async with a_school_served(tmp_path) as served:
        yield served


@pytest.fixture
async def school(served: Served) -> AsyncIterator[School]:
    """Ada, signed in."""
    async with served.signed_in("ada") as school:
        yield school


@pytest.fixture
async def ada(school: School) -> AsyncIterator[PlanningSession]:
    """Ada, in the planning."""
    async with PlanningSession(school, NAME) as ada:
        yield ada


def a_memo(text: str, activity: int = 1) -> Change:
    """A change that nothing refuses."""
    return update("activity", activity, memo=text)


def is_true(served: Served, session: PlanningSession) -> bool:
    """Whether a replica is what the server has."""
    assert session.replica is not None
    return encode_snapshot(session.replica.planning) == encode_snapshot(served.desk.engine.planning)


async def test_an_edit_reaches_both_replicas(served: Served, ada: PlanningSession) -> None:
    """The main job: what one does, the other sees."""
    async with served.signed_in("bob") as school, PlanningSession(school, NAME) as bob:
        events = bob.events()
        done = await ada.edit([a_memo("hello")], why="because")
        for one in (ada, bob):
            replica = await one.wait_revision(done.revision)
            assert replica.planning.activity(1).memo == "hello"
        delta = await anext(events)
        assert isinstance(delta, m.Delta)
        assert [(one.user, one.why) for one in delta.transactions] == [("ada", "because")]
    assert is_true(served, ada)


async def test_what_is_asked_is_answered(served: Served, ada: PlanningSession) -> None:
    """Every question of the session, on a real engine."""
    placed = served.desk.engine.planning
    activity = next(key for key, row in placed.rows("activity").items() if placed.activity(key).place is not None)
    row = placed.activity(activity)
    week = (row.weeks & -row.weeks).bit_length() - 1
    items = await ada.timetable("instructor", row.instructors[0], week)
    assert activity in {item.activity for item in items}
    assert isinstance(await ada.free_places(activity), dict)
    assert (await ada.objects("activity", [activity])).rows
    assert [one.user for one in await ada.presence()] == ["ada"]
    assert await ada.hold("activity", activity) == ada.entered.session if ada.entered else False
    await ada.release("activity", activity)
    assert await ada.weigh([a_memo("x")]) == ()
    with pytest.raises(UnknownObjectError):
        await ada.free_places(9_999)


async def test_a_hard_rule_refuses_and_a_dry_run_says_why(ada: PlanningSession) -> None:
    """What is newly broken is told whole, and may be forced."""
    activity = update("activity", 1, place=0, instructors=[], cohorts=[], groups=[], rooms=[], subject=1)
    await ada.edit([activity], force=True)
    await ada.edit([create("availability", -1, subject=1, level="impossible", place=1, weeks=(1 << 44) - 1)])
    wish = update("activity", 1, place=1)
    found = await ada.judge([wish])
    assert [(one.rule, one.hard, one.kind, one.key) for one in found.breaches] == [("availability", True, "subject", 1)]
    with pytest.raises(ClashesError, match="0 clashes, 1 broken rule") as refused:
        await ada.edit([wish])
    assert refused.value.breaches == found.breaches
    await ada.edit([wish], force=True)


async def test_clashes_and_conflicts_are_told_whole(served: Served, ada: PlanningSession) -> None:
    """Who is refused can show with whom, and what the other wrote."""
    planning = served.desk.engine.planning
    rows = {key: planning.activity(key) for key in planning.rows("activity")}
    one, other = next(
        (a, b) for a, x in rows.items() for b, y in rows.items()
        if a != b and x.instructors == y.instructors and x.weeks & y.weeks and x.place is not None
    )  # fmt: skip
    wish = update("activity", other, place=rows[one].place, duration=rows[one].duration)
    assert await ada.weigh([wish])
    with pytest.raises(ClashesError) as refused:
        await ada.edit([wish])
    assert refused.value.clashes
    await ada.edit([wish], force=True)
    async with served.signed_in("bob") as school, PlanningSession(school, NAME) as bob:
        assert bob.replica is not None
        seen = bob.replica.revision
        await ada.edit([a_memo("ada's")])
        with pytest.raises(ConflictsError, match="memo") as conflict:
            await bob.edit([a_memo("bob's")], seen=seen)
        assert conflict.value.conflicts[0].user == "ada"


async def test_a_line_cut_before_the_answer_of_an_edit_does_it_once(served: Served, ada: PlanningSession) -> None:
    """The answer is lost, the same operation is sent again: one transaction, one answer."""
    served.cut_after.add(m.Transact)
    done = await ada.edit([a_memo("once")])
    assert done.revision == 1
    assert served.said["Transact"] == 2
    assert [one.revision for one in served.desk.disk] == [1]
    assert ada.reconnections == 1
    await ada.wait_revision(1)
    assert is_true(served, ada)


async def test_many_edits_under_many_cuts_are_done_once_each(served: Served, ada: PlanningSession) -> None:
    """Whatever moment the line breaks at, nothing acknowledged is missing and nothing is there twice."""

    async def cut() -> None:
        while True:
            await asyncio.sleep(0.005)
            served.cut()

    async with asyncio.TaskGroup() as group:
        cutting = group.create_task(cut())
        edits = [group.create_task(ada.edit([a_memo(f"memo {n}", 1 + n % 12)])) for n in range(40)]
        done = [await one for one in edits]
        cutting.cancel()
    assert sorted(one.revision for one in done) == list(range(1, 41))
    await ada.wait_revision(40)
    assert is_true(served, ada)


async def test_a_replica_resumes_from_its_revision(served: Served, ada: PlanningSession) -> None:
    """A short break costs what happened meanwhile, not the whole base."""
    served.cut()
    async with served.signed_in("bob") as school, PlanningSession(school, NAME) as bob:
        done = await bob.edit([a_memo("meanwhile")])
    await ada.wait_revision(done.revision)
    assert is_true(served, ada)
    assert served.said["FetchSnapshot"] == 2  # ada's and bob's first


async def test_a_replica_of_another_history_takes_a_snapshot(served: Served, ada: PlanningSession) -> None:
    """After a restoration the old revisions mean nothing: all of it is fetched, and the replica is another one."""
    before = ada.replica
    assert before is not None
    before.revision = 50
    served.cut()
    await until(lambda: ada.reconnections)
    assert ada.replica is not before
    assert is_true(served, ada)


async def test_a_base_of_another_name_is_taken_whole(served: Served, ada: PlanningSession) -> None:
    """A planning that was given another base is never shown with the rows of the one before."""
    before = ada.replica
    served.desk.engine.base = "Autre"
    served.cut()
    await until(lambda: ada.reconnections)
    assert ada.replica is not before
    assert served.said["FetchSnapshot"] == 2
    done = await ada.edit([a_memo("and on")])
    await ada.wait_revision(done.revision)
    assert is_true(served, ada)


async def test_a_gap_in_what_is_pushed_is_healed(served: Served, ada: PlanningSession) -> None:
    """A replica that cannot apply a Delta never shows it: it takes a snapshot."""
    [talk] = served.of()
    raw = msgspec.Raw(encode_changes([a_memo("from nowhere")]))
    talk.say(m.Delta(3, (m.Transaction(7, bytes(16), 0, "eve", 0, "", raw),)))
    await until(lambda: ada.reconnections)
    assert served.said["FetchSnapshot"] == 2
    done = await ada.edit([a_memo("and on")])
    await ada.wait_revision(done.revision)
    assert is_true(served, ada)


async def test_behind_is_answered_by_following_again(served: Served, ada: PlanningSession) -> None:
    """A slow reader is brought up to date on the same line."""
    [talk] = served.of()
    follows = served.said["Follow"]
    talk.say(m.Behind(0))
    await until(lambda: served.said["Follow"] == follows + 1)
    assert ada.reconnections == 0


async def test_behind_too_far_takes_a_snapshot(served: Served, ada: PlanningSession) -> None:
    """When the server remembers too little to go on, the whole base is fetched again."""
    [talk] = served.of()
    served.refusing[m.Follow] = ResyncNeededError("too old")
    talk.say(m.Behind(0))
    await until(lambda: ada.reconnections)
    assert served.said["FetchSnapshot"] == 2
    assert is_true(served, ada)


async def test_go_away_moves_to_the_place_that_is_named(served: Served, ada: PlanningSession) -> None:
    """A server that hands over says where; edits asked meanwhile wait for it, and none is lost."""
    elsewhere = m.Endpoint("127.0.0.1", served.port(Role.PLANNING), "localhost")
    served.endpoint = m.Endpoint("127.0.0.1", 1, f"{NAME}.{ACCOUNT}")  # nobody answers where the controller says
    served.leave(endpoint=elsewhere)
    done = await ada.edit([a_memo("elsewhere")])
    assert (done.revision, ada.reconnections) == (1, 1)


async def test_go_away_is_waited_for_as_long_as_it_says(served: Served, ada: PlanningSession) -> None:
    """A thousand clients do not come back before the server wants them."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    served.leave(delay_ms=60)
    await ada.edit([a_memo("later")])
    assert loop.time() - began >= 0.06
    assert served.said["Transact"] == 1  # it was never sent on the line that was leaving


async def test_a_controller_that_starts_again_does_not_end_the_session(served: Served, ada: PlanningSession) -> None:
    """When both lines break, the user is signed in again without being asked."""
    await served.shut(Role.CONTROLLER)
    await served.open(Role.CONTROLLER)
    served.cut()
    await ada.edit([a_memo("signed in again")])
    assert served.said["Login"] == 2


async def test_a_planning_out_of_service_is_waited_for(served: Served, ada: PlanningSession) -> None:
    """Stopped and started by an operator, the client is back without a person."""
    served.refusing[m.OpenPlanning] = PlanningNotInServiceError("not now")
    served.refusing[m.Enter] = BusyError("later", seconds=0)
    served.cut()
    await ada.edit([a_memo("back")])
    assert served.said["OpenPlanning"] == 4


async def test_a_session_that_may_not_come_back_ends_with_the_reason(served: Served, ada: PlanningSession) -> None:
    """Rights that were taken away end it; whoever waits is told, at once and later."""
    events = ada.events()
    waiting = asyncio.gather(ada.wait_revision(99), ada.edit([a_memo("never")]), return_exceptions=True)
    served.mute.add(m.Transact)
    served.refusing[m.OpenPlanning] = NotFoundError("There is no such planning for you.")
    await until(lambda: served.said["Transact"])
    served.cut()
    assert [type(one) for one in await waiting] == [NotFoundError, NotFoundError]
    assert isinstance(ada.failure, NotFoundError)
    assert [message async for message in events] == []
    assert [message async for message in ada.events()] == []
    with pytest.raises(NotFoundError):
        await ada.presence()


async def test_a_session_ended_by_an_administrator_is_not_made_anew(served: Served, ada: PlanningSession) -> None:
    """Two clients that put each other out must not do so for ever."""
    [talk] = served.of()
    talk.connection.fail(SessionEndedError("elsewhere"))
    talk.flush()
    with pytest.raises(SessionEndedError, match="elsewhere"):
        await ada.wait_revision(1)
    assert ada.reconnections == 0


async def test_a_busy_server_is_asked_again_for_the_same_edit(served: Served, ada: PlanningSession) -> None:
    """Busy is no answer to an edit; its operation stays the same."""
    served.refusing[m.Transact] = BusyError("later", seconds=0)
    assert (await ada.edit([a_memo("in the end")])).revision == 1


async def test_who_is_here_and_what_is_held_survive_a_break(served: Served, ada: PlanningSession) -> None:
    """Others see the object held again, and we see the others, without asking."""
    await ada.presence()
    await ada.hold("activity", 3)
    events = ada.events()
    served.cut()
    presence = await anext(events)
    assert isinstance(presence, m.Presence)
    [present] = await ada.presence()
    assert present.holds == (("activity", 3),)


async def test_a_cancelled_call_is_cancelled_and_harms_nobody(served: Served, ada: PlanningSession) -> None:
    """CancelledError goes through, the request is taken back, and the line goes on."""
    served.mute.add(m.GetFreePlaces)
    asking = asyncio.gather(ada.free_places(1))
    await until(lambda: served.said["GetFreePlaces"])
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    waiting = asyncio.gather(ada.wait_revision(99))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert (await ada.edit([a_memo("goes on")])).revision == 1
    assert served.said["Cancel"] == 1


async def test_a_call_may_be_given_up_while_the_planning_is_away(served: Served, ada: PlanningSession) -> None:
    """`asyncio.timeout` around a call works, whatever the session is doing."""
    served.in_service = False
    served.cut()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await ada.edit([a_memo("given up")])


async def test_leaving_closes_the_line_and_leaves_no_task(served: Served, school: School) -> None:
    """After the end nothing runs, nothing is open, and what waited was told."""
    before = asyncio.all_tasks()
    async with PlanningSession(school, NAME) as ada:
        waiting = asyncio.gather(ada.wait_revision(99), return_exceptions=True)
        await asyncio.sleep(0)
    assert [type(one) for one in await waiting] == [SessionEndedError]
    await until(lambda: not served.of())
    assert asyncio.all_tasks() - served_tasks() <= before


def served_tasks() -> set[asyncio.Task[Any]]:
    """The tasks of the servers."""
    return {task for task in asyncio.all_tasks() if "serve" in repr(task.get_coro())}


async def test_closing_is_safe_twice_and_before_entering(school: School) -> None:
    """`aclose` in a finally block, whatever happened before."""
    never = PlanningSession(school, NAME)
    await never.aclose()
    with pytest.raises(SessionEndedError):
        await never.__aenter__()
    async with PlanningSession(school, NAME) as ada:
        await ada.aclose()
        with pytest.raises(SessionEndedError):
            await ada.edit([a_memo("too late")])
        with pytest.raises(SessionEndedError):
            async with ada:
                raise AssertionError
    await ada.aclose()


async def test_leaving_while_coming_back_is_no_wait(served: Served, school: School) -> None:
    """A user closes the window while the server is away."""
    async with PlanningSession(school, NAME):
        await served.shut(Role.PLANNING)
        await asyncio.sleep(0.01)
    assert not served.of()


async def test_entering_that_fails_leaves_nothing_open(served: Served, school: School) -> None:
    """An error on the way in is the caller's, and the line is dropped."""
    served.refusing[m.FetchSnapshot] = DeadlineExceededError("no")
    with pytest.raises(DeadlineExceededError):
        async with PlanningSession(school, NAME):
            raise AssertionError
    await until(lambda: not served.of())


async def test_the_progress_of_a_snapshot_is_told(school: School) -> None:
    """A large base on a slow line shows a bar; a mistake in the bar is the caller's error."""
    told: list[tuple[int, int]] = []
    async with PlanningSession(school, NAME, direct=True, progress=lambda *at: told.append(at)):
        pass
    assert told[-1][0] == told[-1][1] > 0

    def breaks(_received: int, _size: int) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        async with PlanningSession(school, NAME, progress=breaks):
            raise AssertionError


async def test_events_are_let_go_with_whoever_reads_them(ada: PlanningSession) -> None:
    """Who stops reading costs nothing."""
    events = ada.events()
    await ada.edit([a_memo("seen")])
    assert isinstance(await anext(events), m.Delta)
    del events
    gc.collect()
    assert len(ada._events) == 0
