from hpserver.base.changes import create, update
from hpserver.base.rules.same_attendees import RULE
from tests.base.rules.test_wholes import pairs, placed


def test_an_example() -> None:
    """Not at once, and time to go from one site to another."""
    changes = [
        *placed((1, 0, 2, 7), (2, 1, 1, 7), (3, 2, 1, 7)),
        create("travel_time", 1, start=1, finish=2, minutes=20),
    ]
    rooms = [update("activity", 1, rooms=[1]), update("activity", 3, rooms=[3])]
    assert pairs(RULE.name, *changes) == [(1, 2)]
    assert pairs(RULE.name, *changes, *rooms) == [(1, 2), (1, 3)]
