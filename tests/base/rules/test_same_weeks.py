from hpserver.base.rules.same_weeks import RULE
from tests.base.rules.test_wholes import pairs, placed


def test_an_example() -> None:
    """The weeks of one among those of the other."""
    assert pairs(RULE.name, *placed((1, 0, 1, 1), (2, 4, 1, 3), (3, 8, 1, 6))) == [(1, 3), (2, 3)]
