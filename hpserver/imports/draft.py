"""A base being written by an importer: objects by name, keys from 1, notes. Knows no file format."""

import re
from typing import Any, TypeAlias

from hpserver.base.changes import Change, create
from hpserver.base.grid import Grid
from hpserver.base.model import MAX_CODE, MAX_MEMO, MAX_NAME, MAX_REFS, Row, meeting_key, values_of
from hpserver.base.planning import Planning
from hpserver.base.registry import KINDS
from hpserver.base.texts import repaired
from hpserver.imports.result import MAX_NOTES, Imported, Note, Report

MAX_DETAIL = 200
"""Characters quoted in a note: enough to find the place, not the file again."""

_TEXT_LIMITS = {"memo": MAX_MEMO, "code": MAX_CODE}

_SURROGATE = re.compile(r"[\ud800-\udfff]")

_Identity: TypeAlias = tuple[str, object, str]


class Draft:
    """Collects objects; the same name in the same kind (and cohort) is the same object.

    With `loose`, names that differ by spaces only are the same: some feeds lose a space where a line is folded.
    """

    def __init__(self, source: str) -> None:
        self.source = source
        self.title = ""
        self.counts: dict[str, int] = {}
        self._notes: list[Note] = []
        self._unlisted: dict[str, int] = {}
        self.loose = False
        self._rows: dict[str, list[tuple[int, dict[str, Any]]]] = {kind: [] for kind in KINDS}
        self._keys: dict[_Identity, int] = {}

    def note(self, line: int, what: str, detail: object = "") -> None:
        """Keep what was not understood, for whoever imports."""
        if len(self._notes) < MAX_NOTES:
            self._notes.append(Note(line, what, one_line(str(detail))[:MAX_DETAIL]))
        else:
            self._unlisted[what] = self._unlisted.get(what, 0) + 1

    def left(self, what: str, count: int) -> None:
        """Count what was not taken over and is too much to list one by one."""
        if count:
            self._unlisted[what] = self._unlisted.get(what, 0) + count

    def named(self, kind: str, name: str, line: int = 0, *, exact: bool = False, **fields: Any) -> int:
        """Return the key of the object of that name, created with `fields` when it is new.

        With `exact`, names that differ by spaces only, at their ends too, are different.
        """
        written, name = name, self._name(name, line)
        identity = kind, fields.get("cohort"), _identity(written if exact else name, loose=self.loose)
        key = self._keys.get(identity)
        if key is None:
            key = self._keys[identity] = self._create(kind, name=name, **fields)
        elif self.loose:
            known = self._rows[kind][key - 1][1]
            known["name"] = max(known["name"], name, key=len)
        return key

    def maybe_named(self, kind: str, name: str, line: int = 0) -> int | None:
        """Return the key of the object of that name, or None when the name is empty."""
        return self.named(kind, name, line) if name.strip() else None

    def activity(self, line: int = 0, **fields: Any) -> int:
        """Create an activity and return its key; texts and lists that are too long are cut, with a note."""
        for name in ("instructors", "cohorts", "groups", "rooms"):
            if name in fields:
                fields[name] = self.references(name, fields[name], line)
        return self._create("activity", **self._cut(fields, line))

    def row(self, kind: str, /, **fields: Any) -> int:
        """Create an object that no name tells from others and return its key; texts are the caller's to check.

        A name of which nothing was left is `?`, as everywhere.
        """
        return self._create(kind, **fields | ({"name": "?"} if fields.get("name") == "" else {}))

    def meeting(self, activity: int, week: int, line: int = 0, **fields: Any) -> None:
        """Create what differs for an activity in a week (index from 0)."""
        self._rows["meeting"].append((meeting_key(activity, week), self._cut(fields, line)))

    def references(self, name: str, keys: tuple[int, ...], line: int = 0) -> tuple[int, ...]:
        """Return keys without repetition, as many as an activity may have; the others are noted."""
        once = tuple(dict.fromkeys(keys))
        if len(once) > MAX_REFS:
            self.note(line, f"too many {name}", f"{len(once)}, the first {MAX_REFS} are kept")
        return once[:MAX_REFS]

    def finish(self, grid: Grid) -> Imported:
        """Return what was collected, as the changes of a new base."""
        changes = tuple(create(kind, key, **fields) for kind in KINDS for key, fields in self._rows[kind])
        counts = {kind: len(made) for kind, made in self._rows.items()} | self.counts
        report = Report(self.source, self.title, counts, tuple(self._notes), dict(self._unlisted))
        return Imported(grid, changes, report)

    def _create(self, kind: str, /, **fields: Any) -> int:
        made = self._rows[kind]
        made.append((len(made) + 1, fields))
        return len(made)

    def _name(self, name: str, line: int) -> str:
        clean = one_line(name)
        if len(clean) > MAX_NAME:
            self.note(line, "name cut", clean)
        return clean[:MAX_NAME] or "?"

    def _cut(self, fields: dict[str, Any], line: int) -> dict[str, Any]:
        for name in _TEXT_LIMITS.keys() & fields.keys():
            clean = some_lines(fields[name])
            if len(clean) > _TEXT_LIMITS[name]:
                self.note(line, f"{name} cut", clean)
            fields[name] = clean[: _TEXT_LIMITS[name]]
        return fields


def from_planning(planning: Planning, report: Report) -> Imported:
    """Return a planning's rows, whose keys run from 1, as an import."""
    changes = tuple(_creation(kind, key, row) for kind in KINDS for key, row in planning.rows(kind).items())
    return Imported(planning.grid, changes, report)


def one_line(text: str) -> str:
    """Return a text on one line, spaces in a row made one, without characters that no name has."""
    return " ".join(str(repaired(_SURROGATE.sub("\ufffd", text), lines=False)).split())


def some_lines(text: str) -> str:
    """Return a text without control characters other than ends of lines."""
    return str(repaired(_SURROGATE.sub("\ufffd", text), lines=True)).strip()


def _creation(kind: str, key: int, row: Row) -> Change:
    fields = KINDS[kind].by_name
    return create(kind, key, **{n: repaired(value, lines=fields[n].lines) for n, value in values_of(row).items()})


def _identity(name: str, *, loose: bool) -> str:
    return name.replace(" ", "") if loose else name
