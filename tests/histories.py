"""Random histories of a small base, and the plainest model of one: dictionaries and rules as they are told."""

import copy
import datetime as dt
from typing import Any, TypeAlias

import msgspec
from hypothesis import strategies as st

from hpserver.base.changes import Change, Delete, Update, create, delete, update
from hpserver.base.grid import Grid
from hpserver.base.model import activity_and_week, meeting_key
from hpserver.base.registry import KINDS

GRID = Grid(dt.date(2025, 9, 1), weeks=4, days=0b0010011, sequences=3, sequence_minutes=60, division=2)
"""Four weeks; Monday, Tuesday and Friday; six steps a day: small enough for things to meet."""

KEYS = st.sampled_from([1, 2, 1, 2, 3, 4])
SMALL = st.sampled_from([1, 2, 1, 2, 1, 2, 3])
PLACES = st.none() | st.integers(0, 5) | st.integers(0, 5) | st.integers(0, GRID.places - 1)
SOME = st.lists(SMALL, max_size=2, unique=True) | st.lists(SMALL, max_size=1) | st.lists(KEYS, max_size=2)
"""Mostly what exists, sometimes what does not."""

Objects: TypeAlias = dict[tuple[str, int], dict[str, Any]]
"""Fields by kind and key."""

FIELDS: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "subject": {"name": st.sampled_from(["Maths", "Droit"]), "code": st.text(max_size=3)},
    "instructor": {"name": st.sampled_from(["Curie", "Noether"])},
    "cohort": {"name": st.sampled_from(["L1", "L2"]), "size": st.integers(0, 3)},
    "group": {"cohort": SMALL, "name": st.just("TD"), "partition": st.sampled_from("abc"), "apart": SOME},
    "room": {"name": st.sampled_from(["A1", "B2"]), "capacity": st.integers(0, 3)},
    "combined_group": {"name": st.just("CM"), "cohorts": SOME, "groups": SOME},
    "student": {"name": st.sampled_from(["Ada", "Alan"])},
    "membership": {
        "student": SMALL,
        "cohort": st.none() | SMALL,
        "group": st.none() | SMALL,
        "combined": st.none() | st.none() | SMALL,
        "weeks": st.none() | st.integers(0, 15),
    },
    "availability": {
        "level": st.sampled_from(["impossible", "wanted"]),
        "place": st.integers(0, 6),
        "steps": st.integers(1, 3),
        "weeks": st.integers(0, 15),
        "instructor": st.none() | SMALL,
        "group": st.none() | SMALL,
    },
    "series": {"name": st.just("S"), "subject": st.none() | SMALL, "parent": st.none() | SMALL},
    "possible_time": {
        "place": st.integers(0, 6),
        "steps": st.integers(1, 3),
        "weeks": st.integers(0, 15),
        "activity": st.none() | SMALL,
        "series": st.none() | SMALL,
    },
    "comment": {"text": st.text(max_size=3), "student": st.none() | SMALL, "activity": st.none() | SMALL},
    "activity": {
        "subject": st.none() | SMALL,
        "duration": st.integers(1, 5),
        "weeks": st.integers(0, 15),
        "place": PLACES,
        "instructors": SOME,
        "cohorts": SOME,
        "groups": SOME,
        "combined": st.just([]) | SOME,
        "rooms": SOME,
        "memo": st.text(max_size=3),
        "series": st.none() | SMALL,
    },
    "meeting": {
        "cancelled": st.booleans(),
        "place": PLACES,
        "instructors": st.none() | SOME,
        "rooms": st.none() | SOME,
    },
}


@st.composite
def a_change(draw: st.DrawFn) -> Change:
    """Draw a change that may or may not be possible."""
    kind = draw(st.sampled_from(["activity"] * 5 + ["meeting"] * 4 + ["group", "combined_group", *FIELDS]))
    key = draw(KEYS)
    if kind == "meeting":
        key = meeting_key(key, draw(st.integers(0, 3)))
    do = draw(st.sampled_from(["create", "update", "update", "update", "update", "delete"]))
    if do == "delete":
        return delete(kind, key)
    if do == "create":
        return create(kind, key, **draw(st.fixed_dictionaries(FIELDS[kind])))
    names = draw(st.lists(st.sampled_from(sorted(FIELDS[kind])), max_size=2, unique=True))
    return update(kind, key, **{name: draw(FIELDS[kind][name]) for name in names})


transactions = st.lists(a_change(), min_size=1, max_size=3)
histories = st.lists(transactions, min_size=3, max_size=20)


def founding() -> list[Change]:
    """Return the creation of a few of everything, so that most of a history is possible."""
    named = ("subject", "instructor", "cohort", "room")
    changes: list[Change] = [create(kind, key, name="n") for kind in named for key in (1, 2)]
    changes += [
        create("group", key, cohort=1, name="TD", partition=partition)
        for key, partition in ((1, "a"), (2, "b"), (3, "b"))
    ]
    changes += [
        create("activity", 1, instructors=[1], cohorts=[1], rooms=[1], weeks=15, place=0, duration=2),
        create("activity", 2, instructors=[1], groups=[1], rooms=[2], weeks=6, place=1, duration=3),
        create("activity", 3, instructors=[2], groups=[2, 3], rooms=[2], weeks=15, place=0, duration=3),
    ]
    changes += [create("meeting", meeting_key(key, key), cancelled=key == 1) for key in (1, 2)]
    changes += [create("meeting", meeting_key(3, week), place=2, rooms=[1]) for week in (0, 1)]
    changes += [
        create("combined_group", 1, name="CM", cohorts=[2], groups=[1]),
        create("combined_group", 2, name="CM", groups=[1, 3]),
        create("student", 1, name="Ada"),
        create("student", 2, name="Alan"),
        create("membership", 1, student=1, cohort=1),
        create("membership", 2, student=2, group=2, weeks=3),
        create("membership", 3, student=2, combined=2),
        create("availability", 1, level="impossible", place=0, steps=2, weeks=15, instructor=1),
        create("series", 1, name="S"),
        create("possible_time", 1, place=0, steps=2, weeks=15, series=1),
        create("comment", 1, text="early", activity=2),
        create("comment", 2, text="late", student=1),
    ]
    return changes


class PlainBase:
    """Fields by kind and key; a transaction is tried on a copy, and kept when no rule is broken."""

    def __init__(self) -> None:
        self.objects: Objects = {}

    def apply(self, changes: list[Change]) -> bool:
        """Apply a transaction if it can be; say whether it could."""
        after = copy.deepcopy(self.objects)
        put = set()
        for change in changes:
            ident = (change.kind, change.key)
            if isinstance(change, Update | Delete) != (ident in after):
                return False
            if isinstance(change, Delete):
                del after[ident]
                continue
            put.add(ident)
            after.setdefault(ident, _defaults(change.kind)).update(msgspec.msgpack.decode(change.fields))
        for ident in [ident for ident in after if ident[0] == "meeting" and not _has_week(after, ident)]:
            if ident in put or ident not in self.objects:
                return False
            del after[ident]
        while parts := [ident for ident in after if ident not in put and self._has_lost_its_whole(after, *ident)]:
            for ident in parts:
                del after[ident]
        if not all(_is_sound(after, *ident) for ident in after):
            return False
        self.objects = after
        return True

    def _has_lost_its_whole(self, after: Objects, kind: str, key: int) -> bool:
        wholes = [(KINDS[kind].refs[name], after[kind, key][name]) for name in KINDS[kind].part_of]
        return any(whole in self.objects and whole not in after for whole in wholes)


def plain(value: Any) -> Any:
    """Return a value as it is after a journey: lists for tuples."""
    return msgspec.msgpack.decode(msgspec.msgpack.encode(value))


def _defaults(kind: str) -> dict[str, Any]:
    fields = msgspec.structs.fields(KINDS[kind].row)
    return {field.name: None if field.required else plain(field.default) for field in fields}


def _has_week(objects: Objects, ident: tuple[str, int]) -> bool:
    activity, week = activity_and_week(ident[1])
    return bool(objects.get(("activity", activity), {"weeks": 0})["weeks"] >> week & 1)


def _is_sound(objects: Objects, kind: str, key: int) -> bool:
    fields = objects[kind, key]
    for name, target in KINDS[kind].refs.items():
        named = fields[name] if isinstance(fields[name], list) else [fields[name]]
        keys = [one for one in named if one is not None]
        if len(set(keys)) < len(keys) or not all((target, one) in objects for one in keys):
            return False
    one_of = KINDS[kind].one_of
    if one_of and sum(fields[name] is not None for name in one_of) != 1:
        return False
    if kind == "group":
        return all(one != key and objects["group", one]["cohort"] == fields["cohort"] for one in fields["apart"])
    if kind in {"availability", "possible_time"}:
        return GRID.fits(fields["place"], fields["steps"])
    if kind not in {"activity", "meeting"}:
        return True
    owner = fields if kind == "activity" else objects["activity", activity_and_week(key)[0]]
    return fields["place"] is None or GRID.fits(fields["place"], owner["duration"])
