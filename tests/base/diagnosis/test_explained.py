"""What a diagnosis means, as data with names."""

from hpserver.base.changes import create
from hpserver.base.diagnosis.explained import Named, explain_edit, explain_reason, explain_repair, named
from hpserver.base.diagnosis.grid import diagnose
from hpserver.base.diagnosis.repairs import repairs
from hpserver.base.diagnosis.targets import Edit
from tests.base.diagnosis.naive import a_planning


def test_reasons_edits_and_repairs_have_names_weeks_and_hours() -> None:
    """Ready to be told in any language."""
    planning = a_planning(
        create("activity", 1, instructors=[1], subject=1, weeks=0b11),
        create("activity", 2, instructors=[1], subject=2, weeks=0b10, place=0),
    )
    (reason,) = diagnose(planning, 1).at(0).reasons
    told = explain_reason(planning, reason)
    assert told.who == told.through == Named("instructor", 1, "instructor 1")
    assert (told.by, told.weeks, told.count) == (Named("activity", 2, "subject 2"), "[2]", 1)
    moved = explain_edit(planning, Edit("move", 2, 0b10, True, 7))
    start = planning.grid.minutes_of(7)
    assert (moved.activity.name, moved.day, moved.start, moved.keys) == ("subject 2", 1, start, ())
    given = explain_edit(planning, Edit("room", 2, 0b10, True, None, (2,)))
    assert (given.day, given.start, given.keys) == (None, None, (Named("room", 2, "room 2"),))
    repair = repairs(planning, 1, 0).found[0]
    assert explain_repair(planning, repair).instructors == repair.instructors == 1


def test_what_is_gone_or_nameless_has_an_empty_name() -> None:
    """A deleted object, a rule that is built in, a constraint by its rule."""
    planning = a_planning(create("constraint", 1, rule="same_day"), create("activity", 1))
    assert named(planning, ("room", 99)) == Named("room", 99, "")
    assert named(planning, ("rule", 0)) == Named("rule", 0, "")
    assert named(planning, ("constraint", 1)) == Named("constraint", 1, "same_day")
    assert named(planning, ("activity", 1)) == Named("activity", 1, "")
