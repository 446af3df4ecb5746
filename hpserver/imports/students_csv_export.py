"""The students of a base as the list that HYPERPLANNING exports. Reads a planning only."""

from collections.abc import Iterator
from typing import Final, cast

from hpserver.base.model import Category, CategoryValue, Cohort, CombinedGroup, Group, Membership, Student
from hpserver.base.planning import Planning
from hpserver.imports.result import Exported
from hpserver.imports.table_text import write_csv

TITLES: Final = (
    "Nom", "Prénom", "Adresse e-mail", "Né(e) le", "Sexe", "Promotions", "TD", "Regroupements", "Options", "Famille",
)  # fmt: skip
FILE: Final = "students.csv"


def write_students(planning: Planning, separator: str = ",") -> Exported:
    """Return the list of students; the weeks of memberships, phones and numbers are not in it, and are counted."""
    left = {"membership with weeks": 0, "student with a number": 0, "student with a phone": 0}
    for membership in planning.rows("membership").values():
        left["membership with weeks"] += cast(Membership, membership).weeks is not None
    for row in planning.rows("student").values():
        student = cast(Student, row)
        left["student with a number"] += bool(student.code)
        left["student with a phone"] += bool(student.phone)
    rows = [TITLES, *_rows(planning)]
    return Exported({FILE: write_csv(rows, separator)}, {what: count for what, count in left.items() if count})


def _rows(planning: Planning) -> Iterator[tuple[str, ...]]:
    belonging: dict[int, list[Membership]] = {}
    for _, row in sorted(planning.rows("membership").items()):
        membership = cast(Membership, row)
        belonging.setdefault(membership.student, []).append(membership)
    for key, row in sorted(planning.rows("student").items()):
        student = cast(Student, row)
        own = belonging.get(key, [])
        born = "/".join(reversed(student.born_on.split("-")))
        yield (
            student.name, student.first_name, student.email, born, student.sex,
            ", ".join(cast(Cohort, planning.get("cohort", one.cohort)).name for one in own if one.cohort is not None),
            ", ".join(_groups(planning, own, elective=False)),
            " ,  ".join(
                f"[ {cast(CombinedGroup, planning.get('combined_group', one.combined)).name}]"
                for one in own
                if one.combined is not None
            ),
            ", ".join(_groups(planning, own, elective=True)),
            ", ".join(_category(planning, value) for value in student.categories),
        )  # fmt: skip


def _groups(planning: Planning, own: list[Membership], *, elective: bool) -> Iterator[str]:
    for one in own:
        if one.group is not None:
            group = cast(Group, planning.get("group", one.group))
            if group.elective == elective:
                yield f"< {cast(Cohort, planning.get('cohort', group.cohort)).name} > {group.name}"


def _category(planning: Planning, key: int) -> str:
    value = cast(CategoryValue, planning.get("category_value", key))
    return f"{cast(Category, planning.get('category', value.category)).name} : {value.name}"
