"""A clash as plain data that can be told: names, weeks, day and hours. Knows no language."""

from typing import cast

import msgspec

from hpserver.base.clashes import Clash
from hpserver.base.model import Group, Guardian, Instructor, Row, Staff, Student, Subject
from hpserver.base.planning import Planning
from hpserver.base.weeks import format_weeks

MOST_OF_AUDIENCE = 2
"""Cohorts and groups named in the label of an activity."""
UNSEEN = "?"
"""The name of what its reader may not see: a planning server tells its key as 0."""


class Explanation(msgspec.Struct, frozen=True):
    """What a clash means. `day` is 0 for Monday; minutes count from that day's midnight and may exceed 1440.

    `who` is the resource of the activity, `other_who` that of the other; they are the same person, group or
    room unless students are shared. `activity` and `other` are labels, as `label_of` gives them.
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
    """Return what tells an activity from others of its subject: `Algèbre CM (L1, TD2)`.

    Without a title, only who attends, else who teaches: `(L1)`; `titled` puts a word before it. Empty with neither.
    """
    title = title_of(planning, activity)
    who = audience_of(planning, activity) or ("" if title else _teachers_of(planning, activity))
    return f"{title} ({who})".lstrip() if who else title


def titled(label: str, untitled: str) -> str:
    """Return a label of an activity, after the word for one without a title when it has none."""
    return f"{untitled} {label}".rstrip() if not label or label.startswith("(") else label


def title_of(planning: Planning, activity: int) -> str:
    """Return the subject and type of an activity, its external id without a subject, empty without either."""
    row = planning.activity(activity)
    subject = "" if row.subject is None else cast(Subject, planning.get("subject", row.subject)).name
    how = row.instructional_type
    title = f"{subject} {'' if how is None else name_of(planning.get('instructional_type', how))}".strip()
    return title or row.code


def audience_of(planning: Planning, activity: int) -> str:
    """Return who attends an activity, `L1, TD2`: the first few by name, of the others how many; of those seen here."""
    row = planning.activity(activity)
    sides = (("cohort", row.cohorts), ("group", row.groups), ("combined_group", row.combined))
    rows = [planning.maybe_get(kind, key) for kind, keys in sides for key in keys]
    return _listed(
        [group_name(planning, one) if isinstance(one, Group) else name_of(one) for one in rows if one is not None]
    )


def group_name(planning: Planning, group: Group) -> str:
    """Return what tells a group from those of other cohorts: `L1 TD2`, its own name alone if it says the cohort."""
    cohort = planning.maybe_get("cohort", group.cohort)
    name = "" if cohort is None else name_of(cohort)
    return group.name if name in group.name else f"{name} {group.name}"


def _teachers_of(planning: Planning, activity: int) -> str:
    rows = [planning.maybe_get("instructor", key) for key in planning.activity(activity).instructors]
    return _listed([name_of(one) for one in rows if one is not None])


def _listed(names: list[str]) -> str:
    more = [f"+{len(names) - MOST_OF_AUDIENCE}"] if len(names) > MOST_OF_AUDIENCE else []
    return ", ".join(names[:MOST_OF_AUDIENCE] + more)


def _name(planning: Planning, kind: str, key: int) -> str:
    return name_of(planning.get(kind, key)) if key else UNSEEN
