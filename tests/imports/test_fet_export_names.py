from hpserver.base.changes import create
from hpserver.base.planning import Planning
from hpserver.imports.fet_export_names import Names, free
from tests.schools import a_grid


def test_what_has_the_name_of_another_gets_spaces() -> None:
    """FET knows cohorts and groups by their names alone, in one place."""
    planning = Planning(a_grid())
    planning.apply(
        [create("cohort", 1, name="A"), create("cohort", 2, name="A"), create("group", 1, cohort=1, name="A")]
    )
    planning.apply([create("instructor", 1, name="Rey", first_name="Ana"), create("instructor", 2, name="Rey")])
    names = Names(planning)
    assert names.people((1, 2), (1,)) == ["A", "A ", "A  "]
    assert list(names.of("instructor").values()) == ["Ana Rey", "Rey"]
    assert free("x", {"x", "x "}) == "x  "


def test_groups_that_may_share_students_have_a_set_in_common() -> None:
    """Those of one partition have none; rooms taken together are called after all of them."""
    planning = Planning(a_grid())
    planning.apply([create("cohort", 1, name="A"), *(create("room", key, name=f"S{key}") for key in (1, 2))])
    planning.apply([
        create("group", key, cohort=1, name=f"g{key}", partition="x" if key < 3 else "y") for key in (1, 2, 3)
    ])  # fmt: skip
    assert Names(planning).shared == {1: ["g1 + g3"], 2: ["g2 + g3"], 3: ["g1 + g3", "g2 + g3"]}
    assert Names(planning).rooms((2, 1)) == "S2 + S1"
