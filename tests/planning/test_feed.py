"""What sessions read of a base: each sight its own answers, snapshot and transactions."""

import msgspec
import pytest

from hpserver.base.changes import update
from hpserver.base.snapshot import decode_snapshot
from hpserver.client.replica import Replica
from hpserver.errors import BusyError, StoreFullError
from hpserver.identity.profiles import BUILT_IN, Rights
from hpserver.planning import feed as feed_module
from hpserver.planning.effects import Broadcast
from hpserver.planning.projection import Sight, projected
from hpserver.planning.stimuli import NotPersisted
from hpserver.protocol import messages as m
from tests.desk import Desk
from tests.rights import a_marked_base, marks_in, texts

PART = Rights(others="edit", categories=(1,))
NO_ROOMS = Rights(others="read", kinds={"room": "none"})


@pytest.fixture
def desk() -> Desk:
    """A base half of which is of category 1."""
    return Desk(a_marked_base())


def replica_of(desk: Desk, session: int) -> Replica:
    """Take a snapshot."""
    desk.tell(session, m.FetchSnapshot(3, 0))
    (transfer,) = desk.transfers(session)
    return Replica.of_snapshot(transfer.payload, transfer.epoch, transfer.revision)


def test_who_sees_everything_shares_one_feed_and_its_bytes(desk: Desk) -> None:
    """The three usual profiles cost nothing: one snapshot, one Delta for all of them."""
    sessions = [desk.follow(name, profile=name) for name in BUILT_IN]
    feeds = {desk.engine.presence.sessions[session].feed for session in sessions}
    assert len(feeds) == 1
    effects = desk.tell(sessions[0], desk.transact(4, update("activity", 1, memo="x")))
    desk.sync()
    deltas = [e for e in desk.effects if isinstance(e, Broadcast) and isinstance(e.message, m.Delta)]
    assert [one.sessions for one in deltas] == [tuple(sessions)]
    assert effects


def test_a_replica_of_a_part_follows(desk: Desk) -> None:
    """Every revision comes, those that changed nothing we see too, and none of what we do not."""
    whole, part = desk.follow("ada"), desk.follow("bob", rights=PART)
    replica = replica_of(desk, part)
    for memo, key in (("hidden", 1), ("seen", 2)):
        desk.tell(whole, desk.transact(4, update("activity", key, memo=memo), why="hidden", force=True))
        desk.sync()
        desk.now += 1
    deltas = [one for one in desk.heard(part) if isinstance(one, m.Delta)]
    for delta in deltas:
        replica.apply(delta)
    sight = desk.engine.presence.sessions[part].access.sight
    assert sight is not None
    assert replica.revision == desk.engine.durable == 2
    assert replica.planning == projected(desk.engine.planning, sight)
    first, second = (one for delta in deltas for one in delta.transactions)
    assert (first.user, first.why, bytes(first.changes)) == ("", "", b"\x90")
    assert (second.user, second.why) == ("ada", "")
    assert b"hidden" not in msgspec.msgpack.encode(deltas)


def test_a_kept_answer_is_given_to_its_own_sight_alone(desk: Desk) -> None:
    """What was encoded for who sees all is never what another gets, in whatever order they ask."""
    whole, part, again = desk.follow("ada"), desk.follow("bob", rights=PART), desk.follow("cyd", rights=PART)
    ask = m.GetTimetable(5, 0, "cohort", 1, 0)
    for first, second in ((whole, part), (part, whole)):
        for session in (first, second):
            desk.tell(session, ask)
            desk.heard(session)
        kept_whole, kept_part = (desk.engine.maybe_answer(session, ask) for session in (whole, part))
        assert kept_whole is not None
        assert kept_part is None, "cohort 1 is not of category 1: nobody sees its timetable"
    seen = m.GetTimetable(5, 0, "room", 2, 1)
    for session in (whole, part):
        desk.tell(session, seen)
    kept_whole, kept_part, kept_again = (desk.engine.maybe_answer(session, seen) for session in (whole, part, again))
    assert isinstance(kept_whole, m.Timetable)
    assert isinstance(kept_part, m.Timetable)
    assert bytes(kept_whole.items) != bytes(kept_part.items)
    assert kept_again == kept_part
    assert marks_in(bytes(kept_part.items)) <= texts(desk.engine.presence.sessions[part].feed.planning)


def test_r01_a_replica_of_other_rights_is_not_resumed(desk: Desk) -> None:
    """Who saw more, or less, takes a snapshot: a replica holds what its sight lets see, and nothing is added to it."""
    sight = desk.engine.presence.sessions[desk.enter("bob", rights=PART)].feed.digest
    for rights, told, resumed in (
        (PART, sight, True),
        (PART, b"", False),
        (None, b"", True),
        (None, sight, False),
        (NO_ROOMS, sight, False),
    ):
        session = desk.enter("bob", rights=rights, epoch=3, revision=0, sight=told)
        (entered, *_) = [one for one in desk.heard(session) if isinstance(one, m.Entered)]
        assert entered.resumed is resumed, (rights, told)


def test_what_the_disk_refused_is_taken_back_from_every_view(desk: Desk) -> None:
    """A view is never ahead of a base that went back."""
    whole, part = desk.follow("ada"), desk.follow("bob", rights=PART)
    before = desk.engine.presence.sessions[part].feed.planning
    desk.tell(whole, desk.transact(4, update("activity", 2, memo="lost"), force=True))
    assert desk.engine.presence.sessions[part].feed.planning.activity(2).memo == "lost"
    late = desk.enter("cyd", rights=NO_ROOMS)
    desk.waiting = None
    desk.feed(NotPersisted(StoreFullError("full")))
    for session in (part, late):
        one = desk.engine.presence.sessions[session]
        assert one.access.sight is not None
        assert one.feed.planning == projected(desk.engine.planning, one.access.sight)
        assert one.feed.history.head == 0
    assert before is not desk.engine.presence.sessions[part].feed.planning
    desk.tell(whole, desk.transact(5, update("activity", 2, memo="kept"), force=True))
    desk.sync()
    (delta,) = [one for one in desk.heard(part) if isinstance(one, m.Delta)]
    assert [one.revision for one in delta.transactions] == [1]
    assert replica_of(desk, late).planning.rows("room") == {}


def test_a_place_for_a_view_is_made_by_who_left(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sights are kept for who comes back; the memory they take is bounded."""
    monkeypatch.setattr(feed_module, "MAX_VIEWS", 2)
    feeds = desk.engine._feeds
    sights = [Sight(frozenset({kind})) for kind in ("room", "cohort", "subject")]
    first = feeds.of(sights[0], set())
    assert feeds.of(sights[0], set()) is first
    second = feeds.of(sights[1], set())
    third = feeds.of(sights[2], {second})
    assert feeds.of(sights[1], set()) is second
    with pytest.raises(BusyError):
        feeds.of(sights[0], {second, third})


def test_holds_on_what_is_not_seen_are_not_told(desk: Desk) -> None:
    """Who works on what is said of what is there for us; the rest cannot be held."""
    whole, part = desk.follow("ada"), desk.follow("bob", rights=PART)
    desk.tell(part, m.GetPresence(3, 0))
    for key in (1, 2):
        desk.tell(whole, m.Hold(4, 0, "room", key))
    changed = [one.holds for one in desk.heard(part) if isinstance(one, m.HoldsChanged)]
    assert changed == [(), (("room", 2),)]
    desk.tell(part, m.GetPresence(5, 0))
    desk.tell(part, m.Hold(6, 0, "room", 1))
    present, refused = desk.heard(part)
    assert isinstance(present, m.Presence)
    assert {one.user: one.holds for one in present.present} == {"ada": (("room", 2),), "bob": ()}
    assert isinstance(refused, m.Failed)


def test_a_snapshot_of_a_part_is_a_valid_base(desk: Desk) -> None:
    """A client needs to know nothing of rights to work with it."""
    part = desk.follow("bob", rights=PART)
    desk.tell(part, m.FetchSnapshot(3, 0))
    (transfer,) = desk.transfers(part)
    planning = decode_snapshot(transfer.payload)
    planning.validate()
    assert marks_in(transfer.payload) == texts(planning) < texts(desk.engine.planning)
