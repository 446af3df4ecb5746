"""`activities`: what is taught, by whom, to whom, where, when, in which weeks; what still has no place."""

from collections.abc import Sequence
from typing import Any, Final

import click
import msgspec

from hpserver.base.explain import title_of
from hpserver.base.model import Group
from hpserver.base.planning import Planning
from hpserver.base.weeks import format_weeks
from hpserver.cli.screen import Screen, filled, language, say, tr
from hpserver.cli.words.telling import bare, find, named
from hpserver.cli.words.when import written
from hpserver.cli.work.bench import Bench, Order

WIDTH: Final = 40
"""Characters of names in one cell: with more, a line of a table goes past the screen."""


class Wanted(msgspec.Struct, frozen=True):
    """Which activities: those that have all that is given; None for any."""

    subject: int | None = None
    instructor: int | None = None
    cohort: int | None = None
    group: int | None = None
    room: int | None = None
    unplaced: bool = False


async def list_activities(
    screen: Screen, bench: Bench, *, subject: str, instructor: str, cohort: str, group: str, room: str, unplaced: bool,
    full: bool,
) -> None:  # fmt: skip
    """List activities: subject, who attends, who teaches, rooms, day and hour, weeks. KEY is what other commands take.

    Those of a cohort are also those of its groups, those of a group those of its whole cohort.
    """
    base = bench.planning
    given = {"subject": subject, "instructor": instructor, "cohort": cohort, "group": group, "room": room}
    keys = {kind: find(base, kind, text) for kind, text in given.items() if text}
    rows = [activity_row(base, key, language()) for key in chosen(base, Wanted(**keys, unplaced=unplaced))]
    titles = {
        "key": tr("Clé", "Key"), "name": tr("Cours", "Activity"), "who": tr("Public", "Attended by"),
        "instructors": tr("Enseignants", "Instructors"), "rooms": tr("Salles", "Rooms"), "at": tr("Quand", "When"),
        "duration": tr("Durée", "Duration"), "weeks": tr("Semaines", "Weeks"), "remark": "",
    }  # fmt: skip
    off = sum(row["place"] is None for row in rows)
    if screen.json:
        for row in rows:
            del row["remark"]
    else:
        for row in rows:
            row["duration"] = f"{row['minutes'] // 60}h{row['minutes'] % 60:02}"
            row |= {name: listed(row[name], full=full) for name in ("who", "instructors", "rooms")}
    screen.table(rows, titles)
    if not screen.json:
        say(filled("{count} cours, dont {off} sans place.", "Activities: {count}, {off} of them unplaced.",
                   count=len(rows), off=off))  # fmt: skip


def listed(names: Sequence[str], *, full: bool) -> str:
    """Return names with commas between: as many as fit a cell, the first in any case, then how many more."""
    shown = len(names)
    while not full and shown > 1 and len(", ".join(names[:shown])) > WIDTH:
        shown -= 1
    return ", ".join(names[:shown]) + (f", +{len(names) - shown}" if shown < len(names) else "")


def chosen(planning: Planning, wanted: Wanted) -> list[int]:
    """Return the keys of those activities, by subject and type, then by place."""
    keys = [key for key in planning.rows("activity") if _is(planning, key, wanted)]
    return sorted(keys, key=lambda key: (title_of(planning, key).casefold(), _place(planning, key), key))


def activity_row(planning: Planning, activity: int, language: str) -> dict[str, Any]:
    """Return what is told of an activity: names, place, minutes, weeks as they are written."""
    row, attended = planning.activity(activity), planning.attended(activity)
    cancelled = sum(1 << week for week, one in planning.meetings_of(activity).items() if one.cancelled)

    def names(kind: str, keys: Sequence[int]) -> list[str]:
        return [named(planning, kind, key, language) for key in keys]

    remarks = {
        tr("verrouillé", "locked"): row.locked,
        tr("forcé", "forced"): bool(row.forced),
        tr(f"annulé {format_weeks(cancelled)}", f"cancelled {format_weeks(cancelled)}"): bool(cancelled),
    }
    return {
        "key": activity,
        "name": bare(planning, activity, language),
        "who": names("cohort", attended.cohorts) + names("group", attended.groups),
        "instructors": names("instructor", row.instructors),
        "rooms": names("room", row.rooms),
        "at": tr("non placé", "unplaced") if row.place is None else written(row.place, planning.grid, language),
        "place": row.place,
        "minutes": row.duration * planning.grid.step_minutes,
        "weeks": format_weeks(row.weeks),
        "cancelled": format_weeks(cancelled),
        "forced": format_weeks(row.forced),
        "locked": row.locked,
        "remark": ", ".join(word for word, holds in remarks.items() if holds),
    }


def _is(planning: Planning, key: int, wanted: Wanted) -> bool:
    row, attended = planning.activity(key), planning.attended(key)
    return (
        wanted.subject in {None, row.subject}
        and (wanted.instructor is None or wanted.instructor in row.instructors)
        and (wanted.room is None or wanted.room in row.rooms)
        and (wanted.cohort is None or wanted.cohort in {*attended.cohorts, *_cohorts(planning, attended.groups)})
        and (
            wanted.group is None
            or wanted.group in attended.groups
            or bool(_cohorts(planning, [wanted.group]) & {*attended.cohorts})
        )
        and not (wanted.unplaced and row.place is not None)
    )


def _cohorts(planning: Planning, groups: Sequence[int]) -> set[int]:
    return {row.cohort for key in groups if isinstance(row := planning.maybe_get("group", key), Group)}


def _place(planning: Planning, key: int) -> int:
    place = planning.activity(key).place
    return -1 if place is None else place


_filters = tuple(
    click.option(f"--{kind}", default="", help=f"Key or name: {only}.")
    for kind, only in (
        ("subject", "only of that subject"),
        ("instructor", "only taught by that instructor"),
        ("cohort", "only attended by that cohort, or a part of it"),
        ("group", "only attended by that group"),
        ("room", "only in that room"),
    )
)

ACTIVITIES: Final = Order(
    "activities",
    list_activities,
    (
        *_filters,
        click.option("--unplaced", is_flag=True, help="Only those without a place."),
        click.option("--full", is_flag=True, help="Every name, however long the lines become."),
    ),
)
"""The list that a planner works from."""
