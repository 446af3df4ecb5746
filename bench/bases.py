"""Large bases made up from a seed: 9,000 activities in 570 rooms for 39,000 students, and others of that shape."""

import datetime as dt
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from random import Random
from typing import Final, TypeVar

from hpserver.base.changes import Change, create
from hpserver.base.grid import Grid
from hpserver.base.planning import Planning
from hpserver.base.snapshot import encode_snapshot
from tests.schools import lessons, resources

A = TypeVar("A")
T = TypeVar("T")

WEEKS: Final = 62
FIRST: Final = dt.date(2025, 9, 1)
ROOMS: Final = 570 / 9_000
STUDENTS: Final = 39_000 / 9_000
"""Per activity: a large university."""
BATCH: Final = 2_000
"""Objects made in one transaction."""

USUAL: Final = 24
"""Steps a day: half hours from 8 to 20."""
FINE: Final = 144
"""Ten minutes around the clock: 62,496 places and weeks in all."""


def a_grid(steps: int = USUAL) -> Grid:
    """Return a grid of 62 weeks, Monday to Friday, of 24 or 144 steps a day."""
    last = FIRST + dt.timedelta(days=7 * WEEKS - 1)
    sequences, division = (24, 6) if steps == FINE else (12, 2)
    start = 0 if steps == FINE else 480
    return Grid.between(
        FIRST, last, days=0b11111, sequences=sequences, sequence_minutes=60, division=division, day_start=start
    )


def a_base(activities: int, grid: Grid | None = None, *, students: bool = False) -> Planning:
    """Return a base of so many activities, with rooms in proportion; nine in ten are placed, at random."""
    planning, random = Planning(grid or a_grid()), Random(activities)
    planning.apply(resources(activities, random))
    wanted = round(activities * ROOMS)
    known = len(planning.rows("room"))
    _make(planning, [_room(key, random) for key in range(known + 1, wanted + 1)])
    _make(planning, lessons(planning, activities, random))
    if students:
        add_students(planning, round(activities * STUDENTS), random)
    return planning


def alone(work: Callable[[bytes], T], make: Callable[[], Planning]) -> T:
    """Do work with the snapshot of a base, as a planning server reads what another left: each in a process of its own.

    What one base leaves behind is not charged to the next, and rows lie in memory as they do in service.
    """
    return _elsewhere(work, _elsewhere(_snapshot_of, make))


def _elsewhere(work: Callable[[A], T], given: A) -> T:
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        return pool.submit(work, given).result()


def _snapshot_of(make: Callable[[], Planning]) -> bytes:
    return encode_snapshot(make())


def add_students(planning: Planning, count: int, random: Random) -> None:
    """Add so many students, and a membership for each."""
    _make(planning, _students(count, len(planning.rows("group")), random))


def _make(planning: Planning, changes: list[Change]) -> None:
    for start in range(0, len(changes), BATCH):
        planning.apply(changes[start : start + BATCH])


def _room(key: int, random: Random) -> Change:
    return create("room", key, name=f"Salle {key}", capacity=random.choice((30, 40, 90, 300)), site=1)


def _students(count: int, groups: int, random: Random) -> list[Change]:
    people: list[Change] = [
        create("student", key, name=f"Nom{key}", first_name=f"Prénom{key}") for key in range(1, count + 1)
    ]
    return people + [
        create("membership", key, student=key, group=random.randint(1, groups)) for key in range(1, count + 1)
    ]
