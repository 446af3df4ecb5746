from hpserver.base.model import Group
from hpserver.base.references import References
from hpserver.base.registry import KINDS
from hpserver.base.students import Students, share

GROUPS = {
    1: Group(1, "TD1", "TD"),
    2: Group(1, "TD2", "TD"),
    3: Group(1, "Espagnol", "LV2", apart=(2,)),
    4: Group(2, "TD1", "TP"),
}


def the_students(groups: dict[int, Group]) -> Students:
    """Return the students of those groups."""
    references = References()
    for key, row in groups.items():
        references.change(KINDS["group"], key, None, row)
    return Students(groups, references)


def test_groups_share_students_across_partitions_only() -> None:
    """A student is in one group of each partition of one cohort."""
    assert not share(1, GROUPS[1], 2, GROUPS[2])
    assert share(1, GROUPS[1], 3, GROUPS[3])
    assert not share(1, GROUPS[1], 4, GROUPS[4])
    assert not share(1, GROUPS[1], 1, GROUPS[1])


def test_groups_set_apart_share_nobody_whichever_says_so() -> None:
    """Told by one of the two, the link holds for both."""
    assert not share(2, GROUPS[2], 3, GROUPS[3])
    assert not share(3, GROUPS[3], 2, GROUPS[2])


def test_a_cohort_is_all_of_its_groups() -> None:
    """What a cohort does, each of its groups does."""
    students = the_students(GROUPS)
    assert students.rivals(("cohort", 1)) == (("cohort", 1), ("group", 1), ("group", 2), ("group", 3))
    assert students.rivals(("group", 1)) == (("group", 1), ("cohort", 1), ("group", 3))
    assert students.rivals(("group", 2)) == (("group", 2), ("cohort", 1))
    assert students.rivals(("room", 1)) == (("room", 1),)


def test_rivals_follow_the_groups() -> None:
    """What was worked out once is forgotten when a group changes."""
    groups = dict(GROUPS)
    students = the_students(groups)
    assert ("group", 3) in students.rivals(("group", 1))
    groups[3] = Group(1, "Espagnol", "TD")
    students.forget()
    assert ("group", 3) not in students.rivals(("group", 1))


def test_a_family_says_who_is_whose_rival() -> None:
    """A bit for each of the cohort and its groups; forgotten with the rest when a group changes."""
    groups = dict(GROUPS)
    students = the_students(groups)
    family, bits = students.family(1)
    for ident, rivals in zip(family, bits, strict=True):
        assert {one for which, one in enumerate(family) if rivals >> which & 1} == set(students.rivals(ident))
    groups[3] = Group(1, "Espagnol", "TD")
    students.forget()
    assert students.family(1) != (family, bits)
