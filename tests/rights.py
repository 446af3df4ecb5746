"""Bases in which every text is unlike any other, and sights on them: what must not be seen can be looked for."""

from itertools import count
from typing import Any

import msgspec
from hypothesis import strategies as st

from hpserver.base.changes import Change, Create, Delete, Update, create, encode_fields, update
from hpserver.base.planning import Planning
from hpserver.base.registry import KINDS, kind_of
from hpserver.base.row_checks import CLASSIFYING
from hpserver.identity.profiles import Level, Rights
from tests.histories import GRID, SMALL, a_change, founding

DOMAINS = sorted({kind.domain for kind in KINDS.values()})
CLASSIFIED = sorted(CLASSIFYING)
LEVELS: st.SearchStrategy[Level] = st.sampled_from(["none", "read", "edit"])
VALUES = st.sampled_from([[], [1], [2], [1, 2]])

marks = count(1)


@st.composite
def some_rights(draw: st.DrawFn) -> Rights:
    """Draw rights, most of which see a part of a base."""
    return Rights(
        others=draw(LEVELS),
        domains=draw(st.dictionaries(st.sampled_from(DOMAINS), LEVELS, max_size=3)),
        kinds=draw(st.dictionaries(st.sampled_from(sorted(KINDS)), LEVELS, max_size=3)),
        categories=tuple(draw(st.sampled_from([[], [], [1], [2]]))),
        actions=("force", "undo_others") if draw(st.booleans()) else (),
    )


@st.composite
def a_classifying(draw: st.DrawFn) -> Change:
    """Draw other categories for an object that may be there."""
    return update(draw(st.sampled_from(CLASSIFIED)), draw(SMALL), categories=draw(VALUES))


transactions = st.lists(a_change() | a_change() | a_classifying(), min_size=1, max_size=3)
histories = st.lists(transactions, min_size=1, max_size=12)


def marked(changes: list[Change]) -> list[Change]:
    """Return the changes with texts that nobody else has."""
    return [change if isinstance(change, Delete) else _marked(change) for change in changes]


def _marked(change: Create | Update) -> Change:
    fields = msgspec.msgpack.decode(change.fields)
    for name in ("name", "first_name", "code", "memo", "text"):
        if name in kind_of(change.kind).by_name and (name in fields or isinstance(change, Create)):
            fields[name] = f"§{next(marks)}§"
    return type(change)(change.kind, change.key, encode_fields(fields))


def a_marked_base() -> Planning:
    """Return a few of everything, half of it of one category and half of another, each text a mark."""
    planning = Planning(GRID)
    planning.apply(marked([create("category", 1), *(create("category_value", key, category=1) for key in (1, 2))]))
    founded = [_classified(change) for change in founding()]
    planning.apply(marked(founded))
    planning.apply(
        marked([
            create("constraint", 1, rule="same_day", activities=[1, 2]),
            create("gradebook", 1, cohorts=[2]),
            create("assessment", 1, gradebook=1),
            create("grade", 1, assessment=1, student=2),
            create("guardian", 1, students=[1]),
            create("room_pool", 1, rooms=[1, 2]),
        ])
    )  # fmt: skip
    return planning


def _classified(change: Change) -> Change:
    if change.kind not in CLASSIFYING or not isinstance(change, Create):
        return change
    fields = {**msgspec.msgpack.decode(change.fields), "categories": [1 + change.key % 2]}
    return Create(change.kind, change.key, encode_fields(fields))


def texts(planning: Planning) -> set[bytes]:
    """Return every mark in a base."""
    return {mark for kind in KINDS for row in planning.rows(kind).values() for mark in _marks(row)}


def marks_in(raw: bytes) -> set[bytes]:
    """Return every mark in some bytes."""
    parts = raw.split("§".encode())
    return {part for part in parts if part.isdigit()}


def _marks(row: Any) -> set[bytes]:
    return marks_in(msgspec.msgpack.encode(row))
