"""What is wrong in a whole base: every clash once, every breach of a rule, by resource. Changes nothing.

Clashes are found by a sweep over the blocks of each resource in order of place, and one AND of week sets for each
two that overlap: no grid is filled (the choice is measured in docs/performance.md).
"""

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Final, TypeAlias

import msgspec

from hpserver.base.clashes import Clash
from hpserver.base.planning import Planning
from hpserver.base.references import Ident
from hpserver.base.rules import breaches
from hpserver.base.rules.api import Breach

MOST_TROUBLES: Final = 1_000
"""Clashes and breaches listed in one report; all are counted."""

_Block: TypeAlias = tuple[int, int, int, int, int]
"""First place, place after the last, weeks, activity, which resource of its family."""


class Trouble(msgspec.Struct, frozen=True, array_like=True):
    """What is wrong with one resource: how much in all, and those that are listed."""

    kind: str
    key: int
    clash_count: int
    breach_count: int
    cost: int
    clashes: tuple[Clash, ...]
    breaches: tuple[Breach, ...]


class Report(msgspec.Struct, frozen=True, array_like=True):
    """What is wrong in a base. `hard` are the breaches of hard rules, `cost` is that of the soft ones.

    `meetings` counts the weeks of all clashes; `listed` how many clashes and breaches `resources` names.
    """

    clashes: int
    meetings: int
    breaches: int
    hard: int
    cost: int
    listed: int
    resources: tuple[Trouble, ...]


def report(planning: Planning, limit: int = MOST_TROUBLES) -> Report:
    """Return the report of a base, the resources with most clashes first; `limit` clashes and breaches are listed."""
    clashes: dict[Ident, list[Clash]] = {}
    broken: dict[Ident, list[Breach]] = {}
    for clash in all_clashes(planning):
        clashes.setdefault((clash.kind, clash.key), []).append(clash)
    for breach in breaches(planning):
        broken.setdefault((breach.kind, breach.key), []).append(breach)
    found, left = [], limit
    order = sorted(clashes.keys() | broken.keys(), key=lambda one: (-len(clashes.get(one, ())), *one))
    for ident in order:
        here, rules = clashes.get(ident, []), broken.get(ident, [])
        shown = here[:left]
        told = rules[: left - len(shown)]
        left -= len(shown) + len(told)
        cost = sum(breach.cost for breach in rules if not breach.hard)
        found.append(Trouble(*ident, len(here), len(rules), cost, tuple(shown), tuple(told)))
    every = list(chain.from_iterable(broken.values()))
    return Report(
        sum(map(len, clashes.values())),
        sum(clash.weeks.bit_count() for some in clashes.values() for clash in some),
        len(every),
        sum(breach.hard for breach in every),
        sum(breach.cost for breach in every if not breach.hard),
        limit - left,
        tuple(found[:limit]),
    )


def troubles(planning: Planning) -> Iterator[Clash | Breach]:
    """Yield everything that is wrong as it is found: clashes first. The planning must not change meanwhile."""
    yield from all_clashes(planning)
    yield from breaches(planning)


def all_clashes(planning: Planning) -> Iterator[Clash]:
    """Yield every overlap of two activities once: of one person, one room, or of those who share students."""
    occupancy = planning.occupancy
    for kind in ("instructor", "room"):
        for key in planning.rows(kind):
            if occupancy.shared((kind, key)):
                yield from sweep(_blocks(planning, ((kind, key),)), ((kind, key),), (1,))
    for cohort in planning.rows("cohort"):
        family, rivals = planning.students.family(cohort)
        blocks = _blocks(planning, family)
        if len(blocks) > 1:
            yield from sweep(blocks, family, rivals)


def _blocks(planning: Planning, family: Sequence[Ident]) -> list[_Block]:
    """Return when each resource of a family is taken, in order of place."""
    holders = planning.occupancy.holders
    found = [
        (place, place + steps, weeks, activity, which)
        for which, ident in enumerate(family)
        for activity, segments in holders(ident).items()
        for place, steps, weeks in segments
    ]
    found.sort()
    return found


def sweep(blocks: Sequence[_Block], family: Sequence[Ident], rivals: Sequence[int]) -> Iterator[Clash]:
    """Yield the overlaps of blocks of two activities whose resources are rivals."""
    count = len(blocks)
    for index in range(count - 1):
        _, end, weeks, activity, which = blocks[index]
        following = index + 1
        while following < count:
            place, other_end, other_weeks, other, whose = blocks[following]
            if place >= end:
                break
            following += 1
            both = weeks & other_weeks
            if both and activity != other and rivals[which] >> whose & 1:
                steps = (min(other_end, end)) - place
                if activity < other:
                    yield Clash(*family[which], *family[whose], activity, other, both, place, steps)
                else:
                    yield Clash(*family[whose], *family[which], other, activity, both, place, steps)
