"""A diagnosis as plain data that can be told: names, weeks, hours. Knows no language."""

from collections.abc import Iterable

import msgspec

from hpserver.base.diagnosis.grid import Reason
from hpserver.base.diagnosis.repairs import Repair
from hpserver.base.diagnosis.targets import Edit, What
from hpserver.base.explain import label_of, name_of
from hpserver.base.grid import Grid
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
    """What to do to an activity. `day` is 0 for Monday, `start` minutes after midnight; both None unless it moves.

    `from_day` and `from_start` say where it usually is; both None when it has no place yet.
    """

    what: What
    activity: Named
    weeks: str
    count: int
    whole: bool
    day: int | None
    start: int | None
    from_day: int | None
    from_start: int | None
    keys: tuple[Named, ...]


class RepairExplained(msgspec.Struct, frozen=True):
    """Edits, and whom they disturb."""

    edits: tuple[EditExplained, ...]
    students: int
    instructors: int
    rehoused: int
    meetings: int


def named(planning: Planning, ident: Ident) -> Named:
    """Return what an object is called; of an activity its label, of a constraint its rule."""
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
        *_when(planning.grid, edit.place),
        *_when(planning.grid, planning.activity(edit.activity).place),
        tuple(named(planning, ident) for ident in kind),
    )


def _when(grid: Grid, place: int | None) -> tuple[int | None, int | None]:
    return (None, None) if place is None else (grid.day_and_step(place)[0], grid.minutes_of(place))
