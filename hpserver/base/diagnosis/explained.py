"""A diagnosis as plain data that can be told: names, weeks, hours. Knows no language."""

from collections.abc import Iterable

import msgspec

from hpserver.base.diagnosis.grid import Reason
from hpserver.base.diagnosis.repairs import Repair
from hpserver.base.diagnosis.targets import Edit, What
from hpserver.base.explain import label_of, name_of
from hpserver.base.planning import Planning
from hpserver.base.references import Ident
from hpserver.base.weeks import format_weeks


class Named(msgspec.Struct, frozen=True):
    """An object of the base and what it is called; empty when it has no name, key 0 when there is none."""

    kind: str
    key: int
    name: str


class ReasonExplained(msgspec.Struct, frozen=True):
    """Why not. `who` is whom or what it is about; with the rule `taken`, `by` takes it as `through`.

    `who` and `through` are the same unless students are shared. `weeks` is written, `count` says how many.
    """

    rule: str
    constraint: int
    hard: bool
    cost: int
    who: Named
    through: Named
    by: Named
    weeks: str
    count: int


class EditExplained(msgspec.Struct, frozen=True):
    """What to do to an activity. `day` is 0 for Monday, `start` minutes after midnight; both None unless it moves."""

    what: What
    activity: Named
    weeks: str
    count: int
    whole: bool
    day: int | None
    start: int | None
    keys: tuple[Named, ...]


class RepairExplained(msgspec.Struct, frozen=True):
    """Edits, and whom they disturb."""

    edits: tuple[EditExplained, ...]
    students: int
    instructors: int
    rehoused: int
    meetings: int


def named(planning: Planning, ident: Ident) -> Named:
    """Return what an object is called; of an activity its subject and type, of a constraint its rule."""
    kind, key = ident
    row = planning.maybe_get(kind, key) if kind in planning.counts() else None
    if row is None:
        return Named(kind, key, "")
    if kind == "activity":
        return Named(kind, key, label_of(planning, key))
    return Named(kind, key, name_of(row) or getattr(row, "rule", ""))


def explain_reason(planning: Planning, reason: Reason) -> ReasonExplained:
    """Return what a reason means."""
    return ReasonExplained(
        reason.rule,
        reason.constraint,
        reason.hard,
        reason.cost,
        named(planning, (reason.kind, reason.key)),
        named(planning, (reason.other_kind, reason.other_key)),
        named(planning, ("activity", reason.other)),
        format_weeks(reason.weeks),
        reason.weeks.bit_count(),
    )


def explain_repair(planning: Planning, repair: Repair) -> RepairExplained:
    """Return what a repair means."""
    edits = tuple(explain_edit(planning, edit) for edit in repair.edits)
    return RepairExplained(edits, repair.students, repair.instructors, repair.rehoused, repair.meetings)


def explain_edit(planning: Planning, edit: Edit) -> EditExplained:
    """Return what an edit means."""
    kind: Iterable[Ident] = ((edit.what, key) for key in edit.keys or ())
    return EditExplained(
        edit.what,
        named(planning, ("activity", edit.activity)),
        format_weeks(edit.weeks),
        edit.weeks.bit_count(),
        edit.whole,
        None if edit.place is None else planning.grid.day_and_step(edit.place)[0],
        None if edit.place is None else planning.grid.minutes_of(edit.place),
        tuple(named(planning, ident) for ident in kind),
    )
