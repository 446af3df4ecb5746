from hypothesis import given
from hypothesis import strategies as st

from hpserver.base.changes import Change, create, delete, update
from hpserver.base.model import meeting_key
from hpserver.base.occupancy import Occupancy, Segment
from hpserver.base.planning import Planning
from hpserver.base.rules.days import levels, tally
from hpserver.base.rules.index import Index
from tests.rules import EXAMPLES, GRID, a_base, activities, places


def test_a_base_without_wishes_is_idle() -> None:
    """Nothing was asked for: nothing is looked at."""
    planning = Planning(GRID)
    planning.apply([create("instructor", 1, name="Curie"), create("activity", 1, instructors=[1], weeks=1)])
    assert planning.index.is_idle
    planning.apply([create("constraint", 1, rule="same_day", activities=[1])])
    assert not planning.index.is_idle


def test_what_is_remembered_is_forgotten_when_its_rows_change() -> None:
    """Availabilities and travel times, also when a change is taken back."""
    planning = a_base(
        create("availability", 1, instructor=1, level="impossible", place=0, weeks=1),
        create("travel_time", 1, start=1, finish=2, minutes=10),
    )
    assert [key for key, _ in planning.index.wishes(("instructor", 1))] == [1]
    assert (planning.index.travel(1, 2), planning.index.travel(2, 1), planning.index.travel(1, 1)) == (10, 10, 0)
    planning.validate()
    applied = planning.apply([delete("availability", 1), update("travel_time", 1, minutes=20)])
    assert planning.index.wishes(("instructor", 1)) == ()
    assert planning.index.travel(2, 1) == 20
    planning.validate()
    planning.revert(applied)
    assert [key for key, _ in planning.index.wishes(("instructor", 1))] == [1]
    assert planning.index.travel(2, 1) == 10
    planning.validate()


def test_a_constraint_is_found_through_whom_an_activity_concerns() -> None:
    """The cohort of its group, the groups that share its students, its subject, itself."""
    named = ({"cohorts": [1]}, {"groups": [3]}, {"subjects": [1]}, {"activities": [1]}, {"groups": [2]})
    planning = a_base(
        create("activity", 1, subject=1, groups=[1], weeks=1),
        *(create("constraint", key, rule="same_day", **one) for key, one in enumerate(named, 1)),
    )
    assert [key for key, _ in planning.index.constraints_on(planning.index.candidate(1))] == [1, 2, 3, 4]


def test_positions_follow_the_meetings_of_an_activity_without_resources() -> None:
    """A rule between activities needs nobody to take part in them."""
    planning = a_base(
        create("activity", 1, weeks=7, place=0, duration=2),
        create("meeting", meeting_key(1, 1), place=9),
        create("meeting", meeting_key(1, 2), cancelled=True),
    )
    assert planning.index.positions(1) == ((0, 2, 1), (9, 2, 2))
    assert planning.index.days_of(1) == 1 | 2 << 64


def test_students_are_counted_by_group_unless_they_are_told() -> None:
    """Cohorts and groups of combined groups count as its own."""
    planning = a_base(
        create("combined_group", 1, name="Tous", cohorts=[2], groups=[1]),
        create("activity", 1, weeks=1, combined=[1]),
        create("activity", 2, weeks=1, combined=[1], students=7),
    )
    assert (planning.index.headcount(1), planning.index.headcount(2)) == (30, 7)


@EXAMPLES
@given(activities(), st.lists(st.tuples(st.integers(1, 5), st.none() | places(3), st.none() | st.just(1)), max_size=5))
def test_who_waits_is_counted_as_if_for_the_first_time(some: list[Change], moves: list[tuple[int, int, int]]) -> None:
    """However activities moved since they were counted, came to the pool or left it, and some are taken back."""
    planning = a_base(*some)
    for number, (key, place, pool) in enumerate(moves):
        planning.index.waiting(1)
        applied = planning.apply([update("activity", key, duration=1, place=place, pool=pool)])
        if number % 2:
            planning.index.waiting(1)
            planning.revert(applied)
    waiting, count = planning.index.waiting(1)
    everything = planning.index.everywhere * GRID.all_weeks
    masks = [planning.occupancy.mask(blocks) for blocks in waiting.values()]
    assert list(levels(count, everything)) == list(levels(tally(masks), everything))
    for one, blocks in waiting.items():
        candidate = planning.index.candidate(one)
        weeks = planning.index.waiting_weeks(candidate)
        there = planning.occupancy.mask(planning.index.positions(one))
        assert planning.occupancy.mask(blocks) == there & planning.index.everywhere * weeks


class _Counting(Occupancy):
    """Counts the masks it makes: the work of a count."""

    def __init__(self, steps_per_day: int) -> None:
        super().__init__(steps_per_day)
        self.made, make = 0, self.mask

        def counted(segments: tuple[Segment, ...]) -> int:
            self.made += 1
            return make(segments)

        self.mask = counted


def test_one_that_moves_is_all_that_is_counted_again() -> None:
    """An edit in a base in which hundreds of activities wait for a room does not go through all of them."""
    planning = a_base(*(create("activity", key, pool=1, weeks=7, place=key % 5) for key in range(1, 301)))
    occupancy = _Counting(GRID.steps_per_day)
    parts = planning._tables, planning._meeting_weeks, planning.references, planning.students
    index = Index(GRID, *parts, occupancy)
    assert (len(index.waiting(1)[0]), occupancy.made) == (300, 300)
    index.waiting(1)
    assert occupancy.made == 300
    planning.apply([update("activity", 7, place=16)])
    index.waiting(1)
    assert occupancy.made == 302
