"""The diagnosis of an activity over the whole grid at once: free, possible, impossible, and by whom. Changes nothing.

Every set of places and weeks is one mask (see `hpserver.base.occupancy`): a bit says something about the activity if
it *started* at that place in that week. Who exactly is in the way is looked for at one place, when it is asked.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Final, Literal

import msgspec

from hpserver.base import free
from hpserver.base.occupancy import LANE, LANE_MASK, Segment, weeks_by_place
from hpserver.base.planning import Planning
from hpserver.base.references import Ident
from hpserver.base.rules import each_barrier
from hpserver.base.rules.api import Barrier, Candidate

TAKEN: Final = "taken"
"""The rule that nobody is in two places at once: it is no constraint of the base, and always hard."""

CROWD: Final = "crowd"
"""The rule of a barrier that stands for many, of whatever rules and constraints."""

MOST_BARRIERS: Final = 256
"""Barriers of rules kept each by itself: 4 MB on the finest grid, of 16 KB each. A usual base has a few tens."""

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
    """One activity, every place of the week, every week; true until the planning changes.

    Constraints may name thousands of others, each a barrier: no more than `most` of those of rules are kept, beyond
    only what they say together. Each is looked for again at the one place that is asked about.
    """

    def __init__(
        self, planning: Planning, candidate: Candidate, taken: Iterable[Barrier], most: int = MOST_BARRIERS
    ) -> None:
        self.activity = candidate.key
        self.duration = candidate.duration
        self.weeks = candidate.weeks
        """The weeks that need a place."""
        self.soft = self.blocked = 0
        self._planning = planning
        self._candidate = candidate
        self._taken = tuple(taken)
        self.opposed = len(self._taken)
        """How many barriers there are, each counted by itself."""
        self._crowds: dict[tuple[bool, str, int], int] = {}
        ruled = list(self._kept(each_barrier(planning, candidate), most))
        crowds = [
            Barrier(CROWD, 0, hard, 0, kind, key, 0, starts) for (hard, kind, key), starts in self._crowds.items()
        ]
        self.barriers: tuple[Barrier, ...] = (*self._taken, *ruled, *crowds)
        """What speaks against starts: per resource `TAKEN` by others, what the rules say, each `CROWD` of these."""
        for barrier in self.barriers:
            if barrier.hard:
                self.blocked |= barrier.starts & candidate.starts
            else:
                self.soft |= barrier.starts & candidate.starts
        self.soft &= ~self.blocked
        self.free = candidate.starts & ~(self.soft | self.blocked)

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

    def _kept(self, barriers: Iterable[Barrier], most: int) -> Iterator[Barrier]:
        """Yield the first barriers; those that follow join their crowds."""
        for number, barrier in enumerate(barriers, 1):
            self.opposed += 1
            if number <= most:
                yield barrier
            else:
                whom = barrier.hard, barrier.kind, barrier.key
                self._crowds[whom] = self._crowds.get(whom, 0) | barrier.starts

    def _against(self, place: int) -> Iterable[Barrier]:
        """Return each barrier to one place by itself: a crowd that speaks against it is looked at again."""
        if any(starts >> place * LANE & LANE_MASK for starts in self._crowds.values()):
            return chain(self._taken, each_barrier(self._planning, self._candidate.at(place)))
        return self.barriers

    def _reasons(self, place: int) -> Iterator[Reason]:
        for barrier in self._against(place):
            weeks = (barrier.starts & self._candidate.starts) >> place * LANE & LANE_MASK
            if weeks and barrier.rule == TAKEN:
                mine, block = (barrier.kind, barrier.key), (place, self.duration, weeks)
                for rival, other, shared in takers(self._planning, self.activity, mine, block):
                    yield Reason(TAKEN, 0, True, 0, *mine, *rival, other, shared)
            elif weeks:
                yield Reason(
                    barrier.rule, barrier.constraint, barrier.hard, barrier.cost, barrier.kind, barrier.key,
                    barrier.kind, barrier.key, barrier.other, weeks,
                )  # fmt: skip


def diagnose(
    planning: Planning, activity: int, rooms: Sequence[int] | None = None, *, most: int = MOST_BARRIERS
) -> Diagnosis:
    """Return the diagnosis of an activity, itself left aside; with `rooms`, as if it took these in every week.

    Raises UnknownObjectError.
    """
    planning.activity(activity)
    for room in rooms or ():
        planning.get("room", room)
    candidate = planning.index.candidate(activity, rooms)
    return Diagnosis(planning, candidate, taken_barriers(planning, candidate), most)


def taken_barriers(planning: Planning, candidate: Candidate) -> Iterator[Barrier]:
    """Yield, for each resource that others take, the starts at which it would be taken twice."""
    occupancy, rivals = planning.occupancy, planning.students.rivals
    starts, everywhere = free.starts(planning.grid, candidate.duration), planning.index.everywhere
    for resource, weeks in candidate.needs.items():
        taken = 0
        for rival in rivals(resource):
            taken |= occupancy.taken(rival, candidate.key)
        against = reaching(taken & everywhere * weeks, candidate.duration) & starts
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
