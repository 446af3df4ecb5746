"""Nothing that may not be seen is in any byte that is sent, whatever is done and asked."""

from collections.abc import Iterator

import pytest
from hypothesis import given, settings

from hpserver.base.changes import Change
from hpserver.base.planning import TIMETABLES
from hpserver.base.registry import KINDS
from hpserver.client.replica import Replica
from hpserver.identity.profiles import Rights
from hpserver.planning.projection import maybe_sight, projected
from hpserver.protocol import messages as m
from hpserver.protocol.codec import encode_body
from tests.desk import Desk
from tests.rights import a_marked_base, histories, marked, marks_in, some_rights, texts


def questions() -> Iterator[m.Request]:
    """Everything that can be asked about everything there may be."""
    for kind in KINDS:
        yield m.GetObjects(9, 0, kind, (1, 2, 3, 4))
        yield m.GetTimeline(9, 0, kind, 1)
        yield m.Hold(9, 0, kind, 1)
    for kind in TIMETABLES:
        yield m.GetTimetable(9, 0, kind, 1, 0)
        yield m.GetTimetable(9, 0, kind, 2, 1)
    for key in (1, 2, 3):
        yield m.GetFreePlaces(9, 0, key)
        yield m.GetDiagnosis(9, 0, key, (), 0)
        yield m.GetRepairs(9, 0, key, 0)
    yield m.GetFreeRooms(9, 0, 0, 1, 15)
    yield m.GetFreeSlots(9, 0, (("room", 1), ("cohort", 2)), 1, 15)
    yield m.GetReport(9, 0)
    yield m.GetChanges(9, 0, 0)
    yield m.GetPresence(9, 0)


@pytest.mark.slow
@settings(max_examples=80, deadline=None)
@given(rights=some_rights(), history=histories)
def test_r01_nothing_invisible_is_in_any_byte(rights: Rights, history: list[list[Change]]) -> None:
    """Two people edit, one of them with half the rights: whatever comes to her was, some time, hers to see."""
    sight = maybe_sight(rights)
    if sight is None:
        return
    desk = Desk(a_marked_base())
    whole, part = desk.follow("ada"), desk.follow("bob", rights=rights)
    desk.tell(part, m.FetchSnapshot(3, 0))
    (transfer,) = desk.transfers(part)
    replica = Replica.of_snapshot(transfer.payload, transfer.epoch, transfer.revision)
    seen = texts(projected(desk.engine.planning, sight))
    sent = [transfer.payload]
    for turn, changes in enumerate(history):
        author = part if turn % 3 == 2 else whole
        said = marked(changes)
        seen |= {mark for change in said if author == part for mark in marks_in(repr(change).encode())}
        wish = desk.transact(4, *said, force=turn % 2 == 0, why="§0§")
        seen |= marks_in(bytes(wish.changes)) if author == part else set()
        desk.tell(author, wish)
        desk.sync()
        desk.now += 1
        seen |= texts(projected(desk.engine.planning, sight))
        if author == part:
            desk.tell(part, m.Undo(5, 0, bytes([turn]) * 16, 0))
            desk.sync()
    for question in questions():
        desk.tell(part, question)
    desk.now += 1
    for message in desk.heard(part):
        sent.append(encode_body(message))
        if isinstance(message, m.Delta):
            replica.apply(message)
    assert set().union(*map(marks_in, sent)) <= seen
    assert replica.planning == projected(desk.engine.planning, sight)
    desk.engine.planning.validate()
