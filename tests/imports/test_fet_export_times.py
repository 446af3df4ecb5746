from hpserver.base.changes import Change, create
from hpserver.base.planning import Planning
from hpserver.imports.fet_export_names import Names
from hpserver.imports.fet_export_times import Slots, Times
from hpserver.imports.fet_export_weeks import weeks_of
from tests.schools import a_grid


def taken(*changes: Change) -> tuple[Times, int]:
    """Return what is written of availabilities, and how many are not."""
    planning = Planning(a_grid(4))
    planning.apply([create("subject", key, name=f"M{key}") for key in (1, 2)])
    planning.apply([create("instructor", 1, name="X"), create("room", 1, name="S")])
    planning.apply(changes)
    times = Times(planning, Names(planning), Slots(planning.grid, weeks_of(planning, None)))
    return times, times.take()


def never(key: int, place: int, steps: int = 1, weeks: int = 0b1111, **about: object) -> Change:
    """Return an availability."""
    return create("availability", key, level="impossible", place=place, steps=steps, weeks=weeks, **about)


def test_times_of_one_are_one_constraint_unless_they_would_be_read_as_one() -> None:
    """A gap keeps them apart; times in a row of two rows are two constraints; rooms have a list of their own."""
    times, left = taken(
        never(1, 0, 2, instructor=1), never(2, 4, instructor=1), never(3, 5, instructor=1), never(4, 0, room=1)
    )
    assert [line.count("<Not_Available_Time>") for line in times.time] == [3, 1]
    assert [line.count("<Not_Available_Time>") for line in times.space] == [1]
    assert left == 0


def test_when_no_subject_is_taught_is_a_break() -> None:
    """All subjects or it cannot be said."""
    times, left = taken(never(1, 3, subject=1), never(2, 3, subject=2), never(3, 7, subject=1))
    assert [line.count("<Break_Time>") for line in times.time] == [1]
    assert left == 1


def test_what_fet_has_no_word_for_is_counted() -> None:
    """Wishes, weeks that the file does not have."""
    wish = create("availability", 1, level="unwanted", place=0, weeks=0b1111, instructor=1)
    times, left = taken(wish, never(2, 0, weeks=0b0001, instructor=1))
    assert (times.time, left) == ([], 2)
