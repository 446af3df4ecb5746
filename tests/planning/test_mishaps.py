"""Faults of the program itself, which a request brings to light: told under a number, and nothing is left behind."""

from collections.abc import Callable
from typing import Any

import pytest

from hpserver.base.changes import create, update
from hpserver.base.model import meeting_key
from hpserver.base.planning import Planning
from hpserver.base.rules.index import Index
from hpserver.errors import InternalError, StoreFullError
from hpserver.identity.profiles import Rights
from hpserver.planning import accepting as accepting_module
from hpserver.planning import feed as feed_module
from hpserver.planning import queries
from hpserver.planning.effects import Mishap
from hpserver.planning.history import History
from hpserver.planning.stimuli import NotPersisted
from hpserver.protocol import messages as m
from tests.desk import Desk
from tests.planning.test_engine import a_small_planning, failure


class FaultError(KeyError):
    """What a bug raises: no error of the house."""


def fail(*_: object, **__: object) -> Any:
    """Fail as a bug does."""
    raise FaultError("a bug")


def once(real: Callable[..., Any]) -> Callable[..., Any]:
    """Do what is done, half of it at least, then fail; from then on do it."""
    left = [1]

    def fragile(*args: Any, **named: Any) -> Any:
        result = real(*args, **named)
        if left:
            left.pop()
            fail()
        return result

    return fragile


@pytest.fixture
def desk() -> Desk:
    """A desk over the small planning."""
    return Desk(a_small_planning())


def mishaps(desk: Desk) -> list[Mishap]:
    """The faults that were to be logged."""
    return [effect for effect in desk.effects if isinstance(effect, Mishap)]


def test_a_question_that_fails_is_refused_under_a_number_and_the_others_go_on(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who asked is told a number, the log has the fault under it, and the next question is answered."""
    ada = desk.follow("ada")
    with monkeypatch.context() as broken:
        broken.setattr(queries, "answer", fail)
        desk.tell(ada, m.GetFreePlaces(5, 0, 1))
    refused = failure(desk.heard(ada))
    (mishap,) = mishaps(desk)
    assert (refused.id, refused.code) == (5, InternalError.code)
    assert refused.details == {"number": mishap.number}
    assert "a bug" not in refused.text
    assert isinstance(mishap.error, FaultError)
    desk.tell(ada, m.GetFreePlaces(6, 0, 1))
    assert isinstance(desk.heard(ada)[0], m.FreePlaces)


@pytest.mark.parametrize("dry_run", [True, False])
@pytest.mark.parametrize("where", ["verdict", "marked", "encode_changes", "touched_fields", "_committed"])
def test_an_edit_whose_trial_fails_leaves_nothing_behind(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, where: str, dry_run: bool
) -> None:
    """Whatever looks at what was tried fails: base and history are as before; sent again, it is done."""
    ada = desk.follow("ada")
    before = a_small_planning()
    wish = desk.transact(3, update("activity", 2, place=10), update("room", 1, name="Z"), dry_run=dry_run)
    with monkeypatch.context() as broken:
        broken.setattr(accepting_module, where, fail)
        for _ in range(20):
            desk.tell(ada, wish)
    told = desk.heard(ada)
    if not dry_run or where == "verdict":
        assert [one.code for one in told if isinstance(one, m.Failed)] == [InternalError.code] * 20
    desk.engine.planning.validate()
    assert desk.engine.planning == before
    assert desk.engine.head == 0
    assert desk.waiting is None
    desk.tell(ada, wish)
    desk.sync()
    assert desk.engine.head == (0 if dry_run else 1)
    assert isinstance(desk.heard(ada)[0], m.Weighed if dry_run else m.Committed)


@pytest.mark.parametrize("part", ["index", "occupancy", "references", "meetings"])
def test_a_base_half_changed_in_memory_is_made_again_from_its_rows(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    """What follows from rows fails half way: nothing of the edit is left, and all still fits together."""
    owner, name = {
        "index": (Index, "note"),
        "occupancy": (type(desk.engine.planning.occupancy), "put"),
        "references": (type(desk.engine.planning.references), "change"),
        "meetings": (Planning, "_note_meeting"),
    }[part]
    ada = desk.follow("ada")
    key = meeting_key(1, 1)
    wish = desk.transact(
        3, create("meeting", key, cancelled=True), update("activity", 2, place=12, rooms=(1,)),
        create("site", -1, name="North"), create("site", -2, name="South"),
        create("travel_time", -3, start=-1, finish=-2, minutes=5),
    )  # fmt: skip
    before = a_small_planning()
    with monkeypatch.context() as broken:
        broken.setattr(owner, name, once(getattr(owner, name)))
        desk.tell(ada, wish)
    assert failure(desk.heard(ada)).code == InternalError.code
    assert desk.engine.planning == before
    desk.engine.planning.validate()
    desk.tell(ada, wish)
    desk.engine.planning.validate()
    desk.sync()
    assert isinstance(desk.heard(ada)[0], m.Committed)


def test_taking_back_what_the_disk_refused_cannot_fail(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault while a refused batch is taken back: the base is as it was before it, and goes on."""
    ada = desk.follow("ada")
    desk.tell(ada, desk.transact(3, update("activity", 2, place=12)))
    with monkeypatch.context() as broken:
        put = type(desk.engine.planning.occupancy).put
        broken.setattr(type(desk.engine.planning.occupancy), "put", once(put))
        desk.waiting = None
        desk.feed(NotPersisted(StoreFullError("full")))
    assert failure(desk.heard(ada)).code == StoreFullError.code
    assert desk.engine.planning == a_small_planning()
    desk.engine.planning.validate()


def test_a_view_that_fails_ends_the_sessions_that_read_it_and_nothing_else(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was accepted stands and is kept; who saw a part comes back to a view made anew."""
    ada = desk.follow("ada")
    rights = Rights(others="edit", kinds={"room": "none"})
    petra = desk.follow("petra", rights=rights)
    with monkeypatch.context() as broken:
        broken.setattr(feed_module, "news", fail)
        desk.tell(ada, desk.transact(3, update("activity", 2, place=12)))
        desk.sync()
    assert isinstance(desk.heard(ada)[0], m.Committed)
    assert isinstance(desk.closed[petra], InternalError)
    again = desk.enter("petra", rights=rights)
    assert isinstance(desk.heard(again)[0], m.Entered)
    desk.tell(ada, desk.transact(4, update("activity", 2, place=14)))
    desk.sync()
    assert desk.engine.durable == 2


def test_a_snapshot_that_fails_does_not_keep_edits_from_being_kept(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The snapshot beside the journal is only for a quick start."""
    ada = desk.follow("ada")
    monkeypatch.setattr("hpserver.planning.engine.CHECKPOINT_EVERY", 1)
    monkeypatch.setattr(feed_module, "encode_snapshot", fail)
    desk.tell(ada, desk.transact(3, update("activity", 2, place=12)))
    desk.sync()
    assert isinstance(desk.heard(ada)[0], m.Committed)
    assert [one.request for one in mishaps(desk)] == ["checkpoint"]


def test_a_history_that_fails_remembers_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The journal of a transaction is written before anything remembers it."""
    ada = desk.follow("ada")
    monkeypatch.setattr(History, "add", fail)
    desk.tell(ada, desk.transact(3, update("activity", 2, place=12)))
    assert failure(desk.heard(ada)).code == InternalError.code
    assert desk.engine.planning == a_small_planning()
