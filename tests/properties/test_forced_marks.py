from hypothesis import given
from hypothesis import strategies as st

from hpserver.base.changes import Change, inverse
from hpserver.base.integrity import naive_clashes
from hpserver.base.planning import Planning
from hpserver.base.rules import breaches
from hpserver.base.snapshot import encode_snapshot
from hpserver.errors import InvalidChangeError, StillReferencedError, UnknownObjectError
from hpserver.planning.forcing import marked
from tests.histories import GRID, founding, transactions

EDITS = st.lists(st.tuples(transactions, st.booleans()), min_size=3, max_size=15)


def clashing(planning: Planning) -> dict[int, int]:
    """Return the weeks in which each activity clashes, counted cell by cell."""
    found = dict.fromkeys(planning.rows("activity"), 0)
    for activity, _, _, _, _, week in naive_clashes(planning):
        found[activity] |= 1 << week
    return found


def breaking(planning: Planning) -> dict[int, int]:
    """Return the weeks in which each activity breaks a hard rule, asking every rule about the whole base."""
    found = dict.fromkeys(planning.rows("activity"), 0)
    for breach in breaches(planning):
        for activity in breach.activities if breach.hard else ():
            found[activity] |= breach.weeks & planning.activity(activity).weeks
    return found


@given(EDITS)
def test_marks_say_where_an_edit_was_forced(edits: list[tuple[list[Change], bool]]) -> None:
    """Whatever was moved last is marked in weeks of clashes and breaches only, and in each new one that was forced."""
    planning, replica = Planning(GRID), Planning(GRID)
    planning.apply(founding())
    replica.apply(founding())
    for changes, force in edits:
        before, broken_before = naive_clashes(planning), breaking(planning)
        try:
            asked = planning.apply(changes)
        except (InvalidChangeError, StillReferencedError, UnknownObjectError):
            continue
        moved = planning.clashing_weeks(asked)
        applied = marked(planning, asked, force=force)
        weeks, broken = clashing(planning), breaking(planning)
        for key in moved:
            assert not planning.activity(key).forced & ~weeks[key] & ~broken[key]
        if force:
            for key in moved:
                assert not broken[key] & ~broken_before.get(key, 0) & ~planning.activity(key).forced
            for activity, _, other, _, _, week in naive_clashes(planning) - before:
                both = [key for key in (activity, other) if key in moved]
                assert not both or any(planning.activity(key).forced >> week & 1 for key in both)
        planning.validate()
        replica.replay(applied.changes)
        assert encode_snapshot(replica) == encode_snapshot(planning)


@given(EDITS)
def test_marks_go_with_the_edit_that_is_taken_back(edits: list[tuple[list[Change], bool]]) -> None:
    """By undo, or because the disk refused."""
    planning = Planning(GRID)
    planning.apply(founding())
    for changes, force in edits:
        before = dict(planning.rows("activity"))
        try:
            applied = marked(planning, planning.apply(changes), force=force)
        except (InvalidChangeError, StillReferencedError, UnknownObjectError):
            continue
        planning.revert(applied)
        assert planning.rows("activity") == before
        planning.replay(applied.changes)
        undone = planning.apply(inverse(applied))
        assert planning.rows("activity") == before
        planning.apply(inverse(undone))
        planning.validate()
