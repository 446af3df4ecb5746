from hpserver.base.changes import create
from hpserver.base.planning import Planning
from hpserver.base.rules.day_breaks import RULE
from tests.rules import a_base, told


def planning(*activities: tuple[int, int], **parameters: int) -> Planning:
    """Return a base with activities of two weeks at some places, and a constraint over all of them."""
    return a_base(
        *(create("activity", key, place=at, duration=steps, weeks=3) for key, (at, steps) in enumerate(activities, 1)),
        create(
            "constraint",
            1,
            rule=RULE.name,
            activities=[*range(1, len(activities) + 1)],
            parameters=list(parameters.items()),
        ),
    )


def test_an_example() -> None:
    """A gap of an hour is a break, one of half an hour is none."""
    (breach,) = told(planning((0, 1), (2, 1), (5, 1), limit=0, minutes=30), RULE.name)
    assert (breach.activities, breach.amount, breach.limit, breach.cost) == ((1, 2, 3), 1, 0, 2)
