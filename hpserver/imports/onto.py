"""What a file holds, brought onto a base that is there already: found by what it is called, made where it is not.

Reads two bases and changes none: the result is a list of changes, with placeholders for what is new.
"""

import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

from hpserver.base.changes import Change, create, update
from hpserver.base.edits.regrid import Preview, preview, regridded
from hpserver.base.grid import Grid
from hpserver.base.model import Activity, Row, activity_and_week, meeting_key, values_of
from hpserver.base.planning import Planning
from hpserver.base.references import Ident
from hpserver.base.registry import KINDS, Kind
from hpserver.errors import ImportRefusedError

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
    return tuple(_Joining(_on_grid(imported, base.grid), base).changes())


class _Joining:
    def __init__(self, source: Planning, base: Planning) -> None:
        self._source, self._base = source, base
        self._keys: dict[Ident, int] = {}
        self._next = 0

    def changes(self) -> Iterator[Change]:
        for name, kind in KINDS.items():
            if name == "meeting":
                yield from self._meetings()
                continue
            known = {_identity(kind, values_of(row)): key for key, row in self._base.rows(name).items()}
            rows = self._source.rows(name)
            for key in rows:  # rows of a kind may name each other
                self._keys[name, key] = self._found(kind, rows[key], known)
            for key, row in rows.items():
                yield from self._one(kind, key, row)

    def _found(self, kind: Kind, row: Row, known: Mapping[object, int]) -> int:
        there = known.get(_identity(kind, self._renamed(kind, row)))
        if there is None:
            self._next -= 1
        return self._next if there is None else there

    def _one(self, kind: Kind, key: int, row: Row) -> Iterator[Change]:
        there, fields = self._keys[kind.name, key], self._renamed(kind, row)
        said = {name: value for name, value in fields.items() if _is_said(kind, name, value)}
        if there < 0:
            yield create(kind.name, there, **said)
            return
        now = self._base.get(kind.name, there)
        other = {name: value for name, value in said.items() if getattr(now, name) != value and name != "name"}
        if other:
            yield update(kind.name, there, **other)

    def _meetings(self) -> Iterator[Change]:
        kind = KINDS["meeting"]
        for key, row in self._source.rows("meeting").items():
            activity, week = activity_and_week(key)
            there = meeting_key(self._keys["activity", activity], week)
            said = {name: value for name, value in self._renamed(kind, row).items() if _is_said(kind, name, value)}
            now = self._base.maybe_get("meeting", there) if there > 0 else None
            if now is None:
                yield create("meeting", there, **said)
            elif other := {name: value for name, value in said.items() if getattr(now, name) != value}:
                yield update("meeting", there, **other)

    def _renamed(self, kind: Kind, row: Row) -> dict[str, Any]:
        fields = values_of(row)
        for name, target in kind.refs.items():
            value = fields[name]
            if isinstance(value, tuple):
                fields[name] = tuple(self._keys.get((target, key), 0) for key in value)
            elif value is not None:
                fields[name] = self._keys.get((target, value), 0)
        return fields


def _identity(kind: Kind, fields: Mapping[str, Any]) -> object:
    """Return what an object is known by; references are keys of the base it is looked for in."""
    if kind.row is Activity and fields["code"]:
        return fields["code"]
    if not fields.get("name"):
        return tuple(value for name, value in fields.items() if name != "forced")
    return _folded(fields["name"]), *(_folded(fields[name]) for name in OF_A_NAME if name in fields)


def _folded(value: object) -> object:
    return unicodedata.normalize("NFC", value).casefold().strip() if isinstance(value, str) else value


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
