"""Names in cells to keys: found, made when nothing is like them, held back when something is. Reads no whole row."""

import re
from typing import Any, Final, Literal, TypeAlias

from hpserver.base.model import MAX_NAME
from hpserver.base.registry import KINDS
from hpserver.imports.draft import one_line
from hpserver.imports.pending import Pending
from hpserver.imports.sheet_plan import Remarks
from hpserver.imports.spelling import fold

Similar: TypeAlias = Literal["ask", "create", "match"]
"""What to do with a name that is near one that is there: hold its row back, make a new object, take the one."""

MADE_BY_NAME: Final = frozenset(
    {
        *("subject", "instructor", "cohort", "combined_group", "room", "room_pool", "site", "instructional_type"),
        *("staff", "company", "reason", "category"),
    }
)
"""Kinds of which a name in a cell makes a new object when there is none."""

_IN_COHORT: Final = re.compile(r"<\s*([^<>]+?)\s*>\s*(.+)", re.DOTALL)
_BETWEEN: Final = re.compile(r"\s*[;,]\s*")


class Cell:
    """Where a name stands, for remarks."""

    __slots__ = ("column", "line")

    def __init__(self, line: int, column: int) -> None:
        self.line, self.column = line, column


class Names:
    """Finds or makes what cells name; what speaks against is a remark on the cell."""

    def __init__(self, pending: Pending, remarks: Remarks, similar: Similar) -> None:
        self._pending, self._remarks, self._similar = pending, remarks, similar

    def many(self, kind: str, text: str, cell: Cell, cohorts: tuple[int, ...] = ()) -> tuple[int, ...]:
        """Return the keys of a list of names, separated by commas or semicolons; a name that has one comes first."""
        whole = one_line(text)
        names = [whole] if self._pending.find(kind, whole).keys else [one for one in _BETWEEN.split(whole) if one]
        keys = (self.maybe_one(kind, name, cell, cohorts) for name in names)
        return tuple(dict.fromkeys(key for key in keys if key is not None))

    def maybe_one(self, kind: str, text: str, cell: Cell, cohorts: tuple[int, ...] = ()) -> int | None:
        """Return the key of one name, or None with a remark that keeps the row out."""
        name = one_line(text)
        if kind == "group":
            return self._maybe_group(name, cell, cohorts)
        if kind == "category_value":
            return self._maybe_category_value(name, cell)
        if (
            kind in {"activity", "oral_exam"}
            and name.isdecimal()
            and int(name[:15]) in self._pending.planning.rows(kind)
        ):
            return int(name)
        return self._maybe_found(kind, name, cell, {"name": name[:MAX_NAME]} if kind in MADE_BY_NAME else None)

    def _maybe_found(
        self, kind: str, name: str, cell: Cell, fields: dict[str, Any] | None, cohort: int | None = None
    ) -> int | None:
        """Find it, or make it with these fields; None says that it cannot be made."""
        found = self._pending.find(kind, name, cohort)
        if len(found.keys) == 1:
            return found.keys[0]
        label = KINDS[kind].fr
        if found.keys:
            self._remarks.wrong(cell.line, cell.column, f"{label}: several have this name", name)
            return None
        if found.near and self._similar == "match":
            key = self._pending.find(kind, found.near[0], cohort).keys[0]
            self._remarks.note(cell.line, cell.column, "taken for the one with a near name", f"{name}: {found.near[0]}")
            return key
        if found.near and self._similar == "ask":
            self._remarks.wrong(
                cell.line, cell.column, f"{label}: not there, but near", f"{name}: {', '.join(found.near)}"
            )
            return None
        if fields is None:
            self._remarks.wrong(cell.line, cell.column, f"{label}: not there", name)
            return None
        if len(name) > MAX_NAME:
            self._remarks.wrong(cell.line, cell.column, f"{label}: more than {MAX_NAME} characters", name)
            return None
        return self._pending.create(kind, **(split_name(name) if kind in {"instructor", "staff"} else fields))

    def _maybe_group(self, name: str, cell: Cell, cohorts: tuple[int, ...]) -> int | None:
        match = _IN_COHORT.fullmatch(name)
        if match is None:
            homes = [cohort for cohort in cohorts if self._pending.find("group", name, cohort).keys]
            if len(homes) == 1:
                return self._maybe_found("group", name, cell, None, homes[0])
            if len(cohorts) == 1:
                return self._maybe_found("group", name, cell, _group(cohorts[0], name), cohorts[0])
            return self._maybe_found("group", name, cell, None)
        home = self.maybe_one("cohort", match[1], cell)
        if home is None:
            return None
        return self._maybe_found("group", match[2], cell, _group(home, match[2]), home)

    def _maybe_category_value(self, name: str, cell: Cell) -> int | None:
        category, colon, value = (part.strip() for part in name.partition(":"))
        home = self.maybe_one("category", category, cell) if colon else None
        if colon and home is None:
            return None
        wanted = fold(value if colon else category)
        found = [
            key
            for key in self._pending.keys("category_value")
            if fold((fields := self._pending.fields("category_value", key))["name"]) == wanted
            and home in {None, fields["category"]}
        ]
        if len(found) == 1:
            return found[0]
        if found or home is None or not value:
            self._remarks.wrong(cell.line, cell.column, "Rubrique: write it as Famille : Rubrique", name)
            return None
        return self._pending.create("category_value", category=home, name=value)


def split_name(text: str) -> dict[str, Any]:
    """Return a person's name and first name: words in capitals are the name, when there are others too."""
    words = text.split()
    capitals = [word for word in words if word.isupper() and len(word) > 1]
    others = [word for word in words if word not in capitals]
    if capitals and others:
        return {"name": " ".join(capitals), "first_name": " ".join(others)}
    return {"name": text}


def _group(cohort: int, name: str) -> dict[str, Any]:
    return {"cohort": cohort, "name": name[:MAX_NAME], "partition": name[:MAX_NAME]}
