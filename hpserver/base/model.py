"""The rows of a base. One declaration per field drives validation, references, labels and documentation.

Rows are encoded as arrays: a field is only ever appended, with a default. A new field is one line here.
"""

from typing import Annotated, Any, ClassVar, TypeAlias

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
MAX_PEOPLE = 1_000_000
"""Size of a cohort, capacity of a room: beyond, a typing error."""
MAX_REFS = 64
"""Objects of one kind in one activity: real exports stay under 40."""
MAX_GROUPS = 512
"""Groups of one cohort: each is compared with all the others; real cohorts stay under 100."""
MAX_KEY = 2**53 - 1
"""Keys stay exact in every JSON reader."""
WEEKS_PER_ACTIVITY = 64
"""Meeting key = activity key * 64 + week index: a shift, and room for the 62 weeks."""


def _field(fr: str, en: str, ref: str | None = None) -> Meta:
    return Meta(extra={"fr": fr, "en": en, "ref": ref})


# A negative reference is the placeholder of an object created in the same transaction; it never reaches a row.
Key: TypeAlias = Annotated[int, Meta(ge=-MAX_KEY, le=MAX_KEY)]
Keys: TypeAlias = Annotated[tuple[Key, ...], Meta(max_length=MAX_REFS)]
Name: TypeAlias = Annotated[str, Meta(min_length=1, max_length=MAX_NAME)]
OptionalName: TypeAlias = Annotated[str, Meta(max_length=MAX_NAME)]
Code: TypeAlias = Annotated[str, Meta(max_length=MAX_CODE)]
Color: TypeAlias = Annotated[str, Meta(pattern="^(#[0-9a-f]{6})?$")]
Memo: TypeAlias = Annotated[str, Meta(max_length=MAX_MEMO)]
People: TypeAlias = Annotated[int, Meta(ge=0, le=MAX_PEOPLE)]
Steps: TypeAlias = Annotated[int, Meta(ge=1, le=MAX_STEPS_PER_DAY)]
Weeks: TypeAlias = Annotated[int, Meta(ge=0, le=all_weeks(MAX_WEEKS))]
Place: TypeAlias = Annotated[int, Meta(ge=0, lt=DAYS_IN_WEEK * MAX_STEPS_PER_DAY)]


class Row(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One object of a base, without its key."""

    fr: ClassVar[str] = ""
    en: ClassVar[str] = ""


class Subject(Row, frozen=True, array_like=True, gc=False):
    """What is taught."""

    fr: ClassVar[str] = "Matière"
    en: ClassVar[str] = "Subject"

    name: Annotated[Name, _field("Nom", "Name")]
    code: Annotated[Code, _field("Code", "Code")] = ""
    color: Annotated[Color, _field("Couleur", "Colour")] = ""


class Instructor(Row, frozen=True, array_like=True, gc=False):
    """Who teaches."""

    fr: ClassVar[str] = "Enseignant"
    en: ClassVar[str] = "Instructor"

    name: Annotated[Name, _field("Nom", "Name")]
    first_name: Annotated[OptionalName, _field("Prénom", "First name")] = ""
    code: Annotated[Code, _field("Code", "Code")] = ""


class Cohort(Row, frozen=True, array_like=True, gc=False):
    """Students of one programme and year, all of them."""

    fr: ClassVar[str] = "Promotion"
    en: ClassVar[str] = "Cohort"

    name: Annotated[Name, _field("Nom", "Name")]
    size: Annotated[People, _field("Effectif", "Size")] = 0


class Group(Row, frozen=True, array_like=True, gc=False):
    """Some students of a cohort. Groups of one `partition` share none; of two, some, unless set `apart`."""

    fr: ClassVar[str] = "TD ou option"
    en: ClassVar[str] = "Group"

    cohort: Annotated[Key, _field("Promotion", "Cohort", "cohort")]
    name: Annotated[Name, _field("Nom", "Name")]
    partition: Annotated[OptionalName, _field("Partition", "Partition")] = ""
    size: Annotated[People, _field("Effectif", "Size")] = 0
    apart: Annotated[Keys, _field("Sans élève commun avec", "Shares no student with", "group")] = ()


class Room(Row, frozen=True, array_like=True, gc=False):
    """Where it is taught."""

    fr: ClassVar[str] = "Salle"
    en: ClassVar[str] = "Room"

    name: Annotated[Name, _field("Nom", "Name")]
    capacity: Annotated[People, _field("Capacité", "Capacity")] = 0
    site: Annotated[OptionalName, _field("Site", "Site")] = ""


class Activity(Row, frozen=True, array_like=True, gc=False):
    """A subject taught to somebody by somebody somewhere, `duration` steps long, in a set of weeks.

    `place` is None until it is placed. `locked` says that automatic placement leaves it where it is.
    """

    fr: ClassVar[str] = "Cours"
    en: ClassVar[str] = "Activity"

    subject: Annotated[Key | None, _field("Matière", "Subject", "subject")] = None
    instructional_type: Annotated[Code, _field("Type", "Type")] = ""
    duration: Annotated[Steps, _field("Durée", "Duration")] = 1
    weeks: Annotated[Weeks, _field("Semaines", "Weeks")] = 0
    place: Annotated[Place | None, _field("Place", "Place")] = None
    instructors: Annotated[Keys, _field("Enseignants", "Instructors", "instructor")] = ()
    cohorts: Annotated[Keys, _field("Promotions", "Cohorts", "cohort")] = ()
    groups: Annotated[Keys, _field("TD et options", "Groups", "group")] = ()
    rooms: Annotated[Keys, _field("Salles", "Rooms", "room")] = ()
    locked: Annotated[bool, _field("Verrouillé", "Locked")] = False
    memo: Annotated[Memo, _field("Mémo", "Memo")] = ""
    code: Annotated[Code, _field("Identifiant externe", "External id")] = ""


class Meeting(Row, frozen=True, array_like=True, gc=False):
    """What differs from the activity in one of its weeks; None means as the activity."""

    fr: ClassVar[str] = "Séance"
    en: ClassVar[str] = "Meeting"

    cancelled: Annotated[bool, _field("Annulée", "Cancelled")] = False
    place: Annotated[Place | None, _field("Place", "Place")] = None
    instructors: Annotated[Keys | None, _field("Enseignants", "Instructors", "instructor")] = None
    rooms: Annotated[Keys | None, _field("Salles", "Rooms", "room")] = None
    memo: Annotated[Memo, _field("Mémo", "Memo")] = ""


ROWS: tuple[type[Row], ...] = (Subject, Instructor, Cohort, Group, Room, Activity, Meeting)
"""Every kind, those that are referred to before those that refer."""


def meeting_key(activity: int, week: int) -> int:
    """Return the key of an activity's meeting in a week (index from 0); a placeholder gives a placeholder."""
    return activity * WEEKS_PER_ACTIVITY + week


def activity_and_week(meeting: int) -> tuple[int, int]:
    """Return the activity and the week index of a meeting's key."""
    return divmod(meeting, WEEKS_PER_ACTIVITY)


def values_of(row: Row) -> dict[str, Any]:
    """Return a row's fields by name."""
    return {name: getattr(row, name) for name in row.__struct_fields__}
