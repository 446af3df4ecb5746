"""The aggregate: every row of one timetable, and what is derived from them. Knows no file, socket or clock."""

from collections.abc import Mapping, Sequence
from typing import Any, Self, cast

from hpserver.base import clashes, free, integrity, timetable
from hpserver.base.audience import Audience, attended
from hpserver.base.changes import Applied, Change
from hpserver.base.checks import Checks
from hpserver.base.clashes import Clash
from hpserver.base.grid import Grid
from hpserver.base.model import (
    Activity,
    CombinedGroup,
    Group,
    Meeting,
    Membership,
    RoomPool,
    Row,
    activity_and_week,
    meeting_key,
)
from hpserver.base.occupancy import OCCUPYING, Footprint, Occupancy, footprint
from hpserver.base.references import Ident, References, Tables
from hpserver.base.registry import KINDS, kind_of
from hpserver.base.rules.index import NOTED, Index
from hpserver.base.students import SHARING_FIELDS, Students, share
from hpserver.base.timetable import Item
from hpserver.base.transaction import Net, Transaction, net
from hpserver.base.weeks import each_week
from hpserver.errors import CorruptBaseError, HPError, InvalidChangeError, UnknownObjectError

RESOURCES = ("instructor", "cohort", "group", "room")
"""Kinds that have a timetable and cannot be in two places at once."""
TIMETABLES = (*RESOURCES, "combined_group", "student")
"""Kinds that have a timetable."""


class Planning:
    """One timetable in memory. Rows are frozen: whoever holds one holds the past, never a half-made change."""

    def __init__(self, grid: Grid) -> None:
        self.grid = grid
        self._tables: Tables = {name: {} for name in KINDS}
        self._activities = cast(dict[int, Activity], self._tables["activity"])
        self._meetings = cast(dict[int, Meeting], self._tables["meeting"])
        self._groups = cast(dict[int, Group], self._tables["group"])
        self._combined = cast(dict[int, CombinedGroup], self._tables["combined_group"])
        self._next_keys = dict.fromkeys(KINDS, 1)
        self._meeting_weeks: dict[int, int] = {}
        self._references = References()
        self._checks = Checks(grid, self._tables, self._references)
        self._students = Students(self._groups, self._references)
        self._occupancy = Occupancy(grid.steps_per_day)
        self._last: tuple[Sequence[Change], Mapping[Ident, Net], Mapping[int, Footprint]] = ((), {}, {})
        memberships = cast(dict[int, Membership], self._tables["membership"])
        self._audience = Audience(self._references, self._students, self._groups, self._combined, memberships)
        self.index = Index(
            grid, self._tables, self._meeting_weeks, self._references, self._students, self._occupancy
        )  # fmt: skip

    @classmethod
    def load(cls, grid: Grid, tables: Mapping[str, Mapping[int, Row]], next_keys: Mapping[str, int]) -> Self:
        """Return a planning with these rows. Raises CorruptBaseError when they break a rule."""
        planning = cls(grid)
        try:
            # In the order of KINDS: whatever a row names is there when it is checked.
            for name in KINDS:
                planning._tables[name].update(tables.get(name, {}))
                planning._checks.check_all(name)
        except HPError as error:
            raise CorruptBaseError(f"the rows do not fit together: {error.text}") from error
        planning._settle_all(next_keys)
        return planning

    # --- rows -----------------------------------------------------------------------------------------------

    def rows(self, kind: str) -> Mapping[int, Row]:
        """Return the rows of a kind by key: a live view, not to be changed. Raises InvalidChangeError."""
        return self._tables[kind_of(kind).name]

    def get(self, kind: str, key: int) -> Row:
        """Return a row. Raises UnknownObjectError when there is none."""
        row = self.maybe_get(kind, key)
        if row is None:
            raise UnknownObjectError(f"{kind} {key} does not exist", kind=kind, key=key)
        return row

    def maybe_get(self, kind: str, key: int) -> Row | None:
        """Return a row, or None. Raises InvalidChangeError when the kind does not exist."""
        return self._tables[kind_of(kind).name].get(key)

    def activity(self, key: int) -> Activity:
        """Return an activity. Raises UnknownObjectError when there is none."""
        return cast(Activity, self.get("activity", key))

    def maybe_meeting(self, activity: int, week: int) -> Meeting | None:
        """Return what differs for an activity in a week (index from 0), or None when nothing does."""
        return self._meetings.get(meeting_key(activity, week))

    def meetings_of(self, activity: int) -> dict[int, Meeting]:
        """Return what differs for an activity, by week index."""
        weeks = self._meeting_weeks.get(activity, 0)
        return {week: self._meetings[meeting_key(activity, week)] for week in each_week(weeks)}

    def counts(self) -> dict[str, int]:
        """Return how many objects of each kind there are."""
        return {name: len(rows) for name, rows in self._tables.items()}

    @property
    def next_keys(self) -> Mapping[str, int]:
        """The key that the next object of each kind will get; a key once given is never given again."""
        return self._next_keys

    @property
    def occupancy(self) -> Occupancy:
        """Who is taken when: to be read, never changed."""
        return self._occupancy

    @property
    def students(self) -> Students:
        """Who shares students with whom: to be read."""
        return self._students

    @property
    def references(self) -> References:
        """Who names whom: to be read."""
        return self._references

    # --- changes --------------------------------------------------------------------------------------------

    def apply(self, changes: Sequence[Change], *, entered: bool = True) -> Applied:
        """Make a transaction true, all of it or nothing, whatever is raised.

        Texts become as `texts.entered` says, unless they were in the base before and come back to it.
        Raises InvalidChangeError, UnknownObjectError, StillReferencedError, with details kind, key, field.
        """
        return self._apply(changes, trusted=False, entered=entered)

    def replay(self, changes: Sequence[Change]) -> Applied:
        """Make facts true that were true elsewhere: as `apply`, every key being given. Raises the same."""
        return self._apply(changes, trusted=True, entered=False)

    def revert(self, applied: Applied) -> None:
        """Take back the transaction that was applied last. It cannot fail."""
        nets = {ident: Net(now.after, now.before, now.names) for ident, now in net(applied).items()}
        for (kind, key), change in nets.items():
            if change.after is None:
                self._tables[kind].pop(key, None)
            else:
                self._tables[kind][key] = change.after
        try:
            self._settle(nets)
        except Exception:  # noqa: BLE001 - rows say everything: what is derived from them is made again
            self._derive_again()

    def _apply(self, changes: Sequence[Change], *, trusted: bool, entered: bool) -> Applied:
        state = self._tables, self._references, self._next_keys
        transaction = Transaction(*state, trusted=trusted, entered=entered)
        try:
            transaction.stage(changes)
            applied = transaction.applied()
            nets = net(applied)
            transaction.check(nets, self._checks, self._references)
        except BaseException:
            transaction.undo()
            raise
        try:
            self._last = applied.changes, nets, self._settle(nets)
        except BaseException:
            transaction.undo()
            self._derive_again()
            raise
        return applied

    def _derive_again(self) -> None:
        """Make anew all that is derived from rows, after a fault half way: rows are never half changed."""
        self.__dict__.update(self._of_rows(self.grid, self._tables, self._next_keys).__dict__)

    @classmethod
    def _of_rows(cls, grid: Grid, tables: Tables, next_keys: Mapping[str, int]) -> Self:
        planning = cls(grid)
        for name, rows in tables.items():
            planning._tables[name].update(rows)
        planning._settle_all(next_keys)
        return planning

    def _settle_all(self, next_keys: Mapping[str, int]) -> None:
        """Derive everything from rows that are all new, as `_settle` does from some."""
        for name, rows in self._tables.items():
            self._references.add(KINDS[name], rows)
            self._next_keys[name] = max(max(rows, default=0) + 1, next_keys.get(name, 1))
        for key in self._meetings:
            activity, week = activity_and_week(key)
            self._meeting_weeks[activity] = self._meeting_weeks.get(activity, 0) | 1 << week
        self._occupancy.put({activity: self._footprint(activity) for activity in self._activities})

    def _settle(self, nets: Mapping[Ident, Net]) -> dict[int, Footprint]:
        """Bring what is derived from rows up to date with them; what the activities that may have moved occupied."""
        for (name, key), change in nets.items():
            kind = KINDS[name]
            if not kind.refs.keys().isdisjoint(change.names):
                self._references.change(kind, key, change.before, change.after)
            if change.before is None and key >= self._next_keys[name]:
                self._next_keys[name] = key + 1
            if name == "meeting":
                self._note_meeting(key, change)
            if name in NOTED:
                self.index.note(name)
            if name == "group" and not SHARING_FIELDS.isdisjoint(change.names):
                self._students.forget()
        return self._occupancy.put({activity: self._footprint(activity) for activity in self._moved(nets)})

    def _moved(self, nets: Mapping[Ident, Net]) -> dict[int, None]:
        """Return the activities whose occupation a settled transaction may have changed."""
        moved: dict[int, None] = {}
        for (name, key), change in nets.items():
            fields = OCCUPYING.get(name)
            if fields is None or fields.isdisjoint(change.names):
                continue
            if name == "combined_group":
                moved.update(dict.fromkeys(self._references.users("activity", name, key)))
            else:
                moved[key if name == "activity" else activity_and_week(key)[0]] = None
        return moved

    def _footprint(self, activity: int) -> Footprint:
        row = self._activities.get(activity)
        if row is None:
            return {}
        meetings = self.meetings_of(activity) if activity in self._meeting_weeks else {}
        return footprint(attended(row, self._combined), meetings)

    def _note_meeting(self, key: int, change: Net) -> None:
        activity, week = activity_and_week(key)
        weeks = self._meeting_weeks.get(activity, 0) & ~(1 << week)
        if change.after is not None:
            weeks |= 1 << week
        if weeks:
            self._meeting_weeks[activity] = weeks
        else:
            self._meeting_weeks.pop(activity, None)

    # --- clashes and places ---------------------------------------------------------------------------------

    def clashes_of(self, activity: int) -> tuple[Clash, ...]:
        """Return every clash of an activity, at most `clashes.MAX_CLASHES`. Raises UnknownObjectError."""
        self.activity(activity)
        return clashes.clashes_of(self._occupancy, self._students, activity)

    def new_clashes(self, applied: Applied) -> tuple[Clash, ...]:
        """Return the clashes that the transaction applied last brought about, at most `clashes.MAX_CLASHES`.

        The same pair of activities and of resources may have clashed before: only the new weeks and places count.
        A clash between two activities of the transaction is reported once.
        """
        before = self._footprints_before(applied)
        rivals = self._new_rivals(self._last[1])
        if not before and not rivals:
            return ()
        return clashes.new_clashes(self._occupancy, self._students, before, rivals)

    def clashing_weeks(self, applied: Applied) -> dict[int, tuple[int, int]]:
        """Return, for the activities that the transaction applied last moved, the weeks in which they clash.

        Then those of them in which they clash where they did not stand before it.
        """
        return clashes.clashing_weeks(self._occupancy, self._students, self._footprints_before(applied))

    def _footprints_before(self, applied: Applied) -> dict[int, Footprint]:
        """Return what the activities that the last transaction may have moved, and that still exist, occupied."""
        changes, _, before = self._last
        assert changes == applied.changes, "another transaction was applied since"
        return {activity: earlier for activity, earlier in before.items() if activity in self._activities}

    def _new_rivals(self, nets: Mapping[Ident, Net]) -> list[clashes.Pair]:
        """Return the pairs of resources that share students now and did not, each named once."""
        old: dict[int, Group] = {}
        for (name, key), change in nets.items():
            known = change.before is not None and change.after is not None
            if name == "group" and known and not SHARING_FIELDS.isdisjoint(change.names):
                old[key] = cast(Group, change.before)
        found: dict[clashes.Pair, None] = {}
        for key, group in old.items():
            for kind, other in self._students.rivals(("group", key))[1:]:
                if kind == "cohort":
                    known = group.cohort == other
                else:
                    known = share(key, group, other, old.get(other) or self._groups[other])
                if not known and ((kind, other), ("group", key)) not in found:
                    found[("group", key), (kind, other)] = None
        return list(found)

    def free_places(self, activity: int, rooms: Sequence[int] | None = None) -> dict[int, int]:
        """Return, for each place where the whole activity could be, the weeks in which it could.

        Whoever and whatever it takes is free then, itself left aside; with `rooms`, it takes these in every week
        instead of its own. Cancelled weeks need no place. Raises UnknownObjectError.
        """
        row = self.activity(activity)
        for room in rooms or ():
            self.get("room", room)
        needs = free.needs(attended(row, self._combined), self.meetings_of(activity), rooms)
        return free.places(self.grid, self._occupancy, self._students, activity, row.duration, needs)

    def timetable(self, kind: str, key: int, week: int) -> tuple[Item, ...]:
        """Return what a resource does in a week (index from 0), in order of place.

        The timetable of a cohort has what its groups do, that of a group what its whole cohort does, that of a
        combined group what all it combines does, that of a student what the memberships of that week say.
        Raises InvalidChangeError for a kind without timetable, UnknownObjectError.
        """
        if kind not in TIMETABLES or not 0 <= week < self.grid.weeks:
            raise InvalidChangeError("no such timetable", kind=kind[:32], key=key, field="week")
        self.get(kind, key)
        keys = self._audience.activities(kind, key, week)
        items = timetable.items(keys, self._activities, self._meetings, self._combined, week)
        if kind == "instructor":
            return tuple(item for item in items if key in item.instructors)
        if kind == "room":
            return tuple(item for item in items if key in item.rooms)
        return tuple(items)

    def attended(self, activity: int) -> Activity:
        """Return an activity with the cohorts and groups of its combined groups. Raises UnknownObjectError."""
        return attended(self.activity(activity), self._combined)

    def rooms_of_pool(self, pool: int) -> tuple[int, ...]:
        """Return the rooms of a pool, in its order. Raises UnknownObjectError."""
        return cast(RoomPool, self.get("room_pool", pool)).rooms

    # --- checks ---------------------------------------------------------------------------------------------

    def validate(self) -> None:
        """Check every rule and every invariant the slow way, for tests. Raises HPError, AssertionError."""
        for name in KINDS:
            self._checks.check_each(name)
        integrity.check(self)

    def derived(self) -> tuple[Any, ...]:
        """Return a copy of what is derived from rows, for checks: references, occupancy, weeks with a meeting."""
        return self._references.as_dict(), self._occupancy.as_dict(), dict(self._meeting_weeks)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Planning):
            return NotImplemented
        return self.grid == other.grid and self._tables == other._tables

    __hash__ = None  # type: ignore[assignment] # a planning changes
