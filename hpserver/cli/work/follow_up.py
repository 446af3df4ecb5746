"""Booking requests answered, the running order of oral exams, averages of grades, from a shell."""

from collections.abc import Iterator
from typing import Any, Final, cast

import click

from hpserver.base import grades, orals
from hpserver.base.calendar import date_of
from hpserver.base.edits import requests
from hpserver.base.model import BookingRequest, Membership, OralPanel
from hpserver.base.planning import Planning
from hpserver.base.registry import KINDS
from hpserver.base.wording import DAYS, hour
from hpserver.cli.screen import Screen, language, say, tr
from hpserver.cli.words.fields import write_value
from hpserver.cli.words.telling import find, named
from hpserver.cli.work.bench import Bench, Order, Way, carry_out, edit_options

STATUSES: Final = {
    "pending": ("en attente", "pending"), "validated": ("validée", "validated"), "refused": ("refusée", "refused"),
    "reassigned": ("réattribuée", "reassigned"),
}  # fmt: skip
"""The guide's words for what became of a request."""


async def list_requests(screen: Screen, bench: Bench, status: str) -> None:
    """List the booking requests: who asks for what, when, and what became of it."""
    base = bench.planning
    rows = [
        {"key": key} | _request(base, cast("BookingRequest", row), json=screen.json)
        for key, row in sorted(base.rows(requests.KIND).items())
        if status in {"", cast("BookingRequest", row).status}
    ]
    titles = {"key": tr("Clé", "Key"), "status": tr("État", "Status")}
    kind = KINDS[requests.KIND]
    names = ("asked_by", "activity", "rooms", "pool", "place", "weeks", "given", "comment", "answer")
    labels = ((name, kind.by_name[name]) for name in names)
    screen.table(rows, titles | {name: tr(field.fr, field.en) for name, field in labels})


async def answer_request(
    screen: Screen, bench: Bench, way: Way, request: str, verdict: str, rooms: tuple[str, ...], answer: str
) -> None:
    """Validate a booking request, refuse it, or give it other rooms. What is booked is in the timetable at once."""
    base = bench.planning
    key = find(base, requests.KIND, request)
    given = tuple(find(base, "room", room) for room in rooms)
    if verdict == "refuse":
        if given:
            raise click.UsageError(tr("--room ne va pas avec un refus.", "--room does not go with a refusal."))
        changes = requests.refuse(base, key, answer)
    else:
        give = requests.validate if verdict == "validate" else requests.reassign
        changes = give(base, key, given, answer)
    word = tr(*STATUSES[_ANSWERED[verdict]])
    told = tr(f"Demande {key} {word}", f"Request {key} {word}")
    await carry_out(screen, bench, changes, way, told, request=key, status=_ANSWERED[verdict])


async def show_orals(screen: Screen, bench: Bench, exam: str) -> None:
    """Show the running order of an oral exam: who passes when, before whom; and what cannot be."""
    base = bench.planning
    key = find(base, "oral_exam", exam)
    rows = [_turn(base, turn) for turn in orals.running_order(base, key)]
    titles = {
        "date": "Date", "start": tr("Heure", "Hour"), "student_name": tr("Étudiant", "Student"),
        "panel": tr("Jury", "Panel"), "instructors": tr("Enseignants", "Instructors"), "turn": tr("Passage", "Turn"),
    }  # fmt: skip
    for one in orals.troubles(base, key):
        say(
            tr(
                f"  les passages {one.first} et {one.second} ont lieu en même temps",
                f"  turns {one.first} and {one.second} are at the same time",
            )
        )
    screen.table(rows, titles)


async def fill_orals(
    screen: Screen, bench: Bench, way: Way, exam: str, students: tuple[str, ...], cohorts: tuple[str, ...]
) -> None:
    """Give students a turn in an oral exam, spread over its panels; nobody passes twice at once."""
    base = bench.planning
    key = find(base, "oral_exam", exam)
    chosen = [find(base, "student", one) for one in students]
    for cohort in cohorts:
        chosen += _students_of(base, find(base, "cohort", cohort))
    if not chosen:
        raise click.UsageError(tr("Donnez --student ou --cohort.", "Give --student or --cohort."))
    changes = orals.spread(base, key, chosen)
    told = tr(f"Passages créés : {len(changes)},", f"Turns made: {len(changes)},")
    await carry_out(screen, bench, changes, way, told, exam=key)


async def show_grades(screen: Screen, bench: Bench, gradebook: str) -> None:
    """Show the weighted averages of a gradebook, out of 20."""
    base = bench.planning
    key = find(base, "gradebook", gradebook)
    found = grades.averages(base, key)
    rows: list[dict[str, Any]] = [
        {"student": one.student, "name": named(base, "student", one.student, language()),
         "average": _points(one.points), "marks": one.marks}
        for one in found
    ]  # fmt: skip
    mean = {"student": "", "name": tr("Moyenne", "Average"), "average": _points(grades.mean_of(found)), "marks": ""}
    titles = {
        "student": tr("Clé", "Key"), "name": tr("Étudiant", "Student"), "average": tr("Moyenne", "Average"),
        "marks": tr("Notes", "Marks"),
    }  # fmt: skip
    screen.table(rows if screen.json or not rows else [*rows, mean], titles)


def _request(base: Planning, row: BookingRequest, *, json: bool) -> dict[str, Any]:
    told = {
        field.name: write_value(base, field, getattr(row, field.name), language())
        for field in KINDS[requests.KIND].fields()
    }
    return told | {"status": row.status if json else tr(*STATUSES[row.status])}


def _turn(base: Planning, turn: orals.Turn) -> dict[str, Any]:
    activity = base.activity(cast("OralPanel", base.get("oral_panel", turn.panel)).activity)
    slot = turn.slot
    day = "" if slot is None else date_of(base.grid, slot.week, slot.day)
    return {
        "turn": turn.turn, "panel": turn.panel, "student": turn.student,
        "date": f"{DAYS[language()][slot.day]} {day}" if slot is not None else "",
        "start": hour(slot.start) if slot is not None else tr("sans heure", "no time"),
        "student_name": named(base, "student", turn.student, language()),
        "instructors": ", ".join(named(base, "instructor", key, language()) for key in activity.instructors),
    }  # fmt: skip


def _students_of(base: Planning, cohort: int) -> Iterator[int]:
    """Yield the members of a cohort and of its groups, by name."""
    groups = base.references.users("group", "cohort", cohort)
    members = set(base.references.users("membership", "cohort", cohort))
    members.update(*(base.references.users("membership", "group", group) for group in groups))
    students = {cast("Membership", base.get("membership", key)).student for key in members}
    yield from sorted(students, key=lambda key: (named(base, "student", key, language()), key))


def _points(hundredths: int | None) -> str:
    if hundredths is None:
        return ""
    text = f"{hundredths // 100}.{hundredths % 100:02d}"
    return tr(text.replace(".", ","), text)


_ANSWERED: Final = {"validate": "validated", "refuse": "refused", "reassign": "reassigned"}
_exam = click.argument("exam")

REQUESTS: Final = (
    Order(
        "list", list_requests,
        (click.option("--status", type=click.Choice(("", *STATUSES)), default="", help="Only these; all by default."),),
    ),
    Order(
        "answer", answer_request,
        (
            click.argument("request"), click.argument("verdict", type=click.Choice(tuple(_ANSWERED))),
            click.option("--room", "rooms", multiple=True, help="Key or name: one of the pool, or given instead."),
            click.option("--comment", "answer", default="", help="Told to whoever asked."), edit_options,
        ),
    ),
)  # fmt: skip
"""The commands of `request`."""

ORALS: Final = (
    Order("show", show_orals, (_exam,)),
    Order(
        "fill", fill_orals,
        (
            _exam, click.option("--student", "students", multiple=True, help="Key or name; may be repeated."),
            click.option("--cohort", "cohorts", multiple=True, help="All of its students."), edit_options,
        ),
    ),
)  # fmt: skip
"""The commands of `orals`."""

GRADES: Final = Order("grades", show_grades, (click.argument("gradebook"),))
"""Averages."""

GROUPS: Final = (
    ("request", "Booking requests: list them, answer them.", REQUESTS),
    ("orals", "Oral exams: the running order, turns for students.", ORALS),
)
"""Groups of commands."""
