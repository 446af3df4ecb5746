"""What a file holds, brought onto a base that is there already: found by what it is called, made where it is not.

Reads two bases and changes none: the result is a list of changes, with placeholders for what is new.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from hpserver.base.changes import Change, create, update
from hpserver.base.edits.regrid import Preview, preview, regridded
from hpserver.base.grid import Grid
from hpserver.base.model import Activity, Row, activity_and_week, meeting_key, values_of
from hpserver.base.planning import Planning
from hpserver.base.references import Ident
from hpserver.base.registry import KINDS, Kind
from hpserver.errors import ImportRefusedError
from hpserver.imports.pending import Pending
from hpserver.imports.spelling import fold

OF_A_NAME = ("first_name", "cohort", "category", "curriculum", "gradebook", "rule")
"""Fields that tell apart objects of one name."""

MOST_LOSSES = 3
"""Losses that a refusal names."""


def onto(imported: Planning, base: Planning) -> tuple[Change, ...]:
    """Return what brings everything imported onto a base.

    Objects of one kind and name (an activity: of one external id; what has no name: with the same fields) are the same;
    of these only fields that the file fills and that differ are changed. Nothing is ever deleted. Hours and dates stay
    what they are: raises ImportRefusedError when the grid of the base has no place for some of them.
    """
    return _Joining(_on_grid(imported, base.grid), base).changes()


class _Joining:
    def __init__(self, source: Planning, base: Planning) -> None:
        self._source, self._base = source, base
        self._pending = Pending(base)
        self._keys: dict[Ident, int] = {}

    def changes(self) -> tuple[Change, ...]:
        for kind in KINDS.values():
            rows = self._source.rows(kind.name) if kind.name != "meeting" else {}
            found = _Known(kind, self._base.rows(kind.name)) if rows else None
            for key, row in rows.items():  # rows of a kind may name each other
                there = found.maybe_key(self._renamed(kind, row)) if found is not None else None
                self._keys[kind.name, key] = self._pending.create(kind.name) if there is None else there
            for key, row in rows.items():
                self._complete(kind, self._keys[kind.name, key], row)
        return (*self._pending.changes(), *self._meetings())

    def _complete(self, kind: Kind, there: int, row: Row) -> None:
        said = self._said(kind, row)
        if there > 0:
            said.pop("name", None)  # it was found by it: capitals and accents of the base stay
        self._pending.complete(kind.name, there, **said)

    def _meetings(self) -> Iterator[Change]:
        """The exceptions of weeks: their keys follow from their activities."""
        kind = KINDS["meeting"]
        for key, row in self._source.rows("meeting").items():
            activity, week = activity_and_week(key)
            there = meeting_key(self._keys["activity", activity], week)
            said = self._said(kind, row)
            now = self._base.maybe_get("meeting", there) if there > 0 else None
            if now is None:
                yield create("meeting", there, **said)
            elif other := {name: value for name, value in said.items() if getattr(now, name) != value}:
                yield update("meeting", there, **other)

    def _said(self, kind: Kind, row: Row) -> dict[str, Any]:
        """What the file fills, under the keys of the base."""
        fields = self._renamed(kind, row)
        return {name: value for name, value in fields.items() if _is_said(kind, name, value)}

    def _renamed(self, kind: Kind, row: Row) -> dict[str, Any]:
        fields = values_of(row)
        for name, target in kind.refs.items():
            value = fields[name]
            if isinstance(value, tuple):
                fields[name] = tuple(self._keys.get((target, key), 0) for key in value)
            elif value is not None:
                fields[name] = self._keys.get((target, value), 0)
        return fields


class _Known:
    """What is there of a kind, by what it is known by: as it is written first, then but for capitals and accents."""

    def __init__(self, kind: Kind, rows: Mapping[int, Row]) -> None:
        self._kind = kind
        fields = {key: values_of(row) for key, row in rows.items()}
        self._written = {self._identity(values, str): key for key, values in fields.items()}
        self._folded = {self._identity(values, fold): key for key, values in fields.items()}

    def maybe_key(self, fields: Mapping[str, Any]) -> int | None:
        """Return the key of an object with that name, whose references are keys of the base."""
        written = self._written.get(self._identity(fields, str))
        return self._folded.get(self._identity(fields, fold)) if written is None else written

    def _identity(self, fields: Mapping[str, Any], form: Callable[[str], str]) -> object:
        if self._kind.row is Activity and fields["code"]:
            return fields["code"]
        if not fields.get("name"):
            return tuple(value for name, value in fields.items() if name != "forced")
        known = (fields[name] for name in ("name", *OF_A_NAME) if name in fields)
        return tuple(form(value) if isinstance(value, str) else value for value in known)


def _is_said(kind: Kind, name: str, value: object) -> bool:
    return name in kind.required or value != kind.by_name[name].default


def _on_grid(imported: Planning, grid: Grid) -> Planning:
    if imported.grid == grid:
        return imported
    lost = preview(imported, grid)
    if lost.losses:
        raise ImportRefusedError(_told(lost), losses=len(lost.losses))
    return regridded(imported, grid)


def _told(lost: Preview) -> str:
    some = ", ".join(f"{one.what} of {one.kind} {one.key}" for one in lost.losses[:MOST_LOSSES])
    return (
        f"the grid of the base has no place for {len(lost.losses)} things of the file ({some}…): change the grid of the"
        " base first (hp base regrid), or import it as a base of its own"
    )
