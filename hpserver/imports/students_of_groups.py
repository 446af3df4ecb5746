"""What lists of students say of groups: which share none, and which a combined group is made of. Knows no file."""

from collections.abc import Iterable, Mapping

from hpserver.base.model import MAX_REFS


def partitioned(new: Iterable[int], members: Mapping[int, set[int]], cohorts: Mapping[int, int]) -> dict[int, int]:
    """Return a number per new group such that those of one cohort with the same number have no student in common.

    Each goes with the first where it can: 1 for all of them when no student is in two.
    """
    found: dict[int, int] = {}
    taken: dict[tuple[int, int], set[int]] = {}
    for group in sorted(new, reverse=True):  # placeholders go down: in the order they were met
        number = 1
        while not taken.get((cohorts[group], number), set()).isdisjoint(members[group]):
            number += 1
        taken.setdefault((cohorts[group], number), set()).update(members[group])
        found[group] = number
    return found


def composed(students: set[int], members: Mapping[int, set[int]]) -> tuple[int, ...]:
    """Return the groups whose students together are just these, nothing when there are none such."""
    inside = [group for group, some in members.items() if some and some <= students]
    covered = set[int]().union(*(members[group] for group in inside))
    return tuple(inside) if covered == students and 0 < len(inside) <= MAX_REFS else ()
