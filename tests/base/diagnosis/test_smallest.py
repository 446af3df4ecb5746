"""The smallest set of causes is one, and none is smaller."""

from itertools import chain, combinations

from hypothesis import given
from hypothesis import strategies as st

from hpserver.base.changes import create, update
from hpserver.base.diagnosis.grid import TAKEN, Reason, diagnose
from hpserver.base.diagnosis.smallest import Smallest, causes_of, smallest, smallest_of_all
from tests.base.diagnosis.naive import a_planning

REASONS = st.lists(
    st.builds(
        Reason, st.just(TAKEN), st.just(0), st.booleans(), st.just(0), st.sampled_from(["room", "instructor"]),
        st.integers(1, 3), st.just("room"), st.just(1), st.integers(1, 5), st.just(1),
    ),
    max_size=12,
)  # fmt: skip


@given(REASONS)
def test_no_smaller_set_reaches_every_reason(reasons: list[Reason]) -> None:
    """Compared with every set of causes; activity 5 is locked, so what it takes must be given up."""
    planning = a_planning(*(create("activity", key, locked=key == 5) for key in range(1, 6)))
    found = causes_of(planning, reasons)
    sides = [
        {(one.kind, one.key)} | ({("activity", one.other)} if one.other != 5 else set()) for one in reasons if one.hard
    ]
    assert all(not side.isdisjoint(found) for side in sides)
    every = sorted(set(chain.from_iterable(sides)))
    smaller = chain.from_iterable(combinations(every, size) for size in range(len(found)))
    assert not any(all(not side.isdisjoint(some) for side in sides) for some in smaller)
    assert causes_of(planning, reversed(reasons)) == found


def test_one_instructor_explains_many_activities() -> None:
    """Who is taken by two others is one cause; a constraint counts as one too."""
    planning = a_planning(
        create("activity", 1, instructors=[1], rooms=[1], duration=4, weeks=0b11),
        create("activity", 2, instructors=[1], weeks=0b11, place=0),
        create("activity", 3, instructors=[1], weeks=0b11, place=2),
        create("availability", 7, room=1, level="impossible", place=0, steps=1, weeks=0b01),
    )
    found = diagnose(planning, 1)
    assert smallest(planning, found, 0) == Smallest(0, (("availability", 7), ("instructor", 1)))
    assert smallest(planning, found, 6) == Smallest(6, ())


def test_a_long_chain_of_causes_is_followed_to_its_end() -> None:
    """Each constraint with two others, of which the next has one too: thousands in a row are no deeper than two."""
    count = 3_000
    planning = a_planning(*(create("activity", key) for key in range(1, count + 2)))
    chain_of = [
        Reason("sequence", key, True, 0, "activity", 1, "activity", 1, other, 1)
        for key in range(1, count + 1)
        for other in (key, key + 1)
    ]
    last = Reason("sequence", count + 1, True, 0, "activity", 1, "activity", 1, 1, 1)
    assert len(causes_of(planning, [*chain_of, last])) == count + 1


def test_the_easiest_place_stands_for_the_whole() -> None:
    """Nothing is free: where the fewest causes are in the way is told, the earliest of those."""
    busy = [
        create("activity", 10 + place, instructors=[1, 2], weeks=1, place=place, locked=True) for place in range(12)
    ]
    planning = a_planning(create("activity", 1, instructors=[1, 2], duration=6, weeks=1), *busy)
    assert smallest_of_all(planning, diagnose(planning, 1)) == Smallest(24, ())
    planning.apply([create("activity", 40, instructors=[1], weeks=1, place=24)])
    found = smallest_of_all(planning, diagnose(planning, 1))
    assert found is not None
    assert (found.place, len(found.causes)) == (24, 1)
    hurried = smallest_of_all(planning, diagnose(planning, 1), budget=1)
    assert hurried == smallest(planning, diagnose(planning, 1), 0), "a crowd of barriers holds nobody up"
    planning.apply([update("activity", 1, weeks=0)])
    assert smallest_of_all(planning, diagnose(planning, 1)) is None
