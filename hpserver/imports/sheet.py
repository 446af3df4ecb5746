"""A table of any kind onto a base: every row becomes an object made, completed or left as it is. Knows no file.

The registry says which fields there are; nothing is done to the base: the answer is a plan that can be read first.
"""

from collections.abc import Mapping
from typing import Any, Final, Literal, TypeAlias

import msgspec

from hpserver.base.changes import Change, Create, Update, encode_fields
from hpserver.base.planning import Planning
from hpserver.base.registry import Kind, kind_of
from hpserver.base.snapshot import decode_snapshot, encode_snapshot
from hpserver.errors import HPError, ImportRefusedError, InvalidChangeError
from hpserver.imports.cell_values import CellError, day_of, form_of, hour_of, place_at, read_cell
from hpserver.imports.pending import Pending, resolved
from hpserver.imports.sheet_columns import DAY, HOUR, KEY, columns_of
from hpserver.imports.sheet_names import Cell, Names, Similar
from hpserver.imports.sheet_plan import Action, Column, Outcome, Remarks, SheetPlan
from hpserver.imports.spelling import fold
from hpserver.imports.table import Table, TableRow

Identical: TypeAlias = Literal["one", "several"]
"""What rows are that say the same: one object, or as many (several activities in a week)."""

LEAST_OF_ACTIVITY: Final = 2
"""Of subject, instructors, students and rooms, how many a row of activities says at least."""
_ABOUT: Final = (("subject",), ("instructors",), ("cohorts", "groups", "combined"), ("rooms", "pool"))
_WHERE: Final = frozenset({"place", "rooms", "pool", "memo", "locked"})
"""Fields of an activity that may have been changed in the base since a table was imported."""
_NOT_BY_TABLE: Final = frozenset({"meeting"})
"""Kinds whose keys are computed."""


class _Line(msgspec.Struct):
    """One row, read."""

    row: TableRow
    values: dict[str, Any]
    key: int | None = None
    action: Action = "skip"
    why: str = ""


def plan_table(
    table: Table,
    planning: Planning,
    kind_name: str,
    chosen: Mapping[str, str] | None = None,
    *,
    similar: Similar = "ask",
    identical: Identical = "one",
) -> SheetPlan:
    """Return what a table changes in a base; `chosen` says the fields of some columns, see `columns_of`.

    An object is found by its key, its code, its name; a row without any of them by all that it says. An empty cell
    leaves its field as it is. Raises ImportRefusedError for a table that is none of this kind, InvalidChangeError.
    """
    kind = kind_of(kind_name)
    if kind.name in _NOT_BY_TABLE:
        raise InvalidChangeError(f"{kind.name}: import the activities instead", kind=kind.name)
    columns = columns_of(table, kind, chosen or {})
    return _Sheet(table, planning, kind, columns, similar, identical).plan()


class _Sheet:
    def __init__(
        self, table: Table, planning: Planning, kind: Kind, columns: tuple[Column, ...], similar: Similar,
        identical: Identical,
    ) -> None:  # fmt: skip
        self._table, self._planning, self._kind, self._columns = table, planning, kind, columns
        self._similar, self._identical = similar, identical
        self._pending, self._remarks = Pending(planning), Remarks()
        self._names = Names(self._pending, self._remarks, similar)
        self._at = {column.field: column.number for column in columns if column.field}
        self._claimed: dict[int, int] = {}
        self._lines: dict[int, int] = {}
        self._indexes: dict[tuple[str, ...], dict[tuple[Any, ...], list[int]]] = {}

    def plan(self) -> SheetPlan:
        for column in self._columns:
            if not column.field and column.title:
                self._remarks.note(1, column.number, "column left out", column.title)
        lines = [self._read(row) for row in self._table.rows[1:]]
        good = [line for line in lines if not self._remarks.is_wrong(line.row.line)]
        if "name" in self._kind.by_name:
            for line in good:
                self._by_name(line)
        else:
            self._by_content(good)
        return self._plan(lines)

    def _plan(self, lines: list[_Line]) -> SheetPlan:
        self._pending.keep_only((self._kind.name, key) for key in self._claimed)
        changes = self._pending.changes()
        self._check(changes)
        outcomes = []
        for line in lines:
            wrong = self._remarks.is_wrong(line.row.line)
            outcomes.append(Outcome(line.row.line, "skip" if wrong else line.action, self._label(line), line.why))
        return SheetPlan(
            self._table.form, self._kind.name, self._columns, tuple(outcomes), tuple(self._remarks.list), changes,
            self._pending.counts(), self._pending.updated(), self._remarks.unlisted,
        )  # fmt: skip

    def _label(self, line: _Line) -> str:
        said = [
            line.row.at(self._at[name] - 1) for name in ("first_name", "name", "code", "subject") if name in self._at
        ]
        return " ".join(filter(None, said)) or " ".join(filter(None, line.row.cells))[:80]

    def _check(self, changes: tuple[Change, ...]) -> None:
        """Try the changes on a copy of the base. Raises ImportRefusedError, with the line when known."""
        if not changes:
            return
        real = resolved(changes, self._planning.next_keys)
        keys = {
            (one.kind, after.key): one.key
            for one, after in zip(changes, real, strict=True)
            if isinstance(one, Create | Update) and isinstance(after, Create | Update)
        }
        try:
            decode_snapshot(encode_snapshot(self._planning)).apply(real)
        except HPError as error:
            about = str(error.details.get("kind", "")), int(error.details.get("key", 0))
            line = self._lines.get(keys.get(about, 0), 0) if about[0] == self._kind.name else 0
            column = self._at.get(str(error.details.get("field", "")), 0)
            text = f"line {line}, column {column}: {error.text}"
            raise ImportRefusedError(text, line=line, column=column) from error

    # --- reading --------------------------------------------------------------------------------------------

    def _read(self, row: TableRow) -> _Line:
        line = _Line(row, {})
        if len(row.cells) > len(self._columns):
            self._remarks.wrong(row.line, len(self._columns) + 1, "more cells than titles", row.cells[-1])
        # The cohorts of a row say which groups it means: they are read first.
        for column in sorted(self._columns, key=lambda one: one.field in {"groups", "group", "apart"}):
            text = row.at(column.number - 1)
            if column.field and text:
                self._cell(line, column, text)
        self._read_place(line)
        if self._kind.name == "activity":
            self._complete_activity(line)
        elif self._kind.name == "availability":
            line.values.setdefault("weeks", self._planning.grid.all_weeks)
        if not self._remarks.is_wrong(row.line):
            self._check_types(line)
        return line

    def _cell(self, line: _Line, column: Column, text: str) -> None:
        field = self._kind.by_name.get(column.field)
        cell = Cell(line.row.line, column.number)
        if field is None:
            line.values[column.field] = text
        elif field.ref is None:
            try:
                line.values[field.name] = read_cell(field, text, self._planning.grid)
            except CellError as error:
                self._remarks.wrong(cell.line, cell.column, str(error), text)
        elif form_of(field) == "refs":
            line.values[field.name] = self._names.many(field.ref, text, cell, self._cohorts(line))
        else:
            line.values[field.name] = self._names.maybe_one(field.ref, text, cell, self._cohorts(line))

    @staticmethod
    def _cohorts(line: _Line) -> tuple[int, ...]:
        one = line.values.get("cohort")
        return (one,) if isinstance(one, int) else tuple(line.values.get("cohorts", ()))

    def _read_place(self, line: _Line) -> None:
        day, when = line.values.pop(DAY, ""), line.values.pop(HOUR, "")
        if not day and not when:
            return
        number = line.row.line
        if not (day and when):
            self._remarks.wrong(number, self._at.get(HOUR if day else DAY, 0), "a day needs an hour, an hour a day")
            return
        column = self._at[DAY]
        try:
            which = day_of(day)
            column = self._at[HOUR]
            line.values["place"] = place_at(which, hour_of(when), self._planning.grid)
        except CellError as error:
            self._remarks.wrong(number, column, str(error), f"{day} {when}")

    def _complete_activity(self, line: _Line) -> None:
        about = sum(any(line.values.get(name) for name in names) for names in _ABOUT)
        if about < LEAST_OF_ACTIVITY and not line.values.get("code"):
            self._remarks.wrong(line.row.line, 0, "at least two of subject, instructor, students and room are needed")
        line.values.setdefault("duration", self._planning.grid.division)
        line.values.setdefault("weeks", self._planning.grid.all_weeks)
        if "groups" in line.values and "cohorts" in line.values:
            homes = {self._pending.fields("group", key)["cohort"] for key in line.values["groups"]}
            if homes and set(line.values["cohorts"]) <= homes:
                line.values["cohorts"] = ()  # the cohorts only say whose groups are meant

    def _check_types(self, line: _Line) -> None:
        for name, value in line.values.items():
            if name in self._kind.by_name:
                try:
                    self._kind.decode(encode_fields({name: value}))
                except InvalidChangeError as error:
                    self._remarks.wrong(
                        line.row.line, self._at.get(name, 0), error.text, line.row.at(self._at[name] - 1)
                    )

    # --- kinds with names -----------------------------------------------------------------------------------

    def _by_name(self, line: _Line) -> None:
        number = line.row.line
        keys = self._known(line)
        if keys is None:
            return
        if len(keys) > 1:
            line.why = "several have this name"
            self._remarks.wrong(number, self._at.get("name", 0), line.why, self._label(line))
        elif keys and keys[0] in self._claimed:
            line.why = f"the same as on line {self._claimed[keys[0]]}"
            self._again(line, keys[0])
        elif keys:
            self._take(line, keys[0])
        elif self._may_make(line):
            self._make(line)

    def _known(self, line: _Line) -> list[int] | None:
        """Return the objects that a row may be about; None when it says a key that there is not."""
        values, kind = line.values, self._kind.name
        key = values.pop(KEY, "")
        if key:
            if key.isdecimal() and int(key[:16]) in self._planning.rows(kind):
                return [int(key)]
            self._remarks.wrong(line.row.line, self._at[KEY], "no object has this key", key)
            return None
        code = values.get("code", "")
        if code:
            coded = self._pending.coded(kind, code)
            if coded:
                return coded
        if not values.get("name"):
            self._remarks.wrong(line.row.line, self._at.get("name", 0), "a name is needed", self._label(line))
            return None
        same = self._same_name(line)
        exact = [one for one in same if self._pending.fields(kind, one)["name"] == values["name"]]
        if same and not exact:
            values["name"] = self._pending.fields(kind, same[0])["name"]  # case and accents stay those of the base
        return exact or same

    def _same_name(self, line: _Line) -> list[int]:
        """Return the objects of that name, of which nothing else that tells objects apart is different."""
        values, kind = line.values, self._kind.name
        found = []
        for key in self._pending.find(kind, values["name"], values.get("cohort") if kind == "group" else None).keys:
            now = self._pending.fields(kind, key)
            same = fold(str(now["name"])) == fold(values["name"])
            for name in ("first_name", "code", "cohort", "category", "gradebook", "email", "born_on"):
                one, other = values.get(name), now.get(name)
                same &= not one or not other or fold(str(one)) == fold(str(other)) or name == "email"
            if same:
                found.append(key)
        return self._narrowed(found, line)

    def _narrowed(self, keys: list[int], line: _Line) -> list[int]:
        email = line.values.get("email")
        if len(keys) > 1 and email:
            return [key for key in keys if self._pending.fields(self._kind.name, key).get("email") == email] or keys
        return keys

    def _may_make(self, line: _Line) -> bool:
        values, kind = line.values, self._kind
        missing = [name for name in kind.required if values.get(name) is None]
        if missing:
            label = kind.by_name[missing[0]].fr
            self._remarks.wrong(line.row.line, self._at.get(missing[0], 0), f"{label} is needed", self._label(line))
            return False
        name = f"{values.get('first_name', '')} {values['name']}".strip()
        near = self._pending.find(kind.name, name, values.get("cohort") if kind.name == "group" else None).near
        if near and self._similar != "create":
            line.why = f"near {', '.join(near)}"
            self._remarks.wrong(
                line.row.line, self._at.get("name", 0), "not there, but near", f"{name}: {', '.join(near)}"
            )
        return not near or self._similar == "create"

    def _again(self, line: _Line, key: int) -> None:
        now = self._pending.fields(self._kind.name, key)
        line.action = "skip"
        if any(now.get(name) != value for name, value in line.values.items() if name in self._kind.by_name):
            self._remarks.wrong(line.row.line, 0, "said otherwise on an earlier line", self._label(line))
        else:
            self._remarks.note(line.row.line, 0, "said twice", self._label(line))

    def _take(self, line: _Line, key: int) -> None:
        line.key, self._claimed[key], self._lines[key] = key, line.row.line, line.row.line
        line.action = "update" if self._pending.complete(self._kind.name, key, **line.values) else "same"

    def _make(self, line: _Line) -> None:
        line.key = self._pending.create(self._kind.name, **line.values)
        line.action = "create"
        self._claimed[line.key] = self._lines[line.key] = line.row.line

    # --- kinds without names --------------------------------------------------------------------------------

    def _by_content(self, lines: list[_Line]) -> None:
        """Find first the rows that are in the base as they say, then those that differ by little, then make."""
        left = [line for line in lines if not self._is_there(line)]
        for line in left:
            if not self._is_twin(line) and not self._is_moved(line) and self._has_what_it_needs(line):
                self._make(line)
                assert line.key is not None
                for names, index in self._indexes.items():
                    index.setdefault(self._content(line.key, names), []).append(line.key)

    def _is_there(self, line: _Line) -> bool:
        keys = self._coded(line)
        if keys is None:
            return True
        free = [key for key in keys or self._alike(line, frozenset()) if key not in self._claimed]
        if free:
            self._take(line, free[0])
        return bool(free)

    def _is_twin(self, line: _Line) -> bool:
        """Say, with a remark, whether an earlier row says all the same."""
        if self._identical == "several":
            return False
        twin = next((key for key in self._alike(line, frozenset()) if key in self._claimed), None)
        if twin is not None:
            line.why = f"the same as on line {self._claimed[twin]}"
            self._remarks.note(line.row.line, 0, "said twice", line.why)
        return twin is not None

    def _coded(self, line: _Line) -> list[int] | None:
        key, code, kind = line.values.pop(KEY, ""), line.values.get("code", ""), self._kind.name
        if key and not (key.isdecimal() and int(key[:16]) in self._planning.rows(kind)):
            self._remarks.wrong(line.row.line, self._at[KEY], "no object has this key", key)
            return None
        if key:
            return [int(key)]
        return self._pending.coded(kind, code) if code else []

    def _alike(self, line: _Line, but: frozenset[str]) -> list[int]:
        """Return the objects that have all that a row says, `but` for some fields."""
        names = tuple(sorted(line.values.keys() - but))
        if not names:
            return []
        index = self._indexes.get(names)
        if index is None:
            index = self._indexes[names] = {}
            for key in self._pending.keys(self._kind.name):
                index.setdefault(self._content(key, names), []).append(key)
        return index.get(tuple(line.values[name] for name in names), [])

    def _content(self, key: int, names: tuple[str, ...]) -> tuple[Any, ...]:
        now = self._pending.fields(self._kind.name, key)
        return tuple(now.get(name, self._kind.by_name[name].default) for name in names)

    def _is_moved(self, line: _Line) -> bool:
        """Say, with a remark, whether a row is held back because one in the base differs by where it is only."""
        if self._kind.name != "activity" or self._similar == "create":
            return False
        near = [key for key in self._alike(line, _WHERE) if key not in self._claimed and key > 0]
        if near and self._similar == "match":
            self._take(line, near[0])
        elif near:
            self._remarks.wrong(
                line.row.line, 0, "one like it is there at another place or in another room", self._label(line)
            )
        return bool(near)

    def _has_what_it_needs(self, line: _Line) -> bool:
        missing = [name for name in self._kind.required if line.values.get(name) is None]
        one_of = self._kind.one_of
        if not missing and one_of and sum(line.values.get(name) is not None for name in one_of) != 1:
            self._remarks.wrong(line.row.line, 0, f"exactly one of {', '.join(one_of)} is needed", self._label(line))
            return False
        if missing:
            label = self._kind.by_name[missing[0]].fr
            self._remarks.wrong(line.row.line, self._at.get(missing[0], 0), f"{label} is needed", self._label(line))
        return not missing
