from hpserver.costs.figures import Cost, Item


def test_hard_breaches_are_counted_and_soft_ones_weighed() -> None:
    """What must not happen has no price: it is told apart."""
    cost = Cost("ud2", (Item("conflicts", 2, hard=True), Item("room_stability", 3, 1), Item("isolated", 4, 2)))
    assert (cost.hard, cost.total) == (2, 11)
    assert cost.counts() == {"conflicts": 2, "room_stability": 3, "isolated": 4}
