from hpserver.base.changes import Change, create
from hpserver.base.planning import Planning
from hpserver.imports.fet_export_names import Names
from hpserver.imports.fet_export_rules import Rules
from tests.schools import a_grid


def taken(*changes: Change, cyclic: bool = False) -> tuple[Rules, dict[str, int]]:
    """Return what is written of constraints, and how many are not."""
    planning = Planning(a_grid(4))
    planning.apply([create("instructor", key, name=f"I{key}") for key in (1, 2)])
    planning.apply([create("activity", key, duration=1, weeks=0b1111) for key in (1, 2)])
    planning.apply(changes)
    rules = Rules(planning, Names(planning), {1: 7, 2: 9})
    return rules, rules.take(cyclic=cyclic)


def test_a_limit_for_all_is_one_constraint() -> None:
    """Of some, one for each."""
    every = create("constraint", 1, rule="daily_maximum", instructors=(1, 2), parameters=(("minutes", 60),))
    one = create("constraint", 2, rule="daily_maximum", instructors=(2,), parameters=(("minutes", 90),), memo="<x>")
    rules, left = taken(every, one)
    assert [line.partition(">")[0] for line in rules.time] == [
        "<ConstraintTeachersMaxHoursDaily", "<ConstraintTeacherMaxHoursDaily",
    ]  # fmt: skip
    assert "<Comments>&lt;x&gt;</Comments>" in rules.time[1]
    assert left == {}


def test_weights_say_what_is_certain() -> None:
    """The strongest wish stays one."""
    both = {"activities": (1, 2), "hard": False}
    rules, _ = taken(
        create("constraint", 1, rule="same_start", weight=100, **both),
        create("constraint", 2, rule="room_stability", weight=95, **both),
    )
    assert "<Weight_Percentage>99.99<" in rules.time[0]
    assert "<Activity_Id>7</Activity_Id><Activity_Id>9</Activity_Id>" in rules.time[0]
    assert "<Weight_Percentage>95<" in rules.space[0]


def test_what_fet_has_no_word_for_is_counted_by_rule() -> None:
    """Some weeks, a time between two hours of the grid, a rule of ours; in a cycle, all but one room."""
    both = {"activities": (1, 2)}
    odd = create("constraint", 1, rule="daily_maximum", instructors=(1,), parameters=(("minutes", 47),))
    some = create("constraint", 2, rule="same_start", weeks=1, **both)
    ours = create("constraint", 3, rule="days_per_year", instructors=(1,))
    expected = {f"constraint {rule}": 1 for rule in ("daily_maximum", "same_start", "days_per_year")}
    assert taken(odd, some, ours)[1] == expected
    room = create("constraint", 1, rule="room_stability", **both)
    assert taken(room, create("constraint", 2, rule="same_start", **both), cyclic=True)[1] == {
        "constraint same_start": 1
    }
