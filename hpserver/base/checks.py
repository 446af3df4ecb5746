"""What a row must satisfy beside the bounds of its fields: references, grid, meetings. Changes nothing."""

from collections.abc import Collection, Mapping
from typing import Any, Final, cast, get_args

from hpserver.base.grid import Grid
from hpserver.base.model import Activity, Meeting, Row, activity_and_week, meeting_key
from hpserver.base.model.row import Day, Unit
from hpserver.base.occupancy import place_of
from hpserver.base.references import Ident, References, Tables, keys_in
from hpserver.base.registry import KINDS, Kind
from hpserver.base.row_checks import CLASSIFYING, ROW_CHECKS, check_categories, is_date, refuse
from hpserver.base.weeks import each_week, format_weeks
from hpserver.errors import StillReferencedError, UnknownObjectError


class Checks:
    """The rules over rows as they are in `tables` now; `references` are those from before the transaction."""

    def __init__(self, grid: Grid, tables: Tables, references: References) -> None:
        self._grid = grid
        self._tables = tables
        self._references = references

    def check(self, ident: Ident, row: Row, names: Collection[str], gone: Mapping[Ident, object]) -> None:
        """Check the fields `names` of a row; `gone` may hold objects that the same transaction deleted.

        Raises InvalidChangeError, UnknownObjectError, StillReferencedError.
        """
        kind = KINDS[ident[0]]
        refs, special = kind.refs, _SPECIAL[ident[0]]
        if kind.one_of and sum(getattr(row, name) is not None for name in kind.one_of) != 1:
            refuse(ident, kind.one_of[0], f"exactly one of {', '.join(kind.one_of)} is to be given")
        for name in names:
            if name in refs:
                self._check_refs(ident, name, refs[name], keys_in(getattr(row, name)), gone)
            elif name in special:
                self._check_special(ident, name, special[name], getattr(row, name))
        self._check_span(ident, row, names)
        if isinstance(row, Activity):
            if "duration" in names:
                self._check_meetings(ident[1], row)
        elif isinstance(row, Meeting):
            self._check_meeting(ident[1], row)
        if CLASSIFYING.get(ident[0]) in names:
            check_categories(self._tables, ident, row)
        own = ROW_CHECKS.get(ident[0])
        if own is not None:
            own(self._tables, self._references, ident[1], row, names)

    def check_gone(self, ident: Ident) -> None:
        """Check that no row names a deleted object. Raises StillReferencedError."""
        for kind, key in self._references.referrers(*ident):
            row = self._tables[kind].get(key)
            for name, target in KINDS[kind].refs.items():
                if row is not None and target == ident[0] and ident[1] in keys_in(getattr(row, name)):
                    raise _still(ident, name, (kind, key))

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

    def _check_special(self, ident: Ident, name: str, what: str, value: Any) -> None:
        """Check a number that counts in units of the grid, or a day."""
        grid = self._grid
        if what == _DAY:
            if value and not is_date(value):
                refuse(ident, name, f"{value} is not in the calendar")
        elif value is None:
            return
        elif what == "weeks":
            if value & ~grid.all_weeks:
                refuse(ident, name, f"{format_weeks(value)} exceed {grid.weeks} weeks")
        elif what == "week":
            if value >= grid.weeks:
                refuse(ident, name, f"there are {grid.weeks} weeks")
        elif what == "steps" and value > grid.steps_per_day:
            refuse(ident, name, "lasts longer than a day")

    def _check_span(self, ident: Ident, row: Row, names: Collection[str]) -> None:
        span = _SPANS.get(ident[0])
        if span is not None and (span[0] in names or span[1] in names):
            place = getattr(row, span[0])
            if place is not None:
                self._check_fits(ident, place, getattr(row, span[1]))

    def _check_meetings(self, key: int, row: Activity) -> None:
        meetings = self._tables["meeting"]
        for week in each_week(row.weeks if meetings else 0):
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


def _special_fields(kind: Kind) -> dict[str, str]:
    days = {field.name: _DAY for field in kind.fields() if _is_day(field.type)}
    return {**days, **{field.name: field.unit for field in kind.fields() if field.unit is not None}}


def _is_day(annotation: Any) -> bool:
    return get_args(Day)[1] in get_args(annotation)


def _maybe_span(kind: Kind) -> tuple[str, str] | None:
    by_unit: dict[Unit | None, str] = {field.unit: field.name for field in kind.fields()}
    place, steps = by_unit.get("place"), by_unit.get("steps")
    return None if place is None or steps is None else (place, steps)


_DAY: Final = "day"
_SPECIAL: Final = {kind.name: _special_fields(kind) for kind in KINDS.values()}
"""By kind, the fields that count in units of the grid, and days."""
_SPANS: Final = {kind.name: span for kind in KINDS.values() if (span := _maybe_span(kind)) is not None}
"""By kind, the fields that say from where and how long."""
