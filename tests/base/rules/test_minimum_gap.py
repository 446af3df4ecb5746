from hpserver.base.rules.minimum_gap import RULE
from tests.base.rules.test_wholes import pairs, placed


def test_an_example() -> None:
    """On one day of one week."""
    changes = placed((1, 0, 2, 7), (2, 3, 1, 7), (3, 10, 1, 7))
    assert pairs(RULE.name, *changes, parameters=[("minutes", 60)]) == [(1, 2)]
    assert pairs(RULE.name, *changes, parameters=[("minutes", 30)]) == []
