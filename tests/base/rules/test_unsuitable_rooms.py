from hpserver.base import rules
from hpserver.base.changes import create, update
from hpserver.base.planning import Planning
from hpserver.base.rules.unsuitable_rooms import RULE
from hpserver.imports.itc2007 import read_itc2007
from hpserver.imports.result import to_planning
from tests.udine import ECTT


def base(rows: bytes) -> Planning:
    """Return a small problem: Algebra may be neither in rA nor in rC, Music not in rB."""
    return to_planning(read_itc2007(ECTT.encode(), 2026, rows))


def test_an_activity_in_a_room_that_does_not_suit_it_is_told() -> None:
    """One breach per activity, room and place; soft, by its weight."""
    planning = base(b"Algebra rA 0 0\nAlgebra rB 0 1\nMusic rB 1 0\nOptics rA 1 1\n")
    found = [one for one in rules.breaches(planning) if one.rule == RULE.name]
    assert [(one.key, one.activities, one.place, one.cost) for one in found] == [(1, (1,), 0, 1), (2, (9,), 4, 1)]
    assert [one for one in rules.judge(planning, [1]) if one.rule == RULE.name] == found[:1]
    planning.apply([create("meeting", 64, rooms=[2])])
    assert [one.key for one in rules.breaches(planning) if one.rule == RULE.name] == [2]


def test_such_a_room_speaks_against_every_start() -> None:
    """Looking for a place, one sees that the room is wrong wherever it is."""
    planning = base(b"Algebra rB 0 0\n")
    assert not [one for one in rules.barriers(planning, 1) if one.rule == RULE.name]
    (found,) = [one for one in rules.barriers(planning, 1, [1]) if one.rule == RULE.name]
    assert (found.kind, found.key, found.hard, found.starts.bit_count()) == ("room", 1, False, 12)
    planning.apply([update("activity", 1, subject=2)])
    assert not [one for one in rules.barriers(planning, 1, [1]) if one.rule == RULE.name]
