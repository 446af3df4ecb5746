"""The list of students that HYPERPLANNING exports, onto a base: who is in which cohorts, groups and combined groups.

The file has no number of a student: who is who is told by name, first name, e-mail and date of birth.
"""

import re
from collections import Counter
from collections.abc import Iterable
from typing import Any, Final

import msgspec

from hpserver.base.model import MAX_NAME
from hpserver.base.planning import Planning
from hpserver.imports.cell_values import CellError, date_of
from hpserver.imports.draft import one_line
from hpserver.imports.pending import Pending
from hpserver.imports.sheet_plan import Action, Column, Outcome, Remarks, SheetPlan
from hpserver.imports.spelling import fold
from hpserver.imports.students_of_groups import composed, partitioned
from hpserver.imports.table import Table, TableRow, refused

FIELDS: Final = {
    "nom": "name", "prenom": "first_name", "adresse e-mail": "email", "ne(e) le": "born_on", "sexe": "sex",
    "promotions": "cohorts", "td": "groups", "regroupements": "combined", "options": "electives",
    "famille": "categories",
}  # fmt: skip
"""Titles as HYPERPLANNING writes them, without case and accents."""
CATEGORY: Final = "Famille"
"""Category, as seen on screen, of the values that a file names without theirs."""
PARTITION: Final = "TD"

_IN_COHORT: Final = re.compile(r"<\s*(.+?)\s*>\s*(.+)", re.DOTALL)
_BETWEEN_GROUPS: Final = re.compile(r",\s*(?=<)")
_BRACKETED: Final = re.compile(r"\[\s*(.*?)\s*\](?=\s*,|\s*$)", re.DOTALL)


class _Student(msgspec.Struct):
    """One row, read."""

    row: TableRow
    fields: dict[str, Any]
    belongs: dict[str, list[tuple[str, int]]]
    categories: list[int]
    key: int | None = None
    action: Action = "skip"
    why: str = ""


def is_students(table: Table) -> bool:
    """Say whether a table has the titles of the list of students of HYPERPLANNING."""
    titles = {fold(title) for title in table.titles()}
    return {"nom", "prenom", "promotions"} <= titles and bool({"td", "regroupements"} & titles)


def plan_students(table: Table, planning: Planning) -> SheetPlan:
    """Return what the list changes: students made or completed, what they belong to made when it is missing.

    A student who is there already keeps every membership; a row that could be several students is left out.
    Raises ImportRefusedError, with line and column, when the table is no list of students.
    """
    return _Students(table, planning).plan()


class _Students:
    def __init__(self, table: Table, planning: Planning) -> None:
        self._table, self._pending, self._remarks = table, Pending(planning), Remarks()
        self._columns = self._read_titles()
        self._at = {column.field: column.number - 1 for column in self._columns if column.field}
        self._claimed: dict[int, int] = {}
        self._new_groups: set[int] = set()
        self._new_combined: set[int] = set()
        self._memberships = self._known_memberships()

    def plan(self) -> SheetPlan:
        students = [self._read(row) for row in self._table.rows[1:]]
        good = [one for one in students if not self._remarks.is_wrong(one.row.line)]
        for one in good:
            self._claim_by_email(one)
        for one in good:
            if one.key is None:
                self._claim_by_name(one)
        for one in good:
            if one.key is not None:
                self._belong(one)
        self._complete_groups([one for one in good if one.key is not None])
        made = (("membership", key) for key in self._pending.keys("membership"))
        self._pending.keep_only((*(("student", key) for key in self._claimed), *made))
        outcomes = tuple(Outcome(one.row.line, one.action, _label(one.fields), one.why) for one in students)
        return SheetPlan(
            "hyperplanning students", "student", self._columns, outcomes, tuple(self._remarks.list),
            self._pending.changes(), self._pending.counts(), self._pending.updated(), self._remarks.unlisted,
        )  # fmt: skip

    # --- reading --------------------------------------------------------------------------------------------

    def _read_titles(self) -> tuple[Column, ...]:
        columns = tuple(
            Column(number, title, FIELDS.get(fold(title), "")) for number, title in enumerate(self._table.titles(), 1)
        )
        fields = Counter(column.field for column in columns if column.field)
        if not {"name", "first_name", "cohorts"} <= fields.keys():
            raise refused("this list of students lacks one of the titles Nom, Prénom, Promotions", 1, 1)
        for column in columns:
            if fields[column.field] > 1:
                raise refused(f"the title {column.title!r} is there twice", 1, column.number)
            if not column.field and column.title:
                self._remarks.note(1, column.number, "column left out", column.title)
        return columns

    def _read(self, row: TableRow) -> _Student:
        fields = {name: self._text(row, name) for name in ("name", "first_name", "email", "sex")}
        fields["born_on"] = self._birth(row)
        if not fields["name"]:
            self._remarks.wrong(row.line, self._column("name"), "a student needs a name")
        if len(row.cells) > len(self._columns):
            self._remarks.wrong(row.line, len(self._columns) + 1, "more cells than titles", row.cells[-1])
        student = _Student(row, fields, {"cohort": [], "group": [], "combined_group": []}, [])
        if not self._remarks.is_wrong(row.line):
            self._read_belonging(student)
        else:
            student.why = "wrong"
        return student

    def _text(self, row: TableRow, field: str) -> str:
        text = one_line(self._cell(row, field))
        if len(text) > (64 if field == "sex" else MAX_NAME):
            self._remarks.wrong(row.line, self._column(field), "this text is too long", text)
        return text

    def _birth(self, row: TableRow) -> str:
        text = self._cell(row, "born_on")
        try:
            return date_of(text) if text else ""
        except CellError as error:
            self._remarks.wrong(row.line, self._column("born_on"), str(error), text)
            return ""

    def _read_belonging(self, student: _Student) -> None:
        row, belongs = student.row, student.belongs
        cohorts = _listed(self._cell(row, "cohorts"))
        belongs["cohort"] = [self._named("cohort", name, row, "cohorts") for name in cohorts]
        groups = [("groups", part) for part in _BETWEEN_GROUPS.split(self._cell(row, "groups"))]
        groups += [("electives", part) for part in _BETWEEN_GROUPS.split(self._cell(row, "electives"))]
        for field, part in groups:
            for cohort, name in self._groups(part, cohorts, row, field):
                belongs["group"].append(self._group(cohort, name, row, field))
        combined = self._cell(row, "combined")
        names = _BRACKETED.findall(combined) if "[" in combined else _listed(combined)
        belongs["combined_group"] = [self._named("combined_group", name, row, "combined") for name in names if name]
        student.categories = [self._category(text, row) for text in _listed(self._cell(row, "categories"))]

    def _groups(self, part: str, cohorts: list[str], row: TableRow, field: str) -> Iterable[tuple[str, str]]:
        match = _IN_COHORT.fullmatch(part.strip())
        if match is not None:
            return [(one_line(match[1]), one_line(match[2]))]
        names = _listed(part)
        if names and len(cohorts) != 1:
            self._remarks.wrong(row.line, self._column(field), "a group without its cohort", part)
            return []
        return [(cohorts[0], name) for name in names]

    # --- who is meant ---------------------------------------------------------------------------------------

    def _named(self, kind: str, name: str, row: TableRow, field: str) -> tuple[str, int]:
        return kind, self._object(kind, name, row, field, {"name": name[:MAX_NAME]})

    def _group(self, cohort: str, name: str, row: TableRow, field: str) -> tuple[str, int]:
        home = self._object("cohort", cohort, row, field, {"name": cohort[:MAX_NAME]})
        elective = field == "electives"
        fields = {"cohort": home, "name": name[:MAX_NAME], "elective": elective, "partition": name if elective else ""}
        return "group", self._object("group", name, row, field, fields, home)

    def _object(
        self, kind: str, name: str, row: TableRow, field: str, fields: dict[str, Any], cohort: int | None = None
    ) -> int:
        found = self._pending.find(kind, name, cohort)
        if len(found.keys) > 1:
            self._remarks.note(
                row.line, self._column(field), f"several {kind} have this name: the first is taken", name
            )
        if found.keys:
            return found.keys[0]
        if found.near:
            detail = f"{name}: {', '.join(found.near)}"
            self._remarks.note(row.line, self._column(field), f"a new {kind} whose name is near another", detail)
        key = self._pending.create(kind, **fields)
        if kind == "group" and not fields["elective"]:
            self._new_groups.add(key)
        if kind == "combined_group":
            self._new_combined.add(key)
        return key

    def _category(self, text: str, row: TableRow) -> int:
        category, colon, value = (part.strip() for part in text.partition(":"))
        if not colon:
            category, value = CATEGORY, category
        home = self._object("category", category, row, "categories", {"name": category, "kinds": ("student",)})
        for key in self._pending.keys("category_value"):
            fields = self._pending.fields("category_value", key)
            if fields["category"] == home and fold(fields["name"]) == fold(value):
                return key
        return self._pending.create("category_value", category=home, name=value or "?")

    def _homonyms(self, one: _Student) -> list[int]:
        name = f"{one.fields['first_name']} {one.fields['name']}".strip()
        return [
            key
            for key in self._pending.find("student", name).keys
            if fold(self._pending.fields("student", key)["name"]) == fold(one.fields["name"])
        ]

    def _claim_by_email(self, one: _Student) -> None:
        email = fold(one.fields["email"])
        keys = [key for key in self._homonyms(one) if email and fold(self._value(key, "email")) == email]
        if len(keys) == 1 and keys[0] not in self._claimed:
            self._claim(one, keys[0])

    def _claim_by_name(self, one: _Student) -> None:
        homonyms = self._homonyms(one)
        taken = next((self._claimed[key] for key in homonyms if key in self._claimed and self._is_same(one, key)), None)
        free = [key for key in homonyms if key not in self._claimed and not self._differs(one, key)]
        if taken is not None:
            one.why = f"the same student as on line {taken}"
            self._remarks.note(one.row.line, 0, "the same student twice", _label(one.fields))
        elif len(free) > 1:
            one.why = "several students have this name"
            self._remarks.wrong(one.row.line, self._column("name"), one.why, _label(one.fields))
        elif free:
            self._claim(one, free[0])
        else:
            if homonyms:
                self._remarks.note(one.row.line, 0, "another student of the same name is made", _label(one.fields))
            values = {name: value for name, value in one.fields.items() if value}
            one.key = self._pending.create("student", **values)
            one.action = "create"
            self._claimed[one.key] = one.row.line

    def _claim(self, one: _Student, key: int) -> None:
        one.key, one.action = key, "same"
        self._claimed[key] = one.row.line
        values = {name: value for name, value in one.fields.items() if value}
        if self._pending.complete("student", key, **values):
            one.action = "update"

    def _is_same(self, one: _Student, key: int) -> bool:
        return all(fold(self._value(key, name)) == fold(one.fields[name]) for name in ("email", "born_on"))

    def _differs(self, one: _Student, key: int) -> bool:
        now = self._value(key, "born_on")
        return bool(now and one.fields["born_on"]) and now != one.fields["born_on"]

    def _value(self, key: int, name: str) -> str:
        return str(self._pending.fields("student", key).get(name, ""))

    # --- what they belong to --------------------------------------------------------------------------------

    def _known_memberships(self) -> dict[int, set[tuple[str, int]]]:
        found: dict[int, set[tuple[str, int]]] = {}
        for key in self._pending.keys("membership"):
            fields = self._pending.fields("membership", key)
            for kind, field in _MEMBERSHIP.items():
                if fields[field] is not None:
                    found.setdefault(fields["student"], set()).add((kind, fields[field]))
        return found

    def _belong(self, one: _Student) -> None:
        assert one.key is not None
        known = self._memberships.setdefault(one.key, set())
        wanted = dict.fromkeys(ident for idents in one.belongs.values() for ident in idents)
        left = known - wanted.keys()
        if left:
            names = ", ".join(sorted(self._pending.label(*ident) for ident in left))
            self._remarks.note(one.row.line, 0, "still belongs to what the list does not say", names)
        for kind, key in wanted:
            if (kind, key) not in known:
                self._pending.create("membership", **{"student": one.key, _MEMBERSHIP[kind]: key})
                one.action = "update" if one.action == "same" else one.action
        known.update(wanted)
        if one.categories:
            now = tuple(self._pending.fields("student", one.key).get("categories", ()))
            more = tuple(dict.fromkeys((*now, *one.categories)))
            if self._pending.complete("student", one.key, categories=more) and one.action == "same":
                one.action = "update"

    def _complete_groups(self, students: list[_Student]) -> None:
        """Say of new groups how many they have and who shares none, and of new combined groups what they combine."""
        members: dict[tuple[str, int], set[int]] = {}
        for student in students:
            assert student.key is not None
            for ident in self._memberships[student.key]:
                members.setdefault(ident, set()).add(student.key)
        for (kind, key), who in members.items():
            if key < 0 and kind in {"cohort", "group"}:
                self._pending.complete(kind, key, size=len(who))
        groups = {key: members.get(("group", key), set()) for key in self._pending.keys("group")}
        homes = {key: self._pending.fields("group", key)["cohort"] for key in groups}
        for key, number in partitioned(self._new_groups, groups, homes).items():
            self._pending.complete("group", key, partition=PARTITION if number == 1 else f"{PARTITION} {number}")
        for key in sorted(self._new_combined, reverse=True):
            parts = composed(members.get(("combined_group", key), set()), groups)
            if parts:
                self._pending.complete("combined_group", key, groups=parts)
            else:
                name = self._pending.label("combined_group", key)
                self._remarks.note(0, 0, "what a combined group is made of is not known", name)

    # --- cells ----------------------------------------------------------------------------------------------

    def _cell(self, row: TableRow, field: str) -> str:
        return row.at(self._at[field]) if field in self._at else ""

    def _column(self, field: str) -> int:
        return self._at.get(field, -1) + 1


_MEMBERSHIP: Final = {"cohort": "cohort", "group": "group", "combined_group": "combined"}
"""Field of a membership by the kind of what one belongs to."""


def _listed(text: str) -> list[str]:
    return [name for name in map(one_line, text.split(",")) if name]


def _label(fields: dict[str, Any]) -> str:
    return f"{fields['first_name']} {fields['name']}".strip()
