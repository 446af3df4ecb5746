"""What follows teaching: oral exams, surveys, grades, attendance, internships."""

from typing import Annotated, ClassVar, Literal

from hpserver.base.model.row import (
    Cents,
    Count,
    Day,
    Domain,
    Key,
    Keys,
    ManyKeys,
    Memo,
    Minutes,
    Name,
    OptionalName,
    Place,
    Row,
    Steps,
    Week,
    Weeks,
    field,
)


class OralExam(Row, frozen=True, array_like=True, gc=False):
    """An exam passed one student at a time; its panels say where and when, its turns in which order."""

    fr: ClassVar[str] = "Oral"
    en: ClassVar[str] = "Oral exam"
    domain: ClassVar[Domain] = "exams"

    name: Annotated[Name, field("Nom", "Name")]
    subject: Annotated[Key | None, field("Matière", "Subject", "subject")] = None
    turn: Annotated[Minutes, field("Passage (minutes)", "Minutes per student")] = 20
    pause: Annotated[Minutes, field("Battement (minutes)", "Minutes between two")] = 0


class OralPanel(Row, frozen=True, array_like=True, gc=False):
    """A jury of an oral exam: the activity it sits in has its instructors, room, place and week."""

    fr: ClassVar[str] = "Jury d'oral"
    en: ClassVar[str] = "Oral panel"
    domain: ClassVar[Domain] = "exams"
    part_of: ClassVar[tuple[str, ...]] = ("exam",)

    exam: Annotated[Key, field("Oral", "Exam", "oral_exam")]
    activity: Annotated[Key, field("Cours", "Activity", "activity")]


class OralTurn(Row, frozen=True, array_like=True, gc=False):
    """Who passes before a panel, and as which one (from 0)."""

    fr: ClassVar[str] = "Passage"
    en: ClassVar[str] = "Oral turn"
    domain: ClassVar[Domain] = "exams"
    part_of: ClassVar[tuple[str, ...]] = ("panel", "student")

    panel: Annotated[Key, field("Jury", "Panel", "oral_panel")]
    student: Annotated[Key, field("Étudiant", "Student", "student")]
    position: Annotated[Count, field("Ordre", "Position")] = 0


class CourseSurvey(Row, frozen=True, array_like=True, gc=False):
    """Questions to students about what they were taught."""

    fr: ClassVar[str] = "Évaluation des cours"
    en: ClassVar[str] = "Course survey"
    domain: ClassVar[Domain] = "surveys"

    name: Annotated[Name, field("Nom", "Name")]
    questions: Annotated[tuple[Memo, ...], field("Questions", "Questions")] = ()
    subject: Annotated[Key | None, field("Matière", "Subject", "subject")] = None
    cohorts: Annotated[Keys, field("Promotions", "Cohorts", "cohort")] = ()
    opens_on: Annotated[Day, field("Ouverture", "Opens on")] = ""
    closes_on: Annotated[Day, field("Clôture", "Closes on")] = ""


class SurveyAnswer(Row, frozen=True, array_like=True, gc=False):
    """One nameless answer: a mark per question, 0 for none, and a remark."""

    fr: ClassVar[str] = "Réponse à une évaluation"
    en: ClassVar[str] = "Survey answer"
    domain: ClassVar[Domain] = "surveys"
    part_of: ClassVar[tuple[str, ...]] = ("survey",)

    survey: Annotated[Key, field("Évaluation", "Survey", "course_survey")]
    marks: Annotated[tuple[Count, ...], field("Notes", "Marks")] = ()
    remark: Annotated[Memo, field("Remarque", "Remark")] = ""


class Gradebook(Row, frozen=True, array_like=True, gc=False):
    """Where the assessments of a subject for some students are kept."""

    fr: ClassVar[str] = "Service de notation"
    en: ClassVar[str] = "Gradebook"
    domain: ClassVar[Domain] = "grading"

    name: Annotated[Name, field("Nom", "Name")]
    subject: Annotated[Key | None, field("Matière", "Subject", "subject")] = None
    cohorts: Annotated[Keys, field("Promotions", "Cohorts", "cohort")] = ()
    groups: Annotated[Keys, field("TD et options", "Groups", "group")] = ()
    instructors: Annotated[Keys, field("Enseignants", "Instructors", "instructor")] = ()
    weight: Annotated[Cents, field("Coefficient (centièmes)", "Weight (hundredths)")] = 100


class Assessment(Row, frozen=True, array_like=True, gc=False):
    """Something that is marked, out of `out_of` hundredths."""

    fr: ClassVar[str] = "Devoir"
    en: ClassVar[str] = "Assessment"
    domain: ClassVar[Domain] = "grading"
    part_of: ClassVar[tuple[str, ...]] = ("gradebook",)

    gradebook: Annotated[Key, field("Service de notation", "Gradebook", "gradebook")]
    name: Annotated[Name, field("Nom", "Name")]
    on: Annotated[Day, field("Date", "Date")] = ""
    out_of: Annotated[Cents, field("Barème (centièmes)", "Out of (hundredths)")] = 2_000
    weight: Annotated[Cents, field("Coefficient (centièmes)", "Weight (hundredths)")] = 100
    published: Annotated[bool, field("Publié", "Published")] = False


class Grade(Row, frozen=True, array_like=True, gc=False):
    """What a student got, in hundredths, or why there is nothing."""

    fr: ClassVar[str] = "Note"
    en: ClassVar[str] = "Grade"
    domain: ClassVar[Domain] = "grading"
    part_of: ClassVar[tuple[str, ...]] = ("assessment", "student")

    assessment: Annotated[Key, field("Devoir", "Assessment", "assessment")]
    student: Annotated[Key, field("Étudiant", "Student", "student")]
    points: Annotated[Cents | None, field("Points (centièmes)", "Points (hundredths)")] = None
    instead: Annotated[Literal["", "absent", "exempt", "missing"], field("Au lieu d'une note", "Instead of a mark")] = (
        ""
    )
    remark: Annotated[Memo, field("Appréciation", "Remark")] = ""


class Reason(Row, frozen=True, array_like=True, gc=False):
    """Why somebody was not there, or late."""

    fr: ClassVar[str] = "Motif"
    en: ClassVar[str] = "Reason"
    domain: ClassVar[Domain] = "settings"

    name: Annotated[Name, field("Nom", "Name")]
    justifies: Annotated[bool, field("Recevable", "Justifies")] = False


class Absence(Row, frozen=True, array_like=True, gc=False):
    """When a student was not there: `steps` from `place` in a week."""

    fr: ClassVar[str] = "Absence"
    en: ClassVar[str] = "Absence"
    domain: ClassVar[Domain] = "attendance"
    part_of: ClassVar[tuple[str, ...]] = ("student",)

    student: Annotated[Key, field("Étudiant", "Student", "student")]
    week: Annotated[Week, field("Semaine", "Week", unit="week")]
    place: Annotated[Place, field("Place", "Place", unit="place")]
    steps: Annotated[Steps, field("Durée", "Duration", unit="steps")] = 1
    reason: Annotated[Key | None, field("Motif", "Reason", "reason")] = None
    justified: Annotated[bool, field("Justifiée", "Justified")] = False
    memo: Annotated[Memo, field("Mémo", "Memo")] = ""


class Lateness(Row, frozen=True, array_like=True, gc=False):
    """How late a student came to an activity in a week."""

    fr: ClassVar[str] = "Retard"
    en: ClassVar[str] = "Lateness"
    domain: ClassVar[Domain] = "attendance"
    part_of: ClassVar[tuple[str, ...]] = ("student",)

    student: Annotated[Key, field("Étudiant", "Student", "student")]
    activity: Annotated[Key, field("Cours", "Activity", "activity")]
    week: Annotated[Week, field("Semaine", "Week", unit="week")]
    minutes: Annotated[Minutes, field("Minutes", "Minutes")] = 0
    reason: Annotated[Key | None, field("Motif", "Reason", "reason")] = None
    justified: Annotated[bool, field("Justifié", "Justified")] = False


class Exemption(Row, frozen=True, array_like=True, gc=False):
    """What a student need not attend (None: anything), and when."""

    fr: ClassVar[str] = "Dispense"
    en: ClassVar[str] = "Exemption"
    domain: ClassVar[Domain] = "attendance"
    part_of: ClassVar[tuple[str, ...]] = ("student",)

    student: Annotated[Key, field("Étudiant", "Student", "student")]
    subject: Annotated[Key | None, field("Matière", "Subject", "subject")] = None
    weeks: Annotated[Weeks, field("Semaines", "Weeks", unit="weeks")] = 0
    reason: Annotated[Key | None, field("Motif", "Reason", "reason")] = None
    memo: Annotated[Memo, field("Mémo", "Memo")] = ""


class RollCall(Row, frozen=True, array_like=True, gc=False):
    """Who was not there when names were called. An activity with a roll call cannot be deleted."""

    fr: ClassVar[str] = "Appel"
    en: ClassVar[str] = "Roll call"
    domain: ClassVar[Domain] = "attendance"

    activity: Annotated[Key, field("Cours", "Activity", "activity")]
    week: Annotated[Week, field("Semaine", "Week", unit="week")]
    by: Annotated[OptionalName, field("Fait par", "Called by")] = ""
    done: Annotated[bool, field("Terminé", "Done")] = False
    absent: Annotated[ManyKeys, field("Absents", "Absent", "student")] = ()


class Company(Row, frozen=True, array_like=True, gc=False):
    """Where students are trained."""

    fr: ClassVar[str] = "Entreprise"
    en: ClassVar[str] = "Company"
    domain: ClassVar[Domain] = "internships"

    name: Annotated[Name, field("Nom", "Name")]
    address: Annotated[Memo, field("Adresse", "Address")] = ""
    email: Annotated[OptionalName, field("Adresse e-mail", "E-mail")] = ""
    phone: Annotated[OptionalName, field("Téléphone", "Phone")] = ""


class Internship(Row, frozen=True, array_like=True, gc=False):
    """A student in a company in a set of weeks."""

    fr: ClassVar[str] = "Stage"
    en: ClassVar[str] = "Internship"
    domain: ClassVar[Domain] = "internships"
    part_of: ClassVar[tuple[str, ...]] = ("student",)

    student: Annotated[Key, field("Étudiant", "Student", "student")]
    company: Annotated[Key | None, field("Entreprise", "Company", "company")] = None
    topic: Annotated[OptionalName, field("Sujet", "Topic")] = ""
    tutor: Annotated[Key | None, field("Enseignant référent", "Tutor", "instructor")] = None
    supervisor: Annotated[OptionalName, field("Maître de stage", "Supervisor")] = ""
    weeks: Annotated[Weeks, field("Semaines", "Weeks", unit="weeks")] = 0
