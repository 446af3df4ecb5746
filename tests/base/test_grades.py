from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpserver.base.changes import create
from hpserver.base.grades import Average, averages, mean_of
from hpserver.base.planning import Planning
from hpserver.errors import UnknownObjectError
from tests.schools import a_grid


def a_planning(*assessments: tuple[int, int], students: int = 2) -> Planning:
    """A gradebook with assessments of these scales and weights."""
    planning = Planning(a_grid())
    planning.apply([
        create("gradebook", 1, name="Algèbre", weight=100), create("gradebook", 2, name="Chimie", weight=300),
        *(create("student", key, name=f"S{key}") for key in range(1, students + 1)),
        *(create("assessment", key, gradebook=1, name="DS", out_of=out_of, weight=weight)
          for key, (out_of, weight) in enumerate(assessments, 1)),
    ])  # fmt: skip
    return planning


def test_marks_count_by_weight_and_scale() -> None:
    """12/20 once and 8/10 twice make 14,67; who has no mark yet has no average."""
    planning = a_planning((2_000, 100), (1_000, 200))
    planning.apply([
        create("grade", 1, assessment=1, student=1, points=1_200),
        create("grade", 2, assessment=2, student=1, points=800),
        create("grade", 3, assessment=1, student=2, instead="absent"),
    ])  # fmt: skip
    assert averages(planning, 1) == (Average(1, 1_467, 2), Average(2, None, 0))
    planning.apply([create("grade", 4, assessment=2, student=2, points=500)])
    assert averages(planning, 1)[1] == Average(2, 1_000, 1)
    assert mean_of(averages(planning, 1)) == 1_234
    with pytest.raises(UnknownObjectError):
        averages(planning, 9)


def test_what_has_no_weight_or_scale_does_not_count() -> None:
    """Nothing is divided by nothing."""
    planning = a_planning((0, 100), (2_000, 0))
    planning.apply([create("grade", key, assessment=key, student=1, points=100) for key in (1, 2)])
    assert averages(planning, 1) == (Average(1, None, 0),)
    assert mean_of(averages(planning, 1)) is None


@given(st.lists(st.tuples(st.integers(0, 2_000), st.integers(1, 500)), min_size=1, max_size=6))
def test_an_average_is_the_weighted_mean_rounded_half_up(marks: list[tuple[int, int]]) -> None:
    """Against the definition, in exact numbers."""
    planning = a_planning(*((2_000, weight) for _, weight in marks), students=1)
    rows = (create("grade", key, assessment=key, student=1, points=points) for key, (points, _) in enumerate(marks, 1))
    planning.apply(list(rows))
    exact = Fraction(sum(p * w for p, w in marks), sum(w for _, w in marks))
    (found,) = averages(planning, 1)
    assert found.points is not None
    assert Fraction(-1, 2) < found.points - exact <= Fraction(1, 2)
