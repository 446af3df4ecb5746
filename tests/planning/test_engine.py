from typing import Any

import msgspec
import pytest

from hpserver.base.changes import create, delete, update
from hpserver.base.model import Activity, meeting_key
from hpserver.base.planning import Planning
from hpserver.base.snapshot import decode_snapshot, encode_snapshot
from hpserver.errors import (
    DuplicateOperationError,
    ForeignPlanningError,
    GoingAwayError,
    InvalidChangeError,
    NotAllowedError,
    OperationReusedError,
    ResyncNeededError,
    StoreFullError,
    TicketRefusedError,
    UnknownObjectError,
)
from hpserver.planning import accepting as accepting_module
from hpserver.planning import engine as engine_module
from hpserver.planning import feed as feed_module
from hpserver.planning.effects import Broadcast, Gather, Persist, Send, WakeAt
from hpserver.planning.history import Done
from hpserver.planning.journal import read_body
from hpserver.planning.limits import MAX_BATCH
from hpserver.planning.merge import fields_of
from hpserver.planning.stimuli import (
    CaughtUp,
    Closed,
    Drained,
    FellBehind,
    Forgotten,
    Gathered,
    Heard,
    NotPersisted,
    Persisted,
    Ticked,
)
from hpserver.protocol import messages as m
from hpserver.protocol.codec import encode_body
from hpserver.protocol.limits import MAX_FRAME, MAX_NAME
from tests.desk import EPOCH, NAME, Desk, replay, thumbprint
from tests.schools import a_grid, a_school


def a_small_planning() -> Planning:
    """Two activities of one instructor in two rooms, one of them not placed."""
    planning = Planning(a_grid())
    planning.apply(
        [
            create("subject", 1, name="Algèbre"),
            create("instructor", 1, name="Noether"),
            create("room", 1, name="A1"),
            create("room", 2, name="B2"),
            create("activity", 1, subject=1, duration=2, weeks=0b1111, place=0, instructors=(1,), rooms=(1,)),
            create("activity", 2, subject=1, duration=2, weeks=0b1111, instructors=(1,), rooms=(2,)),
        ]
    )
    return planning


@pytest.fixture
def desk() -> Desk:
    """A desk over the small planning."""
    return Desk(a_small_planning())


def activity(desk: Desk, key: int) -> Activity:
    """The row as the engine holds it."""
    return desk.engine.planning.activity(key)


def failure(messages: list[m.Message]) -> m.Failed:
    """The only thing that was said, a refusal."""
    (message,) = messages
    assert isinstance(message, m.Failed)
    return message


# --- durable before visible -----------------------------------------------------------------------------------


def test_nothing_is_said_before_the_disk_has_kept_it(desk: Desk) -> None:
    """An acknowledgement and a broadcast wait for Persisted; the disk is asked first."""
    ada, bob = desk.follow("ada"), desk.follow("bob")

    effects = desk.tell(ada, desk.transact(5, update("activity", 1, memo="x")))

    assert [type(effect) for effect in effects] == [Gather]
    assert isinstance(desk.waiting, Persist)
    assert desk.heard(ada) == []
    assert desk.heard(bob) == []


def test_the_author_is_told_first_then_everybody_at_once(desk: Desk) -> None:
    """After the disk: the acknowledgement, then one broadcast to all who follow, the author too."""
    ada, bob = desk.follow("ada"), desk.follow("bob")
    desk.tell(ada, desk.transact(5, update("activity", 1, memo="x")))
    desk.effects.clear()

    desk.keep()

    acknowledged, told = desk.effects
    assert acknowledged == Send(ada, m.Committed(5, EPOCH, 1, {}))
    assert isinstance(told, Broadcast)
    assert told.sessions == (ada, bob)


def test_a_refusal_waits_for_the_disk_too(desk: Desk) -> None:
    """Who is refused because of what another tried is heard again when the disk did not keep that."""
    ada, bob = desk.follow("ada"), desk.follow("bob")
    desk.tell(ada, desk.transact(5, delete("activity", 2)))
    desk.tell(bob, m.GetFreePlaces(6, 0, 2))
    desk.tell(bob, desk.transact(7, update("activity", 2, memo="x"), seen=1))
    assert desk.heard(bob) == []
    desk.waiting = None

    desk.feed(NotPersisted(StoreFullError("no space left")))

    places, failed = desk.heard(bob)
    assert isinstance(places, m.FreePlaces)
    assert failure([failed]).code == StoreFullError.code


def test_nobody_has_seen_what_the_disk_has_not_kept(desk: Desk) -> None:
    """A wish that claims to know of an edit under way would overwrite it without a conflict."""
    ada, bob = desk.follow("ada"), desk.follow("bob")
    desk.tell(ada, desk.transact(5, update("activity", 1, memo="x")))
    desk.tell(bob, desk.transact(6, update("activity", 1, memo="y"), seen=1))
    desk.sync()

    refused = [message for message in desk.heard(bob) if isinstance(message, m.Failed)]
    assert failure([*refused]).code == ResyncNeededError.code
    assert activity(desk, 1).memo == "x"


def test_what_waits_while_the_disk_writes_is_one_batch(desk: Desk) -> None:
    """Group commit: the batch is whatever waits when the previous one ends."""
    ada = desk.follow("ada")
    for request in range(5, 10):
        desk.tell(ada, desk.transact(request, update("activity", 1, memo=str(request))))
    assert desk.waiting is not None
    assert [draft.revision for draft in desk.waiting.drafts] == [1]

    desk.keep()

    assert desk.waiting is not None
    assert [draft.revision for draft in desk.waiting.drafts] == [2, 3, 4, 5]


def test_writers_of_one_instant_share_a_commit(desk: Desk) -> None:
    """What arrives before the batch is gathered is in it; gathering again, or for nothing, changes nothing."""
    ada, engine = desk.follow("ada"), desk.engine
    for request in (5, 6, 7):
        wish = desk.transact(request, update("activity", 1, memo=str(request)))
        effects = engine.handle(Heard(ada, b"", wish), desk.now, 0)
        assert effects == ([Gather(0.0)] if request == 5 else [])

    (batch,) = engine.handle(Gathered(), desk.now, 0)
    assert isinstance(batch, Persist)
    assert [draft.revision for draft in batch.drafts] == [1, 2, 3]
    assert engine.handle(Gathered(), desk.now, 0) == []


def test_a_crowd_that_writes_again_shares_a_commit(desk: Desk) -> None:
    """The first to write again waits for the others of the last commit, and begins when the last of them has come."""
    crowd, engine = [desk.follow(f"user{number}") for number in range(5)], desk.engine
    for session in crowd:
        engine.handle(Heard(session, b"", desk.transact(5, create("room", -1, name=f"{session}"))), 100.0, 0)
    engine.handle(Gathered(), 100.0, 0)
    engine.handle(Persisted(5), 100.002, 0)

    effects = [
        engine.handle(Heard(session, b"", desk.transact(6, create("room", -1, name=f"{session}"))), 100.003, 0)
        for session in crowd
    ]

    (gather,) = effects[0]
    assert isinstance(gather, Gather)
    assert gather.seconds == pytest.approx(0.002)
    assert effects[1:4] == [[], [], []]
    (batch,) = effects[4]
    assert isinstance(batch, Persist)
    assert len(batch.drafts) == 5


def test_a_reader_never_sees_what_may_still_be_lost(desk: Desk) -> None:
    """An answer read from memory ahead of the disk waits for the disk; in order with the rest."""
    ada, bob = desk.follow("ada"), desk.follow("bob")
    desk.tell(ada, desk.transact(5, update("activity", 2, place=10)))
    desk.tell(bob, m.GetObjects(6, 0, "activity", (2,)))
    assert desk.heard(bob) == []

    desk.keep()

    answer = desk.heard(bob)[0]
    assert isinstance(answer, m.Objects)
    assert answer.revision == 1


def test_a_question_asked_before_is_answered_at_once_unless_the_disk_is_waited_for(desk: Desk) -> None:
    """The short way gives the answer of the long one, to who has entered, and none that may still be lost."""
    ada, question = desk.follow("ada"), m.GetTimetable(6, 0, "room", 1, 3)
    desk.tell(ada, question)
    assert desk.engine.maybe_answer(ada, question) == desk.heard(ada)[-1]
    assert desk.engine.maybe_answer(ada + 99, question) is None

    desk.tell(ada, desk.transact(7, update("activity", 2, place=10)))
    assert desk.engine.maybe_answer(ada, question) is None
    desk.keep()

    assert desk.engine.maybe_answer(ada, question) is None
    desk.tell(ada, question)
    again = desk.engine.maybe_answer(ada, question)
    assert isinstance(again, m.Timetable)
    assert again.revision == 1


def test_deltas_make_a_replica_equal(desk: Desk) -> None:
    """A replica fed by Deltas alone is the engine's base, byte for byte."""
    ada = desk.follow("ada")
    replica = decode_snapshot(encode_snapshot(desk.engine.planning))
    desk.tell(ada, desk.transact(5, update("activity", 2, place=10), create("room", -1, name="C3")))
    desk.tell(ada, desk.transact(6, delete("room", 1), seen=0, force=True))
    desk.tell(ada, desk.transact(7, create("meeting", meeting_key(1, 2), cancelled=True)))
    desk.sync()
    desk.now += 1
    desk.feed(Ticked())

    replay(replica, desk.heard(ada))

    assert replica == desk.engine.planning
    replica.validate()


def test_under_load_deltas_are_coalesced(desk: Desk) -> None:
    """Two commits within the coalescing time make one Delta, told at the moment asked for."""
    ada = desk.follow("ada")
    for request in (5, 6, 7):
        desk.tell(ada, desk.transact(request, update("activity", 1, memo=str(request))))
        desk.keep()
    first = [message for message in desk.heard(ada) if isinstance(message, m.Delta)]
    assert [t.revision for t in first[0].transactions] == [1]
    assert [effect.moment for effect in desk.effects if isinstance(effect, WakeAt)] == [100.02]

    desk.now = 100.02
    desk.feed(Ticked())

    (delta,) = desk.heard(ada)
    assert isinstance(delta, m.Delta)
    assert [t.revision for t in delta.transactions] == [2, 3]


# --- operations sent twice ------------------------------------------------------------------------------------


def test_an_operation_sent_again_is_done_once(desk: Desk) -> None:
    """The same operation id gets the same answer, before and after the disk kept it, from another session too."""
    ada = desk.follow("ada")
    first = desk.transact(5, create("room", -1, name="C3"))
    desk.tell(ada, first)
    desk.tell(ada, msgspec.structs.replace(first, id=6))
    desk.sync()
    desk.feed(Closed(ada))
    again = desk.enter("ada")
    desk.heard(again)

    desk.tell(again, msgspec.structs.replace(first, id=7))

    assert [a.revision for a in desk.heard(ada) if isinstance(a, m.Committed)] == [1, 1]
    assert desk.heard(again) == [m.Committed(7, EPOCH, 1, {-1: 3})]
    assert len(desk.engine.planning.rows("room")) == 3


def test_an_operation_id_used_for_another_wish_is_refused(desk: Desk) -> None:
    """A client that draws the same id twice is told, instead of being told a lie."""
    ada = desk.follow("ada")
    desk.tell(ada, desk.transact(5, update("activity", 1, memo="x"), operation=b"o" * 16))
    desk.sync()
    desk.heard(ada)

    desk.tell(ada, desk.transact(6, update("activity", 1, memo="y"), operation=b"o" * 16))

    assert failure(desk.heard(ada)).code == OperationReusedError.code


def test_an_old_operation_found_by_the_store_is_answered_and_the_rest_goes_on(desk: Desk) -> None:
    """When the journal already has one of a batch, that one gets its old answer, the others are tried again."""
    ada, bob = desk.follow("ada"), desk.follow("bob")
    old = desk.transact(5, update("activity", 1, memo="old"))
    desk.tell(ada, old)
    desk.tell(bob, desk.transact(6, update("activity", 2, memo="new")))
    desk.waiting = None

    wish = desk.engine.history.done[old.operation].wish
    done = Done("ada", "ada/1", 1, 40, {}, merged=False, wish=wish)
    desk.feed(NotPersisted(DuplicateOperationError("twice"), old.operation, done))
    desk.sync()

    assert m.Committed(5, 1, 40, {}) in desk.heard(ada)
    assert m.Committed(6, EPOCH, 1, {}) in desk.heard(bob)
    assert activity(desk, 1).memo == ""
    assert activity(desk, 2).memo == "new"
    desk.engine.planning.validate()


def test_a_full_disk_refuses_the_edits_and_keeps_answering_reads(desk: Desk) -> None:
    """Nothing tried stays in memory; who only asked gets an answer of the base as it is on disk."""
    ada, bob = desk.follow("ada"), desk.follow("bob")
    before = encode_snapshot(desk.engine.planning)
    desk.tell(ada, desk.transact(5, update("activity", 1, memo="x")))
    desk.tell(ada, desk.transact(6, create("room", -1, name="C3")))
    desk.tell(bob, m.GetTimetable(7, 0, "room", 1, 0))
    desk.waiting = None

    desk.feed(NotPersisted(StoreFullError("no space left")))

    assert [f.code for f in desk.heard(ada) if isinstance(f, m.Failed)] == [StoreFullError.code] * 2
    (answer,) = desk.heard(bob)
    assert isinstance(answer, m.Timetable)
    assert answer.revision == 0
    assert encode_snapshot(desk.engine.planning) != b""
    assert decode_snapshot(before).rows("activity") == desk.engine.planning.rows("activity")
    assert len(desk.engine.planning.rows("room")) == 2


# --- merges and clashes ---------------------------------------------------------------------------------------


def test_two_people_change_two_fields_of_one_activity(desk: Desk) -> None:
    """Fields that do not overlap merge silently, and the second is told that it merged."""
    ada, bob = desk.follow("ada"), desk.follow("bob")
    desk.tell(ada, desk.transact(5, update("activity", 1, rooms=(2,)), seen=0))
    desk.tell(bob, desk.transact(6, update("activity", 1, memo="bring maps"), seen=0))
    desk.sync()

    assert m.Committed(6, EPOCH, 2, {}, True) in desk.heard(bob)
    assert (activity(desk, 1).rooms, activity(desk, 1).memo) == ((2,), "bring maps")


def test_two_people_change_the_same_field(desk: Desk) -> None:
    """The second is answered with both values and whose they are; nothing of hers is done."""
    ada, bob = desk.follow("ada"), desk.follow("bob")
    desk.tell(ada, desk.transact(5, update("activity", 1, memo="x"), seen=0))
    desk.tell(bob, desk.transact(6, update("activity", 1, memo="y"), create("room", -1, name="C3"), seen=0))
    desk.sync()

    (answer,) = [a for a in desk.heard(bob) if isinstance(a, m.Conflicted)]
    (conflict,) = answer.conflicts
    assert (conflict.field, conflict.user, conflict.revision) == ("memo", "ada", 1)
    assert [msgspec.msgpack.decode(raw) for raw in (conflict.yours, conflict.theirs)] == ["y", "x"]
    assert len(desk.engine.planning.rows("room")) == 2


def test_a_clash_is_refused_with_who_where_and_when(desk: Desk) -> None:
    """The clash names the instructor, both activities, the weeks and the place; the base is untouched."""
    ada = desk.follow("ada")
    desk.tell(ada, desk.transact(5, update("activity", 2, place=1)))

    (answer,) = desk.heard(ada)
    assert isinstance(answer, m.Clashed)
    (clash,) = msgspec.msgpack.decode(answer.clashes)
    assert clash[:8] == ["instructor", 1, "instructor", 1, 2, 1, 0b1111, 1]
    assert activity(desk, 2).place is None


def test_a_clash_may_be_forced(desk: Desk) -> None:
    """With `force` the same wish is done, and the activity says so until it is moved away."""
    ada = desk.follow("ada")
    desk.tell(ada, desk.transact(5, update("activity", 2, place=1), force=True))
    desk.sync()

    assert activity(desk, 2).place == 1
    assert activity(desk, 2).forced == 0b1111
    desk.tell(ada, desk.transact(6, update("activity", 2, place=5)))
    assert activity(desk, 2).forced == 0


def test_a_dry_run_changes_nothing_and_tells_what_it_would_cause(desk: Desk) -> None:
    """The clashes are weighed, and neither memory nor disk moves."""
    ada = desk.follow("ada")
    desk.tell(ada, desk.transact(5, update("activity", 2, place=1), dry_run=True))

    (answer,) = desk.heard(ada)
    assert isinstance(answer, m.Weighed)
    assert len(msgspec.msgpack.decode(answer.clashes)) == 1
    assert desk.waiting is None
    assert activity(desk, 2).place is None


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ([update("activity", 99, memo="x")], UnknownObjectError),
        ([update("activity", 1, nonsense=1)], InvalidChangeError),
        ([update("activity", 1, place=10_000)], InvalidChangeError),
    ],
)
def test_a_wish_that_cannot_be_is_refused(desk: Desk, changes: list[Any], error: type[Exception]) -> None:
    """The base says why; nothing is written and the session goes on."""
    ada = desk.follow("ada")

    desk.tell(ada, desk.transact(5, *changes))

    assert failure(desk.heard(ada)).name == error.__name__
    assert desk.waiting is None


def test_a_wish_whose_consequences_no_delta_can_hold_is_refused(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """What goes with an activity is told to everybody too: nothing is done that cannot be told."""
    monkeypatch.setattr(accepting_module, "MAX_FACTS_BYTES", 30)
    ada = desk.follow("ada")
    desk.tell(ada, desk.transact(5, create("meeting", meeting_key(1, 2), cancelled=True), force=True))
    desk.sync()
    desk.tell(ada, desk.transact(6, create("meeting", meeting_key(1, 3), cancelled=True), seen=1))
    desk.sync()
    desk.heard(ada)

    desk.tell(ada, desk.transact(7, delete("activity", 1)))

    assert failure(desk.heard(ada)).code == InvalidChangeError.code
    assert len(desk.engine.planning.meetings_of(1)) == 2
    desk.engine.planning.validate()


def test_an_activity_does_not_take_the_exception_of_another_with_it(desk: Desk) -> None:
    """The whole wish is taken back, and its author sees what would have been lost."""
    ada, bob = desk.follow("ada"), desk.follow("bob")
    desk.tell(bob, desk.transact(5, create("meeting", meeting_key(1, 2), cancelled=True)))
    desk.tell(ada, desk.transact(6, delete("activity", 1), create("room", -1, name="C3"), seen=0))
    desk.sync()

    (answer,) = [a for a in desk.heard(ada) if isinstance(a, m.Conflicted)]
    assert [(conflict.kind, conflict.user) for conflict in answer.conflicts] == [("meeting", "bob")]
    assert len(desk.engine.planning.rows("room")) == 2
    desk.engine.planning.validate()


# --- who may ---------------------------------------------------------------------------------------------------


def test_consultation_does_not_edit(desk: Desk) -> None:
    """The right is checked here, for each wish, from the profile given at the door."""
    eve = desk.follow("eve", profile="Consultation")

    desk.tell(eve, desk.transact(5, update("activity", 1, memo="x")))

    assert failure(desk.heard(eve)).code == NotAllowedError.code


def test_r01_another_plannings_name_is_refused(desk: Desk) -> None:
    """Who names another planning is refused by this server itself, and its ticket is not spent."""
    ticket = desk.admit("ada")

    desk.feed(Heard(1, thumbprint("ada"), m.Enter(1, 0, "planning02", ticket, 0, 0)))

    assert failure(desk.heard(1)).code == ForeignPlanningError.code
    desk.feed(Heard(1, thumbprint("ada"), m.Enter(2, 0, NAME, ticket, 0, 0)))
    assert isinstance(desk.heard(1)[0], m.Entered)


def test_r01_nothing_is_answered_before_entering(desk: Desk) -> None:
    """A session that spent no ticket gets nothing, whatever it asks."""
    desk.feed(Heard(1, thumbprint("ada"), m.GetObjects(1, 0, "activity", (1,))))

    assert failure(desk.heard(1)).code == NotAllowedError.code


@pytest.mark.parametrize("late", [False, True])
def test_r02_a_ticket_is_good_once_and_for_thirty_seconds(desk: Desk, late: bool) -> None:
    """Spent or late, it is refused in the same words."""
    ticket = desk.admit("ada", ttl=30.0)
    if late:
        desk.now += 30.0
    else:
        desk.feed(Heard(1, thumbprint("ada"), m.Enter(1, 0, NAME, ticket, 0, 0)))
        desk.heard(1)

    desk.feed(Heard(2, thumbprint("ada"), m.Enter(1, 0, NAME, ticket, 0, 0)))

    assert failure(desk.heard(2)).code == TicketRefusedError.code


def test_r02_a_ticket_of_another_certificate_is_refused(desk: Desk) -> None:
    """A ticket copied to another machine is useless there."""
    ticket = desk.admit("ada")

    desk.feed(Heard(1, thumbprint("eve"), m.Enter(1, 0, NAME, ticket, 0, 0)))

    assert failure(desk.heard(1)).code == TicketRefusedError.code


def test_a_forgotten_user_is_closed_and_her_ticket_is_void(desk: Desk) -> None:
    """Forgotten closes the sessions of a user and what waits to be spent."""
    ada = desk.enter("ada", user=7)
    ticket = desk.admit("ada", user=7)

    desk.feed(Forgotten(7, b""))
    desk.feed(Heard(9, thumbprint("ada"), m.Enter(1, 0, NAME, ticket, 0, 0)))

    assert list(desk.closed) == [ada]
    assert failure(desk.heard(9)).code == TicketRefusedError.code


# --- coming back -----------------------------------------------------------------------------------------------


def test_nobody_is_pushed_more_than_a_line_may_hold(desk: Desk) -> None:
    """Who missed megabytes takes a snapshot: pushed at once, they would cut the line, and again at each return."""
    ada = desk.enter("ada")
    for number in range(80):
        text = "\U0001f4c5" * 1990 + f"{number:03}"
        desk.tell(ada, desk.transact(1, update("activity", 1, memo=text), update("activity", 2, memo=text)))
        desk.sync()
        desk.now += 1
    assert desk.engine.announced == 80
    desk.heard(ada)
    bob = desk.enter("bob", epoch=desk.engine.epoch, revision=0)
    [entered] = desk.heard(bob)
    assert isinstance(entered, m.Entered)
    assert not entered.resumed
    desk.tell(bob, m.Follow(2, 0, 0))
    [refused] = desk.heard(bob)
    assert isinstance(refused, m.Failed)
    assert refused.code == ResyncNeededError.code
    desk.tell(bob, m.FetchSnapshot(3, 0))
    [snapshot] = desk.transfers(bob)
    desk.tell(bob, m.Follow(4, 0, snapshot.revision))
    assert isinstance(desk.heard(bob)[0], m.Following)


def test_a_replica_resumes_from_its_revision(desk: Desk) -> None:
    """Who was away for a while gets what was missed and nothing else."""
    ada = desk.follow("ada")
    for request in range(5, 8):
        desk.tell(ada, desk.transact(request, update("activity", 1, memo=str(request))))
    desk.sync()

    bob = desk.enter("bob", epoch=EPOCH, revision=1)

    entered, delta = desk.heard(bob)
    assert isinstance(entered, m.Entered)
    assert entered.resumed
    assert isinstance(delta, m.Delta)
    assert [t.revision for t in delta.transactions] == [2, 3]


def test_a_replica_of_a_lost_future_takes_a_snapshot(desk: Desk) -> None:
    """A revision above ours, or of an older epoch than what we have there, is not resumed."""
    ada = desk.follow("ada")
    desk.tell(ada, desk.transact(5, update("activity", 1, memo="x")))
    desk.sync()

    for epoch, revision in ((EPOCH, 9), (EPOCH - 1, 1)):
        bob = desk.enter("bob", epoch=epoch, revision=revision)
        (entered,) = desk.heard(bob)
        assert isinstance(entered, m.Entered)
        assert not entered.resumed


def test_following_from_beyond_reach_asks_for_a_snapshot(desk: Desk) -> None:
    """Follow from a revision we do not know answers ResyncNeeded."""
    ada = desk.enter("ada")
    desk.heard(ada)

    desk.tell(ada, m.Follow(2, 0, 5))

    assert failure(desk.heard(ada)).code == ResyncNeededError.code


def test_a_refused_follower_costs_the_others_nothing(desk: Desk) -> None:
    """What was about to be told when somebody asks for too much is told all the same."""
    ada, bob = desk.follow("ada"), desk.follow("bob")
    for request in (5, 6):
        desk.tell(ada, desk.transact(request, update("activity", 1, memo=str(request))))
        desk.keep()
    desk.heard(ada)
    assert desk.engine.announced < desk.engine.durable

    desk.tell(bob, m.Follow(9, 0, 99))

    (delta,) = desk.heard(ada)
    assert isinstance(delta, m.Delta)
    assert [t.revision for t in delta.transactions] == [2]
    assert failure(desk.heard(bob)[-1:]).code == ResyncNeededError.code


def test_a_snapshot_and_what_follows_make_a_replica(desk: Desk) -> None:
    """FetchSnapshot, then Follow from its revision: nothing is missed, nothing comes twice."""
    ada, bob = desk.follow("ada"), desk.enter("bob")
    desk.tell(ada, desk.transact(5, update("activity", 1, memo="x")))
    desk.tell(bob, m.FetchSnapshot(2, 0))
    assert desk.transfers(bob) == []
    desk.sync()
    (transfer,) = desk.transfers(bob)
    desk.heard(bob)
    desk.tell(ada, desk.transact(6, update("activity", 1, memo="y")))
    desk.sync()

    desk.tell(bob, m.Follow(3, 0, transfer.revision))

    replica = decode_snapshot(transfer.payload)
    replay(replica, desk.heard(bob))
    assert replica == desk.engine.planning


def test_a_slow_reader_is_skipped_then_told_where_it_stopped(desk: Desk) -> None:
    """No Delta goes to who is behind; once it has read, it is told the last revision and follows again."""
    ada, slow = desk.follow("ada"), desk.follow("slow")
    desk.feed(FellBehind(slow))
    for request in (5, 6):
        desk.tell(ada, desk.transact(request, update("activity", 1, memo=str(request))))
    desk.sync()
    desk.now += 1
    desk.feed(Ticked())
    assert desk.heard(slow) == []

    desk.feed(CaughtUp(slow))
    desk.tell(slow, m.Follow(9, 0, 0))

    behind, following, delta = desk.heard(slow)
    assert behind == m.Behind(0)
    assert following == m.Following(9, 0)
    assert isinstance(delta, m.Delta)
    assert [t.revision for t in delta.transactions] == [1, 2]


def test_leaving_tells_everybody_and_lets_nobody_in(desk: Desk) -> None:
    """A drain says GoAway to all inside; a ticket spent afterwards is answered with GoingAway."""
    ada = desk.follow("ada")

    desk.feed(Drained(500))
    ticket = desk.admit("bob")
    desk.feed(Heard(9, thumbprint("bob"), m.Enter(1, 0, NAME, ticket, 0, 0)))

    assert desk.heard(ada) == [m.GoAway(GoingAwayError.code, "GoingAwayError", 500)]
    assert failure(desk.heard(9)).code == GoingAwayError.code


def test_a_checkpoint_is_what_the_disk_has(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every so many transactions, when nothing waits, the base is kept beside its journal."""
    monkeypatch.setattr(engine_module, "CHECKPOINT_EVERY", 3)
    ada = desk.follow("ada")
    for request in range(5, 9):
        desk.tell(ada, desk.transact(request, update("activity", 1, memo=str(request))))
    desk.sync()

    (checkpoint,) = desk.checkpoints
    assert checkpoint.revision == 4
    assert decode_snapshot(checkpoint.snapshot) == desk.engine.planning


def test_a_checkpoint_waits_for_the_disk_and_not_for_a_pause(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """With writers that never pause, snapshots are kept all the same, each once the disk has all that is in it."""
    monkeypatch.setattr(engine_module, "CHECKPOINT_EVERY", 3)
    ada = desk.follow("ada")
    for request in range(5, 30):
        desk.tell(ada, desk.transact(request, update("activity", 1, memo=str(request))))
        if request % 2:
            desk.keep()
            assert all(one.revision <= desk.engine.durable for one in desk.checkpoints)

    assert len(desk.checkpoints) >= 2
    assert desk.engine.head > desk.engine.durable


def test_a_large_backlog_is_told_in_several_deltas(monkeypatch: pytest.MonkeyPatch) -> None:
    """No Delta grows beyond its limit, and together they tell everything in order."""
    monkeypatch.setattr(feed_module, "DELTA_BYTES", 200)
    desk = Desk(a_school(30))
    ada = desk.follow("ada")
    for request in range(5, 25):
        desk.tell(ada, desk.transact(request, update("activity", 1, memo="m" * 40 + str(request))))
    desk.sync()

    bob = desk.enter("bob", epoch=EPOCH, revision=0)

    deltas = [message for message in desk.heard(bob) if isinstance(message, m.Delta)]
    assert len(deltas) > 1
    assert [t.revision for d in deltas for t in d.transactions] == list(range(1, 21))


def test_thousands_of_small_edits_are_told_in_deltas_that_fit_a_frame(desk: Desk) -> None:
    """Small transactions are mostly envelope: what counts is what they take on the wire, or nobody could come back."""
    ada = desk.enter("\U0001d4d0" * 64)
    bob = desk.follow("bob")
    for request in range(1, 2 * MAX_BATCH):
        desk.tell(ada, desk.transact(request, update("activity", 1, memo=str(request)), why="\U0001f600" * MAX_NAME))
    desk.sync()
    desk.now += 1
    desk.feed(Ticked())
    deltas = [message for message in desk.heard(bob) if isinstance(message, m.Delta)]
    assert sum(len(delta.transactions) for delta in deltas) == 2 * MAX_BATCH - 1
    assert max(len(encode_body(delta)) for delta in deltas) < MAX_FRAME

    eve = desk.enter("eve", epoch=EPOCH, revision=1500)
    entered, *missed = desk.heard(eve)
    assert isinstance(entered, m.Entered)
    assert entered.resumed
    assert max(len(encode_body(delta)) for delta in missed) < MAX_FRAME
    carol = desk.enter("carol", epoch=EPOCH, revision=1)
    [alone] = desk.heard(carol)
    assert isinstance(alone, m.Entered)
    assert not alone.resumed


def test_a_replica_that_comes_back_does_not_conflict_with_itself() -> None:
    """After a crash sessions get other numbers: what the replica wrote before is still its own, by its name."""
    desk = Desk(a_small_planning())
    desk.enter("bob")
    ada = desk.enter("ada", replica=b"a" * 16)
    desk.tell(ada, desk.transact(5, update("activity", 1, memo="first"), seen=0, operation=b"f" * 16))
    desk.sync()
    restarted = Desk(a_small_planning(), epoch=EPOCH + 1)
    body = desk.disk[0]
    transaction, done, changes = read_body(
        body.body, epoch=EPOCH, revision=1, operation=body.operation, user=body.user, at_ms=body.at_ms
    )
    restarted.engine.planning.replay(changes)
    restarted.engine.history.add(EPOCH, transaction, done, fields_of(changes))
    restarted.engine.durable = restarted.engine.announced = 1
    again = restarted.enter("ada", replica=b"a" * 16)
    other = restarted.enter("bob", replica=b"b" * 16)
    assert again == ada - 1

    restarted.tell(again, restarted.transact(6, update("activity", 1, memo="second"), seen=0))
    restarted.tell(other, restarted.transact(7, update("activity", 1, memo="third"), seen=0))
    restarted.sync()

    assert m.Committed(6, EPOCH + 1, 2, {}) in restarted.heard(again)
    assert any(isinstance(message, m.Conflicted) for message in restarted.heard(other))


def test_a_full_disk_takes_back_an_object_changed_twice_in_one_transaction(desk: Desk) -> None:
    """What one transaction touched more than once is forgotten once, and the planning goes on."""
    ada = desk.follow("ada")
    desk.tell(ada, desk.transact(5, update("activity", 1, memo="x"), update("activity", 1, memo="y")))
    desk.waiting = None

    desk.feed(NotPersisted(StoreFullError("no space left")))

    assert desk.engine.history.touches == {}
    assert activity(desk, 1).memo == ""
