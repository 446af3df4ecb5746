from hpserver.base.rules.same_hours import RULE
from tests.base.rules.test_wholes import pairs, placed


def test_an_example() -> None:
    """Monday at 10 and Tuesday at 10 are the same; a longer one holds a shorter one when that is enough."""
    changes = placed((1, 0, 2, 7), (2, 8, 2, 7), (3, 9, 1, 7))
    assert pairs(RULE.name, *changes) == [(1, 3), (2, 3)]
    assert pairs(RULE.name, *changes, parameters=[("within", 1)]) == []
