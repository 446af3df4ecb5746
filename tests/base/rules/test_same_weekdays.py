from hpserver.base.changes import update
from hpserver.base.rules.same_weekdays import RULE
from tests.base.rules.test_wholes import pairs, placed


def test_an_example() -> None:
    """A series on Monday and Tuesday has the days of one on Tuesday, not of one on Wednesday."""
    changes = placed((1, 0, 1, 7), (2, 8, 1, 7), (3, 10, 1, 7), (4, 16, 1, 7))
    series = [update("activity", key, series=1) for key in (1, 2)]
    assert pairs(RULE.name, *changes, *series, activities=[3, 4], series=[1]) == [(3, 4), (4, 1, 2)]
