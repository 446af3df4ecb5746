from hypothesis import given
from hypothesis import strategies as some

from hpserver.base.model import Activity, Meeting
from hpserver.base.occupancy import (
    LANE,
    Footprint,
    Occupancy,
    Segment,
    blocks_of,
    footprint,
    free_blocks,
    lanes,
    weeks_by_place,
)

ROOM = ("room", 1)


def test_overlapping_activities_leave_one_by_one() -> None:
    """Removing one of two that were forced together never frees the place of the other."""
    occupancy = Occupancy(6)
    occupancy.put({1: {ROOM: ((0, 3, 0b11),)}})
    occupancy.put({2: {ROOM: ((1, 3, 0b10),)}})
    occupancy.put({3: {ROOM: ((2, 1, 0b10),)}})
    occupancy.put({1: {}})
    assert occupancy.taken(ROOM, 0) == occupancy.mask(((1, 3, 0b10),))
    assert occupancy.taken(ROOM, 2) == occupancy.mask(((2, 1, 0b10),))
    occupancy.put({2: {}})
    assert occupancy.taken(ROOM, 0) == occupancy.mask(((2, 1, 0b10),))
    assert occupancy.taken(ROOM, 3) == 0
    occupancy.put({3: {}})
    assert occupancy.as_dict() == {}


def test_only_what_differs_is_taken_and_left() -> None:
    """An activity that changes rooms keeps its instructor."""
    occupancy = Occupancy(6)
    occupancy.put({1: {ROOM: ((0, 1, 1),), ("instructor", 1): ((0, 1, 1),)}})
    occupancy.put({1: {("room", 2): ((0, 1, 1),), ("instructor", 1): ((0, 1, 1),)}})
    assert set(occupancy.as_dict()) == {("room", 2), ("instructor", 1)}
    assert occupancy.footprint(1) == {("room", 2): ((0, 1, 1),), ("instructor", 1): ((0, 1, 1),)}
    assert list(occupancy.holders(("room", 2))) == [1]


BLOCK = some.tuples(some.integers(0, 3), some.integers(1, 2), some.integers(1, 7))
FOOTPRINT = some.fixed_dictionaries({}, optional=dict.fromkeys((ROOM, ("room", 2)), some.tuples(BLOCK)))
STEPS = some.lists(some.dictionaries(some.integers(1, 4), FOOTPRINT, min_size=1, max_size=3), max_size=6)


@given(STEPS)
def test_many_activities_at_once_are_the_same_as_each_alone(steps: list[dict[int, Footprint]]) -> None:
    """However they leave and come together, what is taken, twice and by whom is that of one after the other."""
    together, alone = Occupancy(6), Occupancy(6)
    for step in steps:
        together.put(step)
        for activity, taken in step.items():
            alone.put({activity: taken})
        assert together.as_dict() == alone.as_dict()


@given(STEPS, some.integers(0, 6))
def test_masks_that_nobody_asked_for_are_right_when_somebody_does(steps: list[dict[int, Footprint]], look: int) -> None:
    """Whether a resource was looked at before, half way or never, it is taken when its activities are there."""
    asked, late = Occupancy(6), Occupancy(6)
    for number, step in enumerate(steps):
        asked.put(step)
        late.put(step)
        asked.as_dict()
        if number == look:
            late.shared(ROOM)
    assert late.as_dict() == asked.as_dict()


class _Counting(Occupancy):
    """Counts the masks it makes: its work."""

    def __init__(self, steps_per_day: int) -> None:
        super().__init__(steps_per_day)
        self.made, make = 0, self.mask

        def counted(segments: tuple[Segment, ...]) -> int:
            self.made += 1
            return make(segments)

        self.mask = counted


def test_a_base_is_read_without_a_mask() -> None:
    """A start puts every activity: only what is asked for then is made, once, from those who are there."""
    occupancy = _Counting(6)
    occupancy.put({key: {("room", key % 10): ((0, 1, 1),), ("cohort", 1): ((0, 1, 1),)} for key in range(300)})
    assert occupancy.made == 0
    assert occupancy.shared(("room", 3)) == occupancy.taken(("room", 3), 300) == 1
    assert occupancy.made == 30


def test_p04_a_pile_of_activities_leaves_in_linear_time() -> None:
    """One giant transaction taken back must not hold a planning up: counted for each alone, a pile takes minutes."""
    occupancy = _Counting(6)
    pile = {key: {("room", room): ((0, 1, 1),) for room in range(3)} for key in range(300)}
    pairs = {1000 + key: {ROOM: ((1 + key // 64 % 5, 1, 1 << key // 2 % 32),)} for key in range(300)}
    occupancy.put(pile | pairs)
    occupancy.as_dict()
    occupancy.made = 0
    occupancy.put({key: {} for key in (*pile, *pairs)})
    assert occupancy.made < 4 * len(pile | pairs)
    assert occupancy.as_dict() == {}


def test_a_regular_activity_is_one_block() -> None:
    """Every resource is taken at the place, for the duration, in the weeks."""
    row = Activity(duration=2, weeks=0b111, place=4, instructors=(1,), cohorts=(2,), groups=(3,), rooms=(4,))
    resources = [("instructor", 1), ("cohort", 2), ("group", 3), ("room", 4)]
    assert footprint(row, {}) == dict.fromkeys(resources, ((4, 2, 0b111),))


def test_what_has_no_place_or_no_week_takes_nothing() -> None:
    """An activity that is not placed is in nobody's way."""
    assert footprint(Activity(weeks=1, rooms=(1,)), {}) == {}
    assert footprint(Activity(place=0, rooms=(1,)), {}) == {}


def test_meetings_that_differ_take_what_they_say() -> None:
    """Cancelled, moved, and in another room: one week each."""
    row = Activity(duration=2, weeks=0b1111, place=4, rooms=(1,))
    meetings = {1: Meeting(cancelled=True), 2: Meeting(place=0), 3: Meeting(rooms=(2,))}
    assert footprint(row, meetings) == {ROOM: ((0, 2, 0b100), (4, 2, 0b1)), ("room", 2): ((4, 2, 0b1000),)}


def test_an_unplaced_activity_may_be_placed_in_one_week() -> None:
    """A week's own place counts, even when the others have none yet."""
    assert footprint(Activity(weeks=0b11, rooms=(1,)), {1: Meeting(place=3)}) == {ROOM: ((3, 1, 0b10),)}


def test_masks_are_read_back_as_blocks() -> None:
    """Runs of places with the same weeks are told as one."""
    occupancy = Occupancy(6)
    blocks = ((0, 2, 0b101), (2, 1, 0b1), (9, 3, 1 << 61))
    assert tuple(blocks_of(occupancy.mask(blocks))) == blocks


def test_free_blocks_are_long_enough() -> None:
    """A place is free for a meeting when every step of it is."""
    taken = 1 << 3 * LANE
    for steps in range(1, 6):
        free = free_blocks(taken, steps, lanes(6))
        assert sorted(weeks_by_place(free, 12)) == [place for place in range(6) if not place <= 3 < place + steps]
