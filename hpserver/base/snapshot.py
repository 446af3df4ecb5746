"""A whole planning <-> bytes: typed, versioned, one column per field. Knows no file and no compression.

`[magic, version, grid, {kind: [keys, {field: column}]}, {kind: next key}]`, keys in order: two plannings with the
same rows and next keys have the same bytes. A kind that a snapshot lacks has no rows, a field its default.
"""

from typing import Annotated, Any

import msgspec

from hpserver.base.grid import Grid, check
from hpserver.base.model import MAX_KEY, Row
from hpserver.base.planning import Planning
from hpserver.base.registry import KINDS, Field, Kind, parts_of
from hpserver.errors import CorruptBaseError, HPError, StoreVersionError

MAGIC = "hp-base"
VERSION = 2
"""Grows when a reader of the version before would misread."""
OLDEST = 2
"""Version 1 was never released: there, sites and instructional types were texts."""

_Key = Annotated[int, msgspec.Meta(ge=1, le=MAX_KEY)]


class _Table(msgspec.Struct, frozen=True, array_like=True):
    keys: list[_Key]
    columns: dict[str, msgspec.Raw]


class _Snapshot(msgspec.Struct, frozen=True, array_like=True):
    magic: str
    version: int
    grid: msgspec.Raw
    tables: dict[str, _Table]
    next_keys: dict[str, _Key]


_encoder = msgspec.msgpack.Encoder()
_decoder: msgspec.msgpack.Decoder[_Snapshot] = msgspec.msgpack.Decoder(_Snapshot)
_grids: msgspec.msgpack.Decoder[Grid] = msgspec.msgpack.Decoder(Grid)
_columns: dict[tuple[str, str], msgspec.msgpack.Decoder[list[Any]]] = {
    (kind.name, field.name): msgspec.msgpack.Decoder(list[field.type])  # type: ignore[name-defined] # a type known at run time
    for kind in KINDS.values()
    for field in kind.fields()
}


_patterned = {
    pair: decoder.type
    for pair, decoder in _columns.items()
    if any(isinstance(part, msgspec.Meta) and part.pattern for part in parts_of(decoder.type))
}
"""Columns of texts that a regular expression checks: each different text once."""
_columns.update(dict.fromkeys(_patterned, msgspec.msgpack.Decoder(list[str])))


def encode_snapshot(planning: Planning) -> bytes:
    """Return a planning as bytes."""
    tables = {kind.name: _encode_table(planning, kind) for kind in KINDS.values() if planning.rows(kind.name)}
    grid = msgspec.Raw(_encoder.encode(planning.grid))
    next_keys = {name: key for name, key in planning.next_keys.items() if key > 1}
    return _encoder.encode(_Snapshot(MAGIC, VERSION, grid, tables, next_keys))


def decode_snapshot(raw: bytes) -> Planning:
    """Return the planning that the bytes describe, every rule checked.

    Raises CorruptBaseError, or StoreVersionError when a newer program wrote them, or one before the first release.
    """
    try:
        return _decode(raw)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise CorruptBaseError(f"not a snapshot: {error}") from error


def _encode_table(planning: Planning, kind: Kind) -> _Table:
    rows = sorted(planning.rows(kind.name).items())
    columns = {name: msgspec.Raw(_encoder.encode([getattr(row, name) for _, row in rows])) for name in kind.by_name}
    return _Table([key for key, _ in rows], columns)


def _decode(raw: bytes) -> Planning:
    snapshot = _decoder.decode(raw)
    if snapshot.magic != MAGIC:
        raise CorruptBaseError("not a snapshot of a base")
    if snapshot.version > VERSION:
        text = f"the snapshot has version {snapshot.version}, this program reads up to {VERSION}"
        raise StoreVersionError(text, version=snapshot.version)
    if 1 <= snapshot.version < OLDEST:
        text = f"the snapshot has version {snapshot.version}, which was never released: this program reads {VERSION}"
        raise StoreVersionError(text, version=snapshot.version)
    if not KINDS.keys() >= snapshot.tables.keys() | snapshot.next_keys.keys() or snapshot.version < 1:
        raise CorruptBaseError("the snapshot has kinds of objects that its version does not have")
    grid = _grids.decode(snapshot.grid)
    try:
        check(grid)
    except HPError as error:
        raise CorruptBaseError(f"the grid is not one: {error.text}") from error
    tables = {name: _rows(KINDS[name], table) for name, table in snapshot.tables.items()}
    return Planning.load(grid, tables, snapshot.next_keys)


def _rows(kind: Kind, table: _Table) -> dict[int, Row]:
    if not kind.by_name.keys() >= table.columns.keys():
        raise CorruptBaseError(f"{kind.name}: columns that this version does not have")
    columns = [_column(kind, field, table) for field in kind.fields()]
    rows = dict(zip(table.keys, map(kind.row, *columns), strict=True))
    if len(rows) != len(table.keys):
        raise CorruptBaseError(f"{kind.name}: a key is there twice")
    return rows


def _column(kind: Kind, field: Field, table: _Table) -> list[Any]:
    raw = table.columns.get(field.name)
    if raw is not None:
        column = _columns[kind.name, field.name].decode(raw)
        if (kind.name, field.name) in _patterned:
            msgspec.convert(list(set(column)), _patterned[kind.name, field.name])
    elif not field.required:
        column = [field.default] * len(table.keys)
    else:
        raise CorruptBaseError(f"{kind.name}: the column {field.name} is missing")
    if len(column) != len(table.keys):
        raise CorruptBaseError(f"{kind.name}: the column {field.name} has not one value per key")
    return column
