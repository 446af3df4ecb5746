"""Diagnosis of an activity, repairs, and the report of a whole base: against numpy, and as bases grow.

Run with `python -m bench.diagnosis [ACTIVITIES...]` for the second.
"""

import gc
import statistics
import sys
import time
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, Final

from bench import machine
from bench import report as results
from bench.bases import a_base, alone
from bench.figures import Figure, Pace, Samples
from hpserver.base.diagnosis.grid import diagnose
from hpserver.base.diagnosis.repairs import repairs
from hpserver.base.diagnosis.report import all_clashes, report
from hpserver.base.diagnosis.rooms import free_rooms, pairs
from hpserver.base.model import Constraint
from hpserver.base.planning import Planning
from hpserver.base.rules import RULES
from hpserver.base.snapshot import decode_snapshot

COMPARED: Final = 3_000
SIZES: Final = (3_000, 9_000, 30_000)
ASKED: Final = 200
REPAIRED: Final = 20
BETWEEN_MANY: Final = "not_overlapping"
NAMED: Final = 2_000
"""As many as one constraint may name."""


def measure(pace: Pace, samples: Samples) -> list[Figure]:
    """Return figure 9 for the report of 3,000 activities."""
    from bench import arrays  # noqa: PLC0415 - numpy belongs to the group bench: the rest works without it

    planning = a_base(COMPARED)
    theirs = arrays.Families(planning)
    assert theirs.count() == _count(planning), "both find the same clashes"
    for _ in range(pace.rounds):
        samples.add("every clash, sweep ms", min(_spent(lambda: _count(planning)) for _ in range(5)))
        samples.add("every clash, numpy pairwise ms", min(_spent(theirs.count) for _ in range(5)))
    return [
        samples.ratio(
            9, f"every clash of {COMPARED} activities / numpy pairwise", "every clash, sweep ms",
            "every clash, numpy pairwise ms", "at most", 0.5,
        )
    ]  # fmt: skip


def growth(sizes: list[int]) -> None:
    """Print how everything grows with the base, students and their memberships among its rows; keep it."""
    columns = {}
    for size in sizes:
        found = columns[str(size)] = alone(_costs, partial(a_base, size, students=True))
        print(f"\n{size} activities, ms of CPU")
        for what, value in found.items():
            print(f"  {what:32}{value:9.2f}")
    print(f"\n{results.write(machine.facts(), [], columns)}")


def _costs(raw: bytes) -> dict[str, float]:
    """Return what is spent on one base."""
    planning = decode_snapshot(raw)
    gc.collect()
    gc.freeze()  # as a planning server does once it has loaded
    _count(planning)  # once, so that who shares students is known
    keys = range(1, ASKED + 1)
    grids = _each(lambda key: diagnose(planning, key).places(), keys)
    reasons = _each(lambda key: _everywhere(planning, key), keys)
    wishes = [_wish(planning, key) for key in range(1, REPAIRED + 1)]
    moved = _each(lambda number: repairs(planning, *wishes[number]), range(REPAIRED))
    rooms = _each(lambda place: free_rooms(planning, place, 4, planning.grid.all_weeks), range(20))
    return {
        "every clash": min(_spent(lambda: _count(planning)) for _ in range(3)),
        "report": min(_spent(lambda: report(planning)) for _ in range(3)),
        "diagnosis": statistics.median(grids),
        "diagnosis, worst": max(grids),
        "every reason everywhere": statistics.median(reasons),
        "repairs": statistics.median(moved),
        "repairs, worst": max(moved),
        "free rooms": statistics.median(rooms),
        "all pairs": statistics.median(_each(lambda key: pairs(planning, key), keys)),
        "2,000 named, breaches": min(_spent(lambda: _breaches_of_many(planning)) for _ in range(2)),
    }


def _breaches_of_many(planning: Planning) -> int:
    """Return how many breaches there are of a constraint between as many as one may name."""
    constraint = Constraint(rule=BETWEEN_MANY, activities=tuple(range(1, NAMED + 1)))
    return sum(1 for _ in RULES[BETWEEN_MANY].breaches(planning, 0, constraint))


def _everywhere(planning: Planning, activity: int) -> None:
    found = diagnose(planning, activity)
    for place in found.places():
        found.at(place)


def _wish(planning: Planning, activity: int) -> tuple[int, int]:
    """Return an activity and a place where two or three others are in its way, or as many as there are."""
    found = diagnose(planning, activity)
    others = {place: len({one.other for one in found.at(place).reasons if one.hard}) for place in found.places()}
    return activity, min(others, key=lambda place: (abs(others[place] - 2.4), place))


def _count(planning: Planning) -> int:
    return sum(1 for _ in all_clashes(planning))


def _each(work: Callable[[int], Any], values: Iterable[int]) -> list[float]:
    return [_spent(partial(work, value)) for value in values]


def _spent(work: Callable[[], Any]) -> float:
    began = time.thread_time()
    work()
    return (time.thread_time() - began) * 1e3


if __name__ == "__main__":
    growth([int(one) for one in sys.argv[1:]] or list(SIZES))
