"""The figures of a planning in service, in the groups and order of the screens. Knows no process."""

from collections.abc import Mapping
from typing import Final

import msgspec


class Figure(msgspec.Struct, frozen=True):
    """How many objects of a kind there are: its name, and what it is called in French and English."""

    kind: str
    fr: str
    en: str


class Group(msgspec.Struct, frozen=True):
    """Figures that are shown together."""

    fr: str
    en: str
    figures: tuple[Figure, ...]


GROUPS: Final = (
    Group(
        "Ressources",
        "Resources",
        (
            Figure("subject", "Matières", "Subjects"),
            Figure("instructor", "Enseignants", "Instructors"),
            Figure("cohort", "Promotions", "Cohorts"),
            Figure("group", "TD et options", "Groups"),
            Figure("student", "Étudiants", "Students"),
            Figure("room", "Salles", "Rooms"),
        ),
    ),
    Group(
        "Emploi du temps et enseignements",
        "Timetable and teaching",
        (
            Figure("activity", "Cours", "Activities"),
            Figure("booking_request", "Demandes de réservation", "Booking requests"),
            Figure("oral_exam", "Oraux", "Oral exams"),
            Figure("teaching_assignment", "Services d'enseignement", "Teaching assignments"),
            Figure("course_survey", "Évaluations des cours", "Course surveys"),
        ),
    ),
    Group(
        "Notation, assiduité, stages",
        "Grading, attendance, internships",
        (
            Figure("assessment", "Devoirs", "Assessments"),
            Figure("absence", "Absences", "Absences"),
            Figure("lateness", "Retards", "Lateness"),
            Figure("internship", "Stages", "Internships"),
            Figure("company", "Entreprises", "Companies"),
            Figure("comment", "Appréciations", "Comments"),
        ),
    ),
)
"""What a planning shows of its base while it is in service, as people know it."""


def figures(counters: Mapping[str, int], *, french: bool) -> list[tuple[str, list[tuple[str, int]]]]:
    """Return the figures that a planning server counts, in their groups; nothing when it counts no object."""
    if not any(one.kind in counters for group in GROUPS for one in group.figures):
        return []
    return [
        (
            group.fr if french else group.en,
            [(one.fr if french else one.en, counters.get(one.kind, 0)) for one in group.figures],
        )
        for group in GROUPS
    ]
