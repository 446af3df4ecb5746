"""Who is expected in two places by memberships of their own, compared with timetables read week by week."""

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from hpserver.base.changes import Change, create
from hpserver.base.diagnosis.people import audience
from hpserver.base.diagnosis.student_clashes import StudentClash, student_clashes
from hpserver.base.integrity import are_rivals
from hpserver.base.model import meeting_key
from hpserver.base.planning import Planning
from hpserver.base.weeks import each_week
from tests.histories import GRID
from tests.work import lines_run

WEEKS = 0b1111
_weeks = st.integers(1, WEEKS)
_some = st.lists(st.integers(1, 5), max_size=2, unique=True)
_attending = st.fixed_dictionaries(
    {"groups": _some, "cohorts": st.lists(st.integers(1, 2), max_size=1), "combined": st.lists(st.just(1), max_size=1)}
)
_activities = st.lists(
    st.tuples(st.integers(0, 3), st.integers(1, 3), _weeks, _attending, st.booleans()), min_size=1, max_size=8
)
_memberships = st.lists(
    st.tuples(
        st.integers(1, 4),
        st.sampled_from([*(("group", key) for key in range(1, 6)), ("cohort", 1), ("cohort", 2), ("combined", 1)]),
        st.none() | _weeks,
    ),
    max_size=10,
)


def a_school(*changes: Change) -> Planning:
    """Two cohorts, the first with two partitions of two groups, the second with one group; four students."""
    planning = Planning(GRID)
    partitions = {1: "a", 2: "a", 3: "b", 4: "b", 5: "a"}
    planning.apply(
        [
            *(create("cohort", key, name=f"L{key}") for key in (1, 2)),
            *(
                create("group", key, cohort=1 + (key == 5), name=f"g{key}", partition=partition)
                for key, partition in partitions.items()
            ),
            create("combined_group", 1, name="option", groups=[1, 5]),
            *(create("student", key, name=f"s{key}") for key in range(1, 5)),
            *changes,
        ]
    )
    return planning


def cells_of(clashes: list[StudentClash]) -> list[tuple[int, int, int, int, int]]:
    """Return student, activity, other, place and week, for each."""
    return [
        (student, one.activity, one.other, place, week)
        for one in clashes
        for student in one.students
        for place in range(one.place, one.place + one.steps)
        for week in each_week(one.weeks)
    ]


def expected_cells(planning: Planning) -> set[tuple[int, int, int, int, int]]:
    """Return the same from the timetables of students, but for activities whose audiences are rivals."""
    found = set()
    for student in planning.rows("student"):
        for week in range(planning.grid.weeks):
            held = [one for one in planning.timetable("student", student, week) if not one.cancelled]
            for one, other in combinations(sorted(held, key=lambda item: item.activity), 2):
                theirs = [audience(planning.attended(item.activity)) for item in (one, other)]
                if not any(are_rivals(planning, mine, his) for mine in theirs[0] for his in theirs[1]):
                    both = {*range(one.place, one.place + one.duration)} & {
                        *range(other.place, other.place + other.duration)
                    }
                    found |= {(student, one.activity, other.activity, place, week) for place in both}
    return found


@given(_activities, _memberships)
def test_every_student_in_two_places_is_told_once(
    activities: list[tuple[int, int, int, dict[str, list[int]], bool]],
    memberships: list[tuple[int, tuple[str, int], int | None]],
) -> None:
    """Each cell of each week, with groups of several cohorts and partitions, combined groups and changes of group."""
    changes = []
    for key, (place, duration, weeks, attending, is_cancelled) in enumerate(activities, 1):
        changes.append(create("activity", key, place=place, duration=duration, weeks=weeks, **attending))
        if is_cancelled:
            changes.append(create("meeting", meeting_key(key, weeks.bit_length() - 1), cancelled=True))
    for key, (student, (kind, what), weeks_in) in enumerate(memberships, 1):
        changes.append(create("membership", key, student=student, weeks=weeks_in, **{kind: what}))
    planning = a_school(*changes)
    cells = cells_of(student_clashes(planning))
    assert len(cells) == len(set(cells))
    assert set(cells) == expected_cells(planning)


def test_those_of_most_students_come_first_and_each_names_its_own() -> None:
    """Whoever reads the list repairs what concerns many before what concerns one."""
    planning = a_school(
        create("activity", 1, place=0, duration=2, weeks=WEEKS, groups=[1]),
        create("activity", 2, place=1, duration=2, weeks=0b0011, groups=[5]),
        create("activity", 3, place=0, duration=1, weeks=WEEKS, groups=[2]),
        *(create("membership", key, student=key, group=1) for key in (1, 2, 3)),
        *(create("membership", key + 3, student=key, group=5) for key in (1, 2)),
        create("membership", 6, student=3, group=2, weeks=0b1000),
    )
    assert student_clashes(planning) == [
        StudentClash(1, 2, 0b0011, 1, 1, (1, 2)),
        StudentClash(1, 3, 0b1000, 0, 1, (3,)),
    ]


def test_what_everybody_sees_is_left_to_the_report() -> None:
    """A cohort and its group clash whoever is in them: once is enough."""
    planning = a_school(
        create("activity", 1, place=0, duration=2, weeks=WEEKS, groups=[1]),
        create("activity", 2, place=0, duration=2, weeks=WEEKS, cohorts=[1]),
        create("membership", 1, student=1, group=1),
    )
    assert student_clashes(planning) == []


def of_many(students: int) -> Planning:
    """Return so many students who are all in both groups of a partition, which meet at once."""
    planning = a_school(
        create("activity", 1, place=0, duration=2, weeks=WEEKS, groups=[1]),
        create("activity", 2, place=1, duration=2, weeks=WEEKS, groups=[2]),
    )
    both = [(key, group) for key in range(10, 10 + students) for group in (1, 2)]
    planning.apply([create("student", key, name="s") for key in range(10, 10 + students)])
    planning.apply([create("membership", at, student=key, group=group) for at, (key, group) in enumerate(both, 1)])
    return planning


def test_the_work_grows_with_the_students_and_no_faster() -> None:
    """A university has tens of thousands."""
    once, twice = of_many(100), of_many(200)
    assert len(student_clashes(twice)[0].students) == 200
    work = [lines_run(lambda: student_clashes(planning)) for planning in (once, twice)]  # noqa: B023 - called at once
    assert work[1] < 2.2 * work[0]
