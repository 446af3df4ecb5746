"""A clash as plain data that can be told: names, weeks, day and hours. Knows no language."""

from typing import cast

import msgspec

from hpserver.base.clashes import Clash
from hpserver.base.model import Guardian, Instructor, Row, Staff, Student, Subject
from hpserver.base.planning import Planning
from hpserver.base.weeks import format_weeks

UNSEEN = "?"
"""The name of what its reader may not see: a planning server tells its key as 0."""


class Explanation(msgspec.Struct, frozen=True):
    """What a clash means. `day` is 0 for Monday; minutes count from that day's midnight and may exceed 1440.

    `who` is the resource of the activity, `other_who` that of the other; they are the same person, group or
    room unless students are shared. `activity` and `other` are labels, empty when the activity has no subject.
    Each is `UNSEEN` when its reader may not see it.
    """

    kind: str
    who: str
    other_kind: str
    other_who: str
    activity: str
    other: str
    weeks: str
    day: int
    start: int
    end: int


def explain(planning: Planning, clash: Clash) -> Explanation:
    """Return what a clash of this planning means. Raises UnknownObjectError when it is of another time."""
    start = planning.grid.minutes_of(clash.place)
    return Explanation(
        clash.kind,
        _name(planning, clash.kind, clash.key),
        clash.other_kind,
        _name(planning, clash.other_kind, clash.other_key),
        label_of(planning, clash.activity) if clash.activity else UNSEEN,
        label_of(planning, clash.other) if clash.other else UNSEEN,
        format_weeks(clash.weeks),
        planning.grid.day_and_step(clash.place)[0],
        start,
        start + clash.steps * planning.grid.step_minutes,
    )


def name_of(row: Row) -> str:
    """Return what a subject, a person, a group or a room is called; empty for a row without a name."""
    if isinstance(row, Instructor | Staff | Student | Guardian):
        return f"{row.first_name} {row.name}".strip()
    name: str = getattr(row, "name", "")
    return name


def label_of(planning: Planning, activity: int) -> str:
    """Return what an activity is called: its subject and type."""
    row = planning.activity(activity)
    subject = "" if row.subject is None else cast(Subject, planning.get("subject", row.subject)).name
    how = row.instructional_type
    return f"{subject} {'' if how is None else name_of(planning.get('instructional_type', how))}".strip()


def _name(planning: Planning, kind: str, key: int) -> str:
    return name_of(planning.get(kind, key)) if key else UNSEEN
