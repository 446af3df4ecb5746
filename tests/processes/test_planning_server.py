"""A planning server as planners meet it: through the controller, over TLS, with others in the same timetable."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import msgspec
import pytest

from hpserver.base.changes import create, update
from hpserver.base.edits.commands import place
from hpserver.cli.base.files import exported
from hpserver.client import PlanningSession, Replica
from hpserver.client.planning import ClashesError, ConflictsError
from hpserver.errors import ForeignPlanningError, NotAllowedError, NotFoundError, ResyncNeededError, TicketRefusedError
from hpserver.identity.profiles import Profile
from hpserver.protocol import messages as m
from hpserver.protocol.transfers import TransferReceiver
from tests.house import PATIENCE, READER, House, a_house, base_of
from tests.wire import Wire

pytestmark = [pytest.mark.slow, pytest.mark.uvloop_only]

PAGE = "\U0001f4c5" * 2000
"""The longest memo there can be: 8 KB."""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house for every test of this module."""
    with a_house(tmp_path_factory.mktemp("house")) as house:
        yield house


@asynccontextmanager
async def two_inside(house: House) -> AsyncIterator[tuple[PlanningSession, PlanningSession]]:
    """Let Alice and Bruno into planning01."""
    async with asyncio.timeout(2 * PATIENCE), house.inside("alice") as alice, house.inside("bruno") as bruno:
        yield alice, bruno


async def with_a_rival(alice: PlanningSession) -> tuple[int, int, int]:
    """Create an instructor with one activity at place 20 and one that has no place; their keys."""
    done = await alice.edit(
        [
            create("instructor", -1, name="Rival"),
            create("activity", -2, subject=1, duration=2, weeks=0b1110, place=20, instructors=[-1]),
            create("activity", -3, subject=2, duration=2, weeks=0b0111, instructors=[-1]),
        ]
    )
    await alice.wait_revision(done.revision)
    return done.keys[-1], done.keys[-2], done.keys[-3]


async def test_edit_of_one_is_seen_by_the_other(house: House) -> None:
    """What a planner's screen confirms is on the other's screen, with its author."""
    async with two_inside(house) as (alice, bruno):
        told = bruno.events()
        hearing = asyncio.get_running_loop().create_future()

        async def hear() -> None:
            async for message in told:
                if isinstance(message, m.Delta):
                    hearing.set_result(message.transactions[0])
                    return

        async with asyncio.TaskGroup() as group:
            group.create_task(hear())
            await asyncio.sleep(0)
            done = await alice.edit(place(base_of(alice), 1, 20), force=True, why="demande")
            replica = await bruno.wait_revision(done.revision)
        assert replica.planning.activity(1).place == 20
        transaction = hearing.result()
        assert (transaction.revision, transaction.user, transaction.why) == (done.revision, "alice", "demande")


async def test_clash_is_refused_with_who_where_and_when(house: House) -> None:
    """Nobody is in two places at once unless a planner says so; the dry run says the same and does nothing."""
    async with two_inside(house) as (alice, bruno):
        rival, there, other = await with_a_rival(alice)
        assert alice.replica is not None
        await bruno.wait_revision(alice.replica.revision)
        changes = place(base_of(bruno), other, 21)
        with pytest.raises(ClashesError) as refused:
            await bruno.edit(changes)
        [clash] = refused.value.clashes
        assert (clash.kind, clash.key) == ("instructor", rival)
        assert (clash.activity, clash.other) == (other, there)
        assert (clash.weeks, clash.place, clash.steps) == (0b0110, 21, 1)
        assert await bruno.weigh(changes) == (clash,)
        assert base_of(bruno).activity(other).place is None
        free = await bruno.free_places(other)
        assert free[21] == 0b0001
        done = await bruno.edit(changes, force=True)
        replica = await alice.wait_revision(done.revision)
        assert replica.planning.activity(other).place == 21


async def test_simultaneous_edits_of_different_fields_merge(house: House) -> None:
    """Two planners on one activity: neither waits, neither loses anything."""
    async with two_inside(house) as (alice, bruno):
        assert alice.replica is not None
        seen = alice.replica.revision
        one, other = await asyncio.gather(
            alice.edit([update("activity", 3, memo="clé au secrétariat")], seen=seen),
            bruno.edit([update("activity", 3, locked=True)], seen=seen),
        )
        assert sorted((one.merged, other.merged)) == [False, True]
        replica = await alice.wait_revision(max(one.revision, other.revision))
        row = replica.planning.activity(3)
        assert (row.memo, row.locked) == ("clé au secrétariat", True)


async def test_simultaneous_edits_of_one_field_conflict(house: House) -> None:
    """The second is told both values and by whom; the first stands."""
    async with two_inside(house) as (alice, bruno):
        assert alice.replica is not None
        seen = alice.replica.revision
        wishes = [
            alice.edit([update("activity", 4, memo="alice")], seen=seen),
            bruno.edit([update("activity", 4, memo="bruno")], seen=seen),
        ]
        answers = await asyncio.gather(*wishes, return_exceptions=True)
        [refused] = [one for one in answers if isinstance(one, ConflictsError)]
        [done] = [one for one in answers if isinstance(one, m.Committed)]
        [conflict] = refused.conflicts
        first, second = ("alice", "bruno") if answers[0] is done else ("bruno", "alice")
        assert (conflict.kind, conflict.key, conflict.field) == ("activity", 4, "memo")
        assert msgspec.msgpack.decode(conflict.theirs) == first == conflict.user
        assert msgspec.msgpack.decode(conflict.yours) == second
        assert conflict.revision == done.revision
        assert (await alice.wait_revision(done.revision)).planning.activity(4).memo == first


async def test_presence_and_holds_are_seen(house: House) -> None:
    """Each planner sees who is here and what they have in hand; the second to take it learns who has it."""
    async with asyncio.timeout(PATIENCE), house.inside("alice") as alice:
        [me] = await alice.presence()
        assert me.user == "alice"
        heard = alice.events()
        first = asyncio.ensure_future(anext(heard))  # noqa: TID251  awaited below: the next event is wanted from now on
        async with house.inside("bruno") as bruno:
            came = await first
            assert isinstance(came, m.Came)
            assert came.present.user == "bruno"
            mine = await bruno.hold("activity", 5)
            held = await anext(heard)
            assert isinstance(held, m.HoldsChanged)
            assert held.session == mine == came.present.session
            assert await alice.hold("activity", 5) == mine
            await bruno.release("activity", 5)
            assert isinstance(await anext(heard), m.HoldsChanged)
            assert await alice.hold("activity", 5) == me.session
        left = await anext(heard)
        assert isinstance(left, m.Left)
        assert left.session == mine


async def test_profile_decides_who_edits(house: House) -> None:
    """A reader follows everything and changes nothing."""
    async with asyncio.timeout(PATIENCE), house.inside(READER) as david, house.inside("alice") as alice:
        with pytest.raises(NotAllowedError):
            await david.edit([update("activity", 6, memo="x")])
        done = await alice.edit([update("activity", 6, memo="y")])
        assert (await david.wait_revision(done.revision)).planning.activity(6).memo == "y"


async def test_a_cut_line_is_resumed(house: House) -> None:
    """A lift or a tunnel costs a planner nothing: the replica goes on from where it was, edits are done once."""
    async with two_inside(house) as (alice, bruno):
        before = alice.replica
        assert before is not None
        assert alice._line is not None
        alice._line.abort()
        missed, mine = await asyncio.gather(
            bruno.edit([update("activity", 7, memo="pendant la coupure")]),
            alice.edit([update("activity", 8, memo="malgré la coupure")]),
        )
        after = await alice.wait_revision(max(missed.revision, mine.revision))
        assert after is before, "resumed, not fetched again"
        assert alice.reconnections == 1
        assert alice.entered is not None
        assert alice.entered.resumed
        assert after.planning.activity(7).memo == "pendant la coupure"


async def test_the_port_of_the_planning_serves_too(house: House) -> None:
    """`Connexion directe au serveur`: the same conversation, without the controller's port."""
    async with asyncio.timeout(PATIENCE), house.inside("alice", direct=True) as alice:
        done = await alice.edit([update("activity", 9, memo="direct")])
        assert (await alice.wait_revision(done.revision)).planning.activity(9).memo == "direct"


async def test_a_slow_reader_is_brought_up_to_date(house: House) -> None:
    """Who stops reading is neither waited for nor buffered without bound, and misses nothing in the end."""
    async with asyncio.timeout(2 * PATIENCE), house.signed_in("bruno") as school, house.inside("alice") as alice:
        opened = await school.open("planning01")
        with await asyncio.to_thread(house.wire, "bruno", "planning01") as slow:
            slow.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16 << 10)
            heard = await asyncio.to_thread(enter, slow, opened.ticket)
            for number in range(20):
                text = PAGE[:-2] + f"{number:02}"
                done = await alice.edit([update("activity", key, memo=text) for key in range(1, 61)])
            slow.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
            behind = await asyncio.to_thread(read_until, slow, done.revision, heard)
        assert behind, "20 times half a megabyte do not fit"


def enter(wire: Wire, ticket: bytes) -> int:
    """Enter without a replica, and follow from where the base is; its revision."""
    entered = wire.ask(m.Enter(wire.next_id(), 0, "planning01", ticket, 0, (1 << 53) - 1))
    assert isinstance(entered, m.Entered), entered
    assert isinstance(wire.ask(m.Follow(wire.next_id(), 0, entered.revision)), m.Following)
    return entered.revision


def read_until(wire: Wire, revision: int, heard: int) -> int:
    """Read every push until the revision, and do as a client does when it is told that it is behind; how often."""
    behind = 0
    while heard < revision:
        message = wire.hear()
        if isinstance(message, m.Delta):
            revisions = [one.revision for one in message.transactions]
            assert revisions == list(range(heard + 1, heard + 1 + len(revisions)))
            heard = revisions[-1]
        elif isinstance(message, m.Behind):
            behind += 1
            assert message.revision == heard
            wire.tell(m.Follow(wire.next_id(), 0, heard))
        elif isinstance(message, m.Failed):
            assert message.code == ResyncNeededError.code
            heard = fetch(wire)
            wire.tell(m.Follow(wire.next_id(), 0, heard))
        else:
            assert isinstance(message, m.Following), message
    return behind


def fetch(wire: Wire) -> int:
    """Take a snapshot that can be read; its revision."""
    started = wire.ask(m.FetchSnapshot(wire.next_id(), 0))
    assert isinstance(started, m.TransferStarted)
    receiver = TransferReceiver(started)
    while not receiver.is_whole:
        chunk = wire.hear()
        assert isinstance(chunk, m.Chunk)
        receiver.add(chunk)
    return Replica.of_snapshot(receiver.result(), started.epoch, started.revision).revision


async def test_clients_come_back_after_a_stop_and_the_base_is_what_they_had(house: House) -> None:
    """A stop tells everybody; the base on disk is the replica, byte for byte of its export; a start brings all back."""
    async with two_inside(house) as (alice, bruno):
        done = await alice.edit([update("activity", 10, memo="avant l'arrêt")])
        replica = await bruno.wait_revision(done.revision)
        heard = bruno.events()
        away = asyncio.ensure_future(anext(heard))  # noqa: TID251  awaited below: the next event is wanted from now on
        await asyncio.to_thread(house.wish, "planning01", "down")
        assert isinstance(await away, m.GoAway)
        told = await asyncio.to_thread(house.hp, "base", "export", "Base planning01", "--json")
        assert told.returncode == 0, told.stderr
        expected = msgspec.json.encode(exported(replica.planning, "Base planning01", replica.revision))
        assert json.loads(told.stdout) == json.loads(expected)
        await asyncio.to_thread(house.wish, "planning01", "up")
        done = await alice.edit([update("activity", 10, memo="après l'arrêt")])
        assert (await bruno.wait_revision(done.revision)).planning.activity(10).memo == "après l'arrêt"
        assert bruno.reconnections == alice.reconnections == 1
        assert bruno.replica is replica, "resumed across the stop"


async def test_r01_a_planning_is_entered_only_by_who_may(house: House) -> None:
    """The planning server looks at its own rights: another planning's name, or no assignment, is refused there."""
    async with asyncio.timeout(PATIENCE), house.signed_in("alice") as school:
        with pytest.raises(NotFoundError):
            await school.open("planning02")
        opened = await school.open("planning01")
        with await asyncio.to_thread(house.wire, "alice", "planning01") as wire:
            request = m.Enter(wire.next_id(), 0, "planning02", opened.ticket, 0, 0)
            answer = await asyncio.to_thread(wire.ask, request)
        assert isinstance(answer, m.Failed)
        assert answer.code in {ForeignPlanningError.code, TicketRefusedError.code}


async def test_a13_a_ticket_drawn_before_the_profile_was_lowered_opens_nothing(house: House) -> None:
    """Rights are those of now: nobody keeps the former profile by waiting outside with the ticket in hand."""
    planning = house.plannings["planning01"]

    def assign(login: str, profile: Profile) -> None:
        house.run(house.accounts.assign(planning, house.users[login], profile))

    async with asyncio.timeout(PATIENCE), house.signed_in("chloe") as school, house.inside(READER) as david:
        opened = await school.open("planning01")
        await asyncio.to_thread(assign, "chloe", "Consultation")
        await asyncio.to_thread(assign, READER, "Modification")
        async for _ in david.events():
            pass  # ends with the session: the server has looked at the rights
        with await asyncio.to_thread(house.wire, "chloe", "planning01") as wire:
            answer = await asyncio.to_thread(wire.ask, m.Enter(wire.next_id(), 0, "planning01", opened.ticket, 0, 0))
        assert isinstance(answer, m.Failed)
        assert answer.code == TicketRefusedError.code
        await asyncio.to_thread(assign, "chloe", "Modification")
        await asyncio.to_thread(assign, READER, "Consultation")
