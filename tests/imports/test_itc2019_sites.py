from hpserver.costs.itc2019_problem import Problem, Room, Weights
from hpserver.imports import itc2019_sites
from hpserver.imports.itc2019_sites import sites_of


def places(travel: dict[str, dict[str, int]]) -> list[tuple[str, ...]] | None:
    """Return the sites of rooms with these ways."""
    rooms = {key: Room(key, 1, ways) for key, ways in travel.items()}
    return sites_of(Problem("x", 1, 1, 1, Weights(), rooms, (), {}, (), {}))


def test_rooms_with_the_same_ways_are_one_site() -> None:
    """Within a site nobody travels; between two it takes the same from any room."""
    assert places({"a": {"c": 2}, "b": {"c": 2}, "c": {}}) == [("a", "b"), ("c",)]
    assert places({"a": {"c": 2}, "b": {}, "c": {}}) == [("a",), ("b",), ("c",)]


def test_without_ways_there_is_no_site_and_too_many_are_left_out() -> None:
    """A base is not given what says nothing, nor a site for every room of a large university."""
    assert places({"a": {}, "b": {"a": 0}}) == []
    count = itc2019_sites.MAX_SITES + 1
    ways = {str(one): {str(other): one + other + 1 for other in range(one)} for one in range(count)}
    assert places(ways) is None
