from hypothesis import assume, given
from hypothesis import strategies as st

from hpserver.base.changes import Change, create
from hpserver.base.rules import barriers
from tests.rules import EXAMPLES, a_base, activities, constraints, excess, naive_starts, starts_of, told

PARAMETERS = st.fixed_dictionaries({"limit": st.integers(0, 1)})


@EXAMPLES
@given(activities(), constraints("site_changes", PARAMETERS))
def test_a_start_is_bad_where_it_would_break_the_rule(some: list[Change], constraint: Change) -> None:
    """As long as nobody is in two places at once, for then nobody can say where they are."""
    planning = a_base(*some, constraint)
    free = {(place, week) for place, weeks in planning.free_places(1).items() for week in range(3) if weeks >> week & 1}
    assume(free)
    naive = naive_starts(planning, 1, lambda base: excess(base, "site_changes"))
    assert starts_of(barriers(planning, 1), "site_changes") & free == naive & free


def test_changes_are_counted_from_one_activity_to_the_next() -> None:
    """There and back is two; a room without site changes nothing."""
    planning = a_base(
        create("room", 4, name="Terrain"),
        *(
            create("activity", key, instructors=[1], rooms=[room], weeks=1, place=place)
            for key, room, place in ((1, 1, 0), (2, 4, 1), (3, 3, 2), (4, 1, 4), (5, 2, 5))
        ),
        create("constraint", 1, rule="site_changes", instructors=[1], weight=5),
    )
    (breach,) = told(planning, "site_changes")
    assert (breach.amount, breach.limit, breach.cost, breach.place) == (2, 1, 5, 0)
