"""The smallest set of causes that keep an activity from a place. Knows reasons; changes nothing.

A reason falls when one of its causes is lifted: the resource (or the constraint) on one side, the other activity on
the other side. That is a graph with two sides, so the smallest set of causes that reaches every reason is as large as
the largest matching (König's theorem) and is found exactly, whatever the number of reasons.
"""

from collections.abc import Iterable
from itertools import islice
from typing import Final

import msgspec

from hpserver.base.diagnosis.grid import TAKEN, Diagnosis, Reason
from hpserver.base.planning import Planning
from hpserver.base.references import Ident

MOST_WEIGHED: Final = 20_000
"""Barriers looked at, place by place: a tenth of a second; a usual base has some tens of barriers on 200 places."""

AVAILABILITY = "availability"
"""The rule whose `constraint` is a row of kind availability."""


class Smallest(msgspec.Struct, frozen=True, array_like=True):
    """The fewest causes without which an activity could start at `place` in all its weeks.

    A cause is an object of the base: another activity, a resource, a constraint, an availability; or, for a rule
    that is built in, `("rule", 0)`.
    """

    place: int
    causes: tuple[tuple[str, int], ...]


def smallest(planning: Planning, diagnosis: Diagnosis, place: int) -> Smallest:
    """Return the smallest set of causes at a place; a locked activity is no cause that could be lifted."""
    return Smallest(place, causes_of(planning, diagnosis.at(place).reasons))


def smallest_of_all(planning: Planning, diagnosis: Diagnosis, budget: int = MOST_WEIGHED) -> Smallest | None:
    """Return the smallest set over all places, the earliest of those; None when the activity fits nowhere.

    Of a base with very many barriers only the first places are weighed: as many barriers as `budget` allows.
    """
    best: Smallest | None = None
    places = diagnosis.places()
    free = next((place for place, standing in places.items() if not standing.blocked), None)
    if free is not None:
        return Smallest(free, ())
    for place in islice(places, max(1, budget // max(1, diagnosis.opposed))):
        found = smallest(planning, diagnosis, place)
        if best is None or len(found.causes) < len(best.causes):
            best = found
    return best


def causes_of(planning: Planning, reasons: Iterable[Reason]) -> tuple[Ident, ...]:
    """Return the fewest causes that are in every hard one of `reasons`; the same reasons always give the same ones."""
    forced: set[Ident] = set()
    edges: dict[Ident, dict[Ident, None]] = {}
    hard = sorted(reason for reason in map(msgspec.structs.astuple, reasons) if reason[2])
    for values in hard:
        reason = Reason(*values)
        mine = _mine(reason)
        if not reason.other or _is_locked(planning, reason.other):
            forced.add(mine)
        else:
            edges.setdefault(mine, {})[("activity", reason.other)] = None
    graph = {mine: list(others) for mine, others in edges.items() if mine not in forced}
    return tuple(sorted(forced | _cover(graph)))


def _mine(reason: Reason) -> Ident:
    if reason.rule == TAKEN:
        return reason.kind, reason.key
    if not reason.constraint:
        return "rule", 0
    return ("availability" if reason.rule == AVAILABILITY else "constraint"), reason.constraint


def _is_locked(planning: Planning, activity: int) -> bool:
    return planning.activity(activity).locked


def _cover(graph: dict[Ident, list[Ident]]) -> set[Ident]:
    """Return a smallest vertex cover of a graph with two sides, from a largest matching."""
    matched: dict[Ident, Ident] = {}  # right -> left
    for left in graph:
        _augment(graph, left, matched)
    taken = set(matched.values())
    seen_left = {left for left in graph if left not in taken}
    seen_right: set[Ident] = set()
    waiting = sorted(seen_left)
    while waiting:
        for right in graph[waiting.pop()]:
            if right not in seen_right:
                seen_right.add(right)
                left = matched[right]  # else the matching could grow
                if left not in seen_left:
                    seen_left.add(left)
                    waiting.append(left)
    return (graph.keys() - seen_left) | seen_right


def _augment(graph: dict[Ident, list[Ident]], left: Ident, matched: dict[Ident, Ident]) -> None:
    """Match `left` too, if the others can make room: by the shortest way, however many must move up for it."""
    came: dict[Ident, Ident] = {}  # right -> the left that looked at it
    through: dict[Ident, Ident] = {}  # left -> the right that it would give up
    waiting = [left]
    for one in waiting:  # it grows meanwhile
        for right in graph[one]:
            if right in came:
                continue
            came[right] = one
            if right not in matched:
                _move_up(right, left, came, through, matched)
                return
            through[matched[right]] = right
            waiting.append(matched[right])


def _move_up(
    right: Ident, left: Ident, came: dict[Ident, Ident], through: dict[Ident, Ident], matched: dict[Ident, Ident]
) -> None:
    """Give a right that nobody has to who looked at it, what that one had to who looked at this, until `left`."""
    owner = matched[right] = came[right]
    while owner != left:
        right = through[owner]
        owner = matched[right] = came[right]
