"""What a session may ask and change inside a base."""

from typing import Any

import msgspec
import pytest

from hpserver.base.changes import Change, create, decode_changes, delete, encode_changes, update
from hpserver.base.planning import Planning
from hpserver.base.registry import KINDS
from hpserver.base.snapshot import decode_snapshot, encode_snapshot
from hpserver.errors import HPError, NotAllowedError, ResyncNeededError, UnknownObjectError
from hpserver.identity.profiles import BUILT_IN, Rights
from hpserver.planning.engine import Engine
from hpserver.planning.rights import ADMINISTRATION, NOBODY, RULES, Access, access_of
from hpserver.protocol import messages as m
from hpserver.protocol.states import TRANSITIONS, Side, State
from tests.desk import EPOCH, Desk
from tests.rights import a_marked_base

PLANNER = Rights(others="edit", categories=(1,), actions=("force", "undo_others"))
"""Somebody who places the lessons of one department."""


def access(rights: Rights) -> Access:
    """Return the rights of a profile of ours."""
    return Access("Ours", rights)


def refused(rights: Rights, *changes: Change, planning: Planning | None = None) -> HPError:
    """Return what refuses a wish; the base must be what it was."""
    base = planning or a_marked_base()
    before = decode_snapshot(encode_snapshot(base))
    with pytest.raises(HPError) as refusal:
        access(rights).apply(base, changes, complete=True)
    assert base == before
    base.validate()
    return refusal.value


def test_every_request_of_a_planning_has_a_rule_and_the_engine_answers_no_other() -> None:
    """What nobody thought about is refused, and somebody has thought about everything."""
    inside = {kind for kind in TRANSITIONS[State.INSIDE, Side.CLIENT] if issubclass(kind, m.Request)}
    assert set(RULES) == inside
    answered = {kind for kind in (*Engine._ASKS, *Engine._STEPS) if issubclass(kind, m.Request)}
    assert answered == inside


def test_every_kind_has_a_level_in_every_profile() -> None:
    """A new kind is under the rules of its domain, or of what is said of all others; without, it is not there."""
    for name, kind in KINDS.items():
        assert BUILT_IN["Administration"].level(name, kind.domain) == "edit"
        assert BUILT_IN["Consultation"].level(name, kind.domain) == "read"
        assert ADMINISTRATION.may_read(name)
        assert not NOBODY.may_read(name)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_kind_that_is_only_read_is_not_changed(kind: str) -> None:
    """Each of them, one by one: whatever would be wrong with the wish, the right is what is missing."""
    rights = Rights(others="edit", kinds={kind: "read"})
    planning = a_marked_base()
    key = next(iter(planning.rows(kind)), None)
    if key is None:
        return
    error = refused(rights, update(kind, key), planning=planning)
    assert isinstance(error, NotAllowedError)
    assert (error.details["kind"], error.details["key"], error.details["profile"]) == (kind, key, "Ours")
    assert "Ask an administrator" in error.text


def test_a_domain_is_edited_when_its_profile_says_so() -> None:
    """Wishes are entered by who may, the timetable is not."""
    rights = Rights(others="read", domains={"wishes": "edit"})
    access(rights).apply(a_marked_base(), [update("availability", 1, memo="x")], complete=True)
    assert isinstance(refused(rights, update("activity", 1, memo="x")), NotAllowedError)


def test_parts_that_would_go_too_are_checked() -> None:
    """Who may not change comments deletes no lesson with one; one that is not seen is not named."""
    error = refused(Rights(others="edit", kinds={"comment": "read"}), delete("constraint", 1), delete("activity", 2))
    assert (error.details["kind"], error.details["key"]) == ("comment", 1)
    hidden = refused(Rights(others="edit", kinds={"comment": "none"}), delete("constraint", 1), delete("activity", 2))
    assert (hidden.details["kind"], hidden.details["key"]) == ("constraint", 1)
    assert "comment" not in hidden.text


def test_one_may_name_what_one_may_not_change_but_not_what_one_may_not_see() -> None:
    """A lesson gets a room that its planner cannot rename; a room that is not seen is not there."""
    readable = Rights(others="edit", kinds={"room": "read"})
    access(readable).apply(a_marked_base(), [update("activity", 1, rooms=[2])], complete=True)
    hidden = refused(Rights(others="edit", kinds={"room": "none"}), update("activity", 1, rooms=[2]))
    nothing = refused(BUILT_IN["Administration"], update("activity", 1, rooms=[99]))
    assert isinstance(hidden, UnknownObjectError)
    assert isinstance(nothing, UnknownObjectError)


def test_what_is_not_seen_is_refused_as_what_is_not_there() -> None:
    """Nobody learns from a refusal which keys are given."""
    hidden = refused(PLANNER, update("room", 1, name="x"))
    nothing = refused(PLANNER, update("room", 99, name="x"))
    assert (type(hidden), hidden.text.replace("1", "99")) == (type(nothing), nothing.text)
    assert hidden.details.keys() == nothing.details.keys()


def test_a_blank_is_not_changed_and_neither_are_its_exceptions() -> None:
    """That a room is taken is seen, by whom is not, and nobody moves it away."""
    planning = a_marked_base()
    planning.apply([update("activity", 1, rooms=[2])])
    assert isinstance(refused(PLANNER, update("activity", 1, place=3), planning=planning), NotAllowedError)
    assert isinstance(refused(PLANNER, delete("activity", 1), planning=planning), NotAllowedError)


def test_nothing_is_put_into_or_taken_out_of_the_imposed_categories() -> None:
    """Before and after, the row bears one of ours: nobody hides a lesson, or makes one that they cannot see."""
    planning = a_marked_base()
    assert isinstance(refused(PLANNER, update("activity", 2, categories=[2]), planning=planning), NotAllowedError)
    assert isinstance(refused(PLANNER, create("subject", -1, name="x"), planning=planning), NotAllowedError)
    access(PLANNER).apply(planning, [create("subject", -1, name="x", categories=[1])], complete=True)
    access(PLANNER).apply(planning, [update("activity", 2, categories=[1, 2])], complete=True)


def test_what_a_list_holds_unseen_stays_in_it() -> None:
    """A reader who sees one room of two, and adds a third, takes none away."""
    planning = a_marked_base()
    planning.apply([update("activity", 2, rooms=[1, 2], subject=1), create("room", 3, name="n", categories=[1])])
    access(PLANNER).apply(planning, [update("activity", 2, rooms=[2, 3], subject=None)], complete=True)
    assert planning.activity(2).rooms == (2, 3, 1)
    assert planning.activity(2).subject == 1


def test_who_may_not_force_does_not() -> None:
    """A mark on a timetable is the word of who may give it."""
    desk = Desk(a_marked_base())
    session = desk.follow("ada", rights=Rights(others="edit"))
    desk.tell(session, desk.transact(3, update("activity", 1, memo="x"), force=True))
    desk.tell(session, desk.transact(4, update("activity", 1, memo="x")))
    desk.sync()
    failed, committed, *_ = desk.heard(session)
    assert isinstance(failed, m.Failed)
    assert failed.code == NotAllowedError.code
    assert isinstance(committed, m.Committed)


@pytest.mark.parametrize(("actions", "answer"), [((), m.Failed), (("undo_others",), m.Committed)])
def test_what_others_did_is_taken_back_by_who_may(actions: Any, answer: type[m.Message]) -> None:
    """One's own is always one's own."""
    desk = Desk(a_marked_base())
    ada, bob = desk.follow("ada"), desk.follow("bob", rights=Rights(others="edit", actions=actions))
    desk.tell(ada, desk.transact(3, update("activity", 1, memo="x")))
    desk.sync()
    desk.heard(bob)
    desk.tell(bob, m.Undo(4, 0, b"u" * 16, 1))
    desk.sync()
    assert isinstance(desk.heard(bob)[0], answer)


def test_a_clash_with_what_is_not_seen_is_told_without_it() -> None:
    """That it cannot be is said; with whom is not."""
    planning = a_marked_base()
    planning.apply([update("activity", 2, rooms=[1], place=8), update("activity", 1, place=0)])
    desk = Desk(planning)
    bob = desk.follow("bob", rights=PLANNER)
    desk.tell(bob, desk.transact(3, update("activity", 2, place=0)))
    (clashed,) = desk.heard(bob)
    assert isinstance(clashed, m.Clashed)
    told = msgspec.msgpack.decode(clashed.clashes)
    assert {("room", 0), ("instructor", 0)} >= {(kind, key) for kind, key, *_ in told if kind in {"room", "instructor"}}
    assert {other for *_, other, _weeks, _place, _steps in told} <= {0, 2, *planning.rows("activity")}
    assert ("room", 1) not in {(kind, key) for kind, key, *_ in told}


def test_conflicts_show_the_value_that_stands_as_it_is_seen() -> None:
    """Somebody else's change of the same field is told without the rooms of others."""
    planning = a_marked_base()
    desk = Desk(planning)
    ada, bob = desk.follow("ada"), desk.follow("bob", rights=PLANNER)
    desk.tell(ada, desk.transact(3, update("activity", 2, rooms=[1]), force=True))
    desk.sync()
    desk.heard(bob)
    desk.tell(bob, desk.transact(4, update("activity", 2, rooms=[]), seen=0))
    (conflicted,) = desk.heard(bob)
    assert isinstance(conflicted, m.Conflicted)
    assert msgspec.msgpack.decode(conflicted.conflicts[0].theirs) == []


def test_the_feed_of_changes_is_of_what_is_seen_each_once() -> None:
    """Who copies a part of a base with it has that part, from a snapshot on, in parcels of any size."""
    desk = Desk(a_marked_base())
    ada, bob = desk.follow("ada"), desk.follow("bob", rights=PLANNER)
    desk.tell(bob, m.FetchSnapshot(3, 0))
    (transfer,) = desk.transfers(bob)
    copy = decode_snapshot(transfer.payload)
    for number in range(6):
        desk.tell(ada, desk.transact(4 + number, update("activity", 1, memo=f"{number}"), why="secret"))
        desk.tell(ada, desk.transact(14 + number, update("room", 1, memo=f"secret{number}")))
        desk.sync()
    since, seen = transfer.revision, list[int]()
    desk.heard(bob)
    while True:
        desk.tell(bob, m.GetChanges(20, 0, since, EPOCH, 5))
        (told,) = desk.heard(bob)
        assert isinstance(told, m.Changes)
        for row in told.rows:
            seen.append(row.revision)
            copy.replay(decode_changes(bytes(row.changes)))
            assert "secret" not in row.why
        since += len(told.rows)
        if not told.more:
            break
    assert seen == list(range(transfer.revision + 1, desk.engine.head + 1))
    feed = desk.engine.presence.sessions[bob].feed
    assert copy == feed.planning
    desk.tell(bob, m.GetChanges(21, 0, 0))
    (failed,) = desk.heard(bob)
    assert isinstance(failed, m.Failed)
    assert failed.code == ResyncNeededError.code  # nobody said which past that revision was of


def test_a_timeline_shows_what_is_seen_without_reasons() -> None:
    """Of a lesson whose rooms are not seen, neither its rooms nor the words of who moved it."""
    desk = Desk(a_marked_base())
    ada, bob = desk.follow("ada"), desk.follow("bob", rights=Rights(others="read", kinds={"room": "none"}))
    desk.tell(ada, desk.transact(3, update("activity", 1, rooms=[2], memo="seen"), why="secret", force=True))
    desk.sync()
    desk.heard(bob)
    desk.tell(bob, m.GetTimeline(4, 0, "activity", 1))
    desk.tell(bob, m.GetTimeline(5, 0, "room", 1))
    told, refusal = desk.heard(bob)
    assert isinstance(told, m.Timeline)
    (row,) = told.rows
    assert row.why == ""
    ((_, _, _, after, before), *_) = msgspec.msgpack.decode(row.changes)
    assert (after, before["rooms"]) == ({"rooms": [], "memo": "seen"}, [])
    assert isinstance(refusal, m.Failed)
    assert refusal.code == UnknownObjectError.code


def test_a_wish_that_is_sent_again_is_answered_as_before() -> None:
    """What is kept of it does not depend on what was added to it."""
    planning = a_marked_base()
    planning.apply([update("activity", 2, rooms=[1, 2])])
    desk = Desk(planning)
    bob = desk.follow("bob", rights=PLANNER)
    wish = desk.transact(3, update("activity", 2, rooms=[2]))
    for _ in range(2):
        desk.tell(bob, wish)
        desk.sync()
    answers = [one for one in desk.heard(bob) if isinstance(one, m.Answer)]
    assert len(answers) == 2
    assert answers[0] == answers[1]
    assert bytes(wish.changes) == encode_changes([update("activity", 2, rooms=[2])])


def test_sessions_of_one_profile_share_what_it_gives() -> None:
    """Three hundred people in Consultation are one set of rights in memory."""
    some = Rights(others="read", domains={"wishes": "edit"})
    assert access_of("Vœux", some) is access_of("Vœux", Rights(others="read", domains={"wishes": "edit"}))
    assert access_of("Vœux", some) is not access_of("Vœux", Rights(others="read"))
