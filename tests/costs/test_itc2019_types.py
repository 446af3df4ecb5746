import pytest

from hpserver.base.model import Constraint
from hpserver.base.rules import RULES, check
from hpserver.costs.itc2019_problem import DISTRIBUTIONS
from hpserver.costs.itc2019_types import FORMS, parameters_of, type_of


@pytest.mark.parametrize("kind", DISTRIBUTIONS)
def test_every_constraint_is_a_rule_and_back(kind: str) -> None:
    """All nineteen, with their numbers: slots there, minutes here."""
    form, numbers = FORMS[kind], tuple(range(3, 3 + DISTRIBUTIONS[kind]))
    row = Constraint(form.rule, parameters=parameters_of(form, numbers, 5), series=(1, 2))
    check(1, row)
    assert "series" in RULES[form.rule].applies_to
    assert type_of(row, 5) == (kind, numbers)


def test_what_the_competition_has_not_is_none() -> None:
    """Other rules, some weeks, plain activities, numbers between two slots or left to the rule."""
    assert type_of(Constraint("same_start", series=(1,)), 5) is None
    assert type_of(Constraint("same_weeks", series=(1,), weeks=1), 5) is None
    assert type_of(Constraint("same_weeks", activities=(1,)), 5) is None
    assert type_of(Constraint("day_span", parameters=(("minutes", 7),), series=(1,)), 5) is None
    assert type_of(Constraint("day_span", series=(1,)), 5) is None
