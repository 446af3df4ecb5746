from hpserver.base.rules.different_weekdays import RULE
from tests.base.rules.test_wholes import pairs, placed


def test_an_example() -> None:
    """Even in different weeks."""
    assert pairs(RULE.name, *placed((1, 0, 1, 1), (2, 4, 1, 2), (3, 8, 1, 7))) == [(1, 2)]
