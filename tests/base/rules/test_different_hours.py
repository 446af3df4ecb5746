from hpserver.base.rules.different_hours import RULE
from tests.base.rules.test_wholes import pairs, placed


def test_an_example() -> None:
    """What begins when another ends is at other hours, on whatever day."""
    assert pairs(RULE.name, *placed((1, 0, 2, 7), (2, 9, 1, 7), (3, 18, 2, 7))) == [(1, 2)]
