"""What is taught, when and under which rules: activities and meetings, curricula, wishes, constraints, requests."""

from typing import Annotated, ClassVar, Literal

from hpserver.base.model.row import (
    Code,
    Domain,
    Key,
    Keys,
    ManyKeys,
    Memo,
    Minutes,
    Name,
    OptionalName,
    Parameters,
    Penalty,
    People,
    Place,
    Row,
    Steps,
    Weekdays,
    Weeks,
    field,
)

WEEKS_PER_ACTIVITY = 64
"""Meeting key = activity key * 64 + week index: a shift, and room for the 62 weeks."""


class Curriculum(Row, frozen=True, array_like=True, gc=False):
    """What the students of a cohort are to be taught."""

    fr: ClassVar[str] = "Cursus"
    en: ClassVar[str] = "Curriculum"

    name: Annotated[Name, field("Nom", "Name")]
    cohort: Annotated[Key | None, field("Promotion", "Cohort", "cohort")] = None


class CurriculumItem(Row, frozen=True, array_like=True, gc=False):
    """How long one subject is taught in a curriculum, in which way, as part of which module."""

    fr: ClassVar[str] = "Ligne de cursus"
    en: ClassVar[str] = "Curriculum item"
    part_of: ClassVar[tuple[str, ...]] = ("curriculum",)

    curriculum: Annotated[Key, field("Cursus", "Curriculum", "curriculum")]
    subject: Annotated[Key, field("Matière", "Subject", "subject")]
    instructional_type: Annotated[Key | None, field("Type", "Type", "instructional_type")] = None
    module: Annotated[OptionalName, field("Module", "Module")] = ""
    minutes: Annotated[Minutes, field("Minutes", "Minutes")] = 0


class TeachingAssignment(Row, frozen=True, array_like=True, gc=False):
    """What an instructor is to teach, to whom, and how long."""

    fr: ClassVar[str] = "Service d'enseignement"
    en: ClassVar[str] = "Teaching assignment"

    instructor: Annotated[Key, field("Enseignant", "Instructor", "instructor")]
    subject: Annotated[Key, field("Matière", "Subject", "subject")]
    instructional_type: Annotated[Key | None, field("Type", "Type", "instructional_type")] = None
    cohorts: Annotated[Keys, field("Promotions", "Cohorts", "cohort")] = ()
    groups: Annotated[Keys, field("TD et options", "Groups", "group")] = ()
    minutes: Annotated[Minutes, field("Minutes", "Minutes")] = 0


class Series(Row, frozen=True, array_like=True, gc=False):
    """Activities that are one course of several meetings a week, for the same students: a class of a university.

    Who takes the subject takes a series of each `subpart` of one `configuration`, and the `parent` of it.
    """

    fr: ClassVar[str] = "Série"
    en: ClassVar[str] = "Series"
    domain: ClassVar[Domain] = "timetable"

    name: Annotated[Name, field("Nom", "Name")]
    subject: Annotated[Key | None, field("Matière", "Subject", "subject")] = None
    configuration: Annotated[OptionalName, field("Formule", "Configuration")] = ""
    subpart: Annotated[OptionalName, field("Volet", "Subpart")] = ""
    parent: Annotated[Key | None, field("Série parente", "Parent series", "series")] = None
    combined: Annotated[Key | None, field("Regroupement", "Combined group", "combined_group")] = None
    limit: Annotated[People | None, field("Effectif maximal", "Most students")] = None
    needs_room: Annotated[bool, field("Avec salle", "Needs a room")] = True
    code: Annotated[Code, field("Code", "Code")] = ""


class Activity(Row, frozen=True, array_like=True, gc=False):
    """A subject taught to somebody by somebody somewhere, `duration` steps long, in a set of weeks.

    `place` is None until it is placed. `locked` says that automatic placement leaves it where it is. `forced` are
    the weeks in which it was put where it clashes or breaks a hard rule, knowingly. With a `pool`, a room of it is
    still to be chosen.
    """

    fr: ClassVar[str] = "Cours"
    en: ClassVar[str] = "Activity"
    domain: ClassVar[Domain] = "timetable"

    subject: Annotated[Key | None, field("Matière", "Subject", "subject")] = None
    instructional_type: Annotated[Key | None, field("Type", "Type", "instructional_type")] = None
    duration: Annotated[Steps, field("Durée", "Duration", unit="steps")] = 1
    weeks: Annotated[Weeks, field("Semaines", "Weeks", unit="weeks")] = 0
    place: Annotated[Place | None, field("Place", "Place", unit="place")] = None
    instructors: Annotated[Keys, field("Enseignants", "Instructors", "instructor")] = ()
    cohorts: Annotated[Keys, field("Promotions", "Cohorts", "cohort")] = ()
    groups: Annotated[Keys, field("TD et options", "Groups", "group")] = ()
    rooms: Annotated[Keys, field("Salles", "Rooms", "room")] = ()
    locked: Annotated[bool, field("Verrouillé", "Locked")] = False
    memo: Annotated[Memo, field("Mémo", "Memo")] = ""
    code: Annotated[Code, field("Identifiant externe", "External id")] = ""
    combined: Annotated[Keys, field("Regroupements", "Combined groups", "combined_group")] = ()
    pool: Annotated[Key | None, field("Groupe de salles", "Room pool", "room_pool")] = None
    forced: Annotated[Weeks, field("Semaines forcées", "Forced weeks", unit="weeks")] = 0
    categories: Annotated[Keys, field("Rubriques", "Category values", "category_value")] = ()
    students: Annotated[People, field("Effectif attendu", "Expected students")] = 0
    series: Annotated[Key | None, field("Série", "Series", "series")] = None


class Meeting(Row, frozen=True, array_like=True, gc=False):
    """What differs from the activity in one of its weeks; None means as the activity."""

    fr: ClassVar[str] = "Séance"
    en: ClassVar[str] = "Meeting"
    domain: ClassVar[Domain] = "timetable"

    cancelled: Annotated[bool, field("Annulée", "Cancelled")] = False
    place: Annotated[Place | None, field("Place", "Place", unit="place")] = None
    instructors: Annotated[Keys | None, field("Enseignants", "Instructors", "instructor")] = None
    rooms: Annotated[Keys | None, field("Salles", "Rooms", "room")] = None
    memo: Annotated[Memo, field("Mémo", "Memo")] = ""
    locked: Annotated[bool, field("Verrouillée", "Locked")] = False


class Availability(Row, frozen=True, array_like=True, gc=False):
    """When a resource cannot be taken, or would rather (not) be: `steps` from `place`, in a set of weeks."""

    fr: ClassVar[str] = "Indisponibilité ou vœu"
    en: ClassVar[str] = "Availability"
    domain: ClassVar[Domain] = "wishes"
    one_of: ClassVar[tuple[str, ...]] = ("instructor", "cohort", "group", "room", "subject")
    part_of: ClassVar[tuple[str, ...]] = one_of

    level: Annotated[Literal["impossible", "unwanted", "wanted"], field("Niveau", "Level")]
    place: Annotated[Place, field("Place", "Place", unit="place")]
    steps: Annotated[Steps, field("Durée", "Duration", unit="steps")] = 1
    weeks: Annotated[Weeks, field("Semaines", "Weeks", unit="weeks")] = 0
    instructor: Annotated[Key | None, field("Enseignant", "Instructor", "instructor")] = None
    cohort: Annotated[Key | None, field("Promotion", "Cohort", "cohort")] = None
    group: Annotated[Key | None, field("TD ou option", "Group", "group")] = None
    room: Annotated[Key | None, field("Salle", "Room", "room")] = None
    subject: Annotated[Key | None, field("Matière", "Subject", "subject")] = None
    memo: Annotated[Memo, field("Mémo", "Memo")] = ""


class PossibleTime(Row, frozen=True, array_like=True, gc=False):
    """A time that an activity or a series may have, and what it costs: with any, no other time is possible.

    It is `steps` long from `place`, in these weeks (0: whatever weeks); on all of `days` (bit 0 is Monday) at the same
    hour too.
    """

    fr: ClassVar[str] = "Horaire possible"
    en: ClassVar[str] = "Possible time"
    domain: ClassVar[Domain] = "wishes"
    one_of: ClassVar[tuple[str, ...]] = ("activity", "series")
    part_of: ClassVar[tuple[str, ...]] = one_of

    place: Annotated[Place, field("Place", "Place", unit="place")]
    steps: Annotated[Steps, field("Durée", "Duration", unit="steps")] = 1
    weeks: Annotated[Weeks, field("Semaines", "Weeks", unit="weeks")] = 0
    days: Annotated[Weekdays, field("Jours", "Days")] = 0
    penalty: Annotated[Penalty, field("Pénalité", "Penalty")] = 0
    activity: Annotated[Key | None, field("Cours", "Activity", "activity")] = None
    series: Annotated[Key | None, field("Série", "Series", "series")] = None


class PossibleRoom(Row, frozen=True, array_like=True, gc=False):
    """A room that an activity or a series may be in, and what it costs: with any, no other room is possible."""

    fr: ClassVar[str] = "Salle possible"
    en: ClassVar[str] = "Possible room"
    domain: ClassVar[Domain] = "wishes"
    one_of: ClassVar[tuple[str, ...]] = ("activity", "series")
    part_of: ClassVar[tuple[str, ...]] = ("room", *one_of)

    room: Annotated[Key, field("Salle", "Room", "room")]
    penalty: Annotated[Penalty, field("Pénalité", "Penalty")] = 0
    activity: Annotated[Key | None, field("Cours", "Activity", "activity")] = None
    series: Annotated[Key | None, field("Série", "Series", "series")] = None


class Criterion(Row, frozen=True, array_like=True, gc=False):
    """What one point of a part of the cost weighs against the others, where a formulation asks for it."""

    fr: ClassVar[str] = "Critère"
    en: ClassVar[str] = "Criterion"
    domain: ClassVar[Domain] = "settings"

    part: Annotated[Literal["time", "room", "distribution", "student"], field("Part du coût", "Part of the cost")]
    weight: Annotated[Penalty, field("Poids", "Weight")] = 0


class Constraint(Row, frozen=True, array_like=True, gc=False):
    """One of the rules in `base/rules`, with its parameters, over the objects it is about.

    A hard one keeps an edit from being done unless it is forced; a soft one costs `weight` times its breaches.
    """

    fr: ClassVar[str] = "Contrainte"
    en: ClassVar[str] = "Constraint"
    domain: ClassVar[Domain] = "wishes"

    rule: Annotated[Code, field("Règle", "Rule")]
    hard: Annotated[bool, field("Obligatoire", "Hard")] = True
    weight: Annotated[int, field("Poids", "Weight")] = 1
    parameters: Annotated[Parameters, field("Paramètres", "Parameters")] = ()
    weeks: Annotated[Weeks | None, field("Semaines", "Weeks", unit="weeks")] = None
    subjects: Annotated[ManyKeys, field("Matières", "Subjects", "subject")] = ()
    instructors: Annotated[ManyKeys, field("Enseignants", "Instructors", "instructor")] = ()
    cohorts: Annotated[ManyKeys, field("Promotions", "Cohorts", "cohort")] = ()
    groups: Annotated[ManyKeys, field("TD et options", "Groups", "group")] = ()
    rooms: Annotated[ManyKeys, field("Salles", "Rooms", "room")] = ()
    activities: Annotated[ManyKeys, field("Cours", "Activities", "activity")] = ()
    memo: Annotated[Memo, field("Mémo", "Memo")] = ""
    series: Annotated[ManyKeys, field("Séries", "Series", "series")] = ()


class BookingRequest(Row, frozen=True, array_like=True, gc=False):
    """A wish for a room, until somebody answers it."""

    fr: ClassVar[str] = "Demande de réservation"
    en: ClassVar[str] = "Booking request"
    domain: ClassVar[Domain] = "requests"

    asked_by: Annotated[OptionalName, field("Demandeur", "Asked by")]
    status: Annotated[Literal["pending", "validated", "refused", "reassigned"], field("État", "Status")] = "pending"
    activity: Annotated[Key | None, field("Cours", "Activity", "activity")] = None
    rooms: Annotated[Keys, field("Salles demandées", "Rooms asked for", "room")] = ()
    pool: Annotated[Key | None, field("Groupe de salles demandé", "Pool asked for", "room_pool")] = None
    place: Annotated[Place | None, field("Place", "Place", unit="place")] = None
    steps: Annotated[Steps, field("Durée", "Duration", unit="steps")] = 1
    weeks: Annotated[Weeks, field("Semaines", "Weeks", unit="weeks")] = 0
    given: Annotated[Keys, field("Salles attribuées", "Rooms given", "room")] = ()
    comment: Annotated[Memo, field("Commentaire", "Comment")] = ""
    answer: Annotated[Memo, field("Réponse", "Answer")] = ""


def meeting_key(activity: int, week: int) -> int:
    """Return the key of an activity's meeting in a week (index from 0); a placeholder gives a placeholder."""
    return activity * WEEKS_PER_ACTIVITY + week


def activity_and_week(meeting: int) -> tuple[int, int]:
    """Return the activity and the week index of a meeting's key."""
    return divmod(meeting, WEEKS_PER_ACTIVITY)
