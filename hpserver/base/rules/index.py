"""What rules look up: which constraints and availabilities are about whom, who shares students. Kept, never told twice.

Everything is read from the indexes of the aggregate; what is remembered here is forgotten when a row it came from
changes.
"""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from hpserver.base import free
from hpserver.base.audience import attended
from hpserver.base.grid import Grid
from hpserver.base.model import (
    Activity,
    Availability,
    Cohort,
    CombinedGroup,
    Constraint,
    Group,
    Meeting,
    Room,
    Row,
    TravelTime,
    meeting_key,
)
from hpserver.base.occupancy import LANE, Occupancy, Segment, footprint, lanes, resources_of
from hpserver.base.references import Ident, References
from hpserver.base.rules.api import Candidate
from hpserver.base.rules.days import ZERO, Columns, Count, add, columns, take
from hpserver.base.students import Students
from hpserver.base.weeks import each_week

STUDENTS = frozenset({"cohort", "group"})
"""Kinds that stand for students."""
RULING = frozenset({"constraint", "availability", "travel_time", "room_pool", "possible_time", "possible_room"})
"""Kinds without a row of which nothing is forbidden by a rule."""

NOTED = frozenset({"availability", "travel_time"})
"""Kinds whose rows are remembered here."""

KEPT_COLUMNS = 200_000
"""Columns kept of lines that were looked at, about 80 bytes each: those of 8,000 people on a usual grid."""


class Index:
    """Rows and masks by what they are about, for one planning."""

    def __init__(
        self,
        grid: Grid,
        tables: Mapping[str, Mapping[int, Row]],
        meeting_weeks: Mapping[int, int],
        references: References,
        students: Students,
        occupancy: Occupancy,
    ) -> None:
        self.grid = grid
        self.everywhere = lanes(occupancy.places)
        """A 1 in each lane: times a week set, those weeks at every place."""
        self.students = students
        self.occupancy = occupancy
        self._tables = tables
        self._meeting_weeks = meeting_weeks
        self._references = references
        self._activities = cast(Mapping[int, Activity], tables["activity"])
        self._groups = cast(Mapping[int, Group], tables["group"])
        self._wishes: dict[Ident, tuple[tuple[int, Availability], ...]] = {}
        self._travel: dict[tuple[int, int], int] | None = None
        self._cut: dict[Ident, tuple[int, Columns]] = {}
        self._waiting: dict[int, tuple[Mapping[int, tuple[Segment, ...]], Count]] = {}

    def note(self, kind: str) -> None:
        """Take note that a row of a kind changed."""
        if kind == "availability":
            self._wishes.clear()
        elif kind == "travel_time":
            self._travel = None

    def remembered(self) -> tuple[dict[Ident, tuple[tuple[int, Availability], ...]], dict[tuple[int, int], int] | None]:
        """Return a copy of what is remembered, for checks: availabilities by resource, minutes by way."""
        return dict(self._wishes), None if self._travel is None else dict(self._travel)

    @property
    def is_idle(self) -> bool:
        """Say whether no rule can forbid anything: nothing was ever asked for."""
        return not any(self._tables[kind] for kind in RULING)

    def table(self, kind: str) -> Mapping[int, Any]:
        """Return the rows of a kind."""
        return self._tables[kind]

    # --- whom constraints and wishes are about --------------------------------------------------------------

    def wishes(self, ident: Ident) -> tuple[tuple[int, Availability], ...]:
        """Return the availabilities of a resource with their keys, in order."""
        found = self._wishes.get(ident)
        if found is None:
            rows = cast(Mapping[int, Availability], self._tables["availability"])
            keys = sorted(self._references.users("availability", *ident)) if rows else ()
            found = self._wishes[ident] = tuple((key, rows[key]) for key in keys)
        return found

    def concerned(self, candidate: Candidate) -> dict[Ident, int]:
        """Return whom and what an activity has to do with, and in which weeks: its subject, who shares its students."""
        found: dict[Ident, int] = {}
        for ident, weeks in candidate.needs.items():
            for holder in self.students.rivals(ident):
                found[holder] = found.get(holder, 0) | weeks
        if candidate.row.subject is not None:
            found["subject", candidate.row.subject] = candidate.weeks
        return found

    def constraints_on(self, candidate: Candidate) -> list[tuple[int, Constraint]]:
        """Return the constraints that name an activity, or anybody or anything it has to do with, in order."""
        rows = cast(Mapping[int, Constraint], self._tables["constraint"])
        if not rows:
            return []
        keys = set(self._references.users("constraint", "activity", candidate.key))
        if candidate.row.series is not None:
            keys.update(self._references.users("constraint", "series", candidate.row.series))
        for ident in self.concerned(candidate):
            keys.update(self._references.users("constraint", *ident))
        return [(key, rows[key]) for key in sorted(keys)]

    def cohort_of(self, group: int) -> int:
        """Return the cohort of a group."""
        return self._groups[group].cohort

    def with_subject(self, subject: int) -> list[int]:
        """Return the activities of a subject, in order."""
        return sorted(self._references.users("activity", "subject", subject))

    def series_of(self, activity: int) -> int | None:
        """Return the series that an activity is of, if it is."""
        return self._activities[activity].series

    def of_series(self, series: int) -> list[int]:
        """Return the activities of a series, in order."""
        return sorted(self._references.users("activity", "series", series))

    def possible(self, kind: str, activity: int) -> dict[int, Any]:
        """Return the possible times or rooms of an activity and of its series, by key."""
        found = self.possible_of(kind, ("activity", activity))
        series = self._activities[activity].series
        return found if series is None else found | self.possible_of(kind, ("series", series))

    def has_possible(self, kind: str, ident: Ident) -> bool:
        """Say whether an activity or a series has possible times or rooms."""
        return bool(self._references.users(kind, *ident))

    def possible_of(self, kind: str, ident: Ident) -> dict[int, Any]:
        """Return the possible times or rooms of an activity or of a series, by key."""
        rows = self._tables[kind]
        return {key: rows[key] for key in sorted(self._references.users(kind, *ident))} if rows else {}

    # --- activities -----------------------------------------------------------------------------------------

    def candidate(self, activity: int, rooms: Sequence[int] | None = None) -> Candidate:
        """Return an activity as one to be placed, in `rooms` instead of its own when they are given."""
        row = self.attended(activity)
        needs: dict[Ident, int] = {}
        weeks = 0
        for ident, taken in free.needs(row, self.meetings_of(activity), rooms).items():
            if ident is None:
                weeks = taken
            else:
                needs[ident] = taken
        return Candidate(activity, row, needs, weeks, free.starts(self.grid, row.duration) & self.everywhere * weeks)

    def takes(self, activity: int) -> list[Ident]:
        """Return whom and what an activity takes in any week."""
        needs = free.needs(self.attended(activity), self.meetings_of(activity), None)
        return [ident for ident in needs if ident is not None]

    def cut(self, line: Ident, mask: int) -> Columns:
        """Return the columns of a mask, kept for the line that it belongs to: many rules ask for the same."""
        known = self._cut.get(line)
        if known is None or known[0] != mask:
            if len(self._cut) * self.grid.steps_per_day >= KEPT_COLUMNS:
                self._cut.clear()
            known = self._cut[line] = mask, columns(mask, self.grid.steps_per_day)
        return known[1]

    def meetings_of(self, activity: int) -> dict[int, Meeting]:
        """Return what differs for an activity, by week index."""
        weeks = self._meeting_weeks.get(activity, 0)
        if not weeks:
            return {}
        rows = cast(Mapping[int, Meeting], self._tables["meeting"])
        return {week: rows[meeting_key(activity, week)] for week in each_week(weeks)}

    def is_regular(self, activity: int) -> bool:
        """Say whether all weeks of an activity are alike: it has no meeting of its own in any."""
        return activity not in self._meeting_weeks

    def attended(self, activity: int) -> Activity:
        """Return an activity with the cohorts and groups of its combined groups as its own."""
        return attended(self._activities[activity], cast(Mapping[int, CombinedGroup], self._tables["combined_group"]))

    def subject_of(self, activity: int) -> int | None:
        """Return the subject of an activity, if it has one."""
        return self._activities[activity].subject

    def duration_of(self, activity: int) -> int:
        """Return how many steps an activity lasts."""
        return self._activities[activity].duration

    def audience(self, activity: int) -> list[Ident]:
        """Return the cohorts and groups that an activity is for."""
        return [ident for ident in resources_of(self.attended(activity), None) if ident[0] in STUDENTS]

    def positions(self, activity: int) -> tuple[Segment, ...]:
        """Return where an activity is: place, steps, weeks; also when it takes no resource."""
        row = self._activities[activity]
        meetings = self.meetings_of(activity)
        if not meetings:
            return () if row.place is None or not row.weeks else ((row.place, row.duration, row.weeks),)
        bare = Activity(duration=row.duration, weeks=row.weeks, place=row.place, rooms=(1,))
        plain = {week: Meeting(cancelled=one.cancelled, place=one.place) for week, one in meetings.items()}
        return footprint(bare, plain).get(("room", 1), ())

    def days_of(self, activity: int) -> int:
        """Return the days and weeks on which an activity is: seven lanes."""
        days = 0
        for place, _, weeks in self.positions(activity):
            days |= weeks << place // self.grid.steps_per_day * LANE
        return days

    def headcount(self, activity: int) -> int:
        """Return how many students an activity is for: those it expects, or else all of its cohorts and groups."""
        row = self._activities[activity]
        if row.students:
            return row.students
        whole = row if not row.combined else self.attended(activity)
        cohorts, groups = cast(Mapping[int, Cohort], self._tables["cohort"]), self._groups
        students = 0
        for key in whole.cohorts:
            students += cohorts[key].size
        for key in whole.groups:
            students += groups[key].size
        return students

    # --- rooms ----------------------------------------------------------------------------------------------

    def sites(self, needs: Mapping[Ident, int]) -> dict[int, int]:
        """Return the sites of the rooms among some needs, each with its weeks."""
        found: dict[int, int] = {}
        for (kind, key), weeks in needs.items():
            if kind == "room":
                site = cast(Room, self._tables["room"][key]).site
                if site is not None:
                    found[site] = found.get(site, 0) | weeks
        return found

    def sites_of(self, activity: int) -> dict[int, int]:
        """Return the sites in which an activity is, each with its weeks."""
        found: dict[int, int] = {}
        for (kind, key), segments in self.occupancy.footprint(activity).items():
            site = cast(Room, self._tables["room"][key]).site if kind == "room" else None
            if site is not None:
                for _, _, weeks in segments:
                    found[site] = found.get(site, 0) | weeks
        return found

    def site_of(self, room: int) -> int | None:
        """Return the site of a room, if it has one."""
        return cast(Room, self._tables["room"][room]).site

    def travel(self, start: int, finish: int) -> int:
        """Return the minutes from one site to another; the way back counts when only it is known, 0 for none."""
        known = self._ways()
        return known.get((start, finish), known.get((finish, start), 0))

    def ways(self) -> set[int]:
        """Return how many minutes ways take."""
        return set(self._ways().values())

    def _ways(self) -> dict[tuple[int, int], int]:
        if self._travel is None:
            rows = cast(Mapping[int, TravelTime], self._tables["travel_time"])
            self._travel = {(row.start, row.finish): row.minutes for _, row in sorted(rows.items(), reverse=True)}
        return self._travel

    def pools_with(self, room: int) -> list[int]:
        """Return the pools that have a room, in order."""
        return sorted(self._references.users("room_pool", "room", room))

    def waiting(self, pool: int) -> tuple[Mapping[int, tuple[Segment, ...]], Count]:
        """Return when each activity waits for a room of a pool, and how many do at every place and in every week.

        They are counted once: whoever waits otherwise than when it was asked last is taken off and added again.
        """
        now = {one: self._waits(one) for one in self._references.users("activity", "room_pool", pool)}
        before, count = self._waiting.get(pool, ({}, ZERO))
        for one, blocks in before.items():
            if blocks and now.get(one) != blocks:
                count = take(count, self.occupancy.mask(blocks))
        for one, blocks in now.items():
            if blocks and before.get(one) != blocks:
                count = add(count, self.occupancy.mask(blocks))
        self._waiting[pool] = now, count
        return now, count

    def waiting_weeks(self, candidate: Candidate) -> int:
        """Return the weeks in which a candidate waits for a room of its pool."""
        weeks = candidate.weeks if candidate.row.pool is not None else 0
        for (kind, _), some in candidate.needs.items():
            if kind == "room":
                weeks &= ~some
        return weeks

    def _waits(self, activity: int) -> tuple[Segment, ...]:
        """Return when an activity is somewhere and waits for a room of its pool."""
        row = self._activities[activity]
        if self.is_regular(activity):
            return () if row.rooms or row.pool is None else self.positions(activity)
        waiting = self.waiting_weeks(self.candidate(activity))
        found = self.positions(activity) if waiting else ()
        return tuple((place, steps, weeks & waiting) for place, steps, weeks in found if weeks & waiting)
