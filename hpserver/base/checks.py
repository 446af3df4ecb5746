"""What a row must satisfy beside the bounds of its fields: references, grid, meetings. Changes nothing."""

from collections.abc import Collection, Mapping
from itertools import chain, repeat
from operator import attrgetter, is_not
from typing import Any, Final, cast

import msgspec

from hpserver.base.grid import Grid
from hpserver.base.model import Activity, Meeting, Row, activity_and_week, meeting_key
from hpserver.base.occupancy import place_of
from hpserver.base.references import Ident, References, Tables, keys_in
from hpserver.base.registry import KINDS, Kind
from hpserver.base.row_checks import CLASSIFYING, ROW_CHECKS, Check, check_categories, is_date, refuse
from hpserver.base.weeks import each_week, format_weeks
from hpserver.errors import HPError, InvalidChangeError, StillReferencedError, UnknownObjectError


class Checks:
    """The rules over rows as they are in `tables` now; `references` are those from before the transaction."""

    def __init__(self, grid: Grid, tables: Tables, references: References) -> None:
        self._grid = grid
        self._tables = tables
        self._references = references

    def check_all(self, name: str) -> None:
        """Check all rows of a kind as `check_each` does: each different value of a column once. Raises as `check`."""
        plan, rows = _PLANS[name], self._tables[name]
        try:
            self._check_columns(name, plan, rows.values())
        except HPError:
            self.check_each(name)  # says which row is to blame
            raise
        if name == "meeting":
            for key, row in rows.items():
                self._check_meeting(key, cast(Meeting, row))
        if plan.own is not None or (plan.classifying and any(map(attrgetter(plan.classifying), rows.values()))):
            for key, row in rows.items():
                self.check_own((name, key), row, KINDS[name].by_name)

    def check_each(self, name: str) -> None:
        """Check all rows of a kind, one after the other; whatever they name is there. Raises as `check`."""
        names = KINDS[name].by_name
        for key, row in self._tables[name].items():
            self.check((name, key), row, names, {})
            self.check_own((name, key), row, names)

    def check(self, ident: Ident, row: Row, names: Collection[str], gone: Mapping[Ident, object]) -> None:
        """Check the fields `names` of a row; `gone` may hold objects that the same transaction deleted.

        What rows say of each other is for `check_own`, once each of them was checked here. Raises InvalidChangeError,
        UnknownObjectError, StillReferencedError.
        """
        plan = _PLANS[ident[0]]
        if plan.one_of and sum(getattr(row, name) is not None for name in plan.one_of) != 1:
            refuse(ident, plan.one_of[0], f"exactly one of {', '.join(plan.one_of)} is to be given")
        self._check_fields(ident, row, names, plan.fields, gone)
        if plan.span is not None and (plan.span[0] in names or plan.span[1] in names):
            self._check_span(ident, row, *plan.span)
        if type(row) is Activity:
            if "duration" in names and self._tables["meeting"]:
                self._check_meetings(ident[1], row)
        elif type(row) is Meeting:
            self._check_meeting(ident[1], row)

    def check_own(self, ident: Ident, row: Row, names: Collection[str]) -> None:
        """Check the rules of the row's kind; whatever rows name is there. Raises InvalidChangeError."""
        plan = _PLANS[ident[0]]
        if plan.classifying in names and getattr(row, plan.classifying):
            check_categories(self._tables, ident, row)
        if plan.own is not None:
            plan.own(self._tables, self._references, ident[1], row, names)

    def check_gone(self, ident: Ident) -> None:
        """Check that no row names a deleted object. Raises StillReferencedError."""
        for kind, key in self._references.referrers(*ident):
            row = self._tables[kind].get(key)
            for name, target in KINDS[kind].refs.items():
                if row is not None and target == ident[0] and ident[1] in keys_in(getattr(row, name)):
                    raise _still(ident, name, (kind, key))

    def _check_columns(self, name: str, plan: "_Plan", rows: Collection[Row]) -> None:
        """Check what a row alone must satisfy, by the different values of each column. Says nothing of whose it is."""
        ident = name, 0
        if plan.one_of:
            given = [map(is_not, map(attrgetter(one), rows), repeat(None)) for one in plan.one_of]
            if any(sum(some) != 1 for some in set(zip(*given, strict=True))):
                raise InvalidChangeError(f"exactly one of {', '.join(plan.one_of)} is to be given")
        for field, (target, unit) in plan.fields.items():
            values = set(map(attrgetter(field), rows))
            values -= {None, ()}
            if target is None:
                for value in values:
                    if value:
                        self._check_unit(ident, field, unit, value)
            else:
                self._check_named(ident, field, target, values)
        if plan.span is not None:
            for start, steps in set(map(attrgetter(*plan.span), rows)):
                if start is not None:
                    self._check_fits(ident, start, steps)

    def _check_named(self, ident: Ident, field: str, target: str, values: set[Any]) -> None:
        """Check the different values of a field that refers to a kind: keys, or tuples of them."""
        many = [value for value in values if type(value) is tuple]
        if not self._tables[target].keys() >= (set(chain.from_iterable(many)) if many else values):
            raise UnknownObjectError(f"{field} names what does not exist", kind=target, field=field)
        if any(len(set(keys)) != len(keys) for keys in many):
            refuse(ident, field, "names the same object twice")

    def _check_fields(
        self,
        ident: Ident,
        row: Row,
        names: Collection[str],
        fields: Mapping[str, tuple[str | None, str]],
        gone: Mapping[Ident, object],
    ) -> None:
        for name in names:
            if name in fields:
                value = getattr(row, name)
                if value is None or value == ():
                    continue
                target, unit = fields[name]
                if target is not None:
                    self._check_refs(ident, name, target, keys_in(value), gone)
                elif value:
                    self._check_unit(ident, name, unit, value)

    def _check_refs(
        self, ident: Ident, name: str, target: str, keys: tuple[int, ...], gone: Mapping[Ident, object]
    ) -> None:
        table = self._tables[target]
        for key in keys:
            if key not in table:
                if (target, key) in gone:
                    raise _still((target, key), name, ident)
                text = f"{target} {key}, named by {name} of {ident[0]} {ident[1]}, does not exist"
                raise UnknownObjectError(text, kind=target, key=key, field=name, by_kind=ident[0], by_key=ident[1])
        if len(keys) > 1 and len(set(keys)) != len(keys):
            refuse(ident, name, "names the same object twice")

    def _check_unit(self, ident: Ident, name: str, unit: str, value: Any) -> None:
        """Check a number that counts in units of the grid, or a day of the calendar."""
        grid = self._grid
        if unit == "weeks":
            if value & ~grid.all_weeks:
                refuse(ident, name, f"{format_weeks(value)} exceed {grid.weeks} weeks")
        elif unit == "steps":
            if value > grid.steps_per_day:
                refuse(ident, name, "lasts longer than a day")
        elif unit == "week":
            if value >= grid.weeks:
                refuse(ident, name, f"there are {grid.weeks} weeks")
        elif unit == "date" and not is_date(value):
            refuse(ident, name, f"{value} is not in the calendar")

    def _check_span(self, ident: Ident, row: Row, place: str, steps: str) -> None:
        start = getattr(row, place)
        if start is not None:
            self._check_fits(ident, start, getattr(row, steps))

    def _check_meetings(self, key: int, row: Activity) -> None:
        meetings = self._tables["meeting"]
        for week in each_week(row.weeks):
            meeting = cast("Meeting | None", meetings.get(meeting_key(key, week)))
            if meeting is not None and meeting.place is not None:
                self._check_fits(("meeting", meeting_key(key, week)), meeting.place, row.duration)

    def _check_meeting(self, key: int, row: Meeting) -> None:
        number, week = activity_and_week(key)
        activity = cast("Activity | None", self._tables["activity"].get(number))
        if activity is None:
            raise UnknownObjectError(f"activity {number} does not exist", kind="activity", key=number, field="key")
        if not activity.weeks >> week & 1:
            refuse(("meeting", key), "key", f"activity {number} has no meeting in week {week + 1}")
        if row.place is not None:
            place = place_of(activity, row)
            assert place is not None
            self._check_fits(("meeting", key), place, activity.duration)

    def _check_fits(self, ident: Ident, place: int, duration: int) -> None:
        if not self._grid.fits(place, duration):
            text = f"{duration} steps from place {place} do not lie within one working day"
            refuse(ident, "place", text)


def _still(ident: Ident, field: str, by: Ident) -> StillReferencedError:
    text = f"{ident[0]} {ident[1]} is still named by {field} of {by[0]} {by[1]}"
    return StillReferencedError(text, kind=ident[0], key=ident[1], field=field, by_kind=by[0], by_key=by[1])


class _Plan(msgspec.Struct, frozen=True):
    """What is checked of one kind. `fields` have the kind they refer to, or else a unit of the grid, or a day."""

    one_of: tuple[str, ...]
    fields: Mapping[str, tuple[str | None, str]]
    span: tuple[str, str] | None
    classifying: str
    own: Check | None


def _plan(kind: Kind) -> _Plan:
    fields = {
        field.name: (field.ref, unit)
        for field in kind.fields()
        if (unit := field.unit or ("date" if field.measure == "date" else "")) or field.ref
    }
    by_unit = {unit: name for name, (target, unit) in fields.items() if target is None}
    span = (by_unit["place"], by_unit["steps"]) if by_unit.keys() >= {"place", "steps"} else None
    return _Plan(kind.one_of, fields, span, CLASSIFYING.get(kind.name, ""), ROW_CHECKS.get(kind.name))


_PLANS: Final = {kind.name: _plan(kind) for kind in KINDS.values()}
