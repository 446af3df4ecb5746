from hpserver.base.rules.overlapping import RULE
from tests.base.rules.test_wholes import pairs, placed


def test_an_example() -> None:
    """Some step of some week in common."""
    assert pairs(RULE.name, *placed((1, 0, 2, 3), (2, 1, 2, 6), (3, 2, 1, 6))) == [(1, 3)]
