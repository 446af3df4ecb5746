"""Every invariant of a planning, checked the slow and obvious way. For tests and doubts; shares no shortcut."""

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, cast

from hpserver.base.model import Activity, CombinedGroup, Group, Meeting, activity_and_week
from hpserver.base.occupancy import LANE
from hpserver.base.references import Ident, keys_in
from hpserver.base.registry import KINDS

if TYPE_CHECKING:
    from hpserver.base.planning import Planning  # the aggregate imports this module

Cell = tuple[Ident, int, int]
"""Resource, place, week index."""


def check(planning: "Planning") -> None:
    """Raise AssertionError when a row breaks a rule or an index is not what the rows say."""
    _check_rows(planning)
    references, occupancy, meeting_weeks = planning.derived()
    assert _flat_references(references) == set(_naive_references(planning))
    assert meeting_weeks == _naive_meeting_weeks(planning)
    _check_wholes(planning)
    counts = Counter(cell for cells in naive_cells(planning).values() for cell in cells)
    once = {cell for resource, (mask, _, _) in occupancy.items() for cell in _cells_of(resource, mask)}
    more = {cell for resource, (_, mask, _) in occupancy.items() for cell in _cells_of(resource, mask)}
    assert once == set(counts)
    assert more == {cell for cell, count in counts.items() if count > 1}
    _check_remembered(planning)
    for kind, key in planning.next_keys.items():
        assert key > max(planning.rows(kind), default=0)


def naive_cells(planning: "Planning") -> dict[int, set[Cell]]:
    """Return what each activity occupies, cell by cell."""
    return {key: set(_cells(planning, key)) for key in planning.rows("activity")}


def naive_clashes(planning: "Planning") -> set[tuple[int, Ident, int, Ident, int, int]]:
    """Return every clash cell by cell, both ways: activity, resource, other, other resource, place, week."""
    cells = naive_cells(planning)
    takers: dict[tuple[int, int], list[tuple[int, Ident]]] = {}
    for activity, taken in cells.items():
        for resource, place, week in taken:
            takers.setdefault((place, week), []).append((activity, resource))
    return {
        (a, one, b, two, place, week)
        for (place, week), entries in takers.items()
        for a, one in entries
        for b, two in entries
        if a != b and are_rivals(planning, one, two)
    }


def are_rivals(planning: "Planning", one: Ident, two: Ident) -> bool:
    """Say whether two resources cannot be in two places at once, by the rule as it is told."""
    if one == two:
        return True
    kinds = {one[0], two[0]}
    if kinds == {"cohort", "group"}:
        cohort, group = sorted((one, two))
        return cast(Group, planning.get("group", group[1])).cohort == cohort[1]
    if kinds != {"group"}:
        return False
    here, there = (cast(Group, planning.get(*ident)) for ident in (one, two))
    strangers = here.partition == there.partition or two[1] in here.apart or one[1] in there.apart
    return here.cohort == there.cohort and not strangers


def _cells(planning: "Planning", key: int) -> Iterator[Cell]:
    row = planning.activity(key)
    for week in range(planning.grid.weeks):
        meeting = planning.maybe_meeting(key, week) or Meeting()
        place = row.place if meeting.place is None else meeting.place
        if not row.weeks >> week & 1 or meeting.cancelled or place is None:
            continue
        instructors = row.instructors if meeting.instructors is None else meeting.instructors
        rooms = row.rooms if meeting.rooms is None else meeting.rooms
        taken = {"instructor": instructors, "room": rooms, **_attending(planning, row)}
        for kind, keys in taken.items():
            for resource in keys:
                for step in range(place, place + row.duration):
                    yield (kind, resource), step, week


def _attending(planning: "Planning", row: Activity) -> dict[str, set[int]]:
    found = {"cohort": set(row.cohorts), "group": set(row.groups)}
    for key in row.combined:
        combined = cast(CombinedGroup, planning.get("combined_group", key))
        found["cohort"].update(combined.cohorts)
        found["group"].update(combined.groups)
    return found


def _check_remembered(planning: "Planning") -> None:
    """Check what the index of the rules remembers against the rows."""
    wishes, ways = planning.index.remembered()
    for (kind, key), known in wishes.items():
        rows = planning.rows("availability").items()
        assert known == tuple((one, row) for one, row in sorted(rows) if getattr(row, kind, None) == key)
    if ways is not None:
        rows_of_ways = planning.rows("travel_time").values()
        assert ways.keys() == {(getattr(row, "start", 0), getattr(row, "finish", 0)) for row in rows_of_ways}


def _check_rows(planning: "Planning") -> None:
    grid = planning.grid
    for key in planning.rows("activity"):
        row = planning.activity(key)
        assert row.weeks & ~grid.all_weeks == 0
        assert row.duration <= grid.steps_per_day
        assert row.place is None or grid.fits(row.place, row.duration)
    for key, row_ in planning.rows("meeting").items():
        activity, week = activity_and_week(key)
        owner: Activity = planning.activity(activity)
        meeting = cast(Meeting, row_)
        assert owner.weeks >> week & 1
        assert meeting.place is None or grid.fits(meeting.place, owner.duration)


def _check_wholes(planning: "Planning") -> None:
    for kind in KINDS.values():
        for row in planning.rows(kind.name).values():
            assert not kind.one_of or sum(getattr(row, name) is not None for name in kind.one_of) == 1


def _naive_references(planning: "Planning") -> Iterator[tuple[Ident, Ident]]:
    for kind in KINDS.values():
        for key, row in planning.rows(kind.name).items():
            for name, target in kind.refs.items():
                for other in keys_in(getattr(row, name)):
                    planning.get(target, other)
                    yield (kind.name, key), (target, other)


def _flat_references(references: dict[tuple[str, str], dict[int, set[int]]]) -> set[tuple[Ident, Ident]]:
    assert all(users for index in references.values() for users in index.values())
    return {
        ((source, user), (target, key))
        for (source, target), index in references.items()
        for key, users in index.items()
        for user in users
    }


def _naive_meeting_weeks(planning: "Planning") -> dict[int, int]:
    found: dict[int, int] = {}
    for key in planning.rows("meeting"):
        activity, week = activity_and_week(key)
        found[activity] = found.get(activity, 0) | 1 << week
    return found


def _cells_of(resource: Ident, mask: int) -> Iterator[Cell]:
    while mask:
        bit = (mask & -mask).bit_length() - 1
        yield resource, bit // LANE, bit % LANE
        mask &= mask - 1
