"""What rows of one kind must satisfy beside bounds, references and grid: one function per kind. Changes nothing."""

import datetime as dt
import re
from collections.abc import Callable, Collection, Mapping
from typing import Any, Final, NoReturn, TypeAlias, cast

from hpserver.base.model import (
    Category,
    CategoryValue,
    Constraint,
    CourseSurvey,
    CustomField,
    CustomValue,
    DocumentTemplate,
    Grade,
    Group,
    Row,
    TravelTime,
)
from hpserver.base.references import Ident, References, Tables
from hpserver.base.registry import KINDS
from hpserver.base.rules import check as check_rule
from hpserver.errors import InvalidChangeError

Check: TypeAlias = Callable[[Tables, References, int, Any, Collection[str]], None]
"""Takes rows as they are now, references from before the transaction, a row with its key, the fields that changed."""

CLASSIFYING: Final = {
    kind.name: name for kind in KINDS.values() for name, target in kind.refs.items() if target == "category_value"
}
"""Kinds that can be classified, and the field that does it."""

EXTENSIBLE: Final = KINDS["custom_value"].one_of
"""Kinds that may have custom fields."""

_NUMBER: Final = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,6})?")
"""A number as people type it, exact in every reader."""


def is_date(text: str) -> bool:
    """Say whether a text is a day of the calendar, written YYYY-MM-DD."""
    try:
        return dt.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def refuse(ident: Ident, field: str, why: str) -> NoReturn:
    """Raise InvalidChangeError about a field of an object."""
    kind, key = ident
    raise InvalidChangeError(f"{field} of {kind} {key}: {why}", kind=kind, key=key, field=field)


def check_categories(tables: Tables, ident: Ident, row: Row) -> None:
    """Check that the values that classify a row are of categories for its kind. Raises InvalidChangeError."""
    field = CLASSIFYING[ident[0]]
    for key in getattr(row, field):
        value = cast(CategoryValue, tables["category_value"][key])
        category = cast(Category, tables["category"][value.category])
        if category.kinds and ident[0] not in category.kinds:
            refuse(ident, field, f"the category {category.name!r} is not for this kind")


# --- settings -------------------------------------------------------------------------------------------------


def _category(tables: Tables, references: References, key: int, row: Category, names: Collection[str]) -> None:
    if "kinds" not in names:
        return
    unknown = set(row.kinds) - CLASSIFYING.keys()
    if unknown:
        refuse(("category", key), "kinds", f"{min(unknown)!r} cannot be classified")
    for value in references.users("category_value", "category", key):
        _check_classified(tables, references, value)


def _category_value(
    tables: Tables, references: References, key: int, _row: CategoryValue, names: Collection[str]
) -> None:
    if "category" in names:
        _check_classified(tables, references, key)


def _check_classified(tables: Tables, references: References, value: int) -> None:
    """Check again whatever a category value classifies."""
    for kind, key in references.referrers("category_value", value):
        row = tables[kind].get(key)
        if row is not None:
            check_categories(tables, (kind, key), row)


def _custom_field(tables: Tables, references: References, key: int, row: CustomField, names: Collection[str]) -> None:
    if row.kind not in EXTENSIBLE:
        refuse(("custom_field", key), "kind", f"{row.kind!r} has no custom fields")
    if "kind" in names or "type" in names:
        for user in references.users("custom_value", "custom_field", key):
            value = cast("CustomValue | None", tables["custom_value"].get(user))
            if value is not None:
                _custom_value(tables, references, user, value, names)


def _custom_value(tables: Tables, _references: References, key: int, row: CustomValue, _names: Collection[str]) -> None:
    field = cast(CustomField, tables["custom_field"][row.custom_field])
    if getattr(row, field.kind, None) is None:
        refuse(("custom_value", key), "custom_field", f"{field.name!r} is a field of the kind {field.kind}")
    if row.value and not _TYPES[field.type](row.value):
        refuse(("custom_value", key), "value", f"{row.value[:32]!r} is no {field.type}")


def _document_template(
    _tables: Tables, _references: References, key: int, row: DocumentTemplate, _names: Collection[str]
) -> None:
    if row.kind and row.kind not in KINDS:
        refuse(("document_template", key), "kind", f"there is no kind {row.kind!r}")


# --- resources, wishes, follow-up -----------------------------------------------------------------------------


def _travel_time(_tables: Tables, _references: References, key: int, row: TravelTime, _names: Collection[str]) -> None:
    if row.start == row.finish:
        refuse(("travel_time", key), "finish", "nobody travels from a site to itself")


def _group(tables: Tables, references: References, key: int, row: Group, names: Collection[str]) -> None:
    if "apart" in names or "cohort" in names:
        _check_apart(tables, key, row)
    if "cohort" in names:
        for user in references.users("group", "group", key):
            other = cast("Group | None", tables["group"].get(user))
            if other is not None:
                _check_apart(tables, user, other)


def _check_apart(tables: Tables, key: int, row: Group) -> None:
    for other in row.apart:
        if other == key:
            refuse(("group", key), "apart", "a group shares its students with itself")
        if cast(Group, tables["group"][other]).cohort != row.cohort:
            refuse(("group", key), "apart", f"group {other} is of another cohort")


def _constraint(_tables: Tables, _references: References, key: int, row: Constraint, _names: Collection[str]) -> None:
    check_rule(key, row)


def _course_survey(
    _tables: Tables, _references: References, key: int, row: CourseSurvey, _names: Collection[str]
) -> None:
    if row.opens_on and row.closes_on and row.closes_on < row.opens_on:
        refuse(("course_survey", key), "closes_on", "it closes before it opens")


def _grade(_tables: Tables, _references: References, key: int, row: Grade, _names: Collection[str]) -> None:
    if row.instead and row.points is not None:
        refuse(("grade", key), "instead", "there is a mark already")


_TYPES: Final[Mapping[str, Callable[[str], object]]] = {
    "text": lambda _text: True,
    "number": _NUMBER.fullmatch,
    "date": is_date,
    "truth": lambda text: text in {"true", "false"},
}

ROW_CHECKS: Final[Mapping[str, Check]] = {
    "category": _category,
    "category_value": _category_value,
    "constraint": _constraint,
    "course_survey": _course_survey,
    "custom_field": _custom_field,
    "custom_value": _custom_value,
    "document_template": _document_template,
    "grade": _grade,
    "group": _group,
    "travel_time": _travel_time,
}
"""What is checked of each kind that has rules of its own."""
