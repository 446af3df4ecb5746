"""One base as somebody sees it who may not see all of it: which rows, and what of them. Pure; keeps nothing.

What is seen is itself a valid base. A row that needs what is not seen is not seen either; a reference that may be
left out is. Of imposed categories the rest of the timetable stays as blanks: an activity that is not for us, but takes
a room or a person that is, is there with its place and weeks and nothing else.
"""

from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import Any, Final

import msgspec

from hpserver.base.changes import Change, Create, Delete, Update, encode_fields
from hpserver.base.model import Activity, Meeting, Row, activity_and_week, meeting_key, values_of
from hpserver.base.planning import Planning
from hpserver.base.references import Ident, keys_in
from hpserver.base.registry import KINDS, Kind, kind_of
from hpserver.base.row_checks import CLASSIFYING
from hpserver.identity.profiles import Rights

DIGEST_BYTES: Final = 16

EXACT: Final = frozenset({"constraint"})
"""Kinds whose rows mean something else with fewer objects: they are seen whole or not at all."""

TAKEN: Final = ("instructors", "cohorts", "groups", "rooms", "combined")
"""What an activity takes: all that is left of one that is not for us."""


class Sight(msgspec.Struct, frozen=True):
    """Who sees only these kinds; with `categories`, only what bears one of these category values."""

    kinds: frozenset[str]
    categories: frozenset[int] = frozenset()

    @property
    def digest(self) -> bytes:
        """Return what names this sight to a replica: 16 bytes, never empty."""
        return sha256(repr((sorted(self.kinds), sorted(self.categories))).encode()).digest()[:DIGEST_BYTES]


def maybe_sight(rights: Rights) -> Sight | None:
    """Return how far rights let see; None is all."""
    kinds = frozenset(name for name, kind in KINDS.items() if rights.level(name, kind.domain) != "none")
    if len(kinds) == len(KINDS) and not rights.categories:
        return None
    return Sight(kinds, frozenset(rights.categories))


class Lens:
    """A sight on a base as it is now: to be thrown away when the base changes, for it remembers what it found."""

    def __init__(self, planning: Planning, sight: Sight) -> None:
        self._planning, self._sight = planning, sight
        self._known: dict[Ident, bool] = {}

    def sees(self, kind: str, key: int) -> bool:
        """Say whether an object is there and is seen as what it is. Raises InvalidChangeError: no such kind."""
        ident = kind_of(kind).name, key
        if ident not in self._known:
            row = self._planning.maybe_get(kind, key)
            self._known[ident] = row is not None and self._judge(ident, row)
        return self._known[ident]

    def would_see(self, kind: str, key: int, row: Row) -> bool:
        """Say whether an object that is not there would be seen if it were this row."""
        return self._judge((kind, key), row)

    def maybe_row(self, kind: str, key: int) -> Row | None:
        """Return what is shown of an object: its row, without what it may not name; a blank; or None."""
        row = self._planning.maybe_get(kind, key)
        if row is None or kind not in self._sight.kinds:
            return None
        if self.sees(kind, key):
            return self._cleaned(KINDS[kind], row)
        if isinstance(row, Activity):
            return self._maybe_blank(key, row)
        if isinstance(row, Meeting):
            activity, _ = activity_and_week(key)
            return None if self.maybe_row("activity", activity) is None else self._blank_meeting(row)
        return None

    def shows(self, kind: str, key: int) -> bool:
        """Say whether an object is there for us at all, if only as a blank."""
        return self.maybe_row(kind, key) is not None

    def clean(self, kind: str, field: str, value: Any) -> Any:
        """Return the value of a field without the objects that are not seen."""
        target = kind_of(kind).refs.get(field)
        if target is None or value is None:
            return value
        if isinstance(value, list | tuple):
            return tuple(key for key in value if self.sees(target, key))
        return value if self.sees(target, value) else None

    def hidden(self, kind: str, field: str, value: Any) -> tuple[int, ...]:
        """Return the objects that the value of a field names and that are not seen."""
        target = kind_of(kind).refs.get(field)
        return () if target is None else tuple(key for key in keys_in(value) if not self.sees(target, key))

    # --- within ---------------------------------------------------------------------------------------------

    def _judge(self, ident: Ident, row: Row) -> bool:
        name, key = ident
        sight = self._sight
        if name not in sight.kinds:
            return False
        if name == "meeting":
            return self.sees("activity", activity_and_week(key)[0])
        if sight.categories and name in CLASSIFYING and sight.categories.isdisjoint(getattr(row, CLASSIFYING[name])):
            return False
        for field, target in NEEDED[name].items():
            if not all(self.sees(target, other) for other in keys_in(getattr(row, field))):
                return False
        return not sight.categories or name in CLASSIFYING or self._names_something(KINDS[name], row)

    def _names_something(self, kind: Kind, row: Row) -> bool:
        """Say whether a row that cannot be classified names something that is seen, if it names anything."""
        named = [(target, key) for field, target in kind.refs.items() for key in keys_in(getattr(row, field))]
        return not named or any(self.sees(*one) for one in named)

    def _cleaned(self, kind: Kind, row: Row) -> Row:
        other = {}
        for field in kind.refs:
            value = getattr(row, field)
            if value and (shown := self.clean(kind.name, field, value)) != value:
                other[field] = shown
        return msgspec.structs.replace(row, **other) if other else row

    def _maybe_blank(self, key: int, row: Activity) -> Activity | None:
        """Return what is left of an activity that is not for us, if it takes anything that is."""
        if not self._sight.categories:
            return None
        left = {field: self.clean("activity", field, getattr(row, field)) for field in TAKEN}
        if not any(left.values()) and not any(map(self._takes, self._planning.meetings_of(key).values())):
            return None
        return Activity(duration=row.duration, weeks=row.weeks, place=row.place, locked=True, **left)

    def _takes(self, row: Meeting) -> bool:
        return bool(self.clean("meeting", "instructors", row.instructors) or self.clean("meeting", "rooms", row.rooms))

    def _blank_meeting(self, row: Meeting) -> Meeting:
        return Meeting(
            cancelled=row.cancelled,
            place=row.place,
            instructors=self.clean("meeting", "instructors", row.instructors),
            rooms=self.clean("meeting", "rooms", row.rooms),
        )


def projected(planning: Planning, sight: Sight) -> Planning:
    """Return a base as it is seen."""
    lens = Lens(planning, sight)
    tables = {
        name: {key: row for key in planning.rows(name) if (row := lens.maybe_row(name, key)) is not None}
        for name in KINDS
        if name in sight.kinds
    }
    return Planning.load(planning.grid, tables, {})


def news(view: Planning, blanks: set[int], planning: Planning, sight: Sight, touched: Iterable[Ident]) -> list[Change]:
    """Return what brings `view`, the base as it was seen, to what is seen now that `touched` changed.

    `blanks` are the activities that are blanks in `view`; it is brought up to date, the view is not.
    """
    lens = Lens(planning, sight)
    queue = dict.fromkeys(touched)
    done = set[Ident]()
    changes: list[Change] = []
    while queue:
        ident = next(iter(queue))
        del queue[ident]
        if ident in done:
            continue
        done.add(ident)
        kind, key = ident
        before, after = view.maybe_get(kind, key), lens.maybe_row(kind, key)
        saw, sees = before is not None and not (kind == "activity" and key in blanks), lens.sees(kind, key)
        if kind == "activity":
            (blanks.add if after is not None and not sees else blanks.discard)(key)
        if saw != sees or (before is None) != (after is None):
            queue.update(dict.fromkeys(_dependents(planning, view, ident)))
        elif kind == "meeting":
            queue["activity", activity_and_week(key)[0]] = None
        changes += _change(ident, before, after)
    return changes


def blanks_in(planning: Planning, view: Planning, sight: Sight) -> set[int]:
    """Return the activities that are blanks in a view."""
    if not sight.categories:
        return set()
    lens = Lens(planning, sight)
    return {key for key in view.rows("activity") if not lens.sees("activity", key)}


def _dependents(planning: Planning, view: Planning, ident: Ident) -> Iterator[Ident]:
    """Yield whatever may be seen, or not, because an object now is, or is not."""
    kind, key = ident
    yield from planning.references.referrers(kind, key)
    if kind == "activity":
        for week in planning.meetings_of(key).keys() | view.meetings_of(key).keys():
            yield "meeting", meeting_key(key, week)
    elif kind == "meeting":
        yield "activity", activity_and_week(key)[0]


def _change(ident: Ident, before: Row | None, after: Row | None) -> list[Change]:
    if after is None:
        return [] if before is None else [Delete(*ident)]
    if before is None:
        return [Create(*ident, encode_fields(values_of(after)))]
    fields = {name: value for name, value in values_of(after).items() if getattr(before, name) != value}
    return [Update(*ident, encode_fields(fields))] if fields else []


def _needed(kind: Kind) -> dict[str, str]:
    whole = kind.name in EXACT
    needed = {*kind.required, *kind.one_of, *kind.part_of}
    return {name: target for name, target in kind.refs.items() if whole or name in needed}


NEEDED: Final = {name: _needed(kind) for name, kind in KINDS.items()}
"""Of each kind, the references without which a row is not seen."""
