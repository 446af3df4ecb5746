import contextlib
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from hpserver.base.changes import (
    Applied,
    Change,
    decode_changes,
    delete,
    encode_changes,
    from_json,
    inverse,
    to_json,
    update,
)
from hpserver.base.clashes import Clash
from hpserver.base.integrity import naive_clashes
from hpserver.base.model import Meeting, meeting_key, values_of
from hpserver.base.planning import Planning
from hpserver.base.registry import KINDS
from hpserver.base.snapshot import decode_snapshot, encode_snapshot
from hpserver.base.weeks import each_week
from hpserver.errors import (
    CorruptBaseError,
    InvalidChangeError,
    StillReferencedError,
    StoreVersionError,
    UnknownObjectError,
)
from tests.histories import GRID, PlainBase, founding, histories, plain, transactions

REFUSALS = (InvalidChangeError, UnknownObjectError, StillReferencedError)


def rows_of(planning: Planning) -> dict[tuple[str, int], dict[str, Any]]:
    """Return every field of every object, in plain values."""
    return {(kind, key): plain(values_of(row)) for kind in KINDS for key, row in planning.rows(kind).items()}


def state_of(planning: Planning) -> tuple[Any, ...]:
    """Return rows and everything derived from them."""
    return rows_of(planning), planning.derived()


def founded() -> Planning:
    """Return a planning with two of everything."""
    planning = Planning(GRID)
    planning.apply(founding())
    return planning


def maybe_applied(planning: Planning, changes: list[Change]) -> Applied | None:
    """Apply a transaction, or return None when it is refused."""
    try:
        return planning.apply(changes)
    except REFUSALS:
        return None


def cells(clash: Clash) -> set[tuple[Any, ...]]:
    """Return a clash cell by cell, as the naive count does."""
    one, two = (clash.kind, clash.key), (clash.other_kind, clash.other_key)
    return {
        (clash.activity, one, clash.other, two, place, week)
        for place in range(clash.place, clash.place + clash.steps)
        for week in each_week(clash.weeks)
    }


def both_ways(found: set[tuple[Any, ...]]) -> set[tuple[Any, ...]]:
    """Return clashes as seen from either side."""
    return found | mirrored(found)


def mirrored(found: set[tuple[Any, ...]]) -> set[tuple[Any, ...]]:
    """Return clashes as seen from the other side."""
    return {(b, two, a, one, place, week) for a, one, b, two, place, week in found}


@given(histories)
def test_planning_agrees_with_a_plain_model(history: list[list[Change]]) -> None:
    """What is accepted, what is refused and what is then true do not depend on indexes and shortcuts."""
    planning, plain = Planning(GRID), PlainBase()
    for changes in [founding(), *history]:
        before = state_of(planning)
        accepted = plain.apply(changes)
        assert (maybe_applied(planning, changes) is not None) == accepted
        assert rows_of(planning) == plain.objects
        if not accepted:
            assert state_of(planning) == before
    planning.validate()


@given(histories)
def test_every_derived_value_is_what_the_rows_say(history: list[list[Change]]) -> None:
    """The occupancy equals the naive count after every transaction, also where activities overlap."""
    planning = founded()
    for changes in history:
        maybe_applied(planning, changes)
        planning.validate()


@given(histories)
def test_revert_is_the_identity(history: list[list[Change]]) -> None:
    """A transaction taken back leaves no trace, in rows or in what is derived from them."""
    planning = founded()
    for changes in history:
        before = state_of(planning)
        applied = maybe_applied(planning, changes)
        if applied is not None:
            planning.revert(applied)
            assert state_of(planning) == before
            planning.apply(changes)


@given(histories)
def test_the_inverse_is_a_change_that_restores(history: list[list[Change]]) -> None:
    """Undo is a transaction like any other, and undoing the undo gives the change back."""
    planning = founded()
    for changes in history:
        before = rows_of(planning)
        applied = maybe_applied(planning, changes)
        if applied is not None:
            after = rows_of(planning)
            undone = planning.apply(inverse(applied))
            assert rows_of(planning) == before
            planning.apply(inverse(undone))
            assert rows_of(planning) == after
            planning.validate()


@given(histories)
def test_replicas_fed_with_facts_are_equal(history: list[list[Change]]) -> None:
    """Whoever replays broadcast bytes, or the journal's JSON, holds the same timetable as the server."""
    planning = Planning(GRID)
    listener, restored = Planning(GRID), Planning(GRID)
    for changes in [founding(), *history]:
        applied = maybe_applied(planning, changes)
        if applied is not None:
            listener.replay(decode_changes(encode_changes(applied.changes)))
            restored.replay(from_json(to_json(applied)))
    assert state_of(listener) == state_of(planning) == state_of(restored)
    assert encode_snapshot(listener) == encode_snapshot(planning) == encode_snapshot(restored)


@given(histories)
def test_a_snapshot_brings_back_the_same_planning(history: list[list[Change]]) -> None:
    """Saving and loading changes nothing, and the same timetable has the same bytes."""
    planning = founded()
    for changes in history:
        maybe_applied(planning, changes)
    loaded = decode_snapshot(encode_snapshot(planning))
    assert loaded == planning
    assert loaded.derived() == planning.derived()
    assert loaded.next_keys == planning.next_keys
    assert encode_snapshot(loaded) == encode_snapshot(planning)


@given(histories)
def test_clashes_are_those_of_the_naive_count(history: list[list[Change]]) -> None:
    """No clash is missed and none invented, whatever the order in which activities came and went."""
    planning = founded()
    for changes in history:
        maybe_applied(planning, changes)
        for key in planning.rows("activity"):
            planning.clashes_of(key)  # whatever is remembered between two questions must not show
    found = {cell for key in planning.rows("activity") for clash in planning.clashes_of(key) for cell in cells(clash)}
    assert found == naive_clashes(planning)


@given(histories)
def test_new_clashes_are_those_that_were_not_there(history: list[list[Change]]) -> None:
    """A planner is told of what the edit brought about: all of it, once, and nothing older."""
    planning = founded()
    for changes in history:
        before = naive_clashes(planning)
        applied = maybe_applied(planning, changes)
        if applied is not None:
            clashes = planning.new_clashes(applied)
            found = {cell for clash in clashes for cell in cells(clash)}
            assert both_ways(found) == naive_clashes(planning) - before
            assert not found & mirrored(found)
            assert len(found) == sum(len(cells(clash)) for clash in clashes)


@given(histories, st.none() | st.lists(st.integers(1, 2), max_size=2, unique=True))
def test_free_places_are_free(history: list[list[Change]], rooms: list[int] | None) -> None:
    """Wherever an activity is said to fit, putting it there clashes with nobody, and nowhere else does it fit."""
    planning = founded()
    for changes in history:
        maybe_applied(planning, changes)
    for key in planning.rows("activity"):
        own = [
            delete("meeting", meeting_key(key, week))
            for week, meeting in planning.meetings_of(key).items()
            if meeting.place is not None or (rooms is not None and meeting.rooms is not None)
        ]
        applied = planning.apply(own)
        if all(planning.maybe_get("room", room) for room in rooms or ()):
            check_free_places(planning, key, rooms)
        planning.revert(applied)


def check_free_places(planning: Planning, key: int, rooms: list[int] | None) -> None:
    """Try every place of the week."""
    row, free = planning.activity(key), planning.free_places(key, rooms)
    changed: dict[str, Any] = {} if rooms is None else {"rooms": rooms}
    cancelled = sum(1 << week for week, meeting in planning.meetings_of(key).items() if meeting.cancelled)
    for place in range(GRID.places):
        if not GRID.fits(place, row.duration):
            assert place not in free
            continue
        applied = planning.apply([update("activity", key, place=place, **changed)])
        taken = cancelled
        for clash in planning.clashes_of(key):
            taken |= clash.weeks
        assert free.get(place, 0) == row.weeks & ~taken
        planning.revert(applied)


@given(st.binary(max_size=200) | transactions.map(lambda changes: encode_changes(changes)[:-1] + b"\xc1"))
def test_garbage_is_only_ever_an_invalid_change(raw: bytes) -> None:
    """Bytes of a stranger never raise anything that the engine does not expect."""
    try:
        changes = decode_changes(raw)
    except InvalidChangeError:
        return
    maybe_applied(founded(), list(changes))


@given(transactions, st.integers(0, 400), st.integers(0, 255))
def test_a_flipped_byte_is_a_refusal_or_another_transaction(changes: list[Change], at: int, byte: int) -> None:
    """Bytes that almost are a transaction are refused whole, or applied whole."""
    raw = bytearray(encode_changes(changes))
    raw[at % len(raw)] = byte
    planning = founded()
    before = state_of(planning)
    try:
        planning.apply(decode_changes(bytes(raw)))
    except REFUSALS:
        assert state_of(planning) == before
    planning.validate()


@given(st.binary(max_size=300), st.integers(0, 2_000))
def test_a_damaged_snapshot_is_told_from_a_good_one(garbage: bytes, at: int) -> None:
    """A base is served whole or not at all."""
    raw = encode_snapshot(founded())
    at %= len(raw)
    for damaged in (garbage, raw[:at], raw[:at] + garbage + raw[at:]):
        with contextlib.suppress(CorruptBaseError, StoreVersionError):
            decode_snapshot(damaged).validate()


@given(histories)
def test_timetables_are_those_of_the_plain_rule(history: list[list[Change]]) -> None:
    """Everybody sees what they attend, however it reaches them: cohort, group, combined group, membership of a week."""
    planning = founded()
    for changes in history:
        maybe_applied(planning, changes)
    for kind in ("instructor", "room", "cohort", "group", "combined_group", "student"):
        for key in planning.rows(kind):
            for week in range(GRID.weeks):
                found = [item.activity for item in planning.timetable(kind, key, week)]
                theirs = followed(planning, kind, key, week)
                activities = sorted(planning.rows("activity"))
                assert sorted(found) == [one for one in activities if concerns(planning, one, week, theirs)]


def followed(planning: Planning, kind: str, key: int, week: int) -> set[tuple[str, int]]:
    """Return every resource whose activities are in a timetable."""
    row = values_of(planning.get(kind, key))
    if kind == "cohort":
        groups = planning.rows("group")
        return {(kind, key), *(("group", one) for one in groups if values_of(groups[one])["cohort"] == key)}
    if kind == "group":
        return {(kind, key), ("cohort", row["cohort"])}
    if kind == "combined_group":
        parts = [("cohort", one) for one in row["cohorts"]] + [("group", one) for one in row["groups"]]
        return {(kind, key)}.union(*(followed(planning, *part, week) for part in parts))
    if kind != "student":
        return {(kind, key)}
    found: set[tuple[str, int]] = set()
    for membership in map(values_of, planning.rows("membership").values()):
        if membership["student"] == key and (membership["weeks"] is None or membership["weeks"] >> week & 1):
            found |= {("cohort", membership["cohort"])} if membership["cohort"] else set()
            found |= followed(planning, "group", membership["group"], week) if membership["group"] else set()
            found |= {("combined_group", membership["combined"])} if membership["combined"] else set()
    return found


def concerns(planning: Planning, activity: int, week: int, resources: set[tuple[str, int]]) -> bool:
    """Say whether an activity takes place, or would if it were not cancelled, for one of these in a week."""
    row, meeting = planning.activity(activity), planning.maybe_meeting(activity, week) or Meeting()
    if not row.weeks >> week & 1 or (row.place is None and meeting.place is None):
        return False
    combined = [values_of(planning.get("combined_group", one)) for one in row.combined]
    taken = {
        "instructor": row.instructors if meeting.instructors is None else meeting.instructors,
        "room": row.rooms if meeting.rooms is None else meeting.rooms,
        "cohort": {*row.cohorts, *(one for group in combined for one in group["cohorts"])},
        "group": {*row.groups, *(one for group in combined for one in group["groups"])},
        "combined_group": row.combined,
    }
    return any(key in taken[kind] for kind, key in resources)
