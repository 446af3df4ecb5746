"""A base in use brought onto another grid: what its rows become, and what would be lost. Changes nothing.

Writing rows for another grid is exact: every place, duration and week means the same hour and date there, or it is
refused. What does not exist there is given up first, by ordinary changes, which are told in advance.
"""

from collections.abc import Callable, Mapping
from math import lcm
from typing import Any, Final, Literal, TypeAlias, cast

import msgspec

from hpserver.base.changes import Change, delete, update
from hpserver.base.grid import DAYS_IN_WEEK, Grid, check
from hpserver.base.model import Activity, Meeting, Row, activity_and_week, meeting_key
from hpserver.base.model.row import Unit
from hpserver.base.planning import Planning
from hpserver.base.registry import KINDS, Kind
from hpserver.errors import InvalidGridError

What: TypeAlias = Literal["place", "duration", "weeks", "object"]


class Loss(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What an object loses: its place, the weeks named, a duration that is rounded up, or the object as a whole."""

    kind: str
    key: int
    what: What
    weeks: int = 0


class Preview(msgspec.Struct, frozen=True):
    """What a new grid would cost: every loss, and the changes that make the base fit it. Empty when nothing is lost."""

    losses: tuple[Loss, ...]
    changes: tuple[Change, ...]


class Fit:
    """How places, durations and weeks of one grid are written in another; None where they do not exist there."""

    def __init__(self, old: Grid, new: Grid) -> None:
        """Raises InvalidGridError for a grid that is none."""
        check(new)
        self._old, self._new = old, new
        days = (old.first_monday - new.first_monday).days
        self.shift = days // DAYS_IN_WEEK
        """Weeks by which a week's index grows."""

    def maybe_week(self, week: int) -> int | None:
        """Return the index of a week."""
        there = week + self.shift
        return there if 0 <= there < self._new.weeks else None

    def weeks(self, weeks: int) -> int:
        """Return a set of weeks; those that do not exist are left out."""
        shifted = weeks << self.shift if self.shift >= 0 else weeks >> -self.shift
        return shifted & self._new.all_weeks

    def lost_weeks(self, weeks: int) -> int:
        """Return the weeks of a set, as the old grid names them, that do not exist in the new one."""
        there = self._new.all_weeks
        return weeks & ~(there >> self.shift if self.shift >= 0 else there << -self.shift)

    def maybe_steps(self, steps: int) -> int | None:
        """Return a duration."""
        there, rest = divmod(steps * self._old.step_minutes, self._new.step_minutes)
        return None if rest or there > self._new.steps_per_day else there

    def nearest(self, steps: int) -> int:
        """Return the duration that the new grid has, in steps of the old one: rounded up, or a day's at most."""
        unit = lcm(self._old.step_minutes, self._new.step_minutes) // self._old.step_minutes
        day = self._new.steps_per_day * self._new.step_minutes // self._old.step_minutes
        return max(unit, min(-(-steps // unit) * unit, day // unit * unit))

    def maybe_place(self, place: int) -> int | None:
        """Return a place: the same day and minute."""
        day, _ = self._old.day_and_step(place)
        try:
            return self._new.place_of(day, self._old.minutes_of(place))
        except InvalidGridError:
            return None

    def fits(self, place: int, steps: int) -> bool:
        """Say whether what lasts `steps` from `place` in the old grid can do so in the new one."""
        there, length = self.maybe_place(place), self.maybe_steps(steps)
        return there is not None and length is not None and self._new.fits(there, length)

    def clipped(self, place: int, steps: int) -> int:
        """Return for how many of its steps, in the old grid, what is at `place` can be there in the new one."""
        return next((fewer for fewer in range(steps, 0, -1) if self.fits(place, fewer)), 0)


def preview(planning: Planning, new: Grid) -> Preview:
    """Return what would be lost on a new grid, and what gives it up. Raises InvalidGridError."""
    fit = Fit(planning.grid, new)
    losses: list[Loss] = []
    changes: list[Change] = []
    durations: dict[int, int] = {}
    for kind in KINDS.values():
        units = _units(kind)
        for key, row in planning.rows(kind.name).items() if units else ():
            if kind.name == "meeting":
                lost, fields = _meeting_given_up(fit, key, cast(Meeting, row), durations)
            else:
                lost, fields = _given_up(fit, kind.name, key, row, units)
            if kind.name == "activity":
                durations[key] = fields.get("duration", cast(Activity, row).duration)
            losses += lost
            if any(one.what == "object" for one in lost):
                changes.append(delete(kind.name, key))
            elif fields:
                changes.append(update(kind.name, key, **fields))
    return Preview(tuple(losses), tuple(changes))


def reshaped(grid: Grid, new: Grid, tables: Mapping[str, Mapping[int, Row]]) -> dict[str, dict[int, Row]]:
    """Return the tables with a unit of the grid in them as the new grid writes them.

    Raises InvalidGridError when something of them does not exist there: see `preview`.
    """
    fit = Fit(grid, new)
    found: dict[str, dict[int, Row]] = {}
    for kind in KINDS.values():
        units = _units(kind)
        if units:
            rows = tables[kind.name]
            found[kind.name] = {_key(fit, kind, key): _row(fit, kind, key, row, units) for key, row in rows.items()}
    return found


def regridded(planning: Planning, new: Grid) -> Planning:
    """Return the base on another grid, without what `preview` says is lost. The planning given stays as it is.

    Raises InvalidGridError.
    """
    changes = preview(planning, new).changes
    tables = {kind: dict(planning.rows(kind)) for kind in KINDS}
    if changes:
        copy = Planning.load(planning.grid, tables, planning.next_keys)
        copy.apply(changes)
        tables = {kind: dict(copy.rows(kind)) for kind in KINDS}
    return Planning.load(new, tables | reshaped(planning.grid, new, tables), planning.next_keys)


def _units(kind: Kind) -> dict[str, Unit]:
    return {field.name: field.unit for field in kind.fields() if field.unit is not None}


def _given_up(fit: Fit, kind: str, key: int, row: Row, units: Mapping[str, Unit]) -> tuple[list[Loss], dict[str, Any]]:
    losses: list[Loss] = []
    fields: dict[str, Any] = {}
    values = {unit: (name, getattr(row, name)) for name, unit in units.items() if unit != "weeks"}
    if "week" in values and fit.maybe_week(values["week"][1]) is None:
        return [Loss(kind, key, "object", 1 << values["week"][1])], {}
    for name, unit in units.items():
        lost = fit.lost_weeks(getattr(row, name) or 0) if unit == "weeks" else 0
        if lost:
            fields[name] = getattr(row, name) & ~lost
            if not losses:
                losses.append(Loss(kind, key, "weeks", lost))
    steps_name, steps = values.get("steps", ("", 1))
    if fit.maybe_steps(steps) is None and steps_name:
        losses.append(Loss(kind, key, "duration"))
        fields[steps_name] = steps = fit.nearest(steps)
    place_name, place = values.get("place", ("", None))
    if place is None or fit.fits(place, steps):
        return losses, fields
    if KINDS[kind].by_name[place_name].default is None:
        return [*losses, Loss(kind, key, "place")], fields | {place_name: None}
    fewer = fit.clipped(place, steps)
    if not fewer:
        return [Loss(kind, key, "object")], {}
    return [*losses, Loss(kind, key, "duration")], fields | {steps_name: fewer}


def _meeting_given_up(
    fit: Fit, key: int, row: Meeting, durations: Mapping[int, int]
) -> tuple[list[Loss], dict[str, Any]]:
    """A meeting whose week goes, goes with it and is not named; one whose place goes is where its activity is."""
    activity, week = activity_and_week(key)
    gone = fit.maybe_week(week) is None
    if gone or row.place is None or fit.fits(row.place, durations[activity]):
        return [], {}
    return [Loss("meeting", key, "place", 1 << week)], {"place": None}


def _key(fit: Fit, kind: Kind, key: int) -> int:
    if kind.name != "meeting":
        return key
    activity, week = activity_and_week(key)
    there = fit.maybe_week(week)
    if there is None:
        raise _lost("meeting", key, "key")
    return meeting_key(activity, there)


def _row(fit: Fit, kind: Kind, key: int, row: Row, units: Mapping[str, Unit]) -> Row:
    values: dict[str, Any] = {}
    for name, unit in units.items():
        value = getattr(row, name)
        if value is None:
            continue
        values[name] = _HOW[unit](fit, value)
        if values[name] is None or (unit == "weeks" and fit.lost_weeks(value)):
            raise _lost(kind.name, key, name)
    return msgspec.structs.replace(row, **values) if values else row


_HOW: Final[dict[Unit, Callable[[Fit, int], int | None]]] = {
    "place": Fit.maybe_place,
    "steps": Fit.maybe_steps,
    "week": Fit.maybe_week,
    "weeks": Fit.weeks,
}


def _lost(kind: str, key: int, field: str) -> InvalidGridError:
    text = f"{field} of {kind} {key} does not exist in the new grid; look at what would be lost, and give it up"
    return InvalidGridError(text, parameter=field, kind=kind, key=key)
