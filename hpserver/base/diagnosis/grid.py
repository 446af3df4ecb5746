"""The diagnosis of an activity over the whole grid at once: free, possible, impossible, and by whom. Changes nothing.

Every set of places and weeks is one mask (see `hpserver.base.occupancy`): a bit says something about the activity if
it *started* at that place in that week. Who exactly is in the way is looked for at one place, when it is asked.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, Literal

import msgspec

from hpserver.base import free
from hpserver.base.occupancy import LANE, LANE_MASK, Segment, lanes, weeks_by_place
from hpserver.base.planning import Planning
from hpserver.base.references import Ident
from hpserver.base.rules import barriers as rule_barriers
from hpserver.base.rules.api import Barrier

TAKEN: Final = "taken"
"""The rule that nobody is in two places at once: it is no constraint of the base, and always hard."""

MOST_REASONS: Final = 100
"""Reasons of a place that an answer tells: the worst place of 200 activities in a base of 9,000 has eleven."""

Verdict = Literal["free", "partly", "soft", "impossible"]
"""Free in all weeks; free in some; possible in some or all, though a soft rule is broken; possible in none."""


class Standing(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What becomes of the weeks of an activity that would start at a place: three week sets without a common week."""

    free: int
    soft: int
    blocked: int

    @property
    def possible(self) -> int:
        """The weeks in which it could be there."""
        return self.free | self.soft

    @property
    def verdict(self) -> Verdict:
        """The four words of the grid."""
        if not self.possible:
            return "impossible"
        if self.soft:
            return "soft"
        return "partly" if self.blocked else "free"


class Reason(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Why an activity cannot, or should rather not, start at a place in some weeks.

    With `TAKEN`, its resource `kind`, `key` is taken by `other` as `other_kind`, `other_key` (not the same when
    students are shared). Else `rule` is one of the base's, `constraint` its row (see `Barrier`) and `other` the
    activity it has to do with, 0 for none.
    """

    rule: str
    constraint: int
    hard: bool
    cost: int
    kind: str
    key: int
    other_kind: str
    other_key: int
    other: int
    weeks: int


class PlaceDiagnosis(msgspec.Struct, frozen=True, array_like=True):
    """Everything about one place: the weeks, what the soft rules cost, and every reason, the hard ones first.

    As it is `told`, it names the first reasons; `more` says how many it does not name.
    """

    place: int
    standing: Standing
    cost: int
    reasons: tuple[Reason, ...]
    more: int = 0

    def told(self, most: int = MOST_REASONS) -> "PlaceDiagnosis":
        """Return it as it is told: with the first reasons alone; weeks and cost are those of all."""
        beyond = max(0, len(self.reasons) - most)
        return msgspec.structs.replace(self, reasons=self.reasons[:most], more=self.more + beyond)


class Diagnosis:
    """One activity, every place of the week, every week; true until the planning changes."""

    def __init__(self, planning: Planning, activity: int, needs: Mapping[Ident | None, int]) -> None:
        row = planning.activity(activity)
        self.activity = activity
        self.duration = row.duration
        self.weeks = needs.get(None, 0)
        """The weeks that need a place."""
        self.barriers: tuple[Barrier, ...] = ()
        """What speaks against starts: per resource `TAKEN` by others, and what the rules say."""
        self._planning = planning
        self._needs = needs
        self._starts = free.starts(planning.grid, row.duration) & lanes(planning.grid.places) * self.weeks
        self.free = self._starts
        self.soft = self.blocked = 0

    def oppose(self, barriers: Sequence[Barrier]) -> None:
        """Take these into account too."""
        self.barriers += tuple(barriers)
        for barrier in barriers:
            if barrier.hard:
                self.blocked |= barrier.starts & self._starts
            else:
                self.soft |= barrier.starts & self._starts
        self.soft &= ~self.blocked
        self.free = self._starts & ~(self.soft | self.blocked)

    def places(self) -> dict[int, Standing]:
        """Return what holds at every place where the activity fits in a working day, in order."""
        count = self._planning.grid.places
        words = [
            memoryview(mask.to_bytes(count * 8, "little")).cast("Q") for mask in (self.free, self.soft, self.blocked)
        ]
        return {place: Standing(*three) for place, three in enumerate(zip(*words, strict=True)) if any(three)}

    def standing(self, place: int) -> Standing:
        """Return what holds at one place; nothing at all where the activity does not fit."""
        return Standing(*(mask >> place * LANE & LANE_MASK for mask in (self.free, self.soft, self.blocked)))

    def possible(self) -> dict[int, int]:
        """Return the weeks in which it could start, by place; places of none are left out."""
        return weeks_by_place(self.free | self.soft, self._planning.grid.places)

    def at(self, place: int) -> PlaceDiagnosis:
        """Return everything about one place."""
        reasons = sorted(self._reasons(place), key=_importance)
        cost = sum(reason.cost * reason.weeks.bit_count() for reason in reasons if not reason.hard)
        return PlaceDiagnosis(place, self.standing(place), cost, tuple(reasons))

    def _reasons(self, place: int) -> Iterator[Reason]:
        for barrier in self.barriers:
            weeks = (barrier.starts & self._starts) >> place * LANE & LANE_MASK
            if weeks and barrier.rule == TAKEN:
                mine, block = (barrier.kind, barrier.key), (place, self.duration, weeks)
                for rival, other, shared in takers(self._planning, self.activity, mine, block):
                    yield Reason(TAKEN, 0, True, 0, *mine, *rival, other, shared)
            elif weeks:
                yield Reason(
                    barrier.rule, barrier.constraint, barrier.hard, barrier.cost, barrier.kind, barrier.key,
                    barrier.kind, barrier.key, barrier.other, weeks,
                )  # fmt: skip


def diagnose(planning: Planning, activity: int, rooms: Sequence[int] | None = None) -> Diagnosis:
    """Return the diagnosis of an activity, itself left aside; with `rooms`, as if it took these in every week.

    Raises UnknownObjectError.
    """
    row = planning.attended(activity)
    for room in rooms or ():
        planning.get("room", room)
    needs = free.needs(row, planning.meetings_of(activity), rooms)
    found = Diagnosis(planning, activity, needs)
    found.oppose(list(taken_barriers(planning, activity, row.duration, needs)))
    found.oppose(rule_barriers(planning, activity, rooms))
    return found


def taken_barriers(
    planning: Planning, activity: int, duration: int, needs: Mapping[Ident | None, int]
) -> Iterator[Barrier]:
    """Yield, for each resource that others take, the starts at which it would be taken twice."""
    occupancy, rivals = planning.occupancy, planning.students.rivals
    starts, everywhere = free.starts(planning.grid, duration), lanes(planning.grid.places)
    for resource, weeks in needs.items():
        if resource is None:
            continue
        taken = 0
        for rival in rivals(resource):
            taken |= occupancy.taken(rival, activity)
        against = reaching(taken & everywhere * weeks, duration) & starts
        if against:
            yield Barrier(TAKEN, 0, True, 0, *resource, 0, against)


def takers(planning: Planning, activity: int, resource: Ident, block: Segment) -> Iterator[tuple[Ident, int, int]]:
    """Yield who takes a resource, or its students, within a block: as which resource, the activity, the weeks."""
    place, steps, wanted = block
    for rival in planning.students.rivals(resource):
        for other, segments in planning.occupancy.holders(rival).items():
            if other == activity:
                continue
            weeks = 0
            for start, length, when in segments:
                if start < place + steps and place < start + length:
                    weeks |= when
            if weeks & wanted:
                yield rival, other, weeks & wanted


def reaching(taken: int, steps: int) -> int:
    """Return the mask of the starts from which `steps` lanes touch one of `taken`; days are not looked at."""
    length = 1
    while length < steps:
        shift = min(length, steps - length)
        taken |= taken >> shift * LANE
        length += shift
    return taken


def _importance(reason: Reason) -> tuple[bool, int, str, str, int, int, int, str, int]:
    """Hard ones first, then those of most weeks, then by name: the same base always gives the same order."""
    return (
        not reason.hard, -reason.weeks.bit_count(), reason.rule, reason.kind, reason.key, reason.constraint,
        reason.other, reason.other_kind, reason.other_key,
    )  # fmt: skip
