"""What rules look up: which constraints and availabilities are about whom, who shares students. Kept, never told twice.

Everything is read from the indexes of the aggregate; what is remembered here is forgotten when a row it came from
changes.
"""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from hpserver.base import free
from hpserver.base.audience import attended
from hpserver.base.grid import Grid
from hpserver.base.model import Activity, Availability, CombinedGroup, Constraint, Group, Meeting, Row, meeting_key
from hpserver.base.occupancy import Occupancy, Segment, footprint, lanes
from hpserver.base.references import Ident, References
from hpserver.base.rules.api import Candidate
from hpserver.base.students import Students
from hpserver.base.weeks import each_week

RULING = frozenset({"constraint", "availability", "travel_time", "room_pool"})
"""Kinds without a row of which nothing is forbidden by a rule."""

NOTED = frozenset({"availability"})
"""Kinds whose rows are remembered here."""


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

    def note(self, kind: str) -> None:
        """Take note that a row of a kind changed."""
        if kind in NOTED:
            self._wishes.clear()

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
        for ident in self.concerned(candidate):
            keys.update(self._references.users("constraint", *ident))
        return [(key, rows[key]) for key in sorted(keys)]

    def cohort_of(self, group: int) -> int:
        """Return the cohort of a group."""
        return self._groups[group].cohort

    # --- activities -----------------------------------------------------------------------------------------

    def candidate(self, activity: int, rooms: Sequence[int] | None = None) -> Candidate:
        """Return an activity as one to be placed, in `rooms` instead of its own when they are given."""
        row = attended(self._activities[activity], cast(Mapping[int, CombinedGroup], self._tables["combined_group"]))
        needs: dict[Ident, int] = {}
        weeks = 0
        for ident, taken in free.needs(row, self.meetings_of(activity), rooms).items():
            if ident is None:
                weeks = taken
            else:
                needs[ident] = taken
        return Candidate(activity, row, needs, weeks, free.starts(self.grid, row.duration) & self.everywhere * weeks)

    def meetings_of(self, activity: int) -> dict[int, Meeting]:
        """Return what differs for an activity, by week index."""
        rows = cast(Mapping[int, Meeting], self._tables["meeting"])
        weeks = self._meeting_weeks.get(activity, 0)
        return {week: rows[meeting_key(activity, week)] for week in each_week(weeks)}

    def positions(self, activity: int) -> tuple[Segment, ...]:
        """Return where an activity is: place, steps, weeks; also when it takes no resource."""
        row = self._activities[activity]
        meetings = self.meetings_of(activity)
        if not meetings:
            return () if row.place is None or not row.weeks else ((row.place, row.duration, row.weeks),)
        bare = Activity(duration=row.duration, weeks=row.weeks, place=row.place, rooms=(1,))
        plain = {week: Meeting(cancelled=one.cancelled, place=one.place) for week, one in meetings.items()}
        return footprint(bare, plain).get(("room", 1), ())
