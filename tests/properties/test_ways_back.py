"""Edits, and all ways back from them, by people of whom one sees a part: everybody's copy is what they may see."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpserver.base.snapshot import decode_snapshot, encode_snapshot
from hpserver.identity.profiles import Rights
from hpserver.planning.effects import Mishap
from hpserver.planning.projection import maybe_sight, projected
from hpserver.planning.stimuli import Ticked
from hpserver.protocol import messages as m
from tests.desk import Desk, replay
from tests.rights import a_marked_base, marked, some_rights, transactions

FORCED = st.booleans()
REVISIONS = st.integers(0, 12)
EDITS = st.tuples(st.just("edit"), transactions, FORCED, st.integers(0, 3))
BACK = st.tuples(st.sampled_from([m.Undo, m.Redo]), REVISIONS, FORCED)
RESTORED = st.tuples(st.just("restore"), st.sampled_from(["activity", "room"]), st.sampled_from([1, 2]), REVISIONS)
KEPT = st.tuples(st.just("keep"))


@pytest.mark.slow
@given(rights=some_rights(), acts=st.lists(st.tuples(st.integers(0, 2), EDITS | EDITS | BACK | RESTORED | KEPT)))
def test_every_copy_is_the_base_whoever_takes_back_what(rights: Rights, acts: list[tuple[int, Any]]) -> None:
    """Edits on old revisions, Undo and Redo of any revision, restored objects: nothing fails, nobody drifts."""
    planning = a_marked_base()
    copy = decode_snapshot(encode_snapshot(planning))
    desk = Desk(planning)
    people = [desk.follow("ada"), desk.follow("bob"), desk.follow("eve", rights=rights)]
    for who, (what, *how) in acts:
        if what != "edit":
            desk.sync()
        if what != "keep":
            desk.tell(people[who], _request(desk, what, how))
    desk.sync()
    desk.now += 10
    desk.feed(Ticked())
    assert not [one for one in desk.effects if isinstance(one, Mishap)]
    planning.validate()
    replay(copy, desk.heard(people[0]))
    assert copy == planning
    sight, feed = maybe_sight(rights), desk.engine.presence.sessions[people[2]].feed
    assert feed.planning == (planning if sight is None else projected(planning, sight))


def _request(desk: Desk, what: Any, how: list[Any]) -> m.Request:
    known = desk.engine.durable
    if what == "edit":
        changes, force, age = how
        return desk.transact(3, *marked(changes), force=force, seen=max(0, known - age))
    operation = desk.transact(3).operation
    if what == "restore":
        kind, key, revision = how
        return m.RestoreObject(3, 0, operation, kind, key, min(revision, known), known)
    revision, force = how
    request: m.Request = what(3, 0, operation, min(revision, known), force)
    return request
