"""Who asks."""

import pytest

from hpserver.identity.actor import OPERATOR, Actor


@pytest.mark.parametrize(("status", "may"), [("superadmin", True), ("base_admin", False), ("user", False), ("", False)])
def test_only_a_superadmin_and_the_operator_may_all(status: str, *, may: bool) -> None:
    """A word that nobody knows gives nothing."""
    assert Actor(1, "ada", status).may_all is may
    assert OPERATOR.may_all
    assert not Actor(1, "ada", status).proved
