"""Who attends an activity, and which activities somebody attends: combined groups and memberships. Changes nothing."""

from collections.abc import Collection, Mapping
from itertools import chain
from typing import cast

import msgspec

from hpserver.base.model import Activity, CombinedGroup, Group, Membership, activity_and_week
from hpserver.base.references import Ident, References
from hpserver.base.students import Students


def attended(activity: Activity, combined: Mapping[int, CombinedGroup]) -> Activity:
    """Return an activity with the cohorts and groups of its combined groups beside its own, each once."""
    if not activity.combined:
        return activity
    rows = [combined[key] for key in activity.combined]
    cohorts = dict.fromkeys(chain(activity.cohorts, *(row.cohorts for row in rows)))
    groups = dict.fromkeys(chain(activity.groups, *(row.groups for row in rows)))
    return msgspec.structs.replace(activity, cohorts=tuple(cohorts), groups=tuple(groups))


class Audience:
    """The activities of a resource, a combined group or a student."""

    def __init__(
        self,
        references: References,
        students: Students,
        groups: Mapping[int, Group],
        combined: Mapping[int, CombinedGroup],
        memberships: Mapping[int, Membership],
    ) -> None:
        self._references = references
        self._students = students
        self._groups = groups
        self._combined = combined
        self._memberships = memberships

    def activities(self, kind: str, key: int, week: int) -> Collection[int]:
        """Return the activities that may concern somebody or something in a week (index from 0).

        Those of a cohort are also those of its groups, those of a group those of its whole cohort, those of a
        combined group those of all it combines. A student has those of the memberships of that week.
        """
        if kind == "cohort":
            return self._attended_by(*self._students.rivals((kind, key)))
        if kind == "group":
            return self._attended_by(("group", key), ("cohort", self._groups[key].cohort))
        if kind == "combined_group":
            row = self._combined[key]
            parts = [("cohort", one) for one in row.cohorts] + [("group", one) for one in row.groups]
            found = set(self._references.users("activity", kind, key))
            return found.union(*(self.activities(*part, week) for part in parts))
        if kind == "student":
            return self._attended_by(*self.memberships(key, week))
        return self._taken_by(kind, key)

    def memberships(self, student: int, week: int) -> list[Ident]:
        """Return the cohorts, groups and combined groups of a student in a week; the cohort of each group too."""
        found: dict[Ident, None] = {}
        for key in sorted(self._references.users("membership", "student", student)):
            row = self._memberships[key]
            if row.weeks is not None and not row.weeks >> week & 1:
                continue
            if row.cohort is not None:
                found["cohort", row.cohort] = None
            elif row.group is not None:
                found["group", row.group] = None
                found["cohort", self._groups[row.group].cohort] = None
            else:
                found["combined_group", cast(int, row.combined)] = None
        return list(found)

    def _attended_by(self, *parts: Ident) -> Collection[int]:
        users = self._references.users
        found: set[int] = set()
        for kind, key in parts:
            found.update(users("activity", kind, key))
        if self._combined:
            combining = {key for part in parts if part[0] != "combined_group" for key in users("combined_group", *part)}
            found.update(*(users("activity", "combined_group", key) for key in combining))
        return found

    def _taken_by(self, kind: str, key: int) -> Collection[int]:
        found = self._references.users("activity", kind, key)
        meetings = self._references.users("meeting", kind, key)
        return {*found, *(activity_and_week(meeting)[0] for meeting in meetings)} if meetings else found
