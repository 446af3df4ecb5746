"""Directory entities <-> rows of plain SQL columns. Knows the tables' names, runs nothing."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, TypeVar

import msgspec

from hpserver.directory.model import Entity

E = TypeVar("E", bound=Entity)

Value = str | int | float | bytes


class Table:
    """The SQL for one kind of entity. Only names of fields of the model ever enter a statement."""

    def __init__(self, kind: type[Entity]) -> None:
        fields = msgspec.structs.fields(kind)
        self.name = kind.__name__.lower()
        self.fields = tuple(field.name for field in fields)
        self.identity = kind.identified_by
        self.numbered = self.identity == ("key",)
        self._truths = {field.name for field in fields if field.type is bool}
        self._objects = {field.name for field in fields if field.name == "counters"}
        columns = ", ".join(self.fields)
        marks = ", ".join("?" * len(self.fields))
        by_identity = " AND ".join(f"{name} = ?" for name in self.identity)
        self.insert = f"INSERT INTO {self.name} ({columns}) VALUES ({marks})"  # noqa: S608 - names of the model
        self.replace = f"INSERT OR REPLACE{self.insert.removeprefix('INSERT')}"
        self.select = f"SELECT {columns} FROM {self.name}"  # noqa: S608 - names of the model
        self.select_one = f"{self.select} WHERE {by_identity}"
        self.delete = f"DELETE FROM {self.name} WHERE {by_identity}"  # noqa: S608 - names of the model
        self._by_identity = by_identity

    def select_equal(self, names: Sequence[str]) -> str:
        """Say the SELECT of the rows whose fields equal values, by identity order."""
        where = " AND ".join(f"{name} = ?" for name in self._known(names))
        return f"{self.select}{' WHERE ' + where if where else ''} ORDER BY {', '.join(self.identity)}"

    def update(self, names: Sequence[str]) -> str:
        """Say the UPDATE of these fields of one row."""
        sets = ", ".join(f"{name} = ?" for name in self._known(names))
        return f"UPDATE {self.name} SET {sets} WHERE {self._by_identity}"  # noqa: S608 - names of the model

    def values(self, entity: Entity) -> list[Value | None]:
        """Give the columns of a row; the key of a row that has none yet is NULL."""
        row = [self.value(name, getattr(entity, name)) for name in self.fields]
        if self.numbered and row[0] == 0:
            return [None, *row[1:]]
        return list(row)

    def value(self, name: str, value: Any) -> Value:
        """Give one column."""
        if name in self._objects:
            return msgspec.json.encode(value).decode()
        result: Value = int(value) if name in self._truths else value
        return result

    def entity(self, kind: type[E], row: Sequence[Any]) -> E:
        """Read a row back."""
        data = dict(zip(self.fields, row, strict=True))
        for name in self._truths:
            data[name] = bool(data[name])
        for name in self._objects:
            data[name] = msgspec.json.decode(data[name])
        return kind(**data)

    def _known(self, names: Sequence[str]) -> Sequence[str]:
        unknown = set(names) - set(self.fields)
        if unknown:
            raise ValueError(f"{self.name} has no field {', '.join(sorted(unknown))}")
        return names


@cache
def table(kind: type[Entity]) -> Table:
    """Give the SQL for a kind of entity."""
    return Table(kind)


def checked(entity: E, fields: Mapping[str, Any]) -> E:
    """Give `entity` with other `fields`, every value of its declared type.

    Raises:
        ValueError: no such field, a value of another type, or a field of the identity.
    """
    kind = type(entity)
    unknown = set(fields) - set(kind.__struct_fields__)
    if unknown or set(fields) & set(kind.identified_by):
        raise ValueError(f"cannot set {', '.join(sorted(fields))} of {kind.__name__}")
    try:
        data = {**msgspec.structs.asdict(entity), **fields}
        return msgspec.convert(data, kind, builtin_types=(bytes,))
    except msgspec.ValidationError as error:
        raise ValueError(f"{kind.__name__}: {error}") from error
