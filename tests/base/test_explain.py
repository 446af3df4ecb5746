import msgspec

from hpserver.base.changes import create, update
from hpserver.base.explain import UNSEEN, Explanation, audience_of, explain, label_of, name_of, title_of, titled
from hpserver.base.model import Activity, Instructor, Room
from hpserver.base.planning import Planning
from tests.histories import GRID


def a_clash() -> Planning:
    """Return a lecture and a tutorial on top of each other."""
    planning = Planning(GRID)
    planning.apply(
        [
            create("subject", 1, name="Analyse"),
            create("instructional_type", 1, name="CM"),
            create("cohort", 1, name="L1"),
            create("group", 1, cohort=1, name="TD1"),
            create("activity", 1, subject=1, instructional_type=1, cohorts=[1], place=6, duration=2, weeks=0b1011),
            create("activity", 2, groups=[1], place=7, duration=2, weeks=0b1111),
        ]
    )
    return planning


def test_a_clash_is_told_with_names_and_hours() -> None:
    """Who, with what, in which weeks, on which day, from when to when."""
    planning = a_clash()
    (clash,) = planning.clashes_of(2)
    assert explain(planning, clash) == Explanation(
        kind="group",
        who="TD1",
        other_kind="cohort",
        other_who="L1",
        activity="(L1 TD1)",
        other="Analyse CM (L1)",
        weeks="[1..2,4]",
        day=1,
        start=8 * 60 + 30,
        end=9 * 60,
    )


def test_everything_has_a_name() -> None:
    """People are called by first name and name."""
    assert name_of(Instructor("Curie", "Marie")) == "Marie Curie"
    assert name_of(Instructor("Curie")) == "Curie"
    assert name_of(Room("A1")) == "A1"
    assert name_of(Activity()) == ""


def test_an_activity_is_told_from_the_others_of_its_subject() -> None:
    """By who attends it: a list, a clash or a repair that names two lectures must say which is which."""
    planning = a_clash()
    assert (title_of(planning, 1), audience_of(planning, 1), label_of(planning, 1)) == (
        "Analyse CM", "L1", "Analyse CM (L1)",
    )  # fmt: skip
    assert (title_of(planning, 2), audience_of(planning, 2), label_of(planning, 2)) == ("", "L1 TD1", "(L1 TD1)")
    planning.apply([create("instructor", 1, name="Curie"), update("activity", 2, groups=[], instructors=[1])])
    assert label_of(planning, 2) == "(Curie)"
    planning.apply([update("activity", 2, instructors=[])])
    assert label_of(planning, 2) == ""
    assert [titled(one, "cours 2") for one in ("Algèbre (L1)", "(L1)", "")] == [
        "Algèbre (L1)",
        "cours 2 (L1)",
        "cours 2",
    ]
    planning.apply([update("activity", 2, groups=[1])])
    planning.apply([create("cohort", key, name=f"L{key}") for key in (2, 3)])
    planning.apply([update("activity", 1, cohorts=[1, 2, 3], groups=[1])])
    assert label_of(planning, 1) == "Analyse CM (L1, L2, +2)"
    planning.apply([update("activity", 2, code="GEO-7")])
    assert label_of(planning, 2) == "GEO-7 (L1 TD1)"


def test_what_its_reader_may_not_see_has_no_name() -> None:
    """A planning server tells its key as 0: that somebody is taken is said, by what is not."""
    planning = a_clash()
    (clash,) = planning.clashes_of(2)
    told = explain(planning, msgspec.structs.replace(clash, other_key=0, other=0))
    assert (told.who, told.other_who, told.other) == ("TD1", UNSEEN, UNSEEN)
