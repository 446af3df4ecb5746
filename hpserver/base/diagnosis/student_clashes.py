"""Students who are expected in two places at once, by memberships that are not known to share anybody. Changes nothing.

Cohorts and groups clash by the rule for partitions, whoever is in them: that is the report's. Two groups of different
cohorts, or two of one partition, have students in common only when somebody was put into both: that is told here.
Students of equal memberships are looked at once, and only when some of what they attend is at the same time.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Final, TypeAlias, cast

import msgspec

from hpserver.base.clashes import Clash
from hpserver.base.diagnosis.people import audience
from hpserver.base.diagnosis.report import sweep
from hpserver.base.model import Group, Membership
from hpserver.base.occupancy import Segment
from hpserver.base.planning import Planning
from hpserver.base.references import Ident

EVERY_WEEK: Final = (1 << 64) - 1
"""Weeks of a membership that names none."""

_Profile: TypeAlias = tuple[tuple[Ident, int], ...]
"""What somebody is a member of, and in which weeks; sorted."""


class StudentClash(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """These students are expected at `activity` and at `other`, for `steps` from `place` on, in each of `weeks`."""

    activity: int
    other: int
    weeks: int
    place: int
    steps: int
    students: tuple[int, ...]


def student_clashes(planning: Planning) -> list[StudentClash]:
    """Return them all, those of most students first; two activities that clash for everybody are left to the report."""
    attended = _Attended(planning)
    told: dict[tuple[int, int, int, int], dict[int, int]] = {}
    for profile, students in _profiles(planning).items():
        if not attended.may_overlap(profile):
            continue
        for one in sweep(attended.blocks(profile), (("student", students[0]),), (1,)):
            if not attended.clash_for_all(one):
                weeks = told.setdefault((one.activity, one.other, one.place, one.steps), {})
                for student in students:
                    weeks[student] = weeks.get(student, 0) | one.weeks
    found = [
        StudentClash(activity, other, weeks, place, steps, students)
        for (activity, other, place, steps), concerned in told.items()
        for weeks, students in _by_weeks(concerned)
    ]
    return sorted(found, key=lambda one: (-len(one.students), msgspec.structs.astuple(one)))


def _profiles(planning: Planning) -> dict[_Profile, list[int]]:
    """Return what students are members of, each combination once, with those who are."""
    members: dict[int, dict[Ident, int]] = defaultdict(dict)
    for row in cast(Mapping[int, Membership], planning.rows("membership")).values():
        mine = members[row.student]
        for ident in _attended_by(planning, row):
            mine[ident] = mine.get(ident, 0) | (EVERY_WEEK if row.weeks is None else row.weeks)
    alike: dict[_Profile, list[int]] = defaultdict(list)
    for student, mine in sorted(members.items()):
        alike[tuple(sorted(mine.items()))].append(student)
    return alike


def _attended_by(planning: Planning, row: Membership) -> tuple[Ident, ...]:
    if row.group is not None:
        return ("group", row.group), ("cohort", cast(Group, planning.get("group", row.group)).cohort)
    return (("cohort", row.cohort) if row.cohort is not None else ("combined_group", cast(int, row.combined)),)


class _Attended:
    """When the activities of cohorts, groups and combined groups are."""

    def __init__(self, planning: Planning) -> None:
        self._planning = planning
        self._combined: dict[Ident, tuple[Mapping[int, tuple[Segment, ...]], int, int]] = {}
        self._known: dict[tuple[int, int], bool] = {}

    def may_overlap(self, profile: _Profile) -> bool:
        """Return whether two of these may take place at once, in any week; False is certain."""
        seen = 0
        for ident, _ in profile:
            _, taken, twice = self._of(ident)
            if twice or seen & taken:
                return True
            seen |= taken
        return False

    def blocks(self, profile: _Profile) -> list[tuple[int, int, int, int, int]]:
        """Return when a student of that profile attends something, in order of place, as `sweep` wants it."""
        found: dict[tuple[int, int, int], int] = {}
        for ident, when in profile:
            for activity, segments in self._of(ident)[0].items():
                for place, steps, weeks in segments:
                    here = place, place + steps, activity
                    found[here] = found.get(here, 0) | weeks & when
        return sorted((place, end, weeks, activity, 0) for (place, end, activity), weeks in found.items() if weeks)

    def clash_for_all(self, clash: Clash) -> bool:
        """Return whether two activities have an audience that clashes whoever is in it."""
        pair = clash.activity, clash.other
        if pair not in self._known:
            one, other = (audience(self._planning.attended(key)) for key in pair)
            rivals = set(chain.from_iterable(map(self._planning.students.rivals, one)))
            self._known[pair] = not rivals.isdisjoint(other)
        return self._known[pair]

    def _of(self, resource: Ident) -> tuple[Mapping[int, tuple[Segment, ...]], int, int]:
        """Return the activities of a resource with their blocks, when it is taken, and when twice by its own."""
        occupancy = self._planning.occupancy
        if resource[0] != "combined_group":
            return occupancy.holders(resource), occupancy.taken(resource, 0), 0  # twice is a clash for all
        if resource not in self._combined:
            keys = self._planning.references.users("activity", *resource)
            holders = {key: self._planning.index.positions(key) for key in keys}
            once = twice = 0
            for segments in holders.values():
                mask = occupancy.mask(segments)
                once, twice = once | mask, twice | once & mask
            self._combined[resource] = holders, once, twice
        return self._combined[resource]


def _by_weeks(concerned: Mapping[int, int]) -> Iterator[tuple[int, tuple[int, ...]]]:
    """Yield the students who are concerned in the same weeks."""
    alike: dict[int, list[int]] = defaultdict(list)
    for student, weeks in concerned.items():
        alike[weeks].append(student)
    for weeks, students in alike.items():
        yield weeks, tuple(sorted(students))
