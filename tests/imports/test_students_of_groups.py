from hpserver.imports.students_of_groups import composed, partitioned


def test_groups_with_a_common_student_are_in_two_partitions() -> None:
    """Groups of one partition share none: nobody is in two places at once by the model."""
    members = {-1: {1, 2}, -2: {3}, -3: {2, 3}}
    assert partitioned([-1, -2, -3], members, {-1: 7, -2: 7, -3: 7}) == {-1: 1, -2: 1, -3: 2}
    assert partitioned([-1, -3], members, {-1: 7, -3: 8}) == {-1: 1, -3: 1}


def test_a_combined_group_is_made_of_the_groups_that_are_just_its_students() -> None:
    """When no groups are, nothing is made up."""
    members = {1: {1, 2}, 2: {3}, 3: {4}, 4: set[int]()}
    assert composed({1, 2, 3}, members) == (1, 2)
    assert composed({1, 3}, members) == ()
    assert composed(set(), members) == ()
