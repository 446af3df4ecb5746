from hpserver.base.rules.first_before import RULE
from tests.base.rules.test_wholes import pairs, placed


def test_an_example() -> None:
    """The first meeting counts, whatever comes later."""
    assert pairs(RULE.name, *placed((1, 0, 2, 4), (2, 8, 2, 7), (3, 9, 2, 6))) == [(1, 2), (1, 3)]
