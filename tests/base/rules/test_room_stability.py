from hpserver.base.changes import create
from hpserver.base.rules import barriers
from tests.rules import a_base, told

LECTURES = (
    create("activity", 1, weeks=1, place=0, rooms=[1]),
    create("activity", 2, weeks=3, place=8, rooms=[2]),
    create("constraint", 1, rule="room_stability", activities=[1, 2], hard=False, weight=3),
)


def test_each_room_beyond_the_first_is_told() -> None:
    """Whatever the week."""
    (breach,) = told(a_base(*LECTURES), "room_stability")
    assert (breach.amount, breach.limit, breach.cost, breach.weeks) == (2, 1, 3, 3)


def test_another_room_than_that_of_the_others_costs_wherever_it_starts() -> None:
    """The search for a room tells it; their own room costs nothing."""
    planning = a_base(*LECTURES)
    assert [one.rule for one in barriers(planning, 1)] == ["room_stability"]
    assert [one.rule for one in barriers(planning, 1, rooms=[2])] == []
