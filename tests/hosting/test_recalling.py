"""What the journal answers: the timeline of an object, and everything since, once each."""

import msgspec
import pytest

from hpserver.base.changes import MAX_FACTS, Change, create, decode_changes, delete, update
from hpserver.base.epochs import line_drawn
from hpserver.base.model import meeting_key
from hpserver.base.planning import Planning
from hpserver.base.snapshot import encode_snapshot
from hpserver.errors import ConflictError, NothingToUndoError, ResyncNeededError
from hpserver.hosting import recalling
from hpserver.hosting.bases import OpenedBase, open_base
from hpserver.hosting.editing import Program
from hpserver.hosting.keeping import Keeping
from hpserver.hosting.past import as_of
from hpserver.hosting.recalling import recall
from hpserver.planning.accepting import Accepting
from hpserver.planning.effects import Read
from hpserver.planning.stimuli import Persisted, Recalled
from hpserver.protocol import messages as m
from hpserver.protocol.limits import OPERATION_BYTES
from hpserver.store.api import JournalRow
from hpserver.store.memory import MemoryBase, MemoryStore
from tests.desk import Desk
from tests.schools import a_school


class Server:
    """One owner of a base in memory, who can be followed by another."""

    def __init__(self, base: MemoryBase, opened: OpenedBase, store: MemoryStore) -> None:
        self.base, self.store, self.epoch = base, store, opened.epoch
        self.keeping = Keeping(store, opened.epoch)
        self.accepting = Accepting(opened.planning, opened.history, opened.epoch)
        self.asked = len(base.rows)

    @classmethod
    async def start(cls, base: MemoryBase) -> "Server":
        """Take the base."""
        store = MemoryStore(base)
        return cls(base, await open_base(store), store)

    async def do(self, *changes: Change, login: str = "ada") -> int:
        """Do a transaction; its revision."""
        self.asked += 1
        head = self.accepting.history.head
        operation = f"{self.epoch}-{self.asked}".encode().ljust(OPERATION_BYTES, b".")
        request = msgspec.structs.replace(Desk(a_school(1)).transact(1, *changes, force=True), operation=operation)
        wish = msgspec.structs.replace(request, seen=head)
        answer = self.accepting.transact(Program(login=login, author=login), wish, head, 1000 * (head + 1))
        assert isinstance(answer, m.Committed)
        drafts = tuple(self.accepting.waiting)
        self.accepting.waiting.clear()
        assert isinstance(await self.keeping.write(drafts), Persisted)
        return answer.revision

    async def ask(self, request: m.Request, login: str = "ada") -> Recalled:
        """Ask the journal."""
        return await recall(self.store, Read(1, request, login, self.accepting.history.head), self.epoch)

    async def changes(self, since: int, epoch: int = 0, limit: int = 200) -> m.Changes:
        """Ask for what was done since."""
        answer = (await self.ask(m.GetChanges(1, 0, since, epoch, limit))).answer
        assert isinstance(answer, m.Changes)
        return answer


@pytest.fixture
async def base() -> MemoryBase:
    """A small school on a disk in memory."""
    disk = MemoryBase()
    school = a_school(12)
    school.apply([update("activity", 1, weeks=15)])
    await MemoryStore(disk).create("base", encode_snapshot(school))
    return disk


async def test_a_timeline_tells_who_did_what_before_and_after(base: MemoryBase) -> None:
    """Of an activity, the exceptions of its weeks too; of a transaction, only what it did to it."""
    server = await Server.start(base)
    await server.do(update("activity", 1, memo="a"), update("activity", 2, memo="b"))
    await server.do(update("activity", 2, memo="c"))
    await server.do(create("meeting", meeting_key(1, 2), cancelled=True), login="bob")
    await server.do(delete("activity", 1))
    answer = (await server.ask(m.GetTimeline(1, 0, "activity", 1))).answer
    assert isinstance(answer, m.Timeline)
    assert [(row.revision, row.user, row.at_ms) for row in answer.rows] == [
        (4, "ada", 4000), (3, "bob", 3000), (1, "ada", 1000),
    ]  # fmt: skip
    assert msgspec.msgpack.decode(answer.rows[2].changes) == [[2, "activity", 1, {"memo": "a"}, {"memo": ""}]]
    deleted = msgspec.msgpack.decode(answer.rows[0].changes)
    assert [one[:3] for one in deleted] == [[3, "activity", 1], [3, "meeting", meeting_key(1, 2)]]
    assert deleted[0][3]["memo"] == "a"


async def test_a_long_timeline_is_told_in_pages(base: MemoryBase) -> None:
    """Each page says where the next begins; nothing is missed or told twice."""
    server = await Server.start(base)
    for number in range(7):
        await server.do(update("activity", 1, memo=str(number)))
    seen: list[int] = []
    before = 0
    while True:
        page = (await server.ask(m.GetTimeline(1, 0, "activity", 1, before, 3))).answer
        assert isinstance(page, m.Timeline)
        seen += [row.revision for row in page.rows]
        before = page.before
        if not before:
            break
    assert seen == [7, 6, 5, 4, 3, 2, 1]


async def test_a_consumer_has_every_transaction_once_across_restarts(base: MemoryBase) -> None:
    """It keeps its place with what it made of it: whatever dies, the same rows come, in order, without a gap."""
    place, made = (0, 0), Planning(a_school(12).grid)
    made = a_school(12)
    made.apply([update("activity", 1, weeks=15)])
    for start in range(4):
        server = await Server.start(base)
        for number in range(5):
            await server.do(update("activity", 1 + number % 3, memo=f"{start}.{number}"))
        while True:
            answer = await server.changes(place[1], place[0], limit=3)
            if start % 2 and answer.more:  # the consumer dies before it has kept anything: it asks again
                answer = await server.changes(place[1], place[0], limit=2)
            for row in answer.rows:
                assert row.revision == place[1] + 1
                made.replay(decode_changes(bytes(row.changes), MAX_FACTS))
                place = (answer.epoch, row.revision)
            if not answer.more:
                break
        await server.keeping.close()
    assert place[1] == 20
    assert made == await as_of(await reopened(base), 20)


async def reopened(base: MemoryBase) -> MemoryStore:
    """A store for reading."""
    store = MemoryStore(base)
    await store.open()
    return store


async def test_a_consumer_learns_where_a_restored_base_went_another_way(base: MemoryBase) -> None:
    """An older copy was put back and went on: what was lost is not what bears its numbers now."""
    server = await Server.start(base)
    for number in range(3):
        await server.do(update("activity", 1, memo=str(number)))
    place = ((await server.changes(0)).epoch, 3)
    await server.keeping.close()
    base.rows = base.rows[:1]
    restored = await Server.start(base)
    lost = await restored.ask(m.GetChanges(1, 0, place[1], place[0]))
    assert isinstance(lost.error, ResyncNeededError)
    assert lost.error.details["revision"] == 1
    for number in range(4):
        await restored.do(update("activity", 1, memo=f"again {number}"))
    lost = await restored.ask(m.GetChanges(1, 0, place[1], place[0]))
    assert isinstance(lost.error, ResyncNeededError)
    assert lost.error.details["revision"] == 1
    assert [row.revision for row in (await restored.changes(1, place[0])).rows] == [2, 3, 4, 5]


async def test_an_answer_that_would_be_too_big_is_told_in_parts(
    base: MemoryBase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As many rows as fit, one at least; of one too big alone, what it became; who asks for more is told what to do."""
    server = await Server.start(base)
    for number in range(4):
        await server.do(update("activity", 1, memo=f"{number}" * 100))
    monkeypatch.setattr(recalling, "MAX_ANSWER", 700)
    answer = await server.changes(0)
    assert ([row.revision for row in answer.rows], answer.more) == ([1, 2], True)
    monkeypatch.setattr(recalling, "MAX_ANSWER", 150)
    answer = await server.changes(1)
    assert msgspec.msgpack.decode(answer.rows[0].changes) == [[2, "activity", 1, {"memo": "1" * 100}]]
    monkeypatch.setattr(recalling, "MAX_ANSWER", 100)
    refused = await server.ask(m.GetChanges(1, 0, 1))
    assert isinstance(refused.error, ResyncNeededError)
    assert "transaction 2 did fits no answer: take a snapshot" in refused.error.text


async def test_a_moment_long_ago_is_worked_out_from_snapshot_and_journal(base: MemoryBase) -> None:
    """Every revision as it was, whichever snapshots are left."""
    server = await Server.start(base)
    states = [encode_snapshot(server.accepting.planning)]
    for number in range(9):
        await server.do(update("activity", 1, memo=str(number)))
        states.append(encode_snapshot(server.accepting.planning))
        if number % 4 == 2:
            await server.store.checkpoint(server.epoch, number + 1, states[-1])
    for revision, state in enumerate(states):
        assert encode_snapshot(await as_of(server.store, revision)) == state


async def test_a_branch_that_was_taken_over_while_who_asks_again_waited_is_answered_as_done(
    base: MemoryBase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A line broke in between: the second of two that ask the same is not told that somebody took it over."""
    server = await Server.start(base)
    (operation,) = [row.operation for row in base.rows[await server.do(create("room", -1, name="Neuve")) - 1 :]]

    async def too_late(_: m.AcceptBranch) -> tuple[int, tuple[Change, ...]]:
        raise ConflictError("the base took it over already")

    other = m.AcceptBranch(1, 0, bytes(OPERATION_BYTES), "Essai")
    refused = await recall(server.store, Read(1, other, "ada", 1), server.epoch, too_late)
    assert isinstance(refused.error, ConflictError)

    real, asked = server.store.find, list[bytes]()

    async def find(wanted: bytes) -> JournalRow | None:
        asked.append(wanted)
        return await real(wanted) if len(asked) > 1 else None

    monkeypatch.setattr(server.store, "find", find)  # the row reaches the disk between the two looks
    again = msgspec.structs.replace(other, operation=operation)
    done = (await recall(server.store, Read(1, again, "ada", 1), server.epoch, too_late)).done
    assert done is not None
    assert done.revision == 1


async def test_there_is_nothing_to_take_back_of_who_did_nothing(base: MemoryBase) -> None:
    """However much others did."""
    server = await Server.start(base)
    for number in range(40):
        await server.do(update("activity", 1, memo=str(number)))
    recalled = await server.ask(m.Undo(1, 0, b"u" * 16), login="bob")
    assert isinstance(recalled.error, NothingToUndoError)


async def test_the_last_edit_is_found_under_many_that_were_taken_back(base: MemoryBase) -> None:
    """Reading goes back as far as is needed."""
    server = await Server.start(base)
    first = await server.do(update("activity", 1, memo="first"))
    for number in range(30):
        await server.do(update("activity", 1, memo=str(number)))
    for number in range(30):
        recalled = await server.ask(m.Undo(1, 0, bytes([number]) * 16))
        done = server.accepting.conclude(Program(login="ada"), recalled, server.accepting.history.head, 5)
        assert isinstance(done, m.Committed)
        drafts = tuple(server.accepting.waiting)
        server.accepting.waiting.clear()
        await server.keeping.write(drafts)
    recalled = await server.ask(m.Undo(1, 0, b"u" * 16))
    assert recalled.past is not None
    assert recalled.past.target.revision == first


async def test_what_was_followed_in_another_base_is_begun_again(base: MemoryBase) -> None:
    """A reader of the changes of one base does not go on in another that is loaded in its place, not even from 0."""
    server = await Server.start(base)
    await server.do(update("activity", 1, memo="here"))
    for since in (0, 1):
        lost = await server.ask(m.GetChanges(1, 0, since, line_drawn(7) + 3))
        assert isinstance(lost.error, ResyncNeededError)
        assert lost.error.details["revision"] == 0
