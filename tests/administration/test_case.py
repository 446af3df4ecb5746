"""What is said of a case."""

from hpserver.administration.case import Case
from hpserver.administration.users import list_users


def test_a_case_is_for_superadmins_unless_it_says_otherwise() -> None:
    """Least privilege is what is written when nothing is."""
    case = Case(list_users)
    assert (case.need, case.event, case.sensitive) == ("superadmin", "", False)
