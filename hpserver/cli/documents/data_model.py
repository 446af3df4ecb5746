"""docs/data-model.md, from the registry: every word about a kind or a field. Knows how the document is laid out."""

from collections.abc import Sequence
from typing import Final, get_args

import msgspec

from hpserver.base.model import Domain
from hpserver.base.registry import KINDS, PARTS, Field, Kind
from hpserver.cli.documents.reference_types import document, told_type
from hpserver.cli.documents.target import DOCS, write_or_check

TARGET: Final = DOCS / "data-model.md"

INTRODUCTION: Final = """\
# The data model

<!-- Written by `./run docs` from the declarations in hpserver/base/model. Change those, never this file. -->

A base is a grid and objects of {count} kinds. Every object has a key from 1, unique in its kind, never given twice; a
meeting's is `activity * 64 + week`. A negative key stands, within a transaction, for an object it creates. A field that
refers holds keys of another kind (or of its own), and what it names exists. A kind belongs to a domain, by which rights
are given. How kinds travel is in [the protocol](protocol.md), how to add one in [extending](extending.md).

- *Exactly one of*: the fields that say whom or what the object is about; one of them is given, the others are nil.
- *Goes with*: when what such a field names is deleted, the object goes too, in the same transaction. What any other
  field names cannot be deleted as long as the object names it.
- *Unit*: what a number counts in; it changes when the grid does. `place` is `day * steps_per_day + step`, `weeks` a set
  with one bit per week, `week` an index from 0.
"""


def data_model() -> str:
    """Return the document."""
    parts = [INTRODUCTION.format(count=len(KINDS))]
    for domain in get_args(Domain):
        kinds = [kind for kind in KINDS.values() if kind.domain == domain]
        if kinds:
            parts.append(f"## Domain `{domain}`\n")
            parts += [_kind(kind) for kind in kinds]
    return "\n".join(parts).rstrip() + "\n"


def write(arguments: Sequence[str]) -> int:
    """Write the document, or with `--check` say whether it is up to date. Return the exit code."""
    return write_or_check(TARGET, data_model(), arguments)


def _kind(kind: Kind) -> str:
    lines = [f"### `{kind.name}`: {kind.fr} / {kind.en}", "", document(kind.row), ""]
    told = [f"- {label}: {', '.join(f'`{name}`' for name in names)}" for label, names in _rules(kind) if names]
    lines += [*told, ""] if told else []
    lines += ["| field | type | refers to | default | unit | French | English |", "|---|---|---|---|---|---|---|"]
    return "\n".join([*lines, *map(_field, kind.fields())]) + "\n"


def _rules(kind: Kind) -> tuple[tuple[str, tuple[str, ...]], ...]:
    parts = tuple(part for part, _ in PARTS[kind.name])
    return ("exactly one of", kind.one_of), ("goes with", kind.part_of), ("takes along", parts)


def _field(field: Field) -> str:
    default = "required" if field.required else f"`{msgspec.json.encode(field.default).decode()}`"
    default = default.replace("null", "nil")
    refers = f"[`{field.ref}`](#{_anchor(KINDS[field.ref])})" if field.ref else ""
    cells = (f"`{field.name}`", told_type(field.type), refers, default, field.unit or "", field.fr, field.en)
    return f"| {' | '.join(cells)} |"


def _anchor(kind: Kind) -> str:
    """Return the name that readers of Markdown give to a heading."""
    heading = f"{kind.name}: {kind.fr} / {kind.en}".lower()
    return "".join(letter for letter in heading if letter.isalnum() or letter in " -_").replace(" ", "-")
