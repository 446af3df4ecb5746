"""Which activities stand where they clash, knowingly: the marks of forced edits. Pure, quick when there are none."""

from hpserver.base.changes import Applied, Change, update
from hpserver.base.model import Activity, activity_and_week
from hpserver.base.planning import Planning


def marked(planning: Planning, applied: Applied, *, force: bool) -> Applied:
    """Return the transaction applied last with the marks that follow from it, themselves applied to `planning`.

    With `force`, the activities that it moved are marked in the weeks in which they newly clash; with or without,
    they lose the mark of a week in which they clash no more. Activities that it did not move keep theirs.
    """
    if not force and not _may_lose_marks(planning, applied):
        return applied
    changes: list[Change] = []
    for key, (all_weeks, new_weeks) in planning.clashing_weeks(applied).items():
        before = planning.activity(key).forced
        after = before & all_weeks | (new_weeks if force else 0)
        if after != before:
            changes.append(update("activity", key, forced=after))
    return _joined(applied, planning.apply(changes)) if changes else applied


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
