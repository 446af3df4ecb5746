"""Sites from the travel times between rooms: rooms from which every way is as long are at one place."""

from hpserver.costs.itc2019_problem import Problem

MAX_SITES = 400
"""Sites of a base: beyond, the ways between them would be more than 80 000 rows."""


def sites_of(problem: Problem) -> list[tuple[str, ...]] | None:
    """Return the rooms of each site, in order; none when no way takes time, None when there would be too many.

    Within a site no way takes time, and between two sites every way takes the same.
    """
    if not any(value for room in problem.rooms.values() for value in room.travel.values()):
        return []
    sites: dict[tuple[tuple[int, int], ...], list[str]] = {}
    for key in problem.rooms:
        ways = tuple((problem.travel(key, other), problem.travel(other, key)) for other in problem.rooms)
        sites.setdefault(ways, []).append(key)  # same ways: no way between them, nor from them to others
    return [tuple(rooms) for rooms in sites.values()] if len(sites) <= MAX_SITES else None
