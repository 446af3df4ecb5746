"""Diagnosis of an activity, repairs, and the report of a whole base: against numpy, and as bases grow."""

import statistics
import time
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, Final

from bench.bases import a_base
from bench.figures import Figure, Pace, Samples
from hpserver.base.diagnosis.grid import diagnose
from hpserver.base.diagnosis.repairs import repairs
from hpserver.base.diagnosis.report import all_clashes, report
from hpserver.base.diagnosis.rooms import free_rooms, pairs
from hpserver.base.planning import Planning

COMPARED: Final = 3_000
SIZES: Final = (3_000, 9_000, 30_000)
ASKED: Final = 200
REPAIRED: Final = 20


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


def growth() -> None:
    """Print how everything grows with the base."""
    print(f"{'activities':>10} {'every clash':>12} {'report':>9} {'diagnosis':>10} {'worst':>7} "
          f"{'all reasons':>11} {'repairs':>8} {'worst':>7} {'rooms':>7} {'pairs':>7}  ms of CPU")  # fmt: skip
    for size in SIZES:
        print(_line(size, a_base(size)))


def _line(size: int, planning: Planning) -> str:
    """Return what is spent on one base."""
    _count(planning)  # once, so that who shares students is known
    keys = range(1, ASKED + 1)
    whole = min(_spent(lambda: _count(planning)) for _ in range(3))
    told = _spent(lambda: report(planning))
    grids = _each(lambda key: diagnose(planning, key).places(), keys)
    reasons = _each(lambda key: _everywhere(planning, key), keys)
    wishes = [_wish(planning, key) for key in range(1, REPAIRED + 1)]
    moved = _each(lambda number: repairs(planning, *wishes[number]), range(REPAIRED))
    rooms = _each(lambda place: free_rooms(planning, place, 4, planning.grid.all_weeks), range(20))
    every = _each(lambda key: pairs(planning, key), keys)
    return (
        f"{size:10} {whole:12.1f} {told:9.1f} {statistics.median(grids):10.2f} {max(grids):7.2f} "
        f"{statistics.median(reasons):11.2f} {statistics.median(moved):8.0f} {max(moved):7.0f} "
        f"{statistics.median(rooms):7.2f} {statistics.median(every):7.2f}"
    )


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
    growth()
