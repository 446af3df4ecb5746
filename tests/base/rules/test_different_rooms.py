from hpserver.base.changes import update
from hpserver.base.rules.different_rooms import RULE
from tests.base.rules.test_wholes import pairs, placed


def test_an_example() -> None:
    """Even at different times; in no room, there is none in common."""
    rooms = [update("activity", key, rooms=[key % 2 + 1]) for key in (1, 2, 3)]
    assert pairs(RULE.name, *placed((1, 0, 1, 1), (2, 4, 1, 2), (3, 8, 1, 6), (4, 9, 1, 6)), *rooms) == [(1, 3)]
