"""What a whole base costs as it grows: snapshots, edits, undo, timetables, rules, memory, pauses. Judges nothing.

Run with `python -m bench.growth [ACTIVITIES...]`: without numbers, 3,000, 9,000 and 30,000 activities with rooms,
students and memberships in proportion (570 rooms and 39,000 students for 9,000), over 62 weeks. 30,000 activities are
what FET bears at most. With HP_SHARED set, problems of ITC-2007 and ITC-2019 too, a table of their own.
"""

import gc
import gzip
import itertools
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from random import Random
from typing import Any, Final

import msgspec

from bench import machine, report
from bench.bases import BATCH, a_base, alone
from hpserver.base.changes import Change, create, update
from hpserver.base.diagnosis.people import students
from hpserver.base.diagnosis.report import all_clashes
from hpserver.base.diagnosis.rooms import free_slots
from hpserver.base.diagnosis.student_clashes import student_clashes
from hpserver.base.model import Activity, Membership
from hpserver.base.planning import Planning
from hpserver.base.registry import KINDS
from hpserver.base.rules import barriers, breaches
from hpserver.base.rules.index import STUDENTS
from hpserver.base.snapshot import decode_snapshot, encode_snapshot
from hpserver.imports.itc2007 import read_itc2007
from hpserver.imports.itc2019 import read_itc2019
from hpserver.imports.result import to_planning
from hpserver.planning.judging import verdict
from hpserver.protocol import messages as m
from tests.desk import Desk
from tests.schools import a_place

SIZES: Final = (3_000, 9_000, 30_000)
REAL: Final = ("comp01", "comp02", "comp05", "comp07", "wbg-fal10", "lums-sum17")
"""Four of ITC-2007, track 3, the smallest and the largest among them; two of ITC-2019."""
ASKED: Final = 200
SLOT_STEPS: Final = 4
EDITED: Final = 50
RULES: Final = (
    "daily_maximum", "weekly_maximum", "hours_in_a_row", "daily_gaps", "weekly_gaps", "lunch_break", "days_per_week",
    "half_days", "days_per_year", "site_changes", "compactness",
)  # fmt: skip
"""Eleven, each on everybody, soft."""
NAMED: Final = 2_000
"""As many as one constraint may name."""
PER_BASE: Final = frozenset(
    {
        *("activities", "rows", "snapshot MB", "decode and load ms", "rows alone ms", "MB"),
        *("full collection ms", "encode ms", "whole-base rules ms", "clashes of students ms"),
        *("each student ms", "each student, one in ten elsewhere too, ms"),
    }
)
"""What may grow as the base does; all else looks at one object and may not."""


def main(sizes: list[int]) -> None:
    """Print a column for each base, then how each cost grew for each time the base did; keep it all."""
    columns = {str(size): alone(measure, partial(a_base, size, students=True)) for size in sizes}
    _print(columns)
    for small, large in itertools.pairwise(columns):
        print(f"\n{small} -> {large}: the base grew {int(large) / int(small):.1f} times")
        for what, value in columns[large].items():
            grew = value / (columns[small][what] or 1)
            print(f"  {what:28}{grew:6.2f} times" + ("" if what in PER_BASE else "  (one object)"))
    data = Path(os.environ.get("HP_SHARED", "../shared")) / "data"
    real = {name: alone(measure, partial(_real, data, name)) for name in REAL if data.is_dir()}
    _print(real)
    print(f"\n{report.write(machine.facts(), [], columns | real)}")


def _print(columns: Mapping[str, dict[str, float]]) -> None:
    """Print a table; what one column lacks is left empty."""
    print(f"\n{'':28}" + "".join(f"{name:>12}" for name in columns))
    for what in dict.fromkeys(itertools.chain(*columns.values())):
        cells = (f"{found[what]:12.2f}" if what in found else f"{'':12}" for found in columns.values())
        print(f"{what:28}" + "".join(cells))


def measure(raw: bytes) -> dict[str, float]:
    """Return what everything costs on one base."""
    found = _alone_with(raw)
    planning = decode_snapshot(raw)
    found = {
        "activities": float(len(planning.rows("activity"))),
        "rows": float(sum(planning.counts().values())),
    } | found
    gc.collect()
    gc.freeze()
    found["encode ms"] = min(spent(lambda: encode_snapshot(planning)) for _ in range(3))
    keys = [
        key for key, row in planning.rows("activity").items() if isinstance(row, Activity) and row.place is not None
    ]
    keys = keys[:: max(1, len(keys) // ASKED)]
    cohorts = [(kind, key) for kind in ("cohort", "instructor") for key in list(planning.rows(kind))[:ASKED]]
    if cohorts:
        asked = [spent(partial(planning.timetable, *one, 10 % planning.grid.weeks)) for one in cohorts]
        found["timetable us"] = statistics.median(asked) * 1e3
    else:
        found["timetable us"] = 0.0
    found |= _students(planning) | _edits(planning, keys[:EDITED]) | _rules(planning, keys)
    return found


def spent(work: Callable[[], Any]) -> float:
    """Return the milliseconds of CPU of some work."""
    began = time.thread_time()
    work()
    return (time.thread_time() - began) * 1e3


def _students(planning: Planning) -> dict[str, float]:
    """Ask what is known of students: the week of one, who of them clash, when some are free; move one to a group."""
    groups = list(planning.rows("group"))
    found = {"clashes of students ms": min(spent(lambda: _clashes_of_students(planning)) for _ in range(3))}
    if groups:
        some = groups[:: max(1, len(groups) // ASKED)]
        slots = _each(lambda key: free_slots(planning, [("group", key)], SLOT_STEPS, planning.grid.all_weeks), some)
        found["free slots of a group us"] = statistics.median(slots) * 1e3
    members = [(key, row) for key, row in planning.rows("membership").items() if isinstance(row, Membership)]
    members = members[:: max(1, len(members) // ASKED)]
    if not members or not groups:
        return found
    week = 10 % planning.grid.weeks
    asked = [spent(partial(planning.timetable, "student", row.student, week)) for _, row in members]
    moved = [spent(partial(_join, planning, key, Random(key).choice(groups))) for key, _ in members]
    counted = _each(lambda key: students(planning, [("group", key)]), groups[:ASKED])
    found["each student ms"] = min(spent(lambda: student_clashes(planning)) for _ in range(2))
    elsewhere = planning.apply([*_elsewhere_too(planning, groups)])
    found["each student, one in ten elsewhere too, ms"] = min(
        spent(lambda: student_clashes(planning)) for _ in range(2)
    )
    planning.revert(elsewhere)
    return found | {
        "week of a student us": statistics.median(asked) * 1e3,
        "a student joins a group us": statistics.median(moved) * 1e3,
        "students of a group us": statistics.median(counted) * 1e3,
    }


def _clashes_of_students(planning: Planning) -> int:
    return sum(clash.kind in STUDENTS for clash in all_clashes(planning))


def _elsewhere_too(planning: Planning, groups: Sequence[int]) -> Iterator[Change]:
    """Yield the membership of one student in ten in any other group, as those who repeat a course have."""
    random, first = Random(1), planning.next_keys["membership"]
    for key, student in enumerate(list(planning.rows("student"))[::10], first):
        yield create("membership", key, student=student, group=random.choice(groups))


def _join(planning: Planning, membership: int, group: int) -> None:
    applied = planning.apply([update("membership", membership, group=group)])
    planning.new_clashes(applied)
    planning.revert(applied)


def _edits(planning: Planning, keys: list[int]) -> dict[str, float]:
    """Move activities through the engine as a client does, with one who follows; then take all of it back."""
    desk = Desk(planning)
    ada, _ = desk.enter("ada"), desk.follow("bob")
    moves = [update("activity", key, place=_elsewhere(planning, key)) for key in keys]
    edits = [desk.transact(number, move, force=True) for number, move in enumerate(moves, 10)]
    found = {"edit us": statistics.median(spent(partial(_done, desk, ada, edit)) for edit in edits) * 1e3}
    undone = [m.Undo(number, 0, number.to_bytes(16, "big"), 0, force=True) for number in range(100, 100 + len(edits))]
    found["undo us"] = statistics.median(spent(partial(_done, desk, ada, undo)) for undo in undone) * 1e3
    assert all(planning.activity(key).forced == 0 for key in keys) or desk.engine.head == 2 * len(keys)
    return found


def _done(desk: Desk, session: int, wish: m.Message) -> None:
    desk.tell(session, wish)
    desk.sync()


def _elsewhere(planning: Planning, key: int) -> int:
    row = planning.activity(key)
    return next(
        place for place in range(planning.grid.places) if place != row.place and planning.grid.fits(place, row.duration)
    )


def _rules(planning: Planning, keys: list[int]) -> dict[str, float]:
    """Weigh eleven constraints on everybody: the whole base, one activity's barriers, a move that is tried."""
    named = {f"{kind}s": list(planning.rows(kind)) for kind in ("instructor", "cohort")}
    people = {field: some for field, some in named.items() if some} or {"groups": list(planning.rows("group"))}
    key = planning.next_keys["constraint"]
    for field, some in people.items():
        for start in range(0, len(some), NAMED):
            few = {field: some[start : start + NAMED]}
            planning.apply(
                [create("constraint", key + n, rule=rule, hard=False, weight=1, **few) for n, rule in enumerate(RULES)]
            )
            key += len(RULES)
    found = {"whole-base rules ms": min(spent(lambda: sum(1 for _ in breaches(planning))) for _ in range(2))}
    found["barriers us"] = statistics.median(_each(partial(barriers, planning), keys)) * 1e3
    tried: dict[str, list[float]] = {"judged us": [], "dry run us": []}
    for key in keys:
        applied = planning.apply([update("activity", key, place=_elsewhere(planning, key))])
        for what, soft in (("judged us", False), ("dry run us", True)):
            tried[what].append(spent(partial(verdict, planning, applied, soft=soft)))
        planning.revert(applied)
    return found | {what: statistics.median(values) * 1e3 for what, values in tried.items()}


def _each(work: Callable[[Any], Any], values: Iterable[Any]) -> list[float]:
    return [spent(partial(work, value)) for value in values]


def _real(data: Path, name: str) -> Planning:
    """Return a problem with every activity somewhere: most come without a timetable."""
    if name.startswith("comp"):
        planning = to_planning(read_itc2007((data / "cbctt" / f"{name}.ctt").read_bytes(), 2025))
    else:
        planning = to_planning(read_itc2019(gzip.decompress((data / "itc2019" / f"{name}.xml.gz").read_bytes()), 2025))
    random, keys = Random(1), list(planning.rows("activity"))
    for start in range(0, len(keys), BATCH):
        some = keys[start : start + BATCH]
        places = [a_place(random, planning.grid, planning.activity(key).duration) for key in some]
        planning.apply([update("activity", key, place=place) for key, place in zip(some, places, strict=True)])
    return planning


def _alone_with(raw: bytes) -> dict[str, float]:
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        return pool.submit(loaded, raw).result()


def loaded(raw: bytes) -> dict[str, float]:
    """Load a snapshot as a planning server does: time, memory, and the pause of a full collection."""
    gc.collect()
    before = machine.rss_bytes(os.getpid())
    gc.disable()
    kept: list[Planning] = []
    took = spent(lambda: kept.append(decode_snapshot(raw)))
    after = machine.rss_bytes(os.getpid())
    gc.collect()
    pause = min(spent(gc.collect) for _ in range(3))
    gc.freeze()
    frozen = min(spent(gc.collect) for _ in range(3))
    memory = (after - before) / 1e6
    floor = min(spent(partial(_rows_alone, raw)) for _ in range(3))
    activities = len(kept[0].rows("activity"))
    return {
        "snapshot MB": len(raw) / 1e6,
        "decode and load ms": took,
        "rows alone ms": floor,
        "MB": memory,
        "MB per 1,000 activities": memory / activities * 1e3,
        "full collection ms": pause,
        "the same once frozen ms": frozen,
    }


def _rows_alone(raw: bytes) -> int:
    """Make the rows and nothing else: columns decoded, zipped to rows. No check, no index."""
    _, _, _, tables, _ = msgspec.msgpack.decode(raw)
    made = 0
    for name, (_, columns) in tables.items():
        row, known = KINDS[name].row, KINDS[name].by_name
        values = [columns[field] for field in known if field in columns]
        if len(values) == len(known):
            made += len([row(*one) for one in zip(*values, strict=True)])
    return made


if __name__ == "__main__":
    main([int(one) for one in sys.argv[1:]] or list(SIZES))
