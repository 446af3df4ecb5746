"""What a rule is, and how it speaks: breaches of what is placed, barriers to what is to be placed. Knows no rule."""

from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Final, Literal, Protocol, TypeAlias

import msgspec

from hpserver.base.model import Activity, Constraint
from hpserver.base.occupancy import LANE, LANE_MASK
from hpserver.base.references import Ident

if TYPE_CHECKING:
    from hpserver.base.planning import Planning  # the aggregate imports the index beside this module

Unit: TypeAlias = Literal["minutes", "count", "weeks", "people", "clock", "truth"]
"""What a number of a rule counts: how it is shown."""


ALWAYS: Final = Constraint(rule="")
"""The constraint of a built-in rule, which needs none: about nobody in particular, in every week."""


class Parameter(msgspec.Struct, frozen=True):
    """A number that a constraint gives to its rule, with its bounds (both included)."""

    name: str
    fr: str
    en: str
    default: int
    least: int
    most: int
    unit: Unit = "count"


class Sentences(msgspec.Struct, frozen=True):
    """Per language, a template for a breach and one for a barrier; `wording` has the names that may stand in them."""

    fr: tuple[str, str]
    en: tuple[str, str]


class Breach(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What is placed breaks a rule in a set of weeks.

    `constraint` is the key of the Constraint, of the Availability for the rule `availability`, 0 for a built-in
    rule. `kind` and `key` are whom or what it is about; `activities` are those that take part. `place` is the first
    place of the day, or where it happens; None when it is about whole weeks. In each of `weeks`, `amount` is reached
    where `limit` is allowed, in the unit of the rule. `cost` is that of all the weeks, whether hard or not.
    """

    rule: str
    constraint: int
    hard: bool
    cost: int
    kind: str
    key: int
    activities: tuple[int, ...]
    weeks: int
    place: int | None
    amount: int
    limit: int


class Barrier(msgspec.Struct, frozen=True, gc=False):
    """Why an activity may not, or should rather not, start somewhere in some weeks.

    `starts` has a bit for each place and week at which starting there would break the rule, or break it more;
    `cost` is what one such week weighs. `other` is the activity it is about beside the one to be placed, or 0.
    """

    rule: str
    constraint: int
    hard: bool
    cost: int
    kind: str
    key: int
    other: int
    starts: int


class Candidate(msgspec.Struct, frozen=True):
    """An activity for which a place is sought; where it is now does not count.

    `needs` has the weeks in which it takes each resource; `weeks` those in which it takes place at all; `starts`
    the places and weeks in which it could start by the grid alone. `only` says that all of them are at one place: a
    rule may answer the sooner, and need not.
    """

    key: int
    row: Activity
    needs: Mapping[Ident, int]
    weeks: int
    starts: int
    only: int | None = None

    def at(self, place: int) -> "Candidate":
        """Return it as one that could start at one place only."""
        return msgspec.structs.replace(self, starts=self.starts & LANE_MASK << place * LANE, only=place)

    @property
    def duration(self) -> int:
        """Steps it lasts."""
        return self.row.duration

    def audience(self) -> tuple[Ident, ...]:
        """Return the cohorts and groups it is for."""
        return tuple(ident for ident in self.needs if ident[0] in {"cohort", "group"})


class Rule(Protocol):
    """One rule: what it checks, where it speaks against a start, what it costs, what it says.

    `applies_to` names the fields of a Constraint that it reads. A built-in rule holds without any constraint: it gets
    key 0 and one that says nothing, `ALWAYS`.
    """

    @property
    def name(self) -> str:
        """The word in `Constraint.rule`."""

    @property
    def fr(self) -> str:
        """Its label in French."""

    @property
    def en(self) -> str:
        """Its label in English."""

    @property
    def about(self) -> str:
        """What it means, in one or two English sentences, for the documentation."""

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """What a constraint may set."""

    @property
    def applies_to(self) -> tuple[str, ...]:
        """The fields of a Constraint that it reads."""

    @property
    def built_in(self) -> bool:
        """Whether it holds without any constraint."""

    @property
    def counts(self) -> bool:
        """Whether a breach says how much there is of something, whoever takes part; else, what becomes of those."""

    @property
    def unit(self) -> Unit:
        """What `amount` and `limit` count."""

    @property
    def sentences(self) -> Sentences:
        """What to say of a breach and of a barrier."""

    def breaches(self, planning: "Planning", key: int, constraint: Constraint) -> Iterator[Breach]:
        """Yield every breach of the base."""

    def near(
        self, planning: "Planning", key: int, constraint: Constraint, activities: Collection[int]
    ) -> Iterator[Breach]:
        """Yield the breaches of whatever the activities have to do with, theirs among them."""

    def barriers(
        self, planning: "Planning", key: int, constraint: Constraint, candidate: Candidate
    ) -> Iterator[Barrier]:
        """Yield where the candidate may not, or should rather not, start."""


def setting(rule: Rule, constraint: Constraint, name: str) -> int:
    """Return the value of a parameter: the constraint's, or its default."""
    given = dict(constraint.parameters).get(name)
    return next(one.default for one in rule.parameters if one.name == name) if given is None else given


def breach_of(barrier: Barrier, activities: tuple[int, ...], place: int, weeks: int) -> Breach:
    """Return the breach of what is where a barrier speaks against it, in a set of weeks."""
    cost = barrier.cost * weeks.bit_count()
    about = (barrier.rule, barrier.constraint, barrier.hard, cost, barrier.kind, barrier.key)
    return Breach(*about, activities, weeks, place, 1, 0)
