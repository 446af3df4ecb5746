"""The objects of a kind as a table that can be imported again: titles in French, names instead of keys."""

from collections.abc import Iterator
from typing import Any

from hpserver.base.planning import Planning
from hpserver.base.registry import KINDS, Field, Kind, kind_of
from hpserver.imports.cell_values import write_cell
from hpserver.imports.spelling import fold

KEY_TITLE = "Clé"


def table_of(planning: Planning, kind_name: str) -> Iterator[tuple[str, ...]]:
    """Yield the titles, then one row per object by key, its own key first.

    Two objects of one name are told apart by their codes; a group has its cohort, `< A1 > gr1`. Raises
    InvalidChangeError when there is no such kind.
    """
    kind = kind_of(kind_name)
    titles = [_title(kind, field) for field in kind.fields()]
    yield (KEY_TITLE, *titles)
    said = _Said(planning)
    for key, row in sorted(planning.rows(kind.name).items()):
        cells = (said.cell(field, getattr(row, field.name)) for field in kind.fields())
        yield (str(key), *cells)


def _title(kind: Kind, field: Field) -> str:
    """Return the French label, or the field's own name when an earlier one has the same label."""
    same = [other for other in kind.fields() if fold(other.fr) == fold(field.fr)]
    return field.fr if same[0] is field else field.name


class _Said:
    """What objects are called in the cells of others."""

    def __init__(self, planning: Planning) -> None:
        self._planning = planning
        self._names: dict[str, dict[int, str]] = {}

    def cell(self, field: Field, value: Any) -> str:
        if field.ref is None or value is None:
            return write_cell(field, value, self._planning.grid)
        keys = value if isinstance(value, tuple) else (value,)
        return "; ".join(self._of(field.ref)[key] for key in keys)

    def _of(self, kind: str) -> dict[int, str]:
        if kind not in self._names:
            self._names[kind] = dict(self._named(kind))
        return self._names[kind]

    def _named(self, kind: str) -> Iterator[tuple[int, str]]:
        rows = self._planning.rows(kind)
        names = {key: self._name(kind, row) or str(key) for key, row in rows.items()}
        count: dict[str, int] = {}
        for name in names.values():
            count[fold(name)] = count.get(fold(name), 0) + 1
        for key, name in names.items():
            code = getattr(rows[key], "code", "")
            yield key, code if count[fold(name)] > 1 and code else name

    def _name(self, kind: str, row: Any) -> str:
        name = getattr(row, "name", "")
        if kind == "group":
            return f"< {self._of('cohort')[row.cohort]} > {name}"
        if kind == "category_value":
            return f"{self._of('category')[row.category]} : {name}"
        if "first_name" in KINDS[kind].by_name:
            return f"{row.first_name} {name}".strip()
        return str(name)
