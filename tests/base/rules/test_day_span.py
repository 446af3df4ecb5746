from hpserver.base.rules.day_span import RULE
from tests.base.rules.test_wholes import pairs, placed


def test_an_example() -> None:
    """From the first beginning to the last end of a day."""
    changes = placed((1, 0, 2, 7), (2, 5, 1, 7), (3, 15, 1, 7))
    assert pairs(RULE.name, *changes, parameters=[("minutes", 150)]) == [(1, 2)]
    assert pairs(RULE.name, *changes, parameters=[("minutes", 180)]) == []
