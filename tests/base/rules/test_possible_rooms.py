from hpserver.base.changes import create, update
from hpserver.base.rules import barriers, judge
from hpserver.base.rules.possible_rooms import RULE
from tests.rules import a_base, told


def test_an_activity_is_in_one_of_its_rooms_or_of_its_series() -> None:
    """In no other; what it has costs its penalty for each week."""
    planning = a_base(
        create("activity", 1, weeks=3, place=0, rooms=[1], series=1),
        create("activity", 2, weeks=3, place=0, rooms=[3]),
        create("possible_room", 1, room=1, penalty=2, series=1),
        create("possible_room", 2, room=2, penalty=0, activity=1),
    )
    (breach,) = told(planning, RULE.name)
    assert (breach.hard, breach.cost, breach.kind, breach.key, breach.activities) == (False, 4, "room", 1, (1,))
    assert [one for one in judge(planning, [1]) if one.rule == RULE.name] == [breach]
    planning.apply([update("activity", 1, rooms=[2])])
    assert told(planning, RULE.name) == []
    planning.apply([update("activity", 1, rooms=[3])])
    assert [one.hard for one in told(planning, RULE.name)] == [True]


def test_a_room_that_is_not_possible_speaks_against_every_start() -> None:
    """Looking for a place, one sees that the room is wrong wherever it is."""
    planning = a_base(
        create("activity", 1, weeks=3, rooms=[2]), create("possible_room", 1, room=1, penalty=2, activity=1)
    )
    (found,) = [one for one in barriers(planning, 1) if one.rule == RULE.name]
    assert (found.hard, found.key, found.starts.bit_count()) == (True, 2, 64)
    (found,) = [one for one in barriers(planning, 1, [1]) if one.rule == RULE.name]
    assert (found.hard, found.cost, found.key) == (False, 2, 1)
