from hpserver.costs.itc2019_problem import DISTRIBUTIONS, Problem, Room, Time, Weights


def test_times_overlap_on_a_day_of_a_week_they_share() -> None:
    """Same hours on other days, or in other weeks, are no overlap."""
    one = Time(0b001, 4, 3, 0b11)
    assert one.overlaps(Time(0b011, 6, 1, 0b10))
    assert not one.overlaps(Time(0b011, 7, 1, 0b10))
    assert not one.overlaps(Time(0b010, 4, 3, 0b11))
    assert not one.overlaps(Time(0b001, 4, 3, 0b100))


def test_travel_takes_the_same_both_ways() -> None:
    """A file names a way once; without a room nobody travels."""
    rooms = {"a": Room("a", 1, {"b": 3}), "b": Room("b", 1), "c": Room("c", 1)}
    problem = Problem("x", 1, 1, 1, Weights(), rooms, (), {}, (), {})
    assert [problem.travel(*pair) for pair in (("a", "b"), ("b", "a"), ("a", "c"), ("a", "a"), (None, "a"))] == [
        3,
        3,
        0,
        0,
        0,
    ]


def test_the_nineteen_constraints_are_there() -> None:
    """As many as the competition has."""
    assert len(DISTRIBUTIONS) == 19
