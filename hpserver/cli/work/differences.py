"""What differs between two states of a base, told line by line. Knows no base on a disk."""

from collections.abc import Iterator, Sequence
from typing import Final

from hpserver.base.edits.diff import Difference
from hpserver.base.edits.rebase import WHOLE, Conflict
from hpserver.base.planning import Planning
from hpserver.base.registry import KINDS
from hpserver.cli.screen import language, tr
from hpserver.cli.words.telling import label_of_field, named, told_value

SIGNS: Final = {"created": "+", "changed": "~", "deleted": "-"}
"""What a line begins with."""


def difference_lines(before: Planning, after: Planning, one: Difference) -> Iterator[str]:
    """Tell a difference: the object on one line, each field that changed on one below."""
    side = before if one.how == "deleted" else after
    kind = KINDS[one.kind]
    yield f"{SIGNS[one.how]} {tr(kind.fr, kind.en)} {one.key}  {named(side, one.kind, one.key, language())}"
    for field in one.fields if one.how == "changed" else ():
        label = label_of_field(one.kind, field.name, language())
        old = told_value(before, one.kind, field.name, field.before, language())
        new = told_value(after, one.kind, field.name, field.after, language())
        yield tr(f"    {label} : {old} → {new}", f"    {label}: {old} → {new}")


def conflict_lines(planning: Planning, conflicts: Sequence[Conflict]) -> Iterator[str]:
    """Tell what both sides changed."""
    for one in conflicts:
        kind = KINDS[one.kind]
        name = f"{tr(kind.fr, kind.en)} {one.key} {named(planning, one.kind, one.key, language())}"
        if one.field == WHOLE:
            yield f"! {name}" + tr(
                " : supprimé d'un côté, modifié de l'autre", ": deleted on one side, changed on the other"
            )
        else:
            label = label_of_field(one.kind, one.field, language())
            ours = told_value(planning, one.kind, one.field, one.branch, language())
            theirs = told_value(planning, one.kind, one.field, one.current, language())
            yield (
                f"! {name}, {label}"
                + tr(" : ", ": ")
                + tr(f"branche {ours}, base {theirs}", f"branch {ours}, base {theirs}")
            )
