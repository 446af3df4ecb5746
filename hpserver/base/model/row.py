"""What every row is made of: bounds, typed values, labels. Knows no kind."""

from typing import Annotated, Any, ClassVar, Literal, TypeAlias

import msgspec
from msgspec import Meta

from hpserver.base.grid import DAYS_IN_WEEK, MAX_STEPS_PER_DAY
from hpserver.base.weeks import MAX_WEEKS, all_weeks

MAX_NAME = 200
"""Characters of a name: real exports stay under 120."""
MAX_CODE = 64
"""Characters of a code or an external id."""
MAX_MEMO = 2_000
"""Characters of a memo: a page; longer texts are documents."""
MAX_TEXT = 100_000
"""Characters of a document template: fifty pages."""
MAX_PEOPLE = 1_000_000
"""Size of a cohort, capacity of a room: beyond, a typing error."""
MAX_REFS = 64
"""Objects of one kind in one activity: real exports stay under 40."""
MAX_MANY = 2_000
"""Objects in a list that is not an activity's: a pool of rooms, a roll call, whom a constraint is about."""
MAX_KEY = 2**53 - 1
"""Keys stay exact in every JSON reader."""
MAX_MINUTES = 60_000
"""Minutes due in a year: a thousand hours, four times a full service."""
MAX_CENTS = 10_000_000
"""Hundredths of a currency or of a mark: beyond, a typing error."""
MAX_PENALTY = 10_000_000
"""Of a time or a room: the problems that are published stay under a thousand."""
MAX_PARAMETERS = 16
"""Parameters of a constraint; the richest rule has five."""

Domain: TypeAlias = Literal[
    "settings", "resources", "people", "timetable", "wishes", "requests", "exams", "surveys", "grading", "attendance",
    "internships",
]  # fmt: skip
"""What a kind belongs to: rights are given by domain, or kind by kind."""


Unit: TypeAlias = Literal["place", "steps", "week", "weeks"]
"""What a number counts in: it changes with the grid."""


Measure: TypeAlias = Literal["date", "minutes", "cents"]
"""What a value means beside the grid; its type says so."""


def _measured(measure: Measure) -> dict[str, Measure]:
    return {"measure": measure}


def field(fr: str, en: str, ref: str | None = None, *, unit: Unit | None = None) -> Meta:
    """Label a field; `ref` is the kind whose keys it holds, `unit` what of the grid its number means."""
    return Meta(extra={"fr": fr, "en": en, "ref": ref, "unit": unit})


# A negative reference is the placeholder of an object created in the same transaction; it never reaches a row.
Key: TypeAlias = Annotated[int, Meta(ge=-MAX_KEY, le=MAX_KEY)]
Keys: TypeAlias = Annotated[tuple[Key, ...], Meta(max_length=MAX_REFS)]
ManyKeys: TypeAlias = Annotated[tuple[Key, ...], Meta(max_length=MAX_MANY)]
Name: TypeAlias = Annotated[str, Meta(min_length=1, max_length=MAX_NAME)]
OptionalName: TypeAlias = Annotated[str, Meta(max_length=MAX_NAME)]
Code: TypeAlias = Annotated[str, Meta(max_length=MAX_CODE)]
Codes: TypeAlias = Annotated[tuple[Code, ...], Meta(max_length=MAX_REFS)]
Color: TypeAlias = Annotated[str, Meta(pattern="^(#[0-9a-f]{6})?$")]
Memo: TypeAlias = Annotated[str, Meta(max_length=MAX_MEMO, extra={"lines": True})]
Text: TypeAlias = Annotated[str, Meta(max_length=MAX_TEXT, extra={"lines": True})]
Day: TypeAlias = Annotated[str, Meta(pattern="^([0-9]{4}-[0-9]{2}-[0-9]{2})?$", extra=_measured("date"))]
"""A date as YYYY-MM-DD, or nothing."""
People: TypeAlias = Annotated[int, Meta(ge=0, le=MAX_PEOPLE)]
Minutes: TypeAlias = Annotated[int, Meta(ge=0, le=MAX_MINUTES, extra=_measured("minutes"))]
Cents: TypeAlias = Annotated[int, Meta(ge=0, le=MAX_CENTS, extra=_measured("cents"))]
Count: TypeAlias = Annotated[int, Meta(ge=0, le=MAX_MANY)]
Steps: TypeAlias = Annotated[int, Meta(ge=1, le=MAX_STEPS_PER_DAY)]
Week: TypeAlias = Annotated[int, Meta(ge=0, lt=MAX_WEEKS)]
"""Index of a week, from 0."""
Weekdays: TypeAlias = Annotated[int, Meta(ge=0, lt=1 << DAYS_IN_WEEK)]
"""A set of days, bit 0 = Monday."""
Weeks: TypeAlias = Annotated[int, Meta(ge=0, le=all_weeks(MAX_WEEKS))]
Place: TypeAlias = Annotated[int, Meta(ge=0, lt=DAYS_IN_WEEK * MAX_STEPS_PER_DAY)]
Penalty: TypeAlias = Annotated[int, Meta(ge=0, le=MAX_PENALTY)]
Parameter: TypeAlias = tuple[Code, Annotated[int, Meta(ge=-MAX_KEY, le=MAX_KEY)]]
Parameters: TypeAlias = Annotated[tuple[Parameter, ...], Meta(max_length=MAX_PARAMETERS)]
"""Names and values."""


class Row(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One object of a base, without its key. Fields are only ever appended, with a default."""

    fr: ClassVar[str] = ""
    en: ClassVar[str] = ""
    domain: ClassVar[Domain] = "resources"
    """What one must have a right to, to read or change it."""
    one_of: ClassVar[tuple[str, ...]] = ()
    """Reference fields of which exactly one is given: whom or what the row is about."""
    part_of: ClassVar[tuple[str, ...]] = ()
    """Reference fields whose object takes the row with it when it is deleted; others keep it from being deleted."""


def values_of(row: Row) -> dict[str, Any]:
    """Return a row's fields by name."""
    return {name: getattr(row, name) for name in row.__struct_fields__}
