"""The base of next year: what lasts is taken over, what was dated is not. Reads a base and makes another."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec

from hpserver.base.edits.regrid import Fit
from hpserver.base.grid import Grid
from hpserver.base.model import Activity, Availability, Constraint, Membership, Row
from hpserver.base.model.row import Domain
from hpserver.base.planning import Planning
from hpserver.base.references import keys_in
from hpserver.base.registry import KINDS, Kind

LASTING: Final[frozenset[Domain]] = frozenset({"settings", "resources", "wishes"})
"""Domains that are taken over: who and what there is, what is to be taught, what is wished."""


def next_year(planning: Planning, grid: Grid, *, people: bool = False, activities: bool = False) -> Planning:
    """Return a base on another grid with the resources, curricula, services and constraints of this one.

    With `people`, students, guardians and memberships too. With `activities`, the activities too: every week, not
    placed, not locked. What was about something that is not taken over stays behind with it. Keys stay the same.
    Raises InvalidGridError.
    """
    fit = Fit(msgspec.structs.replace(planning.grid, first_monday=grid.first_monday), grid)
    tables: dict[str, dict[int, Row]] = {}
    for kind in KINDS.values():
        kept = _is_kept(kind, people=people, activities=activities)
        rows = planning.rows(kind.name) if kept else {}
        tables[kind.name] = dict(_rows(kind, rows, tables, fit, grid))
    return Planning.load(grid, tables, planning.next_keys)


def _is_kept(kind: Kind, *, people: bool, activities: bool) -> bool:
    if kind.name == "activity":
        return activities
    return kind.domain in LASTING or (people and kind.domain == "people")


def _rows(
    kind: Kind, rows: Mapping[int, Row], tables: Mapping[str, Mapping[int, Row]], fit: Fit, grid: Grid
) -> Iterator[tuple[int, Row]]:
    known: Mapping[str, Mapping[int, Row]] = {**tables, kind.name: rows}  # groups name groups
    for key, row in rows.items():
        there = _undated(row, fit, grid)
        fields = _what_is_left(kind, there, known) if there is not None else None
        if there is not None and fields is not None:
            yield key, msgspec.structs.replace(there, **fields) if fields else there


def _undated(row: Row, fit: Fit, grid: Grid) -> Row | None:
    """Return the row without what was dated, at the same hours; None when these do not exist any more."""
    if isinstance(row, Activity):
        steps = fit.maybe_steps(row.duration) or min(row.duration, grid.steps_per_day)
        undated: dict[str, Any] = {"place": None, "forced": 0, "locked": False, "weeks": grid.all_weeks}
        return msgspec.structs.replace(row, duration=steps, **undated)
    if isinstance(row, Availability):
        place, length = fit.maybe_place(row.place), fit.maybe_steps(row.steps)
        if place is None or length is None or not grid.fits(place, length):
            return None
        return msgspec.structs.replace(row, place=place, steps=length, weeks=grid.all_weeks)
    dated = isinstance(row, Constraint | Membership) and row.weeks is not None
    return msgspec.structs.replace(row, weeks=None) if dated else row


def _what_is_left(kind: Kind, row: Row, known: Mapping[str, Mapping[int, Row]]) -> dict[str, Any] | None:
    """Return the fields to change so that only what was taken over is named; None when the row means nothing then."""
    fields: dict[str, Any] = {}
    for name, target in kind.refs.items():
        value = getattr(row, name)
        kept = tuple(key for key in keys_in(value) if key in known[target])
        if len(kept) == len(keys_in(value)):
            continue
        if not isinstance(value, tuple) and (name in kind.required or name in kind.one_of):
            return None
        fields[name] = kept if isinstance(value, tuple) else None
    emptied = [name for name, value in fields.items() if value == ()]
    return None if kind.name == "constraint" and emptied else fields
