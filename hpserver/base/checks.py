"""What a row must satisfy beside the bounds of its fields: references, grid, meetings. Changes nothing."""

from collections.abc import Iterable, Mapping
from typing import cast

from hpserver.base.grid import Grid
from hpserver.base.model import Activity, Meeting, Row, activity_and_week, meeting_key
from hpserver.base.occupancy import place_of
from hpserver.base.references import Ident, References, keys_in
from hpserver.base.registry import KINDS
from hpserver.base.weeks import each_week, format_weeks
from hpserver.errors import InvalidChangeError, StillReferencedError, UnknownObjectError

Tables = dict[str, dict[int, Row]]
"""Rows by kind and key."""


class Checks:
    """The rules over rows as they are in `tables` now."""

    def __init__(self, grid: Grid, tables: Tables) -> None:
        self._grid = grid
        self._tables = tables

    def check(self, ident: Ident, row: Row, names: Iterable[str], gone: Mapping[Ident, object]) -> None:
        """Check the fields `names` of a row; `gone` may hold objects that the same transaction deleted.

        Raises InvalidChangeError, UnknownObjectError, StillReferencedError.
        """
        kind = KINDS[ident[0]]
        refs = kind.refs
        if kind.one_of and sum(getattr(row, name) is not None for name in kind.one_of) != 1:
            raise _invalid(ident, kind.one_of[0], f"exactly one of {', '.join(kind.one_of)} is to be given")
        for name in names:
            if name in refs:
                self._check_refs(ident, name, refs[name], keys_in(getattr(row, name)), gone)
        if isinstance(row, Activity):
            self._check_activity(ident[1], row, names)
        elif isinstance(row, Meeting):
            self._check_meeting(ident[1], row)

    def check_gone(self, ident: Ident, references: References) -> None:
        """Check that no row names a deleted object; `references` are those from before the transaction.

        Raises StillReferencedError.
        """
        for kind, key in references.referrers(*ident):
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
            raise _invalid(ident, name, "names the same object twice")

    def _check_activity(self, key: int, row: Activity, names: Iterable[str]) -> None:
        if "weeks" in names and row.weeks & ~self._grid.all_weeks:
            raise _invalid(("activity", key), "weeks", f"{format_weeks(row.weeks)} exceed {self._grid.weeks} weeks")
        if "duration" in names:
            if row.duration > self._grid.steps_per_day:
                raise _invalid(("activity", key), "duration", "lasts longer than a day")
            self._check_meetings(key, row)
        if row.place is not None and ("place" in names or "duration" in names):
            self._check_fits(("activity", key), row.place, row.duration)

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
            raise _invalid(("meeting", key), "key", f"activity {number} has no meeting in week {week + 1}")
        if row.place is not None:
            place = place_of(activity, row)
            assert place is not None
            self._check_fits(("meeting", key), place, activity.duration)

    def _check_fits(self, ident: Ident, place: int, duration: int) -> None:
        if not self._grid.fits(place, duration):
            text = f"{duration} steps from place {place} do not lie within one working day"
            raise _invalid(ident, "place", text)


def _invalid(ident: Ident, field: str, why: str) -> InvalidChangeError:
    kind, key = ident
    return InvalidChangeError(f"{field} of {kind} {key}: {why}", kind=kind, key=key, field=field)


def _still(ident: Ident, field: str, by: Ident) -> StillReferencedError:
    text = f"{ident[0]} {ident[1]} is still named by {field} of {by[0]} {by[1]}"
    return StillReferencedError(text, kind=ident[0], key=ident[1], field=field, by_kind=by[0], by_key=by[1])
