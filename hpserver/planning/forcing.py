"""Which activities stand where they clash or break a hard rule, knowingly: the marks of forced edits. Pure.

Quick when there are no marks, and when there are no rules.
"""

from collections.abc import Collection

from hpserver.base import clashes
from hpserver.base.changes import Applied, Change, update
from hpserver.base.model import Activity, activity_and_week
from hpserver.base.planning import Planning
from hpserver.base.rules import judge
from hpserver.planning.judging import hard_weeks, newly_broken, touched_activities


def marked(planning: Planning, applied: Applied, *, force: bool) -> Applied:
    """Return the transaction applied last with the marks that follow from it, themselves applied to `planning`.

    With `force`, the activities that it touched are marked in the weeks in which they newly clash or newly break a
    hard rule; with or without, they lose the mark of a week in which they do neither any more. Activities that it did
    not touch keep theirs.
    """
    if not force and not _may_lose_marks(planning, applied):
        return applied
    meant = newly_broken(planning, applied) if force else {}
    clashing = _clashing_weeks(planning, applied)
    edited = sorted(clashing)
    broken = _broken_weeks(planning, [key for key in edited if planning.activity(key).forced & ~clashing[key][0]])
    changes: list[Change] = []
    for key in edited:
        before = planning.activity(key).forced
        every, fresh = clashing[key]
        after = before & (every | broken.get(key, 0))
        if force:
            after |= fresh | meant.get(key, 0)
        if after != before:
            changes.append(update("activity", key, forced=after))
    return _joined(applied, planning.apply(changes)) if changes else applied


def _clashing_weeks(planning: Planning, applied: Applied) -> dict[int, tuple[int, int]]:
    """Return the weeks in which each activity that was touched clashes, and those in which it newly does."""
    moved = planning.clashing_weeks(applied)
    stayed = touched_activities(planning, applied).difference(moved)
    footprints = {key: planning.occupancy.footprint(key) for key in stayed}
    return moved | clashes.clashing_weeks(planning.occupancy, planning.students, footprints)


def _broken_weeks(planning: Planning, activities: Collection[int]) -> dict[int, int]:
    """Return the weeks in which each activity breaks a hard rule."""
    if not activities or planning.index.is_idle:
        return {}
    return hard_weeks(planning, judge(planning, activities), activities)


def _may_lose_marks(planning: Planning, applied: Applied) -> bool:
    rows = planning.rows("activity")
    for change in applied.changes:
        if change.kind == "combined_group":
            return True
        if change.kind in {"activity", "meeting"}:
            row = rows.get(change.key if change.kind == "activity" else activity_and_week(change.key)[0])
            if isinstance(row, Activity) and row.forced:
                return True
    return False


def _joined(one: Applied, two: Applied) -> Applied:
    return Applied(
        one.changes + two.changes, one.before + two.before, one.after + two.after, one.keys, one.fields + two.fields
    )
