"""How many people an activity is for, and whom it takes. Reads rows; knows no place."""

from collections.abc import Iterable
from typing import cast

from hpserver.base.model import Activity, Cohort, Group
from hpserver.base.planning import Planning
from hpserver.base.references import Ident


def expected(planning: Planning, activity: int) -> int:
    """Return how many students an activity expects: what it says, or the sizes of whom it is for."""
    row = planning.attended(activity)
    return row.students or students(planning, audience(row))


def audience(row: Activity) -> tuple[Ident, ...]:
    """Return the cohorts and groups of an activity."""
    return *(("cohort", key) for key in row.cohorts), *(("group", key) for key in row.groups)


def students(planning: Planning, idents: Iterable[Ident]) -> int:
    """Return how many students cohorts and groups have in all, those of one cohort counted once.

    By the sizes that rows give; a cohort without size counts its memberships.
    """
    whole: set[int] = set()
    parts: dict[int, dict[int, int]] = {}
    for kind, key in idents:
        if kind == "cohort":
            whole.add(key)
        elif kind == "group":
            row = cast(Group, planning.get("group", key))
            parts.setdefault(row.cohort, {})[key] = row.size or _members(planning, "group", key)
    found = 0
    for cohort in whole | parts.keys():
        size = cast(Cohort, planning.get("cohort", cohort)).size or _members(planning, "cohort", cohort)
        some = sum(parts.get(cohort, {}).values())
        found += size if cohort in whole else min(some, size or some)
    return found


def _members(planning: Planning, kind: str, key: int) -> int:
    return len(planning.references.users("membership", kind, key))
