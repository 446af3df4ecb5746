import pytest

from hpserver.base.changes import Applied, Change, create, inverse, update
from hpserver.base.model import meeting_key
from hpserver.base.planning import Planning
from hpserver.base.snapshot import encode_snapshot
from hpserver.planning.forcing import marked
from tests.histories import GRID


def crowded() -> Planning:
    """Return two activities of one instructor, the second in weeks 2 and 3 only, and a third of a group."""
    planning = Planning(GRID)
    planning.apply(
        [
            create("instructor", 1, name="Curie"),
            create("cohort", 1, name="L1"),
            create("group", 1, cohort=1, name="TD"),
            create("combined_group", 1, name="CM"),
            create("activity", 1, instructors=[1], cohorts=[1], weeks=0b1111, place=0, duration=2),
            create("activity", 2, instructors=[1], weeks=0b0110, place=4),
            create("activity", 3, groups=[1], weeks=0b1111, place=3),
            create("activity", 4, combined=[1], weeks=0b1000, place=3),
        ]
    )
    return planning


def wishes(level: str = "impossible") -> list[Change]:
    """Return that the instructor is not there at one place in weeks 1 and 2, and another who always is."""
    absent = create("availability", 1, level=level, instructor=1, place=9, weeks=0b0011)
    return [absent, create("instructor", 2, name="Noether")]


def ruled(level: str = "impossible") -> Planning:
    """Return the same with an instructor who is not always there."""
    planning = crowded()
    planning.apply(wishes(level))
    return planning


def edit(planning: Planning, *changes: Change, force: bool = True) -> Applied:
    """Apply an edit as the engine does."""
    applied = marked(planning, planning.apply(changes), force=force)
    planning.validate()
    return applied


def forced(planning: Planning) -> list[int]:
    """Return the marks of every activity."""
    return [planning.activity(key).forced for key in planning.rows("activity")]


def test_a_forced_activity_is_marked_in_the_weeks_of_its_clashes() -> None:
    """Whoever looks at the timetable next year knows that it was meant."""
    planning = crowded()
    edit(planning, update("activity", 2, place=1))
    assert forced(planning) == [0, 0b0110, 0, 0]
    edit(planning, update("activity", 1, place=3))
    assert forced(planning) == [0b1111, 0b0110, 0, 0]


def test_leaving_a_clash_takes_the_mark_away() -> None:
    """Forced or not; in the weeks that are left only."""
    planning = crowded()
    edit(planning, update("activity", 2, place=1))
    edit(planning, create("meeting", meeting_key(2, 1), cancelled=True), force=False)
    assert forced(planning) == [0, 0b0100, 0, 0]
    edit(planning, update("activity", 2, place=5), force=False)
    assert forced(planning) == [0, 0, 0, 0]


@pytest.mark.parametrize("force", [True, False])
def test_an_edit_without_clash_is_left_as_it_was(force: bool) -> None:
    """Its facts are those that were asked for, and nothing else."""
    planning = crowded()
    applied = planning.apply([update("activity", 2, place=5)])
    assert marked(planning, applied, force=force) is applied


def test_a_clash_that_was_there_before_is_not_marked_as_meant() -> None:
    """Who forces another week says nothing about this one."""
    planning = crowded()
    planning.apply([update("activity", 2, place=1)])
    edit(planning, update("activity", 2, memo="?"))
    edit(planning, create("meeting", meeting_key(1, 0), place=3))
    assert forced(planning) == [0b0001, 0, 0, 0]


def test_a_combined_group_marks_what_it_moves() -> None:
    """A group that joins brings its timetable along, and takes it away again."""
    planning = crowded()
    edit(planning, update("combined_group", 1, groups=[1]))
    assert forced(planning) == [0, 0, 0, 0b1000]
    edit(planning, update("combined_group", 1, groups=[]), force=False)
    assert forced(planning) == [0, 0, 0, 0]


def test_what_breaks_a_hard_rule_is_marked_until_it_breaks_none() -> None:
    """In the weeks of the breach, of what was edited alone; a later edit that breaks nothing takes the mark away."""
    planning = ruled()
    edit(planning, update("activity", 2, place=9))
    assert forced(planning) == [0, 0b0010, 0, 0]
    edit(planning, update("activity", 2, memo="?"), force=False)
    edit(planning, update("activity", 2, subject=None, place=9), force=False)
    assert forced(planning) == [0, 0b0010, 0, 0]
    edit(planning, update("activity", 2, place=7), force=False)
    assert forced(planning) == [0, 0, 0, 0]


def test_a_mark_stays_while_either_a_clash_or_a_breach_is_left() -> None:
    """It goes week by week, with the last of what it stands for."""
    planning = ruled()
    planning.apply([update("activity", 1, place=9)])
    edit(planning, update("activity", 2, place=9))
    assert forced(planning) == [0, 0b0110, 0, 0]
    edit(planning, update("activity", 2, instructors=[1, 2]), force=False)
    assert forced(planning) == [0, 0b0110, 0, 0]
    edit(planning, update("activity", 2, instructors=[2]), force=False)
    assert forced(planning) == [0, 0, 0, 0]
    planning.apply([update("activity", 1, place=0)])
    edit(planning, update("activity", 2, instructors=[1]))
    assert forced(planning) == [0, 0b0010, 0, 0]
    edit(planning, update("activity", 2, duration=2))
    assert forced(planning) == [0, 0b0010, 0, 0]


def test_a_breach_that_was_there_before_is_not_marked_as_meant() -> None:
    """Whoever asked for the impossible afterwards forced nobody, nor does who edits something else of it."""
    planning = crowded()
    planning.apply([update("activity", 2, place=9), *wishes()])
    edit(planning, update("activity", 2, duration=2))
    assert forced(planning) == [0, 0, 0, 0]


def test_what_does_not_move_can_break_a_rule_too() -> None:
    """A subject that is not taught twice a day is enough; and it is enough to take the mark away."""
    planning = crowded()
    rule = create("constraint", 1, rule="subject_per_day", subjects=[1], cohorts=[1], hard=True)
    planning.apply([create("subject", 1, name="Maths"), rule])
    planning.apply([update("activity", 1, subject=1), create("activity", 5, cohorts=[1], weeks=0b0110, place=5)])
    edit(planning, update("activity", 5, subject=1))
    assert forced(planning) == [0, 0, 0, 0, 0b0110]
    edit(planning, update("activity", 5, subject=None), force=False)
    assert forced(planning) == [0, 0, 0, 0, 0]


def test_a_soft_rule_marks_nothing() -> None:
    """It costs, and forbids nothing that would have to be forced."""
    planning = ruled(level="unwanted")
    edit(planning, update("activity", 2, place=9))
    assert forced(planning) == [0, 0, 0, 0]


def test_a_combined_group_marks_what_breaks_a_rule_by_it() -> None:
    """Who joins brings along what is impossible, and takes it away again."""
    planning = crowded()
    planning.apply([create("availability", 1, level="impossible", group=1, place=3, weeks=0b1001)])
    planning.apply([update("activity", 3, groups=[])])
    edit(planning, update("combined_group", 1, groups=[1]))
    assert forced(planning) == [0, 0, 0, 0b1000]
    edit(planning, update("combined_group", 1, groups=[]), force=False)
    assert forced(planning) == [0, 0, 0, 0]


def test_marks_are_facts_of_the_edit() -> None:
    """Replicas repeat them, undo takes them back, and so does a disk that refuses."""
    planning, replica = crowded(), crowded()
    before = encode_snapshot(planning)
    applied = edit(planning, update("activity", 1, place=3))
    replica.replay(applied.changes)
    assert encode_snapshot(replica) == encode_snapshot(planning)
    replica.apply(inverse(applied))
    planning.revert(applied)
    planning.validate()
    assert encode_snapshot(replica) == encode_snapshot(planning) == before
